//! The ledger of one app in one division, as a state machine: calls of the clock minute and of the UTC day.

use chrono::{DateTime, Duration, Utc};

use super::Reserve;
use super::forecast::Room;
use super::headers::{RateHeaders, Window};
use super::usage::StoredUsage;

const MINUTE_LIMIT: u64 = 60;
const DAY_LIMIT: u64 = 5_000;
const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

/// What is used of minute and day, and what may be used still.
///
/// A call is counted in the minute in which it leaves and, while it has no answer, in every later one too: nobody
/// knows in which of them Exact counts it.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    minute: Count,
    day: Count,
    /// Calls that the usage store counts already and that are still free to be made in this minute.
    reserved: u64,
    /// How many were reserved at once last time.
    block: u64,
    in_flight: u64,
}

#[derive(Clone, Debug)]
struct Count {
    seconds: i64,
    index: i64,
    used: u64,
    limit: u64,
    hint: Option<Hint>,
}

/// What Exact said is left. It counts the calls of other processes too, but lags: it can only lower what we believe.
#[derive(Clone, Debug)]
struct Hint {
    until: DateTime<Utc>,
    left: u64,
}

/// What a call has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Leave.
    Go,
    /// Have so many more calls counted by the usage store first.
    Reserve(u64),
    /// Wait for the next minute.
    Wait(DateTime<Utc>),
    /// Give up for today.
    Spent(DateTime<Utc>),
}

impl Ledger {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self {
            minute: Count::new(MINUTE, MINUTE_LIMIT, now),
            day: Count::new(DAY, DAY_LIMIT, now),
            reserved: 0,
            block: 0,
            in_flight: 0,
        }
    }

    /// Goes on from what another process used; what is not of this minute or day does not count.
    pub(super) fn resume(&mut self, stored: &StoredUsage, now: DateTime<Utc>) {
        self.roll(now);
        self.minute.resume(stored.minute, stored.minute_used, stored.minute_limit);
        self.day.resume(stored.day, stored.day_used, stored.day_limit);
    }

    /// Takes one call out of the budget, or says what to do first. So many calls are kept for others.
    pub(super) fn take(&mut self, kept: Reserve, now: DateTime<Utc>) -> Step {
        self.roll(now);
        if self.day.left(now) <= kept.day {
            return Step::Spent(self.day.opens(now));
        }
        if self.minute.left(now) <= kept.minute {
            return Step::Wait(self.minute.opens(now));
        }
        if self.reserved == 0 {
            return Step::Reserve(self.next_block(now));
        }
        self.reserved -= 1;
        self.in_flight += 1;
        self.minute.spend(now);
        self.day.spend(now);
        Step::Go
    }

    /// The call has its answer, or will never have one.
    pub(super) fn done(&mut self, now: DateTime<Utc>) {
        self.roll(now);
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// A call that was taken never left. What the usage store counts stays: it may be too much, never too little.
    pub(super) fn refund(&mut self) {
        self.minute.used = self.minute.used.saturating_sub(1);
        self.day.used = self.day.used.saturating_sub(1);
    }

    /// The usage store counts so many calls now, provided that the minute is still the one it was asked in.
    pub(super) fn reserved(&mut self, calls: u64, minute: i64) {
        if self.minute.index == minute {
            self.reserved = calls;
            self.block = calls;
        }
    }

    /// What to save so that `reserve` more calls are counted.
    pub(super) fn stored(&self, reserve: u64) -> StoredUsage {
        StoredUsage {
            minute: self.minute.index,
            minute_used: self.minute.used.saturating_add(reserve),
            minute_limit: self.minute.limit,
            day: self.day.index,
            day_used: self.day.used.saturating_add(reserve),
            day_limit: self.day.limit,
            errors: Vec::new(),
        }
    }

    /// Learns from the headers of an answer. Limits replace ours in both directions.
    pub(super) fn learn(&mut self, headers: &RateHeaders, now: DateTime<Utc>) {
        self.roll(now);
        self.minute.learn(&headers.minute, headers.date, now);
        self.day.learn(&headers.day, headers.date, now);
    }

    /// Exact refused a call with 429: nothing is left, of the day if only its headers came, else of the minute.
    pub(super) fn refused(&mut self, headers: &RateHeaders, now: DateTime<Utc>) {
        let of_the_day = headers.day.is_present() && !headers.minute.is_present();
        let (count, window) =
            if of_the_day { (&mut self.day, &headers.day) } else { (&mut self.minute, &headers.minute) };
        let next = count.end();
        let until = count.reset(window, headers.date, now).unwrap_or(next);
        // The header is exact to the minute only, so a second more.
        count.hint = Some(Hint { until: until + Duration::seconds(1), left: 0 });
    }

    /// Calls that are reserved and not made yet.
    pub(super) fn unspent(&self) -> u64 {
        self.reserved
    }

    pub(super) fn minute_limit(&self) -> u64 {
        self.minute.limit
    }

    pub(super) fn day_limit(&self) -> u64 {
        self.day.limit
    }

    pub(super) fn day_used(&self) -> u64 {
        self.day.used
    }

    pub(super) fn minute_left(&self, now: DateTime<Utc>) -> u64 {
        self.minute.left(now)
    }

    pub(super) fn day_left(&self, now: DateTime<Utc>) -> u64 {
        self.day.left(now)
    }

    /// What calls that leave so many to others have before them.
    pub(super) fn room(&self, kept: Reserve, now: DateTime<Utc>) -> Room {
        Room {
            now,
            minute_left: self.minute.left(now).saturating_sub(kept.minute),
            minute: self.minute.limit.saturating_sub(kept.minute),
            minute_opens: self.minute.opens(now),
            day_left: self.day.left(now).saturating_sub(kept.day),
            day: self.day.limit.saturating_sub(kept.day),
            day_opens: self.day.opens(now),
            day_limit: self.day.limit,
        }
    }

    pub(super) fn opens(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.minute.opens(now)
    }

    pub(super) fn day_opens(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.day.opens(now)
    }

    pub(super) fn roll(&mut self, now: DateTime<Utc>) {
        self.day.roll(now, self.in_flight);
        if self.minute.roll(now, self.in_flight) {
            self.reserved = 0;
        }
    }

    /// Grows while a process works, so that a short one leaves little behind and a long one saves seldom.
    fn next_block(&self, now: DateTime<Utc>) -> u64 {
        let most = (self.minute.limit / 3).max(1);
        let grown = self.block.saturating_mul(4).clamp(4, most.max(4)).min(most);
        grown.min(self.minute.left(now)).min(self.day.left(now))
    }
}

impl Count {
    fn new(seconds: i64, limit: u64, now: DateTime<Utc>) -> Self {
        Self { seconds, index: now.timestamp().div_euclid(seconds), used: 0, limit, hint: None }
    }

    /// Moves to the window of `now`; true where that is a new one. A clock that was set back keeps what was used.
    fn roll(&mut self, now: DateTime<Utc>, in_flight: u64) -> bool {
        if self.hint.as_ref().is_some_and(|hint| hint.until <= now) {
            self.hint = None;
        }
        let index = now.timestamp().div_euclid(self.seconds);
        if index > self.index {
            self.index = index;
            self.used = in_flight;
            return true;
        }
        if index < self.index - 1 {
            self.index = index;
            self.hint = None;
        }
        false
    }

    fn resume(&mut self, index: i64, used: u64, limit: u64) {
        self.limit = limit.max(1);
        if index == self.index {
            self.used = self.used.saturating_add(used);
        }
    }

    fn spend(&mut self, now: DateTime<Utc>) {
        self.used += 1;
        if let Some(hint) = self.hint.as_mut().filter(|hint| now < hint.until) {
            hint.left = hint.left.saturating_sub(1);
        }
    }

    fn left(&self, now: DateTime<Utc>) -> u64 {
        let ours = self.limit.saturating_sub(self.used);
        match &self.hint {
            Some(hint) if now < hint.until => ours.min(hint.left),
            _ => ours,
        }
    }

    fn end(&self) -> DateTime<Utc> {
        let next = (self.index + 1).saturating_mul(self.seconds);
        DateTime::from_timestamp(next, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// When there is something left again.
    fn opens(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let hint = self.hint.as_ref().filter(|hint| now < hint.until && hint.left == 0);
        match hint {
            Some(hint) if self.limit > self.used => hint.until,
            Some(hint) => hint.until.max(self.end()),
            None => self.end(),
        }
    }

    fn learn(&mut self, window: &Window, date: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        if let Some(limit) = window.limit {
            self.limit = limit;
        }
        let (Some(left), Some(until)) = (window.remaining, self.reset(window, date, now)) else { return };
        match &mut self.hint {
            Some(hint) if (hint.until - until).abs() <= Duration::seconds(2) => {
                hint.left = hint.left.min(left)
            }
            _ => self.hint = Some(Hint { until, left }),
        }
    }

    /// The end of Exact's window on our own clock; `None` where it has passed or is absurd.
    fn reset(
        &self,
        window: &Window,
        date: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let wait = window.reset? - date.unwrap_or(now);
        let longest = Duration::seconds(self.seconds + MINUTE);
        (wait > Duration::zero() && wait <= longest).then(|| now + wait)
    }
}

#[cfg(test)]
mod tests;
