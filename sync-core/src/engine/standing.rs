//! Whether what a question is about still is as it was when it was asked, as far as it was seen.

use crm_adapters::{Fields, RecordId, Value};

use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Flow, Side};
use crate::plan::{WHEN, meets};
use crate::state::{Feed, Issue, Link, LinkState, Observation, Seen, Subject};

/// Refuses an answer to what was seen to have changed since the question was asked, with the new value.
pub(super) async fn still_stands(session: &Session<'_>, issue: &Issue, link: Option<&Link>) -> Result<()> {
    // What became of a link that ended is only taken note of.
    if link.is_some_and(|link| link.state != LinkState::Live) {
        return Ok(());
    }
    let flow = session.engine.flows.iter().find(|flow| flow.name == issue.flow);
    for (side, asked) in [(Side::Exact, &issue.exact), (Side::Crm, &issue.crm)] {
        let (Some(id), Some(asked)) = (record(issue, link, side), asked) else { continue };
        let Some(seen) = seen(session, issue, side, id).await? else { continue };
        if seen.observation.deleted {
            return Err(moved(issue, &format!("{id} in {side} was deleted")));
        }
        for (name, asked) in asked.iter() {
            let held = held(flow, issue, (side, name), seen.fields());
            if let Some(held) = held.filter(|held| held != asked) {
                return Err(moved(issue, &format!("{name} in {side} was `{asked}` and is `{held}` now")));
            }
        }
    }
    Ok(())
}

/// The record of a side that a question is about.
fn record<'a>(issue: &'a Issue, link: Option<&'a Link>, side: Side) -> Option<&'a RecordId> {
    match &issue.subject {
        Subject::Record(of, id) => (*of == side).then_some(id),
        Subject::Link(_) => link?.record(side),
    }
}

async fn seen(session: &Session<'_>, issue: &Issue, side: Side, id: &RecordId) -> Result<Option<Seen>> {
    let engine = session.engine;
    let key = Observation::key(&Feed::of(&issue.flow, side, issue.division), id);
    let row = engine.store.get(&engine.tenant, &[key]).await?.pop().flatten();
    Ok(row.as_ref().map(Seen::read).transpose()?)
}

/// What a question would tell now under the same name.
fn held(flow: Option<&Flow>, issue: &Issue, (side, name): (Side, &str), fields: &Fields) -> Option<Value> {
    if issue.field.as_deref() == Some(WHEN) {
        return (side == Side::Crm).then_some(meets(flow?.when.as_ref()?, fields));
    }
    fields.get(name).cloned()
}

fn moved(issue: &Issue, what: &str) -> Error {
    let id = issue.id();
    let message = format!("issue {id} has moved on: {what}; run, then answer what is still asked");
    Error::new(ErrorKind::Moved, message)
}
