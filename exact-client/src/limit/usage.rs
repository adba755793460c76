//! What was used of the limits, and where that is kept.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Reserve;
use crate::error::Result;

/// Whose calls are counted: one app in one division.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageId {
    app: String,
    division: String,
}

impl UsageId {
    pub(crate) fn new(app: &str, division: impl fmt::Display) -> Self {
        Self { app: app.to_owned(), division: division.to_string() }
    }
}

/// `host/client id/division`; the division is `me` for calls that belong to none.
impl fmt::Display for UsageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.app, self.division)
    }
}

/// What a process leaves behind for the next one, so that it goes on inside the same minute and day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredUsage {
    /// The clock minute, counted since 1970 in UTC.
    pub minute: i64,
    /// Calls used or reserved in it.
    pub minute_used: u64,
    /// The last known limit of a minute.
    pub minute_limit: u64,
    /// The day, counted since 1970 in UTC.
    pub day: i64,
    /// Calls used or reserved in it.
    pub day_used: u64,
    /// The last known limit of a day.
    pub day_limit: u64,
    /// Answers of the last hour that count towards Exact's error limit.
    #[serde(default)]
    pub errors: Vec<CallError>,
}

/// One answer that counts towards Exact's error limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallError {
    /// The resource.
    pub endpoint: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Which call it was, the record named where the call named one, and what Exact said: `PUT 71b961de-… 404`.
    #[serde(default)]
    pub call: String,
}

/// Keeps calls used of minute and day. Implement it for your database to share them between processes.
///
/// # Contract
/// - What [`save`](UsageStore::save) stored is seen by every later [`load`](UsageStore::load), also in another
///   process. The last save wins; losing the last one in a power failure is harmless.
/// - Both may be called concurrently and dropped half-way.
#[async_trait]
pub trait UsageStore: Debug + Send + Sync + 'static {
    /// What was saved last, if anything.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store); the call that needed it is not made.
    async fn load(&self, id: &UsageId) -> Result<Option<StoredUsage>>;

    /// Saves.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store); the call that needed it is not made.
    async fn save(&self, id: &UsageId, usage: &StoredUsage) -> Result<()>;
}

const _: Option<&dyn UsageStore> = None;

/// Keeps usage as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryUsageStore {
    rows: Mutex<HashMap<UsageId, StoredUsage>>,
}

impl MemoryUsageStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl UsageStore for MemoryUsageStore {
    async fn load(&self, id: &UsageId) -> Result<Option<StoredUsage>> {
        Ok(self.rows.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned())
    }

    async fn save(&self, id: &UsageId, usage: &StoredUsage) -> Result<()> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), usage.clone());
        Ok(())
    }
}

/// How many calls can leave now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must answer each of them")]
pub enum Pace {
    /// So many at once, without waiting for the next minute.
    Ready(usize),
    /// None before this has passed.
    Wait(Duration),
    /// The budget of the day is spent until then.
    Spent(DateTime<Utc>),
}

/// What was used of the limits, and what is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Calls that a clock minute allows.
    pub minute_limit: u64,
    /// What is left of this minute, as far as this process knows.
    pub minute_left: u64,
    /// When the next minute begins.
    pub minute_opens: DateTime<Utc>,
    /// Calls that a UTC day allows.
    pub day_limit: u64,
    /// Calls used today, as far as the stores of this app know.
    pub day_used: u64,
    /// What is left of today, as far as this process knows.
    pub day_left: u64,
    /// When the next day begins.
    pub day_opens: DateTime<Utc>,
    /// How much of both limits bulk calls leave to interactive ones.
    pub reserve: Reserve,
    /// Callers that wait for their turn at this moment.
    pub waiting: usize,
    /// Answers of the last hour that count towards Exact's error limit, by resource and time.
    pub errors: Vec<CallError>,
    /// Resources that are not called for now because of them, and until when.
    pub closed: BTreeMap<String, DateTime<Utc>>,
    /// Calls that this process made in the division.
    pub calls: u64,
    /// The same, by resource.
    pub endpoints: BTreeMap<String, u64>,
}
