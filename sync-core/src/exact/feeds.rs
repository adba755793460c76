//! Following the feeds of a division: those of the parts, that of the records, that of deletions.

use std::collections::BTreeMap;

use crm_adapters::{Adapter, Change, Kind, Page, Record, RecordId, Result, View, Wanted};
use exact_client::{Guid, Property, Resource, Row, Rows, Scalar, Value as Exact};

use super::adapter::ExactAdapter;
use super::cursor::{Place, Turn};
use super::derive::Source;
use super::error::neutral;
use super::kept::{DELETED, Kept, is_header};
use super::kinds::{Daily, Part, Shape};
use super::looks::Look;
use super::read::{own_fields, record, timestamp, with_modified};

/// What a kind is told of a feed of parts.
struct Told {
    rows: Vec<Row>,
    /// Up to which timestamp.
    up_to: i64,
    more: bool,
}

impl ExactAdapter {
    /// The next page of the turn; one part has a page of its own.
    pub(super) async fn follow(
        &self,
        shape: &Shape,
        view: &View,
        look: Look,
        mut place: Place,
    ) -> Result<Page> {
        if place.turn == Turn::Parts {
            if let Some(part) = shape.parts_for(&view.fields).nth(place.part) {
                return self.part(shape, view, part, look, place).await;
            }
            place.part = 0;
            place.turn = match self.parts().looks().at_records(self.division().id(), shape, look) {
                true => Turn::Records,
                false => self.after_records(look, &place),
            };
        }
        match place.turn {
            Turn::Parts => Ok(Page { changes: Vec::new(), cursor: place.to_cursor()?, more: false }),
            Turn::Records => self.records(shape, view, look, place).await,
            Turn::Deleted => self.deletions(shape, view, place).await,
        }
    }

    /// What the feed of the records tells before some of them are written to, at the cost of a page, wherever the round of
    /// the feeds stands; where it does not tell of what may be written, these records are read.
    pub(super) async fn refreshed(
        &self,
        shape: &Shape,
        view: &View,
        mut place: Place,
        wanted: Wanted<'_>,
    ) -> Result<Page> {
        let part = View { kind: view.kind, fields: wanted.fields.to_vec() };
        let own = own_fields(shape, &part);
        let told = |name: &String| own.contains(&name.as_str()) && delivers(shape.feed, name);
        if wanted.fields.iter().all(told) {
            // What was heard of them is looked at by that.
            self.parts().looks().at_records(self.division().id(), shape, Look::News);
            place.turn = Turn::Records;
            return self.records(shape, view, Look::News, place).await;
        }
        let records = self.get(&part, wanted.ids).await?;
        let changes = records.into_iter().map(Change::Derived).collect();
        Ok(Page { changes, cursor: place.to_cursor()?, more: false })
    }

    /// What was deleted is looked at with everything, and then only from time to time.
    fn after_records(&self, look: Look, place: &Place) -> Turn {
        match look == Look::Everything && self.deletions_are_due(place) {
            true => Turn::Deleted,
            false => Turn::Parts,
        }
    }

    async fn records(&self, shape: &Shape, view: &View, look: Look, mut place: Place) -> Result<Page> {
        let own = own_fields(shape, view);
        let in_feed = own.iter().all(|name| delivers(shape.feed, name));
        let mut select = if in_feed { with_modified(own) } else { Vec::new() };
        select.push(shape.key());
        if shape.feed_mixes_lines() {
            select.push("LineNumber");
        }
        let rows = self.division().resource(shape.feed).feed(place.records, &select).map_err(neutral)?;
        let (all, more) = batch(&rows, place.records).await?;
        place.records = all.iter().filter_map(timestamp).fold(place.records, i64::max);
        if !more {
            place.turn = self.after_records(look, &place);
        }
        let heads = all.into_iter().filter(|row| !shape.feed_mixes_lines() || is_header(row));
        let heads = latest(heads, shape.key());
        let records = if in_feed {
            let mut records = heads.map(|row| record(shape, view, row)).collect::<Result<Vec<_>>>()?;
            self.derive(shape, view, Source::Told, &mut records).await?;
            records
        } else {
            self.read_heads(shape, view, heads.collect()).await?
        };
        let changes = records.into_iter().map(Change::Present).collect();
        Ok(Page { changes, cursor: place.to_cursor()?, more: place.turn != Turn::Parts })
    }

    /// Reads the records that the feed told of, for fields that it lacks.
    async fn read_heads(&self, shape: &Shape, view: &View, heads: Vec<Row>) -> Result<Vec<Record>> {
        let ids: Vec<Exact> = heads.iter().filter_map(|row| row.guid(shape.key())).map(Exact::Guid).collect();
        let revisions: BTreeMap<RecordId, Option<i64>> = heads
            .iter()
            .filter_map(|row| Some((RecordId::new(row.guid(shape.key())?.to_string()), timestamp(row))))
            .collect();
        let mut records = self.records_by(shape, view, Source::Told, shape.key(), &ids).await?;
        for record in &mut records {
            record.revision = revisions.get(&record.id).copied().flatten();
        }
        records.sort_by_key(|record| record.revision);
        Ok(records)
    }

    /// The records that were deleted, and those of which a part was.
    async fn deletions(&self, shape: &Shape, view: &View, mut place: Place) -> Result<Page> {
        let parts = self.parts();
        if parts.is_due(&DELETED, shape.kind, Look::Everything, self.client.now()) {
            while parts.read(&DELETED).await? {}
        }
        let (gone, next) = parts.gone_since(place.deleted).await?;
        place.deleted = match next {
            Some(next) => next,
            None => place.deleted.max(parts.read_to(&DELETED).await?),
        };
        if next.is_none() {
            place.turn = Turn::Parts;
            place.deleted_at = self.deletions_read_at();
        }
        let mut changes = Vec::new();
        for gone in &gone {
            if gone.row.get("EntityType") == Some(&shape.deleted.to_value()) {
                let id = gone.row.guid("EntityKey");
                changes.extend(id.map(|id| Change::Deleted(RecordId::new(id.to_string()))));
            }
        }
        for part in shape.parts_for(&view.fields) {
            let own = gone
                .iter()
                .filter(|gone| Kept::of_deleted(&gone.row).is_some_and(|kept| kept.name == part.kept.name));
            let rows: Vec<Row> = own.flat_map(|gone| gone.parts.iter().cloned()).collect();
            changes.extend(self.wholes(shape, view, part, &rows, Vec::new()).await?);
        }
        Ok(Page { changes, cursor: place.to_cursor()?, more: next.is_some() })
    }

    /// Records whose parts changed, with their figures worked out anew. Before the records were read for the first time
    /// nothing is told: they come with their figures.
    async fn part(
        &self,
        shape: &Shape,
        view: &View,
        part: &Part,
        look: Look,
        mut place: Place,
    ) -> Result<Page> {
        let first = place.records == 0;
        let name = part.kept.feed.path();
        let after = place.parts.get(name).copied().unwrap_or_default();
        let Told { mut rows, up_to, more } = self.told(shape.kind, part.kept, look, after, first).await?;
        place.parts.insert(name.to_owned(), up_to);
        let mut turned = Vec::new();
        if !more {
            place.part += 1;
            match self.new_day(part, &mut place, first) {
                Some((Daily::Overdue, _)) => rows.extend(self.overdue(part.whole).await?),
                Some((Daily::Price, last)) => turned = self.turned(last).await?,
                Some((Daily::Agreement, last)) => rows.extend(self.turned_agreements(last).await?),
                Some((Daily::Period, last)) => rows.extend(self.turned_periods(last).await?),
                None => {}
            }
        }
        let changes = self.wholes(shape, view, part, &rows, turned).await?;
        Ok(Page { changes, cursor: place.to_cursor()?, more: true })
    }

    /// Reads a feed of parts, where that is due for a kind, and takes from what is kept of it the rows that the kind was not
    /// told of; none on its first walk.
    async fn told(
        &self,
        kind: Kind,
        kept: &'static Kept,
        look: Look,
        after: i64,
        first: bool,
    ) -> Result<Told> {
        let parts = self.parts();
        if parts.is_idle(kept, kind).await? {
            return Ok(Told { rows: Vec::new(), up_to: after, more: false });
        }
        let due = parts.is_due(kept, kind, look, self.client.now()) || !parts.is_complete(kept).await?;
        let mut unread = due && parts.read(kept).await?;
        if first {
            return Ok(Told { rows: Vec::new(), up_to: parts.read_to(kept).await?, more: unread });
        }
        loop {
            let (rows, next) = parts.since(kept, after).await?;
            // A page always brings its cursor forward: what the kind knows already is read over.
            if !unread || !rows.is_empty() {
                let up_to = match next {
                    Some(next) => next,
                    None => after.max(parts.read_to(kept).await?),
                };
                return Ok(Told { rows, up_to, more: unread || next.is_some() });
            }
            unread = parts.read(kept).await?;
        }
    }
}

fn delivers(feed: &Resource, name: &str) -> bool {
    feed.property(name).is_some_and(Property::is_in_feed)
}

/// Rows of a feed up to where the next page can be asked for by timestamp, and whether there is one.
pub(super) async fn batch(rows: &Rows, after: i64) -> Result<(Vec<Row>, bool)> {
    let mut page = rows.page(None).await.map_err(neutral)?;
    let mut all = std::mem::take(&mut page.items);
    while let Some(next) = page.next.take_if(|_| !can_go_on(all.iter().map(timestamp), after)) {
        page = rows.page(Some(&next)).await.map_err(neutral)?;
        all.append(&mut page.items);
    }
    Ok((all, page.next.is_some()))
}

/// Each record once, as its highest timestamp has it, in the order of the timestamps.
pub(super) fn latest(rows: impl Iterator<Item = Row>, key: &str) -> impl Iterator<Item = Row> {
    let mut by_id: BTreeMap<Option<Guid>, Row> = BTreeMap::new();
    for row in rows {
        let id = row.guid(key);
        if by_id.get(&id).is_none_or(|known| timestamp(known) <= timestamp(&row)) {
            by_id.insert(id, row);
        }
    }
    let mut rows: Vec<Row> = by_id.into_values().collect();
    rows.sort_by_key(timestamp);
    rows.into_iter()
}

/// Whether the next page can be asked for by the highest timestamp. That skips nothing if the rows came in order.
/// They do, but it is nowhere promised; where they do not, and on an empty page, Exact's own link is followed.
fn can_go_on(timestamps: impl Iterator<Item = Option<i64>>, after: i64) -> bool {
    let mut highest = Some(after);
    let mut rows = 0;
    let ascending = timestamps
        .inspect(|_| rows += 1)
        .all(|timestamp| timestamp >= std::mem::replace(&mut highest, timestamp));
    ascending && rows > 0 && highest > Some(after)
}
