//! Pipedrive.

mod fields;
mod kinds;
mod limits;
mod lists;
mod searches;
mod writes;
