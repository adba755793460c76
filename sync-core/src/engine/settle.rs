//! The commit after a write: what became of it, and what follows from that.

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{Action, Outcome, Record};

use super::audit::audit_of;
use super::claim::Claimed;
use super::derive::{Ground, Step, StepKind, payload};
use super::end::end;
use super::event::Event;
use super::observe::completed;
use super::parents;
use super::put::{delete_record_issue, prepare, reconcile, spend_answers};
use crate::error::Result;
use crate::flow::Side;
use crate::plan::FieldWrite;
use crate::state::{AuditLine, BaseField, Feed, Intent, IntentState, IssueKind, Observation, Seen, Subject};
use crate::store::{Batch, Expect};

/// What became of a claimed write.
#[derive(Debug)]
pub(super) enum Fate {
    Created,
    Updated,
    Refused,
    Ended,
    /// Nobody looks for it before that moment.
    Unknown(DateTime<Utc>),
    NotSent(crm_adapters::Error),
}

/// A write that is off the wire, and what follows from it.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) side: Side,
    pub(super) fate: Fate,
    pub(super) next: Option<Step>,
}

/// Puts what became of writes into a batch.
pub(super) async fn settle(
    ground: &Ground<'_>,
    batch: &mut Batch,
    landed: Vec<(Claimed, Outcome)>,
) -> Result<Vec<Settled>> {
    let mut settled = Vec::with_capacity(landed.len());
    for (claimed, outcome) in landed {
        settled.push(settle_one(ground, batch, claimed, outcome).await?);
    }
    Ok(settled)
}

async fn settle_one(
    ground: &Ground<'_>,
    batch: &mut Batch,
    claimed: Claimed,
    outcome: Outcome,
) -> Result<Settled> {
    let Claimed { mut intent, step, found, .. } = claimed;
    let side = intent.side;
    let create = intent.is_create();
    let told = !matches!(outcome, Outcome::Accepted(_));
    let (fate, next) = match outcome {
        Outcome::Applied(_) if matches!(intent.action, Action::Archive(_)) => {
            batch.deletes.push(intent.key());
            end(ground, batch, step, side, AuditLine::ARCHIVE).await?;
            (Fate::Updated, None)
        }
        Outcome::Applied(record) | Outcome::Accepted(record) => {
            let action = match (create, found) {
                (true, true) => AuditLine::ADOPT,
                (true, false) => AuditLine::CREATE,
                (false, _) => AuditLine::UPDATE,
            };
            let next = applied(ground, batch, &intent, step, Landed { record, told, action }).await?;
            (if create { Fate::Created } else { Fate::Updated }, next)
        }
        Outcome::Rejected(error) => {
            refused(ground, batch, &intent, step, &error).await?;
            (Fate::Refused, None)
        }
        Outcome::NotSent(error) => {
            let retry = unsent(batch, &intent, step);
            (Fate::NotSent(error), retry)
        }
        Outcome::Unknown(error) => {
            tracing::warn!(%error, %side, link = %intent.link, "no answer to a write; it is looked for later");
            intent.state = IntentState::Unknown;
            let settle = TimeDelta::from_std(ground.session.engine.timing.settle).unwrap_or(TimeDelta::MAX);
            intent.probe_after = ground.session.now() + settle;
            batch.puts.push(intent.put(Expect::Any)?);
            (Fate::Unknown(intent.probe_after), None)
        }
        Outcome::Gone(error) => {
            tracing::info!(%error, %side, "the record is gone; its link ends");
            batch.deletes.push(intent.key());
            end(ground, batch, step, side, AuditLine::END).await?;
            (Fate::Ended, None)
        }
    };
    Ok(Settled { side, fate, next })
}

/// Not sent, for certain: the intent goes.
fn unsent(batch: &mut Batch, intent: &Intent, mut step: Step) -> Option<Step> {
    batch.deletes.push(intent.key());
    if step.kind == StepKind::Tie {
        // That it is tied was stored with the intent.
        step.kind = StepKind::Merge;
    }
    step.chain += 1;
    Some(step)
}

/// A write that is stored.
pub(super) struct Landed<'a> {
    pub(super) record: Record,
    /// The record is what the side holds now; else what was sent, and its feed will tell.
    pub(super) told: bool,
    /// What it is called in the audit.
    pub(super) action: &'a str,
}

/// Stored: link, base, both observations and the audit move together. Returns what is still to be written.
///
/// The base becomes what each side holds: they may store one value in two ways.
pub(super) async fn applied(
    ground: &Ground<'_>,
    batch: &mut Batch,
    intent: &Intent,
    step: Step,
    landed: Landed<'_>,
) -> Result<Option<Step>> {
    let Landed { record, told, action } = landed;
    let side = intent.side;
    let chain = step.chain + 1;
    let record_id = record.id.clone();
    let target = stored(ground, &step, side, record, told);
    let before = step.seen(side).map(|seen| &seen.observation);
    let feed = Feed::of(&step.link.flow, side, ground.division);
    parents::note(batch, ground.mapping, &feed, &record_id, before, &target.observation)?;
    let Step { mut link, exact, crm, mut stale, .. } = step;
    let source = if side == Side::Exact { crm } else { exact };
    link.set_record(side, record_id.clone());
    let Some(source) = source else { return Ok(None) };
    // What was found later may have been edited since: then only what was sent is known to have been agreed on.
    let held = |write: &FieldWrite| match action {
        AuditLine::ADOPT | AuditLine::FOUND => write.to.clone(),
        _ => target.fields().get(&write.field).unwrap_or(&write.to).clone(),
    };
    for write in intent.fields.iter().filter(|write| !write.rule.is_empty()) {
        let (held, other) = (held(write), write.source.clone());
        let (exact, crm) = if side == Side::Exact { (held, other) } else { (other, held) };
        link.base.insert(write.rule.clone(), BaseField { exact, crm });
    }
    let (exact, crm) = if side == Side::Exact { (target, source) } else { (source, target) };
    let mut next = ground.remerge(link, exact, crm).await?;
    next.chain = chain;
    if intent.is_create() {
        batch.deletes.append(&mut stale);
        if action != AuditLine::CREATE {
            delete_record_issue(batch, &next.link, side);
        }
    }
    if side == Side::Crm && intent.fields.iter().any(|write| !write.rule.is_empty()) {
        next.wake_siblings();
    }
    conclude(ground, batch, &mut next, side).await?;
    batch.deletes.push(intent.key());
    batch.puts.push(audit_of(ground.session, intent, &next.link, action)?);
    let flow = &ground.mapping.flow.name;
    let written = Event::Written {
        flow,
        division: ground.division,
        side,
        action,
        record: &record_id,
        fields: &intent.fields,
    };
    ground.session.engine.observer.on(&written);
    ground.session.narrow(ground, &mut next).await?;
    Ok(next.target().is_some().then_some(next))
}

/// The observation that a write leaves behind: what the vendor says it holds now, or was sent and has still to tell.
fn stored(ground: &Ground<'_>, step: &Step, side: Side, record: Record, told: bool) -> Seen {
    let before = step.seen(side);
    let known = before.map(|seen| &seen.observation);
    let mut fields = known.map(|known| known.fields.clone()).unwrap_or_default();
    let mut echo = known.map(|known| known.echo.clone()).unwrap_or_default();
    match (told, record.changed_at) {
        (true, changed_at) => echo = echo.heard(&fields, &record.fields, changed_at),
        (false, Some(at)) => echo.sent(record.fields.iter().map(|(name, _)| name), at),
        (false, None) => {}
    }
    fields.merge(completed(ground.mapping, side, record.fields));
    let observation = Observation {
        fields,
        revision: record.revision.max(known.and_then(|known| known.revision)),
        deleted: false,
        dirty: known.map(|known| known.dirty.clone()).unwrap_or_default(),
        first_seen: known.map_or_else(|| ground.session.now().timestamp_micros(), |known| known.first_seen),
        waiting_since: known.and_then(|known| known.waiting_since),
        before: known.and_then(|known| known.before),
        echo,
        forgotten: false,
    };
    Seen { id: record.id, observation, revision: before.map_or(0, |seen| seen.revision) }
}

/// Puts the outcome of a merge into a batch: link, questions, and observations that are clean where all is settled.
async fn conclude(ground: &Ground<'_>, batch: &mut Batch, step: &mut Step, written: Side) -> Result<()> {
    let settled = step.merge.settled() && !matches!(step.kind, StepKind::Retire(_));
    spend_answers(step);
    prepare(ground, batch, step).await?;
    for side in [Side::Exact, Side::Crm] {
        let feed = Feed::of(&step.link.flow, side, ground.division);
        let seen = if side == Side::Exact { &mut step.exact } else { &mut step.crm };
        if let Some(seen) = seen {
            let news = seen.observation.set_dirty(ground.division, !settled);
            if news || side == written {
                batch.puts.push(seen.observation.put(&feed, &seen.id, ground.mapping, Expect::Any)?);
            }
        }
    }
    Ok(())
}

/// Refused for its content: a question, and the same is not sent again.
async fn refused(
    ground: &Ground<'_>,
    batch: &mut Batch,
    intent: &Intent,
    mut step: Step,
    error: &crm_adapters::Error,
) -> Result<()> {
    let side = intent.side;
    batch.deletes.push(intent.key());
    let Some(source) = step.seen(side.other()).cloned() else { return Ok(()) };
    let message = format!("{side} refused it: {error}");
    let mut issue = ground.record_issue(side.other(), &source, IssueKind::Rejected, message, None);
    issue.payload = Some(payload(side, &intent.action));
    if intent.is_create() {
        batch.puts.push(issue.put()?);
    } else {
        issue.subject = Subject::Link(step.link.id);
        issue.exact = step.exact.as_ref().map(|seen| seen.fields().clone());
        issue.crm = step.crm.as_ref().map(|seen| seen.fields().clone());
        step.issues.retain(|other| other.field.is_some());
        step.issues.push(issue);
        reconcile(ground, batch, &mut step).await?;
        batch.puts.push(step.link.put()?);
    }
    Ok(())
}
