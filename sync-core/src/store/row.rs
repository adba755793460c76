use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One customer: its connections, flows and links. Part of every key in a store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tenant(String);

impl Tenant {
    /// A tenant of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The tenant `default`.
impl Default for Tenant {
    fn default() -> Self {
        Self::new("default")
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Table {
    /// What was decided and written, in order, with the values that lost.
    Audit,
    /// How far each feed has been read.
    Cursor,
    /// A grant's tokens, sealed.
    Grant,
    /// Writes that may be under way.
    Intent,
    /// Questions only a person can answer.
    Issue,
    /// Business things, with their id on each side and the base of each field.
    Link,
    /// Facts about a flow: its start, its approved mapping, its last run.
    Meta,
    /// What each side was last seen to hold.
    Observation,
    /// Parts of records that figures are made of, as their feeds told them.
    Part,
    /// Calls used of each limit.
    Usage,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 10] = [
        Self::Audit,
        Self::Cursor,
        Self::Grant,
        Self::Intent,
        Self::Issue,
        Self::Link,
        Self::Meta,
        Self::Observation,
        Self::Part,
        Self::Usage,
    ];

    /// Its name in a database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Cursor => "cursor",
            Self::Grant => "grant",
            Self::Intent => "intent",
            Self::Issue => "issue",
            Self::Link => "link",
            Self::Meta => "meta",
            Self::Observation => "observation",
            Self::Part => "part",
            Self::Usage => "usage",
        }
    }
}

/// Where a row is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a plain pair")]
pub struct Key {
    /// The table.
    pub table: Table,
    /// The id within the table: parts joined by `/`, without control characters.
    pub id: String,
}

impl Key {
    /// The row `id` of `table`.
    pub fn new(table: Table, id: impl Into<String>) -> Self {
        Self { table, id: id.into() }
    }
}

/// A name and a value to find rows by, such as `identity` and `companies/exact/ChamberOfCommerce=17037842`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a plain pair")]
pub struct Mark {
    /// The name, without spaces.
    pub name: &'static str,
    /// The value, without control characters.
    pub value: String,
}

impl Mark {
    /// The mark `name` with `value`.
    pub fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into() }
    }
}

/// A stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores outside this crate build it")]
pub struct Row {
    /// Where it is.
    pub key: Key,
    /// The content, a JSON text; opaque to the store.
    pub value: String,
    /// Rises with every put of this key, also across a delete.
    pub revision: u64,
    /// In the answer to a scan by mark, the value of the mark it was found by; else empty.
    pub mark: String,
}

/// One row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a plain value that the engine builds")]
pub struct Put {
    /// Where.
    pub key: Key,
    /// The content.
    pub value: String,
    /// The marks that the row bears from now on; those it bore before are gone.
    pub marks: Vec<Mark>,
    /// What must be there now.
    pub expect: Expect,
}

/// What must be there for a batch to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every store must handle all of them")]
pub enum Expect {
    /// Anything or nothing.
    Any,
    /// No such row.
    Absent,
    /// The row, with this revision.
    Revision(u64),
}

impl Expect {
    /// Whether a row of this revision is what was expected; `None` where there is none.
    #[must_use]
    pub fn is_met_by(self, revision: Option<u64>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => revision.is_none(),
            Self::Revision(expected) => revision == Some(expected),
        }
    }
}

/// Rows to write and to delete in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a plain value that the engine builds")]
pub struct Batch {
    /// Names the batch, so that it can be asked for later.
    pub id: Uuid,
    /// Rows to write; no key twice.
    pub puts: Vec<Put>,
    /// Rows to delete; deleting what is not there does nothing. No key that is also put.
    pub deletes: Vec<Key>,
    /// Whether what it replaces and deletes is to be overwritten in the store's files at once, as far as the store can:
    /// somebody's data are to be forgotten.
    pub erase: bool,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new(id: Uuid) -> Self {
        Self { id, puts: Vec::new(), deletes: Vec::new(), erase: false }
    }

    /// The keys of the rows that it touches: of the puts, then of the deletes.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.puts.iter().map(|put| &put.key).chain(&self.deletes)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty()
    }
}

/// A range of rows, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores outside this crate read it")]
pub struct Scan {
    /// What to walk along.
    pub over: Over,
    /// Only ids (or values of the mark) that are not less than this, by bytes.
    pub from: String,
    /// Only ids (or values of the mark) less than this; empty for no end.
    pub to: String,
    /// Only what comes after this row in the order of the scan.
    pub after: Option<After>,
    /// At most so many rows.
    pub limit: usize,
}

/// What a scan walks along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every store must handle all of them")]
pub enum Over {
    /// The rows of a table, by id.
    Table(Table),
    /// The rows that bear a mark of that name, by its value, then by key.
    Mark(&'static str),
}

/// A place in a scan: just behind a row that it found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores outside this crate read it")]
pub struct After {
    /// The value of the mark it was found by; empty in a scan of a table.
    pub mark: String,
    /// The row.
    pub key: Key,
}

impl Scan {
    /// The rows of a table whose id begins with `prefix`.
    #[must_use]
    pub fn table(table: Table, prefix: &str) -> Self {
        Self::prefix(Over::Table(table), prefix)
    }

    /// The rows with a mark whose value begins with `prefix`.
    #[must_use]
    pub fn mark(name: &'static str, prefix: &str) -> Self {
        Self::prefix(Over::Mark(name), prefix)
    }

    fn prefix(over: Over, prefix: &str) -> Self {
        Self { over, from: prefix.to_owned(), to: successor(prefix), after: None, limit: 500 }
    }

    /// At most so many rows.
    #[must_use]
    pub fn limit(mut self, rows: usize) -> Self {
        self.limit = rows;
        self
    }

    /// The rest of the scan, behind a row that it found.
    #[must_use]
    pub fn behind(mut self, row: &Row) -> Self {
        self.after = Some(After { mark: row.mark.clone(), key: row.key.clone() });
        self
    }
}

/// The least text that is greater than every text beginning with `prefix`; empty where there is none.
///
/// Ids and marks hold no control character and no character above U+FFFD at a place where a prefix ends, so the
/// last character of a prefix (in practice `/` or `=`) always has a successor.
fn successor(prefix: &str) -> String {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        if let Some(next) = char::from_u32(last as u32 + 1) {
            characters.push(next);
            return characters.into_iter().collect();
        }
    }
    String::new()
}
