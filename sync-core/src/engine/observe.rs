//! Observe: read a page of changes and store it together with the cursor behind it.

use crm_adapters::{Change, Fields, Record, Value, View};

use super::event::Event;
use super::merged::Merged;
use super::parents;
use super::session::Session;
use crate::error::{Error, Result};
use crate::flow::{Division, Side};
use crate::plan::Mapping;
use crate::state::{Feed, Observation, Position, Seen, decode, plain};
use crate::store::{Batch, Expect, Row};

/// How far a feed is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Everything,
    News,
}

/// Reads a feed to its end. Returns how many records were new or changed.
pub(super) async fn feed(
    session: &Session<'_>,
    mapping: &Mapping,
    feed: &Feed,
    divisions: &[Division],
) -> Result<u64> {
    read(Reader { session, mapping, feed, divisions }, Reach::Everything).await
}

/// The same, as far as something was heard of; that needs a feed that was read to its end before.
pub(super) async fn news(
    session: &Session<'_>,
    mapping: &Mapping,
    feed: &Feed,
    divisions: &[Division],
) -> Result<u64> {
    read(Reader { session, mapping, feed, divisions }, Reach::News).await
}

async fn read(reader: Reader<'_>, reach: Reach) -> Result<u64> {
    let Reader { session, mapping, feed, divisions } = reader;
    let mut changed = 0;
    loop {
        let (more, news) = reader.page(reach).await?;
        changed += news;
        session.engine.observer.on(&Event::Observed {
            flow: &feed.flow,
            side: feed.side,
            changed: usize::try_from(news).unwrap_or(usize::MAX),
        });
        if !more {
            parents::refresh(session, mapping, feed, divisions).await?;
            return Ok(changed);
        }
    }
}

/// Stores what was read of records beside their feed. Returns how many were new or changed.
pub(super) async fn take(
    session: &Session<'_>,
    mapping: &Mapping,
    feed: &Feed,
    divisions: &[Division],
    changes: Vec<Change>,
) -> Result<u64> {
    let reader = Reader { session, mapping, feed, divisions };
    let mut batch = session.batch();
    let news = reader.store(&mut batch, changes, false).await?;
    session.commit(batch).await?;
    Ok(news)
}

/// The view through which a flow sees a side.
pub(super) fn view(mapping: &Mapping, side: Side) -> View {
    View { kind: mapping.flow.kinds.on(side), fields: mapping.fields(side) }
}

/// Fields that are still to be created hold nothing yet, which is something else than not being delivered.
pub(super) fn completed(mapping: &Mapping, side: Side, mut fields: Fields) -> Fields {
    if side == Side::Crm && !mapping.missing.is_empty() {
        for name in mapping.missing_fields() {
            fields.set(name, Value::Null);
        }
    }
    fields
}

struct Reader<'a> {
    session: &'a Session<'a>,
    mapping: &'a Mapping,
    feed: &'a Feed,
    /// The divisions that must look at a change.
    divisions: &'a [Division],
}

impl Reader<'_> {
    async fn page(&self, reach: Reach) -> Result<(bool, u64)> {
        let engine = self.session.engine;
        let Some(adapter) =
            self.divisions.first().and_then(|division| engine.adapter(self.feed.side, *division))
        else {
            return Ok((false, 0));
        };
        let row = engine.store.get(&engine.tenant, &[self.feed.cursor_key()]).await?.pop().flatten();
        let fingerprint = &self.mapping.fingerprint;
        let position =
            row.as_ref().map(decode::<Position>).transpose()?.filter(|at| at.fingerprint == *fingerprint);
        // Until the first walk under this mapping is done, every record counts as changed.
        let first_walk = position.as_ref().is_none_or(|at| !at.complete);
        let view = view(self.mapping, self.feed.side);
        let after = position.as_ref().map(|at| &at.cursor);
        let page = match (reach, after) {
            (Reach::News, Some(after)) => adapter.news(&view, after).await,
            _ => adapter.changes(&view, after).await,
        };
        let page = page.map_err(|error| Error::of_side(self.feed.side, error))?;

        let mut batch = self.session.batch();
        let news = self.store(&mut batch, page.changes, first_walk).await?;
        let (cursor, fingerprint) = (page.cursor, fingerprint.clone());
        let next = Position { cursor, fingerprint, complete: !first_walk || !page.more };
        if position.as_ref() != Some(&next) {
            let expect = row.as_ref().map_or(Expect::Absent, |row: &Row| Expect::Revision(row.revision));
            batch.puts.push(crate::store::Put { expect, ..plain(self.feed.cursor_key(), &next)? });
        }
        self.session.commit(batch).await?;
        Ok((page.more, news))
    }

    async fn store(&self, batch: &mut Batch, changes: Vec<Change>, first_walk: bool) -> Result<u64> {
        let engine = self.session.engine;
        let mut latest = std::collections::BTreeMap::new();
        let mut derived = Vec::new();
        let mut merged = Merged::default();
        for change in changes {
            match change {
                Change::Present(record) => drop(latest.insert(record.id.clone(), Some(record))),
                Change::Derived(record) => derived.push(record),
                Change::Deleted(id) => drop(latest.insert(id, None)),
                Change::Merged { into, from } => merged.add(from, &into),
                _ => {}
            }
        }
        for record in self.whole(derived).await? {
            latest.entry(record.id.clone()).or_insert(Some(record));
        }
        latest.retain(|id, _| !merged.contains(id));
        merged.put(self.session, batch, self.feed, self.divisions).await?;
        let keys: Vec<_> = latest.keys().map(|id| Observation::key(self.feed, id)).collect();
        let rows = engine.store.get(&engine.tenant, &keys).await?;
        let mut read: Vec<_> = latest.values_mut().flatten().map(|record| &mut record.fields).collect();
        parents::read_along(self.session, self.mapping, self.feed, &mut read).await?;
        let mut news = 0;
        for ((id, record), row) in latest.into_iter().zip(rows) {
            let known = row.as_ref().map(Seen::read).transpose()?;
            let next = match record {
                Some(record) => self.present(known.as_ref(), record, first_walk),
                None => self.deleted(known.as_ref()),
            };
            if let Some(observation) = next {
                let before = known.as_ref().map(|seen| &seen.observation);
                parents::note(batch, self.mapping, self.feed, &id, before, &observation)?;
                batch.puts.push(observation.put(self.feed, &id, self.mapping, Expect::Any)?);
                news += 1;
            }
        }
        Ok(news)
    }

    /// Records of which only some fields were told, with the others as they were seen last. Those that were never seen come
    /// with all that they are.
    async fn whole(&self, derived: Vec<Record>) -> Result<Vec<Record>> {
        let engine = self.session.engine;
        let keys: Vec<_> = derived.iter().map(|record| Observation::key(self.feed, &record.id)).collect();
        let rows = if keys.is_empty() { Vec::new() } else { engine.store.get(&engine.tenant, &keys).await? };
        let mut whole = Vec::new();
        for (mut record, row) in derived.into_iter().zip(rows) {
            let Some(seen) = row.as_ref().map(Seen::read).transpose()? else { continue };
            let known = seen.observation;
            if known.deleted || known.forgotten {
                continue;
            }
            let mut fields = known.fields;
            fields.merge(record.fields);
            record.fields = fields;
            record.revision = record.revision.or(known.revision);
            whole.push(record);
        }
        Ok(whole)
    }

    /// The observation to store for a record; `None` where it says nothing new.
    fn present(&self, known: Option<&Seen>, record: Record, first_walk: bool) -> Option<Observation> {
        let fields = completed(self.mapping, self.feed.side, record.fields);
        if self.mapping.flow.is_anonymised(self.feed.side, &fields) {
            let news = known.is_some_and(|seen| !seen.observation.forgotten);
            return news.then(|| Observation::gone(self.session.now(), self.divisions.to_vec()));
        }
        if let Some(Seen { observation, .. }) = known {
            if observation.forgotten {
                return None;
            }
            let stale =
                matches!((record.revision, observation.revision), (Some(read), Some(seen)) if read < seen);
            let same = observation.fields == fields && !observation.deleted;
            if stale || (same && !first_walk) {
                return None;
            }
        }
        let before = known.and_then(|seen| seen.observation.before);
        let before = match self.feed.side {
            Side::Exact => None,
            Side::Crm => self.mapping.flow.before_start(&fields, before),
        };
        Some(Observation {
            fields,
            revision: record.revision,
            deleted: false,
            dirty: self.divisions.to_vec(),
            first_seen: known
                .map_or_else(|| self.session.now().timestamp_micros(), |seen| seen.observation.first_seen),
            waiting_since: None,
            before,
            forgotten: false,
        })
    }

    fn deleted(&self, known: Option<&Seen>) -> Option<Observation> {
        let observation = &known?.observation;
        (!observation.deleted).then(|| Observation {
            deleted: true,
            dirty: self.divisions.to_vec(),
            ..observation.clone()
        })
    }
}
