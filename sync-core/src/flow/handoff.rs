use chrono::{DateTime, NaiveTime, Utc};
use crm_adapters::{Fields, Kind, RecordId, Value};
use serde::{Deserialize, Serialize};

use super::{Condition, Division, Flow, Side};

/// The property of Exact's record that says which record of the CRM it was made from: looked up before every create,
/// so that there is never a second one. Keys are compared without regard to case, for people type them, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

    /// A key in the form in which keys are compared.
    pub(crate) fn canon(text: &str) -> String {
        text.trim().to_uppercase()
    }
}

/// From when on records of the CRM are handed over. What happened before is history: no brake and no `--yes` turns it
/// into anything in Exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Start {
    /// The CRM's field with the moment, or the day, that counts.
    pub field: String,
    /// From when on; where not told, from the moment the flow first ran.
    pub since: Option<DateTime<Utc>>,
}

/// In which division records of the CRM are created, by what they say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "plain configuration")]
pub struct Route {
    /// Which records.
    pub when: Condition,
    /// Where they are created.
    pub division: Division,
}

/// What is done where a line's price is not the one that Exact has today for the customer, the quantity and the currency
/// of the document: what was agreed with the customer, or else the list price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "asked about or not")]
pub enum Price {
    /// The CRM's counts; a plan shows the difference.
    #[default]
    Crm,
    /// A person is asked before it is handed over.
    Review,
}

/// What a record of Exact becomes just before a hand-off names it: a prospect is a customer from its first order on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Promotion {
    /// The field of the new record that names it, as Exact's property name. Its rule says of which flow it is.
    pub of: String,
    /// Which records it concerns.
    pub when: Condition,
    /// What they become.
    pub to: Fields,
}

impl Flow {
    /// Whether it hands records over to Exact, once each.
    #[must_use]
    pub fn hands_over(&self) -> bool {
        self.exact_key.is_some() && !self.rolls_up()
    }

    /// Whether it shows what many records of Exact come to, and writes nothing there.
    #[must_use]
    pub fn rolls_up(&self) -> bool {
        self.kinds.exact == Kind::Billing
    }

    /// Whether a record of the CRM is one in a single division of Exact: what is sold and invoiced is booked once.
    /// Others, such as companies, may be known in several.
    pub(crate) fn is_of_one_division(&self) -> bool {
        matches!(self.kinds.exact, Kind::Order | Kind::Quotation | Kind::Invoice | Kind::Billing)
    }

    /// Whether a record of the CRM is recent enough to be handed over.
    #[must_use]
    pub fn is_due(&self, crm: &Fields) -> bool {
        let Some(start) = &self.start else { return true };
        start.since.zip(start.moment(crm)).is_some_and(|(since, moment)| moment >= since)
    }

    /// Where a record met the condition before the flow began: that beginning, in microseconds since 1970. People can
    /// edit the moment that counts; what was history once stays so (`known`) until it leaves the condition.
    pub(crate) fn before_start(&self, crm: &Fields, known: Option<i64>) -> Option<i64> {
        let start = self.start.as_ref()?;
        let since = start.since?;
        let meets = self.when.as_ref().is_none_or(|when| when.holds(Side::Crm, crm));
        let began = since.timestamp_micros();
        let before = known.is_some_and(|before| before <= began)
            || start.moment(crm).is_some_and(|moment| moment < since);
        (meets && before).then_some(began)
    }
}

impl Start {
    /// A day counts from its beginning: of the day on which the flow began, nobody knows what came first.
    fn moment(&self, crm: &Fields) -> Option<DateTime<Utc>> {
        match crm.get(&self.field)? {
            Value::Instant(moment) => Some(*moment),
            Value::Date(day) => Some(day.and_time(NaiveTime::MIN).and_utc()),
            _ => None,
        }
    }
}
