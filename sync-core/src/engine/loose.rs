//! Plan: the next step for records that belong to no link: tied to what is the same, created, asked about, or left alone.

use crm_adapters::Action;

use super::derive::{Ground, Step, StepKind, fields, payload};
use super::neighbours::Neighbours;
use super::siblings::Siblings;
use crate::error::Result;
use crate::flow::{Price, Side};
use crate::plan::{Candidate, Decision, Obstacle, References, creation, decide, deviations};
use crate::state::{Issue, IssueKind, IssueState, Seen, Subject, decode};

impl Ground<'_> {
    /// Steps for records that belong to no link.
    pub(super) async fn loose(&self, side: Side, loose: Vec<Seen>) -> Result<Vec<Step>> {
        let (present, gone): (Vec<_>, Vec<_>) = loose.into_iter().partition(|seen| !seen.observation.deleted);
        let mut steps: Vec<_> = gone.into_iter().map(|seen| self.gone(side, seen)).collect();
        let neighbours = Neighbours::read(self, side, &present).await?;
        let answers = self.answers(side, &present).await?;
        let here = present.iter().map(|seen| (side, seen.fields()));
        let references =
            self.references(here.chain(neighbours.others().map(|fields| (side.other(), fields)))).await?;
        let crm: Vec<_> = match side {
            Side::Exact => neighbours.other_ids().cloned().collect(),
            Side::Crm => present.iter().map(|seen| seen.id.clone()).collect(),
        };
        let siblings = self.siblings(crm.into_iter()).await?;
        for (seen, answer) in present.into_iter().zip(answers) {
            if let Some(step) = self.loose_one(side, &references, &siblings, seen, answer, &neighbours) {
                steps.push(step);
            }
        }
        Ok(steps)
    }

    /// A record that was never linked is gone; of one that is forgotten the tombstone stays.
    fn gone(&self, side: Side, seen: Seen) -> Step {
        let kind = if seen.observation.forgotten { StepKind::Leave } else { StepKind::Forget };
        self.step(kind, side, self.new_link(), seen)
    }

    /// What a person said about each record so far.
    async fn answers(&self, side: Side, seen: &[Seen]) -> Result<Vec<Option<Issue>>> {
        let flow = &self.mapping.flow.name;
        let key =
            |seen: &Seen| Issue::key_of(flow, self.division, &Subject::Record(side, seen.id.clone()), None);
        let keys: Vec<_> = seen.iter().map(key).collect();
        let rows = self.rows(&keys).await?;
        Ok(rows.iter().map(|row| row.as_ref().map(decode).transpose()).collect::<Result<_, _>>()?)
    }

    /// `None` where the other side's turn covers it.
    fn loose_one(
        &self,
        side: Side,
        references: &References,
        siblings: &Siblings,
        seen: Seen,
        answer: Option<Issue>,
        neighbours: &Neighbours,
    ) -> Option<Step> {
        if !self.takes_part(side, &seen)
            || neighbours.is_taken(&seen.id)
            || answer.as_ref().is_some_and(|issue| issue.state == IssueState::Skipped)
        {
            return Some(self.step(StepKind::Leave, side, self.new_link(), seen));
        }
        let insisted = answer.as_ref().is_some_and(|issue| issue.state == IssueState::Create);
        let decision = {
            let record = Candidate::new(&seen.id, seen.fields(), None);
            let situation = neighbours.situation(self, side, &seen, &record, insisted);
            decide(self.mapping, &situation)
        };
        let open = answer.as_ref().filter(|issue| issue.state == IssueState::Open).map(Issue::key);
        let mut step = match decision {
            // A document that bears the key of a deal that is not to be handed over yet waits for it.
            Decision::Link(id) if self.is_early(side, neighbours.other(&id)?) => {
                self.step(StepKind::Leave, side, self.new_link(), seen)
            }
            Decision::Link(id) => self.tie(side, references, siblings, seen, neighbours.other(&id)?)?,
            Decision::Create if neighbours.wanted(&seen.id) => {
                self.step(StepKind::Wait, side, self.new_link(), seen)
            }
            Decision::Create => self.create(side, references, seen, answer),
            Decision::Leave => self.step(StepKind::Leave, side, self.new_link(), seen),
            Decision::Wait => self.step(StepKind::Wait, side, self.new_link(), seen),
            Decision::Ask(message) => {
                let issue = self.record_issue(side, &seen, IssueKind::Ambiguous, message, answer.as_ref());
                self.asking(side, seen, issue)
            }
        };
        // A create answers the question only once it is settled.
        if matches!(step.kind, StepKind::Leave | StepKind::Wait) {
            step.stale.extend(open);
        }
        Some(step)
    }

    fn is_early(&self, side: Side, other: &Seen) -> bool {
        side == Side::Exact && self.mapping.flow.hands_over() && !self.takes_part(Side::Crm, other)
    }

    fn tie(
        &self,
        side: Side,
        references: &References,
        siblings: &Siblings,
        seen: Seen,
        other: &Seen,
    ) -> Option<Step> {
        if side == Side::Crm && other.observation.is_dirty(self.division) {
            return None;
        }
        let mut link = self.new_link();
        link.set_record(side, seen.id.clone());
        link.set_record(side.other(), other.id.clone());
        let mut step = self.step(StepKind::Tie, side, link, seen);
        step.set_seen(side.other(), other.clone());
        self.merge(&mut step, references, siblings);
        Some(step)
    }

    fn create(&self, side: Side, references: &References, seen: Seen, answer: Option<Issue>) -> Step {
        let target = side.other();
        let mut link = self.new_link();
        link.set_record(side, seen.id.clone());
        match creation(self.mapping, references, &link, target, seen.fields()) {
            Ok(writes) => {
                let question = answer.as_ref().map(Issue::key);
                let insisted = answer.as_ref().is_some_and(|issue| issue.state == IssueState::Create);
                let refused_before = |issue: &Issue| {
                    issue
                        .payload
                        .as_ref()
                        .is_some_and(|before| *before == payload(target, &Action::Create(fields(&writes))))
                };
                if let Some(issue) = answer.filter(refused_before) {
                    let Issue { kind, message, payload, .. } = issue.clone();
                    let now = self.record_issue(side, &seen, kind, message, Some(&issue));
                    return self.asking(side, seen, Issue { payload, ..now });
                }
                let notes = deviations(self.mapping, references, &writes);
                if self.mapping.flow.price == Price::Review && !insisted && !notes.is_empty() {
                    let message = format!(
                        "{}; mend the price, say --create to hand it over as it is, or skip",
                        notes.join("; ")
                    );
                    let issue = self.record_issue(side, &seen, IssueKind::Price, message, None);
                    return self.asking(side, seen, issue);
                }
                let mut step = self.step(StepKind::Create(target, writes), side, link, seen);
                step.stale.extend(question);
                step.notes = notes;
                step
            }
            Err(Obstacle::Refused(refusal)) => {
                let issue = self.record_issue(side, &seen, refusal.kind, refusal.message, answer.as_ref());
                self.asking(side, seen, issue)
            }
            Err(Obstacle::Waits(missing)) => {
                let mut step = self.step(StepKind::Wait, side, self.new_link(), seen);
                step.merge.waits.push(missing);
                step
            }
            Err(Obstacle::Alone) => self.step(StepKind::Leave, side, self.new_link(), seen),
        }
    }

    fn asking(&self, side: Side, seen: Seen, issue: Issue) -> Step {
        let mut step = self.step(StepKind::Ask, side, self.new_link(), seen);
        step.issues.push(issue);
        step
    }
}
