use chrono::{DateTime, Utc};
use crm_adapters::Action;
use serde::{Deserialize, Serialize};

use crate::flow::{Division, Side};
use crate::plan::FieldWrite;
use crate::state::{LinkId, encode};
use crate::store::{Expect, Key, Mark, Put, StoreError, Table};

/// One write that may be under way. The row is there before the first byte leaves, and goes with the commit that
/// settles it; so at most one is open for a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) flow: String,
    pub(crate) division: Division,
    pub(crate) link: LinkId,
    pub(crate) side: Side,
    pub(crate) action: Action,
    /// Why each field is written, and what it was.
    pub(crate) fields: Vec<FieldWrite>,
    pub(crate) state: IntentState,
    pub(crate) run: String,
    pub(crate) claimed_at: DateTime<Utc>,
    /// Nobody looks for its effect before: it may still be landing.
    pub(crate) probe_after: DateTime<Utc>,
    /// How often it was looked for in vain.
    #[serde(default)]
    pub(crate) looks: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntentState {
    /// Claimed; it may be on the wire.
    Sending,
    /// It was sent and nobody knows what became of it.
    Unknown,
}

impl Intent {
    /// The mark of open intents, by the moment from which they may be looked for.
    pub(crate) const OPEN: &'static str = "open";

    pub(crate) fn is_create(&self) -> bool {
        matches!(self.action, Action::Create(_))
    }

    pub(crate) fn key(&self) -> Key {
        Self::key_of(&self.flow, self.division, self.link)
    }

    pub(crate) fn key_of(flow: &str, division: Division, link: LinkId) -> Key {
        Key::new(Table::Intent, format!("{flow}/{division}/{link}"))
    }

    pub(crate) fn put(&self, expect: Expect) -> Result<Put, StoreError> {
        let due = format!("{}/{:020}", self.flow, self.probe_after.timestamp_micros().max(0));
        Ok(Put { key: self.key(), value: encode(self)?, marks: vec![Mark::new(Self::OPEN, due)], expect })
    }
}
