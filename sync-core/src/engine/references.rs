//! References between flows: looked up through the links of the flow that they name, in the same division, so that an
//! id of one division never goes into another.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use crm_adapters::{Fields, RecordId, Value};

use super::derive::{Ground, Step, StepKind};
use crate::error::Result;
use crate::flow::{Division, Route, Side};
use crate::plan::{Missing, References, named};
use crate::state::{Feed, Issue, IssueKind, IssueState, Link, LinkState, Observation, Seen, Subject};
use crate::store::Mark;

/// After this long a record that waits for another one becomes a question.
const PATIENCE: TimeDelta = TimeDelta::hours(24);

/// The day from which Exact's records are out of use.
const END: &str = "EndDate";

impl Ground<'_> {
    /// What the references of some records stand for on the other side. Asks the store once; not at all where the flow
    /// has none.
    pub(super) async fn references<'f>(
        &self,
        records: impl Iterator<Item = (Side, &'f Fields)> + Send,
    ) -> Result<References> {
        let mut known = References::default();
        let rules = self.mapping.flow.references();
        if rules.is_empty() {
            return Ok(known);
        }
        let mut marks = BTreeSet::new();
        for (side, fields) in records {
            for (flow, value) in rules.iter().flat_map(|reference| reference.values(side, fields)) {
                if let Some(record) = named(value) {
                    self.foreseen.tell(&mut known, (flow, self.division), side, &record);
                    marks.extend(Link::record_marks(flow, self.division, side, &record));
                }
            }
        }
        let marks: Vec<Mark> = marks.into_iter().collect();
        for link in self.session.links(&marks).await? {
            if link.state != LinkState::Live {
                continue;
            }
            for side in [Side::Exact, Side::Crm] {
                for id in link.ids(side) {
                    match link.record(side.other()) {
                        Some(other) => known.insert(&link.flow, side, id.clone(), other.clone()),
                        None => known.expect(&link.flow, side, id.clone()),
                    }
                }
            }
            if self.mapping.flow.hands_over() {
                self.hold(&mut known, &link).await?;
            }
        }
        Ok(known)
    }

    /// Notes what Exact was last seen to hold of a record that a document may name.
    async fn hold(&self, known: &mut References, link: &Link) -> Result<()> {
        let Some(id) = &link.exact else { return Ok(()) };
        let key = Observation::key(&Feed::exact(&link.flow, self.division), id);
        let Some(row) = self.rows(&[key]).await?.pop().flatten() else { return Ok(()) };
        let Observation { mut fields, deleted, .. } = Seen::read(&row)?.observation;
        // What ends later is there today.
        let today = self.session.now().date_naive();
        if matches!(fields.get(END), Some(Value::Date(day)) if *day >= today) {
            fields.set(END, Value::Null);
        }
        let flow = self.session.engine.flows.iter().find(|flow| flow.name == link.flow);
        let rule = flow.and_then(|flow| flow.creatable.as_ref());
        let usable = !deleted && rule.is_none_or(|rule| rule.holds(Side::Exact, &fields));
        known.hold(&link.flow, id.clone(), fields, usable);
        Ok(())
    }

    /// The records of a page of the CRM that are created in this division: where a rule on the record says, else where
    /// the record that they belong to is linked, else where the flow creates what is new.
    pub(super) async fn at_home(&self, page: &[Seen]) -> Result<BTreeSet<RecordId>> {
        let parents = self.parents(page);
        let mut home: BTreeMap<&RecordId, Division> = BTreeMap::new();
        for seen in page {
            let fits = |route: &&Route| route.when.holds(Side::Crm, seen.fields());
            home.extend(self.mapping.flow.routes.iter().find(fits).map(|route| (&seen.id, route.division)));
        }
        let divisions = self.in_order();
        if (parents.is_empty() && home.is_empty()) || divisions.len() < 2 {
            return Ok(if self.creates_here { ids(page) } else { BTreeSet::new() });
        }
        for division in divisions {
            let marks =
                |(flow, parent): &(&str, RecordId)| Link::record_marks(flow, division, Side::Crm, parent);
            let marks: Vec<Mark> = parents.values().flat_map(marks).collect();
            let links = self.session.links(&marks).await?;
            let linked: BTreeSet<_> = links.iter().flat_map(|link| link.ids(Side::Crm)).collect();
            for (record, (flow, parent)) in &parents {
                if linked.contains(parent) || self.foreseen.has(flow, division, Side::Crm, parent) {
                    home.entry(record).or_insert(division);
                }
            }
        }
        let here = |id: &RecordId| match home.get(id) {
            Some(division) => *division == self.division,
            None => self.creates_here,
        };
        Ok(ids(page).into_iter().filter(here).collect())
    }

    /// What each record of a page of the CRM belongs to: the record that its first reference names.
    fn parents(&self, page: &[Seen]) -> BTreeMap<RecordId, (&str, RecordId)> {
        let header = self.mapping.flow.rules.iter().find_map(|rule| Some((rule, rule.via.as_deref()?)));
        let Some((rule, flow)) = header else { return BTreeMap::new() };
        let parent = |seen: &Seen| Some((flow, named(seen.fields().get(&rule.crm)?)?));
        page.iter().filter_map(|seen| Some((seen.id.clone(), parent(seen)?))).collect()
    }

    /// Turns what has waited for too long into questions. A record whose own flow leaves it alone is not asked about:
    /// what belongs to it is left alone, too. What is linked is asked about all the same, for both sides name another
    /// record, and so is what is to be handed over: somebody sold it.
    pub(super) async fn ask_overdue(&self, steps: &mut [Step]) -> Result<()> {
        let limit = (self.session.now() - PATIENCE).timestamp_micros();
        for step in steps.iter_mut().filter(|step| !step.merge.waits.is_empty()) {
            let Some(seen) = step.seen(step.side).cloned() else { continue };
            if seen.observation.waiting_since.is_none_or(|since| since > limit) {
                continue;
            }
            for missing in step.merge.waits.clone() {
                let left_alone = self.left_alone(&missing).await?;
                if left_alone && step.kind == StepKind::Wait && !self.mapping.flow.hands_over() {
                    continue;
                }
                step.issues.push(self.unlinked_issue(step, &seen, &missing, left_alone));
                if step.kind == StepKind::Wait {
                    step.kind = StepKind::Ask;
                    step.stale.clear();
                    break;
                }
            }
        }
        Ok(())
    }

    async fn left_alone(&self, missing: &Missing) -> Result<bool> {
        let feed = Feed::of(&missing.flow, missing.side, self.division);
        let row = self.rows(&[Observation::key(&feed, &missing.record)]).await?.pop().flatten();
        let seen = row.as_ref().map(Seen::read).transpose()?;
        Ok(seen.is_some_and(|seen| !seen.observation.deleted && !seen.observation.is_dirty(self.division)))
    }

    fn unlinked_issue(&self, step: &Step, seen: &Seen, missing: &Missing, left_alone: bool) -> Issue {
        let Missing { field, flow, side, record } = missing;
        let why = match left_alone {
            true => {
                "leaves alone: it was deleted on the other side, or is not for that flow; name another one, or skip"
            }
            false => "has not linked for 24 hours; answer what is asked about it there, or skip",
        };
        let message = format!("{field} names {record} in {side}, which flow {flow} {why}");
        let mut issue = self.record_issue(step.side, seen, IssueKind::Unlinked, message, None);
        if step.kind == StepKind::Merge || step.kind == StepKind::Tie {
            issue.subject = Subject::Link(step.link.id);
            issue.field = Some(field.clone());
            issue.state = IssueState::Open;
            let rule = self.mapping.flow.rule(field);
            let held = |side: Side| {
                let name = rule.map_or(field.as_str(), |rule| rule.field(side));
                let value = step.seen(side)?.fields().get(name)?.clone();
                Some(Fields::new().with(name, value))
            };
            (issue.exact, issue.crm) = (held(Side::Exact), held(Side::Crm));
        }
        issue
    }
}

fn ids(page: &[Seen]) -> BTreeSet<RecordId> {
    page.iter().map(|seen| seen.id.clone()).collect()
}
