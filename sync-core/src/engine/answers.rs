//! Open questions, and a person's answers to them.

use crm_adapters::{RecordId, Value};

use super::Engine;
use super::audit::audit;
use super::links::LinkRow;
use super::session::Session;
use super::standing::still_stands;
use super::tie::{exist, tie};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::Side;
use crate::plan::{FieldWrite, Why};
use crate::state::{Answer, AuditLine, Issue, IssueKind, IssueState, Link, Subject, decode};
use crate::store::{Mark, Scan};

/// What a person decided. It is carried out in the next run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// Take the value of that side.
    Take(Side),
    /// Write this value to both sides.
    Value(String),
    /// These two records are the same.
    Link {
        /// The record in Exact.
        exact: RecordId,
        /// The record in the CRM.
        crm: RecordId,
    },
    /// The record is a new one: create it on the other side.
    Create,
    /// Leave it as it is on both sides.
    Skip,
}

impl Engine {
    /// The open issues of all flows, in a fixed order. Asks the store alone.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store).
    pub async fn issues(&self) -> Result<Vec<Issue>> {
        let inner = &self.inner;
        let mut scan = Scan::mark(Issue::OPEN, "");
        let mut issues = Vec::new();
        loop {
            let rows = inner.store.scan(&inner.tenant, &scan).await?;
            issues.extend(rows.iter().map(decode::<Issue>).collect::<Result<Vec<_>, _>>()?);
            match rows.last() {
                Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
                _ => return Ok(issues),
            }
        }
    }

    /// Answers an issue by its [id](Issue::id). The next run carries it out. Asks the store alone; for a tie, also
    /// a side for a record that was never seen, and for one that is tied to another one, in one call each.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound): no such open issue, an answer that does not fit it, a record that is nowhere;
    /// [`Moved`](ErrorKind::Moved), with the new value: what it is about was seen to have changed since.
    pub async fn resolve_issue(&self, id: &str, resolution: Resolution) -> Result<()> {
        let session = Session::open(&self.inner).await?;
        let outcome = resolve(&session, id, resolution).await;
        session.close().await;
        outcome
    }
}

async fn resolve(session: &Session<'_>, id: &str, resolution: Resolution) -> Result<()> {
    let engine = session.engine;
    let rows = engine.store.marked(&engine.tenant, &[Mark::new(Issue::ID, id)]).await?;
    let issue =
        rows.first().map(decode::<Issue>).transpose()?.filter(|issue| issue.state == IssueState::Open);
    let Some(issue) = issue else {
        return Err(Error::new(ErrorKind::NotFound, format!("there is no open issue {id}; see `issues`")));
    };
    if let Subject::Record(..) = issue.subject {
        still_stands(session, &issue, None).await?;
    }
    let mut batch = session.batch();
    match (&issue.subject, resolution) {
        (Subject::Record(..), Resolution::Create)
            if matches!(issue.kind, IssueKind::Ambiguous | IssueKind::Price) =>
        {
            batch.puts.push(Issue { state: IssueState::Create, ..issue.clone() }.put()?);
        }
        (Subject::Record(..), Resolution::Skip) => {
            batch.puts.push(Issue { state: IssueState::Skipped, ..issue.clone() }.put()?);
        }
        (Subject::Record(..), Resolution::Link { exact, crm }) if issue.kind == IssueKind::Ambiguous => {
            let (flow, division) = (issue.flow.clone(), issue.division);
            let line = LinkRow { flow, division, exact_id: exact.to_string(), crm_id: crm.to_string() };
            tie(session, &mut batch, &line).await?;
            exist(session, &line).await?;
            if !batch.deletes.contains(&issue.key()) {
                batch.deletes.push(issue.key());
            }
        }
        (Subject::Link(link), resolution) => {
            let key = Link::key_of(&issue.flow, issue.division, *link);
            let row = engine.store.get(&engine.tenant, &[key]).await?.pop().flatten();
            let Some(mut link) = row.as_ref().map(decode::<Link>).transpose()? else {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    format!("the link of issue {id} is gone; run again"),
                ));
            };
            still_stands(session, &issue, Some(&link)).await?;
            let decided = decided(&issue, &resolution);
            answer(&mut link, &issue, resolution)?;
            let (side, fields) = decided;
            batch.puts.push(audit(session, &link, side, AuditLine::ANSWER, fields)?);
            match &issue.field {
                None => batch.puts.push(Issue { state: IssueState::Skipped, ..issue.clone() }.put()?),
                Some(field) => {
                    link.issues.remove(field);
                    batch.deletes.push(issue.key());
                }
            }
            batch.puts.push(link.put()?);
        }
        (Subject::Record(side, record), _) => return Err(unfit(&issue, *side, record)),
    }
    session.commit(batch).await
}

/// What the audit tells of an answer: which value is to go where in place of which; nothing of a skip.
fn decided(issue: &Issue, resolution: &Resolution) -> (Side, Vec<FieldWrite>) {
    let value = |side: Side| value(if side == Side::Exact { &issue.exact } else { &issue.crm });
    let (side, to) = match resolution {
        Resolution::Take(winner) => (winner.other(), value(*winner)),
        Resolution::Value(text) => (Side::Exact, Value::text(text)),
        _ => return (Side::Crm, Vec::new()),
    };
    // It was not written yet, so it is no rule's write.
    let rule = String::new();
    let field = issue.field.clone().unwrap_or_default();
    let (from, source) = (value(side), value(side.other()));
    (side, vec![FieldWrite { rule, field, from, to, source, why: Why::Answer }])
}

/// The one value that a question tells of a side.
fn value(fields: &Option<crm_adapters::Fields>) -> Value {
    let first = fields.as_ref().and_then(|fields| fields.iter().next());
    first.map_or(Value::Null, |(_, value)| value.clone())
}

/// Notes an answer on the link; the values that it was given for go with it.
fn answer(link: &mut Link, issue: &Issue, resolution: Resolution) -> Result<()> {
    let unfit = || {
        let answers = issue.answers().join(", ");
        Error::new(ErrorKind::NotFound, format!("issue {} takes one of: {answers}", issue.id()))
    };
    let Some(field) = &issue.field else {
        return if resolution == Resolution::Skip { Ok(()) } else { Err(unfit()) };
    };
    let (exact, crm) = (value(&issue.exact), value(&issue.crm));
    let answer = match resolution {
        Resolution::Take(side @ Side::Exact) if issue.kind == IssueKind::HandedOff => {
            Answer::Take { side, exact, crm }
        }
        Resolution::Take(side)
            if matches!(issue.kind, IssueKind::Conflict | IssueKind::Undo | IssueKind::Oscillation)
                && field != Link::UNDO =>
        {
            Answer::Take { side, exact, crm }
        }
        Resolution::Value(text) if field != Link::UNDO => {
            Answer::Value { value: Value::text(text), exact, crm }
        }
        Resolution::Skip => Answer::Skip { exact, crm },
        _ => return Err(unfit()),
    };
    link.answers.insert(field.clone(), answer);
    Ok(())
}

fn unfit(issue: &Issue, side: Side, record: &RecordId) -> Error {
    let answers = issue.answers().join(", ");
    Error::new(
        ErrorKind::NotFound,
        format!("issue {} about {record} in {side} takes one of: {answers}", issue.id()),
    )
}
