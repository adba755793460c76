//! Reading along the feed.

use super::Pipedrive;
use super::api::{Call, Reply};
use super::cursor::{Seen, Walk, Walks};
use super::entity::{Entity, Version};
use super::map::Reading;
use super::wire::WireRecord;
use crate::change::{Change, Cursor, Page};
use crate::error::{ErrorKind, Result};
use crate::http::{Failure, repeated_cursor};
use crate::model::{Kind, View};

/// The price of the list of archived deals.
const ARCHIVED_COST: u64 = 20;
/// Every state that a deal can be in. Without this the deleted ones would be left out.
const ANY_STATUS: &str = "open,won,lost,deleted";

impl Pipedrive {
    pub(super) async fn next_page(
        &self,
        entity: &Entity,
        view: &View,
        after: Option<&Cursor>,
    ) -> Result<Page> {
        let mut walks = Walks::parse(after, entity.paths().len())?;
        let (list, mut walk) = walks.current();
        let mut reply = self.walk_on(entity, view, list, &walk).await;
        if walk.next.is_some() && reply.as_ref().is_err_and(is_refusal) {
            tracing::debug!(
                "the page cursor is not taken any more: the walk goes on from the newest change it saw"
            );
            walk = walk.restarted();
            reply = self.walk_on(entity, view, list, &walk).await;
        }
        let reply = reply.map_err(Failure::into_read_error)?;
        let readings = self.readings(entity, view, &reply.data).await?;
        let seen = Seen {
            newest: readings.iter().filter_map(|reading| reading.record.revision).max(),
            date: reply.answer.date().map(|date| date.timestamp()),
            next: reply.next_cursor,
        };
        let date = seen.date;
        let walked = match entity.version {
            Version::V1 => walk.after_position(seen),
            Version::V2 => walk.after(seen).map(|walk| {
                let more = walk.next.is_some();
                (walk, more)
            }),
        };
        let (walk, more) = walked.ok_or_else(|| repeated_cursor(&Call::list(entity.path).request))?;
        let every = i64::try_from(self.archived_every.as_secs()).unwrap_or(i64::MAX);
        let more = walks.go_on(walk, more, date, every);
        let changes = readings.into_iter().map(change).collect();
        Ok(Page { changes, cursor: walks.to_cursor()?, more })
    }

    async fn walk_on(
        &self,
        entity: &Entity,
        view: &View,
        list: usize,
        walk: &Walk,
    ) -> Result<Reply<Vec<WireRecord>>, Failure> {
        let path = entity.paths().get(list).copied().unwrap_or(entity.path);
        let mut call = Call::list(path).costing(entity.price(super::api::LIST_COST));
        if list > 0 {
            call = call.costing(ARCHIVED_COST);
        }
        if entity.kind == Kind::Deal {
            call = call.query("status", ANY_STATUS);
        }
        call = match entity.version {
            Version::V1 => call
                .query("sort", "update_time ASC")
                .query("start", walk.next.clone().unwrap_or_else(|| "0".to_owned())),
            Version::V2 => call.query("sort_by", "update_time").query("sort_direction", "asc"),
        };
        if let Some(since) = walk.updated_since() {
            call = call.query("updated_since", since);
        }
        if let Some(cursor) = walk.next.as_ref().filter(|_| entity.version == Version::V2) {
            call = call.query("cursor", cursor.clone());
        }
        self.read_narrowed(entity, view, &call).await
    }
}

fn change(reading: Reading) -> Change {
    if reading.is_deleted { Change::Deleted(reading.record.id) } else { Change::Present(reading.record) }
}

/// Whether the vendor did not take the request as it was.
fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.error.kind(), ErrorKind::Invalid | ErrorKind::NotFound)
}
