//! Records that a vendor merged: their link follows the one that remains, their old ids stay with it.

use std::collections::BTreeMap;

use crm_adapters::RecordId;

use super::audit::audit;
use super::session::Session;
use crate::error::Result;
use crate::flow::Division;
use crate::state::{AuditLine, Feed, Issue, IssueKind, Link, LinkState, Observation, Subject};
use crate::store::{Batch, Key};

/// Which record each merged one went into, as a page tells.
#[derive(Debug, Default)]
pub(super) struct Merged(BTreeMap<RecordId, RecordId>);

impl Merged {
    pub(super) fn add(&mut self, from: Vec<RecordId>, into: &RecordId) {
        self.0.extend(from.into_iter().filter(|id| id != into).map(|id| (id, into.clone())));
    }

    pub(super) fn contains(&self, id: &RecordId) -> bool {
        self.0.contains_key(id)
    }

    /// Where a record is now: one that was merged into may have been merged itself.
    fn now<'a>(&'a self, id: &'a RecordId) -> &'a RecordId {
        let mut now = id;
        for _ in 0..self.0.len() {
            match self.0.get(now) {
                Some(into) => now = into,
                None => break,
            }
        }
        now
    }

    /// Puts into a batch what becomes of the links of merged records.
    pub(super) async fn put(
        &self,
        session: &Session<'_>,
        batch: &mut Batch,
        feed: &Feed,
        divisions: &[Division],
    ) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        batch.deletes.extend(self.0.keys().map(|id| Observation::key(feed, id)));
        for division in divisions {
            batch.deletes.extend(self.0.keys().map(|id| question(feed, *division, id)));
            for (into, links) in self.tied(session, feed, *division).await? {
                follow(session, batch, feed, &into, links)?;
            }
        }
        Ok(())
    }

    /// The links that the records of a division belong to, by the record that remains.
    async fn tied(
        &self,
        session: &Session<'_>,
        feed: &Feed,
        division: Division,
    ) -> Result<BTreeMap<RecordId, Vec<Link>>> {
        let ids = self.0.keys().chain(self.0.values());
        let marks: Vec<_> =
            ids.flat_map(|id| Link::record_marks(&feed.flow, division, feed.side, id)).collect();
        let mut tied = BTreeMap::<_, Vec<_>>::new();
        for link in session.links(&marks).await? {
            // An open create is left to its look-up: what it made will be matched.
            if let (Some(id), Some(_)) = (link.record(feed.side), link.record(feed.side.other())) {
                tied.entry(self.now(id).clone()).or_default().push(link);
            }
        }
        Ok(tied)
    }
}

fn question(feed: &Feed, division: Division, id: &RecordId) -> Key {
    Issue::key_of(&feed.flow, division, &Subject::Record(feed.side, id.clone()), None)
}

/// One link follows: that of the record that remains, else the oldest. The others end, and a person is told.
fn follow(
    session: &Session<'_>,
    batch: &mut Batch,
    feed: &Feed,
    into: &RecordId,
    mut links: Vec<Link>,
) -> Result<()> {
    links.sort_by_key(|link| (link.record(feed.side) != Some(into), link.state != LinkState::Live, link.id));
    let mut links = links.into_iter();
    let Some(mut first) = links.next() else { return Ok(()) };
    if first.record(feed.side) != Some(into) && first.state == LinkState::Live {
        first.rename(feed.side, into.clone());
        batch.puts.push(audit(session, &first, feed.side, AuditLine::MERGE, Vec::new())?);
        let mut put = first.put()?;
        // What remains may differ from what was agreed on, also where the feed tells nothing new of it.
        put.marks.push(Link::fresh(&first.flow, first.division));
        batch.puts.push(put);
    }
    for mut link in links.filter(|link| link.state == LinkState::Live) {
        let issue = parted(session, feed, into, &first, &link);
        link.state = LinkState::Ended(feed.side);
        batch.puts.push(issue.put()?);
        batch.puts.push(audit(session, &link, feed.side, AuditLine::END, Vec::new())?);
        batch.puts.push(link.put()?);
    }
    Ok(())
}

/// The question about a link whose record went into that of another link.
fn parted(session: &Session<'_>, feed: &Feed, into: &RecordId, kept: &Link, lost: &Link) -> Issue {
    let name = |link: &Link| link.record(feed.side.other()).map(ToString::to_string).unwrap_or_default();
    let (other, kept, gone) = (feed.side.other(), name(kept), name(lost));
    let message = format!(
        "{} merged the record of {gone} in {other} into {into}, which belongs to {kept}; {gone} is left alone from now on: merge the two in {other}, too, or skip",
        feed.side
    );
    Issue::of_link(lost, IssueKind::Ambiguous, message, session.now())
}
