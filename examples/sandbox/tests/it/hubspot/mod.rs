//! Habits of HubSpot.

mod batches;
mod objects;
