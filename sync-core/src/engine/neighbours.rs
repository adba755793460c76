//! What else could be the same: everything on both sides, and in other divisions, that a decision about a record needs.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::RecordId;

use super::derive::Ground;
use crate::error::Result;
use crate::flow::{Division, Side};
use crate::plan::{Candidate, NAME, SYNC_KEY, Situation, contradict, search_values};
use crate::state::{Feed, Observation, Position, Seen, decode};
use crate::store::{Mark, Row};

/// Everything on both sides that shares an identity value with a page of records, or a name where there is none.
pub(super) struct Neighbours {
    own: BTreeMap<RecordId, (Seen, bool)>,
    other: BTreeMap<RecordId, (Seen, bool)>,
    /// Record ids of each side by identity name and value.
    index: BTreeMap<(Side, String, String), Vec<RecordId>>,
    /// Ids of the other side's records by name.
    names: BTreeMap<String, Vec<RecordId>>,
    /// Records of the page that are linked in another division.
    elsewhere: BTreeSet<RecordId>,
    /// Records of the page that another division may yet tie to one of its own.
    wanted: BTreeSet<RecordId>,
}

impl Neighbours {
    pub(super) async fn read(ground: &Ground<'_>, side: Side, page: &[Seen]) -> Result<Self> {
        let mapping = ground.mapping;
        let (own, other) = (ground.feed(side), ground.feed(side.other()));
        let mut marks = Vec::new();
        let mut named = Vec::new();
        for seen in page {
            let values = search_values(mapping, &own, &seen.id, seen.fields());
            for (name, value) in &values {
                marks.push(Observation::identity_mark(&own, name, value));
                marks.push(Observation::identity_mark(&other, name, value));
            }
            let identified =
                mapping.flow.identity_rules().any(|rule| values.iter().any(|(name, _)| *name == rule.exact));
            if let (false, Some(name)) = (identified, mapping.name(side, seen.fields())) {
                named.push(Observation::identity_mark(&other, NAME, &name));
            }
        }
        let mut all = Self {
            own: BTreeMap::new(),
            other: BTreeMap::new(),
            index: BTreeMap::new(),
            names: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            wanted: BTreeSet::new(),
        };
        all.take(ground, side, &marks).await?;
        all.take(ground, side, &named).await?;
        // What could be the same as a candidate, on this side: two records may want the same one.
        let rivals: Vec<_> = all
            .other
            .values()
            .flat_map(|(seen, _)| search_values(mapping, &other, &seen.id, seen.fields()))
            .map(|(name, value)| Observation::identity_mark(&own, &name, &value))
            .collect();
        all.take(ground, side, &rivals).await?;
        if side == Side::Crm && ground.creates_here {
            all.elsewhere = ground.linked_elsewhere(page).await?;
            all.wanted = ground.wanted_elsewhere(page).await?;
        }
        Ok(all)
    }

    async fn take(&mut self, ground: &Ground<'_>, side: Side, marks: &[Mark]) -> Result<()> {
        if marks.is_empty() {
            return Ok(());
        }
        let engine = ground.session.engine;
        let rows = engine.store.marked(&engine.tenant, marks).await?;
        let own = Observation::key(&ground.feed(side), &RecordId::new("")).id;
        let (own, other): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.key.id.starts_with(&own));
        self.add(ground, side, side, own).await?;
        self.add(ground, side, side.other(), other).await
    }

    async fn add(&mut self, ground: &Ground<'_>, side: Side, of: Side, rows: Vec<Row>) -> Result<()> {
        let known = |seen: &Seen, all: &Self| {
            if of == side { all.own.contains_key(&seen.id) } else { all.other.contains_key(&seen.id) }
        };
        let seen = rows.iter().map(Seen::read).collect::<Result<Vec<_>, _>>()?;
        let seen: Vec<_> = seen.into_iter().filter(|seen| !known(seen, self)).collect();
        let links = ground.links_of(of, seen.iter().map(|seen| &seen.id)).await?;
        let feed = ground.feed(of);
        for (seen, link) in seen.into_iter().zip(links) {
            for (name, value) in search_values(ground.mapping, &feed, &seen.id, seen.fields()) {
                self.index.entry((of, name, value)).or_default().push(seen.id.clone());
            }
            if let (true, Some(name)) = (of != side, ground.mapping.name(of, seen.fields())) {
                self.names.entry(name).or_default().push(seen.id.clone());
            }
            let side = if of == side { &mut self.own } else { &mut self.other };
            side.insert(seen.id.clone(), (seen, link.is_some()));
        }
        Ok(())
    }

    /// Whether another division may yet tie a record of the page to one of its own.
    pub(super) fn wanted(&self, id: &RecordId) -> bool {
        self.wanted.contains(id)
    }

    pub(super) fn other(&self, id: &RecordId) -> Option<&Seen> {
        self.other.get(id).map(|(seen, _)| seen)
    }

    /// The ids on `of` that share an identity value with a record of `from`.
    fn sharing(&self, ground: &Ground<'_>, from: Side, seen: &Seen, of: Side) -> Vec<&RecordId> {
        let values = search_values(ground.mapping, &ground.feed(from), &seen.id, seen.fields());
        let mut ids: Vec<_> = values
            .into_iter()
            .filter_map(|(name, value)| self.index.get(&(of, name, value)))
            .flatten()
            .filter(|id| of != from || **id != seen.id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(super) fn situation<'s>(
        &'s self,
        ground: &Ground<'_>,
        side: Side,
        seen: &Seen,
        record: &'s Candidate<'s>,
        insisted: bool,
    ) -> Situation<'s> {
        fn candidate<'s>(from: &'s BTreeMap<RecordId, (Seen, bool)>, id: &RecordId) -> Option<Candidate<'s>> {
            from.get(id).map(|(seen, linked)| Candidate::new(&seen.id, seen.fields(), *linked))
        }
        let candidates: Vec<_> = self
            .sharing(ground, side, seen, side.other())
            .into_iter()
            .filter_map(|id| candidate(&self.other, id))
            .collect();
        let rivals = candidates.iter().map(|one| {
            let of = self.other.get(one.id).map(|(seen, _)| self.sharing(ground, side.other(), seen, side));
            of.into_iter().flatten().filter_map(|id| candidate(&self.own, id)).collect()
        });
        let flow = &ground.mapping.flow;
        let here = side == Side::Exact || (ground.creates_here && !self.elsewhere.contains(&seen.id));
        let fit =
            side == Side::Crm || flow.creatable.as_ref().is_none_or(|rule| rule.holds(side, seen.fields()));
        Situation {
            side,
            record,
            twins: self
                .sharing(ground, side, seen, side)
                .into_iter()
                .filter_map(|id| candidate(&self.own, id))
                .collect(),
            rivals: rivals.collect(),
            candidates,
            namesakes: ground
                .mapping
                .name(side, seen.fields())
                .and_then(|name| self.names.get(&name))
                .into_iter()
                .flatten()
                .collect(),
            creatable: here && fit && flow.create.allows(side.other()),
            insisted,
        }
    }
}

impl Ground<'_> {
    /// The other divisions of this flow.
    fn others(&self) -> Vec<Division> {
        let divisions = self.session.engine.divisions(&self.mapping.flow);
        divisions.into_iter().filter(|division| *division != self.division).collect()
    }

    /// The records of a page that a link of another division of this flow holds.
    async fn linked_elsewhere(&self, page: &[Seen]) -> Result<BTreeSet<RecordId>> {
        let mut linked = BTreeSet::new();
        for division in self.others() {
            let links = self.links_in(division, Side::Crm, page.iter().map(|seen| &seen.id)).await?;
            linked.extend(links.into_keys());
        }
        Ok(linked)
    }

    /// The records of a page that could be the same as one in another division which is not linked there yet; all of
    /// them as long as one of the divisions was never read to its end.
    async fn wanted_elsewhere(&self, page: &[Seen]) -> Result<BTreeSet<RecordId>> {
        let mut wanted = BTreeSet::new();
        for division in self.others() {
            let feed = Feed::exact(&self.mapping.flow.name, division);
            if !self.was_read(&feed).await? {
                return Ok(page.iter().map(|seen| seen.id.clone()).collect());
            }
            let marks: Vec<_> = page.iter().flat_map(|seen| self.marks_in(&feed, seen)).collect();
            let found = self.free(division, &marks).await?;
            let same = |seen: &&Seen| {
                let marks = self.marks_in(&feed, seen);
                found.iter().any(|other| {
                    !contradict(self.mapping, seen.fields(), Side::Crm, other.fields(), Side::Exact)
                        && self.marks_of(&feed, other).iter().any(|mark| marks.contains(mark))
                })
            };
            wanted.extend(page.iter().filter(same).map(|seen| seen.id.clone()));
        }
        Ok(wanted)
    }

    /// Whether the end of a feed was reached once: what is missing is then missing, not unread.
    async fn was_read(&self, feed: &Feed) -> Result<bool> {
        let row = self.rows(&[feed.cursor_key()]).await?.pop().flatten();
        let position = row.as_ref().map(decode::<Position>).transpose()?;
        Ok(position.is_some_and(|at| at.complete && at.fingerprint == self.mapping.flow.fingerprint()))
    }

    /// The marks that a record of a division bears if it is the same as one of the CRM: its identity or, without one,
    /// its name.
    fn marks_in(&self, feed: &Feed, seen: &Seen) -> Vec<Mark> {
        let mut values = self.mapping.identity(&self.feed(Side::Crm), &seen.id, seen.fields());
        if values.iter().any(|(name, _)| *name != SYNC_KEY && *name != NAME) {
            values.retain(|(name, _)| *name != NAME);
        }
        values.iter().map(|(name, value)| Observation::identity_mark(feed, name, value)).collect()
    }

    fn marks_of(&self, feed: &Feed, seen: &Seen) -> Vec<Mark> {
        let values = self.mapping.identity(feed, &seen.id, seen.fields());
        values.iter().map(|(name, value)| Observation::identity_mark(feed, name, value)).collect()
    }

    /// The records of a division that bear one of these marks, take part, and are not linked there.
    async fn free(&self, division: Division, marks: &[Mark]) -> Result<Vec<Seen>> {
        if marks.is_empty() {
            return Ok(Vec::new());
        }
        let engine = self.session.engine;
        let rows = engine.store.marked(&engine.tenant, marks).await?;
        let seen = rows.iter().map(Seen::read).collect::<Result<Vec<_>, _>>()?;
        let links = self.links_in(division, Side::Exact, seen.iter().map(|seen| &seen.id)).await?;
        let free = seen.into_iter().filter(|seen| !links.contains_key(&seen.id));
        Ok(free.filter(|seen| self.takes_part(Side::Exact, seen)).collect())
    }
}
