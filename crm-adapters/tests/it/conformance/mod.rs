//! The conformance suite: over each adapter, and over adapters that break it.

mod broken;
mod memory;
mod pipedrive;
