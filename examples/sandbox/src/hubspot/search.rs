//! Search: what the index knows, filtered, sorted, and never more than ten thousand.

use std::cmp::Ordering;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::objects::limit;
use super::properties::{Property, bad_json, moment};
use super::records::{Record, Table};
use super::refusal::Refusal;
use super::state::State;
use crate::http::Reply;

const LARGEST_PAGE: usize = 200;
const MOST_RESULTS: usize = 10_000;
const MOST_GROUPS: usize = 5;
const MOST_FILTERS_IN_GROUP: usize = 6;
const MOST_FILTERS: usize = 18;
const LONGEST_QUERY: usize = 3_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    #[serde(default)]
    filter_groups: Vec<FilterGroup>,
    #[serde(default)]
    sorts: Vec<Value>,
    query: Option<String>,
    #[serde(default)]
    properties: Vec<String>,
    limit: Option<u32>,
    after: Option<Value>,
}

#[derive(Deserialize)]
struct FilterGroup {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    property_name: String,
    operator: Operator,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    high_value: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    In,
    NotIn,
    HasProperty,
    NotHasProperty,
    ContainsToken,
    NotContainsToken,
}

impl State {
    /// `POST /crm/objects/{version}/{type}/search`.
    pub(super) fn search(&self, type_id: &str, body: &Value) -> Result<Reply, Refusal> {
        let table = self.table(type_id)?;
        let search = Search::deserialize(body).map_err(|error| Refusal::validation(bad_json(&error)))?;
        search.check()?;
        let given = search.limit.map(|limit| limit.to_string());
        let limit = limit(given.as_deref(), 10, LARGEST_PAGE)?;
        let after = search.offset()?;
        if after + limit > MOST_RESULTS {
            return Err(Refusal::validation(format!(
                "Cannot page past {MOST_RESULTS} results: after {after}, limit {limit}"
            )));
        }
        let mut found: Vec<&Record> = table.index.all().filter(|row| search.wants(table, row)).collect();
        search.sort(table, &mut found)?;
        let wanted = self.wanting(search.properties);
        let results: Vec<Value> =
            found.iter().skip(after).take(limit).map(|row| row.to_json(table, &wanted)).collect();
        let mut answer = json!({ "total": found.len(), "results": results });
        if found.len() > after + limit {
            answer["paging"] = json!({ "next": { "after": (after + limit).to_string() } });
        }
        Ok(Reply::json(StatusCode::OK, &answer))
    }
}

impl Search {
    fn check(&self) -> Result<(), Refusal> {
        let filters: usize = self.filter_groups.iter().map(|group| group.filters.len()).sum();
        let crowded = self.filter_groups.iter().any(|group| group.filters.len() > MOST_FILTERS_IN_GROUP);
        if self.filter_groups.len() > MOST_GROUPS || crowded || filters > MOST_FILTERS {
            return Err(Refusal::validation(format!(
                "At most {MOST_GROUPS} filterGroups of {MOST_FILTERS_IN_GROUP} filters, and {MOST_FILTERS} in total"
            )));
        }
        if self.query.as_ref().is_some_and(|query| query.chars().count() > LONGEST_QUERY) {
            return Err(Refusal::validation("The query is longer than 3,000 characters"));
        }
        if self.sorts.len() > 1 {
            return Err(Refusal::validation("Only one sort is supported"));
        }
        Ok(())
    }

    /// A whole number, as text.
    fn offset(&self) -> Result<usize, Refusal> {
        let given = match &self.after {
            None | Some(Value::Null) => return Ok(0),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if given.is_empty() {
            return Ok(0);
        }
        given.parse().map_err(|_| Refusal::validation(format!("Invalid paging token {given}")))
    }

    fn wants(&self, table: &Table, row: &Record) -> bool {
        let groups = &self.filter_groups;
        let passes = |group: &FilterGroup| group.filters.iter().all(|filter| filter.passes(table, row));
        (groups.is_empty() || groups.iter().any(passes))
            && self.query.as_ref().is_none_or(|query| mentions(table, row, query))
    }

    fn sort(&self, table: &Table, found: &mut [&Record]) -> Result<(), Refusal> {
        let Some(sort) = self.sorts.first() else { return Ok(()) };
        // As text, `-name` descends; as an object, it says so.
        let (name, descends) = match sort {
            Value::String(name) => (name.trim_start_matches('-'), name.starts_with('-')),
            sort => {
                let name = sort["propertyName"].as_str();
                let name = name.ok_or_else(|| Refusal::validation("A sort needs a propertyName"))?;
                (name, sort["direction"] == "DESCENDING")
            }
        };
        let Some(property) = table.properties.get(name) else { return Ok(()) };
        found.sort_by(|one, other| {
            let order = match (one.value(name), other.value(name)) {
                (Some(one), Some(other)) => compare(property, one, other),
                (one, other) => one.is_none().cmp(&other.is_none()),
            };
            if descends { order.reverse() } else { order }
        });
        Ok(())
    }
}

impl Filter {
    fn passes(&self, table: &Table, row: &Record) -> bool {
        // A name that nobody knows finds nothing; it is no error.
        let Some(property) = table.properties.get(&self.property_name) else { return false };
        let held = row.value(&self.property_name);
        match self.operator {
            Operator::HasProperty => return held.is_some(),
            Operator::NotHasProperty => return held.is_none(),
            _ => {}
        }
        let Some(held) = held else {
            return matches!(self.operator, Operator::Neq | Operator::NotIn | Operator::NotContainsToken);
        };
        let order = |value: &Option<String>| value.as_ref().map(|value| compare(property, held, value));
        let value = order(&self.value);
        match self.operator {
            Operator::Eq => value == Some(Ordering::Equal),
            Operator::Neq => value != Some(Ordering::Equal),
            Operator::Lt => value == Some(Ordering::Less),
            Operator::Lte => value.is_some_and(Ordering::is_le),
            Operator::Gt => value == Some(Ordering::Greater),
            Operator::Gte => value.is_some_and(Ordering::is_ge),
            Operator::Between => {
                value.is_some_and(Ordering::is_ge) && order(&self.high_value).is_some_and(Ordering::is_le)
            }
            Operator::In => self.is_in(property, held),
            Operator::NotIn => !self.is_in(property, held),
            Operator::ContainsToken => self.value.as_ref().is_some_and(|token| has_token(held, token)),
            Operator::NotContainsToken => !self.value.as_ref().is_some_and(|token| has_token(held, token)),
            Operator::HasProperty | Operator::NotHasProperty => false,
        }
    }

    /// Lists compare text in lower case with the values as they were given.
    fn is_in(&self, property: &Property, held: &str) -> bool {
        let held = if property.ty == "string" { held.to_lowercase() } else { held.to_owned() };
        self.values.iter().any(|value| match property.ty.as_str() {
            "string" => *value == held,
            _ => compare(property, &held, value) == Ordering::Equal,
        })
    }
}

/// By the property's type; text without regard to case.
fn compare(property: &Property, held: &str, value: &str) -> Ordering {
    match property.ty.as_str() {
        "number" => {
            let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
            number(held).partial_cmp(&number(value)).unwrap_or_else(|| held.cmp(value))
        }
        "date" | "datetime" => moment(held).cmp(&moment(value)),
        "enumeration" => held.cmp(value),
        _ => held.to_lowercase().cmp(&value.to_lowercase()),
    }
}

fn tokens(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '*');
    words.filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Whole words; a star stands for any letters.
fn has_token(held: &str, wanted: &str) -> bool {
    let held: Vec<String> = tokens(held).collect();
    tokens(wanted).all(|wanted| {
        held.iter().any(|token| match (wanted.strip_prefix('*'), wanted.strip_suffix('*')) {
            (Some(_), Some(_)) => token.contains(wanted.trim_matches('*')),
            (Some(end), None) => token.ends_with(end),
            (None, Some(begin)) => token.starts_with(begin),
            (None, None) => *token == wanted,
        })
    })
}

/// Whether the searched properties hold every word of the query, the beginning of a word being enough.
fn mentions(table: &Table, row: &Record, query: &str) -> bool {
    let held: Vec<String> =
        table.ty.searched.iter().filter_map(|name| row.value(name)).flat_map(tokens).collect();
    tokens(query).all(|word| held.iter().any(|token| token.starts_with(&word)))
}
