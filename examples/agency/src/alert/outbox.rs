//! Events that the endpoint does not have yet: rows of the store, so that each is told although the process ends or the
//! endpoint is down for a while.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sync_core::store::{Key, Put, Scan, Table};

use super::Alert;
use crate::connect::App;
use crate::error::Result;
use crate::serve::memory;

const PREFIX: &str = "@serve/event/";
/// More than this wait for no endpoint.
const MOST: u64 = 10_000;
/// So many are on their way at once: there must be room for problems.
const ABREAST: usize = 64;

#[derive(Debug)]
pub(super) struct Outbox {
    app: App,
    /// The ids of those that are on their way.
    sending: Mutex<BTreeSet<String>>,
}

impl Outbox {
    pub(super) fn new(app: App) -> Self {
        Self { app, sending: Mutex::default() }
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

    /// The events that are to be sent now, oldest first.
    pub(super) async fn next(&self) -> Result<Vec<Alert>> {
        let scan = Scan::table(Table::Meta, PREFIX).limit(ABREAST);
        let rows = self.app.store().scan(self.app.tenant(), &scan).await?;
        let events = rows.iter().filter_map(|row| serde_json::from_str::<Alert>(&row.value).ok());
        let mut sending = self.sending();
        Ok(events.filter(|it| it.details.as_ref().is_some_and(|it| sending.insert(it.id.clone()))).collect())
    }

    /// Whether nothing is on its way.
    pub(super) fn is_idle(&self) -> bool {
        self.sending().is_empty()
    }

    /// The endpoint has it.
    pub(super) async fn taken(&self, id: &str) {
        match memory::forget(&self.app, vec![key(id)]).await {
            Ok(()) => drop(self.sending().remove(id)),
            // It stays on its way, so that this process does not tell it twice.
            Err(error) => tracing::warn!(%error, "an event was told, and a restart would tell it again"),
        }
    }

    /// The endpoint did not take it: it is sent again after the next pass.
    pub(super) fn returned(&self, id: &str) {
        self.sending().remove(id);
    }

    fn sending(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(id: &str) -> Key {
    Key::new(Table::Meta, format!("{PREFIX}{id}"))
}
