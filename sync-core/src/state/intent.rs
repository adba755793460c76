use chrono::{DateTime, Utc};
use crm_adapters::{Action, RecordId};
use serde::{Deserialize, Serialize};

use crate::flow::{Division, Side};
use crate::plan::FieldWrite;
use crate::state::{Link, LinkId, plain};
use crate::store::{Expect, Key, Put, StoreError, Table};

/// One write that may be under way. The row is there before the first byte leaves, and goes with the commit that
/// settles it; so at most one is open for a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) flow: String,
    pub(crate) division: Division,
    pub(crate) link: LinkId,
    pub(crate) side: Side,
    pub(crate) action: Action,
    /// The record that a create carries over: its link is stored once the create is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<RecordId>,
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
    /// Names the mark of the record that an open create carries over. It is another than that of links, for few are open at
    /// a time: they come and go in one place.
    pub(crate) const RECORD: &'static str = "create";

    pub(crate) fn is_create(&self) -> bool {
        matches!(self.action, Action::Create(_))
    }

    pub(crate) fn key(&self) -> Key {
        Self::key_of(&self.flow, self.division, self.link)
    }

    pub(crate) fn key_of(flow: &str, division: Division, link: LinkId) -> Key {
        Key::new(Table::Intent, [flow, &division.to_string(), &link.to_string()].join("/"))
    }

    /// The link that a create is to make, as far as it is known.
    pub(crate) fn link_to_make(&self) -> Link {
        let mut link = Link::new(self.link, &self.flow, self.division);
        if let Some(source) = &self.source {
            link.set_record(self.side.other(), source.clone());
        }
        link
    }

    pub(crate) fn put(&self, expect: Expect) -> Result<Put, StoreError> {
        let marks = if self.is_create() { self.link_to_make().marks(Self::RECORD) } else { Vec::new() };
        Ok(Put { marks, expect, ..plain(self.key(), self)? })
    }
}
