//! Pipedrive.

mod fields;
mod limits;
mod lists;
mod searches;
mod writes;
