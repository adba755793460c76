use std::borrow::Cow;

use chrono::{DateTime, Utc};
use crm_adapters::{Fields, RecordId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::flow::{Division, Side};
use crate::plan::{Mapping, named};
use crate::state::{Echo, Feed, encode, is_false};
use crate::store::{Expect, Key, Mark, Put, Row, StoreError, Table};

/// What a side was last seen to hold of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Observation {
    pub(crate) fields: Fields,
    pub(crate) revision: Option<i64>,
    /// The side said that it is gone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) deleted: bool,
    /// The divisions in which it is not yet in agreement with the other side, or waits for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) dirty: Vec<Division>,
    /// When it was first seen, in microseconds since 1970 by the engine's clock.
    pub(crate) first_seen: i64,
    /// Since when it waits for a record that it names, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waiting_since: Option<i64>,
    /// It met the condition of its hand-off before that began: history, as long as it meets it. The beginning, in
    /// microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<i64>,
    /// What was written to it and its side has still to tell of.
    #[serde(default, skip_serializing_if = "Echo::is_silent")]
    pub(crate) echo: Echo,
    /// It stands for a person who is forgotten: no value is kept of it, whatever the side delivers.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) forgotten: bool,
}

/// An observation with its place in the store.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: RecordId,
    pub(crate) observation: Observation,
    pub(crate) revision: u64,
}

impl Seen {
    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { id: Self::id_of(row), observation: super::decode(row)?, revision: row.revision })
    }

    /// The record that a row is about.
    pub(crate) fn id_of(row: &Row) -> RecordId {
        RecordId::new(row.key.id.rsplit('/').next().unwrap_or_default())
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.observation.fields
    }
}

impl Observation {
    /// The mark of records that are not in agreement.
    pub(crate) const DIRTY: &'static str = "dirty";
    /// The mark that finds records by what identifies them.
    pub(crate) const IDENTITY: &'static str = "identity";
    /// In bytes, of a value in a mark. No name and no number is longer in practice.
    const LONGEST: usize = 400;
    /// The mark that finds records by what they belong to.
    const PARENT: &'static str = "parent";

    /// What is left of a record that is forgotten.
    pub(crate) fn tombstone(key: Key, now: DateTime<Utc>) -> Result<Put, StoreError> {
        super::plain(key, &Self::gone(now, Vec::new()))
    }

    /// A record that was anonymised: gone, without its values, in divisions that do not know it yet.
    pub(crate) fn gone(now: DateTime<Utc>, dirty: Vec<Division>) -> Self {
        Self {
            fields: Fields::new(),
            revision: None,
            deleted: true,
            dirty,
            first_seen: now.timestamp_micros(),
            waiting_since: None,
            before: None,
            echo: Echo::default(),
            forgotten: true,
        }
    }

    pub(crate) fn key(feed: &Feed, id: &RecordId) -> Key {
        Key::new(Table::Observation, [&feed.prefix, id.as_str()].concat())
    }

    /// What the dirty marks of a division's records on a side begin with. Behind it stands when a record was first seen:
    /// those that have been there longest come first, and what was stored together is looked at together.
    pub(crate) fn dirty_prefix(flow: &str, side: Side, division: Division) -> String {
        format!("{flow}/{}/{division}/", side.as_str())
    }

    pub(crate) fn is_dirty(&self, division: Division) -> bool {
        self.dirty.contains(&division)
    }

    /// Notes whether it is in agreement in a division; `true` where that is news.
    pub(crate) fn set_dirty(&mut self, division: Division, dirty: bool) -> bool {
        if self.is_dirty(division) == dirty {
            return false;
        }
        self.waiting_since = None;
        if dirty {
            self.dirty.push(division);
        } else {
            self.dirty.retain(|other| *other != division);
        }
        if self.dirty.is_empty() {
            self.echo.noted();
        }
        true
    }

    /// The mark of what identifies a record. A value that the index of some database would not take stands in it by its
    /// digest.
    pub(crate) fn identity_mark(feed: &Feed, name: &str, value: &str) -> Mark {
        let fits = value.len() <= Self::LONGEST && !value.contains(char::is_control);
        let value = if fits { Cow::Borrowed(value) } else { Cow::Owned(hex::encode(Sha256::digest(value))) };
        Mark::new(Self::IDENTITY, [&feed.prefix, name, "=", &value].concat())
    }

    /// The mark that finds the records that belong to a record of another flow.
    pub(crate) fn parent_mark(feed: &Feed, flow: &str, id: &RecordId) -> Mark {
        Mark::new(Self::PARENT, format!("{feed}/{flow}/{id}"))
    }

    pub(crate) fn put(
        &self,
        feed: &Feed,
        id: &RecordId,
        mapping: &Mapping,
        expect: Expect,
    ) -> Result<Put, StoreError> {
        let mut marks = Vec::new();
        for division in &self.dirty {
            let prefix = Self::dirty_prefix(&feed.flow, feed.side, *division);
            marks.push(Mark::new(Self::DIRTY, format!("{prefix}{:016}", self.first_seen.max(0))));
        }
        if !self.deleted {
            let values = mapping.identity(feed, id, &self.fields);
            marks.extend(values.iter().map(|(name, value)| Self::identity_mark(feed, name, value)));
            let parents = mapping.flow.parents.iter().filter(|parent| parent.side == feed.side);
            let named = parents.filter_map(|parent| Some((parent, named(self.fields.get(&parent.by)?)?)));
            marks.extend(named.map(|(parent, id)| Self::parent_mark(feed, &parent.flow, &id)));
            marks.dedup();
        }
        Ok(Put { key: Self::key(feed, id), value: encode(self)?, marks, expect })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_index_of_a_database_would_not_take_is_marked_by_its_digest() {
        let feed = Feed::exact("companies", Division::new(1));
        let mark = |value: &str| Observation::identity_mark(&feed, "#name", value).value;
        let longest = "ü".repeat(200);
        assert_eq!(mark(&longest), format!("{}#name={longest}", feed.prefix));
        let odd = ["a\0b".to_owned(), "a\0c".to_owned(), "ü".repeat(5_000), "ü".repeat(5_001)];
        for value in &odd {
            assert_eq!(mark(value).len(), mark("").len() + 64, "a digest");
            assert_eq!(odd.iter().filter(|other| mark(other) == mark(value)).count(), 1, "of its own");
        }
    }
}
