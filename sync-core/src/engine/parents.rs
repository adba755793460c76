//! What records belong to, as far as conditions ask for it: kept with each record, and brought up to date when the parent
//! changes, so that a condition is a question about one record.

use std::collections::BTreeMap;

use crm_adapters::{Fields, RecordId, Value};

use super::session::Session;
use crate::error::Result;
use crate::flow::{Division, Parent};
use crate::plan::{Mapping, named};
use crate::state::{Feed, Observation, Seen, plain};
use crate::store::{Batch, Expect, Key, Scan, Table};

/// How many parents are looked after in one commit.
const PAGE: usize = 200;

/// Adds to records what conditions ask of their parents, as last seen.
pub(super) async fn read_along(
    session: &Session<'_>,
    mapping: &Mapping,
    feed: &Feed,
    records: &mut [&mut Fields],
) -> Result<()> {
    let parents: Vec<&Parent> = asked(mapping, feed).collect();
    let keys: Vec<Key> = parents
        .iter()
        .flat_map(|parent| records.iter().filter_map(|fields| Some(key(feed, parent, &id(parent, fields)?))))
        .collect();
    if keys.is_empty() && parents.is_empty() {
        return Ok(());
    }
    let rows = session.engine.store.get(&session.engine.tenant, &keys).await?;
    let mut seen = BTreeMap::new();
    for (key, row) in keys.into_iter().zip(rows) {
        if let Some(row) = row {
            seen.insert(key.id, Seen::read(&row)?.observation);
        }
    }
    for fields in records {
        for parent in &parents {
            let known = id(parent, fields).and_then(|id| seen.get(&key(feed, parent, &id).id));
            fields.set(&parent.name, value(parent, known));
        }
    }
    Ok(())
}

/// Notes that a record changed which others ask about. Its children are looked after when their flow is next read.
pub(super) fn note(
    batch: &mut Batch,
    mapping: &Mapping,
    feed: &Feed,
    id: &RecordId,
    before: Option<&Observation>,
    after: &Observation,
) -> Result<()> {
    for watched in mapping.flow.watched.iter().filter(|watched| watched.side == feed.side) {
        let held = |of: Option<&Observation>| {
            let of = of.filter(|of| !of.deleted);
            of.and_then(|of| of.fields.get(&watched.field)).cloned().unwrap_or_default()
        };
        if held(before) != held(Some(after)) {
            let children = feed.of_flow(&watched.by);
            batch.puts.push(plain(moved(&children, &mapping.flow.name, id), &())?);
        }
    }
    Ok(())
}

/// Brings up to date what records hold of parents that changed, and has them looked at again.
pub(super) async fn refresh(
    session: &Session<'_>,
    mapping: &Mapping,
    feed: &Feed,
    divisions: &[Division],
) -> Result<()> {
    let engine = session.engine;
    for flow in
        asked(mapping, feed).map(|parent| parent.flow.as_str()).collect::<std::collections::BTreeSet<_>>()
    {
        loop {
            let scan = Scan::table(Table::Meta, &moved_prefix(feed, flow)).limit(PAGE);
            let news = engine.store.scan(&engine.tenant, &scan).await?;
            if news.is_empty() {
                break;
            }
            let marks: Vec<_> =
                news.iter().map(|row| Observation::parent_mark(feed, flow, &Seen::id_of(row))).collect();
            let rows = engine.store.marked(&engine.tenant, &marks).await?;
            let mut children = rows.iter().map(Seen::read).collect::<std::result::Result<Vec<_>, _>>()?;
            let mut fields: Vec<&mut Fields> =
                children.iter_mut().map(|child| &mut child.observation.fields).collect();
            read_along(session, mapping, feed, &mut fields).await?;
            let mut batch = session.batch();
            for mut child in children {
                for division in divisions {
                    child.observation.set_dirty(*division, true);
                }
                batch.puts.push(child.observation.put(feed, &child.id, mapping, Expect::Any)?);
            }
            batch.deletes.extend(news.into_iter().map(|row| row.key));
            session.commit(batch).await?;
        }
    }
    Ok(())
}

fn asked<'m>(mapping: &'m Mapping, feed: &Feed) -> impl Iterator<Item = &'m Parent> {
    mapping.flow.parents.iter().filter(move |parent| parent.side == feed.side)
}

fn id(parent: &Parent, fields: &Fields) -> Option<RecordId> {
    fields.get(&parent.by).and_then(named)
}

fn value(parent: &Parent, known: Option<&Observation>) -> Value {
    let known = known.filter(|known| !known.deleted);
    known.and_then(|known| known.fields.get(&parent.field)).cloned().unwrap_or_default()
}

fn key(feed: &Feed, parent: &Parent, id: &RecordId) -> Key {
    Observation::key(&feed.of_flow(&parent.flow), id)
}

fn moved_prefix(children: &Feed, parents: &str) -> String {
    format!("{children}/moved/{parents}/")
}

fn moved(children: &Feed, parents: &str, id: &RecordId) -> Key {
    Key::new(Table::Meta, format!("{}{id}", moved_prefix(children, parents)))
}
