//! Exact's entities. Each is one file of data: its path, its properties, and what can be done with it.

mod account;
mod deleted;
mod division;
mod macros;
mod me;
mod open;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use account::{Account, AccountPatch, AccountStatus, NewAccount};
pub use deleted::{Deleted, EntityType};
pub use division::Division;
pub use me::Me;

use crate::odata::Resource;

/// Something that can be read from Exact as a struct.
pub trait Entity: DeserializeOwned + Send + 'static {
    /// Where it is, and its properties.
    const RESOURCE: &'static Resource;
}

/// An entity with a sync feed.
pub trait Feed: Entity {
    /// Where a row stands in its division's order of changes.
    fn timestamp(&self) -> Option<i64>;
}

/// An entity that can be created.
pub trait Create: Entity {
    /// What a new one is made of.
    type New: Serialize + Sync;
}

/// An entity that can be changed.
pub trait Update: Entity {
    /// What a change is made of; what it keeps is not sent.
    type Patch: Serialize + Sync;
}
