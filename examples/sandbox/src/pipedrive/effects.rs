//! What the service does by itself to a record that is written.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::company::Company;
use super::entity::{Accepts, Entity, Kind};
use super::records::{Changes, Record, rfc3339};
use super::refusal::Refusal;

/// Completes the changes of a create (no `old`) or an update.
pub(super) fn complete(
    entity: &Entity,
    changes: &mut Changes,
    old: Option<&Record>,
    company: &Company,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if let Some(owner) = changes.get("owner_id").filter(|owner| !company.has_user(owner)) {
        return Err(Refusal::schema("owner_id", &format!("there is no user {owner}")));
    }
    match entity.kind {
        Kind::Person => name_parts(changes),
        Kind::Product => prices(changes, old),
        Kind::Deal => {
            stage(changes, company)?;
            status(changes, old, entity, now)?;
            moved(changes, old, entity, now);
        }
        Kind::Note if old.is_none() => attached(entity, changes)?,
        Kind::Lead if old.is_none() => needs(changes, ["person_id", "organization_id"])?,
        _ => {}
    }
    Ok(())
}

fn name_parts(changes: &mut Changes) {
    let Some(name) = changes.get("name").and_then(Value::as_str).map(str::to_owned) else { return };
    let (first, last) =
        name.split_once(' ').map_or((name.as_str(), None), |(first, last)| (first, Some(last)));
    changes.set("first_name", json!(first));
    changes.set("last_name", json!(last));
}

/// One price for each currency; a new product without prices costs nothing in the user's currency.
fn prices(changes: &mut Changes, old: Option<&Record>) {
    let given = match changes.get("prices") {
        Some(given) => given.clone(),
        None if old.is_none() => json!([{ "currency": "EUR", "price": 0 }]),
        None => return,
    };
    let full = given.as_array().into_iter().flatten().map(|price| {
        json!({ "currency": price["currency"], "price": price["price"].as_f64().map_or(json!(0), |_| price["price"].clone()),
            "cost": if price["cost"].is_null() { json!(0) } else { price["cost"].clone() },
            "direct_cost": price["direct_cost"], "notes": price["notes"].as_str().unwrap_or_default() })
    });
    changes.set("prices", full.collect());
}

/// A stage brings its pipeline along, a pipeline alone its first stage.
fn stage(changes: &mut Changes, company: &Company) -> Result<(), Refusal> {
    let wrong = |code: &str| Refusal::schema(code, "there is none with this id, or not in this pipeline");
    match (changes.get("pipeline_id").cloned(), changes.get("stage_id").cloned()) {
        (pipeline, Some(stage)) => {
            let own = company.pipeline_of(&stage).ok_or_else(|| wrong("stage_id"))?;
            if pipeline.is_some_and(|pipeline| pipeline != own) {
                return Err(wrong("stage_id"));
            }
            changes.set("pipeline_id", json!(own));
        }
        (Some(pipeline), None) => {
            let first = company.first_stage(&pipeline).ok_or_else(|| wrong("pipeline_id"))?;
            changes.set("stage_id", json!(first));
        }
        (None, None) => {}
    }
    Ok(())
}

/// Winning and losing stamp their times; opening again takes them away.
fn status(
    changes: &mut Changes,
    old: Option<&Record>,
    entity: &Entity,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let before = old.map_or_else(|| json!("open"), |old| old.property(entity, "status"));
    let status = changes.get("status").cloned().unwrap_or_else(|| before.clone());
    for (code, allowed) in [("lost_reason", "lost"), ("won_time", "won"), ("lost_time", "lost")] {
        if changes.get(code).is_some_and(|value| !value.is_null()) && status != allowed {
            return Err(Refusal::schema(code, &format!("can be set on a {allowed} deal only")));
        }
    }
    if status == before {
        return Ok(());
    }
    let closed = json!(rfc3339(now));
    for (code, when) in [("won_time", "won"), ("lost_time", "lost")] {
        if changes.get(code).is_none() {
            changes.set(code, if status == when { closed.clone() } else { Value::Null });
        }
    }
    if changes.get("close_time").is_none() {
        changes.set("close_time", if status == "open" { Value::Null } else { closed });
    }
    Ok(())
}

fn moved(changes: &mut Changes, old: Option<&Record>, entity: &Entity, now: DateTime<Utc>) {
    let moved = match (changes.get("stage_id"), old) {
        (Some(stage), Some(old)) => *stage != old.property(entity, "stage_id"),
        _ => false,
    };
    if moved {
        changes.set("stage_change_time", json!(rfc3339(now)));
    }
}

fn attached(entity: &Entity, changes: &Changes) -> Result<(), Refusal> {
    let to = |code: &str| changes.get(code).is_some_and(|id| !id.is_null());
    let mut references = entity
        .properties
        .iter()
        .filter(|property| matches!(property.accepts, Some(Accepts::Ref(_))) || property.code == "lead_id");
    if references.any(|property| to(property.code)) {
        return Ok(());
    }
    Err(Refusal::schema("deal_id", "a note stands on a deal, a person, an organization or a lead"))
}

fn needs(changes: &Changes, one_of: [&str; 2]) -> Result<(), Refusal> {
    if one_of.iter().any(|code| changes.get(code).is_some_and(|id| !id.is_null())) {
        return Ok(());
    }
    Err(Refusal::schema(one_of[0], "a lead stands on a person or an organization"))
}
