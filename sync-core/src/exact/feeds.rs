//! Following the feeds of a division: those of the parts, that of the records, that of deletions.

use std::collections::BTreeMap;

use crm_adapters::{Adapter, Change, Kind, Page, Record, RecordId, Result, View, Wanted};
use exact_client::{Guid, Property, Resource, Row, Rows, Scalar, Value as Exact};

use super::adapter::ExactAdapter;
use super::cursor::{Place, Turn};
use super::derive::Source;
use super::error::neutral;
use super::kept::{DELETED, Kept, is_header};
use super::kinds::{Daily, Part, Shape, To};
use super::looks::Look;
use super::parts::Gone;
use super::read::{own_fields, record, timestamp, with_modified};

/// No more records than this wait for the end of a round: they are in its cursor.
const MOST_UNREAD: usize = 500;

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
            if shape.made_of_parts() {
                // Its parts were read for the first time.
                place.records = place.records.max(1);
            }
            let are_due = || self.parts().looks().at_records(self.division().id(), shape, look);
            place.turn = match !shape.made_of_parts() && are_due() {
                true => Turn::Records,
                false => self.after_records(look, &place),
            };
        }
        let changes = match place.turn {
            Turn::Parts => Vec::new(),
            Turn::Records => {
                let (changes, more) = self.records(shape, view, &mut place).await?;
                if !more {
                    place.turn = self.after_records(look, &place);
                }
                changes
            }
            Turn::Deleted => self.deletions(shape, view, &mut place).await?,
            Turn::Unread => {
                place.turn = Turn::Parts;
                self.unread(shape, view, &mut place).await?
            }
        };
        let more = place.turn != Turn::Parts;
        Ok(Page { changes, cursor: place.to_cursor()?, more })
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
        if !shape.made_of_parts() && wanted.fields.iter().all(told) {
            // What was heard of them is looked at by that.
            self.parts().looks().at_records(self.division().id(), shape, Look::News);
            place.turn = Turn::Records;
            let (changes, more) = self.records(shape, view, &mut place).await?;
            if !more {
                place.turn = Turn::Parts;
            }
            return Ok(Page { changes, cursor: place.to_cursor()?, more });
        }
        let records = self.get(&part, wanted.ids).await?;
        let changes = records.into_iter().map(Change::Derived).collect();
        Ok(Page { changes, cursor: place.to_cursor()?, more: false })
    }

    /// What was deleted is looked at with everything, and then only from time to time.
    fn after_records(&self, look: Look, place: &Place) -> Turn {
        match look == Look::Everything && self.deletions_are_due(place) {
            true => Turn::Deleted,
            false => after_all(place),
        }
    }

    /// What the next page of the feed of the records tells, and whether there are more.
    async fn records(&self, shape: &Shape, view: &View, place: &mut Place) -> Result<(Vec<Change>, bool)> {
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
        let heads = all.into_iter().filter(|row| !shape.feed_mixes_lines() || is_header(row));
        let heads: Vec<Row> = latest(heads, shape.key()).collect();
        // What their parts told was kept before them.
        for id in heads.iter().filter_map(|row| row.guid(shape.key())) {
            place.unread.remove(&id);
        }
        let records = if in_feed {
            let records = heads.into_iter().map(|row| record(shape, view, row));
            let mut records = records.collect::<Result<Vec<_>>>()?;
            self.derive(shape, view, Source::Told, &mut records).await?;
            records
        } else {
            self.read_heads(shape, view, heads).await?
        };
        Ok((records.into_iter().map(Change::Present).collect(), more))
    }

    /// Reads the records that something was told of and that no page has brought since.
    async fn unread(&self, shape: &Shape, view: &View, place: &mut Place) -> Result<Vec<Change>> {
        let ids: Vec<Exact> = std::mem::take(&mut place.unread).into_iter().map(Exact::Guid).collect();
        let records = self.records_by(shape, view, Source::Told, shape.key(), &ids).await?;
        Ok(records.into_iter().map(Change::Present).collect())
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
    async fn deletions(&self, shape: &Shape, view: &View, place: &mut Place) -> Result<Vec<Change>> {
        let parts = self.parts();
        if parts.is_due(&DELETED, shape.kind, Look::Everything, self.client.now()) {
            while parts.read(&DELETED).await? {}
        }
        let (gone, next) = parts.gone_since(place.deleted).await?;
        place.deleted = match next {
            Some(next) => next,
            None => place.deleted.max(parts.read_to(&DELETED).await?),
        };
        let mut changes = Vec::new();
        for part in shape.parts_for(&view.fields) {
            let own = gone
                .iter()
                .filter(|gone| Kept::of_deleted(&gone.row).is_some_and(|kept| kept.name == part.kept.name));
            let rows: Vec<Row> = own.flat_map(|gone| gone.parts.iter().cloned()).collect();
            changes.extend(self.wholes(shape, view, (part, &rows), Vec::new(), &mut place.unread).await?);
        }
        let is_of = |gone: &&Gone| gone.row.get("EntityType") == Some(&shape.deleted.to_value());
        let of_kind = gone.iter().filter(|_| !shape.made_of_parts()).filter(is_of);
        for id in of_kind.filter_map(|gone| gone.row.guid("EntityKey")) {
            place.unread.remove(&id);
            changes.push(Change::Deleted(RecordId::new(id.to_string())));
        }
        if next.is_none() {
            place.turn = after_all(place);
            place.deleted_at = self.deletions_read_at();
        }
        Ok(changes)
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
        let first = place.records == 0 && !part.brings;
        let name = part.kept.feed.path();
        let after = place.parts.get(name).copied().unwrap_or_default();
        let Told { mut rows, up_to, more } = self.told(shape.kind, part, look, after, first).await?;
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
        let mut changes = self.wholes(shape, view, (part, &rows), turned, &mut place.unread).await?;
        if place.unread.len() > MOST_UNREAD {
            changes.extend(self.unread(shape, view, &mut place).await?);
        }
        Ok(Page { changes, cursor: place.to_cursor()?, more: true })
    }

    /// Reads a feed of parts, where that is due for a kind, and takes from what is kept of it the rows that the kind was not
    /// told of; none on its first walk.
    async fn told(&self, kind: Kind, part: &Part, look: Look, after: i64, first: bool) -> Result<Told> {
        let (parts, kept) = (self.parts(), part.kept);
        let of_items = matches!(part.to, To::PriceList | To::PeriodOfPriceList) && kind == Kind::Product;
        if of_items && !parts.has_lists().await? {
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

/// Where a round goes from its last feed.
fn after_all(place: &Place) -> Turn {
    if place.unread.is_empty() { Turn::Parts } else { Turn::Unread }
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
