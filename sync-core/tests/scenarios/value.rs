//! Values as they stand in a table, and as the vendors hold them.

use chrono::DateTime;
use crm_adapters::FieldType;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// What a cell says of an empty value.
const EMPTY: &str = "(empty)";

/// What a cell says of a value that has to be there, whatever it is.
const ANY: &str = "(any)";

/// A cell as a vendor's JSON takes it.
pub(crate) fn written(cell: &str, ty: FieldType) -> Result<Json, String> {
    if cell.is_empty() || cell == EMPTY {
        return Ok(Json::Null);
    }
    Ok(match ty {
        FieldType::Decimal => cell
            .parse::<serde_json::Number>()
            .map(Json::Number)
            .map_err(|_| format!("`{cell}` is no number"))?,
        FieldType::Bool => match cell {
            "yes" => json!(true),
            "no" => json!(false),
            _ => return Err(format!("`{cell}` is neither yes nor no")),
        },
        _ => json!(cell),
    })
}

/// Whether a value is as a cell says.
pub(crate) fn same(cell: &str, value: &str, ty: FieldType) -> bool {
    match cell {
        EMPTY => value.is_empty(),
        ANY => !value.is_empty(),
        cell => plain(cell, ty) == value,
    }
}

/// A vendor's value as a table shows it.
pub(crate) fn shown(value: &Json, ty: FieldType) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => plain(&day(text).unwrap_or_else(|| text.trim().to_owned()), ty),
        Json::Bool(yes) => plain(&yes.to_string(), FieldType::Bool),
        Json::Number(number) => plain(&number.to_string(), FieldType::Decimal),
        other => other.to_string(),
    }
}

/// One way of writing for values that mean the same.
pub(crate) fn plain(text: &str, ty: FieldType) -> String {
    let number = || text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text)).ok();
    match (ty, text) {
        (FieldType::Decimal, _) => {
            number().map_or_else(|| text.to_owned(), |number| number.normalize().to_string())
        }
        (FieldType::Bool, "true") => "yes".to_owned(),
        (FieldType::Bool, "false") => "no".to_owned(),
        (FieldType::Date, _) => text.chars().take(10).collect(),
        _ => text.to_owned(),
    }
}

/// Exact writes `/Date(1772442000000)/`.
fn day(text: &str) -> Option<String> {
    let moment = text.strip_prefix("/Date(")?.strip_suffix(")/")?.parse().ok()?;
    DateTime::from_timestamp_millis(moment).map(|moment| moment.date_naive().to_string())
}
