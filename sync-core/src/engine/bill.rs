//! What a plan costs: its writes in the same calls as a run sends them in, with what is read before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crm_adapters::{Action, Adapter, Cost, Fields, Kind, NewField, Value, View, Work, Write};

use super::apply::batch_of;
use super::claim::promote;
use super::derive::{Ground, Step, StepKind};
use super::observe::view;
use super::report::PerSide;
use super::session::Session;
use crate::error::{Error, Result};
use crate::flow::{Division, Side};
use crate::plan::{FieldWrite, Mapping, Why};

/// What was costed so far, by connection.
#[derive(Debug, Default)]
pub(super) struct Costs {
    exact: BTreeMap<Division, Cost>,
    crm: Cost,
    /// Fields of the CRM that an earlier flow creates.
    made: BTreeSet<(Kind, String)>,
}

impl Costs {
    pub(super) fn calls(&self) -> PerSide {
        PerSide { exact: self.exact.values().map(|cost| cost.calls).sum(), crm: self.crm.calls }
    }

    /// What all this takes at the most of one connection: minutes under its limit, and the share of its day.
    #[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "an estimate for people")]
    pub(super) fn shares(&self, session: &Session<'_>) -> (f64, f64) {
        let share = |of: u64, limit: Option<u64>| {
            limit.filter(|limit| *limit > 0).map_or(0.0, |limit| of as f64 / limit as f64)
        };
        let engine = session.engine;
        let exact = self.exact.iter();
        let exact = exact.filter_map(|(division, cost)| Some((engine.exact.get(division)?.usage(), *cost)));
        exact.chain([(engine.crm.usage(), self.crm)]).fold((0.0_f64, 0.0_f64), |most, (usage, cost)| {
            let (minutes, day) = (share(cost.calls, usage.minute_limit), share(cost.budget, usage.day_limit));
            (most.0.max(minutes), most.1.max(day))
        })
    }

    /// The custom fields that a flow has created before its first write.
    pub(super) async fn add_fields(&mut self, session: &Session<'_>, mapping: &Mapping) -> Result<()> {
        let view = view(mapping, Side::Crm);
        let is_new = |field: &&NewField| self.made.insert((view.kind, field.label.clone()));
        let fields: Vec<NewField> = mapping.missing.iter().filter(is_new).cloned().collect();
        if !fields.is_empty() {
            self.crm += asked(&*session.engine.crm, Side::Crm, &view, Work::Fields(&fields)).await?;
        }
        Ok(())
    }

    fn add(&mut self, side: Side, division: Division, cost: Cost) {
        match side {
            Side::Exact => *self.exact.entry(division).or_default() += cost,
            Side::Crm => self.crm += cost,
        }
    }
}

/// The writes of one division of one flow, in the order in which a run takes them up.
pub(super) struct Bill<'a> {
    ground: &'a Ground<'a>,
    costs: &'a mut Costs,
    lines: [Line; 2],
}

/// What waits to be sent to a side until it fills a call.
struct Line {
    view: View,
    writes: Vec<Write>,
    /// What follows from other writes.
    following: Vec<Write>,
}

impl<'a> Bill<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, costs: &'a mut Costs) -> Self {
        let line =
            |side| Line { view: view(ground.mapping, side), writes: Vec::new(), following: Vec::new() };
        Self { ground, costs, lines: [Side::Exact, Side::Crm].map(line) }
    }

    /// Takes in what a step writes, and what follows from that.
    pub(super) async fn add(&mut self, step: &Step) -> Result<()> {
        match &step.kind {
            StepKind::Merge | StepKind::Tie => {
                let sides = [Side::Exact, Side::Crm].into_iter();
                let mut first = true;
                for (side, action) in sides.filter_map(|side| Some((side, step.update(side)?))) {
                    if std::mem::take(&mut first) {
                        self.push(side, action).await?;
                    } else {
                        self.follow(side, action);
                    }
                }
            }
            StepKind::Create(side, writes) => {
                let Some((_, action, _)) = step.write() else { return Ok(()) };
                if *side == Side::Exact {
                    self.prepare(&action, writes).await?;
                    self.key(step);
                }
                self.push(*side, action).await?;
                self.afterwards(*side, step, writes);
            }
            StepKind::Retire(side) => {
                // The other record loses its key before that.
                if let Some(key) = step.update(Side::Crm) {
                    self.push(Side::Crm, key).await?;
                }
                if let Some(record) = step.link.record(*side) {
                    self.follow(*side, Action::Archive(record.clone()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Sends what is left, as a run does before it turns to the other side's records.
    pub(super) async fn close(&mut self) -> Result<()> {
        for side in [Side::Exact, Side::Crm] {
            let following = std::mem::take(&mut self.line(side).following);
            for write in following {
                self.push(side, write.action).await?;
            }
            self.send(side).await?;
        }
        Ok(())
    }

    /// What comes before a record that is handed over: it is looked for, and what it names is promoted.
    async fn prepare(&mut self, action: &Action, writes: &[FieldWrite]) -> Result<()> {
        let Some(adapter) = self.adapter(Side::Exact) else { return Ok(()) };
        if self.ground.mapping.flow.hands_over() {
            let view = self.line(Side::Exact).view.clone();
            self.charge(&*adapter, Side::Exact, &view, Work::Find).await?;
        }
        if let Some((view, action)) = promote(self.ground, action, writes) {
            let write = [write(action)];
            self.charge(&*adapter, Side::Exact, &view, Work::Write(&write)).await?;
        }
        Ok(())
    }

    /// What no new record takes is written once it is there.
    fn afterwards(&mut self, side: Side, step: &Step, writes: &[FieldWrite]) {
        let late = writes.iter().filter(|write| write.why == Why::Afterwards);
        let late: Fields = late.map(|write| (write.field.clone(), write.to.clone())).collect();
        if let Some(source) = step.link.record(side.other()).filter(|_| !late.is_empty()) {
            // It has no id yet; any does for that.
            self.follow(side, Action::Update(source.clone(), late));
        }
    }

    /// The key of what is created in Exact is written to the CRM's record afterwards.
    fn key(&mut self, step: &Step) {
        if let (Some(key), Some(crm)) = (&self.ground.mapping.flow.sync_key, &step.crm) {
            let key = Fields::new().with(key.as_str(), Value::text("the id that Exact gives"));
            self.follow(Side::Crm, Action::Update(crm.id.clone(), key));
        }
    }

    fn follow(&mut self, side: Side, action: Action) {
        self.line(side).following.push(write(action));
    }

    async fn push(&mut self, side: Side, action: Action) -> Result<()> {
        self.line(side).writes.push(write(action));
        let full = self.adapter(side).is_some_and(|adapter| {
            let line = self.line(side);
            line.writes.len() >= batch_of(&*adapter, line.view.kind)
        });
        if full { self.send(side).await } else { Ok(()) }
    }

    async fn send(&mut self, side: Side) -> Result<()> {
        let line = self.line(side);
        let (view, writes) = (line.view.clone(), std::mem::take(&mut line.writes));
        match self.adapter(side) {
            Some(adapter) if !writes.is_empty() => {
                self.charge(&*adapter, side, &view, Work::Write(&writes)).await
            }
            _ => Ok(()),
        }
    }

    async fn charge(&mut self, adapter: &dyn Adapter, side: Side, view: &View, work: Work<'_>) -> Result<()> {
        let cost = asked(adapter, side, view, work).await?;
        self.costs.add(side, self.ground.division, cost);
        Ok(())
    }

    fn adapter(&self, side: Side) -> Option<Arc<dyn Adapter>> {
        self.ground.session.engine.adapter(side, self.ground.division).cloned()
    }

    fn line(&mut self, side: Side) -> &mut Line {
        let [exact, crm] = &mut self.lines;
        if side == Side::Exact { exact } else { crm }
    }
}

async fn asked(adapter: &dyn Adapter, side: Side, view: &View, work: Work<'_>) -> Result<Cost> {
    adapter.cost(view, work).await.map_err(|error| Error::of_side(side, error))
}

fn write(action: Action) -> Write {
    Write { action, send_before: None }
}
