//! The vendors as they were, to go on from at the next start.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::exact::ExactSnapshot;
use crate::hubspot::HubSpotSnapshot;
use crate::pipedrive::PipedriveSnapshot;

/// Records, tokens and used quotas of all vendors at one moment.
///
/// Settings, faults and counters are not in it, nor requests whose late commit is still to come. It holds the sandbox's
/// credentials.
#[derive(Clone, Serialize, Deserialize)]
pub struct Snapshot {
    pub(crate) taken_at: DateTime<Utc>,
    pub(crate) exact: ExactSnapshot,
    pub(crate) pipedrive: PipedriveSnapshot,
    pub(crate) hubspot: HubSpotSnapshot,
}

impl Snapshot {
    /// The moment on the sandbox's clock. A sandbox that goes on from here should not start earlier.
    #[must_use]
    pub fn taken_at(&self) -> DateTime<Utc> {
        self.taken_at
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("taken_at", &self.taken_at).finish_non_exhaustive()
    }
}
