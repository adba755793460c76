//! What is wrong right now, so that each problem is told once, and its end too.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use sync_core::store::{Key, Put, Table};

use super::outbox::Outbox;
use super::slate::Slate;
use super::{Alert, Details, Letter, Post, Problem};
use crate::connect::App;
use crate::error::Result;
use crate::serve::memory;

/// The open problems of one tenant, and what its endpoint is still to be told. Both outlive the process.
#[derive(Debug)]
pub(crate) struct Board {
    app: App,
    post: Option<Post>,
    outbox: Outbox,
    slate: Mutex<Slate>,
    /// Whether it is the turn of events: a problem that the endpoint always refuses must not keep them back.
    turn_of_events: AtomicBool,
    /// One writing at a time, and each of the newest state.
    writing: tokio::sync::Mutex<()>,
}

impl Board {
    /// The board as the last process left it. What no endpoint took then is sent again.
    pub(crate) async fn open(app: App, post: Option<Post>) -> Result<Arc<Self>> {
        let lines = memory::read(&app, &key()).await?.unwrap_or_default();
        let slate = Mutex::new(Slate::new(lines, post.is_some()));
        let outbox = Outbox::new(app.clone());
        let (turn_of_events, writing) = (AtomicBool::new(false), tokio::sync::Mutex::default());
        let board = Arc::new(Self { app, post, outbox, slate, turn_of_events, writing });
        if let Some(post) = &board.post {
            post.calls_at(&board);
        }
        Ok(board)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.app.clock().now()
    }

    /// Tells of a problem, unless that was done, it is not over since, and there is no more of it than before.
    pub(crate) fn raise(&self, problem: Problem) {
        let told = self.slate().raise(self.app.tenant().as_str(), problem, self.now());
        if let Some(alert) = told {
            tracing::warn!(cause = %alert.cause, "{}", alert.text);
            self.call();
        }
    }

    /// Tells that problems are over: of those that stand, each that `over` says so of.
    pub(crate) fn recover(&self, over: impl Fn(&Alert) -> bool) {
        let ends = self.slate().recover(self.now(), over);
        self.tell_ends(&ends);
    }

    /// The same, of problems that an earlier process met and this one did not.
    pub(crate) fn recover_unmet(&self, over: impl Fn(&Alert) -> bool) {
        let ends = self.slate().recover_unmet(self.now(), over);
        self.tell_ends(&ends);
    }

    fn tell_ends(&self, ends: &[Alert]) {
        for alert in ends {
            tracing::info!(cause = %alert.cause, "{}", alert.text);
        }
        if !ends.is_empty() {
            self.call();
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

    /// Events were written.
    pub(crate) fn send_events(&self) {
        self.outbox.grew();
        self.call();
    }

    pub(crate) fn is_open(&self, which: impl Fn(&Alert) -> bool) -> bool {
        self.slate().is_open(which)
    }

    /// Somebody is to fetch what the endpoint is owed.
    fn call(&self) {
        if let Some(post) = &self.post {
            post.call();
        }
    }

    /// What the endpoint is to be told next: problems and their ends, then events; after a refusal in turns.
    pub(super) async fn next(&self) -> Option<Letter> {
        if self.turn_of_events.swap(false, Ordering::Relaxed)
            && let Some(letter) = self.next_event().await
        {
            return Some(letter);
        }
        let letter = self.slate().next();
        if letter.is_none() {
            return self.next_event().await;
        }
        // That it may know is durable before it does.
        self.keep().await;
        letter
    }

    async fn next_event(&self) -> Option<Letter> {
        match self.outbox.next().await {
            Ok(event) => event.map(|alert| Letter { alert, news: true }),
            Err(error) => {
                tracing::warn!(%error, "the next events are sent later");
                None
            }
        }
    }

    /// The endpoint has it.
    pub(super) async fn taken(&self, letter: &Letter) {
        match &letter.alert.details {
            Some(details) => self.outbox.taken(&details.id).await,
            None => {
                self.slate().taken(letter);
                self.keep().await;
            }
        }
    }

    /// The endpoint refused it, or gave no answer at all.
    pub(super) async fn returned(&self, letter: &Letter, answered: bool) {
        match &letter.alert.details {
            Some(details) => self.outbox.returned(&details.id).await,
            None => {
                self.slate().returned(letter, answered);
                self.turn_of_events.store(true, Ordering::Relaxed);
                self.keep().await;
            }
        }
    }

    /// Makes the board durable where it changed. A store that is out of order is told of by the log alone.
    pub(crate) async fn keep(&self) {
        let _one = self.writing.lock().await;
        let Some(lines) = self.slate().changed() else { return };
        if let Err(error) = memory::write(&self.app, &key(), &lines).await {
            self.slate().not_kept();
            tracing::warn!(%error, "the open alerts were not stored; a restart would tell them again");
        }
    }

    fn slate(&self) -> MutexGuard<'_, Slate> {
        self.slate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key() -> Key {
    // No flow can have this name.
    Key::new(Table::Meta, "@serve/alerts")
}
