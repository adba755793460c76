//! Taking back what a run wrote. Each link gets its share of it as a request, which the next run carries out like any
//! other write: planned, braked, durable, and only where nobody has edited the record since.

use std::collections::BTreeMap;

use super::Engine;
use super::history::{self, PastRun};
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::Side;
use crate::plan::FieldWrite;
use crate::state::{Answer, AuditLine, Feed, Link, LinkId, LinkState, Observation, Restored, Seen, decode};
use crate::store::{Expect, Key, Put};

/// What an undo asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undo {
    /// Links on which values are to be put back.
    pub restored: u64,
    /// Records that the run created and that are to be taken out of use.
    pub retired: u64,
    /// Links of the run that are no more, or whose lines cannot be taken back.
    pub left: u64,
}

/// What a run did to one link.
#[derive(Default)]
struct Done {
    created: Option<Side>,
    /// By rule and side: what it wrote last, and what stood there before its first write.
    written: BTreeMap<(String, Side), Restored>,
}

/// How many links are asked for in one commit.
const PAGE: usize = 100;

impl Engine {
    /// Asks for the reverse of everything that a run wrote. The next run carries it out, with its brakes; a plan shows it
    /// first. Values are put back where a side still holds what the run wrote; where somebody has edited since, it
    /// becomes a question. What the run created in the CRM is archived; in Exact it is ended, never deleted, and a
    /// document, such as an order, becomes a question. The two sides may then differ, and stay so until one of them
    /// changes. Links stay, so that nothing is created again.
    ///
    /// Makes no call to either side.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for a run that wrote nothing or is not known, [`Store`](ErrorKind::Store).
    pub async fn undo(&self, run: &str) -> Result<Undo> {
        let known = self.past_runs(usize::MAX).await?.into_iter().find(|past| past.id == run);
        let Some(past) = known else {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("no run {run} wrote anything; see `status`"),
            ));
        };
        let session = Session::open(&self.inner).await?;
        let outcome = undo(&session, &past).await;
        session.close().await;
        outcome
    }
}

async fn undo(session: &Session<'_>, run: &PastRun) -> Result<Undo> {
    let mut done: BTreeMap<(String, u32, LinkId), (Key, Done)> = BTreeMap::new();
    for line in history::lines_of(session, run).await? {
        let key = Link::key_of(&line.flow, line.division, line.link);
        let name = (line.flow.clone(), line.division.get(), line.link);
        done.entry(name).or_insert_with(|| (key, Done::default())).1.take(line);
    }
    let mut undo = Undo::default();
    let mut done = done.into_values().peekable();
    while done.peek().is_some() {
        ask(session, done.by_ref().take(PAGE).collect(), &mut undo).await?;
    }
    Ok(undo)
}

impl Done {
    fn take(&mut self, line: AuditLine) {
        match line.action.as_str() {
            "create" => self.created = Some(line.side),
            // What was not answered may have landed, and was looked at again since.
            "update" | "unanswered" => {
                for FieldWrite { rule, from, to, .. } in
                    line.fields.into_iter().filter(|write| !write.rule.is_empty())
                {
                    let written = self
                        .written
                        .entry((rule, line.side))
                        .or_insert(Restored { wrote: to.clone(), back: from });
                    written.wrote = to;
                }
            }
            _ => {}
        }
    }

    /// The requests on a link, by rule. `life` is all that was ever written about it.
    fn requests(self, life: &[AuditLine]) -> BTreeMap<String, Answer> {
        if let Some(side) = self.created {
            let lines = life.iter().filter(|line| line.side == side);
            let fields = lines.flat_map(|line| &line.fields).filter(|write| !write.rule.is_empty());
            let wrote = fields.map(|write| (write.rule.clone(), write.to.clone())).collect();
            return BTreeMap::from([(Link::UNDO.to_owned(), Answer::Retire { side, wrote })]);
        }
        let mut requests: BTreeMap<String, (Option<Restored>, Option<Restored>)> = BTreeMap::new();
        for ((rule, side), restored) in self.written {
            let (exact, crm) = requests.entry(rule).or_default();
            *(if side == Side::Exact { exact } else { crm }) = Some(restored);
        }
        requests.into_iter().map(|(rule, (exact, crm))| (rule, Answer::Restore { exact, crm })).collect()
    }
}

async fn ask(session: &Session<'_>, page: Vec<(Key, Done)>, undo: &mut Undo) -> Result<()> {
    let engine = session.engine;
    let keys: Vec<Key> = page.iter().map(|(key, _)| key.clone()).collect();
    let rows = engine.store.get(&engine.tenant, &keys).await?;
    let mut batch = session.batch();
    for ((_, done), row) in page.into_iter().zip(rows) {
        let link: Option<Link> = row.as_ref().map(decode).transpose()?;
        let link = link.filter(|link| link.state == LinkState::Live);
        let life = match (&link, done.created) {
            (Some(link), Some(_)) => {
                history::life(session.engine, (&link.flow, link.division, link.id)).await?
            }
            _ => Vec::new(),
        };
        let requests = done.requests(&life);
        let (Some(mut link), false) = (link, requests.is_empty()) else {
            undo.left += 1;
            continue;
        };
        match requests.contains_key(Link::UNDO) {
            true => undo.retired += 1,
            false => undo.restored += 1,
        }
        link.answers.extend(requests);
        for put in disturbed(session, &link).await? {
            batch.puts.push(put);
        }
        batch.puts.push(link.put()?);
    }
    session.commit(batch).await
}

/// The records of a link, to be looked at in the next run.
async fn disturbed(session: &Session<'_>, link: &Link) -> Result<Vec<Put>> {
    let engine = session.engine;
    let Some(flow) = engine.flows.iter().find(|flow| flow.name == link.flow) else { return Ok(Vec::new()) };
    let Ok((mapping, _)) = engine.resolve(flow).await? else { return Ok(Vec::new()) };
    let mut puts = Vec::new();
    for side in [Side::Exact, Side::Crm] {
        let Some(id) = link.record(side) else { continue };
        let feed = Feed::of(&link.flow, side, link.division);
        let row = engine.store.get(&engine.tenant, &[Observation::key(&feed, id)]).await?.pop().flatten();
        if let Some(mut seen) = row.as_ref().map(Seen::read).transpose()? {
            seen.observation.set_dirty(link.division, true);
            puts.push(seen.observation.put(&feed, &seen.id, &mapping, Expect::Any)?);
        }
    }
    Ok(puts)
}
