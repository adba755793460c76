//! Records that a person ties by hand.

use std::collections::BTreeSet;

use crm_adapters::{Change, RecordId, View};

use super::audit::audit;
use super::derive::Ground;
use super::links::LinkRow;
use super::privacy;
use super::session::Session;
use super::{Inner, observe};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Flow, Side};
use crate::state::{
    AuditLine, Feed, Issue, IssueKind, Link, LinkId, LinkState, Observation, Seen, Subject, decode,
};
use crate::store::{Batch, Expect, Scan};

/// How many records are asked for at once.
const ASKED: usize = 100;

/// Puts a link between two records into a batch. Those that ended and held one of them go on as this one: names them
/// then, else the new one; nothing where the two are tied already.
pub(super) async fn tie(session: &Session<'_>, batch: &mut Batch, line: &LinkRow) -> Result<Vec<LinkId>> {
    let flow = covered(session.engine, line)?;
    let records = [(Side::Exact, RecordId::new(&line.exact_id)), (Side::Crm, RecordId::new(&line.crm_id))];
    let marks = |(side, id): &(Side, RecordId)| Link::record_marks(&line.flow, line.division, *side, id);
    let marks: Vec<_> = records.iter().flat_map(marks).collect();
    let mut former = session.links(&marks).await?;
    for live in former.iter_mut().filter(|link| link.state == LinkState::Live) {
        if records.iter().all(|(side, id)| live.record(*side) == Some(id)) {
            return Ok(Vec::new());
        }
        let Some(side) = gone(session.engine, flow, live, &records).await? else {
            return Err(in_the_way(live, &records));
        };
        live.state = LinkState::Ended(side);
        batch.puts.push(audit(session, live, side, AuditLine::END, Vec::new())?);
    }
    present(session.engine, line, &records).await?;
    former.sort_by_key(|link| link.id);
    let mut tied: Vec<LinkId> = former.iter().map(|link| link.id).collect();
    let mut former = former.into_iter();
    let mut link =
        former.next().unwrap_or_else(|| Link::new(LinkId::new(session.new_id()), &line.flow, line.division));
    close_questions(batch, &link);
    for other in former {
        close_questions(batch, &other);
        absorb(session.engine, batch, &mut link, &other).await?;
    }
    let crm = &session.engine.crm;
    link.go_on(&records, crm.capabilities(flow.kinds.crm).unique_key);
    // A person has answered what was asked about these records.
    for (side, id) in records {
        batch.deletes.push(Issue::key_of(&link.flow, link.division, &Subject::Record(side, id), None));
    }
    if tied.is_empty() {
        tied.push(link.id);
    }
    batch.puts.push(audit(session, &link, Side::Crm, AuditLine::LINK, Vec::new())?);
    let mut put = link.put()?;
    put.marks.push(Link::fresh(&link.flow, link.division));
    batch.puts.push(put);
    Ok(tied)
}

fn covered<'e>(engine: &'e Inner, line: &LinkRow) -> Result<&'e Flow> {
    let LinkRow { flow, division, .. } = line;
    let covers = |known: &&Flow| known.name == *flow && engine.divisions(known).contains(division);
    engine.flows.iter().find(covers).ok_or_else(|| {
        let message = format!("no flow {flow} in division {division}; see `flow` and `exact.divisions`");
        Error::new(ErrorKind::NotFound, message)
    })
}

/// The side on which the record is gone that a link holds instead of the one to be tied: not every side tells of
/// deletions, so it is asked.
async fn gone(
    engine: &Inner,
    flow: &Flow,
    live: &Link,
    records: &[(Side, RecordId); 2],
) -> Result<Option<Side>> {
    for (side, id) in records {
        let Some(held) = live.record(*side).filter(|held| *held != id) else { continue };
        let Some(adapter) = engine.adapter(*side, live.division) else { continue };
        let view = View { kind: flow.kinds.on(*side), fields: Vec::new() };
        let found = adapter.get(&view, std::slice::from_ref(held)).await;
        if found.map_err(|error| Error::of_side(*side, error))?.is_empty() {
            return Ok(Some(*side));
        }
    }
    Ok(None)
}

/// Why two records cannot be tied: one of them has a link.
fn in_the_way(live: &Link, records: &[(Side, RecordId); 2]) -> Error {
    let holds = |(side, id): &&(Side, RecordId)| live.ids(*side).any(|held| held == id);
    let (side, id) = records.iter().find(holds).unwrap_or(&records[0]);
    let message = match (live.record(*side), live.record(side.other())) {
        (_, None) => format!("{id} in {side} is being created on the other side; run, then look again"),
        (Some(now), _) if now != id => {
            format!("{id} in {side} went into {now}, which is tied already; name {now}, or leave it as it is")
        }
        (_, Some(other)) => format!(
            "{id} in {side} is tied to {other} in {} already; merge or delete the record that is one too many, run, then tie what remains",
            side.other()
        ),
    };
    Error::new(ErrorKind::NotFound, message)
}

/// Refuses to tie what is known to be gone, or to be forgotten: the link would end again at once.
async fn present(engine: &Inner, line: &LinkRow, records: &[(Side, RecordId); 2]) -> Result<()> {
    let key =
        |(side, id): &(Side, RecordId)| Observation::key(&Feed::of(&line.flow, *side, line.division), id);
    let rows = engine.store.get(&engine.tenant, &records.each_ref().map(key)).await?;
    for ((side, id), row) in records.iter().zip(rows) {
        let seen = row.as_ref().map(Seen::read).transpose()?;
        if seen.is_some_and(|seen| seen.observation.deleted) {
            let message = format!(
                "{id} in {side} was deleted, or is to be forgotten; run to learn what is there now, then name a record that is"
            );
            return Err(Error::new(ErrorKind::NotFound, message));
        }
    }
    Ok(())
}

/// Refuses to tie what was never seen and what its side does not know: such a link would say nothing.
pub(super) async fn exist(session: &Session<'_>, line: &LinkRow) -> Result<()> {
    let engine = session.engine;
    let flow = covered(engine, line)?;
    for (side, id) in [(Side::Exact, &line.exact_id), (Side::Crm, &line.crm_id)] {
        let id = RecordId::new(id);
        let key = Observation::key(&Feed::of(&line.flow, side, line.division), &id);
        let seen = engine.store.get(&engine.tenant, &[key]).await?.pop().flatten();
        let Some(adapter) = engine.adapter(side, line.division).filter(|_| seen.is_none()) else { continue };
        let view = View { kind: flow.kinds.on(side), fields: Vec::new() };
        let found = adapter.get(&view, std::slice::from_ref(&id)).await;
        if found.map_err(|error| Error::of_side(side, error))?.is_empty() {
            let kind = flow.kinds.on(side);
            let message = format!("{id} is no {kind} in {side}; name one that is there, by its id");
            return Err(Error::new(ErrorKind::NotFound, message));
        }
    }
    Ok(())
}

/// Looks for records of links tied by hand that no feed has told of, and asks about those that are nowhere.
async fn seek(ground: &Ground<'_>, unseen: &[(Link, Vec<Side>)]) -> Result<()> {
    let engine = ground.session.engine;
    for part in unseen.chunks(ASKED) {
        ground.session.renew().await?;
        let mut nowhere = BTreeSet::new();
        for side in [Side::Exact, Side::Crm] {
            let wanted = part.iter().filter(|(_, sides)| sides.contains(&side));
            let ids: Vec<RecordId> = wanted.filter_map(|(link, _)| link.record(side).cloned()).collect();
            let adapter = engine.adapter(side, ground.division).filter(|_| !ids.is_empty());
            let Some(adapter) = adapter else { continue };
            let found = adapter.get(&observe::view(ground.mapping, side), &ids).await;
            let found = found.map_err(|error| Error::of_side(side, error))?;
            let missing = ids.into_iter().filter(|id| found.iter().all(|record| record.id != *id));
            nowhere.extend(missing.map(|id| (side, id)));
            let found = found.into_iter().map(Change::Present).collect();
            let (feed, divisions) = (ground.feed(side), [ground.division]);
            observe::take(ground.session, ground.mapping, &feed, &divisions, found).await?;
        }
        let mut batch = ground.session.batch();
        for (link, sides) in part {
            let gone = sides.iter().filter_map(|side| Some((*side, link.record(*side)?.clone())));
            match gone.into_iter().find(|record| nowhere.contains(record)) {
                Some((side, id)) => ask(ground, &mut batch, link.clone(), side, &id)?,
                None => batch.puts.push(link.put()?),
            }
        }
        ground.session.commit(batch).await?;
    }
    Ok(())
}

/// Asks about a link one of whose records is nowhere.
fn ask(ground: &Ground<'_>, batch: &mut Batch, mut link: Link, side: Side, id: &RecordId) -> Result<()> {
    let other = link.record(side.other()).map(ToString::to_string).unwrap_or_default();
    let kind = ground.mapping.flow.kinds.on(side);
    let message = format!(
        "{other} in {} was tied by hand to {id}, which is no {kind} in {side}; tie it with `links import` to one that is there, or skip to leave it alone",
        side.other()
    );
    link.issues.insert(Link::WHOLE.to_owned());
    let issue = Issue::of_link(&link, IssueKind::Rejected, message, ground.session.now());
    batch.puts.extend([issue.put()?, link.put()?]);
    Ok(())
}

/// What was still asked about a link that ended is over.
fn close_questions(batch: &mut Batch, link: &Link) {
    let mut fields: Vec<_> = link.issues.iter().map(String::as_str).collect();
    fields.push(Link::WHOLE);
    fields.dedup();
    for field in fields {
        let field = (field != Link::WHOLE).then_some(field);
        batch.deletes.push(Issue::key_of(&link.flow, link.division, &Subject::Link(link.id), field));
    }
}

/// Makes a link that ended a part of another one: its ids, and what was ever written about it.
async fn absorb(engine: &Inner, batch: &mut Batch, link: &mut Link, other: &Link) -> Result<()> {
    for side in [Side::Exact, Side::Crm] {
        link.aliases.extend(other.ids(side).map(|id| (side, id.clone())));
    }
    for row in privacy::lines(engine, other).await? {
        let line: AuditLine = decode(&row)?;
        batch.puts.push(AuditLine { link: link.id, ..line }.put(row.key)?);
    }
    batch.deletes.push(other.key());
    Ok(())
}

/// Has the records of links to which something was done beside a run looked at in this pass, whatever they were before:
/// links that were tied by hand, or of which something is to be taken back. A plan looks without `noting` that it did,
/// and asks no side.
pub(super) async fn wake(ground: &Ground<'_>, noting: bool) -> Result<()> {
    let engine = ground.session.engine;
    let name = &ground.mapping.flow.name;
    let mut fresh = Scan::mark(Link::FRESH, &Link::fresh(name, ground.division).value);
    let mut unseen = Vec::new();
    loop {
        let rows = engine.store.scan(&engine.tenant, &fresh).await?;
        let mut batch = ground.session.batch();
        for row in &rows {
            let link: Link = decode(row)?;
            let mut missing = Vec::new();
            for side in [Side::Exact, Side::Crm] {
                let Some(id) = link.record(side) else { continue };
                let feed = ground.feed(side);
                let seen =
                    engine.store.get(&engine.tenant, &[Observation::key(&feed, id)]).await?.pop().flatten();
                let seen = seen.as_ref().map(Seen::read).transpose()?;
                if seen.is_none() && link.state == LinkState::Live {
                    missing.push(side);
                }
                if let Some(mut seen) = seen
                    && seen.observation.set_dirty(ground.division, true)
                {
                    batch.puts.push(seen.observation.put(&feed, id, ground.mapping, Expect::Any)?);
                }
            }
            // Those keep their mark until their records have been looked for.
            if !missing.is_empty() {
                unseen.push((link, missing));
            } else if noting {
                batch.puts.push(link.put()?);
            }
        }
        ground.session.commit(batch).await?;
        match rows.last() {
            Some(last) if rows.len() == fresh.limit => fresh = fresh.behind(last),
            _ => break,
        }
    }
    if noting {
        seek(ground, &unseen).await?;
    }
    Ok(())
}
