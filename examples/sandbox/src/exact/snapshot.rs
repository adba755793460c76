//! Exact Online as it is kept from one start to the next.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::division::{Division, StoredDivision};
use super::oauth::OAuth;
use super::outbox::Outbox;
use super::quota::Quota;
use super::settings::ExactSettings;
use super::state::State;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ExactSnapshot {
    oauth: OAuth,
    divisions: Vec<StoredDivision>,
    current: i64,
    user: Uuid,
    user_blocked: bool,
    quota: Quota,
    outbox: Outbox,
    /// Where randomness goes on, so that nothing comes a second time.
    seed: u64,
}

impl State {
    pub(super) fn snapshot(&mut self) -> ExactSnapshot {
        ExactSnapshot {
            oauth: self.oauth.clone(),
            divisions: self.divisions.values().map(Division::stored).collect(),
            current: self.current,
            user: self.user,
            user_blocked: self.user_blocked,
            quota: self.quota.clone(),
            outbox: self.outbox.clone(),
            seed: self.random.random(),
        }
    }

    pub(super) fn restored(snapshot: ExactSnapshot, base_url: String) -> Self {
        let divisions = snapshot.divisions.into_iter().map(Division::restored);
        Self {
            base_url,
            settings: ExactSettings::default(),
            oauth: snapshot.oauth,
            divisions: divisions.map(|division| (division.code(), division)).collect(),
            current: snapshot.current,
            user: snapshot.user,
            user_blocked: snapshot.user_blocked,
            quota: snapshot.quota,
            outbox: snapshot.outbox,
            callback_fault: None,
            random: StdRng::seed_from_u64(snapshot.seed),
        }
    }
}
