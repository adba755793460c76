//! What a step comes to as rows of a batch: its link, its questions, and its records where nothing is left to do.

use super::audit::audit;
use super::derive::{Ground, Step, StepKind};
use crate::error::Result;
use crate::flow::Side;
use crate::state::{Answer, AuditLine, Issue, Link, Subject, decode};
use crate::store::{Batch, Expect, Key};

/// Puts the link of a step into a batch: what its sides agree on, its records, its questions.
pub(super) async fn prepare(ground: &Ground<'_>, batch: &mut Batch, step: &mut Step) -> Result<()> {
    for (rule, base) in std::mem::take(&mut step.merge.agreed) {
        step.link.base.insert(rule, base);
    }
    if step.kind == StepKind::Tie {
        delete_record_issues(batch, &step.link);
        batch.puts.push(audit(ground.session, &step.link, Side::Crm, AuditLine::LINK, Vec::new())?);
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

pub(super) fn delete_record_issue(batch: &mut Batch, link: &Link, side: Side) {
    if let Some(id) = link.record(side) {
        let subject = Subject::Record(side, id.clone());
        batch.deletes.push(Issue::key_of(&link.flow, link.division, &subject, None));
    }
}

/// Stores the questions about a link that are new or changed, and drops those that are answered.
pub(super) async fn reconcile(ground: &Ground<'_>, batch: &mut Batch, step: &mut Step) -> Result<()> {
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

/// Forgets the answers that are carried out: a later edit must not meet them. A skip answers as long as the values stay.
pub(super) fn spend_answers(step: &mut Step) {
    let held_back = step.issues.iter().any(|issue| issue.field.is_none());
    let Step { link, merge, .. } = step;
    link.answers.retain(|rule, answer| {
        let stays = matches!(answer, Answer::Skip { .. } | Answer::Retire { .. });
        let open = held_back || stays || merge.concerns(rule);
        open && !merge.spent.contains(&rule.as_str())
    });
}

/// Notes that nothing more is to be done about a link's records here; of the CRM's, whether others were woken.
pub(super) fn clean(ground: &Ground<'_>, batch: &mut Batch, step: &mut Step, woken: bool) -> Result<()> {
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
