//! Discounts on a whole deal, and what they take off its value.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::entity::Kind;
use super::lines::decimal;
use super::records::rfc3339;
use super::refusal::Refusal;
use super::state::State;

/// One discount, by the deal that it is on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Discount {
    deal: i64,
    values: Map<String, Value>,
}

impl Discount {
    fn is(&self, deal: i64, id: &str) -> bool {
        self.deal == deal && self.values["id"] == id
    }

    /// What it takes off the products together. How several go together is not documented: here each counts from the
    /// whole.
    fn off(&self, whole: Decimal) -> Decimal {
        let amount = decimal(&self.values["amount"]);
        if self.values["type"] == "amount" { amount } else { whole * amount / Decimal::ONE_HUNDRED }
    }
}

impl State {
    pub(super) fn discounts_shown(&self, deal: i64) -> Vec<Value> {
        let own = self.discounts.iter().filter(|discount| discount.deal == deal);
        own.map(|discount| Value::Object(discount.values.clone())).collect()
    }

    pub(super) fn add_discount(
        &mut self,
        deal: i64,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        self.shelf(Kind::Deal).table.alive(deal).ok_or_else(|| Refusal::not_found("Deal"))?;
        let mut values = read(body, true)?;
        let id = uuid::Builder::from_random_bytes(rand::Rng::random(&mut self.random)).into_uuid();
        for (name, value) in [
            ("id", json!(id)),
            ("deal_id", json!(deal)),
            ("created_at", json!(rfc3339(now))),
            ("created_by", json!(1)),
            ("updated_at", json!(rfc3339(now))),
            ("updated_by", json!(1)),
        ] {
            values.insert(name.to_owned(), value);
        }
        self.discounts.push(Discount { deal, values: values.clone() });
        self.revalue(deal, now);
        Ok(values.into())
    }

    pub(super) fn edit_discount(
        &mut self,
        deal: i64,
        id: &str,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        let values = read(body, false)?;
        let found = self.discounts.iter_mut().find(|discount| discount.is(deal, id));
        let discount = found.ok_or_else(|| Refusal::not_found("Discount"))?;
        discount.values.extend(values);
        discount.values.insert("updated_at".to_owned(), json!(rfc3339(now)));
        let shown = Value::Object(discount.values.clone());
        self.revalue(deal, now);
        Ok(shown)
    }

    pub(super) fn remove_discount(&mut self, deal: i64, id: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let before = self.discounts.len();
        self.discounts.retain(|discount| !discount.is(deal, id));
        if self.discounts.len() == before {
            return Err(Refusal::not_found("Discount"));
        }
        self.revalue(deal, now);
        Ok(())
    }

    /// What the products of a deal come to after its discounts.
    pub(super) fn discounted(&self, deal: i64, whole: Decimal) -> Decimal {
        let own = self.discounts.iter().filter(|discount| discount.deal == deal);
        (whole - own.map(|discount| discount.off(whole)).sum::<Decimal>()).round_dp(2)
    }
}

/// The checked content of a discount. What a new one needs is asked of a new one only.
fn read(body: &Value, new: bool) -> Result<Map<String, Value>, Refusal> {
    let body = body.as_object().ok_or_else(|| Refusal::schema("body", "must be an object"))?;
    for (name, value) in body {
        let fits = match name.as_str() {
            "description" => value.is_string(),
            "amount" => value.as_f64().is_some_and(|amount| amount > 0.0),
            "type" => matches!(value.as_str(), Some("percentage" | "amount")),
            _ => false,
        };
        if !fits {
            return Err(Refusal::schema(name, "the value does not fit a discount"));
        }
    }
    for name in ["description", "amount", "type"] {
        if new && !body.contains_key(name) {
            return Err(Refusal::schema(name, "is required"));
        }
    }
    Ok(body.clone())
}
