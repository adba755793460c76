//! Pipedrive as a side of a sync, over its API v2.
//!
//! | file | one job |
//! |---|---|
//! | `entity`, `kinds` | the kinds and their built-in properties, as data |
//! | `fields`, `lists`, `cache` | an account's fields by name, label and key, and its users, stages, currencies |
//! | `map` | wire to model and back, pure |
//! | `cursor` | the walk along the feed, pure |
//! | `lens`, `parts`, `feed`, `lookup`, `write` | the calls behind [`Adapter`] |
//! | `cost` | what writes will cost |
//! | `api`, `limit`, `wire` | one call: price, turn, answer, failure |
//! | `auth`, `scope` | API tokens and grants, and what a grant must allow |
//! | [`webhook`] | what Pipedrive sends by itself |

mod api;
mod auth;
mod cache;
mod config;
mod cost;
mod cursor;
mod entity;
mod feed;
mod fields;
#[cfg(all(any(test, fuzzing), feature = "pipedrive", feature = "hubspot"))]
pub(crate) mod fuzz;
mod kinds;
mod lens;
mod limit;
mod lists;
mod lookup;
mod map;
mod parts;
mod scope;
pub mod webhook;
mod wire;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use auth::ApiToken;
pub use config::PipedriveBuilder;

use crate::adapter::Adapter;
use crate::change::{Archive, Capabilities, Cost, Cursor, Key, Outcome, Pace, Page, Usage, Work, Write};
use crate::error::Result;
use crate::model::{Kind, NewField, Record, RecordId, Schema, View};
use crate::oauth::{OAuthApp, TokenStore};

/// A Pipedrive account.
///
/// # Kinds
/// Organizations are companies, persons contacts; deals, products and notes are themselves, leads are only read. A
/// deal's `products` are its lines, read when a view names them, and only read. Notes and leads are served by
/// version 1, which costs twice as much; archived leads are not seen.
///
/// # Fields
/// Built-in properties go by their v2 names (`name`, `website`, `org_id`), with these in a form of their own:
///
/// | field | holds |
/// |---|---|
/// | `address` | the whole address as one text |
/// | `email`, `phone` | the primary one of a person; a write replaces that one and leaves the others |
/// | `owner_id` | the user's e-mail address; a name that only one user has is understood too |
/// | `pipeline_id`, `stage_id` | `Pipeline` and `Pipeline/Stage`; a stage alone is understood where only one has the name |
/// | `currency` | the code of a currency of the company |
/// | `prices:EUR`, … | a product's price in that currency; a write leaves the others |
/// | `value` | of a deal with products what they are worth, whatever is written |
///
/// A custom field is `custom:Label`, or `custom:` and its 40-character key where a label stands twice; options are given
/// by label. Of an amount of money `custom:Label` is the amount and `custom:Label:currency` its currency; an amount
/// written alone keeps the currency that stands there, or takes the record's, or the user's. Ranges are not read.
///
/// A write of a part of a whole (e-mail, price, amount) reads the record first: somebody who changes another part in
/// that moment is overwritten, since Pipedrive has no conditional write.
///
/// # Feed
/// In the order of the last change, to the second; a record may come more than once, a deleted one just stops coming,
/// except deals, whose list tells (whether in time, nobody has written down). Archived deals come too, with
/// `is_archived`, but are looked for every quarter of an hour only; restored ones as well. No list tells of merges: only [webhooks](webhook) do.
/// [`Pipedrive`'s search](Adapter::find) takes text and number fields, e-mail, phone and product code, and may lag
/// behind by some seconds; references are found by list.
///
/// # Cost
/// In API tokens of the day's budget: a page of 500 or a read of 100 ids 10 (archived deals 20 more), one id 1, a write
/// 5, a delete 3, a find 30; the products of 100 deals 10. The fields of a kind are read once (10), for deals with
/// pipelines, stages and currencies (35 more), for products with currencies (20 more), users when a view or a write names
/// an owner (20); and again when an answer shows that they have changed.
///
/// # Limits
/// Requests per two seconds and tokens per day are learned from the answers and kept by waiting. After a page of
/// the firewall nothing is sent for five minutes. [Archiving](crate::Action::Archive) deletes; people can undo that
/// for thirty days.
#[derive(Debug)]
pub struct Pipedrive {
    api: api::Api,
    cache: cache::Cache,
    lenses: lens::Lenses,
    archived_every: Duration,
    concurrency: usize,
}

impl Pipedrive {
    /// Starts from what cannot be left out: the API token.
    pub fn builder(token: ApiToken) -> PipedriveBuilder {
        PipedriveBuilder::token(token)
    }

    /// Starts from an app, and the place where its grant is kept.
    pub fn with_grant(app: OAuthApp, store: Arc<dyn TokenStore>) -> PipedriveBuilder {
        PipedriveBuilder::grant(app, store)
    }
}

#[async_trait]
impl Adapter for Pipedrive {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        let changed_at = Some("update_time");
        match entity::entity(kind) {
            Ok(entity) if entity.writable => Capabilities {
                archive: Archive::Hides,
                find_lags: true,
                // Of deals alone a list tells which are deleted.
                deletes_visible: kind == Kind::Deal,
                changed_at,
                ..Capabilities::read_write(self.concurrency)
            },
            Ok(_) => Capabilities { changed_at, ..Capabilities::read_only() },
            Err(_) => Capabilities::read_only(),
        }
    }

    fn pace(&self, kind: Kind) -> Pace {
        let cost = entity::entity(kind).map_or(api::WRITE_COST, |entity| entity.price(api::WRITE_COST));
        self.api.limiter().pace(cost)
    }

    fn usage(&self) -> Usage {
        let (day_limit, day_left) = self.api.limiter().day();
        let calls = self.api.calls();
        let minute_limit = Some(self.api.limiter().per_minute());
        Usage { calls, day_limit, day_left, minute_limit }
    }

    async fn cost(&self, view: &View, work: Work<'_>) -> Result<Cost> {
        self.cost_of(entity::entity(view.kind)?, work).await
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        let entity = entity::described(kind)?;
        Ok(self.cache.get(&self.api, entity).await?.schema())
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()> {
        self.create_missing_fields(entity::entity(kind)?, fields).await
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        self.next_page(entity::entity(view.kind)?, view, after).await
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        self.get_by_id(entity::entity(view.kind)?, view, ids).await
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        self.find_by_field(entity::entity(view.kind)?, view, key).await
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(writes.len());
        for write in writes {
            outcomes.push(self.write_one(view, write).await);
        }
        outcomes
    }
}
