//! What else could be the same: everything on both sides, and in other divisions, that a decision about a record needs.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Fields, RecordId, Value};

use super::derive::Ground;
use crate::error::Result;
use crate::flow::{Division, Side};
use crate::plan::{Candidate, NAME, SYNC_KEY, Situation, contradict};
use crate::state::{Feed, LinkState, Observation, Position, Seen, decode};
use crate::store::{Mark, Row};

/// Everything on both sides that shares an identity value with a page of records, or a name where there is none.
#[derive(Default)]
pub(super) struct Neighbours {
    own: Records,
    other: Records,
    /// Record ids of each side by identity name and value.
    index: BTreeMap<(Side, String, String), Vec<RecordId>>,
    /// Ids of the other side's records by name.
    names: BTreeMap<String, Vec<RecordId>>,
    /// Records of the page that this division is the one to create.
    home: BTreeSet<RecordId>,
    /// Records of the page that are linked in another division.
    elsewhere: BTreeSet<RecordId>,
    /// Records of the page that another division may yet tie to one of its own.
    wanted: BTreeSet<RecordId>,
    /// Records of the page that are another division's, and can be no other's.
    taken: BTreeSet<RecordId>,
}

type Records = BTreeMap<RecordId, Neighbour>;

struct Neighbour {
    seen: Seen,
    /// How its link of this division stands.
    link: Option<LinkState>,
    /// What it can be matched by: names and canonical values.
    keys: Vec<(String, String)>,
}

impl Neighbour {
    fn candidate(&self) -> Candidate<'_> {
        Candidate::new(&self.seen.id, self.seen.fields(), self.link)
    }
}

impl Neighbours {
    pub(super) async fn read(ground: &Ground<'_>, side: Side, page: &[Seen]) -> Result<Self> {
        let mapping = ground.mapping;
        let (own, other) = (ground.feed(side), ground.feed(side.other()));
        let mut all = Self::default();
        let mut marks = Vec::new();
        let mut named = Vec::new();
        if side == Side::Crm {
            all.taken = ground.taken(page).await?;
        }
        let own_page: Vec<&Seen> = page.iter().filter(|seen| !all.taken.contains(&seen.id)).collect();
        for seen in own_page {
            let keys = all.insert(ground, side, side, seen.clone(), None);
            for (name, value) in keys {
                marks.push(Observation::identity_mark(&own, name, value));
                marks.push(Observation::identity_mark(&other, name, value));
            }
            let identified =
                mapping.flow.identity_rules().any(|rule| keys.iter().any(|(name, _)| *name == rule.exact));
            if let (false, Some(name)) = (identified, mapping.name(side, seen.fields())) {
                named.push(Observation::identity_mark(&other, NAME, &name));
            }
        }
        all.take(ground, side, &marks).await?;
        all.take(ground, side, &named).await?;
        // What could be the same as a candidate, on this side: two records may want the same one.
        let rivals: Vec<_> = all
            .other
            .values()
            .flat_map(|one| &one.keys)
            .map(|(name, value)| Observation::identity_mark(&own, name, value))
            .collect();
        all.take(ground, side, &rivals).await?;
        if side == Side::Crm {
            all.home = ground.at_home(page).await?;
        }
        if !all.home.is_empty() {
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
        let known = if of == side { &self.own } else { &self.other };
        let unknown = rows.iter().filter(|row| !known.contains_key(&Seen::id_of(row)));
        let mut seen = unknown.map(Seen::read).collect::<Result<Vec<_>, _>>()?;
        if of == Side::Crm {
            let taken = ground.taken(&seen).await?;
            seen.retain(|seen| !taken.contains(&seen.id));
        }
        let links = ground.links_of(of, seen.iter().map(|seen| &seen.id)).await?;
        for (seen, link) in seen.into_iter().zip(links) {
            self.insert(ground, side, of, seen, link.map(|link| link.state));
        }
        Ok(())
    }

    /// Takes in a record; returns what it can be matched by.
    fn insert(
        &mut self,
        ground: &Ground<'_>,
        side: Side,
        of: Side,
        seen: Seen,
        link: Option<LinkState>,
    ) -> &[(String, String)] {
        let (id, mapping) = (seen.id.clone(), ground.mapping);
        let keys = mapping.keys(&ground.feed(of), &id, seen.fields()).into_iter();
        let keys: Vec<_> = keys.map(|(name, value)| (name.to_owned(), value)).collect();
        for (name, value) in &keys {
            self.index.entry((of, name.clone(), value.clone())).or_default().push(id.clone());
        }
        if let (true, Some(name)) = (of != side, mapping.name(of, seen.fields())) {
            self.names.entry(name).or_default().push(id.clone());
        }
        let records = if of == side { &mut self.own } else { &mut self.other };
        &records.entry(id).or_insert(Neighbour { seen, link, keys }).keys
    }

    /// Whether another division may yet tie a record of the page to one of its own.
    pub(super) fn wanted(&self, id: &RecordId) -> bool {
        self.wanted.contains(id)
    }

    /// Whether a record of the page is another division's, and can be no other's.
    pub(super) fn is_taken(&self, id: &RecordId) -> bool {
        self.taken.contains(id)
    }

    pub(super) fn other(&self, id: &RecordId) -> Option<&Seen> {
        self.other.get(id).map(|one| &one.seen)
    }

    /// The ids of everything on the other side.
    pub(super) fn other_ids(&self) -> impl Iterator<Item = &RecordId> {
        self.other.keys()
    }

    /// The fields of everything on the other side.
    pub(super) fn others(&self) -> impl Iterator<Item = &Fields> {
        self.other.values().map(|one| one.seen.fields())
    }

    /// The records on `of` that share an identity value with another record.
    fn sharing<'s>(&'s self, one: &Neighbour, of: Side, records: &'s Records) -> Vec<Candidate<'s>> {
        let keys = one.keys.iter().cloned();
        let mut ids: Vec<_> =
            keys.filter_map(|(name, value)| self.index.get(&(of, name, value))).flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        let records = ids.into_iter().filter_map(|id| records.get(id));
        records.filter(|other| !std::ptr::eq(*other, one)).map(Neighbour::candidate).collect()
    }

    pub(super) fn situation<'s>(
        &'s self,
        ground: &Ground<'_>,
        side: Side,
        seen: &Seen,
        record: &'s Candidate<'s>,
        insisted: bool,
    ) -> Situation<'s> {
        let own = self.own.get(&seen.id);
        let sharing = |of, records| own.map(|own| self.sharing(own, of, records)).unwrap_or_default();
        let candidates = sharing(side.other(), &self.other);
        let rivals = candidates.iter().map(|one| {
            let one = self.other.get(one.id);
            one.map(|one| self.sharing(one, side, &self.own)).unwrap_or_default()
        });
        let flow = &ground.mapping.flow;
        let here =
            side == Side::Exact || (self.home.contains(&seen.id) && !self.elsewhere.contains(&seen.id));
        let due = side == Side::Exact || (flow.is_due(seen.fields()) && seen.observation.before.is_none());
        let fit =
            side == Side::Crm || flow.creatable.as_ref().is_none_or(|rule| rule.holds(side, seen.fields()));
        Situation {
            side,
            record,
            twins: sharing(side, &self.own),
            rivals: rivals.collect(),
            candidates,
            namesakes: ground
                .mapping
                .name(side, seen.fields())
                .and_then(|name| self.names.get(&name))
                .into_iter()
                .flatten()
                .collect(),
            creatable: here && due && fit && flow.create.allows(side.other()),
            insisted,
        }
    }
}

impl Ground<'_> {
    /// The other divisions of this flow.
    pub(super) fn others(&self) -> Vec<Division> {
        let divisions = self.session.engine.divisions(&self.mapping.flow);
        divisions.into_iter().filter(|division| *division != self.division).collect()
    }

    /// The records of a page that a link of another division of this flow holds.
    pub(super) async fn linked_elsewhere(&self, page: &[Seen]) -> Result<BTreeSet<RecordId>> {
        let mut linked = BTreeSet::new();
        for division in self.others() {
            let links = self.links_in(division, Side::Crm, page.iter().map(|seen| &seen.id)).await?;
            linked.extend(links.into_keys());
        }
        Ok(linked)
    }

    /// Of records of the CRM that can be one in a single division: those that another one holds, or whose key is of another
    /// one. What is handed over has a key in Exact, and may bear that of another flow in the CRM.
    async fn taken(&self, seen: &[Seen]) -> Result<BTreeSet<RecordId>> {
        let flow = &self.mapping.flow;
        if !flow.is_of_one_division() || seen.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut taken = self.linked_elsewhere(seen).await?;
        if let Some(name) = flow.sync_key.as_ref().filter(|_| !flow.hands_over()) {
            let here = format!("{}:", self.division);
            let key = |seen: &&Seen| seen.fields().get(name).and_then(Value::as_text).map(str::to_owned);
            let keyed = seen.iter().filter(|seen| key(seen).is_some_and(|key| !key.starts_with(&here)));
            taken.extend(keyed.map(|seen| seen.id.clone()));
        }
        Ok(taken)
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
    pub(super) async fn was_read(&self, feed: &Feed) -> Result<bool> {
        let row = self.rows(&[feed.cursor_key()]).await?.pop().flatten();
        let position = row.as_ref().map(decode::<Position>).transpose()?;
        Ok(position.is_some_and(|at| at.complete && at.fingerprint == self.mapping.fingerprint))
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
