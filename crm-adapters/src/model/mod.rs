//! The neutral record model: what both sides of a sync speak.

mod check;
mod record;
mod schema;
mod value;

pub use record::{Fields, Kind, Record, RecordId, View};
pub use schema::{Field, FieldType, NewField, Schema};
pub use value::Value;
