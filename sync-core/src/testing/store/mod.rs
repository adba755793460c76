//! The conformance suite of [`Store`]: small cases, one property each, named as the sentence they prove.
//!
//! Say where your store lives, and let the macro make a test of each case:
//!
//! ```
//! use std::sync::Arc;
//!
//! use sync_core::store::{MemoryStore, Store};
//! use sync_core::testing::store::StorePlace;
//!
//! #[derive(Debug)]
//! struct InMemory(MemoryStore);
//!
//! #[sync_core::testing::async_trait]
//! impl StorePlace for InMemory {
//!     async fn open(&self) -> Arc<dyn Store> {
//!         Arc::new(self.0.clone())
//!     }
//! }
//!
//! sync_core::store_conformance!(|| InMemory(MemoryStore::new()));
//! # fn main() {}
//! ```
//!
//! Each case panics where the store breaks its contract, and says which line of it.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a case speaks by panicking")]

mod commits;
mod durability;
mod leases;
mod reads;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

pub use self::commits::{
    a_batch_is_applied_wholly_or_not_at_all, a_cursor_moves_for_one_of_many,
    a_known_batch_changes_nothing_again, a_new_key_has_one_winner_among_sixteen_writers,
    a_revision_rises_also_across_a_delete, every_expectation_is_held_against_what_is_there,
    marks_are_replaced_wholly, tenants_never_meet,
};
pub use self::durability::{
    a_call_that_nobody_polls_holds_up_nobody, a_dropped_commit_is_applied_wholly_or_not_at_all,
    everything_survives_reopening, values_come_back_unchanged,
};
pub use self::leases::{a_fence_rises_with_every_owner, a_lease_has_one_holder, a_stale_lease_never_commits};
pub use self::reads::{
    a_mark_finds_its_rows_each_once, a_read_never_sees_half_a_commit, a_scan_covers_every_row_once_in_order,
    a_scan_goes_on_where_it_stood_while_rows_come_and_go,
};
use crate::store::{Batch, Commit, Expect, Key, Lease, Mark, Put, Row, Store, Table, Tenant};

/// Where a store keeps its data: a file, a schema of a database. Each test gets a place with nothing in it.
#[async_trait]
pub trait StorePlace: Debug + Send + Sync {
    /// Opens one more handle on the data of this place. Handles may be open at the same time.
    async fn open(&self) -> Arc<dyn Store>;
}

/// Makes a test of each case of the [conformance suite](crate::testing::store). The argument is called for each
/// and answers with a [`StorePlace`](crate::testing::store::StorePlace) that nobody has used.
#[macro_export]
macro_rules! store_conformance {
    ($factory:expr) => {
        $crate::store_conformance! { @each $factory;
            a_batch_is_applied_wholly_or_not_at_all
            a_call_that_nobody_polls_holds_up_nobody
            a_cursor_moves_for_one_of_many
            a_dropped_commit_is_applied_wholly_or_not_at_all
            a_fence_rises_with_every_owner
            a_known_batch_changes_nothing_again
            a_lease_has_one_holder
            a_mark_finds_its_rows_each_once
            a_new_key_has_one_winner_among_sixteen_writers
            a_read_never_sees_half_a_commit
            a_revision_rises_also_across_a_delete
            a_scan_covers_every_row_once_in_order
            a_scan_goes_on_where_it_stood_while_rows_come_and_go
            a_stale_lease_never_commits
            every_expectation_is_held_against_what_is_there
            everything_survives_reopening
            marks_are_replaced_wholly
            tenants_never_meet
            values_come_back_unchanged
        }
    };
    (@each $factory:expr; $($case:ident)*) => {
        $(
            #[test]
            fn $case() {
                let place = ($factory)();
                $crate::testing::block_on($crate::testing::store::$case(&place));
            }
        )*
    };
}

fn tenant() -> Tenant {
    Tenant::default()
}

fn key(id: &str) -> Key {
    Key::new(Table::Link, id)
}

fn put(id: &str, value: &str) -> Put {
    Put { key: key(id), value: value.to_owned(), marks: Vec::new(), expect: Expect::Any }
}

fn expecting(expect: Expect, put: Put) -> Put {
    Put { expect, ..put }
}

fn bearing(marks: &[(&'static str, &str)], put: Put) -> Put {
    Put { marks: marks.iter().map(|(name, value)| Mark::new(name, *value)).collect(), ..put }
}

fn batch(puts: Vec<Put>) -> Batch {
    Batch { puts, ..Batch::new(Uuid::new_v4()) }
}

fn deleting(ids: &[&str]) -> Batch {
    Batch { deletes: ids.iter().map(|id| key(id)).collect(), ..Batch::new(Uuid::new_v4()) }
}

async fn commit(store: &dyn Store, lease: Option<&Lease>, batch: Batch) -> Commit {
    store.commit(&tenant(), lease, batch).await.expect("a commit works")
}

async fn apply(store: &dyn Store, batch: Batch) {
    assert_eq!(commit(store, None, batch).await, Commit::Applied, "a batch without expectations is applied");
}

async fn get(store: &dyn Store, id: &str) -> Option<Row> {
    store.get(&tenant(), &[key(id)]).await.expect("a get works").pop().expect("one answer for one key")
}

async fn value(store: &dyn Store, id: &str) -> Option<String> {
    get(store, id).await.map(|row| row.value)
}

async fn ids_marked(store: &dyn Store, name: &'static str, value: &str) -> Vec<String> {
    let rows = store.marked(&tenant(), &[Mark::new(name, value)]).await.expect("a look-up by mark works");
    rows.into_iter().map(|row| row.key.id).collect()
}
