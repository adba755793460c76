//! Habits of HubSpot.

mod associations;
mod batches;
mod definitions;
mod limits;
mod merges;
mod objects;
mod searches;
mod webhooks;
