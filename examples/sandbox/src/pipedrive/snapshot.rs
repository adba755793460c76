//! Pipedrive as it is kept from one start to the next.

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::fields::Custom;
use super::organizations::{Organization, Organizations};
use super::quota::Quota;
use super::search::{Document, SearchIndex};
use super::settings::PipedriveSettings;
use super::state::State;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PipedriveSnapshot {
    api_token: String,
    fields: Vec<Custom>,
    organizations: Vec<Organization>,
    last_id: i64,
    next_option: i64,
    quota: Quota,
    /// Where randomness goes on, so that nothing comes a second time.
    seed: u64,
}

impl State {
    pub(super) fn snapshot(&mut self) -> PipedriveSnapshot {
        PipedriveSnapshot {
            api_token: self.api_token.clone(),
            fields: self.fields.clone(),
            organizations: self.organizations.by_id().values().cloned().collect(),
            last_id: self.organizations.last_id(),
            next_option: self.next_option,
            quota: self.quota.clone(),
            seed: self.random.random(),
        }
    }

    /// The search index has caught up while nobody looked.
    pub(super) fn restored(snapshot: PipedriveSnapshot, now: DateTime<Utc>) -> Self {
        let mut index = SearchIndex::default();
        for organization in snapshot.organizations.iter().filter(|found| !found.is_deleted()) {
            index.tell(organization.id, Some(Document::of(organization, &snapshot.fields)), now);
        }
        Self {
            settings: PipedriveSettings::default(),
            api_token: snapshot.api_token,
            organizations: Organizations::restored(snapshot.organizations, snapshot.last_id),
            fields: snapshot.fields,
            index,
            quota: snapshot.quota,
            random: StdRng::seed_from_u64(snapshot.seed),
            next_option: snapshot.next_option,
        }
    }
}
