//! The commits around a write: claim it before, settle it after; and the commits of steps that write nothing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{Action, Fields, Key as SearchKey, Outcome, Record, View};

use super::derive::{Ground, Step, StepKind, payload};
use super::event::Event;
use super::observe::completed;
use super::parents;
use super::privacy::redact;
use super::recover::search_key;
use super::session::Session;
use crate::error::Result;
use crate::flow::Side;
use crate::plan::{FieldWrite, Why, named};
use crate::state::{
    Answer, AuditLine, BaseField, Feed, Intent, IntentState, Issue, IssueKind, IssueState, Link, LinkState,
    Observation, Seen, Subject, decode,
};
use crate::store::{Batch, Expect, Key, Put, Table};

/// A write with a durable intent.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) intent: Intent,
    pub(super) step: Step,
    /// On the monotonic clock: after this it must not leave.
    pub(super) send_before: Duration,
    /// Of a create: what finds the record if it is there already. Looked for before anything is sent.
    pub(super) look_first: Option<SearchKey>,
    /// Of a hand-off: what the record that it names becomes first. Doing it twice does no harm, and the intent names it.
    pub(super) promote: Option<(View, Action)>,
    /// It was there already.
    pub(super) found: bool,
}

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

/// In the audit: a create that was answered.
pub(super) const CREATE: &str = "create";
/// In the audit: a create whose answer was lost, and whose record was found later.
pub(super) const FOUND: &str = "found";
/// In the audit: a create whose record was there already, or may be somebody else's.
pub(super) const ADOPT: &str = "adopt";
/// In the audit: two records were tied.
pub(super) const LINK: &str = "link";
/// One side deleted its record.
pub(super) const END: &str = "end";

/// Puts intents into a batch. Nothing is sent before it is committed.
pub(super) async fn claim(
    ground: &Ground<'_>,
    batch: &mut Batch,
    side: Side,
    steps: Vec<Step>,
) -> Result<Vec<Claimed>> {
    let session = ground.session;
    let timing = session.engine.timing;
    // Measured from before the commit: a pause during it must not prolong the deadline.
    let send_before = session.engine.clock.monotonic() + timing.send_deadline();
    let now = session.now();
    let patience = timing.send_deadline() + timing.timeout + timing.settle;
    let probe_after = now + TimeDelta::from_std(patience).unwrap_or(TimeDelta::MAX);
    let mut claimed = Vec::new();
    for mut step in steps {
        let Some((_, action, fields)) = step.write() else { continue };
        let source = match step.kind {
            StepKind::Create(side, _) => step.link.record(side.other()).cloned(),
            _ => None,
        };
        if source.is_none() {
            prepare(ground, batch, &mut step).await?;
        }
        let intent = Intent {
            flow: step.link.flow.clone(),
            division: ground.division,
            link: step.link.id,
            side,
            action,
            source,
            fields,
            state: IntentState::Sending,
            run: session.run.clone(),
            claimed_at: now,
            probe_after,
            looks: 0,
        };
        batch.puts.push(intent.put(Expect::Absent)?);
        let look_first = look_first(ground, &intent);
        let promote = promote(ground, &intent.action, &intent.fields);
        claimed.push(Claimed { intent, step, send_before, look_first, promote, found: false });
    }
    Ok(claimed)
}

/// What a hand-off is looked up by before it is sent.
fn look_first(ground: &Ground<'_>, intent: &Intent) -> Option<SearchKey> {
    match &intent.action {
        Action::Create(fields) if intent.side == Side::Exact && ground.mapping.flow.hands_over() => {
            search_key(ground, intent, fields)
        }
        _ => None,
    }
}

/// The write that a hand-off needs before it.
pub(super) fn promote(ground: &Ground<'_>, action: &Action, writes: &[FieldWrite]) -> Option<(View, Action)> {
    let Action::Create(fields) = action else { return None };
    let flow = &ground.mapping.flow;
    let of = &flow.promotion.as_ref()?.of;
    let own = |write: &FieldWrite| {
        let name = write.field.strip_prefix(of)?.strip_prefix('.').filter(|_| write.why == Why::Promoted)?;
        Some((name.to_owned(), write.to.clone()))
    };
    let change: Fields = writes.iter().filter_map(own).collect();
    let names: Vec<String> = change.iter().map(|(name, _)| name.to_owned()).collect();
    let via = flow.rule(of)?.via.as_ref()?;
    let kind = ground.session.engine.flows.iter().find(|flow| flow.name == *via)?.kinds.exact;
    let record = named(fields.get(of)?)?;
    (!names.is_empty()).then_some((View { kind, fields: names }, Action::Update(record, change)))
}

/// Puts the link of a step into a batch: what its sides agree on, its records, its questions.
async fn prepare(ground: &Ground<'_>, batch: &mut Batch, step: &mut Step) -> Result<()> {
    for (rule, base) in std::mem::take(&mut step.merge.agreed) {
        step.link.base.insert(rule, base);
    }
    if step.kind == StepKind::Tie {
        delete_record_issues(batch, &step.link);
        batch.puts.push(audit(ground.session, &step.link, Side::Crm, LINK, Vec::new())?);
    }
    reconcile(ground, batch, step).await?;
    batch.puts.push(step.link.put()?);
    Ok(())
}

fn delete_record_issues(batch: &mut Batch, link: &Link) {
    for side in [Side::Exact, Side::Crm] {
        delete_record_issue(batch, link, side);
    }
}

fn delete_record_issue(batch: &mut Batch, link: &Link, side: Side) {
    if let Some(id) = link.record(side) {
        let subject = Subject::Record(side, id.clone());
        batch.deletes.push(Issue::key_of(&link.flow, link.division, &subject, None));
    }
}

/// Stores the questions about a link that are new or changed, and drops those that are answered.
async fn reconcile(ground: &Ground<'_>, batch: &mut Batch, step: &mut Step) -> Result<()> {
    let subject = Subject::Link(step.link.id);
    let key = |field: &str| {
        let field = (field != Link::WHOLE).then_some(field);
        Issue::key_of(&step.link.flow, step.link.division, &subject, field)
    };
    let name = |issue: &Issue| issue.field.clone().unwrap_or_else(|| Link::WHOLE.to_owned());
    let asked = step.issues.iter().map(name).collect();
    for field in step.link.issues.difference(&asked) {
        batch.deletes.push(key(field));
    }
    let engine = ground.session.engine;
    let old: Vec<Key> =
        step.issues.iter().filter(|issue| step.link.issues.contains(&name(issue))).map(Issue::key).collect();
    let known = if old.is_empty() { Vec::new() } else { engine.store.get(&engine.tenant, &old).await? };
    let known = known.iter().flatten().map(decode::<Issue>).collect::<Result<Vec<_>, _>>()?;
    for issue in &step.issues {
        let before = known.iter().find(|before| before.field == issue.field);
        let raised_at = before.map_or(issue.raised_at, |before| before.raised_at);
        let issue = Issue { raised_at, ..issue.clone() };
        if before != Some(&issue) {
            batch.puts.push(issue.put()?);
        }
    }
    step.link.issues = asked;
    Ok(())
}

/// Puts what became of writes into a batch.
pub(super) async fn settle(
    ground: &Ground<'_>,
    batch: &mut Batch,
    landed: Vec<(Claimed, Outcome)>,
) -> Result<Vec<Settled>> {
    let mut settled = Vec::new();
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
    let (fate, next) = match outcome {
        Outcome::Applied(_) if matches!(intent.action, Action::Archive(_)) => {
            batch.deletes.push(intent.key());
            end(ground, batch, step, side, "archive").await?;
            (Fate::Updated, None)
        }
        Outcome::Applied(record) => {
            let action = match (create, found) {
                (true, true) => ADOPT,
                (true, false) => CREATE,
                (false, _) => "update",
            };
            let next = applied(ground, batch, &intent, step, record, action).await?;
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
            end(ground, batch, step, side, END).await?;
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

/// Stored: link, base, both observations and the audit move together. Returns what is still to be written.
///
/// The base becomes what each side holds: they may store one value in two ways.
pub(super) async fn applied(
    ground: &Ground<'_>,
    batch: &mut Batch,
    intent: &Intent,
    step: Step,
    record: Record,
    action: &str,
) -> Result<Option<Step>> {
    let side = intent.side;
    let chain = step.chain + 1;
    let record_id = record.id.clone();
    let target = stored(ground, &step, side, record);
    let before = step.seen(side).map(|seen| &seen.observation);
    let feed = Feed::of(&step.link.flow, side, ground.division);
    parents::note(batch, ground.mapping, &feed, &record_id, before, &target.observation)?;
    let Step { mut link, exact, crm, mut stale, .. } = step;
    let source = if side == Side::Exact { crm } else { exact };
    link.set_record(side, record_id.clone());
    let Some(source) = source else { return Ok(None) };
    // What was found later may have been edited since: then only what was sent is known to have been agreed on.
    let held = |write: &FieldWrite| match action {
        ADOPT | FOUND => write.to.clone(),
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
        if action != CREATE {
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
    ground.session.narrow(ground, &mut next);
    Ok(next.target().is_some().then_some(next))
}

/// The observation that a write leaves behind: what the vendor says it holds now.
fn stored(ground: &Ground<'_>, step: &Step, side: Side, record: Record) -> Seen {
    let before = step.seen(side);
    let known = before.map(|seen| &seen.observation);
    let mut fields = known.map(|known| known.fields.clone()).unwrap_or_default();
    fields.merge(completed(ground.mapping, side, record.fields));
    let observation = Observation {
        fields,
        revision: record.revision.max(known.and_then(|known| known.revision)),
        deleted: false,
        dirty: known.map(|known| known.dirty.clone()).unwrap_or_default(),
        first_seen: known.map_or_else(|| ground.session.now().timestamp_micros(), |known| known.first_seen),
        waiting_since: known.and_then(|known| known.waiting_since),
        before: known.and_then(|known| known.before),
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

/// Forgets the answers that are carried out: a later edit must not meet them. A skip answers as long as the values stay.
fn spend_answers(step: &mut Step) {
    let held_back = step.issues.iter().any(|issue| issue.field.is_none());
    let Step { link, merge, .. } = step;
    link.answers.retain(|rule, answer| {
        let stays = matches!(answer, Answer::Skip { .. } | Answer::Retire { .. });
        let open = held_back || stays || merge.concerns(rule);
        open && !merge.spent.contains(&rule.as_str())
    });
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

/// One side deleted its record, or a run's was taken out of use: the link ends, the other record stays as it is. What was
/// handed over is asked about, a person who was deleted is forgotten.
async fn end(ground: &Ground<'_>, batch: &mut Batch, mut step: Step, side: Side, action: &str) -> Result<()> {
    step.link.state = LinkState::Ended(side);
    step.link.answers.remove(Link::UNDO);
    let departed = ground.mapping.flow.hands_over().then(|| departed(ground, &step, side));
    let subject = Subject::Link(step.link.id);
    for field in std::mem::take(&mut step.link.issues) {
        let field = (field != Link::WHOLE).then_some(field);
        batch.deletes.push(Issue::key_of(&step.link.flow, step.link.division, &subject, field.as_deref()));
    }
    if let Some(issue) = departed {
        let key = issue.key();
        batch.deletes.retain(|gone| *gone != key);
        batch.puts.push(issue.put()?);
        step.link.issues.insert(Link::WHOLE.to_owned());
    }
    let forgotten = action == END && ground.mapping.flow.is_about_people();
    if forgotten {
        redact(ground.session, batch, &mut step.link).await?;
    } else {
        let woken = side == Side::Exact && step.wake_siblings();
        clean(ground, batch, &mut step, woken)?;
    }
    batch.puts.push(step.link.put()?);
    batch.puts.push(audit(ground.session, &step.link, side, action, Vec::new())?);
    Ok(())
}

/// The question about a hand-off of which one side is gone.
fn departed(ground: &Ground<'_>, step: &Step, side: Side) -> Issue {
    let kinds = ground.mapping.flow.kinds;
    let (gone, left) = (kinds.on(side), kinds.on(side.other()));
    let name = |side: Side| step.link.record(side).map(ToString::to_string).unwrap_or_default();
    let message = format!(
        "the {gone} {} was deleted in {side}, and the {left} {} made from it or for it still stands in {}: decide there what becomes of it, nothing is made anew; then skip to take note",
        name(side),
        name(side.other()),
        side.other(),
    );
    let fields = |side: Side| step.seen(side).map(|seen| seen.fields().clone());
    Issue {
        flow: step.link.flow.clone(),
        division: ground.division,
        subject: Subject::Link(step.link.id),
        field: None,
        kind: IssueKind::Departed,
        message,
        exact: fields(Side::Exact),
        crm: fields(Side::Crm),
        base: None,
        payload: None,
        raised_at: ground.session.now(),
        state: IssueState::Open,
    }
}

/// Notes that nothing more is to be done about a link's records here; of the CRM's, whether others were woken.
fn clean(ground: &Ground<'_>, batch: &mut Batch, step: &mut Step, woken: bool) -> Result<()> {
    for side in [Side::Exact, Side::Crm] {
        let feed = ground.feed(side);
        let seen = if side == Side::Exact { &mut step.exact } else { &mut step.crm };
        if let Some(seen) = seen
            && (seen.observation.set_dirty(ground.division, false) || (woken && side == Side::Crm))
        {
            batch.puts.push(seen.observation.put(&feed, &seen.id, ground.mapping, Expect::Any)?);
        }
    }
    Ok(())
}

/// What was done to a link in this run.
pub(super) fn audit(
    session: &Session<'_>,
    link: &Link,
    side: Side,
    action: &str,
    fields: Vec<FieldWrite>,
) -> Result<Put> {
    line(session, &session.run, link, side, action, fields)
}

/// What became of a write: told of the run that sent it, whichever learned of it.
pub(super) fn audit_of(session: &Session<'_>, intent: &Intent, link: &Link, action: &str) -> Result<Put> {
    line(session, &intent.run, link, intent.side, action, intent.fields.clone())
}

fn line(
    session: &Session<'_>,
    run: &str,
    link: &Link,
    side: Side,
    action: &str,
    fields: Vec<FieldWrite>,
) -> Result<Put> {
    let at = session.now();
    let line = AuditLine {
        at,
        run: run.to_owned(),
        flow: link.flow.clone(),
        division: link.division,
        link: link.id,
        side,
        action: action.to_owned(),
        record: link.record(side).cloned(),
        fields,
        late: run != session.run,
    };
    let key = Key::new(Table::Audit, format!("{}/{}", AuditLine::moment(at), session.new_id().simple()));
    Ok(line.put(key)?)
}

/// Stores steps that write to no side. Returns how many records were tied.
pub(super) async fn note(ground: &Ground<'_>, steps: Vec<Step>) -> Result<u64> {
    let mut batch = ground.session.batch();
    let mut tied = 0;
    for mut step in steps {
        batch.deletes.append(&mut step.stale);
        match step.kind.clone() {
            StepKind::Merge | StepKind::Tie => {
                let news = step.kind == StepKind::Tie || !step.merge.agreed.is_empty();
                tied += u64::from(step.kind == StepKind::Tie);
                settle_quietly(ground, &mut batch, step, news).await?;
            }
            StepKind::Leave => clean(ground, &mut batch, &mut step, false)?,
            StepKind::Ask => ask(ground, &mut batch, step).await?,
            StepKind::End(side) => end(ground, &mut batch, step, side, END).await?,
            StepKind::Forget => {
                if let Some(seen) = step.seen(step.side) {
                    let subject = Subject::Record(step.side, seen.id.clone());
                    let flow = &ground.mapping.flow.name;
                    batch.deletes.push(Issue::key_of(flow, ground.division, &subject, None));
                    batch.deletes.push(Observation::key(&ground.feed(step.side), &seen.id));
                }
            }
            StepKind::Wait => wait(ground, &mut batch, step)?,
            StepKind::Create(..) | StepKind::Retire(_) => {}
        }
    }
    ground.session.commit(batch).await?;
    Ok(tied)
}

/// Notes since when a record waits for one that it names.
fn wait(ground: &Ground<'_>, batch: &mut Batch, step: Step) -> Result<()> {
    let side = step.side;
    let waits = !step.merge.waits.is_empty();
    let seen = if side == Side::Exact { step.exact } else { step.crm };
    if let Some(mut seen) = seen.filter(|seen| waits && seen.observation.waiting_since.is_none()) {
        seen.observation.waiting_since = Some(ground.session.now().timestamp_micros());
        batch.puts.push(seen.observation.put(&ground.feed(side), &seen.id, ground.mapping, Expect::Any)?);
    }
    Ok(())
}

async fn settle_quietly(ground: &Ground<'_>, batch: &mut Batch, mut step: Step, news: bool) -> Result<()> {
    let settled = step.merge.settled() && step.issues.is_empty();
    let before = step.link.clone();
    spend_answers(&mut step);
    let link_at = batch.puts.len();
    prepare(ground, batch, &mut step).await?;
    if !news && step.link == before {
        let key = step.link.key();
        let unchanged = batch.puts[link_at..].iter().position(|put| put.key == key);
        if let Some(at) = unchanged {
            batch.puts.remove(link_at + at);
        }
    }
    if settled {
        clean(ground, batch, &mut step, false)?;
        return Ok(());
    }
    wait(ground, batch, step)
}

async fn ask(ground: &Ground<'_>, batch: &mut Batch, step: Step) -> Result<()> {
    let engine = ground.session.engine;
    for issue in &step.issues {
        let known = engine.store.get(&engine.tenant, &[issue.key()]).await?.pop().flatten();
        let known = known.as_ref().map(decode::<Issue>).transpose()?;
        let raised_at = known.as_ref().map_or(issue.raised_at, |known| known.raised_at);
        let issue = Issue { raised_at, ..issue.clone() };
        if known.as_ref() != Some(&issue) && known.is_none_or(|known| known.state == IssueState::Open) {
            batch.puts.push(issue.put()?);
        }
    }
    Ok(())
}
