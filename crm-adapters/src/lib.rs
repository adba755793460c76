//! One trait for CRMs as sides of a sync.

mod adapter;
mod change;
mod clock;
mod error;
mod model;

pub use adapter::Adapter;
pub use async_trait::async_trait;
pub use change::{Action, Capabilities, Change, Cursor, Key, Outcome, Pace, Page, Usage, Write};
pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorKind, Result, Retry};
pub use model::{Field, FieldType, Fields, Kind, NewField, Record, RecordId, Schema, Value, View};
