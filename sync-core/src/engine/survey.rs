//! What a run would come to, worked out without a write: for a plan, and for the brakes.

use crm_adapters::RecordId;

use super::bill::{Bill, Costs};
use super::derive::{Ground, Step, StepKind};
use super::foreseen::Foreseen;
use super::names::Names;
use super::report::{Brake, FlowPlan, PlanField, PlanItem};
use crate::error::Result;
use crate::flow::Side;
use crate::plan::{FieldWrite, Why};
use crate::state::IssueState;

/// About how many writes are to come, and the brake that stops them. Everything is derived beforehand only where so
/// many records are not in agreement that a brake could be pulled.
pub(super) async fn foresee(ground: &Ground<'_>, created: u64, yes: bool) -> Result<(u64, Option<Brake>)> {
    let engine = ground.session.engine;
    let mut records = 0;
    for side in [Side::Exact, Side::Crm] {
        records += engine.store.count(&engine.tenant, &ground.dirty(side)).await?;
    }
    let mut plan = FlowPlan::new(&ground.mapping.flow.name, ground.division);
    // The worst that so many records can come to.
    plan.create.add(Side::Crm, records);
    plan.deletes = records;
    plan.clears = records * ground.mapping.rules.len() as u64;
    if yes || brake(ground, &plan, created).is_none() {
        return Ok((records, None));
    }
    let mut plan = FlowPlan::new(&ground.mapping.flow.name, ground.division);
    survey(ground, &mut plan, None).await?;
    Ok((plan.create.total() + plan.update.total(), brake(ground, &plan, created)))
}

/// What a plan tells besides its counts.
pub(super) struct Detail<'p> {
    /// Its lines, where asked for.
    pub(super) items: Option<&'p mut Vec<PlanItem>>,
    pub(super) costs: &'p mut Costs,
    /// What it creates and ties.
    pub(super) foreseen: &'p mut Foreseen,
}

/// Counts what would be done, and tells more of it where asked for. Writes nothing at all.
pub(super) async fn survey(
    ground: &Ground<'_>,
    plan: &mut FlowPlan,
    detail: Option<Detail<'_>>,
) -> Result<()> {
    let engine = ground.session.engine;
    let mut detail =
        detail.map(|Detail { items, costs, foreseen }| (items, Bill::new(ground, costs), foreseen));
    for side in [Side::Exact, Side::Crm] {
        let mut scan = ground.dirty(side);
        loop {
            let rows = engine.store.scan(&engine.tenant, &scan).await?;
            let steps = ground.derive(side, &rows).await?;
            let names = match &detail {
                Some((Some(_), ..)) => Names::for_people(ground, &steps).await?,
                _ => Names::default(),
            };
            for step in steps {
                count(&step, ground.mapping.flow.sync_key.is_some(), plan);
                let Some((items, bill, foreseen)) = detail.as_mut() else { continue };
                foreseen.add(ground, &step);
                if let Some(items) = items {
                    items.extend(listed(ground, &step, &names));
                }
                bill.add(&step).await?;
            }
            match rows.last() {
                Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
                _ => break,
            }
        }
        if let Some((_, bill, _)) = detail.as_mut() {
            bill.close().await?;
        }
    }
    Ok(())
}

fn count(step: &Step, keyed: bool, plan: &mut FlowPlan) {
    plan.issues += step.issues.iter().filter(|issue| issue.state == IssueState::Open).count() as u64;
    match &step.kind {
        StepKind::Create(side, writes) => {
            plan.create.add(*side, 1);
            plan.update.exact += u64::from(writes.iter().any(|write| write.why == Why::Promoted));
            plan.update.add(*side, u64::from(writes.iter().any(|write| write.why == Why::Afterwards)));
            // The key of what is created in Exact is written to the CRM's record afterwards.
            plan.update.crm += u64::from(*side == Side::Exact && keyed);
        }
        StepKind::End(_) => plan.deletes += 1,
        StepKind::Retire(side) => {
            plan.deletes += 1;
            plan.update.add(*side, 1);
            plan.update.crm += u64::from(!step.merge.crm.is_empty());
        }
        StepKind::Merge | StepKind::Tie => {
            plan.link += u64::from(step.kind == StepKind::Tie);
            plan.clears += step.merge.clears();
            for side in [Side::Exact, Side::Crm] {
                plan.update.add(side, u64::from(!step.merge.writes(side).is_empty()));
            }
        }
        StepKind::Wait => plan.waiting += u64::from(!step.merge.waits.is_empty()),
        _ => {}
    }
}

/// The lines of a plan that a step becomes, one for each write and each question, with the names that the plan has for
/// what was created since.
pub(super) fn listed(ground: &Ground<'_>, step: &Step, names: &Names) -> Vec<PlanItem> {
    let flow = &ground.mapping.flow;
    let sides = [Side::Exact, Side::Crm].into_iter();
    let name = sides.filter_map(|side| flow.label(side, step.seen(side)?.fields())).next();
    let item = |action: &str, side: Side, id: Option<&RecordId>, fields: &[FieldWrite]| PlanItem {
        flow: flow.name.clone(),
        division: ground.division,
        link: matches!(step.kind, StepKind::Merge | StepKind::End(_) | StepKind::Retire(_))
            .then_some(step.link.id),
        side,
        id: id.cloned(),
        name: name.clone().unwrap_or_default(),
        action: action.to_owned(),
        fields: fields.iter().map(|write| (write.field.clone(), names.field(ground, side, write))).collect(),
        message: None,
    };
    let mut items = Vec::new();
    match &step.kind {
        StepKind::Create(side, fields) => {
            let mut line = item("create", *side, step.seen(side.other()).map(|seen| &seen.id), fields);
            line.message = (!step.notes.is_empty()).then(|| step.notes.join("; "));
            items.push(line);
        }
        StepKind::End(side) => items.push(item("end", *side, step.link.record(*side), &[])),
        StepKind::Retire(side) => {
            let mut line = item("archive", *side, step.link.record(*side), &[]);
            line.message = Some("it was created by a run that is taken back".to_owned());
            items.push(line);
            if !step.merge.crm.is_empty() {
                items.push(item("update", Side::Crm, step.link.record(Side::Crm), &step.merge.crm));
            }
        }
        StepKind::Merge | StepKind::Tie => {
            if step.kind == StepKind::Tie {
                let mut line = item("link", Side::Crm, step.link.record(Side::Crm), &[]);
                line.fields.insert("exact".to_owned(), PlanField::of_tie(&step.link));
                items.push(line);
            }
            for side in [Side::Exact, Side::Crm] {
                let writes = step.merge.writes(side);
                if !writes.is_empty() {
                    items.push(item("update", side, step.link.record(side), writes));
                }
            }
        }
        _ => {}
    }
    for issue in &step.issues {
        let mut line = item("issue", step.side, step.seen(step.side).map(|seen| &seen.id), &[]);
        line.message = Some(issue.message.clone());
        items.push(line);
    }
    items
}

pub(super) fn brake(ground: &Ground<'_>, plan: &FlowPlan, created: u64) -> Option<Brake> {
    let limits = ground.mapping.flow.brakes;
    if plan.create.total() + created > limits.creates {
        Some(Brake::Creates)
    } else if plan.deletes > limits.deletes {
        Some(Brake::Deletes)
    } else if plan.clears > limits.clears {
        Some(Brake::Clears)
    } else {
        None
    }
}
