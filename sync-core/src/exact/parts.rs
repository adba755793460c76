//! What the feeds told of the parts of records, kept in the engine's store: figures are worked out of it without a call.
//!
//! Each feed is read once for all kinds of a division that its rows say something about; how far a kind was told of them
//! is in its own cursor. Rows hold no more than figures and ids, but for the addresses of companies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use crm_adapters::{Kind, Result};
use exact_client::{DivisionApi, Error, Guid, Row, Value as Exact, WallTime, WebhookTopic};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::derive::ids_in;
use super::error::neutral;
use super::feeds::{batch, latest};
use super::kept::{DELETED, Kept, Read};
use super::looks::{Look, Looks};
use super::read::timestamp;
use crate::flow::ExactKey;
use crate::state::{forgotten_company, part_mark};
use crate::store::{
    Batch, Commit, Expect, Key, Mark, MemoryStore, Put, Scan, Store, StoreError, Table, Tenant,
};

/// So many rows are told at once.
const PAGE: usize = 1_000;

/// The mark of a row under its timestamp.
const TOLD_AT: &str = "part_at";

/// Keeps the parts of records in the engine's store.
#[derive(Clone, Debug)]
pub struct PartStore {
    pub(super) store: Arc<dyn Store>,
    pub(super) tenant: Tenant,
    looks: Arc<Looks>,
}

impl PartStore {
    /// The parts of this tenant.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tenant: Tenant) -> Self {
        Self { store, tenant, looks: Arc::default() }
    }

    /// Exact told of something in a division, by a webhook: the next look [at the news](crm_adapters::Adapter::news)
    /// reads the feeds that tell more of it. All of them where nobody knows what the topic is about.
    pub fn hear(&self, division: exact_client::DivisionId, topic: &WebhookTopic) {
        self.looks.hear(division, topic);
    }
}

/// In memory, for one process.
impl Default for PartStore {
    fn default() -> Self {
        Self::new(Arc::new(MemoryStore::new()), Tenant::default())
    }
}

/// How far a feed was read, and what of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) read_to: i64,
    pub(super) complete: bool,
    pub(super) moved: Option<WallTime>,
    pub(super) fields: String,
    /// When what has no feed was read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) read_at: Option<DateTime<Utc>>,
}

/// A row as it is stored: what was read of it. Also the rows that went: those that a deletion is about, and what a row was
/// before it moved to something else.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    row: &'a RawValue,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    gone: Vec<&'a RawValue>,
}

/// Something that was deleted.
#[derive(Debug)]
pub(super) struct Gone {
    /// What, by Exact's number and id.
    pub(super) row: Row,
    /// The rows of parts that went with it.
    pub(super) parts: Vec<Row>,
}

/// The parts of one division.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) store: &'a PartStore,
    pub(super) division: &'a DivisionApi,
    pub(super) moved: Option<WallTime>,
    pub(super) now: DateTime<Utc>,
}

impl Parts<'_> {
    /// Whether a feed is to be read for a kind now.
    pub(super) fn is_due(&self, kept: &Kept, kind: Kind, look: Look, now: DateTime<Utc>) -> bool {
        self.looks().at_part(self.division.id(), kept, kind, look, now)
    }

    pub(super) fn looks(&self) -> &Looks {
        &self.store.looks
    }

    /// Reads one page of a feed and keeps it, and says whether there is more. One call, but for what has no feed.
    pub(super) async fn read(&self, kept: &'static Kept) -> Result<bool> {
        if let Read::Whole = kept.read {
            self.read_whole(kept).await?;
            return Ok(false);
        }
        let (progress, expect) = self.progress(kept).await?;
        let progress = if self.goes_on(kept, &progress) {
            progress
        } else {
            self.drop_all(kept).await?;
            Progress { moved: self.moved, fields: self.fields(kept), ..Progress::default() }
        };
        let rows =
            self.division.resource(kept.feed).feed(progress.read_to, kept.properties()).map_err(neutral)?;
        let (rows, more) = batch(&rows, progress.read_to).await?;
        let read_to = rows.iter().filter_map(timestamp).fold(progress.read_to, i64::max);
        let next = Progress { read_to, complete: progress.complete || !more, ..progress.clone() };
        let mut batch = Batch::new(Uuid::new_v4());
        if next != progress {
            let value = json(&next)?;
            batch.puts.push(Put { key: self.progress_key(kept), value, marks: Vec::new(), expect });
        }
        let rows =
            latest(rows.into_iter(), "ID").filter_map(|row| Some((self.row_key(kept, row.guid("ID")?), row)));
        let (mut told, silent): (Vec<_>, Vec<_>) = rows.partition(|(_, row)| (kept.holds)(row));
        // What says nothing of a record any more is told of once more, where it did.
        let keys: Vec<Key> = told.iter().chain(&silent).map(|(key, _)| key.clone()).collect();
        let known: BTreeMap<Key, String> = self.rows(&keys).await?.into_iter().collect();
        told.extend(silent.into_iter().filter(|(key, _)| known.contains_key(key)));
        self.leave_out_forgotten(kept, &mut told).await?;
        if let Read::Naming(property, named) = kept.read {
            let names = told.iter().filter_map(|(_, row)| row.guid(property));
            self.ask_for_unknown(&mut batch, named, names).await?;
        }
        for (key, row) in told {
            let before = known.get(&key).map(|before| parse(kept, before)).transpose()?;
            self.keep(&mut batch, kept, key, &row, before).await?;
        }
        if batch.is_empty() {
            return Ok(more);
        }
        batch.deletes.retain(|key| !batch.puts.iter().any(|put| put.key == *key));
        match self.store.store.commit(&self.store.tenant, None, batch).await.map_err(unwritten)? {
            // Another process was first: what it read is kept, and the rest is still to be read.
            Commit::Conflict(_) => Ok(true),
            _ => Ok(more),
        }
    }

    /// Leaves out the personal data of companies that are forgotten.
    async fn leave_out_forgotten(&self, kept: &Kept, told: &mut Vec<(Key, Row)>) -> Result<()> {
        let Some(property) = kept.personal else { return Ok(()) };
        let note = |row: &Row| Some(forgotten_company(self.division.id(), row.guid(property)?));
        let notes: BTreeSet<Key> = told.iter().filter_map(|(_, row)| note(row)).collect();
        let found = self.rows(&notes.into_iter().collect::<Vec<_>>()).await?;
        let forgotten: BTreeSet<Key> = found.into_iter().map(|(key, _)| key).collect();
        told.retain(|(_, row)| note(row).is_none_or(|note| !forgotten.contains(&note)));
        Ok(())
    }

    async fn keep(
        &self,
        batch: &mut Batch,
        kept: &'static Kept,
        key: Key,
        row: &Row,
        before: Option<Row>,
    ) -> Result<()> {
        let moved = |before: &Row| kept.found_by.iter().any(|name| before.get(name) != row.get(name));
        let gone = match kept.read {
            Read::Deletions => self.take_out(batch, row).await?,
            _ => before.filter(moved).into_iter().collect(),
        };
        let value = stored(row, &gone)?;
        let mut marks = vec![self.told_mark(kept, timestamp(row).unwrap_or_default())];
        if (kept.holds)(row) {
            marks.extend(self.marks(kept, row));
        }
        batch.puts.push(Put { key, value, marks, expect: Expect::Any });
        Ok(())
    }

    /// The mark of a row by when it was told.
    pub(super) fn told_mark(&self, kept: &Kept, timestamp: i64) -> Mark {
        Mark::new(TOLD_AT, self.told_at(kept, timestamp))
    }

    /// The marks that a row is found by.
    pub(super) fn marks(&self, kept: &Kept, row: &Row) -> impl Iterator<Item = Mark> {
        kept.found_by.iter().filter_map(|name| self.found_by(kept, name, row.get(name)?))
    }

    /// Takes the rows out that a deletion is about.
    async fn take_out(&self, batch: &mut Batch, deletion: &Row) -> Result<Vec<Row>> {
        let Some((kept, id)) = Kept::of_deleted(deletion).zip(deletion.guid("EntityKey")) else {
            return Ok(Vec::new());
        };
        let Some((_, named)) = kept.deleted else { return Ok(Vec::new()) };
        let known = match named {
            "ID" => self.rows(&[self.row_key(kept, id)]).await?,
            _ => self.marked(kept, named, &[Exact::Guid(id)]).await?,
        };
        let mut gone = Vec::new();
        for (key, value) in known {
            let row = parse(kept, &value)?;
            if timestamp(&row) <= timestamp(deletion) {
                batch.deletes.push(key);
                gone.push(row);
            }
        }
        Ok(gone)
    }

    /// The rows whose property has one of these values, texts but for their case and spaces around them; `None` where the
    /// feed was never read to its end. Asks the store alone.
    pub(super) async fn by(
        &self,
        kept: &'static Kept,
        property: &str,
        values: &[Exact],
    ) -> Result<Option<Vec<Row>>> {
        if !self.is_complete(kept).await? {
            return Ok(None);
        }
        let rows = self.marked(kept, property, values).await?;
        Ok(Some(rows.iter().map(|(_, value)| parse(kept, value)).collect::<Result<Vec<_>>>()?))
    }

    /// The documents that lines of theirs belong to, as far as these are kept. Asks the store alone.
    pub(super) async fn documents_of(
        &self,
        lines: &'static Kept,
        key: &str,
        ids: &[Exact],
    ) -> Result<BTreeSet<Guid>> {
        let id = |value: &Exact| match value {
            Exact::Guid(id) => Some(self.row_key(lines, *id)),
            _ => None,
        };
        let keys: Vec<Key> = ids.iter().filter_map(id).collect();
        let rows = self.rows(&keys).await?;
        let rows = rows.iter().map(|(_, value)| parse(lines, value)).collect::<Result<Vec<_>>>()?;
        Ok(ids_in(&rows, key))
    }

    /// The next rows behind a timestamp in the order of theirs, what they were before they moved, and the timestamp to go on
    /// from, where there may be more.
    pub(super) async fn since(&self, kept: &'static Kept, after: i64) -> Result<(Vec<Row>, Option<i64>)> {
        let (rows, next) = self.told_since(kept, after).await?;
        let mut told = Vec::with_capacity(rows.len());
        for value in &rows {
            let stored: Stored<'_> = serde_json::from_str(value).map_err(unreadable)?;
            for row in std::iter::once(stored.row).chain(stored.gone) {
                told.push(kept.feed.parse(row.get()).map_err(neutral)?);
            }
        }
        Ok((told, next))
    }

    /// The same of what was deleted.
    pub(super) async fn gone_since(&self, after: i64) -> Result<(Vec<Gone>, Option<i64>)> {
        let (rows, next) = self.told_since(&DELETED, after).await?;
        let gone = |value: &String| {
            let stored: Stored<'_> = serde_json::from_str(value).map_err(unreadable)?;
            let row = DELETED.feed.parse(stored.row.get()).map_err(neutral)?;
            let parts = match Kept::of_deleted(&row) {
                Some(kept) => stored.gone.iter().map(|part| kept.feed.parse(part.get())).collect(),
                None => Ok(Vec::new()),
            };
            Ok(Gone { row, parts: parts.map_err(neutral)? })
        };
        Ok((rows.iter().map(gone).collect::<Result<Vec<_>>>()?, next))
    }

    async fn told_since(&self, kept: &Kept, after: i64) -> Result<(Vec<String>, Option<i64>)> {
        let mut scan = Scan::mark(TOLD_AT, &self.prefix(kept)).limit(PAGE);
        scan.from = self.told_at(kept, after.saturating_add(1));
        let mut rows = self.store.store.scan(&self.store.tenant, &scan).await.map_err(unread)?;
        let mut next = None;
        if rows.len() == PAGE
            && let Some(last) = rows.last().map(|row| row.mark.clone())
        {
            // Rows of one timestamp are told together.
            let before = rows.iter().rposition(|row| row.mark != last).map_or(rows.len(), |at| at + 1);
            rows.truncate(before);
            next = rows.last().and_then(|row| row.mark.rsplit('/').next()?.parse().ok());
        }
        Ok((rows.into_iter().map(|row| row.value).collect(), next))
    }

    /// Up to which timestamp a feed was read.
    pub(super) async fn read_to(&self, kept: &Kept) -> Result<i64> {
        Ok(self.progress(kept).await?.0.read_to)
    }

    /// Whether a feed that was read to its end told of nothing.
    pub(super) async fn is_empty(&self, kept: &Kept) -> Result<bool> {
        Ok(self.is_complete(kept).await? && self.read_to(kept).await? == 0)
    }

    /// Whether any row has a value in a property that rows are found by; also where nobody knows yet.
    pub(super) async fn has_any(&self, kept: &Kept, property: &str) -> Result<bool> {
        let any = part_mark(&self.prefix(kept), property, "");
        let scan = Scan::mark(any.name, &any.value).limit(1);
        let rows = self.store.store.scan(&self.store.tenant, &scan).await.map_err(unread)?;
        Ok(!rows.is_empty() || !self.is_complete(kept).await?)
    }

    /// Whether a feed was read to its end once.
    pub(super) async fn is_complete(&self, kept: &Kept) -> Result<bool> {
        let (progress, _) = self.progress(kept).await?;
        Ok(progress.complete && self.goes_on(kept, &progress))
    }

    /// Whether what was read is still of this division and of these fields.
    pub(super) fn goes_on(&self, kept: &Kept, progress: &Progress) -> bool {
        progress.moved == self.moved && progress.fields == self.fields(kept)
    }

    pub(super) async fn progress(&self, kept: &Kept) -> Result<(Progress, Expect)> {
        let rows =
            self.store.store.get(&self.store.tenant, &[self.progress_key(kept)]).await.map_err(unread)?;
        Ok(match rows.into_iter().flatten().next() {
            None => (Progress::default(), Expect::Absent),
            // What another version wrote of it is none.
            Some(row) => {
                (serde_json::from_str(&row.value).unwrap_or_default(), Expect::Revision(row.revision))
            }
        })
    }

    pub(super) async fn rows(&self, keys: &[Key]) -> Result<Vec<(Key, String)>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store.store.get(&self.store.tenant, keys).await.map_err(unread)?;
        Ok(rows.into_iter().flatten().map(|row| (row.key, row.value)).collect())
    }

    async fn marked(
        &self,
        kept: &'static Kept,
        property: &str,
        values: &[Exact],
    ) -> Result<Vec<(Key, String)>> {
        let marks: Vec<Mark> =
            values.iter().filter_map(|value| self.found_by(kept, property, value)).collect();
        if marks.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store.store.marked(&self.store.tenant, &marks).await.map_err(unread)?;
        Ok(rows.into_iter().map(|row| (row.key, row.value)).collect())
    }

    /// Drops what is kept of a feed, whose timestamps mean nothing any more.
    pub(super) async fn drop_all(&self, kept: &Kept) -> Result<()> {
        let scan = Scan::table(Table::Part, &self.prefix(kept));
        loop {
            let rows = self.store.store.scan(&self.store.tenant, &scan).await.map_err(unread)?;
            let last = rows.len() < scan.limit;
            let mut batch = Batch::new(Uuid::new_v4());
            batch.deletes = rows.into_iter().map(|row| row.key).collect();
            if !batch.is_empty() {
                self.store.store.commit(&self.store.tenant, None, batch).await.map_err(unwritten)?;
            }
            if last {
                return Ok(());
            }
        }
    }

    /// What keys and marks of a feed begin with.
    pub(super) fn prefix(&self, kept: &Kept) -> String {
        format!("{}/{}/", self.division.id(), kept.name)
    }

    pub(super) fn progress_key(&self, kept: &Kept) -> Key {
        Key::new(Table::Part, format!("{}/{}", self.division.id(), kept.name))
    }

    pub(super) fn row_key(&self, kept: &Kept, id: Guid) -> Key {
        Key::new(Table::Part, format!("{}{id}", self.prefix(kept)))
    }

    fn told_at(&self, kept: &Kept, timestamp: i64) -> String {
        format!("{}{timestamp:020}", self.prefix(kept))
    }

    fn found_by(&self, kept: &Kept, property: &str, value: &Exact) -> Option<Mark> {
        let value = match value {
            Exact::Guid(id) if !id.is_nil() => id.to_string(),
            Exact::Int(number) => number.to_string(),
            Exact::Text(text) if !text.trim().is_empty() => {
                ExactKey::canon(text).replace(char::is_control, " ")
            }
            _ => return None,
        };
        Some(part_mark(&self.prefix(kept), property, &value))
    }

    pub(super) fn fields(&self, kept: &Kept) -> String {
        kept.properties().collect::<Vec<_>>().join(",")
    }
}

/// A row as it is stored.
pub(super) fn stored(row: &Row, gone: &[Row]) -> Result<String> {
    let text = |row: &Row| RawValue::from_string(json(row)?).map_err(unreadable);
    let gone = gone.iter().map(text).collect::<Result<Vec<_>>>()?;
    json(&Stored { row: &text(row)?, gone: gone.iter().map(AsRef::as_ref).collect() })
}

pub(super) fn parse(kept: &Kept, value: &str) -> Result<Row> {
    let stored: Stored<'_> = serde_json::from_str(value).map_err(unreadable)?;
    kept.feed.parse(stored.row.get()).map_err(neutral)
}

pub(super) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> crm_adapters::Error {
    neutral(Error::store("a kept part of a record cannot be read or written as JSON", error))
}

pub(super) fn unread(error: StoreError) -> crm_adapters::Error {
    neutral(Error::store("what is kept of the feeds cannot be read", error))
}

pub(super) fn unwritten(error: StoreError) -> crm_adapters::Error {
    neutral(Error::store("what the feeds told was not kept", error))
}
