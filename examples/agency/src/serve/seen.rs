//! Events that came already, so that a replay is answered and forgotten: the last few thousand, also over a restart.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use sync_core::store::{Key, Table};

use super::memory;
use crate::connect::App;
use crate::error::Result;

/// So many events are known again when they come twice.
const REMEMBERED: usize = 4_096;

/// Knows events by a digest of their names: those are long, and there are many customers.
#[derive(Debug)]
pub(super) struct Seen {
    app: App,
    events: Mutex<Events>,
}

#[derive(Debug, Default)]
struct Events {
    known: HashSet<u128>,
    /// Oldest first.
    order: VecDeque<u128>,
    changed: bool,
}

impl Events {
    fn remember(&mut self, event: u128) {
        if self.known.insert(event) {
            self.order.push_back(event);
            self.changed = true;
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl Seen {
    /// With those that the last process had seen when it was stopped.
    pub(super) async fn open(app: App) -> Result<Self> {
        let mut events = Events::default();
        let kept: Vec<String> = memory::read(&app, &key()).await?.unwrap_or_default();
        for event in kept.iter().filter_map(|event| u128::from_str_radix(event, 16).ok()) {
            events.remember(event);
        }
        events.changed = false;
        Ok(Self { app, events: Mutex::new(events) })
    }

    /// Whether this event is new. Asks nothing of the past beyond the last few thousand.
    pub(super) fn is_new(&self, event: &str) -> bool {
        !self.events().known.contains(&digest(event))
    }

    pub(super) fn remember(&self, event: &str) {
        self.events().remember(digest(event));
    }

    /// Keeps them for the next process. One that died instead knows nothing of them: a replay then costs it a look.
    pub(super) async fn keep(&self) -> Result<()> {
        let events: Vec<String> = {
            let mut events = self.events();
            if !std::mem::take(&mut events.changed) {
                return Ok(());
            }
            events.order.iter().map(|event| format!("{event:x}")).collect()
        };
        memory::write(&self.app, &key(), &events).await
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(event: &str) -> u128 {
    let digest = Sha256::digest(event);
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

fn key() -> Key {
    Key::new(Table::Meta, "@serve/seen")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_few_thousand_events_are_known_again_and_no_more_are_held() {
        let mut events = Events::default();
        let many = REMEMBERED as u128 * 3;
        (0..many).for_each(|event| events.remember(event));
        assert_eq!((events.known.len(), events.order.len()), (REMEMBERED, REMEMBERED));
        assert!(events.known.contains(&(many - 1)) && !events.known.contains(&0));
    }

    #[test]
    fn events_of_different_names_are_different() {
        assert_ne!(digest("pipedrive/1"), digest("pipedrive/2"));
        assert_eq!(digest("pipedrive/1"), digest("pipedrive/1"));
    }
}
