//! Personal data: what is kept no longer, what is known of one person, and how the store forgets them.
//!
//! Who is forgotten leaves tombstones: the ids, without a value. A record with a tombstone is not read, not written and
//! not created anew.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{Kind, RecordId};
use serde::Serialize;

use super::audit::audit;
use super::session::Session;
use super::{Engine, Inner};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Division, Flow, Side};
use crate::state::{
    AuditLine, Feed, Intent, Issue, Link, LinkId, LinkState, Observation, Subject, decode, forgotten_company,
    parts_of_company, plain,
};
use crate::store::{Batch, Key, Mark, Row, Scan, Table};

/// For so many days a host should keep the audit where nobody says otherwise.
pub const KEEP_DAYS: u32 = 400;

/// So many pages of lines that are too old are dropped in one go.
const PAGES: usize = 4;

/// Everything that the store holds of one record, on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Export {
    /// What was asked for.
    pub record: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The rows: links, observations, parts, questions, writes under way, the audit.
    pub rows: Vec<ExportRow>,
}

/// One row of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExportRow {
    /// The table.
    pub table: &'static str,
    /// Its id there.
    pub id: String,
    /// What it holds.
    pub value: serde_json::Value,
}

impl Engine {
    /// Everything that the store holds of a record, by its id on either side or the id of its link. Asks the store alone.
    /// A CRM may give a person and a company the same id: then `flow` says which.
    ///
    /// Other records may name it: an order its contact, by id.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where the store knows no such record, or several flows know one;
    /// [`Store`](ErrorKind::Store).
    pub async fn export(&self, record: &str, flow: Option<&str>) -> Result<Export> {
        let inner = &self.inner;
        let file = File::open(inner, record, flow).await?;
        let mut rows = file.observations;
        rows.extend(file.parts);
        for link in &file.links {
            rows.extend(inner.store.get(&inner.tenant, &[link.key()]).await?.into_iter().flatten());
            rows.extend(intent(inner, link).await?);
            rows.extend(lines(inner, link).await?);
        }
        for key in file.questions {
            rows.extend(inner.store.get(&inner.tenant, &[key]).await?.into_iter().flatten());
        }
        let rows = rows.into_iter().map(|row| {
            let value = decode(&row)?;
            Ok(ExportRow { table: row.key.table.as_str(), id: row.key.id, value })
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        Ok(Export { record: record.to_owned(), at: inner.clock.now(), rows })
    }

    /// Forgets a record, by its id on either side or the id of its link: its link ends, every value of it goes from the
    /// store, from the audit too, and tombstones stay, so that no run reads it or creates it again. Nothing is written
    /// to either side. Says how many rows were emptied.
    ///
    /// # Errors
    /// Those of [`export`](Engine::export), and [`Busy`](ErrorKind::Busy) while a write of it is under way.
    pub async fn forget(&self, record: &str, flow: Option<&str>) -> Result<u64> {
        let session = Session::open(&self.inner).await?;
        let outcome = forget(&session, record, flow).await;
        session.close().await;
        outcome
    }

    /// Drops the lines of the audit that are older than so many days, and the values that lost with them: the oldest
    /// 2,000 at most, so a host calls it after each run. Says how many were dropped.
    ///
    /// # Errors
    /// [`Busy`](ErrorKind::Busy) while another worker holds the lease; [`Store`](ErrorKind::Store).
    pub async fn retire(&self, keep_days: u32) -> Result<u64> {
        let before =
            self.inner.clock.now() - TimeDelta::try_days(i64::from(keep_days)).unwrap_or(TimeDelta::MAX);
        let mut scan = Scan::table(Table::Audit, "");
        scan.to = format!("{:020}", before.timestamp_micros().max(0));
        if self.inner.store.scan(&self.inner.tenant, &scan.clone().limit(1)).await?.is_empty() {
            return Ok(0);
        }
        let session = Session::open(&self.inner).await?;
        let outcome = retire(&session, &scan).await;
        session.close().await;
        outcome
    }
}

async fn forget(session: &Session<'_>, record: &str, flow: Option<&str>) -> Result<u64> {
    let inner = session.engine;
    let file = File::open(inner, record, flow).await?;
    let mut batch = session.batch();
    for mut link in file.links {
        if intent(inner, &link).await?.is_some() {
            let message = format!("a write of {record} is under way; run once more, then forget it");
            return Err(Error::new(ErrorKind::Busy, message));
        }
        let side =
            if link.ids(Side::Exact).any(|id| id.as_str() == record) { Side::Exact } else { Side::Crm };
        if link.state == LinkState::Live {
            link.state = LinkState::Ended(side);
        }
        link.issues.clear();
        redact(session, &mut batch, &mut link).await?;
        batch.puts.push(link.put()?);
        batch.puts.push(audit(session, &link, side, AuditLine::FORGET, Vec::new())?);
    }
    for row in file.observations {
        if !batch.puts.iter().any(|put| put.key == row.key) {
            batch.puts.push(Observation::tombstone(row.key, session.now())?);
        }
    }
    batch.erase = true;
    batch.deletes.extend(file.questions);
    batch.deletes.extend(file.parts.into_iter().map(|row| row.key));
    batch.deletes.sort();
    batch.deletes.dedup();
    let emptied = batch.puts.len() + batch.deletes.len();
    for (observation, note) in file.companies {
        if batch.puts.iter().any(|put| put.key == observation) {
            batch.puts.push(plain(note, &())?);
        }
    }
    session.commit(batch).await?;
    Ok(emptied as u64)
}

/// Takes every value of a link out of the store: base, answers, observations, audit. Its record rows become tombstones.
/// The link itself is the caller's to put, and so are the questions about it.
pub(super) async fn redact(session: &Session<'_>, batch: &mut Batch, link: &mut Link) -> Result<()> {
    batch.erase = true;
    link.base.clear();
    link.answers.clear();
    for side in [Side::Exact, Side::Crm] {
        let feed = Feed::of(&link.flow, side, link.division);
        for id in link.ids(side) {
            let key = Observation::key(&feed, id);
            batch.puts.retain(|put| put.key != key);
            batch.puts.push(Observation::tombstone(key, session.now())?);
            let subject = Subject::Record(side, id.clone());
            batch.deletes.push(Issue::key_of(&link.flow, link.division, &subject, None));
        }
    }
    for row in lines(session.engine, link).await? {
        let line: AuditLine = decode(&row)?;
        batch.puts.push(AuditLine { fields: Vec::new(), ..line }.put(row.key)?);
    }
    Ok(())
}

async fn retire(session: &Session<'_>, scan: &Scan) -> Result<u64> {
    let Inner { store, tenant, .. } = session.engine;
    let mut dropped = 0;
    for _ in 0..PAGES {
        let rows = store.scan(tenant, scan).await?;
        let full = rows.len() == scan.limit;
        dropped += rows.len() as u64;
        let mut batch = session.batch();
        batch.deletes = rows.into_iter().map(|row| row.key).collect();
        session.commit(batch).await?;
        if !full {
            break;
        }
    }
    Ok(dropped)
}

/// What leads to everything about one record.
struct File {
    links: Vec<Link>,
    observations: Vec<Row>,
    /// Where it is noted that companies of Exact are forgotten, by the observations of these.
    companies: BTreeMap<Key, Key>,
    parts: Vec<Row>,
    questions: Vec<Key>,
}

impl File {
    async fn open(inner: &Inner, record: &str, flow: Option<&str>) -> Result<Self> {
        let mut found = Vec::new();
        for known in inner.flows.iter().filter(|known| flow.is_none_or(|flow| flow == known.name)) {
            let file = Self::of_flow(inner, known, record).await?;
            if !file.links.is_empty() || !file.observations.is_empty() {
                found.push((known.name.as_str(), file));
            }
        }
        let flows = found.iter().map(|(flow, _)| *flow).collect::<Vec<_>>().join(", ");
        match (found.pop(), found.is_empty()) {
            (Some((_, file)), true) => Ok(file),
            (Some(_), false) => {
                let message =
                    format!("{record} is a record of several flows: {flows}; say which flow is meant");
                Err(Error::new(ErrorKind::NotFound, message))
            }
            (None, _) => {
                let message =
                    format!("the store knows no record {record}; name its id in Exact or in the CRM");
                Err(Error::new(ErrorKind::NotFound, message))
            }
        }
    }

    async fn of_flow(inner: &Inner, flow: &Flow, record: &str) -> Result<Self> {
        let links = links(inner, flow, record).await?;
        let own = |link: &Link| {
            [Side::Exact, Side::Crm].map(|side| (side, link.division, link.ids(side).cloned().collect()))
        };
        let mut places: Vec<(Side, Division, Vec<RecordId>)> = links.iter().flat_map(own).collect();
        for division in inner.divisions(flow) {
            places.extend([Side::Exact, Side::Crm].map(|side| (side, division, vec![RecordId::new(record)])));
        }
        let is_company = flow.kinds.exact == Kind::Company;
        let companies = places.iter().filter(|(side, ..)| is_company && *side == Side::Exact);
        let companies: Vec<_> =
            companies.flat_map(|(_, division, ids)| ids.iter().map(|id| (*division, id.clone()))).collect();
        let parts = parts(inner, &companies).await?;
        let note = |(division, id)| {
            let observation = Observation::key(&Feed::exact(&flow.name, division), &id);
            (observation, forgotten_company(division, id))
        };
        let companies = companies.into_iter().map(note).collect();
        let mut keys = Vec::new();
        let mut subjects: Vec<String> = links
            .iter()
            .map(|link| Issue::prefix(&link.flow, link.division, &Subject::Link(link.id)))
            .collect();
        for (side, division, ids) in places {
            for id in ids {
                keys.push(Observation::key(&Feed::of(&flow.name, side, division), &id));
                subjects.push(Issue::prefix(&flow.name, division, &Subject::Record(side, id)));
            }
        }
        keys.sort();
        keys.dedup();
        subjects.sort();
        subjects.dedup();
        let observations = inner.store.get(&inner.tenant, &keys).await?.into_iter().flatten().collect();
        let mut questions = Vec::new();
        for subject in subjects {
            let rows = inner.store.scan(&inner.tenant, &Scan::table(Table::Issue, &subject)).await?;
            questions.extend(rows.into_iter().map(|row| row.key));
        }
        Ok(Self { links, observations, companies, parts, questions })
    }
}

/// The links of a record in a flow, under any id that it has or had.
async fn links(inner: &Inner, flow: &Flow, record: &str) -> Result<Vec<Link>> {
    let (id, divisions) = (RecordId::new(record), inner.divisions(flow));
    let places = divisions.iter().flat_map(|division| [Side::Exact, Side::Crm].map(|side| (*division, side)));
    let marks: Vec<Mark> =
        places.flat_map(|(division, side)| Link::record_marks(&flow.name, division, side, &id)).collect();
    let mut rows = inner.store.marked(&inner.tenant, &marks).await?;
    if let Some(link) = LinkId::parse(record) {
        let keys: Vec<Key> =
            divisions.iter().map(|division| Link::key_of(&flow.name, *division, link)).collect();
        rows.extend(inner.store.get(&inner.tenant, &keys).await?.into_iter().flatten());
    }
    Ok(rows.iter().map(Link::read).collect::<Result<_, _>>()?)
}

async fn intent(inner: &Inner, link: &Link) -> Result<Option<Row>> {
    let key = Intent::key_of(&link.flow, link.division, link.id);
    Ok(inner.store.get(&inner.tenant, &[key]).await?.pop().flatten())
}

/// What is kept of companies besides their observations.
async fn parts(inner: &Inner, companies: &[(Division, RecordId)]) -> Result<Vec<Row>> {
    let marks: Vec<Mark> =
        companies.iter().flat_map(|(division, id)| parts_of_company(*division, id)).collect();
    Ok(if marks.is_empty() { Vec::new() } else { inner.store.marked(&inner.tenant, &marks).await? })
}

/// The lines of the audit about a link, oldest first.
pub(super) async fn lines(inner: &Inner, link: &Link) -> Result<Vec<Row>> {
    let mut scan = Scan::mark(AuditLine::OF_LINK, &AuditLine::life(&link.flow, link.division, link.id));
    let mut lines = Vec::new();
    loop {
        let rows = inner.store.scan(&inner.tenant, &scan).await?;
        let more = rows.len() == scan.limit;
        if let Some(last) = rows.last() {
            scan = scan.behind(last);
        }
        lines.extend(rows);
        if !more {
            return Ok(lines);
        }
    }
}
