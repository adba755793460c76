use std::fmt::Debug;

use async_trait::async_trait;

use crate::change::{
    Capabilities, Change, Cost, Cursor, Key, Outcome, Pace, Page, Usage, Wanted, Work, Write,
};
use crate::error::Result;
use crate::model::{Kind, NewField, Record, RecordId, Schema, View};

/// One side of a sync: a vendor's records, read and written in neutral terms.
///
/// The engine never asks which vendor it talks to; what differs is in [`Capabilities`].
///
/// # Contract
/// - Every method may be called concurrently, and may be dropped half-way: a dropped
///   [`write`](Adapter::write) counts as [`Outcome::Unknown`].
/// - Records carry the fields of the [`View`] under the names that the view uses. A field that the vendor did not
///   deliver is absent; one that it delivered empty is [`Value::Null`](crate::Value::Null).
/// - Reads wait for short limits and retry what is safe to repeat; a limit that lasts longer than about a minute
///   is an error of kind [`RateLimited`](crate::ErrorKind::RateLimited) that says when it lifts.
#[async_trait]
pub trait Adapter: Debug + Send + Sync + 'static {
    /// What this side can do with a kind. Costs nothing.
    fn capabilities(&self, kind: Kind) -> Capabilities;

    /// How many writes of a kind can leave now. Costs nothing, promises nothing: a hint to claim no more than
    /// can be sent.
    fn pace(&self, kind: Kind) -> Pace;

    /// What was spent so far. Costs nothing.
    fn usage(&self) -> Usage;

    /// What some work will take, as far as that is known before: what a refusal, a retry or a list that is read for the
    /// first time adds, is not in it. Without a [`schema`](Adapter::schema) it may cost that.
    ///
    /// One call for each thing that is asked for, where an adapter does not say otherwise.
    ///
    /// # Errors
    /// Those of [`schema`](Adapter::schema).
    async fn cost(&self, _view: &View, work: Work<'_>) -> Result<Cost> {
        Ok(Cost::each(work))
    }

    /// The fields of a kind. Costs at most one call, which is remembered.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a kind this side does not have; otherwise those of a read.
    async fn schema(&self, kind: Kind) -> Result<Schema>;

    /// Creates custom fields that do not exist yet; those that do are left alone. The schema is read anew afterwards.
    ///
    /// # Errors
    /// [`Forbidden`](crate::ErrorKind::Forbidden) where a right or the plan does not allow it.
    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()>;

    /// The next page of changes after a cursor; everything there is, from `None`.
    ///
    /// Walking on from the cursor of each page delivers every record that exists, at least once, whatever changes
    /// meanwhile.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) for a field that does not exist, before any call.
    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page>;

    /// The same, read only where something was heard of: what the adapter was not told of may be missing, and comes with a
    /// later page of [`changes`](Adapter::changes). A vendor that has one feed for everything tells everything.
    ///
    /// # Errors
    /// Those of [`changes`](Adapter::changes).
    async fn news(&self, view: &View, after: &Cursor) -> Result<Page> {
        self.changes(view, Some(after)).await
    }

    /// What became of some records since a place in the feed, before they are written to: at the least what their wanted
    /// fields hold now. For what it costs to look at single records, a feed may tell of all that changed.
    ///
    /// Where an adapter does not say otherwise the records are read, and the place stays.
    ///
    /// # Errors
    /// Those of [`get`](Adapter::get).
    async fn refresh(&self, view: &View, after: &Cursor, wanted: Wanted<'_>) -> Result<Page> {
        let view = View { kind: view.kind, fields: wanted.fields.to_vec() };
        let changes = self.get(&view, wanted.ids).await?.into_iter().map(Change::Derived).collect();
        Ok(Page { changes, cursor: after.clone(), more: false })
    }

    /// The records with these ids, as many as exist, in any order.
    ///
    /// # Errors
    /// Those of a read; a missing record is none.
    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>>;

    /// The records whose field has exactly this value.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) where the vendor cannot search by this field.
    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>>;

    /// Sends writes; one outcome for each, in the same order. No outcome depends on another one.
    ///
    /// Never repeats a write whose effect is unknown. At most [`Capabilities::batch`] writes a call.
    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome>;
}

const _: Option<&dyn Adapter> = None;
