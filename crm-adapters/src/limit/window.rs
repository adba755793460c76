//! So many calls in any stretch of time.

use std::collections::VecDeque;
use std::time::Duration;

use super::Turn;

/// So many calls in any stretch of this length, wherever in it the vendor counts them.
///
/// When a call arrives nobody here knows. So it counts from the moment it leaves until its answer has been here for the
/// whole length.
#[derive(Debug)]
pub(crate) struct Window {
    most: usize,
    length: Duration,
    under_way: usize,
    /// When each of the last answers came.
    answered: VecDeque<Duration>,
}

impl Window {
    pub(crate) fn new(most: usize, length: Duration) -> Self {
        Self { most: most.max(1), length, under_way: 0, answered: VecDeque::new() }
    }

    /// How many calls may leave now.
    pub(crate) fn free(&mut self, now: Duration) -> usize {
        while self.answered.front().is_some_and(|at| at.saturating_add(self.length) <= now) {
            self.answered.pop_front();
        }
        self.most.saturating_sub(self.under_way + self.answered.len())
    }

    /// Whether another call may leave now, and when else to ask again.
    pub(crate) fn turn(&mut self, now: Duration) -> Turn<()> {
        if self.free(now) > 0 {
            return Turn::Now(());
        }
        // After a limit was lowered, more than the oldest must fall out of the window.
        let blocking = (self.under_way + self.answered.len()).checked_sub(self.most);
        match blocking.and_then(|at| self.answered.get(at)) {
            Some(at) => Turn::After(at.saturating_add(self.length).saturating_sub(now)),
            None => Turn::AfterAnAnswer,
        }
    }

    /// A call leaves.
    pub(crate) fn leave(&mut self) {
        self.under_way += 1;
    }

    /// A call has its answer, or will never have one.
    pub(crate) fn answer(&mut self, now: Duration) {
        self.under_way = self.under_way.saturating_sub(1);
        self.answered.push_back(now);
    }

    /// A call that was to leave stays.
    pub(crate) fn stay(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Another limit is in force; calls that left under the old one count against it.
    pub(crate) fn set(&mut self, most: usize, length: Duration) {
        (self.most, self.length) = (most.max(1), length);
    }
}

#[cfg(feature = "hubspot")]
impl Window {
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    pub(crate) fn length(&self) -> Duration {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_call_without_an_answer_keeps_its_place_whatever_time_passes() {
        let mut window = Window::new(2, SECOND);
        window.leave();
        window.leave();
        assert_eq!(window.turn(100 * SECOND), Turn::AfterAnAnswer);
        window.answer(100 * SECOND);
        assert_eq!(window.turn(100 * SECOND), Turn::After(SECOND));
        assert_eq!(window.turn(101 * SECOND), Turn::Now(()));
    }

    #[test]
    fn a_lowered_limit_counts_what_left_under_the_old_one() {
        let mut window = Window::new(3, 4 * SECOND);
        for second in 0..3 {
            window.leave();
            window.answer(second * SECOND);
        }
        window.set(1, 4 * SECOND);
        assert_eq!(window.turn(2 * SECOND), Turn::After(4 * SECOND));
        window.leave();
        assert_eq!(window.turn(6 * SECOND), Turn::AfterAnAnswer);
        window.stay();
        assert_eq!(window.turn(6 * SECOND), Turn::Now(()));
    }
}
