//! The way to the endpoint: fetches what it is owed, one message at a time, and comes again with what it did not take.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crm_adapters::Clock;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::{Alert, Board, Letter};
use crate::config::Endpoint;
use crate::error::{Error, Result};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// An endpoint that is down is tried this often at the least.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// After this long without a call it looks whether anything was left lying, as by a store that was out of order.
const REST: Duration = Duration::from_secs(3_600);
const TIMEOUT: Duration = Duration::from_secs(10);

/// Serves the boards that tell one endpoint. Cloning is cheap; calling it never waits.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    office: Arc<Office>,
    closing: Arc<watch::Sender<bool>>,
}

#[derive(Debug, Default)]
struct Office {
    boards: Mutex<Vec<Weak<Board>>>,
    called: Notify,
}

impl Post {
    /// Starts the delivery, which goes on until it is closed, or nobody is left to call it.
    pub(crate) fn open(endpoint: &Endpoint, clock: Arc<dyn Clock>) -> Result<(Self, JoinHandle<()>)> {
        // Its address is a secret: nothing may lead it elsewhere.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| Error::failed("alerts", error.without_url().to_string()))?;
        let (closing, closed) = watch::channel(false);
        let post = Self { office: Arc::default(), closing: Arc::new(closing) };
        let office = Arc::clone(&post.office);
        let route = Route { http, endpoint: endpoint.clone(), clock, office, turn: 0 };
        Ok((post, tokio::spawn(route.deliver(closed))))
    }

    /// Fetches from this board from now on.
    pub(super) fn calls_at(&self, board: &Arc<Board>) {
        self.office.boards.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(board));
        self.call();
    }

    /// There is something to fetch.
    pub(super) fn call(&self) {
        self.office.called.notify_one();
    }

    /// Brings away what can be brought away without a pause, and ends.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }
}

#[derive(Debug)]
struct Route {
    http: reqwest::Client,
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    office: Arc<Office>,
    /// Whose turn it is: boards take turns.
    turn: usize,
}

/// What became of a message.
enum Answer {
    Taken,
    Refused(String),
    /// Nobody knows whether it has it.
    None(String),
}

impl Route {
    async fn deliver(mut self, mut closing: watch::Receiver<bool>) {
        let mut pause = FIRST_PAUSE;
        loop {
            let last = *closing.borrow_and_update() || closing.has_changed().is_err();
            match self.one().await {
                Some(true) => pause = FIRST_PAUSE,
                Some(false) | None if last => return,
                Some(false) => {
                    tokio::select! {
                        () = self.clock.sleep(pause) => {}
                        _ = closing.changed() => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                None => {
                    tokio::select! {
                        () = self.clock.sleep(REST) => {}
                        () = self.office.called.notified() => {}
                        _ = closing.changed() => {}
                    }
                }
            }
        }
    }

    /// Sends the next message: whether it was taken. None where nobody has one.
    async fn one(&mut self) -> Option<bool> {
        let (board, letter) = self.fetch().await?;
        match self.send(&letter.alert).await {
            Answer::Taken => {
                board.taken(&letter).await;
                return Some(true);
            }
            Answer::Refused(why) => {
                tracing::warn!("the alert endpoint took nothing: {why}; it is tried again");
                board.returned(&letter, true).await;
            }
            Answer::None(why) => {
                tracing::warn!("the alert endpoint gave no answer: {why}; it is tried again");
                board.returned(&letter, false).await;
            }
        }
        Some(false)
    }

    async fn fetch(&mut self) -> Option<(Arc<Board>, Letter)> {
        let boards = self.boards();
        for _ in 0..boards.len() {
            self.turn = (self.turn + 1) % boards.len();
            let board = &boards[self.turn];
            if let Some(letter) = board.next().await {
                return Some((Arc::clone(board), letter));
            }
        }
        None
    }

    fn boards(&self) -> Vec<Arc<Board>> {
        let boards = self.office.boards.lock().unwrap_or_else(PoisonError::into_inner);
        boards.iter().filter_map(Weak::upgrade).collect()
    }

    async fn send(&self, alert: &Alert) -> Answer {
        match self.http.post(self.endpoint.url()).json(alert).send().await {
            Ok(answer) if answer.status().is_success() => Answer::Taken,
            Ok(answer) => Answer::Refused(format!("it answered {}", answer.status())),
            Err(error) if error.is_connect() => Answer::Refused(error.without_url().to_string()),
            Err(error) => Answer::None(error.without_url().to_string()),
        }
    }
}
