//! The identity map, out and in: which records belong together.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Engine;
use super::session::Session;
use super::tie::tie;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Division, Side};
use crate::state::{Link, LinkState, decode};
use crate::store::{Scan, Table};

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
    /// The fields are compared in the next run, as at a first match. A link that had ended, for a record of it was
    /// deleted, goes on with the records of its line and keeps its history.
    ///
    /// Asks the store alone, and a side where a record is tied to another one, in one call, for it may be gone without a
    /// word. The next run asks each side for what it has never seen of these, as many a call as it takes, and raises an
    /// issue about a link whose record is nowhere.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for an unknown flow or division, a record that is tied to another one, or one
    /// that is gone; no line is taken then.
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
    let mut links = BTreeSet::new();
    let mut batches = Vec::new();
    for chunk in lines.chunks(200) {
        let mut batch = session.batch();
        for line in chunk {
            let tied = tie(session, &mut batch, line).await?;
            new += u64::from(!tied.is_empty());
            if !tied.into_iter().all(|link| links.insert(link)) {
                let LinkRow { exact_id, crm_id, .. } = line;
                let message = format!(
                    "{exact_id} and {crm_id} were tied to each other's counterparts once, and another line goes on with that link; leave one of the two lines out"
                );
                return Err(Error::new(ErrorKind::NotFound, message));
            }
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
