//! The conformance suite: over each adapter, and over adapters that break it.

mod broken;
mod hubspot;
mod memory;
mod pipedrive;
