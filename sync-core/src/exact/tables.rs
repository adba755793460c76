//! Tables that no feed tells of, such as the periods of price lists: they are read whole from time to time, and what is new
//! of them is told as if by a feed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use crm_adapters::Result;
use exact_client::{Guid, Row};
use uuid::Uuid;

use super::error::neutral;
use super::kept::Kept;
use super::parts::{Parts, Progress, json, parse, stored, unread, unwritten};
use crate::store::{Batch, Expect, Key, Put, Scan, Table};

/// They are read no sooner again, unless a row names one that nobody knows.
const EVERY: TimeDelta = TimeDelta::hours(1);

impl Parts<'_> {
    /// Reads all rows where that is due, for a call per 60. Where no feed names any, none is read.
    pub(super) async fn read_whole(&self, kept: &'static Kept) -> Result<()> {
        let (progress, expect) = self.progress(kept).await?;
        let goes_on = self.goes_on(kept, &progress);
        let is_fresh = goes_on && progress.read_at.is_some_and(|last| (self.now - last).abs() < EVERY);
        let is_needed = self.is_named(kept).await?;
        if is_fresh || (goes_on && progress.complete && !is_needed) {
            return Ok(());
        }
        if !goes_on {
            self.drop_all(kept).await?;
        }
        let mut batch = Batch::new(Uuid::new_v4());
        let mut next = Progress {
            read_to: progress.read_to,
            complete: true,
            moved: self.moved,
            fields: self.fields(kept),
            read_at: None,
        };
        if is_needed {
            let list = self.division.resource(kept.feed).list(kept.properties()).map_err(neutral)?;
            let rows = list.all().await.map_err(neutral)?;
            self.tell_changes(&mut batch, kept, &rows, progress.read_to + 1).await?;
            next.read_to += i64::from(!batch.is_empty());
            next.read_at = Some(self.now);
        }
        batch.puts.push(Put { key: self.progress_key(kept), value: json(&next)?, marks: Vec::new(), expect });
        // Where another process was first, it read the same.
        self.store.store.commit(&self.store.tenant, None, batch).await.map_err(unwritten)?;
        Ok(())
    }

    /// Whether a feed told of anything that names rows of a table.
    async fn is_named(&self, kept: &Kept) -> Result<bool> {
        for naming in kept.named_by() {
            if self.read_to(naming).await? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is new, and what is gone: that stays to be told of, and is found by nothing any more.
    async fn tell_changes(
        &self,
        batch: &mut Batch,
        kept: &'static Kept,
        rows: &[Row],
        at: i64,
    ) -> Result<()> {
        let mut known = self.all(kept).await?;
        for row in rows {
            let Some(key) = row.guid("ID").map(|id| self.row_key(kept, id)) else { continue };
            let value = stored(row, &[])?;
            if known.remove(&key).as_ref() != Some(&value) {
                let marks = self.marks(kept, row).chain([self.told_mark(kept, at)]).collect();
                batch.puts.push(Put { key, value, marks, expect: Expect::Any });
            }
        }
        for (key, before) in known {
            let row = parse(kept, &before)?;
            let value = stored(&row, std::slice::from_ref(&row))?;
            if value != before {
                let marks = vec![self.told_mark(kept, at)];
                batch.puts.push(Put { key, value, marks, expect: Expect::Any });
            }
        }
        Ok(())
    }

    /// Has a table read whole where rows name one of it that nobody knows.
    pub(super) async fn ask_for_unknown(
        &self,
        batch: &mut Batch,
        kept: &Kept,
        named: impl Iterator<Item = Guid>,
    ) -> Result<()> {
        let named: BTreeSet<Key> = named.map(|id| self.row_key(kept, id)).collect();
        let known = self.rows(&named.iter().cloned().collect::<Vec<_>>()).await?.len();
        let (progress, expect) = self.progress(kept).await?;
        if known < named.len() && progress.read_at.is_some() {
            let value = json(&Progress { read_at: None, ..progress })?;
            batch.puts.push(Put { key: self.progress_key(kept), value, marks: Vec::new(), expect });
        }
        Ok(())
    }

    async fn all(&self, kept: &Kept) -> Result<BTreeMap<Key, String>> {
        let mut scan = Scan::table(Table::Part, &self.prefix(kept));
        let mut known = BTreeMap::new();
        loop {
            let rows = self.store.store.scan(&self.store.tenant, &scan).await.map_err(unread)?;
            let next = rows.last().filter(|_| rows.len() == scan.limit).map(|last| scan.clone().behind(last));
            known.extend(rows.into_iter().map(|row| (row.key, row.value)));
            match next {
                Some(next) => scan = next,
                None => return Ok(known),
            }
        }
    }
}
