//! What a side tells of its changes, and what it is asked to write.

use std::ops::AddAssign;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::model::{Fields, NewField, Record, RecordId, Value};

/// How far a feed has been read. Opaque: only the adapter that made it can read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// Wraps the adapter's own notation.
    pub fn new(cursor: impl Into<String>) -> Self {
        Self(cursor.into())
    }

    /// The adapter's own notation.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One page of a feed.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "adapters outside this crate build it")]
pub struct Page {
    /// What changed, oldest first. May be empty even when there is more.
    pub changes: Vec<Change>,
    /// Where to go on after this page is stored. It moves forward with every page.
    pub cursor: Cursor,
    /// Whether another page is waiting now.
    pub more: bool,
}

/// One change that a side tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The record exists and looks like this.
    Present(Record),
    /// These fields of a record look like this, and nothing is said of the others: figures that are made of other
    /// records. It means nothing where the record is not known.
    Derived(Record),
    /// The record is gone: the vendor said so. Absence from a list is no such statement.
    Deleted(RecordId),
    /// These records were merged into another one, which the feed tells of by itself. Their ids may be told again.
    Merged {
        /// The record that remains.
        into: RecordId,
        /// The records that are no more.
        from: Vec<RecordId>,
    },
}

/// A field and the value to find records by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain data that the engine builds")]
pub struct Key {
    /// The field's name, as records use it.
    pub field: String,
    /// The value it must have; of a [list](Value::List), one of the values.
    pub value: Value,
}

/// What an engine needs to know before it writes to some records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain data that the engine builds")]
pub struct Wanted<'a> {
    /// The records that may be written to.
    pub ids: &'a [RecordId],
    /// The fields of them that may be.
    pub fields: &'a [String],
}

/// One write that a side is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain data that the engine builds")]
pub struct Write {
    /// What to do.
    pub action: Action,
    /// The latest moment, on the adapter's [monotonic clock](crate::Clock::monotonic), at which the first byte
    /// may leave; after it the adapter answers [`Outcome::NotSent`]. This is what makes a paused process harmless.
    pub send_before: Option<Duration>,
}

/// What a write does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// A new record with these fields.
    Create(Fields),
    /// These fields of an existing record; all others stay as they are.
    Update(RecordId, Fields),
    /// Takes a record out of use, in the gentlest way that the vendor has. [`Outcome::Applied`] then carries a record
    /// without fields.
    Archive(RecordId),
}

/// What became of one write.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "the engine must answer each of them")]
pub enum Outcome {
    /// Stored. This is what the vendor now holds, which may differ from what was sent.
    Applied(Record),
    /// An update that was taken, and nothing said of what became of it: the feed tells. The record has the fields as they
    /// were sent, and when that was by the vendor's clock.
    Accepted(Record),
    /// Refused for its content, for good.
    Rejected(Error),
    /// Not executed, for certain: it may be sent again as it is.
    NotSent(Error),
    /// It may or may not have been stored. Look before sending it again.
    Unknown(Error),
    /// The record to update does not exist any more.
    Gone(Error),
}

/// How a side takes records of a kind out of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Archive {
    /// It does not.
    Never,
    /// The record is neither read nor told as present any more.
    Hides,
    /// The record can still be read, and says that it has ended.
    Ends,
}

/// What a side can do with a kind, as plain facts to plan from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Records can be created.
    pub create: bool,
    /// Records can be changed.
    pub update: bool,
    /// What becomes of a record that is [archived](Action::Archive).
    pub archive: Archive,
    /// How many writes go into one call, and so into one [`write`](crate::Adapter::write).
    pub batch: usize,
    /// How many calls of [`write`](crate::Adapter::write) may usefully run at once; each carries up to
    /// [`batch`](Capabilities::batch) records, so that many times that many may be on their way.
    pub concurrency: usize,
    /// The feed tells of deleted records.
    pub deletes_visible: bool,
    /// [`find`](crate::Adapter::find) may miss a record that was created a moment ago.
    pub find_lags: bool,
    /// A create whose key field exists already changes that record instead, so that repeating one is harmless.
    pub unique_key: bool,
    /// The field that tells when a record was changed last, where the vendor has one.
    pub changed_at: Option<&'static str>,
    /// The field that tells who changed it last. The schema may lack it all the same.
    pub changed_by: Option<&'static str>,
}

impl Capabilities {
    /// A side that can be read and nothing else.
    #[must_use]
    pub fn read_only() -> Self {
        Self {
            create: false,
            update: false,
            archive: Archive::Never,
            batch: 1,
            concurrency: 1,
            deletes_visible: false,
            find_lags: false,
            unique_key: false,
            changed_at: None,
            changed_by: None,
        }
    }

    /// Creates and updates, one record a call, so many calls at once.
    #[must_use]
    pub fn read_write(concurrency: usize) -> Self {
        Self { create: true, update: true, concurrency, ..Self::read_only() }
    }
}

/// How many writes can leave now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the engine must answer each of them")]
pub enum Pace {
    /// So many: the adapter sends them within a few seconds, pacing them itself.
    Ready(usize),
    /// None before this has passed.
    Wait(Duration),
    /// The budget of the day is spent until then.
    Spent(DateTime<Utc>),
}

/// What a side has cost so far, and what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Calls made by this adapter since it was built, token calls apart.
    pub calls: u64,
    /// The vendor's budget for the day, in its own unit, where it is known.
    pub day_limit: Option<u64>,
    /// What is left of it.
    pub day_left: Option<u64>,
    /// The vendor's limit per minute, where there is one.
    pub minute_limit: Option<u64>,
}

/// Something that a side may be asked to do, to know its cost beforehand.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Work<'a> {
    /// One call of [`write`](crate::Adapter::write) with these.
    Write(&'a [Write]),
    /// A [`find`](crate::Adapter::find) of one value that no record has.
    Find,
    /// One call of [`create_fields`](crate::Adapter::create_fields) with these, none of which exists.
    Fields(&'a [NewField]),
}

impl Work<'_> {
    /// How many things are asked for.
    fn count(self) -> usize {
        match self {
            Self::Write(writes) => writes.len(),
            Self::Find => 1,
            Self::Fields(fields) => fields.len(),
        }
    }
}

/// What some work takes of a side's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "adapters outside this crate build it")]
pub struct Cost {
    /// Calls, those included that look before a write and read back after it.
    pub calls: u64,
    /// What they take of the budget of the day, in its own unit.
    pub budget: u64,
}

impl Cost {
    /// So many calls that take one of the day's budget each.
    #[must_use]
    pub fn of_calls(calls: usize) -> Self {
        let calls = u64::try_from(calls).unwrap_or(u64::MAX);
        Self { calls, budget: calls }
    }

    /// One call for each thing that is asked for.
    pub(crate) fn each(work: Work<'_>) -> Self {
        Self::of_calls(work.count())
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, more: Self) {
        self.calls = self.calls.saturating_add(more.calls);
        self.budget = self.budget.saturating_add(more.budget);
    }
}
