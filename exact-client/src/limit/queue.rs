//! The queue before a division's budget: one caller at a time has the turn, interactive ones first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Priority;

/// So many interactive calls may leave in a row while a bulk call waits; then one of those leaves.
const IN_A_ROW: u32 = 4;

/// Hands the turn from one caller to the next.
///
/// Within a class it goes by order of arrival. An interactive caller goes before bulk ones, but of five calls that
/// leave while both wait, one is a bulk call: a busy screen slows a bulk job down and never stops it for good.
#[derive(Debug, Default)]
pub(super) struct Queue {
    line: Mutex<Line>,
    /// Told whenever an interactive caller comes to wait.
    came: Notify,
}

#[derive(Debug, Default)]
struct Line {
    taken: bool,
    interactive: VecDeque<Arc<Notify>>,
    bulk: VecDeque<Arc<Notify>>,
    /// Interactive calls that left since the last bulk call.
    in_a_row: u32,
}

/// The right to ask the ledger, or a place in the line for it. Dropping it hands it on.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    queue: &'a Queue,
    priority: Priority,
    /// Where it is called, as long as it waits.
    place: Option<Arc<Notify>>,
}

impl Queue {
    /// Waits for the turn.
    pub(super) async fn turn(&self, priority: Priority) -> Turn<'_> {
        let place = self.line().join(priority);
        if place.is_some() && priority == Priority::Interactive {
            self.came.notify_one();
        }
        let mut turn = Turn { queue: self, priority, place };
        turn.called().await;
        turn
    }

    /// Callers that wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.line().len()
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Whether an interactive caller waits behind a bulk one. Pending as long as not.
    pub(super) async fn overtaken(&self) {
        if self.priority == Priority::Interactive {
            return std::future::pending().await;
        }
        while self.queue.line().interactive.is_empty() {
            self.queue.came.notified().await;
        }
    }

    /// Lets an interactive caller go first, and waits at the head of its own class.
    pub(super) async fn give_way(&mut self) {
        self.place = self.queue.line().swap(self.priority);
        self.called().await;
    }

    /// The call leaves.
    pub(super) fn leave(self) {
        self.queue.line().count(self.priority);
    }

    async fn called(&mut self) {
        if let Some(place) = &self.place {
            place.notified().await;
            self.place = None;
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut line = self.queue.line();
        let waits = self.place.as_ref().is_some_and(|place| line.forget(self.priority, place));
        if !waits {
            line.pass_on();
        }
    }
}

impl Line {
    /// Takes a free turn, or a place at the end.
    fn join(&mut self, priority: Priority) -> Option<Arc<Notify>> {
        if !self.taken {
            self.taken = true;
            return None;
        }
        let place = Arc::new(Notify::new());
        self.class(priority).push_back(Arc::clone(&place));
        Some(place)
    }

    /// Hands the turn to the first interactive caller, for a place at the head of the own class.
    fn swap(&mut self, priority: Priority) -> Option<Arc<Notify>> {
        let next = self.interactive.pop_front()?;
        next.notify_one();
        let place = Arc::new(Notify::new());
        self.class(priority).push_front(Arc::clone(&place));
        Some(place)
    }

    /// Hands the turn to whoever is next.
    fn pass_on(&mut self) {
        let bulk_is_due = self.interactive.is_empty() || self.in_a_row >= IN_A_ROW;
        let bulk = if bulk_is_due { self.bulk.pop_front() } else { None };
        match bulk.or_else(|| self.interactive.pop_front()) {
            Some(next) => next.notify_one(),
            None => self.taken = false,
        }
    }

    /// Gives a place back; false where it is not there any more because its turn has come.
    fn forget(&mut self, priority: Priority, place: &Arc<Notify>) -> bool {
        let class = self.class(priority);
        let at = class.iter().position(|other| Arc::ptr_eq(other, place));
        at.and_then(|at| class.remove(at)).is_some()
    }

    fn count(&mut self, priority: Priority) {
        self.in_a_row = match priority {
            Priority::Interactive => self.in_a_row.saturating_add(1),
            Priority::Bulk => 0,
        };
    }

    fn class(&mut self, priority: Priority) -> &mut VecDeque<Arc<Notify>> {
        match priority {
            Priority::Interactive => &mut self.interactive,
            Priority::Bulk => &mut self.bulk,
        }
    }

    fn len(&self) -> usize {
        self.interactive.len() + self.bulk.len()
    }
}

#[cfg(test)]
mod tests;
