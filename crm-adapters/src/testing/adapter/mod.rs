//! The conformance suite of [`Adapter`]: small cases, one property each, named as the sentence they prove.
//!
//! Say where the records live and what one looks like, and let the macro make a test of each case:
//!
//! ```
//! use std::sync::Arc;
//!
//! use crm_adapters::testing::Memory;
//! use crm_adapters::testing::adapter::{Place, Sample};
//! use crm_adapters::{Adapter, Field, FieldType, Kind, Schema, Value};
//!
//! #[derive(Debug)]
//! struct InMemory(Memory);
//!
//! #[crm_adapters::async_trait]
//! impl Place for InMemory {
//!     async fn open(&self) -> Arc<dyn Adapter> {
//!         Arc::new(self.0.clone())
//!     }
//!
//!     fn sample(&self) -> Sample {
//!         Sample::new(Kind::Company, "name", "kvk").field("city", Value::text("Delft"), Value::text("Utrecht"))
//!     }
//! }
//!
//! async fn place() -> InMemory {
//!     let fields = ["name", "kvk", "city"].map(|name| Field::new(name, name, FieldType::Text));
//!     InMemory(Memory::new([(Kind::Company, Schema::new(fields))]))
//! }
//!
//! crm_adapters::adapter_conformance!(place, skips: {
//!     "a_deleted_record_is_told": "nobody but the adapter deletes here",
//!     "a_merged_record_is_told": "nothing is merged here",
//!     "a_lost_reply_is_adoptable_by_its_key": "no reply is lost here",
//!     "a_repeated_create_with_a_unique_key_changes_the_record": "no field is unique",
//!     "an_unknown_option_is_rejected_before_the_call_and_named": "no field is a choice",
//!     "a_read_only_field_is_rejected_before_the_call_and_named": "every field is writable",
//!     "a_missing_required_field_is_named_before_the_call": "no field is required",
//!     "a_text_that_is_too_long_is_rejected_before_the_call_and_named": "no text is limited",
//! });
//! # fn main() {}
//! ```
//!
//! Each case panics where the adapter breaks its contract, and says which line of it. A case that asks for what an
//! adapter does not have, by its [`Capabilities`](crate::Capabilities) or by what the place can play, is skipped; the
//! skip must be declared with its reason, and a declared skip that does not happen fails as well.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a case speaks by panicking"
)]

mod fields;
mod ground;
mod reading;
mod writing;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

pub use self::fields::{
    a_kind_that_it_does_not_have_is_unsupported, a_missing_required_field_is_named_before_the_call,
    a_read_only_field_is_rejected_before_the_call_and_named,
    a_text_that_is_too_long_is_rejected_before_the_call_and_named, an_unknown_field_is_named_before_the_call,
    an_unknown_option_is_rejected_before_the_call_and_named, created_fields_can_be_used_at_once,
    every_value_comes_back_unchanged, the_schema_tells_of_every_field_that_records_use,
};
pub use self::reading::{
    a_change_behind_the_cursor_is_told, a_change_during_the_walk_is_told, a_deleted_record_is_told,
    a_find_compares_the_whole_value, a_find_takes_several_values, a_get_leaves_out_what_does_not_exist,
    a_merged_record_is_told, a_new_record_behind_the_cursor_is_told, a_page_walk_covers_every_record_once,
    a_quiet_feed_comes_to_rest, a_revision_never_falls, a_view_delivers_its_fields_and_no_others,
    a_walk_goes_on_from_a_stored_cursor, absent_is_not_null,
};
pub use self::writing::{
    a_cost_is_what_the_work_then_takes, a_lost_reply_is_adoptable_by_its_key,
    a_repeated_create_with_a_unique_key_changes_the_record, a_write_answers_with_what_is_stored,
    a_write_is_not_sent_after_its_moment, an_archived_record_is_told_no_more,
    an_update_leaves_all_other_fields_alone, an_update_of_a_missing_record_is_gone, null_clears_a_field,
    one_bad_record_does_not_sink_the_batch, outcomes_stand_in_the_order_of_the_writes,
};
use crate::adapter::Adapter;
use crate::model::{Kind, RecordId, Value};

/// Where an adapter's records live: an account, a folder, a sandbox. Each test gets a place with nothing in it.
///
/// The actions are those of other people and of the network. They answer whether the place can play them at all.
#[async_trait]
pub trait Place: Debug + Send + Sync {
    /// One more adapter on the records of this place, as a new process would have it.
    async fn open(&self) -> Arc<dyn Adapter>;

    /// What a record looks like here.
    fn sample(&self) -> Sample;

    /// Lets so much time pass that search indexes know everything.
    async fn settle(&self) {}

    /// The reply to the next write is lost after the write has been stored.
    async fn lose_next_reply(&self) -> bool {
        false
    }

    /// Somebody deletes a record.
    async fn delete(&self, _id: &RecordId) -> bool {
        false
    }

    /// Somebody merges a record into another one. Answers with the id that remains.
    async fn merge(&self, _from: &RecordId, _into: &RecordId) -> Option<RecordId> {
        None
    }
}

/// What a record of one kind looks like at a place.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sample {
    /// The kind.
    pub kind: Kind,
    /// The text field that every record has.
    pub title: String,
    /// A text field that records are found by.
    pub key: String,
    /// The field that [`Capabilities::unique_key`](crate::Capabilities::unique_key) speaks of.
    pub unique: Option<String>,
    /// What every record is created with besides, and keeps: a parent that has to exist, for example.
    pub given: Vec<(String, Value)>,
    /// Further writable fields, with two values each.
    pub fields: Vec<(String, Value, Value)>,
    /// Fields that no create takes, with two values each.
    pub later: Vec<(String, Value, Value)>,
    /// So many records need more than one page of a feed.
    pub many: usize,
    /// An id that has the vendor's form and is nobody's.
    pub missing: RecordId,
}

impl Sample {
    /// A record of a text that every one has and a text that it is found by.
    pub fn new(kind: Kind, title: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            kind,
            title: title.into(),
            key: key.into(),
            unique: None,
            given: Vec::new(),
            fields: Vec::new(),
            later: Vec::new(),
            many: 25,
            missing: RecordId::new("999999999"),
        }
    }

    /// Adds a field that every record is created with and keeps.
    #[must_use]
    pub fn given(mut self, name: impl Into<String>, value: Value) -> Self {
        self.given.push((name.into(), value));
        self
    }

    /// Adds a writable field, with two values that differ.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, one: Value, other: Value) -> Self {
        self.fields.push((name.into(), one, other));
        self
    }

    /// Adds a field that is written [only once the record is there](crate::Field::updates_only), with two values that
    /// differ.
    #[must_use]
    pub fn later(mut self, name: impl Into<String>, one: Value, other: Value) -> Self {
        self.later.push((name.into(), one, other));
        self
    }

    /// Names the field whose value makes repeating a create harmless.
    #[must_use]
    pub fn unique(mut self, name: impl Into<String>) -> Self {
        self.unique = Some(name.into());
        self
    }

    /// Says how many records need more than one page.
    #[must_use]
    pub fn many(mut self, records: usize) -> Self {
        self.many = records;
        self
    }

    /// Replaces the id that is nobody's.
    #[must_use]
    pub fn missing(mut self, id: impl Into<String>) -> Self {
        self.missing = RecordId::new(id);
        self
    }
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a case holds or does not apply; where it fails it panics")]
pub enum Verdict {
    /// The property holds.
    Held,
    /// There is nothing to prove here, because of that.
    Skipped(&'static str),
}

/// Holds a verdict against the skips that were declared, each with its reason.
pub fn judge(case: &str, verdict: Verdict, skips: &[(&str, &str)]) {
    let declared = skips.iter().find(|(name, _)| *name == case);
    match (verdict, declared) {
        (Verdict::Held, None) | (Verdict::Skipped(_), Some(_)) => {}
        (Verdict::Skipped(why), None) => panic!("{case} was skipped, for {why}: declare it with the reason"),
        (Verdict::Held, Some(_)) => {
            panic!("{case} is declared as skipped, but it holds: take it off the list")
        }
    }
}

/// Makes a test of each case of the [conformance suite](crate::testing::adapter). The first argument is an
/// `async` function that is called for each and answers with a [`Place`](crate::testing::adapter::Place) that nobody has used; the skips name the cases
/// that have nothing to prove there, and why.
#[macro_export]
macro_rules! adapter_conformance {
    ($factory:expr) => {
        $crate::adapter_conformance!($factory, skips: {});
    };
    ($factory:expr, skips: { $($skip:literal: $why:literal),* $(,)? }) => {
        #[test]
        fn every_declared_skip_is_a_case() {
            for skip in [$($skip),*] as [&str; _] {
                assert!(CASES.contains(&skip), "{skip} is no case of the suite");
            }
        }

        $crate::adapter_conformance! { @each $factory, &[$(($skip, $why)),*];
            a_change_behind_the_cursor_is_told
            a_change_during_the_walk_is_told
            a_deleted_record_is_told
            a_find_compares_the_whole_value
            a_find_takes_several_values
            a_get_leaves_out_what_does_not_exist
            a_kind_that_it_does_not_have_is_unsupported
            a_lost_reply_is_adoptable_by_its_key
            a_merged_record_is_told
            a_missing_required_field_is_named_before_the_call
            a_new_record_behind_the_cursor_is_told
            a_page_walk_covers_every_record_once
            a_cost_is_what_the_work_then_takes
            a_quiet_feed_comes_to_rest
            a_read_only_field_is_rejected_before_the_call_and_named
            a_repeated_create_with_a_unique_key_changes_the_record
            a_revision_never_falls
            a_text_that_is_too_long_is_rejected_before_the_call_and_named
            a_view_delivers_its_fields_and_no_others
            a_walk_goes_on_from_a_stored_cursor
            a_write_answers_with_what_is_stored
            a_write_is_not_sent_after_its_moment
            absent_is_not_null
            an_archived_record_is_told_no_more
            an_unknown_field_is_named_before_the_call
            an_unknown_option_is_rejected_before_the_call_and_named
            an_update_leaves_all_other_fields_alone
            an_update_of_a_missing_record_is_gone
            created_fields_can_be_used_at_once
            every_value_comes_back_unchanged
            null_clears_a_field
            one_bad_record_does_not_sink_the_batch
            outcomes_stand_in_the_order_of_the_writes
            the_schema_tells_of_every_field_that_records_use
        }
    };
    (@each $factory:expr, $skips:expr; $($case:ident)*) => {
        const CASES: &[&str] = &[$(stringify!($case)),*];

        $(
            #[test]
            fn $case() {
                let verdict = $crate::testing::block_on(async {
                    let place = ($factory)().await;
                    $crate::testing::adapter::$case(&place).await
                });
                $crate::testing::adapter::judge(stringify!($case), verdict, $skips);
            }
        )*
    };
}
