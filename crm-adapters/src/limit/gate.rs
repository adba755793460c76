//! A limit of its own, beside that of all calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Line, Window};
use crate::clock::Clock;
use crate::error::Result;

/// The limit of some of the calls, such as searches, which pass here before they wait with all others.
#[derive(Debug)]
pub(crate) struct Gate {
    clock: Arc<dyn Clock>,
    line: Line,
    window: Mutex<Window>,
}

/// The right of one call to leave as far as this gate is concerned. Hold it until the answer is there.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    gate: &'a Gate,
    left: bool,
}

impl Gate {
    pub(crate) fn new(clock: Arc<dyn Clock>, most: usize, length: Duration) -> Self {
        let window = Mutex::new(Window::new(most, length));
        Self { line: Line::new(Arc::clone(&clock)), clock, window }
    }

    /// Waits for a place in the window. Fails where that takes longer than a minute or beyond `before`.
    pub(crate) async fn pass(&self, before: Option<Duration>) -> Result<Pass<'_>> {
        let ask = || {
            let mut window = self.window();
            Ok(window.turn(self.clock.monotonic()).map(|()| window.leave()))
        };
        self.line.pass(before, ask).await?;
        Ok(Pass { gate: self, left: false })
    }

    /// How many calls wait.
    pub(crate) fn waiting(&self) -> usize {
        self.line.len()
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// The call leaves; without this its place is free again at once.
    pub(crate) fn leave(&mut self) {
        self.left = true;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let now = self.gate.clock.monotonic();
        match self.left {
            true => self.gate.window().answer(now),
            false => self.gate.window().stay(),
        }
        self.gate.line.answered();
    }
}
