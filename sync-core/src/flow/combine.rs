use serde::{Deserialize, Serialize};

/// What the CRM shows of a field that Exact owns, where one record of the CRM is one in several divisions.
///
/// Fields that both sides own need none: an edit in one division goes to the CRM, and from there to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Combine {
    /// The value of the first division that has one: where the flow creates what is new, then the others in order.
    #[default]
    First,
    /// The sum of a number over all divisions. An amount needs divisions of one currency.
    Sum,
    /// The highest number, or the latest day, of all divisions.
    Max,
}
