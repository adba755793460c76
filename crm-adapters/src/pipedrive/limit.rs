//! Keeps within Pipedrive's limits: requests per rolling two seconds, searches apart, tokens per day.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use governor::clock::Clock as GovernorClock;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::api::Call;
use crate::change::Pace;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Retry};
use crate::http::Answer;
use crate::limit::{Gate, Line, Pass, Turn, Window};

/// The window of the burst limit.
const WINDOW: Duration = Duration::from_secs(2);
/// Searches per window, on every plan.
const SEARCHES: usize = 10;
/// Nobody has more; it also keeps the arithmetic far from its ends.
const MOST: u32 = 1_000_000;
/// How long a wait after a 429 is at most believed to be needed: the windows are short.
const LONGEST_HOLD: Duration = Duration::from_secs(10);
/// How long to stay away after the firewall has shut us out.
const BLOCK: Duration = Duration::from_secs(5 * 60);

type Bucket = RateLimiter<NotKeyed, InMemoryState, Ticks, governor::middleware::NoOpMiddleware<Duration>>;

/// The injected clock, as governor wants to see it.
#[derive(Clone, Debug)]
struct Ticks(Arc<dyn Clock>);

impl GovernorClock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

/// All limits of one account, shared by everything that calls it.
#[derive(Debug)]
pub(super) struct Limiter {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    line: Line,
    searches: Gate,
}

#[derive(Debug)]
struct State {
    burst: u32,
    /// Lets calls leave evenly.
    bucket: Arc<Bucket>,
    /// Keeps the limit however long they are on their way.
    requests: Window,
    /// Nothing leaves before this.
    hold_until: Duration,
    /// The firewall's block; nothing leaves before this, and nobody waits for it.
    blocked_until: Duration,
    day: Day,
}

/// The account's tokens of the day, as far as Pipedrive has told.
#[derive(Debug, Default)]
struct Day {
    date: NaiveDate,
    limit: Option<u64>,
    left: Option<u64>,
    /// What calls without an answer yet will have cost.
    in_flight: u64,
    spent: bool,
}

impl Day {
    fn free(&self) -> Option<u64> {
        let left = if self.spent { Some(0) } else { self.left };
        left.map(|left| left.saturating_sub(self.in_flight))
    }

    /// The day's end is not documented; midnight UTC is a time at which asking again costs one call at most.
    fn turn_over(&mut self, today: NaiveDate) {
        if self.date != today {
            self.date = today;
            self.left = None;
            self.spent = false;
        }
    }
}

/// The right to send one call. Hold it until the answer is there.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    limiter: &'a Limiter,
    cost: u64,
    _search: Option<Pass<'a>>,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let now = self.limiter.clock.monotonic();
        let mut state = self.limiter.state();
        state.requests.answer(now);
        state.day.in_flight = state.day.in_flight.saturating_sub(self.cost);
        drop(state);
        self.limiter.line.answered();
    }
}

impl Limiter {
    /// `burst` requests per two seconds, until an answer says otherwise.
    pub(super) fn new(clock: Arc<dyn Clock>, burst: u32) -> Self {
        let burst = burst.clamp(1, MOST);
        let state = State {
            burst,
            bucket: Arc::new(bucket(&clock, burst)),
            requests: Window::new(calls(burst), WINDOW),
            hold_until: Duration::ZERO,
            blocked_until: Duration::ZERO,
            day: Day { date: clock.now().date_naive(), ..Day::default() },
        };
        let searches = Gate::new(Arc::clone(&clock), SEARCHES, WINDOW);
        Self { line: Line::new(Arc::clone(&clock)), clock, state: Mutex::new(state), searches }
    }

    /// Waits until a call may leave. Fails where that takes longer than a minute or beyond `before`.
    pub(super) async fn acquire(&self, call: &Call, before: Option<Duration>) -> Result<Permit<'_>> {
        let mut search = if call.search { Some(self.searches.pass(before).await?) } else { None };
        self.line.pass(before, || self.try_take(call.cost)).await?;
        if let Some(search) = &mut search {
            search.leave();
        }
        Ok(Permit { limiter: self, cost: call.cost, _search: search })
    }

    /// Counts a call as one that leaves, if it may; an error where waiting is not the answer.
    fn try_take(&self, cost: u64) -> Result<Turn<()>> {
        let (now, today) = (self.clock.monotonic(), self.clock.now().date_naive());
        let mut state = self.state();
        if state.blocked_until > now {
            return Err(blocked(state.blocked_until - now));
        }
        state.day.turn_over(today);
        if state.day.free().is_some_and(|free| free < cost) {
            return Err(spent(self.next_day()));
        }
        if state.hold_until > now {
            return Ok(Turn::After(state.hold_until - now));
        }
        let turn = state.requests.turn(now);
        if turn != Turn::Now(()) {
            return Ok(turn);
        }
        if let Err(next) = state.bucket.check() {
            return Ok(Turn::After(next.wait_time_from(now)));
        }
        state.requests.leave();
        state.day.in_flight = state.day.in_flight.saturating_add(cost);
        Ok(Turn::Now(()))
    }

    /// Takes over what an answer tells of the limits.
    pub(super) fn learn(&self, answer: &Answer) {
        let (now, today) = (self.clock.monotonic(), self.clock.now().date_naive());
        let mut state = self.state();
        state.day.turn_over(today);
        if let Some(limit) = answer.number("x-daily-ratelimit-token-limit") {
            state.day.limit = Some(limit);
        }
        if let Some(left) = answer.number("x-daily-ratelimit-token-remaining") {
            state.day.left = Some(left);
            state.day.spent = false;
        }
        if let Some(limit) = answer.number("x-ratelimit-limit").filter(|limit| *limit > 0) {
            let limit = u32::try_from(limit).unwrap_or(MOST).min(MOST);
            self.replace_burst(&mut state, limit, now);
        }
        if answer.number("x-ratelimit-remaining") == Some(0) {
            let until = now.saturating_add(reset(answer).unwrap_or(WINDOW).min(WINDOW));
            state.hold_until = state.hold_until.max(until);
        }
    }

    fn replace_burst(&self, state: &mut State, limit: u32, now: Duration) {
        if limit == state.burst {
            return;
        }
        tracing::debug!(from = state.burst, to = limit, "another limit of requests is in force");
        let fresh = bucket(&self.clock, limit);
        if limit < state.burst {
            // What left under the higher limit still counts against the lower one.
            state.hold_until = state.hold_until.max(now.saturating_add(WINDOW));
        } else {
            // The old bucket's calls are in the same window: start without the head start.
            let _ = fresh.check_n(head_start(limit));
        }
        state.burst = limit;
        state.requests.set(calls(limit), WINDOW);
        state.bucket = Arc::new(fresh);
    }

    /// After a 429: says when to come back, and keeps everybody else from trying before.
    pub(super) fn turned_away(&self, answer: &Answer) -> Error {
        let now = self.clock.monotonic();
        let mut state = self.state();
        if answer.number("x-daily-ratelimit-token-remaining") == Some(0) {
            state.day.spent = true;
            return spent(self.next_day());
        }
        let wait = retry_after(answer, self.clock.now()).or_else(|| reset(answer)).unwrap_or(WINDOW);
        let wait = wait.clamp(Duration::from_millis(100), LONGEST_HOLD);
        state.hold_until = state.hold_until.max(now.saturating_add(wait));
        Error::new(ErrorKind::RateLimited, "too many requests").with_retry(Retry::After(wait))
    }

    /// After the firewall's page: nothing is sent for minutes, since knocking on prolongs the block.
    pub(super) fn shut_out(&self) -> Error {
        self.state().blocked_until = self.clock.monotonic().saturating_add(BLOCK);
        blocked(BLOCK)
    }

    /// How many calls of this cost may be claimed now: as many as can leave within one window.
    pub(super) fn pace(&self, cost: u64) -> Pace {
        let (now, today) = (self.clock.monotonic(), self.clock.now().date_naive());
        let mut state = self.state();
        state.day.turn_over(today);
        let until = state.blocked_until.max(state.hold_until);
        if until > now {
            return Pace::Wait(until - now);
        }
        let affordable = state.day.free().map_or(u64::MAX, |free| free / cost.max(1));
        if affordable == 0 {
            return Pace::Spent(self.next_day());
        }
        let queued = u64::try_from(self.line.len() + self.searches.waiting()).unwrap_or(u64::MAX);
        let ready = u64::from(state.burst).saturating_sub(queued).min(affordable);
        match usize::try_from(ready).unwrap_or(usize::MAX) {
            0 => Pace::Wait(WINDOW),
            ready => Pace::Ready(ready),
        }
    }

    /// How many requests a minute the burst limit comes to.
    pub(super) fn per_minute(&self) -> u64 {
        u64::from(self.state().burst) * (60 / WINDOW.as_secs().max(1))
    }

    /// The day's tokens and how many of them are left, where known.
    pub(super) fn day(&self) -> (Option<u64>, Option<u64>) {
        let today = self.clock.now().date_naive();
        let mut state = self.state();
        state.day.turn_over(today);
        (state.day.limit, state.day.free())
    }

    fn next_day(&self) -> DateTime<Utc> {
        let today = self.clock.now().date_naive();
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
        tomorrow.and_time(NaiveTime::MIN).and_utc()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bucket that never lets more than `limit` calls into any two seconds.
///
/// A token bucket lets its head start *and* its steady rate into one window, so the two share the limit; a twentieth
/// of it stays unused, because calls that leave evenly do not arrive evenly.
fn bucket(clock: &Arc<dyn Clock>, limit: u32) -> Bucket {
    let head_start = head_start(limit);
    let reserve = limit / 20;
    let steady = limit.saturating_sub(head_start.get() + reserve).max(1);
    let interval = WINDOW.checked_div(steady).unwrap_or(WINDOW);
    let quota = Quota::with_period(interval).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    RateLimiter::direct_with_clock(quota.allow_burst(head_start), Ticks(Arc::clone(clock)))
}

fn calls(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn head_start(limit: u32) -> NonZeroU32 {
    NonZeroU32::new(limit / 10).unwrap_or(NonZeroU32::MIN)
}

/// When the window is over: seconds, as far as anybody knows.
fn reset(answer: &Answer) -> Option<Duration> {
    answer.number("x-ratelimit-reset").map(Duration::from_secs)
}

/// A wait that the answer asks for, in seconds or as a date.
fn retry_after(answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    if let Some(seconds) = answer.number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(answer.header("retry-after")?).ok()?;
    (date.with_timezone(&Utc) - now).to_std().ok()
}

fn spent(until: DateTime<Utc>) -> Error {
    Error::new(ErrorKind::RateLimited, "the account's API tokens of the day are spent")
        .with_retry(Retry::At(until))
        .with_remedy("wait for the next day, or top up the account's API tokens in Pipedrive")
}

fn blocked(wait: Duration) -> Error {
    Error::new(ErrorKind::RateLimited, "Pipedrive's firewall blocks this API token for now")
        .with_retry(Retry::After(wait))
        .with_remedy("nothing is sent for some minutes; see that no other program uses the token too fast")
}
