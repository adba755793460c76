use chrono::{DateTime, NaiveTime, Utc};
use crm_adapters::{Fields, RecordId, Value};

use super::Flow;

/// The property of Exact's record that says which record of the CRM it was made from: looked up before every create,
/// so that there is never a second one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExactKey {
    /// Exact's property, such as `YourRef`.
    pub property: String,
    /// What stands before the id of the CRM's record.
    pub prefix: String,
}

impl ExactKey {
    /// What the property holds for a record of the CRM.
    #[must_use]
    pub fn value(&self, crm: &RecordId) -> String {
        format!("{}{crm}", self.prefix)
    }
}

/// From when on records of the CRM are handed over. What happened before is history: no brake and no `--yes` turns it
/// into anything in Exact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Start {
    /// The CRM's field with the moment, or the day, that counts.
    pub field: String,
    /// From when on; where not told, from the moment the flow first ran.
    pub since: Option<DateTime<Utc>>,
}

impl Flow {
    /// Whether it hands records over to Exact, once each.
    #[must_use]
    pub fn hands_over(&self) -> bool {
        self.exact_key.is_some()
    }

    /// Whether a record of the CRM is recent enough to be handed over.
    #[must_use]
    pub fn is_due(&self, crm: &Fields) -> bool {
        let Some(start) = &self.start else { return true };
        let Some(since) = start.since else { return false };
        match crm.get(&start.field) {
            Some(Value::Instant(moment)) => *moment >= since,
            // A day counts from its beginning: of the day on which the flow began, nobody knows what came first.
            Some(Value::Date(day)) => day.and_time(NaiveTime::MIN).and_utc() >= since,
            _ => false,
        }
    }
}
