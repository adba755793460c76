//! The products of deals, and the deal's value that follows from them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// As many lines as one bulk request may add or remove.
pub(super) const MOST_AT_ONCE: usize = 100;

/// One product on one deal. The same product may stand on it several times.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) deal: i64,
    values: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Lines {
    by_id: BTreeMap<i64, Line>,
    last_id: i64,
}

impl Lines {
    pub(super) fn add(&mut self, deal: i64, values: Map<String, Value>, now: DateTime<Utc>) -> &Line {
        self.last_id += 1;
        let mut line = Line { id: self.last_id, deal, values: defaults() };
        line.values.insert("add_time".to_owned(), json!(super::records::rfc3339(now)));
        line.change(values, now);
        self.by_id.entry(line.id).or_insert(line)
    }

    pub(super) fn change(
        &mut self,
        deal: i64,
        id: i64,
        values: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Option<&Line> {
        let line = self.by_id.get_mut(&id).filter(|line| line.deal == deal)?;
        line.change(values, now);
        Some(line)
    }

    pub(super) fn remove(&mut self, deal: i64, id: i64) -> bool {
        let there = self.by_id.get(&id).is_some_and(|line| line.deal == deal);
        there && self.by_id.remove(&id).is_some()
    }

    pub(super) fn of(&self, deal: i64) -> impl Iterator<Item = &Line> {
        self.by_id.values().filter(move |line| line.deal == deal)
    }

    /// What the products of a deal come to; `None` where it has none.
    pub(super) fn value_of(&self, deal: i64) -> Option<Decimal> {
        let mut lines = self.of(deal).peekable();
        lines.peek()?;
        Some(lines.filter(|line| line.values["is_enabled"] == true).map(Line::sum).sum())
    }
}

impl Line {
    fn change(&mut self, values: Map<String, Value>, now: DateTime<Utc>) {
        self.values.extend(values);
        self.values.insert("update_time".to_owned(), json!(super::records::rfc3339(now)));
    }

    fn number(&self, name: &str) -> Decimal {
        self.values.get(name).map(decimal).unwrap_or_default()
    }

    fn sum(&self) -> Decimal {
        let gross = self.number("item_price") * self.number("quantity");
        let discount = self.number("discount");
        let percent = Decimal::new(1, 2);
        let off =
            if self.values["discount_type"] == "amount" { discount } else { gross * discount * percent };
        (gross - off).round_dp(2)
    }

    pub(super) fn product(&self) -> i64 {
        self.values["product_id"].as_i64().unwrap_or_default()
    }

    /// The currency is the deal's, the name the product's.
    pub(super) fn to_json(&self, name: &str, currency: &Value) -> Value {
        let mut shown = self.values.clone();
        shown.insert("id".to_owned(), json!(self.id));
        shown.insert("deal_id".to_owned(), json!(self.deal));
        shown.insert("name".to_owned(), json!(name));
        shown.insert("currency".to_owned(), currency.clone());
        shown.insert("sum".to_owned(), number(self.sum()));
        Value::Object(shown)
    }
}

/// A number as it was sent.
pub(super) fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap_or_default()
}

/// As few digits as it has.
pub(super) fn number(value: Decimal) -> Value {
    serde_json::from_str(&value.normalize().to_string()).unwrap_or_default()
}

fn defaults() -> Map<String, Value> {
    let values = json!({
        "tax": 0, "comments": "", "discount": 0, "discount_type": "percentage", "tax_method": "inclusive",
        "is_enabled": true, "product_variation_id": null, "order_nr": null,
        "billing_frequency": "one-time", "billing_frequency_cycles": null, "billing_start_date": null,
    });
    values.as_object().cloned().unwrap_or_default()
}

/// The checked content of a line. What a new one needs is asked of a new one only.
pub(super) fn read(body: &Value, new: bool) -> Result<Map<String, Value>, Refusal> {
    let body = body.as_object().ok_or_else(|| Refusal::schema("body", "must be an object"))?;
    for (name, value) in body {
        let fits = match name.as_str() {
            "product_id" => value.is_i64(),
            "item_price" | "quantity" | "tax" | "discount" => value.is_number(),
            "comments" => value.is_string(),
            "is_enabled" => value.is_boolean(),
            "tax_method" => matches!(value.as_str(), Some("inclusive" | "exclusive" | "none")),
            "discount_type" => matches!(value.as_str(), Some("percentage" | "amount")),
            "billing_frequency" => value == "one-time",
            "product_variation_id" | "billing_frequency_cycles" => value.is_null() || value.is_i64(),
            "billing_start_date" => value.is_null() || value.is_string(),
            _ => false,
        };
        if !fits {
            return Err(Refusal::schema(name, "the value does not fit a product of a deal"));
        }
    }
    for name in ["product_id", "item_price", "quantity"] {
        if new && !body.contains_key(name) {
            return Err(Refusal::schema(name, "is required"));
        }
    }
    Ok(body.clone())
}
