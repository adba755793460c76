//! Carrying out a plan that a person has approved: exactly what it says, or nothing.

use std::collections::BTreeSet;

use crm_adapters::RecordId;

use super::derive::{Ground, Step, StepKind};
use super::foreseen::Creates;
use super::names::Names;
use super::report::{PlanField, PlanItem, PlannedField, RunReport};
use super::session::Session;
use super::survey::listed;
use super::{Engine, RunOptions, pass};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::Side;
use crate::plan::Why;
use crate::state::{decode, plain};
use crate::store::{Key, Table};

/// How many records are named where a plan no longer fits.
const NAMED: usize = 5;

/// The writes of a plan that may be carried out.
#[derive(Clone, Debug, Default)]
pub(super) struct Approved {
    items: BTreeSet<String>,
    /// Each of their fields, for what is still to be written of a record after a first write.
    fields: BTreeSet<String>,
    /// What it creates.
    creates: Creates,
}

impl Approved {
    fn of(items: &[PlanItem]) -> Self {
        let writes: Vec<&PlanItem> = items.iter().filter(|item| item.needs_approval()).collect();
        let fields = writes.iter().flat_map(|item| item.fields.iter().map(|(name, to)| item.field(name, to)));
        let mut creates = Creates::default();
        for item in writes.iter().filter(|item| item.action == "create") {
            item.id.iter().for_each(|source| creates.add(&item.flow, item.division, item.side, source));
        }
        Self { fields: fields.collect(), items: writes.iter().map(|item| item.digest()).collect(), creates }
    }

    /// Whether everything that a step comes to was approved.
    pub(super) fn allows(&self, items: &[PlanItem]) -> bool {
        items.iter().filter(|item| item.needs_approval()).all(|item| self.items.contains(&item.digest()))
    }

    /// Leaves of a step what was approved, field by field: its record was written to, and what the side answered may
    /// show more than the plan had. The key that ties the two records goes with them.
    fn narrow(&self, ground: &Ground<'_>, step: &mut Step, names: &Names) {
        if matches!(step.kind, StepKind::Retire(_)) {
            if !self.allows(&listed(ground, step, names)) {
                step.kind = StepKind::Wait;
            }
            return;
        }
        let mut approved = BTreeSet::new();
        for item in listed(ground, step, names).iter().filter(|item| item.action == "update") {
            // What no create takes was approved with it.
            let create = item.as_create(step.link.record(item.side.other()));
            let fields = item.fields.iter().filter(|(name, to)| {
                self.fields.contains(&item.field(name, to)) || self.fields.contains(&create.field(name, to))
            });
            approved.extend(fields.map(|(name, _)| (item.side, name.clone())));
        }
        for (side, writes) in [(Side::Exact, &mut step.merge.exact), (Side::Crm, &mut step.merge.crm)] {
            writes.retain(|write| write.why == Why::Key || approved.contains(&(side, write.field.clone())));
        }
    }
}

impl PlanItem {
    /// Whether a person approves it: all but a question, also what is only noted, as that two records are one.
    fn needs_approval(&self) -> bool {
        self.action != "issue"
    }

    /// The create that made the record which it updates, from this one.
    fn as_create(&self, from: Option<&RecordId>) -> Self {
        Self { action: "create".to_owned(), id: from.cloned(), ..self.clone() }
    }

    /// One field of it, whatever the link is called by now.
    fn field(&self, name: &str, PlanField { from, to, .. }: &PlanField) -> String {
        let Self { flow, division, side, id, action, .. } = self;
        format!("{flow} {division} {side} {id:?} {action} {name:?} {from:?} {to:?}")
    }

    /// All that decides what is written.
    fn digest(&self) -> String {
        let Self { flow, division, link, side, id, action, .. } = self;
        let field = |(name, PlanField { from, to, why, .. }): (&String, &PlanField)| {
            format!("{name:?} {from:?} {to:?} {why}")
        };
        let fields: Vec<_> = self.fields.iter().map(field).collect();
        format!("{flow} {division} {link:?} {side} {id:?} {action} {fields:?}")
    }
}

impl Engine {
    /// What names this store among others: made up once, and kept in it.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store), [`Busy`](ErrorKind::Busy).
    pub async fn store_id(&self) -> Result<String> {
        let inner = &self.inner;
        let key = Key::new(Table::Meta, "store/id");
        if let Some(row) = inner.store.get(&inner.tenant, std::slice::from_ref(&key)).await?.pop().flatten() {
            return Ok(decode(&row)?);
        }
        let session = Session::open(inner).await?;
        let id = inner.ids.next().simple().to_string();
        let mut batch = session.batch();
        batch.puts.push(plain(key, &id)?);
        let outcome = session.commit(batch).await;
        session.close().await;
        outcome.map(|()| id)
    }

    /// Carries out the writes of a [plan](Engine::plan) and no others, passing the brakes. What is new since, or changes
    /// while the run is under way, is left alone and counted as waiting: also what only the answer to a write shows, such
    /// as the number that Exact gives to an order. The key that ties a created record to its counterpart goes with it.
    /// Questions are asked as in any run. Of fields, only those of the plan are created.
    ///
    /// # Errors
    /// [`Moved`](ErrorKind::Moved), before the first write, where a record is no longer as the plan has it, or the CRM
    /// lacks another field; otherwise those of [`run_once`](Engine::run_once).
    pub async fn run_plan(&self, items: &[PlanItem], new_fields: &[PlannedField]) -> Result<RunReport> {
        let mut session = Session::open(&self.inner).await?;
        let outcome = run(&mut session, items, new_fields).await;
        session.close().await;
        outcome
    }
}

async fn run(
    session: &mut Session<'_>,
    items: &[PlanItem],
    new_fields: &[PlannedField],
) -> Result<RunReport> {
    let before = pass::calls(session);
    let plan = session.keeping(pass::plan(session, true)).await?;
    if let Some(PlannedField { flow, label, .. }) =
        plan.new_fields.iter().find(|field| !new_fields.contains(field))
    {
        let message = format!(
            "nothing was written, for the CRM lacks the field `{label}` that flow {flow} needs, and the plan does not have it; make a new plan"
        );
        return Err(Error::new(ErrorKind::Moved, message));
    }
    let now = Approved::of(&plan.items);
    let moved: Vec<&PlanItem> =
        items.iter().filter(|item| item.needs_approval() && !now.items.contains(&item.digest())).collect();
    if !moved.is_empty() {
        return Err(refused(&moved));
    }
    session.approved = Some(Approved::of(items));
    session.keeping(pass::run(session, before, RunOptions { yes: true })).await
}

fn refused(moved: &[&PlanItem]) -> Error {
    let name = |item: &&PlanItem| {
        let id = item.id.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {} of {} in {}", item.flow, id, item.name, item.side)
    };
    let names: Vec<String> = moved.iter().take(NAMED).map(name).collect();
    let more = moved.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "nothing was written, for {} changed since the plan was made{more}; make a new plan",
        names.join(", ")
    );
    Error::new(ErrorKind::Moved, message)
}

impl Session<'_> {
    /// Parts steps into those that may be carried out in this run, and the others.
    pub(super) async fn approve(
        &self,
        ground: &Ground<'_>,
        steps: Vec<Step>,
    ) -> Result<(Vec<Step>, Vec<Step>)> {
        let Some(approved) = &self.approved else { return Ok((steps, Vec::new())) };
        let names = approved.creates.names(ground, steps.iter()).await?;
        Ok(steps.into_iter().partition(|step| approved.allows(&listed(ground, step, &names))))
    }

    /// Leaves of what follows from a write only what may be written in this run.
    pub(super) async fn narrow(&self, ground: &Ground<'_>, step: &mut Step) -> Result<()> {
        if let Some(approved) = &self.approved {
            let names = approved.creates.names(ground, std::iter::once(&*step)).await?;
            approved.narrow(ground, step, &names);
        }
        Ok(())
    }
}
