//! HubSpot as a side of a sync, over its dated API.
//!
//! | file | one job |
//! |---|---|
//! | `entity`, `version` | the kinds, and the paths of their object types |
//! | `fields`, `cache` | an account's properties, stages, owners and labels by name; read once |
//! | `map` | wire to model and back, pure |
//! | `cursor` | the walk along the feed, pure |
//! | `feed`, `lines`, `association` | reading records and what belongs to them |
//! | `write`, `batch`, `create` | writing a hundred at a time; taking a refused batch apart |
//! | `cost` | what that will cost |
//! | `api`, `limit`, `problem`, `wire` | one call: turn, answer, failure |
//! | `auth` | service keys and grants |
//! | [`webhook`] | what HubSpot sends by itself |

mod account;
mod api;
mod association;
mod auth;
mod batch;
mod cache;
mod config;
mod cost;
mod create;
mod cursor;
mod entity;
mod feed;
mod fields;
#[cfg(all(any(test, fuzzing), feature = "pipedrive", feature = "hubspot"))]
pub(crate) mod fuzz;
mod limit;
mod lines;
mod map;
mod problem;
mod version;
pub mod webhook;
mod wire;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use account::AccountInfo;
pub use auth::ServiceKey;
pub use config::HubSpotBuilder;
pub use version::ApiVersion;

use crate::adapter::Adapter;
use crate::change::{Archive, Capabilities, Cost, Cursor, Key, Outcome, Pace, Page, Usage, Work, Write};
use crate::error::Result;
use crate::model::{Kind, NewField, Record, RecordId, Schema, View};
use crate::oauth::{OAuthApp, TokenStore};

/// A HubSpot account.
///
/// # Fields
/// Properties go by their internal names; a custom one also as `custom:Label`. Options, pipelines and stages are
/// given by label: a stage as `Closed won`, or as `Pipeline/Closed won` where two pipelines have one of that name,
/// which is always understood. An owner is an e-mail address; a full name that only one owner has is understood too.
///
/// `association:company` (`contact`, `deal`, …) holds the ids of the records that this one is associated with: a
/// reference, or a list where there are several. Writing it makes them the whole of it; `association:company:Primary`
/// and other labels change what bears that label only. `line_items` holds a document's lines; it is only read.
///
/// # Feed
/// First the whole list by id, then changes in the order of their time. The search behind it may lag: the last minute
/// is read again. Archived records are looked for every quarter of an hour; merged ones come with the record that
/// took them in.
///
/// # Cost
/// In calls: a page 1 (100 records of the first list, 200 changes), a read of 100 ids 1, a find 1, a batch of 100
/// writes 1, and 1 more to read back updates whose answer lacks a field of the view, or to see whether what is to be
/// archived exists. Each association in the view adds 1 for 100 records, `line_items` 2. An id that is not found costs 1 more
/// where it may have been merged. Start-up costs at most 6 for a kind: properties, pipelines, owners, labels; 7 for a
/// custom object, of which it is read what a record must have.
///
/// # Limits
/// Requests per ten seconds and per day are learned from the answers and kept by waiting; searches go at five a
/// second, which all programs of the account share.
#[derive(Debug)]
pub struct HubSpot {
    api: api::Api,
    cache: cache::Cache,
    /// The internal name of the property that makes a create an upsert.
    unique_key: String,
    archived_every: Duration,
    concurrency: usize,
}

impl HubSpot {
    /// Starts from a service key, or the token of a private app.
    pub fn builder(key: ServiceKey) -> HubSpotBuilder {
        HubSpotBuilder::key(key)
    }

    /// Starts from an app, and the place where its grant is kept.
    pub fn with_grant(app: OAuthApp, store: Arc<dyn TokenStore>) -> HubSpotBuilder {
        HubSpotBuilder::grant(app, store)
    }
}

#[async_trait]
impl Adapter for HubSpot {
    /// [`unique_key`](Capabilities::unique_key) holds as soon as the kind's properties were read and the unique property
    /// is among them.
    fn capabilities(&self, kind: Kind) -> Capabilities {
        let Ok(entity) = self.cache.entities().get(kind) else { return Capabilities::read_only() };
        let known = self.cache.known(kind);
        Capabilities {
            archive: Archive::Hides,
            batch: feed::BATCH,
            deletes_visible: true,
            find_lags: true,
            unique_key: known.is_some_and(|catalogue| catalogue.unique(&self.unique_key).is_some()),
            changed_at: Some(entity.modified),
            changed_by: Some("hs_updated_by_user_id"),
            ..Capabilities::read_write(self.concurrency)
        }
    }

    fn pace(&self, _kind: Kind) -> Pace {
        match self.api.limiter().pace() {
            Pace::Ready(calls) => Pace::Ready(calls.saturating_mul(feed::BATCH)),
            pace => pace,
        }
    }

    fn usage(&self) -> Usage {
        let (day_limit, day_left) = self.api.limiter().day();
        let minute_limit = Some(self.api.limiter().per_minute());
        Usage { calls: self.api.calls(), day_limit, day_left, minute_limit }
    }

    async fn cost(&self, view: &View, work: Work<'_>) -> Result<Cost> {
        self.cost_of(self.cache.entities().get(view.kind)?, view, work).await
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        let entity = self.cache.entities().get(kind)?;
        Ok(self.cache.get(&self.api, entity).await?.schema())
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()> {
        self.create_missing(self.cache.entities().get(kind)?, fields).await
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        self.next_page(self.cache.entities().get(view.kind)?, view, after).await
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        self.get_by_id(self.cache.entities().get(view.kind)?, view, ids).await
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        self.find_by_field(self.cache.entities().get(view.kind)?, view, key).await
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        self.write_all(view, writes).await
    }
}
