//! What must be true of companies.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Fields, Kind, RecordId};
use sync_core::engine::LinkRow;
use sync_core::flow::{IfEmpty, Side};
use sync_core::plan::{FieldWrite, Why};
use sync_core::state::{AuditLine, Issue, Subject};

use super::super::companies::{EDITED, FIELDS, field_name};
use super::super::history::companies;
use super::super::world::{Item, World, plain};

const FLOW: &str = "companies";

/// Checks what was promised of companies.
pub(super) fn check(
    world: &World,
    audit: &[AuditLine],
    links: &[LinkRow],
    asked: &[Issue],
) -> Result<(), String> {
    let of_flow = |flow: &str| flow == FLOW;
    let links: Vec<LinkRow> = links.iter().filter(|link| of_flow(&link.flow)).cloned().collect();
    let asked: Vec<Issue> = asked.iter().filter(|issue| of_flow(&issue.flow)).cloned().collect();
    let questions: BTreeSet<String> =
        asked.iter().filter_map(|issue| Some(issue.field.clone()? + &issue.message)).collect();
    no_duplicates(world, &asked)?;
    everyone_is_linked(world, &links, &asked)?;
    nothing_comes_back(world, audit)?;
    both_sides_agree(world, &links, &questions)?;
    no_edit_is_lost(world, &links, audit, &questions)
}

fn live(world: &World, side: Side) -> impl Iterator<Item = (&String, &Item)> {
    let ground = if side == Side::Exact { &world.exact } else { &world.crm };
    ground.items.iter().filter(|(_, item)| !item.deleted && item.kind == Kind::Company)
}

/// The engine never makes a second one. A person may, by entering a company that a run is just creating; then somebody
/// is asked about it.
fn no_duplicates(world: &World, asked: &[Issue]) -> Result<(), String> {
    for side in [Side::Exact, Side::Crm] {
        let mut seen = BTreeMap::new();
        for (id, item) in live(world, side) {
            if let Some(company) = world.company(side, id)
                && let Some((twin, by_person)) = seen.insert(company.clone(), (id, item.by_person))
            {
                let about = |id: &String| {
                    asked.iter().any(|issue| issue.subject == Subject::Record(side, RecordId::new(id)))
                };
                let found = (by_person || item.by_person) && (about(id) || about(twin));
                if !found {
                    return Err(format!("{company} stands twice in {side}: {twin} and {id}"));
                }
            }
        }
    }
    Ok(())
}

/// Every record is linked, or its company was deleted on the other side, or a person is asked about it.
fn everyone_is_linked(world: &World, links: &[LinkRow], asked: &[Issue]) -> Result<(), String> {
    // A question about one record of a company holds back the others.
    let asked: BTreeSet<_> = asked
        .iter()
        .filter_map(|issue| match &issue.subject {
            Subject::Record(side, id) => world.company(*side, id.as_str()),
            _ => None,
        })
        .collect();
    for side in [Side::Exact, Side::Crm] {
        for (id, _) in live(world, side) {
            let linked = links.iter().any(|link| {
                *id == if side == Side::Exact { link.exact_id.clone() } else { link.crm_id.clone() }
            });
            let other = if side == Side::Exact { &world.crm } else { &world.exact };
            let company = world.company(side, id);
            let ended = other
                .items
                .iter()
                .any(|(twin, item)| item.deleted && world.company(side.other(), twin) == company);
            if !linked && !ended && company.as_ref().is_none_or(|company| !asked.contains(company)) {
                return Err(format!("{company:?} ({id} in {side}) is neither linked nor asked about"));
            }
        }
    }
    Ok(())
}

/// What was linked when a person deleted it in Exact, the engine never creates anew.
fn nothing_comes_back(world: &World, audit: &[AuditLine]) -> Result<(), String> {
    let ended =
        |id: &String| audit.iter().any(|line| line.action == "end" && line.record == Some(RecordId::new(id)));
    for (gone, deleted) in world.exact.items.iter().filter(|(id, item)| item.deleted && ended(id)) {
        let company = world.company(Side::Exact, gone);
        let back = live(world, Side::Exact).find(|(id, item)| {
            !item.by_person
                && item.created_at > deleted.changed_at
                && world.company(Side::Exact, id) == company
        });
        if let Some((id, _)) = back {
            return Err(format!("{company:?} was deleted in Exact as {gone} and came back as {id}"));
        }
    }
    Ok(())
}

fn pairs<'a>(
    world: &'a World,
    links: &'a [LinkRow],
) -> impl Iterator<Item = (&'a LinkRow, &'a Item, &'a Item)> {
    links.iter().filter_map(|link| {
        let exact = world.exact.items.get(&link.exact_id).filter(|item| !item.deleted)?;
        let crm = world.crm.items.get(&link.crm_id).filter(|item| !item.deleted)?;
        Some((link, exact, crm))
    })
}

/// How many records ever stood for a company on a side.
fn records(world: &World, side: Side, company: &str) -> usize {
    let ground = if side == Side::Exact { &world.exact } else { &world.crm };
    ground.items.keys().filter(|id| world.company(side, id).as_deref() == Some(company)).count()
}

fn in_question(questions: &BTreeSet<String>, field: usize, value: &str) -> bool {
    questions
        .iter()
        .map(|question| question.replace("~`", "`"))
        .any(|question| question.starts_with(FIELDS[field].0) && question.contains(&format!("`{value}`")))
}

/// Equal values, or a declared reason why not: a question about the field, or an empty side that says nothing.
fn both_sides_agree(world: &World, links: &[LinkRow], questions: &BTreeSet<String>) -> Result<(), String> {
    let flow = companies();
    for (link, exact, crm) in pairs(world, links) {
        for (field, (name, _)) in FIELDS.iter().enumerate() {
            let (one, other) =
                (shown(&exact.fields, field, Side::Exact), shown(&crm.fields, field, Side::Crm));
            let keeps = flow.rule(name).is_some_and(|rule| rule.if_empty == IfEmpty::Keep);
            let silent = keeps && (one.is_empty() || other.is_empty());
            if one != other && !silent && !in_question(questions, field, &one) {
                return Err(format!("{name} of {link:?}: Exact has `{one}`, the CRM `{other}`"));
            }
        }
    }
    Ok(())
}

/// The last value that a person typed on a side stands there still, or went to the audit as the loser, or was replaced
/// on the other side after it had arrived there, or was overwritten before anybody could read it.
fn no_edit_is_lost(
    world: &World,
    links: &[LinkRow],
    audit: &[AuditLine],
    questions: &BTreeSet<String>,
) -> Result<(), String> {
    // A change of the other side may replace only what had arrived there before.
    let by_rule = |write: &&FieldWrite| matches!(write.why, Why::Owner | Why::Conflict);
    let lost_by_rule: BTreeSet<String> =
        audit.iter().flat_map(|line| &line.fields).filter(by_rule).map(|write| plain(&write.from)).collect();
    for (link, exact, crm) in pairs(world, links) {
        let Some(company) = world.company(Side::Exact, &link.exact_id) else { continue };
        let Some(edits) = world.edits.get(&company) else { continue };
        // Which of two records of one company an edit was for, the ledger does not tell.
        if [Side::Exact, Side::Crm].iter().any(|side| records(world, *side, &company) > 1) {
            continue;
        }
        for field in EDITED {
            for side in [Side::Exact, Side::Crm] {
                let Some(last) = edits.iter().rev().find(|edit| edit.side == side && edit.field == field)
                else {
                    continue;
                };
                let stands = shown(&exact.fields, field, Side::Exact) == last.value
                    || shown(&crm.fields, field, Side::Crm) == last.value;
                let arrived = world.held.contains(&(side.other(), last.value.clone()));
                let known = last.value.is_empty()
                    || lost_by_rule.contains(&last.value)
                    || world.unseen_losses.contains(&last.value)
                    || in_question(questions, field, &last.value);
                if !stands && !arrived && !known {
                    return Err(format!(
                        "the edit of {} to `{}` in {side} is lost ({link:?})",
                        FIELDS[field].0, last.value
                    ));
                }
            }
        }
    }
    Ok(())
}

/// What a person would see of a record.
fn shown(fields: &Fields, field: usize, side: Side) -> String {
    fields.get(field_name(field, side)).map(plain).unwrap_or_default()
}
