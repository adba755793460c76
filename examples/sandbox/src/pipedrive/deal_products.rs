//! Putting products on deals and taking them off, each time with the deal's new value.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::entity::Kind;
use super::lines::{Line, MOST_AT_ONCE, number, read};
use super::list::{by_position, read_int};
use super::records::Changes;
use super::refusal::Refusal;
use super::state::{State, data};
use crate::http::{Reply, Request};

impl State {
    pub(super) fn lines_of_deals(&self, request: &Request) -> Result<Reply, Refusal> {
        let ids = request.parameter("deal_ids");
        let ids = ids.ok_or_else(|| Refusal::schema("deal_ids", "is required"))?.split(',');
        let deals = ids.map(|id| read_int("deal_ids", id.trim())).collect::<Result<Vec<_>, _>>()?;
        if deals.len() > MOST_AT_ONCE {
            return Err(Refusal::schema("deal_ids", "may name up to 100"));
        }
        let mut lines: Vec<Value> = deals.into_iter().flat_map(|deal| self.lines_shown(deal)).collect();
        lines.sort_by_key(|line| line["id"].as_i64());
        let (lines, next) = by_position(lines, request, 500, &self.settings)?;
        Ok(self.page(Value::Array(lines), next))
    }

    /// The lines of a deal, none of one that does not exist.
    pub(super) fn lines_shown(&self, deal: i64) -> Vec<Value> {
        self.lines.of(deal).map(|line| self.line_shown(line)).collect()
    }

    fn line_shown(&self, line: &Line) -> Value {
        let products = self.shelf(Kind::Product);
        let product = products.table.alive(line.product());
        let name = product.map(|product| product.title(products.entity)).unwrap_or_default();
        let deals = self.shelf(Kind::Deal);
        let deal = deals.table.alive(line.deal);
        let currency = deal.map(|deal| deal.property(deals.entity, "currency")).unwrap_or_default();
        line.to_json(name, &currency)
    }

    pub(super) fn add_line(&mut self, deal: i64, body: &Value, now: DateTime<Utc>) -> Result<Value, Refusal> {
        let mut added = self.add_lines(deal, &json!({ "data": [body] }), now)?;
        Ok(added.pop().unwrap_or_default())
    }

    /// All of them or none.
    pub(super) fn add_lines(
        &mut self,
        deal: i64,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<Vec<Value>, Refusal> {
        self.shelf(Kind::Deal).table.alive(deal).ok_or_else(|| Refusal::not_found("Deal"))?;
        let given = body["data"].as_array().filter(|lines| (1..=MOST_AT_ONCE).contains(&lines.len()));
        let given = given.ok_or_else(|| Refusal::schema("data", "holds 1 to 100 products"))?;
        let new = given.iter().map(|line| self.checked(line, true)).collect::<Result<Vec<_>, _>>()?;
        let added: Vec<i64> = new.into_iter().map(|line| self.lines.add(deal, line, now).id).collect();
        self.revalue(deal, now);
        let added: Vec<Value> = self
            .lines
            .of(deal)
            .filter(|line| added.contains(&line.id))
            .map(|line| self.line_shown(line))
            .collect();
        for line in &added {
            self.tell_line("create", line.clone(), Value::Null, now);
        }
        Ok(added)
    }

    pub(super) fn edit_line(
        &mut self,
        deal: i64,
        id: i64,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        let values = self.checked(body, false)?;
        let before = self.line_told(deal, id);
        let line = self.lines.change(deal, id, values, now).cloned();
        let line = line.ok_or_else(|| Refusal::not_found("Deal product"))?;
        self.revalue(deal, now);
        let shown = self.line_shown(&line);
        self.tell_line("change", shown.clone(), before, now);
        Ok(shown)
    }

    pub(super) fn remove_line(&mut self, deal: i64, id: i64, now: DateTime<Utc>) -> Result<(), Refusal> {
        if !self.take_off(deal, id, now) {
            return Err(Refusal::not_found("Deal product"));
        }
        self.revalue(deal, now);
        Ok(())
    }

    fn take_off(&mut self, deal: i64, id: i64, now: DateTime<Utc>) -> bool {
        let before = self.line_told(deal, id);
        let removed = self.lines.remove(deal, id);
        if removed {
            self.tell_line("delete", Value::Null, before, now);
        }
        removed
    }

    /// A line as events show it.
    fn line_told(&self, deal: i64, id: i64) -> Value {
        let found = self.lines.of(deal).find(|line| line.id == id);
        found.map(|line| self.line_shown(line)).unwrap_or_default()
    }

    /// Those that `ids` names; without it up to a hundred, whichever they are.
    pub(super) fn remove_lines(
        &mut self,
        deal: i64,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        let ids: Vec<i64> = match request.parameter("ids") {
            Some(ids) => ids.split(',').map(|id| read_int("ids", id.trim())).collect::<Result<_, _>>()?,
            None => self.lines.of(deal).map(|line| line.id).take(MOST_AT_ONCE).collect(),
        };
        let removed: Vec<i64> = ids.into_iter().filter(|id| self.take_off(deal, *id, now)).collect();
        self.revalue(deal, now);
        Ok(data(200, json!({ "ids": removed })))
    }

    fn checked(&self, body: &Value, new: bool) -> Result<serde_json::Map<String, Value>, Refusal> {
        let values = read(body, new)?;
        let product = values.get("product_id").and_then(Value::as_i64);
        if product.is_some_and(|id| self.shelf(Kind::Product).table.alive(id).is_none()) {
            return Err(Refusal::schema("product_id", "there is no such product"));
        }
        Ok(values)
    }

    /// A deal with products is worth what they are, less its discounts; one without keeps the value that it has.
    pub(super) fn revalue(&mut self, deal: i64, now: DateTime<Utc>) {
        if let Some(whole) = self.lines.value_of(deal) {
            let value = number(self.discounted(deal, whole));
            self.put(Kind::Deal.entity(), deal, Changes::one("value", value), now);
        }
    }
}
