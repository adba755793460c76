//! The OData dialect that Exact speaks: options, filters and pages.

mod filter;
mod lexer;
mod list;
mod options;

pub(super) use lexer::read_literal;
pub(super) use list::{Page, envelope, page};
pub(super) use options::Options;
