//! What must be true of hand-offs: one order for each won deal, none for history, and nothing changed in silence.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use crm_adapters::{Fields, Kind, RecordId, Value};
use sync_core::engine::LinkRow;
use sync_core::flow::Side;
use sync_core::state::{AuditLine, Issue, Subject};

use super::super::trade::{Trade, key_of, lines, text};
use super::super::world::{Item, World};
use super::is_found;

const FLOW: &str = "orders";

/// What the engine says of itself.
pub(super) struct Told<'a> {
    pub(super) since: DateTime<Utc>,
    pub(super) audit: &'a [AuditLine],
    pub(super) links: &'a [LinkRow],
    pub(super) asked: &'a [Issue],
}

/// A won deal's orders: those that stand, and those that were deleted.
type Orders<'w> = BTreeMap<String, Vec<(&'w String, &'w Item)>>;

/// Checks every promise about hand-offs; returns what was met.
pub(super) fn check(world: &World, told: &Told<'_>) -> Result<BTreeMap<&'static str, u64>, String> {
    let trade = world.trade.as_ref().ok_or("there is no trade")?;
    if trade.changed_orders > 0 {
        return Err(format!("the engine changed orders {} times", trade.changed_orders));
    }
    let mut orders = Orders::new();
    for (id, item) in world.exact.items.iter().filter(|(_, item)| item.kind == Kind::Order) {
        orders.entry(text(&item.fields, "YourRef")).or_default().push((id, item));
    }
    for (key, orders) in &orders {
        made_once(trade, told, key, orders)?;
    }
    let mut met = BTreeMap::new();
    for (id, deal) in world.crm.items.iter().filter(|(_, item)| item.kind == Kind::Deal) {
        let none = Vec::new();
        let orders = orders.get(&key_of(id)).unwrap_or(&none);
        never_of_history(trade, told, id, orders)?;
        let handed = made_of(trade, orders).is_some();
        let history = trade.won.get(id).is_some_and(|won| won.iter().all(|at| *at < told.since));
        *met.entry("handed over").or_default() += u64::from(handed);
        *met.entry("history left alone").or_default() += u64::from(history && !handed);
        if !deal.deleted {
            handed_over(trade, told, id, deal, orders)?;
            *met.entry("departed and asked about").or_default() += departures(world, told, id, deal, orders)?;
        }
    }
    for (id, item) in world.exact.items.iter().filter(|(id, _)| trade.made.contains_key(*id)) {
        by_a_customer(world, id, item)?;
    }
    let adopted = told.audit.iter().filter(|line| line.flow == FLOW && is_found(line)).count() as u64;
    met.insert("an order was adopted", adopted);
    Ok(met)
}

/// The order of the engine among them.
fn made_of<'w>(trade: &Trade, orders: &[(&'w String, &'w Item)]) -> Option<(&'w String, &'w Item)> {
    orders.iter().copied().find(|(id, _)| trade.made.contains_key(*id))
}

/// The audit's line about how an order was made.
fn audited<'a>(told: &Told<'a>, order: &str) -> Option<&'a AuditLine> {
    told.audit.iter().find(|line| {
        line.flow == FLOW
            && line.record.as_ref().is_some_and(|record| record.as_str() == order)
            && line.is_create()
    })
}

fn about(told: &Told<'_>, side: Side, id: &str) -> bool {
    let subject = Subject::Record(side, RecordId::new(id));
    told.asked.iter().any(|issue| issue.flow == FLOW && issue.subject == subject)
}

/// The engine makes one, and none where a person's stood there when it looked. Where a person entered one right
/// afterwards, somebody is asked. One that a person deleted before its answer came, nobody can know of: it is made anew.
fn made_once(trade: &Trade, told: &Told<'_>, key: &str, orders: &[(&String, &Item)]) -> Result<(), String> {
    let known = |id: &str| audited(told, id).is_some();
    let made: Vec<_> = orders
        .iter()
        .filter(|(id, item)| trade.made.contains_key(*id) && (!item.deleted || known(id)))
        .collect();
    let [(id, _)] = made.as_slice() else {
        let several = made.len() > 1;
        return if several { Err(format!("{key} was ordered {} times", made.len())) } else { Ok(()) };
    };
    let looked = trade.made.get(*id).copied().unwrap_or_default();
    for (by_hand, item) in orders.iter().filter(|(other, item)| other != id && !item.deleted) {
        if item.first <= looked || looked == 0 {
            return Err(format!("{key}: {by_hand} stood there when {id} was made"));
        }
        let made_stands = orders.iter().any(|(other, item)| other == id && !item.deleted);
        if made_stands && !about(told, Side::Exact, id) && !about(told, Side::Exact, by_hand) {
            return Err(format!("{key}: {by_hand} and {id} are there and nobody is asked"));
        }
    }
    Ok(())
}

fn never_of_history(
    trade: &Trade,
    told: &Told<'_>,
    deal: &str,
    orders: &[(&String, &Item)],
) -> Result<(), String> {
    let since = trade.won.get(deal).is_some_and(|won| won.iter().any(|at| *at >= told.since));
    match made_of(trade, orders) {
        Some((order, _)) if !since => Err(format!("{order} was made of {deal}, which is history")),
        _ => Ok(()),
    }
}

/// A deal that is won, and was never won before the flow began, has its order, or somebody is asked.
fn handed_over(
    trade: &Trade,
    told: &Told<'_>,
    id: &str,
    deal: &Item,
    orders: &[(&String, &Item)],
) -> Result<(), String> {
    let due = text(&deal.fields, "status") == "won"
        && trade.won.get(id).is_some_and(|won| won.iter().all(|at| *at >= told.since));
    if due && orders.is_empty() && !about(told, Side::Crm, id) {
        return Err(format!("{id} is won and has neither an order nor a question: {:?}", deal.fields));
    }
    Ok(())
}

/// Whatever of a deal is not what was handed over any more, a person is asked about; returns how many fields are.
fn departures(
    world: &World,
    told: &Told<'_>,
    id: &str,
    deal: &Item,
    orders: &[(&String, &Item)],
) -> Result<u64, String> {
    let trade = world.trade.as_ref().ok_or("there is no trade")?;
    let linked = |order: &str| {
        told.links.iter().any(|link| link.flow == FLOW && link.exact_id == order && link.crm_id == id)
    };
    let Some((order, item)) = made_of(trade, orders).filter(|(order, item)| linked(order) && !item.deleted)
    else {
        return Ok(0);
    };
    let Some(line) = audited(told, order) else {
        // Nobody knows what was sent; it was matched as any order would be.
        return Ok(0);
    };
    let mut departed = vec![("when", text(&deal.fields, "status") != "won")];
    for write in line.fields.iter().filter(|write| !write.rule.is_empty()) {
        if item.fields.get(&write.field) != Some(&write.to) {
            return Err(format!("{} of {order} is not what was handed over", write.field));
        }
        let differs = match write.rule.as_str() {
            "SalesOrderLines" => lines_of(&write.source) != lines_of(&products(deal)),
            "OrderedBy" => write.source.to_string() != text(&deal.fields, "org_id"),
            "Description" => write.source.to_string() != text(&deal.fields, "title"),
            _ => false,
        };
        departed.push((write.rule.as_str(), differs));
    }
    let mut count = 0;
    for (field, departs) in departed {
        let asks = |issue: &&Issue| {
            issue.flow == FLOW
                && issue.subject == Subject::Link(line.link)
                && issue.field.as_deref() == Some(field)
        };
        let asked = told.asked.iter().any(|issue| asks(&issue));
        if asked != departs {
            let what = if departs { "departed, and nobody is asked" } else { "is asked about in vain" };
            return Err(format!("{field} of {id}, handed over as {order}: {what}"));
        }
        count += u64::from(departs);
    }
    Ok(count)
}

fn products(deal: &Item) -> Value {
    Value::Lines(lines(&deal.fields, "products").to_vec())
}

fn lines_of(value: &Value) -> Vec<[String; 3]> {
    let Value::Lines(lines) = value else { return Vec::new() };
    let line = |line: &Fields| ["product_id", "quantity", "item_price"].map(|name| text(line, name));
    lines.iter().map(line).collect()
}

/// Whom an order was made for is a customer by then.
fn by_a_customer(world: &World, id: &str, order: &Item) -> Result<(), String> {
    let account = text(&order.fields, "OrderedBy");
    match world.exact.items.get(&account) {
        Some(customer) if text(&customer.fields, "Status") == "C" => Ok(()),
        Some(_) => Err(format!("{id} was made for {account}, which is no customer")),
        None => Err(format!("{id} was made for {account}, which never was")),
    }
}
