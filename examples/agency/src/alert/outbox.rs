//! Events that the endpoint does not have yet: rows of the store, so that each is told although the process ends or the
//! endpoint is down for a while.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};

use sync_core::store::{Key, Put, Scan, Table};
use tokio::sync::Mutex;

use super::Alert;
use crate::connect::App;
use crate::error::Result;
use crate::serve::memory;

const PREFIX: &str = "@serve/event/";
/// More than this wait for no endpoint.
const MOST: u64 = 10_000;
/// So many are held in memory.
const PAGE: usize = 64;

#[derive(Debug)]
pub(super) struct Outbox {
    app: App,
    /// Whether there may be rows behind those that are held.
    more: AtomicBool,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// In the order in which they are sent.
    events: VecDeque<Alert>,
    /// Those that the endpoint has although their rows could not be taken away: not to be told twice by this process.
    told: BTreeSet<String>,
}

impl Outbox {
    pub(super) fn new(app: App) -> Self {
        Self { app, more: AtomicBool::new(true), held: Mutex::default() }
    }

    /// The rows to write so that these events are sent.
    pub(super) async fn rows(&self, events: &[Alert]) -> Result<Vec<Put>> {
        let waiting = Scan::table(Table::Meta, PREFIX);
        let full = !events.is_empty() && self.app.store().count(self.app.tenant(), &waiting).await? >= MOST;
        if full {
            tracing::error!(dropped = events.len(), "too many events wait for the alert endpoint");
            return Ok(Vec::new());
        }
        let rows = events.iter().filter_map(|event| Some((key(event.details.as_ref()?.id.as_str()), event)));
        rows.map(|(key, event)| memory::row(key, event)).collect()
    }

    /// Rows were written.
    pub(super) fn grew(&self) {
        self.more.store(true, Ordering::Release);
    }

    /// The event that is to be sent next: the oldest, or the one after those that were refused.
    pub(super) async fn next(&self) -> Result<Option<Alert>> {
        let mut held = self.held.lock().await;
        if held.events.is_empty() && self.more.swap(false, Ordering::AcqRel) {
            held.events = self.page(&held.told).await.inspect_err(|_| self.grew())?;
        }
        Ok(held.events.front().cloned())
    }

    async fn page(&self, told: &BTreeSet<String>) -> Result<VecDeque<Alert>> {
        let scan = Scan::table(Table::Meta, PREFIX).limit(PAGE + told.len());
        let rows = self.app.store().scan(self.app.tenant(), &scan).await?;
        if rows.len() == scan.limit {
            self.grew();
        }
        let events = rows.iter().filter_map(|row| serde_json::from_str::<Alert>(&row.value).ok());
        Ok(events.filter(|it| it.details.as_ref().is_some_and(|it| !told.contains(&it.id))).collect())
    }

    /// The endpoint has it.
    pub(super) async fn taken(&self, id: &str) {
        let mut held = self.held.lock().await;
        held.events.retain(|event| !is(event, id));
        if let Err(error) = memory::forget(&self.app, vec![key(id)]).await {
            held.told.insert(id.to_owned());
            tracing::warn!(%error, "an event was told, and a restart would tell it again");
        }
    }

    /// The endpoint did not take it: the others come first.
    pub(super) async fn returned(&self, id: &str) {
        let mut held = self.held.lock().await;
        if let Some(event) = held.events.pop_front_if(|event| is(event, id)) {
            held.events.push_back(event);
        }
    }
}

fn is(event: &Alert, id: &str) -> bool {
    event.details.as_ref().is_some_and(|details| details.id == id)
}

fn key(id: &str) -> Key {
    Key::new(Table::Meta, format!("{PREFIX}{id}"))
}
