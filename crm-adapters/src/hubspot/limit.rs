//! Keeps within HubSpot's limits: requests per rolling ten seconds, searches per second, requests per day.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, Offset, TimeZone, Utc};

use super::api::Call;
use crate::change::Pace;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Retry};
use crate::http::Answer;
use crate::limit::{Gate, Line, Pass, Turn, Window};

/// The window of the burst limit, until a header tells another.
const WINDOW: Duration = Duration::from_secs(10);
/// Searches a second, of the whole account.
const SEARCHES: usize = 5;
const SEARCH_WINDOW: Duration = Duration::from_secs(1);
/// How much longer a window is kept than HubSpot says: its counters are not one clock.
const MARGIN: Duration = Duration::from_millis(100);
/// No window and no wait after a 429 is believed to be longer.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

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
    requests: Window,
    /// Nothing leaves before this.
    hold_until: Duration,
    /// The account is moved to another data centre; nothing leaves before this, and nobody waits for it.
    moving_until: Duration,
    day: Day,
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
pub(super) struct Permit<'a> {
    limiter: &'a Limiter,
    _search: Option<Pass<'a>>,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let now = self.limiter.clock.monotonic();
        let mut state = self.limiter.state();
        state.requests.answer(now);
        state.day.in_flight = state.day.in_flight.saturating_sub(1);
        drop(state);
        self.limiter.line.answered();
    }
}

impl Limiter {
    /// `burst` requests per ten seconds, until an answer says otherwise.
    pub(super) fn new(clock: Arc<dyn Clock>, burst: usize) -> Self {
        let zone = Utc.fix();
        let day = Day { zone, date: clock.now().date_naive(), limit: None, left: None, in_flight: 0 };
        let state = State {
            requests: Window::new(burst, WINDOW + MARGIN),
            hold_until: Duration::ZERO,
            moving_until: Duration::ZERO,
            day,
        };
        let searches = Gate::new(Arc::clone(&clock), SEARCHES, SEARCH_WINDOW + MARGIN);
        Self { line: Line::new(Arc::clone(&clock)), clock, state: Mutex::new(state), searches }
    }

    /// Waits until a call may leave. Fails where that takes longer than a minute or beyond `before`.
    pub(super) async fn acquire(&self, call: &Call, before: Option<Duration>) -> Result<Permit<'_>> {
        let mut search = if call.search { Some(self.searches.pass(before).await?) } else { None };
        self.line.pass(before, || self.try_take()).await?;
        if let Some(search) = &mut search {
            search.leave();
        }
        Ok(Permit { limiter: self, _search: search })
    }

    /// Counts a call as one that leaves, if it may; an error where waiting is not the answer.
    fn try_take(&self) -> Result<Turn<()>> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        if state.moving_until > now {
            return Err(moving(state.moving_until - now));
        }
        if state.day.free() == Some(0) {
            return Err(spent(state.day.end()));
        }
        if state.hold_until > now {
            return Ok(Turn::After(state.hold_until - now));
        }
        let turn = state.requests.turn(now);
        if turn == Turn::Now(()) {
            state.requests.leave();
            state.day.in_flight = state.day.in_flight.saturating_add(1);
        }
        Ok(turn)
    }

    /// Takes over what an answer tells of the limits.
    pub(super) fn learn(&self, answer: &Answer) {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let length = answer.number("x-hubspot-ratelimit-interval-milliseconds").filter(|ms| *ms > 0);
        let length = length.map(|ms| Duration::from_millis(ms).saturating_add(MARGIN).min(LONGEST_HOLD));
        let most = answer.number("x-hubspot-ratelimit-max").filter(|most| *most > 0);
        let most = most.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        let (old_most, old_length) = (state.requests.most(), state.requests.length());
        state.requests.set(most.unwrap_or(old_most), length.unwrap_or(old_length));
        if answer.number("x-hubspot-ratelimit-remaining") == Some(0) {
            let wait = match state.requests.turn(now) {
                // Somebody else calls too.
                Turn::Now(()) => state.requests.length(),
                Turn::After(wait) => wait,
                Turn::AfterAnAnswer => Duration::ZERO,
            };
            state.hold_until = state.hold_until.max(now.saturating_add(wait));
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
            _ => asked.unwrap_or(state.requests.length()),
        };
        let wait = wait.clamp(MARGIN, LONGEST_HOLD);
        state.hold_until = state.hold_until.max(now.saturating_add(wait));
        Error::new(ErrorKind::RateLimited, "too many requests").with_retry(Retry::After(wait))
    }

    /// After a 477: nothing is sent while the account is moved.
    pub(super) fn moved_away(&self, answer: &Answer) -> Error {
        let wait = answer.number("retry-after").unwrap_or(LONGEST_HOLD.as_secs());
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
        let queued = self.line.len() + self.searches.waiting();
        match state.requests.free(now).saturating_sub(queued).min(day) {
            0 => Pace::Wait(match state.requests.turn(now) {
                Turn::After(wait) => wait,
                Turn::Now(()) | Turn::AfterAnAnswer => SEARCH_WINDOW,
            }),
            ready => Pace::Ready(ready),
        }
    }

    /// How many requests a minute the burst limit comes to.
    pub(super) fn per_minute(&self) -> u64 {
        let state = self.state();
        let windows = 60_000
            / u64::try_from(state.requests.length().saturating_sub(MARGIN).as_millis()).unwrap_or(1).max(1);
        u64::try_from(state.requests.most()).unwrap_or(u64::MAX).saturating_mul(windows)
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
