//! Hints that there is something to read: durable before a webhook is answered, gone once a pass came through.

use std::collections::BTreeSet;

use sync_core::store::{Key, Scan, Table};
use tokio::sync::{Mutex, Notify};

use super::memory;
use crate::connect::App;
use crate::error::Result;

const PREFIX: &str = "@serve/hint/";

/// The flows of one tenant that something was heard of.
#[derive(Debug)]
pub(crate) struct Hints {
    app: App,
    /// Flows with a hint that no pass has taken up.
    waiting: Mutex<BTreeSet<String>>,
    heard: Notify,
}

impl Hints {
    /// With what the last process heard and did not get to.
    pub(crate) async fn open(app: App) -> Result<Self> {
        let rows = app.store().scan(app.tenant(), &Scan::table(Table::Meta, PREFIX)).await?;
        let waiting = rows.iter().filter_map(|row| row.key.id.strip_prefix(PREFIX)).map(str::to_owned);
        Ok(Self { waiting: Mutex::new(waiting.collect()), app, heard: Notify::new() })
    }

    /// Notes hints; durable on return. One that waits already costs nothing.
    pub(crate) async fn hear(&self, flows: Vec<String>) -> Result<()> {
        let mut waiting = self.waiting.lock().await;
        for flow in flows {
            if !waiting.contains(&flow) {
                memory::write(&self.app, &key(&flow), &()).await?;
                waiting.insert(flow);
            }
        }
        drop(waiting);
        self.heard.notify_one();
        Ok(())
    }

    /// Returns once something was heard.
    pub(crate) async fn wait(&self) {
        self.heard.notified().await;
    }

    /// The flows that something was heard of.
    pub(crate) async fn peek(&self) -> Vec<String> {
        self.waiting.lock().await.iter().cloned().collect()
    }

    /// A pass of these flows starts: what is heard from here on is new.
    pub(crate) async fn take(&self, flows: &[String]) {
        self.waiting.lock().await.retain(|flow| !flows.contains(flow));
    }

    /// A pass of these flows came through. Hints heard meanwhile stay.
    pub(crate) async fn settle(&self, flows: &[String]) -> Result<()> {
        let waiting = self.waiting.lock().await;
        let keys: Vec<Key> =
            flows.iter().filter(|flow| !waiting.contains(*flow)).map(|flow| key(flow)).collect();
        if keys.is_empty() { Ok(()) } else { memory::forget(&self.app, keys).await }
    }
}

fn key(flow: &str) -> Key {
    Key::new(Table::Meta, format!("{PREFIX}{flow}"))
}
