//! The way to the endpoint: a bounded queue, one message at a time, patience with limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crm_adapters::Clock;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Alert, Board};
use crate::config::Endpoint;
use crate::error::{Error, Result};

/// More messages than this wait for no endpoint.
const QUEUE: usize = 256;
const TRIES: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(10);

/// A message, and where it is noted that it was taken.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) alert: Alert,
    pub(crate) board: Arc<Board>,
}

/// Takes messages for one endpoint. Cloning is cheap; handing one over never waits.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    letters: mpsc::Sender<Letter>,
    dropped: Arc<AtomicU64>,
}

impl Post {
    /// Starts the delivery, which ends once every clone is gone and the queue is empty.
    pub(crate) fn open(endpoint: &Endpoint, clock: Arc<dyn Clock>) -> Result<(Self, JoinHandle<()>)> {
        // Its address is a secret: nothing may lead it elsewhere.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| Error::failed("alerts", error.without_url().to_string()))?;
        let (letters, waiting) = mpsc::channel(QUEUE);
        let post = Self { letters, dropped: Arc::default() };
        let route = Route { http, endpoint: endpoint.clone(), clock, dropped: Arc::clone(&post.dropped) };
        Ok((post, tokio::spawn(route.deliver(waiting))))
    }

    /// Queues a message. A full queue drops it: the sync goes on whatever the endpoint does.
    pub(crate) fn send(&self, letter: Letter) {
        if let Err(error) = self.letters.try_send(letter) {
            let (mpsc::error::TrySendError::Full(letter) | mpsc::error::TrySendError::Closed(letter)) = error;
            drop_letter(&self.dropped, &letter, "the queue to the alert endpoint is full");
        }
    }
}

/// Counts and logs a message that the endpoint does not get now.
fn drop_letter(dropped: &AtomicU64, letter: &Letter, why: &str) {
    let dropped = dropped.fetch_add(1, Ordering::Relaxed) + 1;
    tracing::error!(alert = %letter.alert.text, dropped, "an alert was dropped: {why}");
    letter.board.returned(&letter.alert);
}

#[derive(Debug)]
struct Route {
    http: reqwest::Client,
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    dropped: Arc<AtomicU64>,
}

impl Route {
    async fn deliver(self, mut waiting: mpsc::Receiver<Letter>) {
        while let Some(letter) = waiting.recv().await {
            match self.try_all(&letter.alert).await {
                Ok(()) => letter.board.taken(&letter.alert).await,
                Err(why) => drop_letter(&self.dropped, &letter, &why),
            }
        }
    }

    async fn try_all(&self, alert: &Alert) -> Result<(), String> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.once(alert).await {
                Ok(()) => return Ok(()),
                Err(why) => tracing::warn!("the alert endpoint took nothing: {why}; trying again"),
            }
            self.clock.sleep(pause).await;
            pause *= 2;
        }
        self.once(alert).await
    }

    async fn once(&self, alert: &Alert) -> Result<(), String> {
        let sent = self.http.post(self.endpoint.url()).json(alert).send().await;
        let status = sent.map_err(|error| error.without_url().to_string())?.status();
        if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
    }
}
