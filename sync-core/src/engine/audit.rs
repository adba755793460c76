//! Lines of the audit: what was done to a link, by which run.

use super::session::Session;
use crate::error::Result;
use crate::flow::Side;
use crate::plan::FieldWrite;
use crate::state::{AuditLine, Intent, Link};
use crate::store::{Key, Put, Table};

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
