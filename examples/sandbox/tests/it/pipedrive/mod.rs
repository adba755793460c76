//! Pipedrive.

mod fields;
mod grants;
mod kinds;
mod limits;
mod lists;
mod searches;
mod webhooks;
mod writes;
