//! What was settled, in order: for hosts that tell others of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Engine;
use super::about::{About, name};
use crate::error::Result;
use crate::state::{AuditLine, Link, decode};
use crate::store::{After, Key, Scan, Table};

/// One line of the audit, with the records that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// Names the line, for good.
    pub id: String,
    /// What was decided and written.
    pub line: AuditLine,
    /// The records of the link, as far as it has them.
    pub about: About,
}

/// A place in the audit. It can be stored, and used by any later process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuditCursor(String);

impl AuditCursor {
    /// Before everything that is settled from that moment on.
    #[must_use]
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self(format!("{:020}", moment.timestamp_micros().max(0)))
    }
}

impl Engine {
    /// What was settled behind a place, oldest first, and the place behind it. An empty page is the end. Asks the store
    /// alone.
    ///
    /// Lines are in the order of the clock: what another process settles with a clock that is behind may be missed.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    pub async fn settled(&self, after: &AuditCursor) -> Result<(Vec<Settled>, AuditCursor)> {
        let inner = &self.inner;
        let mut scan = Scan::table(Table::Audit, "");
        scan.after = Some(After { mark: String::new(), key: Key::new(Table::Audit, after.0.clone()) });
        let rows = inner.store.scan(&inner.tenant, &scan).await?;
        let lines = rows.iter().map(decode::<AuditLine>).collect::<Result<Vec<_>, _>>()?;
        let keys: Vec<Key> =
            lines.iter().map(|line| Link::key_of(&line.flow, line.division, line.link)).collect();
        let links = inner.store.get(&inner.tenant, &keys).await?;
        let mut settled = Vec::new();
        for ((row, line), link) in rows.iter().zip(lines).zip(links) {
            let link: Option<Link> = link.as_ref().map(decode).transpose()?;
            let (exact, crm) = link.map_or((None, None), |link| (link.exact, link.crm));
            let about = About { exact, crm, ..About::default() };
            settled.push(Settled { id: row.key.id.clone(), line, about });
        }
        let unnamed = settled.iter_mut();
        let unnamed = unnamed.map(|Settled { line, about, .. }| ((line.flow.as_str(), line.division), about));
        name(inner, unnamed.collect()).await?;
        let next = rows.last().map_or_else(|| after.clone(), |row| AuditCursor(row.key.id.clone()));
        Ok((settled, next))
    }
}
