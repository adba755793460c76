//! Exact's entities. Each is one file of data: its path, its properties, and what can be done with it.

mod codes;
mod entity_type;
mod generated;
mod macros;
mod open;
mod sales_order_id;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use codes::*;
pub use entity_type::EntityType;
pub use generated::*;
pub use sales_order_id::{NewSalesOrderId, SalesOrderId};

pub(crate) use generated::TYPED;

use crate::id::{DivisionId, Guid};
use crate::odata::{Resource, Scalar};

/// Something that Exact delivers, as a struct.
pub trait Entity: DeserializeOwned + Send + 'static {
    /// Where it is, and its properties.
    const RESOURCE: &'static Resource;
}

/// An entity whose records can be listed, filtered and ordered.
pub trait Read: Entity {
    /// The type of its key.
    type Key: Scalar;
}

/// An entity with a sync feed.
pub trait Feed: Entity {
    /// The path of the feed.
    const FEED: &'static str;

    /// How long Exact remembers what this feed tells; `None` for as long as the record is there.
    const REMEMBERED_DAYS: Option<u16> = None;

    /// Where a row stands in its division's order of changes.
    fn timestamp(&self) -> Option<i64>;

    /// Which record the row is about. The newest row of a record replaces the older ones; `None` where rows do not
    /// replace one another.
    fn record_id(&self) -> Option<Guid>;
}

/// An entity that can be read 1,000 rows a call.
pub trait Bulk: Entity {
    /// The path of the bulk twin.
    const BULK: &'static str;
}

/// An entity that can be created.
pub trait Create: Entity {
    /// What a new one is made of.
    type New: Serialize + Sync;
}

/// An entity that can be changed.
pub trait Update: Read {
    /// What a change is made of; what it keeps is not sent.
    type Patch: Serialize + Sync;
}

/// An entity that can be deleted.
pub trait Delete: Read {}

/// Something that Exact is told to do, such as printing an invoice. Its answer may hide a failure behind a success,
/// so it is not created but [done](crate::DivisionApi::act).
pub trait Action: Entity {
    /// What the action needs to know.
    type New: Serialize + Sync;

    /// What Exact says went wrong.
    fn complaints(&self) -> Vec<&str>;

    /// Whether something was done all the same.
    fn done_in_part(&self) -> bool;
}

/// What was said, where anything was.
fn said<const N: usize>(texts: [&Option<String>; N]) -> Vec<&str> {
    let texts = texts.into_iter().flatten().map(|text| text.trim());
    texts.filter(|text| !text.is_empty()).collect()
}

impl Division {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<DivisionId> {
        self.code.map(DivisionId::new)
    }
}

#[cfg(test)]
mod tests;
