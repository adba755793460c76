//! The commit of steps that write to no side.

use super::derive::{Ground, Step, StepKind};
use super::end::end;
use super::put::{clean, prepare, spend_answers};
use crate::error::Result;
use crate::flow::Side;
use crate::state::{AuditLine, Issue, IssueState, Observation, Subject, decode};
use crate::store::{Batch, Expect};

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
            StepKind::End(side) => end(ground, &mut batch, step, side, AuditLine::END).await?,
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
