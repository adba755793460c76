//! One test per habit of the vendors, named after the fact it reproduces.

mod clock;
mod exact;
mod faults;
mod pipedrive;
mod program;
mod support;
