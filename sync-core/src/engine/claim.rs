//! The commit before a write: its intent, durable before the first byte, and what comes first.

use std::time::Duration;

use chrono::TimeDelta;
use crm_adapters::{Action, Fields, Key as SearchKey, View};

use super::derive::{Ground, Step, StepKind};
use super::put::prepare;
use super::recover::search_key;
use crate::error::Result;
use crate::flow::Side;
use crate::plan::{FieldWrite, Why, named};
use crate::state::{Intent, IntentState};
use crate::store::{Batch, Expect};

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
    let mut claimed = Vec::with_capacity(steps.len());
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
