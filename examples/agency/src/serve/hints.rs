//! Hints that there is something to read: durable before a webhook is answered, gone once a pass came through.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Change, RecordId};
use serde::{Deserialize, Serialize};
use sync_core::flow::Division;
use sync_core::store::{Key, Scan, Table};
use tokio::sync::{Mutex, Notify};

use super::memory;
use super::schedule::{Look, Place};
use crate::connect::App;
use crate::error::Result;

const PREFIX: &str = "@serve/hint/";

/// Something that was heard, and the flow that it concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Hint {
    pub(crate) flow: String,
    pub(crate) news: News,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    /// The CRM's feed has something to tell.
    Crm,
    /// Exact's have, in this division, under this topic.
    Exact { division: Division, topic: String },
    /// This record of the CRM is said to be deleted.
    Deleted(RecordId),
    /// The one record of the CRM is said to have been merged into the other.
    Merged { from: RecordId, into: RecordId },
}

impl News {
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Exact { division, .. } => Place::Exact(*division),
            Self::Crm | Self::Deleted(_) | Self::Merged { .. } => Place::Crm,
        }
    }
}

impl Hint {
    pub(crate) fn new(flow: impl Into<String>, news: News) -> Self {
        Self { flow: flow.into(), news }
    }

    fn key(&self) -> Key {
        let flow = &self.flow;
        let news = match &self.news {
            News::Crm => "crm".to_owned(),
            News::Exact { division, topic } => format!("exact/{division}/{topic}"),
            News::Deleted(id) => format!("deleted/{id}"),
            News::Merged { from, .. } => format!("merged/{from}"),
        };
        Key::new(Table::Meta, format!("{PREFIX}{flow}/{news}"))
    }

    /// Whether a pass that looks so far answers it.
    fn is_answered(&self, look: Look) -> bool {
        look >= Look::Heard || self.news.place() == Place::Crm
    }
}

/// What was heard of the flows of one tenant.
#[derive(Debug)]
pub(crate) struct Hints {
    app: App,
    state: Mutex<State>,
    heard: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Not taken up by any pass.
    waiting: BTreeSet<Hint>,
    /// Taken up by a pass that did not come through, or overheard: left to the next one, which they do not bring about.
    left: BTreeSet<Hint>,
}

impl Hints {
    /// With what the last process heard and did not get to.
    pub(crate) async fn open(app: App) -> Result<Self> {
        let mut scan = Scan::table(Table::Meta, PREFIX);
        let mut state = State::default();
        loop {
            let rows = app.store().scan(app.tenant(), &scan).await?;
            // One that cannot be read is no loss: a process begins with a look at everything.
            state.waiting.extend(rows.iter().filter_map(|row| serde_json::from_str(&row.value).ok()));
            match rows.last() {
                Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
                _ => return Ok(Self { app, state: Mutex::new(state), heard: Notify::new() }),
            }
        }
    }

    /// Notes hints; durable on return. One that waits already costs nothing.
    pub(crate) async fn hear(&self, hints: Vec<Hint>) -> Result<()> {
        let mut state = self.state.lock().await;
        let new: Vec<Hint> = hints.into_iter().filter(|hint| !state.waiting.contains(hint)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let rows = new.iter().map(|hint| memory::row(hint.key(), hint)).collect::<Result<_>>()?;
        memory::write_all(&self.app, rows).await?;
        state.waiting.extend(new);
        drop(state);
        self.heard.notify_one();
        Ok(())
    }

    /// Notes hints that the next pass takes up and that bring about none, nor are worth a row.
    pub(crate) async fn overhear(&self, hints: Vec<Hint>) {
        self.state.lock().await.left.extend(hints);
    }

    /// Returns once something was heard.
    pub(crate) async fn wait(&self) {
        self.heard.notified().await;
    }

    /// What waits for a pass.
    pub(crate) async fn peek(&self) -> Vec<Hint> {
        self.state.lock().await.waiting.iter().cloned().collect()
    }

    /// A pass of these flows starts that looks so far: what it takes up. What is heard from here on is new.
    pub(crate) async fn take(&self, flows: &[String], look: Look) -> BTreeSet<Hint> {
        let mut state = self.state.lock().await;
        let State { waiting, left } = &mut *state;
        let answered = |hint: &Hint| flows.contains(&hint.flow) && hint.is_answered(look);
        let taken = waiting.extract_if(.., answered).chain(left.extract_if(.., answered));
        taken.collect()
    }

    /// The pass that took these up came through. Those heard again meanwhile stay.
    pub(crate) async fn settle(&self, taken: &BTreeSet<Hint>) -> Result<()> {
        let state = self.state.lock().await;
        let keys: Vec<Key> = taken.difference(&state.waiting).map(Hint::key).collect();
        if keys.is_empty() { Ok(()) } else { memory::forget(&self.app, keys).await }
    }

    /// The pass that took these up did not come through.
    pub(crate) async fn leave(&self, taken: BTreeSet<Hint>) {
        self.state.lock().await.left.extend(taken);
    }
}

/// What is said of single records, by flow.
pub(crate) fn said(hints: &BTreeSet<Hint>) -> BTreeMap<&str, Vec<Change>> {
    let mut said = BTreeMap::<_, Vec<_>>::new();
    for Hint { flow, news } in hints {
        let change = match news {
            News::Deleted(id) => Change::Deleted(id.clone()),
            News::Merged { from, into } => Change::Merged { into: into.clone(), from: vec![from.clone()] },
            News::Crm | News::Exact { .. } => continue,
        };
        said.entry(flow.as_str()).or_default().push(change);
    }
    said
}

/// What was heard of in Exact: the division, and the topic.
pub(crate) fn topics(hints: &BTreeSet<Hint>) -> impl Iterator<Item = (Division, &str)> {
    hints.iter().filter_map(|hint| match &hint.news {
        News::Exact { division, topic } => Some((*division, topic.as_str())),
        _ => None,
    })
}
