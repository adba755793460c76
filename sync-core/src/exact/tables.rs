//! The periods of price lists. No feed tells of them, so they are read whole from time to time, and what is new of them is
//! told as if by one. And whether anybody has a price list at all.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use crm_adapters::{Kind, Result};
use exact_client::{Row, Value as Exact};
use uuid::Uuid;

use super::error::neutral;
use super::kept::{DISCOUNTS, Kept, PERIODS};
use super::parts::{Parts, Progress, json, parse, stored, unread, unwritten};
use crate::store::{Batch, Expect, Key, Put, Scan, Table};

/// They are read no sooner again, unless a row names one that nobody knows.
const EVERY: TimeDelta = TimeDelta::hours(1);

impl Parts<'_> {
    /// Reads all periods where that is due, for a call per 60. Where no price list says anything of an item, none is read.
    pub(super) async fn read_periods(&self) -> Result<()> {
        let (progress, expect) = self.progress(&PERIODS).await?;
        let goes_on = self.goes_on(&PERIODS, &progress);
        let is_fresh = goes_on && progress.read_at.is_some_and(|last| (self.now - last).abs() < EVERY);
        let is_needed = self.read_to(&DISCOUNTS).await? > 0;
        if is_fresh || (goes_on && progress.complete && !is_needed) {
            return Ok(());
        }
        if !goes_on {
            self.drop_all(&PERIODS).await?;
        }
        let mut batch = Batch::new(Uuid::new_v4());
        let mut next = Progress {
            read_to: progress.read_to,
            complete: true,
            moved: self.moved,
            fields: self.fields(&PERIODS),
            read_at: None,
        };
        if is_needed {
            let list = self.division.resource(PERIODS.feed).list(PERIODS.properties()).map_err(neutral)?;
            let rows = list.all().await.map_err(neutral)?;
            self.tell_changes(&mut batch, &rows, progress.read_to + 1).await?;
            next.read_to += i64::from(!batch.is_empty());
            next.read_at = Some(self.now);
        }
        batch.puts.push(Put {
            key: self.progress_key(&PERIODS),
            value: json(&next)?,
            marks: Vec::new(),
            expect,
        });
        // Where another process was first, it read the same.
        self.store.store.commit(&self.store.tenant, None, batch).await.map_err(unwritten)?;
        Ok(())
    }

    /// What is new, and what is gone: that stays to be told of, and is found by nothing any more.
    async fn tell_changes(&self, batch: &mut Batch, rows: &[Row], at: i64) -> Result<()> {
        let mut known = self.known_periods().await?;
        for row in rows {
            let Some(key) = row.guid("ID").map(|id| self.row_key(&PERIODS, id)) else { continue };
            let value = stored(row, &[])?;
            if known.remove(&key).as_ref() != Some(&value) {
                let marks = self.marks(&PERIODS, row).chain([self.told_mark(&PERIODS, at)]).collect();
                batch.puts.push(Put { key, value, marks, expect: Expect::Any });
            }
        }
        for (key, before) in known {
            let row = parse(&PERIODS, &before)?;
            let value = stored(&row, std::slice::from_ref(&row))?;
            if value != before {
                let marks = vec![self.told_mark(&PERIODS, at)];
                batch.puts.push(Put { key, value, marks, expect: Expect::Any });
            }
        }
        Ok(())
    }

    /// Whether what price lists say is nothing to a kind: to items as long as no customer was seen to have one.
    pub(super) async fn is_idle(&self, kept: &Kept, kind: Kind) -> Result<bool> {
        let of_lists = [DISCOUNTS.name, PERIODS.name].contains(&kept.name);
        Ok(of_lists && kind == Kind::Product && self.rows(&[self.lists_key()]).await?.is_empty())
    }

    /// Notes for good that a customer has a price list.
    pub(super) async fn note_lists(&self) -> Result<()> {
        if self.rows(&[self.lists_key()]).await?.is_empty() {
            let mut batch = Batch::new(Uuid::new_v4());
            let put =
                Put { key: self.lists_key(), value: "true".into(), marks: Vec::new(), expect: Expect::Any };
            batch.puts.push(put);
            self.store.store.commit(&self.store.tenant, None, batch).await.map_err(unwritten)?;
        }
        Ok(())
    }

    fn lists_key(&self) -> Key {
        Key::new(Table::Part, format!("{}/price_lists", self.division.id()))
    }

    async fn known_periods(&self) -> Result<BTreeMap<Key, String>> {
        let mut scan = Scan::table(Table::Part, &self.prefix(&PERIODS));
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

    /// Has the periods read where rows name one that nobody knows.
    pub(super) async fn ask_for_unknown_periods<'r>(
        &self,
        batch: &mut Batch,
        discounts: impl Iterator<Item = &'r Row>,
    ) -> Result<()> {
        let named = discounts.filter_map(|row| match row.get("PriceListPeriod") {
            Some(Exact::Guid(id)) => Some(self.row_key(&PERIODS, *id)),
            _ => None,
        });
        let named: BTreeSet<Key> = named.collect();
        let known = self.rows(&named.iter().cloned().collect::<Vec<_>>()).await?.len();
        let (progress, expect) = self.progress(&PERIODS).await?;
        if known < named.len() && progress.read_at.is_some() {
            let value = json(&Progress { read_at: None, ..progress })?;
            batch.puts.push(Put { key: self.progress_key(&PERIODS), value, marks: Vec::new(), expect });
        }
        Ok(())
    }
}
