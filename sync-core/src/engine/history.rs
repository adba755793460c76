//! What runs did: to one record, and by one run.

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::RecordId;
use serde::{Deserialize, Serialize};

use super::about::{About, name};
use super::report::RunReport;
use super::session::Session;
use super::{Engine, Inner};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Division, Side};
use crate::state::{AuditLine, Link, LinkId, decode, plain};
use crate::store::{Key, Scan, Table};

/// A run that wrote something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PastRun {
    /// Names it.
    pub id: String,
    /// When it began to write.
    pub began: DateTime<Utc>,
    /// When it ended; `None` where it was cut off, or is still at work.
    pub ended: Option<DateTime<Utc>>,
    /// Records created, on both sides.
    pub created: u64,
    /// Records changed, on both sides.
    pub updated: u64,
}

/// The life of one link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LinkHistory {
    /// Its flow.
    pub flow: String,
    /// Its division.
    pub division: Division,
    /// Its name.
    pub link: LinkId,
    /// The two records.
    #[serde(flatten)]
    pub about: About,
    /// What was written, oldest first, each with the value that it replaced and the reason.
    pub lines: Vec<AuditLine>,
}

impl PastRun {
    fn key(&self) -> Key {
        Key::new(Table::Meta, format!("run/{}/{}", AuditLine::moment(self.began), self.id))
    }

    /// Where its lines are: among others in the time that it took, and what later runs learned of it.
    pub(super) fn lines(&self) -> [Scan; 2] {
        let mut own = Scan::table(Table::Audit, &AuditLine::moment(self.began));
        own.to = self
            .ended
            .map_or_else(String::new, |ended| AuditLine::moment(ended + TimeDelta::microseconds(1)));
        [own, Scan::mark(AuditLine::OF_RUN, &AuditLine::late(&self.id))]
    }
}

impl Engine {
    /// What was written about a record, named by its id on either side or by the id of its link. The same id may be
    /// known in several flows and divisions. Asks the store alone.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where no link is of that name, [`Store`](ErrorKind::Store).
    pub async fn history(&self, id: &str) -> Result<Vec<LinkHistory>> {
        let inner = &self.inner;
        let mut keys = Vec::new();
        let mut marks = Vec::new();
        for flow in &inner.flows {
            for division in inner.divisions(flow) {
                keys.extend(id.parse().ok().map(|link| Link::key_of(&flow.name, division, link)));
                for side in [Side::Exact, Side::Crm] {
                    marks.extend(Link::record_marks(&flow.name, division, side, &RecordId::new(id)));
                }
            }
        }
        let mut rows: Vec<_> = inner.store.get(&inner.tenant, &keys).await?.into_iter().flatten().collect();
        rows.extend(
            inner
                .store
                .marked(&inner.tenant, &marks)
                .await?
                .into_iter()
                .filter(|row| row.key.table == Table::Link),
        );
        if rows.is_empty() {
            let message = format!(
                "nothing is linked by the name {id}; give the id of a record in Exact or in the CRM, or of a link"
            );
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        let mut histories = Vec::new();
        for row in &rows {
            let Link { id: link, flow, division, exact, crm, .. } = decode(row)?;
            let lines = life(inner, (&flow, division, link), DateTime::UNIX_EPOCH).await?;
            let mut about = About { exact, crm, ..About::default() };
            name(inner, vec![((flow.as_str(), division), &mut about)]).await?;
            histories.push(LinkHistory { flow, division, link, about, lines });
        }
        Ok(histories)
    }

    /// The last runs that wrote something, the latest first. Asks the store alone.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store).
    pub async fn past_runs(&self, most: usize) -> Result<Vec<PastRun>> {
        let inner = &self.inner;
        let mut scan = Scan::table(Table::Meta, "run/");
        let mut runs = std::collections::VecDeque::new();
        loop {
            let rows = inner.store.scan(&inner.tenant, &scan).await?;
            for row in &rows {
                runs.push_front(decode::<PastRun>(row)?);
                runs.truncate(most);
            }
            match rows.last() {
                Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
                _ => return Ok(runs.into()),
            }
        }
    }
}

/// All that was written about a link from a moment on, oldest first.
pub(super) async fn life(
    engine: &Inner,
    (flow, division, link): (&str, Division, LinkId),
    since: DateTime<Utc>,
) -> Result<Vec<AuditLine>> {
    let mut scan = Scan::mark(AuditLine::OF_LINK, &AuditLine::life(flow, division, link));
    scan.from.push_str(&AuditLine::moment(since));
    let mut lines = Vec::new();
    loop {
        let rows = engine.store.scan(&engine.tenant, &scan).await?;
        lines.extend(rows.iter().map(decode::<AuditLine>).collect::<std::result::Result<Vec<_>, _>>()?);
        match rows.last() {
            Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
            _ => return Ok(lines),
        }
    }
}

/// Notes that a run begins to write, before its first write, so that a run which is cut off can be told of, too.
pub(super) async fn begin(session: &Session<'_>) -> Result<()> {
    if session.begun().is_some() {
        return Ok(());
    }
    let run = PastRun { id: session.run.clone(), began: session.now(), ended: None, created: 0, updated: 0 };
    let mut batch = session.batch();
    batch.puts.push(plain(run.key(), &run)?);
    *session.begun() = Some(run);
    session.commit(batch).await
}

/// Notes how a run that wrote something ended.
pub(super) fn end(session: &Session<'_>, report: &RunReport) -> Result<Option<crate::store::Put>> {
    let Some(mut run) = session.begun().clone() else { return Ok(None) };
    run.ended = Some(session.now());
    run.created = report.flows.iter().map(|flow| flow.created.total()).sum();
    run.updated = report.flows.iter().map(|flow| flow.updated.total()).sum();
    Ok(Some(plain(run.key(), &run)?))
}
