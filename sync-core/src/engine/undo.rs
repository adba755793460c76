//! Taking back what a run wrote. Each link gets its share of it as a request, which the next run carries out like any
//! other write: planned, braked, durable, and only where nobody has edited the record since.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::Value;

use super::Engine;
use super::history::{self, PastRun};
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::Side;
use crate::plan::{FieldWrite, Why};
use crate::state::{Answer, AuditLine, Link, LinkState, Restored, decode};
use crate::store::Key;

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
    /// Asks for the reverse of everything that a run wrote, named by its id or as much of it as is no other run's. The
    /// next run carries it out, with its brakes; a plan shows it first. Values are put back where a side still holds what the run wrote; where somebody has edited since, it
    /// becomes a question, also where a later run wrote over that edit. What the run created in the CRM is archived; in
    /// Exact it is ended, never deleted, and a document, such as an order, becomes a question. That goes for a create
    /// whose answer was lost, too, once its record is found; one that was there already, or that is not as it was sent,
    /// is somebody else's and stays. The two sides may then differ, and stay so until one of them changes.
    ///
    /// Links stay, so that nothing is created again, and with them the key in the CRM; it goes where the record in Exact
    /// that it names was created by the run. A prospect that became a customer for an order stays one.
    ///
    /// Asks the store alone: the lines of the run, and of each link that it wrote to what was written there since. Holds
    /// one page of them at a time.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for a run that wrote nothing or is not known, [`Store`](ErrorKind::Store).
    pub async fn undo(&self, run: &str) -> Result<Undo> {
        let known = self.past_runs(usize::MAX).await?;
        let mut meant = known.into_iter().filter(|past| !run.is_empty() && past.id.starts_with(run));
        let (past, others) = (meant.next(), meant.count());
        let Some(past) = past.filter(|_| others == 0) else {
            let message = match others {
                0 => format!("no run {run} wrote anything; see `status`"),
                _ => format!("the ids of {} runs begin with {run}; give more of it", others + 1),
            };
            return Err(Error::new(ErrorKind::NotFound, message));
        };
        let session = Session::open(&self.inner).await?;
        let outcome = undo(&session, &past).await;
        session.close().await;
        outcome
    }
}

async fn undo(session: &Session<'_>, run: &PastRun) -> Result<Undo> {
    let engine = session.engine;
    let (mut undo, mut asked) = (Undo::default(), BTreeSet::new());
    for mut scan in run.lines() {
        loop {
            let rows = engine.store.scan(&engine.tenant, &scan).await?;
            let mut links = Vec::new();
            for row in &rows {
                let AuditLine { run: of, flow, division, link, .. } = decode(row)?;
                if of == run.id && asked.insert(link) {
                    links.push(Link::key_of(&flow, division, link));
                }
            }
            for page in links.chunks(PAGE) {
                ask(session, run, page, &mut undo).await?;
            }
            match rows.last() {
                Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
                _ => break,
            }
        }
    }
    Ok(undo)
}

/// Asks for one page of links. Their mark has the next run look at their records.
async fn ask(session: &Session<'_>, run: &PastRun, page: &[Key], undo: &mut Undo) -> Result<()> {
    let engine = session.engine;
    let mut batch = session.batch();
    for row in engine.store.get(&engine.tenant, page).await? {
        let link: Option<Link> = row.as_ref().map(decode).transpose()?;
        let Some(mut link) = link.filter(|link| link.state == LinkState::Live) else {
            undo.left += 1;
            continue;
        };
        let life = history::life(engine, (&link.flow, link.division, link.id), run.began).await?;
        let mut done = Done::default();
        for (at, line) in life.iter().enumerate().filter(|(_, line)| line.run == run.id) {
            done.take(line, &life[at + 1..]);
        }
        let requests = done.requests(&run.id, &life);
        match (requests.contains_key(Link::UNDO), requests.is_empty()) {
            (true, _) => undo.retired += 1,
            (false, false) => undo.restored += 1,
            (false, true) => {
                undo.left += 1;
                continue;
            }
        }
        link.answers.extend(requests);
        let mut put = link.put()?;
        put.marks.push(Link::fresh(&link.flow, link.division));
        batch.puts.push(put);
    }
    session.commit(batch).await
}

impl Done {
    /// One line of the run, with what was written about the link after it.
    fn take(&mut self, line: &AuditLine, later: &[AuditLine]) {
        match line.action.as_str() {
            AuditLine::CREATE | AuditLine::FOUND => self.created = Some(line.side),
            AuditLine::UPDATE | AuditLine::UNANSWERED => {
                for write in line.fields.iter().filter(|write| !write.rule.is_empty()) {
                    self.wrote(line.side, write, later);
                }
            }
            _ => {}
        }
    }

    fn wrote(&mut self, side: Side, write: &FieldWrite, later: &[AuditLine]) {
        let FieldWrite { rule, from, to, .. } = write;
        let written = self.written.entry((rule.clone(), side)).or_insert_with(|| Restored::new(to, from));
        written.wrote = to.clone();
        written.edited = edited(side, write, later);
    }

    /// The requests on a link, by rule. `life` is all that was written about it since the run began.
    fn requests(self, run: &str, life: &[AuditLine]) -> BTreeMap<String, Answer> {
        if let Some(side) = self.created {
            let wrote = held(side, run, life);
            let key = (side == Side::Exact).then(|| key(life)).flatten();
            return BTreeMap::from([(Link::UNDO.to_owned(), Answer::Retire { side, wrote, key })]);
        }
        let mut requests: BTreeMap<String, (Option<Restored>, Option<Restored>)> = BTreeMap::new();
        for ((rule, side), restored) in self.written {
            let (exact, crm) = requests.entry(rule).or_default();
            *(if side == Side::Exact { exact } else { crm }) = Some(restored);
        }
        requests.into_iter().map(|(rule, (exact, crm))| (rule, Answer::Restore { exact, crm })).collect()
    }
}

/// What a record that a run created holds by rule, where nobody has edited it: what was written to it, and what its side gave
/// it by itself, such as a number. The run told that to the other side, where it was empty, from the answer to the create; of
/// a record that was only found later nobody knows who gave it what.
fn held(side: Side, run: &str, life: &[AuditLine]) -> BTreeMap<String, Value> {
    let mut held = BTreeMap::new();
    let mut answered = false;
    // An answer is what was decided, not what was written.
    for line in life.iter().filter(|line| line.action != AuditLine::ANSWER) {
        answered |= line.side == side && line.run == run && line.action == AuditLine::CREATE;
        for write in line.fields.iter().filter(|write| !write.rule.is_empty()) {
            if line.side == side {
                held.insert(write.rule.clone(), write.to.clone());
            } else if answered && line.run == run && write.why == Why::Filled {
                held.entry(write.rule.clone()).or_insert_with(|| write.source.clone());
            }
        }
    }
    held
}

/// Whether somebody has edited a field since it was written, and a run wrote over that: it found something else than what
/// the write before it had left.
fn edited(side: Side, write: &FieldWrite, later: &[AuditLine]) -> bool {
    let mut left = &write.to;
    let later = later.iter().filter(|line| line.side == side).flat_map(|line| &line.fields);
    let mut later = later.filter(|next| next.rule == write.rule);
    later.any(|next| next.from != *std::mem::replace(&mut left, &next.to))
}

/// The key that was written to the record of the CRM, and what stood there before.
fn key(life: &[AuditLine]) -> Option<Restored> {
    let lines = life.iter().filter(|line| line.side == Side::Crm);
    let mut keys = lines.flat_map(|line| &line.fields).filter(|write| write.why == Why::Key);
    let first = keys.next()?;
    let last = keys.next_back().unwrap_or(first);
    Some(Restored::new(&last.to, &first.from))
}
