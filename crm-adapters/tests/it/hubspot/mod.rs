//! HubSpot: what is asked, how often, and what comes of it, over the sandbox's HubSpot.

mod access;
mod bad_input;
mod batches;
mod limits;
mod records;
mod world;
