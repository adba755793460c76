//! The end of a link: a record of one of its sides is gone, or out of use.

use super::audit::audit;
use super::derive::{Ground, Step};
use super::privacy::redact;
use super::put::clean;
use crate::error::Result;
use crate::flow::Side;
use crate::state::{AuditLine, Issue, IssueKind, Link, LinkState, Subject};
use crate::store::Batch;

/// One side deleted its record, or a run's was taken out of use: the link ends, the other record stays as it is. What was
/// handed over is asked about, a person who was deleted is forgotten.
pub(super) async fn end(
    ground: &Ground<'_>,
    batch: &mut Batch,
    mut step: Step,
    side: Side,
    action: &str,
) -> Result<()> {
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
    let forgotten = action == AuditLine::END && ground.mapping.flow.is_about_people();
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
    let issue = Issue::of_link(&step.link, IssueKind::Departed, message, ground.session.now());
    Issue { exact: fields(Side::Exact), crm: fields(Side::Crm), ..issue }
}
