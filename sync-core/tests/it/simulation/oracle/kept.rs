//! What must be true of records that are kept in agreement.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Fields, Kind, RecordId};
use sync_core::engine::LinkRow;
use sync_core::flow::{Flow, IfEmpty, Side};
use sync_core::plan::{FieldWrite, Why};
use sync_core::state::{AuditLine, Issue, Subject};

use super::super::sort::Sort;
use super::super::world::{Item, World, plain};
use super::people;

/// Checks what was promised of a sort of record.
pub(super) fn check(
    world: &World,
    (sort, flow): (&Sort, &Flow),
    audit: &[AuditLine],
    links: &[LinkRow],
    asked: &[Issue],
) -> Result<(), String> {
    let of_flow = |flow: &str| flow == sort.flow;
    let links: Vec<LinkRow> = links.iter().filter(|link| of_flow(&link.flow)).cloned().collect();
    let asked: Vec<Issue> = asked.iter().filter(|issue| of_flow(&issue.flow)).cloned().collect();
    let questions: BTreeSet<String> =
        asked.iter().filter_map(|issue| Some(issue.field.clone()? + &issue.message)).collect();
    no_duplicates(world, sort, &asked)?;
    everyone_is_linked(world, sort, &links, &asked)?;
    nothing_comes_back(world, sort, audit)?;
    both_sides_agree(world, (sort, flow), &links, &questions)?;
    no_edit_is_lost(world, sort, &links, audit, &questions)
}

fn live<'w>(world: &'w World, sort: &Sort, side: Side) -> impl Iterator<Item = (&'w String, &'w Item)> {
    let kind = sort.kind;
    world.ground(side).items.iter().filter(move |(_, item)| !item.deleted && item.kind == kind)
}

/// The engine never makes a second one. A person may, by entering a record that a run is just creating; then somebody
/// is asked about it.
fn no_duplicates(world: &World, sort: &Sort, asked: &[Issue]) -> Result<(), String> {
    for side in [Side::Exact, Side::Crm] {
        let mut seen = BTreeMap::new();
        for (id, item) in live(world, sort, side) {
            if let Some(known_as) = world.known_as(side, id)
                && let Some((twin, by_person)) = seen.insert(known_as.clone(), (id, item.by_person))
            {
                let about = |id: &String| {
                    asked.iter().any(|issue| issue.subject == Subject::Record(side, RecordId::new(id)))
                };
                let found = (by_person || item.by_person) && (about(id) || about(twin));
                if !found && !was_forgotten(world, sort, &known_as) {
                    return Err(format!("{known_as} stands twice in {side}: {twin} and {id}"));
                }
            }
        }
    }
    Ok(())
}

/// Every record is linked, or its twin was deleted on the other side, or a person is asked about it.
fn everyone_is_linked(world: &World, sort: &Sort, links: &[LinkRow], asked: &[Issue]) -> Result<(), String> {
    // A question about one of two twins holds back the other one.
    let asked: BTreeSet<_> = asked
        .iter()
        .filter_map(|issue| match &issue.subject {
            Subject::Record(side, id) => world.known_as(*side, id.as_str()),
            _ => None,
        })
        .collect();
    for side in [Side::Exact, Side::Crm] {
        for (id, item) in live(world, sort, side) {
            let linked = links.iter().any(|link| {
                *id == if side == Side::Exact { link.exact_id.clone() } else { link.crm_id.clone() }
            });
            let known_as = world.known_as(side, id);
            let mut twins = world.ground(side.other()).items.iter();
            let ended =
                twins.any(|(twin, item)| item.deleted && world.known_as(side.other(), twin) == known_as);
            if !linked
                && !ended
                && !people::is_left_alone(world, side, item)
                && known_as.as_ref().is_none_or(|known_as| !asked.contains(known_as))
            {
                return Err(format!("{known_as:?} ({id} in {side}) is neither linked nor asked about"));
            }
        }
    }
    Ok(())
}

/// What was linked when a person deleted it in Exact, the engine never creates anew.
fn nothing_comes_back(world: &World, sort: &Sort, audit: &[AuditLine]) -> Result<(), String> {
    let ended =
        |id: &String| audit.iter().any(|line| line.action == "end" && line.record == Some(RecordId::new(id)));
    let of_sort = |item: &Item| item.kind == sort.kind && item.deleted;
    for (gone, deleted) in world.exact.items.iter().filter(|(id, item)| of_sort(item) && ended(id)) {
        let known_as = world.known_as(Side::Exact, gone);
        let back = live(world, sort, Side::Exact).find(|(id, item)| {
            !item.by_person
                && item.created_at > deleted.changed_at
                && world.known_as(Side::Exact, id) == known_as
        });
        let forgotten = known_as.as_ref().is_some_and(|known_as| was_forgotten(world, sort, known_as));
        if let (Some((id, _)), false) = (back, forgotten) {
            return Err(format!("{known_as:?} was deleted in Exact as {gone} and came back as {id}"));
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

/// How many records on a side ever stood for the same.
fn records(world: &World, side: Side, known_as: &str) -> usize {
    world.ground(side).items.keys().filter(|id| world.known_as(side, id).as_deref() == Some(known_as)).count()
}

/// Nothing is kept of a person whose record was deleted in Exact: nobody knows that another record in the CRM was a twin
/// of theirs.
fn was_forgotten(world: &World, sort: &Sort, known_as: &str) -> bool {
    let deleted = |(id, item): (&String, &Item)| {
        item.deleted && world.known_as(Side::Exact, id).as_deref() == Some(known_as)
    };
    sort.kind == Kind::Contact
        && world.exact.items.iter().any(deleted)
        && records(world, Side::Crm, known_as) > 1
}

fn in_question(questions: &BTreeSet<String>, field: &str, value: &str) -> bool {
    questions
        .iter()
        .map(|question| question.replace("~`", "`"))
        .any(|question| question.starts_with(field) && question.contains(&format!("`{value}`")))
}

/// Equal values, or a declared reason why not: a question about the field, or an empty side that says nothing.
fn both_sides_agree(
    world: &World,
    (sort, flow): (&Sort, &Flow),
    links: &[LinkRow],
    questions: &BTreeSet<String>,
) -> Result<(), String> {
    for (link, exact, crm) in pairs(world, links) {
        for (name, in_crm) in sort.fields {
            let (one, other) = (shown(&exact.fields, name), shown(&crm.fields, in_crm));
            let keeps = flow.rule(name).is_some_and(|rule| rule.if_empty == IfEmpty::Keep);
            let silent = keeps && (one.is_empty() || other.is_empty());
            if one != other && !silent && !in_question(questions, name, &one) {
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
    sort: &Sort,
    links: &[LinkRow],
    audit: &[AuditLine],
    questions: &BTreeSet<String>,
) -> Result<(), String> {
    // A change of the other side may replace only what had arrived there before.
    let by_rule = |write: &&FieldWrite| matches!(write.why, Why::Owner | Why::Conflict);
    let lost_by_rule: BTreeSet<String> =
        audit.iter().flat_map(|line| &line.fields).filter(by_rule).map(|write| plain(&write.from)).collect();
    for (link, exact, crm) in pairs(world, links) {
        let Some(known_as) = world.known_as(Side::Exact, &link.exact_id) else { continue };
        let Some(edits) = world.edits.get(&known_as) else { continue };
        // Which of two twins an edit was for, the ledger does not tell.
        if [Side::Exact, Side::Crm].iter().any(|side| records(world, *side, &known_as) > 1) {
            continue;
        }
        for field in sort.edited.clone() {
            let (name, in_crm) = sort.fields[field];
            for side in [Side::Exact, Side::Crm] {
                let Some(last) = edits.iter().rev().find(|edit| edit.side == side && edit.field == field)
                else {
                    continue;
                };
                let stands = [shown(&exact.fields, name), shown(&crm.fields, in_crm)].contains(&last.value);
                let arrived = world.held.contains(&(side.other(), last.value.clone()));
                let known = last.value.is_empty()
                    || lost_by_rule.contains(&last.value)
                    || world.unseen_losses.contains(&last.value)
                    || in_question(questions, name, &last.value);
                if !stands && !arrived && !known {
                    return Err(format!(
                        "the edit of {name} to `{}` in {side} is lost ({link:?})",
                        last.value
                    ));
                }
            }
        }
    }
    Ok(())
}

/// What a person would see of a record.
fn shown(fields: &Fields, field: &str) -> String {
    fields.get(field).map(plain).unwrap_or_default()
}
