//! Looking for writes whose effect is unknown, before anything is sent again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{Action, Fields, Key as SearchKey, Record, RecordId};

use super::audit::audit_of;
use super::derive::Ground;
use super::observe::{completed, view};
use super::parents;
use super::report::FlowReport;
use super::settle::{Landed, applied};
use crate::error::{Error, Result};
use crate::flow::Side;
use crate::plan::{EXACT_KEY, FieldWrite, NAME, SYNC_KEY};
use crate::state::{AuditLine, Echo, Intent, IntentState, Observation, Seen, decode};
use crate::store::{Batch, Expect, Mark, Row, Scan, Table};

/// Open intents that cannot be looked for yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pending {
    pub(super) count: u64,
    /// When the first of them can be.
    pub(super) next: Option<DateTime<Utc>>,
}

impl Pending {
    /// One more, which can be looked for from `due` on.
    pub(super) fn add(&mut self, due: DateTime<Utc>) {
        self.count += 1;
        self.next = Some(self.next.map_or(due, |next| next.min(due)));
    }
}

/// Settles every open intent whose time has come. At the start of a pass nothing is under way, so each of them was left
/// behind: by a crash, or by an answer that never came.
pub(super) async fn recover(ground: &Ground<'_>, report: &mut FlowReport) -> Result<Pending> {
    let engine = ground.session.engine;
    let mut pending = Pending::default();
    let mut scan = Scan::table(Table::Intent, &format!("{}/{}/", ground.mapping.flow.name, ground.division));
    loop {
        let rows = engine.store.scan(&engine.tenant, &scan).await?;
        let mut updates = Vec::new();
        for row in &rows {
            let intent: Intent = decode(row)?;
            match intent.action.clone() {
                _ if intent.probe_after > ground.session.now() => pending.add(intent.probe_after),
                Action::Create(fields) => {
                    if let Some(again) = created(ground, report, intent, &fields).await? {
                        pending.add(again);
                    }
                }
                Action::Update(id, _) | Action::Archive(id) => updates.push((id, intent)),
                _ => {}
            }
        }
        for side in [Side::Exact, Side::Crm] {
            reread(ground, side, &updates).await?;
        }
        match rows.last() {
            Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
            _ => return Ok(pending),
        }
    }
}

/// Updates of a side: whatever became of them, their records are read anew, in as few calls as the side allows, and
/// merged anew.
async fn reread(ground: &Ground<'_>, side: Side, updates: &[(RecordId, Intent)]) -> Result<()> {
    let updates: Vec<_> = updates.iter().filter(|(_, intent)| intent.side == side).collect();
    let engine = ground.session.engine;
    let Some(adapter) = engine.adapter(side, ground.division).filter(|_| !updates.is_empty()) else {
        return Ok(());
    };
    let (view, feed) = (view(ground.mapping, side), ground.feed(side));
    let ids: Vec<RecordId> = updates.iter().map(|(id, _)| id.clone()).collect();
    let failed = |error| Error::of_side(side, error);
    let found = adapter.get(&view, &ids).await.map_err(failed)?.into_iter();
    let mut found: BTreeMap<_, _> = found.map(|record| (record.id.clone(), record)).collect();
    let keys: Vec<_> = ids.iter().map(|id| Observation::key(&feed, id)).collect();
    let known = ground.rows(&keys).await?;
    let mut batch = ground.session.batch();
    for ((id, intent), known) in updates.into_iter().zip(known) {
        let record = match found.remove(id) {
            Some(record) => Some(record),
            // It is gone, or what it was merged into answers for it.
            None => adapter.get(&view, std::slice::from_ref(id)).await.map_err(failed)?.pop(),
        };
        let landed = may_have_landed(intent, record.as_ref());
        if let Some(seen) = known.as_ref().map(Seen::read).transpose()? {
            let before = seen.observation.clone();
            let observation = anew(ground, side, seen, record);
            parents::note(&mut batch, ground.mapping, &feed, id, Some(&before), &observation)?;
            batch.puts.push(observation.put(&feed, id, ground.mapping, Expect::Any)?);
        }
        // What it replaced must not be lost with its answer.
        if let (Some(landed), Some(link)) = (landed, ground.link(intent).await?) {
            batch.puts.push(audit_of(ground.session, &landed, &link, AuditLine::UNANSWERED)?);
        }
        batch.deletes.push(intent.key());
    }
    ground.session.commit(batch).await
}

/// What of a write may have landed; `None` where nothing has. A field that holds what it held before holds nothing of it.
fn may_have_landed(intent: &Intent, record: Option<&Record>) -> Option<Intent> {
    let as_before = |write: &FieldWrite| {
        record.is_some_and(|record| record.fields.get(&write.field) == Some(&write.from))
    };
    let archives = intent.fields.is_empty();
    let fields: Vec<_> = intent.fields.iter().filter(|write| !as_before(write)).cloned().collect();
    (archives || !fields.is_empty()).then(|| Intent { fields, ..intent.clone() })
}

/// What a side was just read to hold of a record, to be merged anew.
fn anew(ground: &Ground<'_>, side: Side, seen: Seen, record: Option<Record>) -> Observation {
    let mut observation = seen.observation;
    match record {
        Some(record) => {
            observation.echo = observation.echo.heard(&observation.fields, &record.fields, record.changed_at);
            // What is known of its parents is not read with it.
            observation.fields.merge(completed(ground.mapping, side, record.fields));
            observation.revision = record.revision.or(observation.revision);
        }
        None => observation.deleted = true,
    }
    observation.set_dirty(ground.division, true);
    observation
}

/// A create: adopts the record that it made, or lets the record be planned anew.
async fn created(
    ground: &Ground<'_>,
    report: &mut FlowReport,
    mut intent: Intent,
    fields: &Fields,
) -> Result<Option<DateTime<Utc>>> {
    let engine = ground.session.engine;
    let mut batch = ground.session.batch();
    let mut made = known(ground, &intent, fields).await?;
    if made.is_empty() {
        made = search(ground, &mut batch, &intent, fields).await?;
    }
    let Some(step) = ground.resume(&intent).await? else {
        batch.deletes.push(intent.key());
        ground.session.commit(batch).await?;
        return Ok(None);
    };
    if let [record] = made.as_slice() {
        batch.puts.retain(|put| put.key != Observation::key(&ground.feed(intent.side), &record.id));
        let action =
            if made_by(ground, &intent, fields, record).await? { AuditLine::FOUND } else { AuditLine::ADOPT };
        let landed = Landed { record: record.clone(), told: true, action };
        applied(ground, &mut batch, &intent, step, landed).await?;
        report.created.add(intent.side, 1);
        ground.session.commit(batch).await?;
        return Ok(None);
    }
    let lags = engine
        .adapter(intent.side, ground.division)
        .is_some_and(|adapter| adapter.capabilities(ground.mapping.flow.kinds.on(intent.side)).find_lags);
    intent.looks += 1;
    if made.is_empty() && lags && intent.looks < 2 {
        let settle = TimeDelta::from_std(engine.timing.settle).unwrap_or(TimeDelta::MAX);
        intent.probe_after = ground.session.now() + settle;
        intent.state = IntentState::Unknown;
        batch.puts.push(intent.put(Expect::Any)?);
        ground.session.commit(batch).await?;
        return Ok(Some(intent.probe_after));
    }
    // It never arrived, or more than one could be it: matching decides, as for any record.
    batch.deletes.push(intent.key());
    ground.session.commit(batch).await?;
    Ok(None)
}

/// Whether nobody else can have made a record that a create is found by: it was not seen before, and bears the key that
/// only the create carried, or all that was sent.
async fn made_by(ground: &Ground<'_>, intent: &Intent, sent: &Fields, record: &Record) -> Result<bool> {
    let key = Observation::key(&ground.feed(intent.side), &record.id);
    let seen = ground.rows(&[key]).await?.pop().flatten();
    let seen = seen.as_ref().map(Seen::read).transpose()?;
    if seen.is_some_and(|seen| seen.observation.first_seen < intent.claimed_at.timestamp_micros()) {
        return Ok(false);
    }
    let flow = &ground.mapping.flow;
    let key = flow.sync_key.as_ref().filter(|_| intent.side == Side::Crm);
    let keyed = key.and_then(|name| sent.get(name)).filter(|key| !key.is_empty());
    let bears_it = key.zip(keyed).is_some_and(|(name, key)| record.fields.get(name) == Some(key));
    Ok(bears_it || ground.as_sent(intent.side, sent, &record.fields))
}

/// Records that were observed since and that the create must have made.
async fn known(ground: &Ground<'_>, intent: &Intent, fields: &Fields) -> Result<Vec<Record>> {
    let feed = ground.feed(intent.side);
    let values = ground.mapping.identity(&feed, &RecordId::new(""), fields);
    let has = |wanted: &str| values.iter().any(|(name, _)| *name == wanted);
    let key = match intent.side {
        Side::Crm => SYNC_KEY,
        Side::Exact => EXACT_KEY,
    };
    let by_key = has(key);
    let identified = values.iter().any(|(name, _)| *name != SYNC_KEY && *name != NAME);
    let wanted = |name: &str| match (by_key, identified) {
        (true, _) => name == key,
        (false, true) => name != SYNC_KEY && name != NAME,
        (false, false) => name == NAME,
    };
    let marks: Vec<Mark> = values
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| Observation::identity_mark(&feed, name, value))
        .collect();
    let rows = ground.unlinked(intent.side, &marks).await?;
    let seen = rows.iter().map(Seen::read).collect::<Result<Vec<_>, _>>()?;
    // A name alone says little: then every field must be as it was sent, on a record that is new since.
    let since = intent.claimed_at.timestamp_micros();
    let same = |seen: &Seen| {
        by_key
            || identified
            || (seen.observation.first_seen >= since && ground.as_sent(intent.side, fields, seen.fields()))
    };
    Ok(seen.into_iter().filter(same).map(|seen| record(ground, intent.side, seen)).collect())
}

fn record(ground: &Ground<'_>, side: Side, seen: Seen) -> Record {
    Record {
        kind: ground.mapping.flow.kinds.on(side),
        id: seen.id,
        fields: seen.observation.fields,
        revision: seen.observation.revision,
        changed_at: None,
    }
}

/// Asks the side itself, and keeps what it finds as observations.
async fn search(
    ground: &Ground<'_>,
    batch: &mut Batch,
    intent: &Intent,
    fields: &Fields,
) -> Result<Vec<Record>> {
    let engine = ground.session.engine;
    let Some(adapter) = engine.adapter(intent.side, ground.division) else { return Ok(Vec::new()) };
    let Some(key) = search_key(ground, intent, fields) else { return Ok(Vec::new()) };
    let found = match adapter.find(&view(ground.mapping, intent.side), &key).await {
        Ok(found) => found,
        Err(error) if error.kind() == crm_adapters::ErrorKind::Unsupported => Vec::new(),
        Err(error) => return Err(Error::of_side(intent.side, error)),
    };
    let mut fresh = Vec::new();
    for (record, linked) in ground.with_links(intent.side, found).await? {
        if linked {
            continue;
        }
        let feed = ground.feed(intent.side);
        let observation = Observation {
            fields: completed(ground.mapping, intent.side, record.fields.clone()),
            revision: record.revision,
            deleted: false,
            dirty: vec![ground.division],
            first_seen: ground.session.now().timestamp_micros(),
            waiting_since: None,
            before: None,
            echo: Echo::default(),
            forgotten: false,
        };
        batch.puts.push(observation.put(&feed, &record.id, ground.mapping, Expect::Any)?);
        fresh.push(record);
    }
    Ok(fresh)
}

/// What a created record can be found by: the key that it carries on its side, else its strongest identity field.
pub(super) fn search_key(ground: &Ground<'_>, intent: &Intent, fields: &Fields) -> Option<SearchKey> {
    let flow = &ground.mapping.flow;
    if let (Side::Exact, Some(key)) = (intent.side, &flow.exact_key)
        && let Some(value) = fields.get(&key.property)
    {
        return Some(SearchKey { field: key.property.clone(), value: value.clone() });
    }
    if let (Side::Crm, Some(name)) = (intent.side, &flow.sync_key)
        && let Some(value) = fields.get(name)
    {
        return Some(SearchKey { field: name.clone(), value: value.clone() });
    }
    flow.identity_rules().find_map(|rule| {
        let field = rule.field(intent.side);
        let value = fields.get(field).filter(|value| !value.is_empty())?;
        Some(SearchKey { field: field.to_owned(), value: value.clone() })
    })
}

impl Ground<'_> {
    /// Rows that bear one of these marks and belong to no link of this division.
    async fn unlinked(&self, side: Side, marks: &[Mark]) -> Result<Vec<Row>> {
        if marks.is_empty() {
            return Ok(Vec::new());
        }
        let engine = self.session.engine;
        let rows = engine.store.marked(&engine.tenant, marks).await?;
        let seen = rows.iter().map(Seen::read).collect::<Result<Vec<_>, _>>()?;
        let links = self.links_of(side, seen.iter().map(|seen| &seen.id)).await?;
        Ok(rows.into_iter().zip(links).filter(|(_, link)| link.is_none()).map(|(row, _)| row).collect())
    }

    /// Each record with whether a link of this division holds it.
    async fn with_links(&self, side: Side, records: Vec<Record>) -> Result<Vec<(Record, bool)>> {
        let links = self.links_of(side, records.iter().map(|record| &record.id)).await?;
        Ok(records.into_iter().zip(links).map(|(record, link)| (record, link.is_some())).collect())
    }

    /// Whether a record holds everything that was sent, be it in the vendor's own way.
    fn as_sent(&self, side: Side, sent: &Fields, held: &Fields) -> bool {
        let rules = &self.mapping.flow.rules;
        sent.iter().all(|(name, value)| {
            let compare = rules.iter().find(|rule| rule.field(side) == name).map(|rule| rule.compare);
            held.get(name)
                .is_none_or(|held| held == value || compare.is_some_and(|compare| compare.same(value, held)))
        })
    }
}
