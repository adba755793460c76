//! Keeps within HubSpot's limits: requests per rolling ten seconds, searches per second, requests per day.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, Offset, TimeZone, Utc};

use super::api::Call;
use crate::change::Pace;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Retry};
use crate::http::Answer;

/// The window of the burst limit, until a header tells another.
const WINDOW: Duration = Duration::from_secs(10);
/// Searches a second, of the whole account.
const SEARCHES: usize = 5;
const SEARCH_WINDOW: Duration = Duration::from_secs(1);
/// Requests that leave evenly do not arrive evenly.
const JITTER: Duration = Duration::from_millis(100);
/// A longer wait than this is the caller's to arrange.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// All limits of one account, shared by everything that calls it.
#[derive(Debug)]
pub(super) struct Limiter {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Calls take their turn in the order in which they came.
    turn: tokio::sync::Mutex<()>,
    search_turn: tokio::sync::Mutex<()>,
    waiting: AtomicUsize,
}

#[derive(Debug)]
struct State {
    requests: Window,
    searches: Window,
    /// Nothing leaves before this.
    hold_until: Duration,
    /// The account is moved to another data centre; nothing leaves before this, and nobody waits for it.
    moving_until: Duration,
    day: Day,
}

/// So many calls in any such stretch of time: when each of the last ones left.
#[derive(Debug)]
struct Window {
    most: usize,
    length: Duration,
    left: VecDeque<Duration>,
}

impl Window {
    fn new(most: usize, length: Duration) -> Self {
        Self { most, length, left: VecDeque::new() }
    }

    fn free(&mut self, now: Duration) -> usize {
        let span = self.length.saturating_add(JITTER);
        while self.left.front().is_some_and(|left| left.saturating_add(span) <= now) {
            self.left.pop_front();
        }
        self.most.saturating_sub(self.left.len())
    }

    /// How long until another call may leave; nothing where it may now.
    fn wait(&mut self, now: Duration) -> Option<Duration> {
        if self.free(now) > 0 {
            return None;
        }
        let span = self.length.saturating_add(JITTER);
        // After a limit was lowered, more than the oldest call must fall out of the window.
        let blocking = self.left.len().checked_sub(self.most).and_then(|at| self.left.get(at));
        Some(blocking.map_or(span, |left| left.saturating_add(span).saturating_sub(now)))
    }

    fn take(&mut self, now: Duration) {
        self.left.push_back(now);
    }
}

/// The account's requests of the day, as far as HubSpot has told.
#[derive(Debug)]
struct Day {
    zone: FixedOffset,
    date: NaiveDate,
    limit: Option<u64>,
    left: Option<u64>,
    in_flight: u64,
}

impl Day {
    fn free(&self) -> Option<u64> {
        self.left.map(|left| left.saturating_sub(self.in_flight))
    }

    fn turn_over(&mut self, now: DateTime<Utc>) {
        let today = now.with_timezone(&self.zone).date_naive();
        if self.date != today {
            self.date = today;
            self.left = None;
        }
    }

    /// The account's next midnight.
    fn end(&self) -> DateTime<Utc> {
        let tomorrow = self.date.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
        let midnight = tomorrow.and_time(NaiveTime::MIN);
        let local = self.zone.from_local_datetime(&midnight).earliest();
        local.map_or(midnight.and_utc(), |local| local.with_timezone(&Utc))
    }
}

/// The right to send one call. Hold it until the answer is there.
#[derive(Debug)]
pub(super) struct Permit<'a>(&'a Limiter);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.day.in_flight = state.day.in_flight.saturating_sub(1);
    }
}

/// Counts a caller in the queue, and out again when it is dropped there.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Limiter {
    /// `burst` requests per ten seconds, until an answer says otherwise.
    pub(super) fn new(clock: Arc<dyn Clock>, burst: usize) -> Self {
        let zone = Utc.fix();
        let day = Day { zone, date: clock.now().date_naive(), limit: None, left: None, in_flight: 0 };
        let state = State {
            requests: Window::new(burst.max(1), WINDOW),
            searches: Window::new(SEARCHES, SEARCH_WINDOW),
            hold_until: Duration::ZERO,
            moving_until: Duration::ZERO,
            day,
        };
        Self {
            clock,
            state: Mutex::new(state),
            turn: tokio::sync::Mutex::default(),
            search_turn: tokio::sync::Mutex::default(),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Waits until a call may leave. Fails where that takes longer than a minute or beyond `before`.
    pub(super) async fn acquire(&self, call: &Call, before: Option<Duration>) -> Result<Permit<'_>> {
        let _waiting = Waiting::new(&self.waiting);
        if call.search {
            let _turn = self.search_turn.lock().await;
            while let Some(wait) = self.take_search() {
                self.wait(wait, before).await?;
            }
        }
        let _turn = self.turn.lock().await;
        if self.is_too_late(Duration::ZERO, before) {
            return Err(reached(Duration::ZERO));
        }
        loop {
            match self.try_take()? {
                Ok(permit) => return Ok(permit),
                Err(wait) => self.wait(wait, before).await?,
            }
        }
    }

    fn take_search(&self) -> Option<Duration> {
        let now = self.clock.monotonic();
        let searches = &mut self.state().searches;
        let wait = searches.wait(now);
        if wait.is_none() {
            searches.take(now);
        }
        wait
    }

    /// A permit, or how long until there may be one; an error where waiting is not the answer.
    fn try_take(&self) -> Result<Result<Permit<'_>, Duration>> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        if state.moving_until > now {
            return Err(moving(state.moving_until - now));
        }
        if state.day.free() == Some(0) {
            return Err(spent(state.day.end()));
        }
        if state.hold_until > now {
            return Ok(Err(state.hold_until - now));
        }
        if let Some(wait) = state.requests.wait(now) {
            return Ok(Err(wait));
        }
        state.requests.take(now);
        state.day.in_flight = state.day.in_flight.saturating_add(1);
        Ok(Ok(Permit(self)))
    }

    async fn wait(&self, wait: Duration, before: Option<Duration>) -> Result<()> {
        if self.is_too_late(wait, before) || wait > LONGEST_WAIT {
            return Err(reached(wait));
        }
        self.clock.sleep(wait).await;
        Ok(())
    }

    fn is_too_late(&self, wait: Duration, before: Option<Duration>) -> bool {
        before.is_some_and(|before| self.clock.monotonic().saturating_add(wait) > before)
    }

    /// Takes over what an answer tells of the limits.
    pub(super) fn learn(&self, answer: &Answer) {
        let now = self.clock.monotonic();
        let mut state = self.state();
        if let Some(length) = answer.number("x-hubspot-ratelimit-interval-milliseconds").filter(|ms| *ms > 0)
        {
            state.requests.length = Duration::from_millis(length).min(LONGEST_WAIT);
        }
        if let Some(most) = answer.number("x-hubspot-ratelimit-max").filter(|most| *most > 0) {
            state.requests.most = usize::try_from(most).unwrap_or(usize::MAX);
        }
        if answer.number("x-hubspot-ratelimit-remaining") == Some(0) {
            let until = now.saturating_add(state.requests.wait(now).unwrap_or(state.requests.length));
            state.hold_until = state.hold_until.max(until);
        }
        state.day.limit = answer.number("x-hubspot-ratelimit-daily").or(state.day.limit);
        state.day.left = answer.number("x-hubspot-ratelimit-daily-remaining").or(state.day.left);
    }

    /// After a 429: says when to come back, and keeps everybody else from trying before.
    pub(super) fn turned_away(&self, answer: &Answer, policy: Option<&str>) -> Error {
        let now = self.clock.monotonic();
        let asked = answer.number("retry-after").map(Duration::from_secs);
        let mut state = self.state();
        let policy = policy.unwrap_or_default().to_ascii_uppercase();
        let wait = match policy.as_str() {
            "DAILY" => {
                state.day.left = Some(0);
                return spent(state.day.end());
            }
            "SECONDLY" => asked.unwrap_or(SEARCH_WINDOW),
            _ => asked.unwrap_or(state.requests.length),
        };
        let wait = wait.clamp(JITTER, LONGEST_WAIT);
        state.hold_until = state.hold_until.max(now.saturating_add(wait));
        Error::new(ErrorKind::RateLimited, "too many requests").with_retry(Retry::After(wait))
    }

    /// After a 477: nothing is sent while the account is moved.
    pub(super) fn moved_away(&self, answer: &Answer) -> Error {
        let wait = answer.number("retry-after").unwrap_or(LONGEST_WAIT.as_secs());
        let wait = Duration::from_secs(wait.min(24 * 3600));
        self.state().moving_until = self.clock.monotonic().saturating_add(wait);
        moving(wait)
    }

    /// The account's zone, in which its days begin.
    pub(super) fn set_zone(&self, offset_milliseconds: i64) {
        let seconds = i32::try_from(offset_milliseconds / 1000).ok();
        if let Some(zone) = seconds.and_then(FixedOffset::east_opt) {
            self.state().day.zone = zone;
        }
    }

    /// How many calls may be claimed now: as many as can leave within one window.
    pub(super) fn pace(&self) -> Pace {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let until = state.moving_until.max(state.hold_until);
        if until > now {
            return Pace::Wait(until - now);
        }
        if state.day.free() == Some(0) {
            return Pace::Spent(state.day.end());
        }
        let day = state.day.free().and_then(|free| usize::try_from(free).ok()).unwrap_or(usize::MAX);
        let queued = self.waiting.load(Ordering::Relaxed);
        match state.requests.free(now).saturating_sub(queued).min(day) {
            0 => Pace::Wait(state.requests.wait(now).unwrap_or(SEARCH_WINDOW)),
            ready => Pace::Ready(ready),
        }
    }

    /// How many requests a minute the burst limit comes to.
    pub(super) fn per_minute(&self) -> u64 {
        let state = self.state();
        let windows = 60_000 / u64::try_from(state.requests.length.as_millis()).unwrap_or(1).max(1);
        u64::try_from(state.requests.most).unwrap_or(u64::MAX).saturating_mul(windows)
    }

    /// The day's requests and how many of them are left, where known.
    pub(super) fn day(&self) -> (Option<u64>, Option<u64>) {
        let state = self.state();
        (state.day.limit, state.day.free())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.day.turn_over(self.clock.now());
        state
    }
}

fn reached(wait: Duration) -> Error {
    Error::new(ErrorKind::RateLimited, "the limit of requests is reached").with_retry(Retry::After(wait))
}

fn spent(until: DateTime<Utc>) -> Error {
    Error::new(ErrorKind::RateLimited, "the account's requests of the day are spent")
        .with_retry(Retry::At(until))
        .with_remedy("wait for the account's next day, or see which other programs call HubSpot")
}

fn moving(wait: Duration) -> Error {
    Error::new(ErrorKind::Unavailable, "HubSpot is moving the account to another data centre")
        .with_retry(Retry::After(wait))
        .with_remedy("nothing to do: the sync goes on by itself afterwards")
}
