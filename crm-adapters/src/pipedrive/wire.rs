//! Pipedrive's JSON, as it comes and goes.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::map::number;
use crate::http::{Answer, Failure, is_json};

/// Marks an answer that refuses a request for its form, such as an unknown custom field.
const SCHEMA_MARK: &str = "ERR_SCHEMA_VALIDATION_FAILED";
/// As much of a vendor's message as an error takes over, in characters.
const MESSAGE: usize = 300;

/// What every answer is wrapped in. Everything may be missing.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) success: Option<bool>,
    pub(super) data: Option<T>,
    additional_data: Option<Additional>,
}

#[derive(Debug, Deserialize)]
struct Additional {
    next_cursor: Option<String>,
    /// Version 1 counts positions, some of its lists here and some one level up.
    pagination: Option<Position>,
    #[serde(flatten)]
    position: Position,
}

#[derive(Debug, Deserialize)]
struct Position {
    start: Option<u64>,
    limit: Option<u64>,
    more_items_in_collection: Option<bool>,
    next_start: Option<u64>,
}

impl Position {
    fn next(&self) -> Option<u64> {
        let computed = || Some(self.start?.saturating_add(self.limit?));
        if self.more_items_in_collection == Some(true) { self.next_start.or_else(computed) } else { None }
    }
}

impl<T> Envelope<T> {
    pub(super) fn next_cursor(&self) -> Option<String> {
        let additional = self.additional_data.as_ref()?;
        if let Some(cursor) = &additional.next_cursor {
            return Some(cursor.clone()).filter(|cursor| !cursor.is_empty());
        }
        let position = additional.pagination.as_ref().unwrap_or(&additional.position);
        position.next().map(|start| start.to_string())
    }
}

/// One record: its properties in the vendor's own text, so that numbers stay exact.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct WireRecord(pub(super) BTreeMap<String, Box<RawValue>>);

impl WireRecord {
    /// A member that holds an id, as a number's text.
    pub(super) fn id_at(&self, name: &str) -> Option<&str> {
        let id = self.0.get(name)?.get().trim_matches('"');
        Some(id).filter(|id| !id.is_empty() && *id != "null")
    }

    /// A member that holds a number.
    pub(super) fn number_at(&self, name: &str) -> Option<Decimal> {
        number(self.0.get(name)?)
    }

    /// A member that holds a text.
    pub(super) fn text_at(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }
}

/// A discount on a whole deal.
#[derive(Debug, Deserialize)]
pub(super) struct WireDiscount {
    #[serde(rename = "type")]
    kind: Option<String>,
    amount: Option<Box<RawValue>>,
}

impl WireDiscount {
    /// As people write it.
    pub(super) fn said(&self, currency: &str) -> String {
        let amount = self.amount.as_deref().and_then(number);
        match (self.kind.as_deref(), amount) {
            (Some("percentage"), Some(share)) => format!("{share}%"),
            (Some("amount"), Some(amount)) => format!("{amount} {currency}"),
            (kind, Some(amount)) => format!("{amount} {}", kind.unwrap_or_default()),
            (kind, None) => format!("an unknown {}", kind.unwrap_or("discount")),
        }
    }
}

/// One hit of a search. The documentation shows both forms.
#[derive(Debug, Deserialize)]
pub(super) struct WireHit {
    id: Option<serde_json::Value>,
    item: Option<WireItem>,
}

#[derive(Debug, Deserialize)]
struct WireItem {
    id: Option<serde_json::Value>,
}

impl WireHit {
    /// The id, as a number's text.
    pub(super) fn id(&self) -> Option<String> {
        let id = self.id.as_ref().or_else(|| self.item.as_ref()?.id.as_ref())?;
        Some(id.to_string().trim_matches('"').to_owned())
    }
}

/// The hits of a page: the search of one field lists them, the search of a kind has them under a name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum WireHits {
    Plain(Vec<WireHit>),
    Named { items: Vec<WireHit> },
}

impl Default for WireHits {
    fn default() -> Self {
        Self::Plain(Vec::new())
    }
}

impl WireHits {
    pub(super) fn into_list(self) -> Vec<WireHit> {
        match self {
            Self::Plain(hits) | Self::Named { items: hits } => hits,
        }
    }
}

/// The description of one field.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct WireField {
    pub(super) field_name: Option<String>,
    pub(super) field_code: String,
    pub(super) field_type: Option<String>,
    pub(super) options: Option<Vec<WireOption>>,
    #[serde(default)]
    pub(super) is_custom_field: Option<bool>,
}

/// One label to choose from. Its id is a number for custom fields, text for some built-in ones.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct WireOption {
    pub(super) id: Option<Box<RawValue>>,
    pub(super) label: Option<String>,
}

/// A field that is to be created.
#[derive(Debug, Serialize)]
pub(super) struct WireNewField<'a> {
    pub(super) field_name: &'a str,
    pub(super) field_type: &'a str,
}

/// What an answer says of its failure, in any of the forms seen.
#[derive(Debug)]
pub(super) struct Problem {
    status: u16,
    text: Option<String>,
}

#[derive(Deserialize)]
struct WireProblem {
    error: Option<serde_json::Value>,
    error_info: Option<serde_json::Value>,
    errors: Option<serde_json::Value>,
    message: Option<serde_json::Value>,
    code: Option<serde_json::Value>,
}

impl Problem {
    pub(super) fn read(answer: &Answer) -> Self {
        let status = answer.status.as_u16();
        if !is_json(answer) {
            return Self { status, text: None };
        }
        let Ok(problem) = serde_json::from_slice::<WireProblem>(&answer.body) else {
            return Self { status, text: None };
        };
        let WireProblem { error, error_info, errors, message, code } = problem;
        let parts = [error, error_info, errors, message, code];
        let said: Vec<String> = parts.into_iter().flatten().filter_map(plain).collect();
        let text = said.join("; ").chars().take(MESSAGE).collect::<String>();
        Self { status, text: Some(text).filter(|text| !text.is_empty()) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered with status {}", self.status)?;
        match &self.text {
            Some(text) => write!(f, ": {text}"),
            None => Ok(()),
        }
    }
}

fn plain(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

/// Whether a request was refused because it does not fit the account's fields.
pub(super) fn is_schema_mismatch(failure: &Failure) -> bool {
    let answer = failure.answer.as_deref();
    answer.is_some_and(|answer| String::from_utf8_lossy(&answer.body).contains(SCHEMA_MARK))
}

/// The key of the field that an answer blames, if it says so.
pub(super) fn blamed_field(answer: &Answer) -> Option<String> {
    fn search(value: &serde_json::Value) -> Option<String> {
        match value {
            serde_json::Value::Object(members) => match members.get("field_code") {
                Some(serde_json::Value::String(code)) => Some(code.clone()),
                _ => members.values().find_map(search),
            },
            serde_json::Value::Array(items) => items.iter().find_map(search),
            _ => None,
        }
    }
    search(&serde_json::from_slice(&answer.body).ok()?)
}
