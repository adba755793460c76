//! Pipedrive as it is kept from one start to the next.

use chrono::{DateTime, Utc};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::company::Company;
use super::discounts::Discount;
use super::entity::Kind;
use super::fields::Custom;
use super::lines::Lines;
use super::oauth::OAuth;
use super::quota::Quota;
use super::records::{Record, Table};
use super::settings::PipedriveSettings;
use super::shelf::Shelf;
use super::state::State;
use super::webhooks::Webhooks;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PipedriveSnapshot {
    api_token: String,
    oauth: OAuth,
    company: Company,
    shelves: Vec<KeptShelf>,
    lines: Lines,
    #[serde(default)]
    discounts: Vec<Discount>,
    next_option: i64,
    #[serde(default)]
    webhooks: Webhooks,
    quota: Quota,
    /// Where randomness goes on, so that nothing comes a second time.
    seed: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptShelf {
    kind: Kind,
    fields: Vec<Custom>,
    records: Vec<Record>,
    last_id: i64,
}

impl State {
    pub(super) fn snapshot(&mut self) -> PipedriveSnapshot {
        let kept = self.shelves.iter().map(|shelf| KeptShelf {
            kind: shelf.entity.kind,
            fields: shelf.fields.clone(),
            records: shelf.table.by_id().values().cloned().collect(),
            last_id: shelf.table.last_id(),
        });
        PipedriveSnapshot {
            api_token: self.api_token.clone(),
            oauth: self.oauth.clone(),
            company: self.company.clone(),
            shelves: kept.collect(),
            lines: self.lines.clone(),
            discounts: self.discounts.clone(),
            next_option: self.next_option,
            webhooks: self.webhooks.clone(),
            quota: self.quota.clone(),
            seed: self.random.random(),
        }
    }

    /// The search index has caught up while nobody looked.
    pub(super) fn restored(snapshot: PipedriveSnapshot, now: DateTime<Utc>) -> Self {
        let mut state = Self::new(snapshot.seed);
        for kept in snapshot.shelves {
            let table = Table::restored(kept.records, kept.last_id);
            *state.shelf_mut(kept.kind) = Shelf::restored(kept.kind.entity(), kept.fields, table, now);
        }
        Self {
            settings: PipedriveSettings::default(),
            api_token: snapshot.api_token,
            oauth: snapshot.oauth,
            company: snapshot.company,
            lines: snapshot.lines,
            discounts: snapshot.discounts,
            quota: snapshot.quota,
            next_option: snapshot.next_option,
            webhooks: snapshot.webhooks,
            ..state
        }
    }
}
