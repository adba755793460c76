//! Exact's dialect of OData 2: typed queries out, tolerant decoding in.

mod catalogue;
mod date;
mod edm;
mod envelope;
mod field;
mod literal;
mod patch;
mod query;
mod resource;
mod row;
mod scalar;

pub use date::WallTime;
pub use edm::Edm;
pub use field::{Field, Filter, Order};
pub use patch::Patch;
pub use resource::{Padding, Property, Resource, Verb};
pub use row::{Row, Value};
pub use scalar::{Binary, Code, Scalar};

pub(crate) use envelope::{DecodeError, One, Page as WirePage, decode_one, decode_page, read_lines};
pub(crate) use literal::literal;
pub(crate) use query::Query;
pub(crate) use resource::Door;
pub(crate) use row::RowSeed;
pub(crate) use scalar::{AsJson, read, sealed};
