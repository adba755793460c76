//! A line in which calls wait, on the injected clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Retry};

/// A longer wait than this is the caller's to arrange.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Calls that wait for something, and get it in the order in which they came.
#[derive(Debug)]
pub(crate) struct Line {
    clock: Arc<dyn Clock>,
    first: Mutex<()>,
    length: AtomicUsize,
    answered: Notify,
}

/// What the first in a line is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn<T> {
    /// It may go, with this.
    Now(T),
    /// It asks again after this long.
    After(Duration),
    /// It asks again when a call that is under way has its answer.
    AfterAnAnswer,
}

impl<T> Turn<T> {
    pub(crate) fn map<U>(self, with: impl FnOnce(T) -> U) -> Turn<U> {
        match self {
            Self::Now(it) => Turn::Now(with(it)),
            Self::After(wait) => Turn::After(wait),
            Self::AfterAnAnswer => Turn::AfterAnAnswer,
        }
    }
}

impl Line {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, first: Mutex::default(), length: AtomicUsize::new(0), answered: Notify::new() }
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.length.load(Ordering::Relaxed)
    }

    /// Stands in line, and then asks until it may go. Fails where that takes longer than a minute or beyond `before`.
    pub(crate) async fn pass<T: Send>(
        &self,
        before: Option<Duration>,
        mut ask: impl FnMut() -> Result<Turn<T>> + Send,
    ) -> Result<T> {
        let _counted = Counted::new(&self.length);
        let _first = self.first.lock().await;
        loop {
            if self.is_too_late(Duration::ZERO, before) {
                return Err(reached(Duration::ZERO));
            }
            match ask()? {
                Turn::Now(it) => return Ok(it),
                Turn::After(wait) if wait > LONGEST_WAIT || self.is_too_late(wait, before) => {
                    return Err(reached(wait));
                }
                Turn::After(wait) => self.clock.sleep(wait).await,
                Turn::AfterAnAnswer => self.answered.notified().await,
            }
        }
    }

    /// A call has its answer: the first in line may ask again.
    pub(crate) fn answered(&self) {
        self.answered.notify_one();
    }

    fn is_too_late(&self, wait: Duration, before: Option<Duration>) -> bool {
        before.is_some_and(|before| self.clock.monotonic().saturating_add(wait) > before)
    }
}

/// Counts a call in the line, and out again when it is dropped there.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn reached(wait: Duration) -> Error {
    Error::new(ErrorKind::RateLimited, "the limit of requests is reached").with_retry(Retry::After(wait))
}
