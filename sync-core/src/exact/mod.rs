//! Exact Online as a side of a sync: the adapter over `exact-client`, and its tokens and limits in our store.

mod adapter;
mod addresses;
mod billing;
mod clock;
mod cost;
mod cursor;
mod derive;
mod derived;
mod discounts;
mod error;
mod feeds;
mod figures;
mod invoicing;
mod kept;
mod kinds;
mod looks;
mod parts;
mod price_lists;
mod prices;
mod read;
mod receivables;
mod tables;
mod tokens;
mod usage;
mod value;
mod wholes;
mod write;

pub use adapter::ExactAdapter;
pub use clock::ExactClock;
pub use parts::PartStore;
pub use tokens::GrantStore;
pub use usage::CallStore;
