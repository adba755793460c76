//! Following a sync feed: a place in it that can be stored, and a reader that goes on from there.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};

use crate::division::DivisionApi;
use crate::entity::Feed;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Pipeline;
use crate::id::Guid;
use crate::list::NextLink;
use crate::odata::WallTime;

/// A place in one feed of one division. Store it together with the page that it came with.
///
/// It holds a timestamp and no address wherever that skips nothing, so that it outlives the server it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedCursor {
    after: i64,
    next: Option<NextLink>,
    moved: Option<WallTime>,
    read_at: Option<DateTime<Utc>>,
}

impl FeedCursor {
    /// The beginning: everything that is there now, and what changes afterwards.
    #[must_use]
    pub fn start() -> Self {
        Self::default()
    }

    /// Behind a timestamp that was read at a known time, for example one of
    /// [`sync_timestamp`](DivisionApi::sync_timestamp). `moved` is the division's move date at that time.
    #[must_use]
    pub fn after(timestamp: i64, moved: Option<WallTime>, read_at: DateTime<Utc>) -> Self {
        Self { after: timestamp, next: None, moved, read_at: Some(read_at) }
    }

    /// The highest timestamp read.
    #[must_use]
    pub fn timestamp(&self) -> i64 {
        self.after
    }

    /// When a page was read with it last; `None` at the start.
    #[must_use]
    pub fn read_at(&self) -> Option<DateTime<Utc>> {
        self.read_at
    }
}

/// One page of a feed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FeedPage<E> {
    /// The rows, each record once, in the order of their timestamps.
    ///
    /// A record that changes while the feed is read comes again on a later page. Keep the row with the higher
    /// timestamp, whatever the order in which pages are handled.
    pub items: Vec<E>,
    /// Where to go on once the rows are safe.
    pub cursor: FeedCursor,
    /// The division was moved since the cursor was stored, so all timestamps are new and the feed was started over:
    /// what is known and does not come again does not exist any more. On the first page only.
    pub restarted: bool,
}

/// Reads a feed from a cursor to its end, in constant memory: one page at a time.
///
/// Dropping it, or a call of it, loses nothing: the next reader goes on from the last cursor.
#[derive(Debug)]
#[must_use]
pub struct FeedReader<E> {
    pipeline: Arc<Pipeline>,
    division: DivisionApi,
    cursor: FeedCursor,
    restarted: bool,
    ended: bool,
    entity: PhantomData<fn() -> E>,
}

impl<E: Feed> FeedReader<E> {
    pub(crate) fn new(
        pipeline: Arc<Pipeline>,
        division: DivisionApi,
        cursor: FeedCursor,
        moved: Option<WallTime>,
    ) -> Self {
        let restarted = cursor.read_at.is_some() && cursor.moved != moved;
        let cursor = if restarted { FeedCursor::start() } else { cursor };
        let cursor = FeedCursor { moved, ..cursor };
        Self { pipeline, division, cursor, restarted, ended: false, entity: PhantomData }
    }

    /// Where the next page begins.
    #[must_use]
    pub fn cursor(&self) -> &FeedCursor {
        &self.cursor
    }

    /// The next page; `None` at the end of the feed. Costs one call. After an error it can be called again.
    ///
    /// # Errors
    /// [`Expired`](ErrorKind::Expired), before any call, where the cursor is older than what Exact remembers, which
    /// is two months of deletions; otherwise those of [`List::page`](crate::List::page).
    pub async fn next_page(&mut self) -> Result<Option<FeedPage<E>>> {
        if self.ended {
            return Ok(None);
        }
        let now = self.pipeline.clock.now();
        self.check_age(now)?;
        let list = self.division.feed::<E>(self.cursor.after);
        let page = list.page(self.cursor.next.as_ref()).await?;
        self.go_on(&page.items, page.next, now)?;
        let restarted = std::mem::take(&mut self.restarted);
        Ok(Some(FeedPage { items: newest(page.items), cursor: self.cursor.clone(), restarted }))
    }

    /// The pages as a stream. It ends with the feed, or behind the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<FeedPage<E>>> + Send {
        stream::try_unfold(self, |mut reader| async move {
            Ok(reader.next_page().await?.map(|page| (page, reader)))
        })
    }

    fn check_age(&self, now: DateTime<Utc>) -> Result<()> {
        let (Some(days), Some(read_at)) = (E::REMEMBERED_DAYS, self.cursor.read_at) else { return Ok(()) };
        if now - read_at <= TimeDelta::days(i64::from(days)) {
            return Ok(());
        }
        let message =
            format!("the cursor was read last on {}, and Exact remembers {days} days", read_at.date_naive());
        Err(Error::new(ErrorKind::Expired, message)
            .with_entity(E::FEED)
            .with_division(Some(self.division.id()))
            .with_remedy("read all records again, drop those that do not come, and start a new cursor"))
    }

    /// Moves the cursor behind a page. Where the rows came in order, which they do though nowhere promised, the
    /// timestamp is enough; otherwise the rest of this reading is behind Exact's own link.
    fn go_on(&mut self, rows: &[E], next: Option<NextLink>, now: DateTime<Utc>) -> Result<()> {
        let cursor = &mut self.cursor;
        if next.is_some() && next == cursor.next {
            return Err(
                Error::new(ErrorKind::Decode, "a page names itself as the next one").with_entity(E::FEED)
            );
        }
        self.ended = next.is_none();
        let highest = rows.iter().filter_map(E::timestamp).fold(cursor.after, i64::max);
        let in_order = cursor.next.is_none() && highest > cursor.after && ascending(rows);
        cursor.next = next.filter(|_| !in_order);
        cursor.after = highest;
        cursor.read_at = Some(now);
        Ok(())
    }
}

fn ascending<E: Feed>(rows: &[E]) -> bool {
    rows.iter().map(E::timestamp).is_sorted()
}

/// Each record once, as its highest timestamp has it, in the order of the timestamps.
fn newest<E: Feed>(rows: Vec<E>) -> Vec<E> {
    let mut newest: HashMap<Guid, Option<i64>> = HashMap::with_capacity(rows.len());
    for (id, timestamp) in rows.iter().filter_map(|row| Some((row.record_id()?, row.timestamp()))) {
        let known = newest.entry(id).or_insert(timestamp);
        *known = timestamp.max(*known);
    }
    // A row that came twice as it is goes out once: the first one takes the entry with it.
    let mut rows: Vec<E> = rows
        .into_iter()
        .filter(|row| match row.record_id() {
            Some(id) if newest.get(&id) == Some(&row.timestamp()) => newest.remove(&id).is_some(),
            Some(_) => false,
            None => true,
        })
        .collect();
    rows.sort_by_key(E::timestamp);
    rows
}
