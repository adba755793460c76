//! A thread of its own for what blocks.

use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread;

use tokio::sync::oneshot;

use crate::store::{Result, StoreError, StoreErrorKind};

/// What is asked of it is done on its thread, one after the other in the order in which it was asked, whether or not
/// somebody still waits for the answer. The thread ends with its last handle, when all of it is done.
pub(super) struct Worker<S> {
    jobs: Sender<Job<S>>,
}

enum Job<S> {
    Next(Box<dyn FnOnce(&mut S) + Send>),
    Last(Box<dyn FnOnce(S) + Send>),
}

impl<S> Clone for Worker<S> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone() }
    }
}

impl<S: Send + 'static> Worker<S> {
    /// A thread for what is made on it.
    pub(super) async fn start(make: impl FnOnce() -> Result<S> + Send + 'static) -> Result<Self> {
        let (answer, made) = oneshot::channel();
        let worker = Self::spawn(move || {
            let (state, made) = match make() {
                Ok(state) => (Some(state), Ok(())),
                Err(error) => (None, Err(error)),
            };
            let _ = answer.send(made);
            state
        })?;
        made.await.unwrap_or_else(|_| Err(ended())).map(|()| worker)
    }

    /// A thread for what is there already.
    pub(super) fn of(state: S) -> Result<Self> {
        Self::spawn(move || Some(state))
    }

    fn spawn(make: impl FnOnce() -> Option<S> + Send + 'static) -> Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let work = move || {
            let Some(mut state) = make() else { return };
            for job in queue {
                match job {
                    Job::Next(job) => job(&mut state),
                    Job::Last(job) => return job(state),
                }
            }
        };
        thread::Builder::new().name("sqlite".to_owned()).spawn(work).map_err(no_thread)?;
        Ok(Self { jobs })
    }

    /// Asks for something. A caller that goes away once it was asked for does not undo it.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut S) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ask(|answer| Job::Next(Box::new(move |state| drop(answer.send(job(state)))))).await
    }

    /// Asks for the last thing; nothing is done for any other handle after it.
    pub(super) async fn end<T: Send + 'static>(
        self,
        job: impl FnOnce(S) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ask(|answer| Job::Last(Box::new(move |state| drop(answer.send(job(state)))))).await
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job<S>) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        // A thread that has ended takes no job, and the answer to it is dropped.
        let _ = self.jobs.send(job(answer));
        answered.await.unwrap_or_else(|_| Err(ended()))
    }
}

fn no_thread(error: io::Error) -> StoreError {
    let message = "the system gives no further thread: end other programs, or raise its limit";
    StoreError::new(StoreErrorKind::Unavailable, message).with_source(error)
}

fn ended() -> StoreError {
    let message = "the store's thread ended in the middle of a call: it may or may not be applied";
    StoreError::new(StoreErrorKind::Unknown, message)
}
