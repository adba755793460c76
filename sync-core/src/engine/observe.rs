//! Observe: read a page of changes and store it together with the cursor behind it.

use std::collections::BTreeMap;

use crm_adapters::{Change, Fields, Record, RecordId, Value, View, Wanted};

use super::event::Event;
use super::merged::Merged;
use super::parents;
use super::session::Session;
use crate::error::{Error, Result};
use crate::flow::{Division, Side};
use crate::plan::Mapping;
use crate::state::{Echo, Feed, Observation, Position, Seen, decode, plain};
use crate::store::{Batch, Expect, Row};

/// How far a feed is read.
#[derive(Clone, Copy, Debug)]
enum Reach<'a> {
    Everything,
    News,
    Wanted(Wanted<'a>),
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

/// The same, as far as some records need it that are about to be written to.
pub(super) async fn refresh(
    session: &Session<'_>,
    mapping: &Mapping,
    feed: &Feed,
    divisions: &[Division],
    wanted: Wanted<'_>,
) -> Result<u64> {
    read(Reader { session, mapping, feed, divisions }, Reach::Wanted(wanted)).await
}

async fn read(reader: Reader<'_>, reach: Reach<'_>) -> Result<u64> {
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

/// A record as it was told.
struct Told {
    record: Record,
    /// What of it was told, where that was not all.
    only: Option<Fields>,
}

/// What a reading of a record comes to.
enum Reading {
    News(Observation),
    /// It holds what it was taken to hold since it was written.
    Confirmed(Observation),
    Nothing,
}

struct Reader<'a> {
    session: &'a Session<'a>,
    mapping: &'a Mapping,
    feed: &'a Feed,
    /// The divisions that must look at a change.
    divisions: &'a [Division],
}

impl Reader<'_> {
    async fn page(&self, reach: Reach<'_>) -> Result<(bool, u64)> {
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
            (Reach::Wanted(wanted), Some(after)) => adapter.refresh(&view, after, wanted).await,
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

    /// Records are stored in the order in which they were told.
    async fn store(&self, batch: &mut Batch, changes: Vec<Change>, first_walk: bool) -> Result<u64> {
        let engine = self.session.engine;
        let mut latest: BTreeMap<RecordId, (usize, Option<Told>)> = BTreeMap::new();
        let mut derived = Vec::new();
        let mut merged = Merged::default();
        for (at, change) in changes.into_iter().enumerate() {
            match change {
                Change::Present(record) => {
                    drop(latest.insert(record.id.clone(), (at, Some(Told { record, only: None }))))
                }
                Change::Derived(record) => derived.push(record),
                Change::Deleted(id) => drop(latest.insert(id, (at, None))),
                Change::Merged { into, from } => merged.add(from, &into),
                _ => {}
            }
        }
        for told in self.whole(derived).await? {
            latest.entry(told.record.id.clone()).or_insert((usize::MAX, Some(told)));
        }
        latest.retain(|id, _| !merged.contains(id));
        merged.put(self.session, batch, self.feed, self.divisions).await?;
        let mut latest: Vec<_> = latest.into_iter().collect();
        latest.sort_by_key(|(_, (at, _))| *at);
        let keys: Vec<_> = latest.iter().map(|(id, _)| Observation::key(self.feed, id)).collect();
        let rows = engine.store.get(&engine.tenant, &keys).await?;
        let told = latest.iter_mut().filter_map(|(_, (_, told))| told.as_mut());
        let mut read: Vec<_> = told.map(|told| &mut told.record.fields).collect();
        parents::read_along(self.session, self.mapping, self.feed, &mut read).await?;
        let mut news = 0;
        for ((id, (_, told)), row) in latest.into_iter().zip(rows) {
            let known = row.as_ref().map(Seen::read).transpose()?;
            let reading = match told {
                Some(told) => self.present(known.as_ref(), told, first_walk),
                None => self.deleted(known.as_ref()),
            };
            let observation = match reading {
                Reading::Nothing => continue,
                Reading::Confirmed(observation) => observation,
                Reading::News(observation) => {
                    let before = known.as_ref().map(|seen| &seen.observation);
                    parents::note(batch, self.mapping, self.feed, &id, before, &observation)?;
                    news += 1;
                    observation
                }
            };
            batch.puts.push(observation.put(self.feed, &id, self.mapping, Expect::Any)?);
        }
        Ok(news)
    }

    /// Records of which only some fields were told, with the others as they were seen last. Those that were never seen come
    /// with all that they are.
    async fn whole(&self, derived: Vec<Record>) -> Result<Vec<Told>> {
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
            let told = std::mem::replace(&mut record.fields, known.fields);
            record.fields.merge(told.clone());
            record.revision = record.revision.or(known.revision);
            whole.push(Told { record, only: Some(told) });
        }
        Ok(whole)
    }

    /// What a reading of a record comes to.
    fn present(&self, known: Option<&Seen>, told: Told, first_walk: bool) -> Reading {
        let Told { record, only } = told;
        let fields = completed(self.mapping, self.feed.side, record.fields);
        if self.mapping.flow.is_anonymised(self.feed.side, &fields) {
            return match known {
                Some(seen) if !seen.observation.forgotten => {
                    Reading::News(Observation::gone(self.session.now(), self.divisions.to_vec()))
                }
                _ => Reading::Nothing,
            };
        }
        let known = known.map(|seen| &seen.observation);
        let mut echo = Echo::default();
        if let Some(known) = known {
            let stale = matches!((record.revision, known.revision), (Some(read), Some(seen)) if read < seen);
            if known.forgotten || stale {
                return Reading::Nothing;
            }
            echo = known.echo.heard(&known.fields, only.as_ref().unwrap_or(&fields), record.changed_at);
            let same = known.fields == fields && !known.deleted;
            if same && !first_walk {
                return match echo == known.echo {
                    true => Reading::Nothing,
                    false => Reading::Confirmed(Observation { echo, ..known.clone() }),
                };
            }
        }
        let before = known.and_then(|known| known.before);
        let before = match self.feed.side {
            Side::Exact => None,
            Side::Crm => self.mapping.flow.before_start(&fields, before),
        };
        let first_seen = known.map(|known| known.first_seen);
        Reading::News(Observation {
            fields,
            revision: record.revision,
            deleted: false,
            dirty: self.divisions.to_vec(),
            first_seen: first_seen.unwrap_or_else(|| self.session.now().timestamp_micros()),
            waiting_since: None,
            before,
            echo,
            forgotten: false,
        })
    }

    fn deleted(&self, known: Option<&Seen>) -> Reading {
        match known.map(|seen| &seen.observation) {
            Some(known) if !known.deleted => {
                Reading::News(Observation { deleted: true, dirty: self.divisions.to_vec(), ..known.clone() })
            }
            _ => Reading::Nothing,
        }
    }
}
