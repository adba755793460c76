//! What is wrong right now, so that each problem is told once, and its end too.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sync_core::store::{Key, Put, Table};

use super::outbox::Outbox;
use super::{Alert, Details, Letter, Post, Problem, Status};
use crate::connect::App;
use crate::error::Result;
use crate::serve::memory;

/// The open problems of one tenant. They stay known over a restart.
#[derive(Debug)]
pub(crate) struct Board {
    app: App,
    post: Option<Post>,
    outbox: Outbox,
    state: Mutex<State>,
    /// One writing at a time, and each of the newest state.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    open: BTreeMap<String, Open>,
    changed: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Open {
    alert: Alert,
    /// Whether the endpoint has it.
    taken: bool,
}

impl Board {
    /// The board as the last process left it. What no endpoint took then is sent again.
    pub(crate) async fn open(app: App, post: Option<Post>) -> Result<Arc<Self>> {
        let open: BTreeMap<String, Open> = memory::read(&app, &key()).await?.unwrap_or_default();
        let again: Vec<Alert> =
            open.values().filter(|open| !open.taken).map(|open| open.alert.clone()).collect();
        let state = Mutex::new(State { open, changed: false });
        let outbox = Outbox::new(app.clone());
        let board = Arc::new(Self { app, post, outbox, state, writing: tokio::sync::Mutex::default() });
        again.into_iter().for_each(|alert| board.send(alert));
        Ok(board)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.app.clock().now()
    }

    /// Tells of a problem, unless that was done and it is not over since.
    pub(crate) fn raise(self: &Arc<Self>, problem: Problem) {
        let id = id(&problem.cause, &problem.subject);
        let alert = Alert::problem(self.app.tenant().as_str(), problem, self.now());
        let mut state = self.state();
        if state.open.contains_key(&id) {
            return;
        }
        state.open.insert(id, Open { alert: alert.clone(), taken: self.post.is_none() });
        state.changed = true;
        drop(state);
        tracing::warn!(cause = %alert.cause, "{}", alert.text);
        self.send(alert);
    }

    /// Tells of a problem that has got worse in a way that is worth another message.
    pub(crate) fn raise_again(self: &Arc<Self>, problem: Problem) {
        self.state().open.remove(&id(&problem.cause, &problem.subject));
        self.raise(problem);
    }

    /// Tells that problems are over: of those that stand, each that `over` says so of.
    pub(crate) fn recover(self: &Arc<Self>, over: impl Fn(&Alert) -> bool) {
        let mut recovered = Vec::new();
        let mut state = self.state();
        state.open.retain(|_, open| {
            let over = over(&open.alert);
            if over {
                recovered.push(Alert::recovery(&open.alert, self.now()));
            }
            !over
        });
        state.changed |= !recovered.is_empty();
        drop(state);
        for alert in recovered {
            tracing::info!(cause = %alert.cause, "{}", alert.text);
            self.send(alert);
        }
    }

    /// The message that something happened.
    pub(crate) fn happened(&self, cause: &str, message: String, details: Details) -> Alert {
        Alert::event(self.app.tenant().as_str(), cause, message, details, self.now())
    }

    /// Logs events, and gives the rows that must be written for the endpoint to be told.
    pub(crate) async fn post_events(&self, events: Vec<Alert>) -> Result<Vec<Put>> {
        for event in &events {
            tracing::info!(cause = %event.cause, "{}", event.text);
        }
        if self.post.is_none() { Ok(Vec::new()) } else { self.outbox.rows(&events).await }
    }

    /// Sends the events that wait.
    pub(crate) async fn send_events(self: &Arc<Self>) -> Result<()> {
        if self.post.is_some() {
            self.outbox.next().await?.into_iter().for_each(|event| self.send(event));
        }
        Ok(())
    }

    pub(crate) fn is_open(&self, which: impl Fn(&Alert) -> bool) -> bool {
        self.state().open.values().any(|open| which(&open.alert))
    }

    fn send(self: &Arc<Self>, alert: Alert) {
        if let Some(post) = &self.post {
            post.send(Letter { alert, board: Arc::clone(self) });
        }
    }

    /// The endpoint did not take it.
    pub(crate) fn returned(&self, alert: &Alert) {
        if let Some(details) = &alert.details {
            self.outbox.returned(&details.id);
        }
    }

    /// The endpoint has it.
    pub(crate) async fn taken(self: &Arc<Self>, alert: &Alert) {
        if let Some(details) = &alert.details {
            self.outbox.taken(&details.id).await;
            if self.outbox.is_idle()
                && let Err(error) = self.send_events().await
            {
                tracing::warn!(%error, "the next events are sent after the next pass");
            }
            return;
        }
        if alert.status == Status::Problem
            && let Some(open) = self.state().open.get_mut(&id(&alert.cause, &alert.subject))
        {
            open.taken |= open.alert == *alert;
        }
        self.state().changed = true;
        self.keep().await;
    }

    /// Makes the board durable where it changed. A store that is out of order is told of by the log alone.
    pub(crate) async fn keep(&self) {
        let _one = self.writing.lock().await;
        let open = {
            let mut state = self.state();
            if !std::mem::take(&mut state.changed) {
                return;
            }
            state.open.clone()
        };
        if let Err(error) = memory::write(&self.app, &key(), &open).await {
            self.state().changed = true;
            tracing::warn!(%error, "the open alerts were not stored; a restart would tell them again");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id(cause: &str, subject: &str) -> String {
    format!("{cause}/{subject}")
}

fn key() -> Key {
    // No flow can have this name.
    Key::new(Table::Meta, "@serve/alerts")
}
