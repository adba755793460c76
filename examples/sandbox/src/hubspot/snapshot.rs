//! HubSpot as it is kept from one start to the next.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::associations::Associations;
use super::events::Events;
use super::oauth::OAuth;
use super::quota::Quota;
use super::records::Table;
use super::settings::HubSpotSettings;
use super::state::State;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HubSpotSnapshot {
    oauth: OAuth,
    /// As values: what is derived from them is built anew.
    tables: Vec<Value>,
    associations: Value,
    events: Events,
    quota: Quota,
    last_id: u64,
    last_pipeline_id: u64,
    /// Where randomness goes on, so that nothing comes a second time.
    seed: u64,
}

impl State {
    pub(super) fn snapshot(&mut self) -> HubSpotSnapshot {
        let value = |value: Result<Value, serde_json::Error>| value.unwrap_or_default();
        HubSpotSnapshot {
            oauth: self.oauth.clone(),
            tables: self.tables.values().map(|table| value(serde_json::to_value(table))).collect(),
            associations: value(serde_json::to_value(&self.associations)),
            events: self.events.clone(),
            quota: self.quota.clone(),
            last_id: self.last_id,
            last_pipeline_id: self.last_pipeline_id,
            seed: self.random.random(),
        }
    }

    /// The search index has caught up while nobody looked.
    pub(super) fn restored(snapshot: HubSpotSnapshot, settings: HubSpotSettings) -> Result<Self, String> {
        let text = |error: serde_json::Error| error.to_string();
        let mut tables = BTreeMap::new();
        for stored in snapshot.tables {
            let mut table: Table = serde_json::from_value(stored).map_err(text)?;
            table.restore(settings.unique_ignores_case);
            tables.insert(table.ty.id.clone(), table);
        }
        Ok(Self {
            settings,
            oauth: snapshot.oauth,
            tables,
            associations: Associations::deserialize(snapshot.associations).map_err(text)?,
            events: snapshot.events,
            quota: snapshot.quota,
            random: StdRng::seed_from_u64(snapshot.seed),
            last_id: snapshot.last_id,
            last_pipeline_id: snapshot.last_pipeline_id,
        })
    }
}

/// Maps whose keys are no text, as lists of pairs.
pub(super) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer, K: Serialize, V: Serialize>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, K: Deserialize<'de> + Ord, V: Deserialize<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Vec::<(K, V)>::deserialize(deserializer).map(|pairs| pairs.into_iter().collect())
    }
}
