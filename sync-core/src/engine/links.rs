//! The identity map, out and in: which records belong together.

use std::collections::BTreeSet;

use crm_adapters::RecordId;
use serde::{Deserialize, Serialize};

use super::Engine;
use super::derive::Ground;
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Division, Side};
use crate::state::{Issue, Link, LinkId, LinkState, Observation, Seen, Subject, decode};
use crate::store::{Batch, Expect, Scan, Table};

/// One line of the identity map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "the columns of a spreadsheet")]
pub struct LinkRow {
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// The record in Exact.
    pub exact_id: String,
    /// The record in the CRM.
    pub crm_id: String,
}

impl Engine {
    /// The next page of the identity map behind a line, in a fixed order; from the beginning without one. An empty page
    /// is the end. Asks the store alone.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store).
    pub async fn links(&self, after: Option<&LinkCursor>) -> Result<(Vec<LinkRow>, Option<LinkCursor>)> {
        let inner = &self.inner;
        let mut scan = Scan::table(Table::Link, "");
        if let Some(LinkCursor(row)) = after {
            scan = scan.behind(row);
        }
        let rows = inner.store.scan(&inner.tenant, &scan).await?;
        let mut lines = Vec::new();
        for row in &rows {
            let link: Link = decode(row)?;
            if let (Some(exact), Some(crm), LinkState::Live) = (&link.exact, &link.crm, link.state) {
                let (exact_id, crm_id) = (exact.to_string(), crm.to_string());
                lines.push(LinkRow { flow: link.flow, division: link.division, exact_id, crm_id });
            }
        }
        let more = rows.len() == scan.limit;
        Ok((lines, rows.into_iter().next_back().filter(|_| more).map(LinkCursor)))
    }

    /// Ties records by hand: the map of a former integration, or the answer to an ambiguous match. Lines that are known
    /// already change nothing. Returns how many links are new.
    ///
    /// The fields are compared in the next run, as at a first match.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for an unknown flow or division, or a record that is tied to another one; no
    /// line is taken then.
    pub async fn import_links(&self, lines: &[LinkRow]) -> Result<u64> {
        let session = Session::open(&self.inner).await?;
        let outcome = import(&session, lines).await;
        session.close().await;
        outcome
    }
}

/// A place in the identity map.
#[derive(Clone, Debug)]
pub struct LinkCursor(crate::store::Row);

async fn import(session: &Session<'_>, lines: &[LinkRow]) -> Result<u64> {
    each_record_once(lines)?;
    let mut new = 0;
    let mut batches = Vec::new();
    for chunk in lines.chunks(200) {
        let mut batch = session.batch();
        for line in chunk {
            new += u64::from(tie(session, &mut batch, line).await?);
        }
        batches.push(batch);
    }
    for batch in batches {
        session.commit(batch).await?;
    }
    Ok(new)
}

fn each_record_once(lines: &[LinkRow]) -> Result<()> {
    let mut records = BTreeSet::new();
    for line in lines {
        for (side, id) in [(Side::Exact, &line.exact_id), (Side::Crm, &line.crm_id)] {
            if !records.insert((&line.flow, line.division, side, id)) {
                let message = format!("{id} stands there twice; tie each record once");
                return Err(Error::new(ErrorKind::NotFound, message));
            }
        }
    }
    Ok(())
}

/// Puts one new link into a batch; `false` where it is known already.
pub(super) async fn tie(session: &Session<'_>, batch: &mut Batch, line: &LinkRow) -> Result<bool> {
    let engine = session.engine;
    let known = engine
        .flows
        .iter()
        .any(|flow| flow.name == line.flow && engine.divisions(flow).contains(&line.division));
    if !known {
        let message =
            format!("no flow {} in division {}; see `flow` and `exact.divisions`", line.flow, line.division);
        return Err(Error::new(ErrorKind::NotFound, message));
    }
    let mut link = Link::new(LinkId::new(session.new_id()), &line.flow, line.division);
    link.exact = Some(RecordId::new(&line.exact_id));
    link.crm = Some(RecordId::new(&line.crm_id));
    match session.links(&link.record_marks()).await?.as_slice() {
        [known] if (&known.exact, &known.crm) == (&link.exact, &link.crm) => return Ok(false),
        [] => {}
        _ => {
            let message = format!(
                "{} or {} is tied to another record already; end that link first",
                line.exact_id, line.crm_id
            );
            return Err(Error::new(ErrorKind::NotFound, message));
        }
    }
    // A person has answered what was asked about these records.
    for side in [Side::Exact, Side::Crm] {
        let Some(id) = link.record(side) else { continue };
        let subject = Subject::Record(side, id.clone());
        batch.deletes.push(Issue::key_of(&link.flow, link.division, &subject, None));
    }
    let mut put = link.put()?;
    put.marks.push(Link::fresh(&link.flow, link.division));
    batch.puts.push(put);
    Ok(true)
}

/// Has the records of links that were tied by hand looked at in this pass, whatever they were before.
pub(super) async fn wake(ground: &Ground<'_>) -> Result<()> {
    let engine = ground.session.engine;
    let name = &ground.mapping.flow.name;
    let fresh = Scan::mark(Link::FRESH, &Link::fresh(name, ground.division).value);
    loop {
        let rows = engine.store.scan(&engine.tenant, &fresh).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut batch = ground.session.batch();
        for row in &rows {
            let link: Link = decode(row)?;
            for side in [Side::Exact, Side::Crm] {
                let Some(id) = link.record(side) else { continue };
                let feed = ground.feed(side);
                let seen =
                    engine.store.get(&engine.tenant, &[Observation::key(&feed, id)]).await?.pop().flatten();
                if let Some(mut seen) = seen.as_ref().map(Seen::read).transpose()?
                    && seen.observation.set_dirty(ground.division, true)
                {
                    batch.puts.push(seen.observation.put(&feed, id, ground.mapping, Expect::Any)?);
                }
            }
            batch.puts.push(link.put()?);
        }
        ground.session.commit(batch).await?;
    }
}
