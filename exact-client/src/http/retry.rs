//! The outermost stage: repeats what is safe to repeat, and nothing else.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{Pipeline, Reply, Request, budget};
use crate::error::{Error, ErrorKind, Result, Retry};

const ATTEMPTS: u32 = 4;
const BASE: Duration = Duration::from_secs(2);
const CAP: Duration = Duration::from_secs(15 * 60);
/// A longer wait is the caller's to decide about.
const LONGEST_WAIT: Duration = Duration::from_secs(62);

/// Where the jitter comes from.
#[derive(Debug)]
pub(crate) struct Backoff(Mutex<StdRng>);

impl Backoff {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(Mutex::new(seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64)))
    }

    /// A moment between nothing and the doubling limit.
    fn pause(&self, attempt: u32) -> Duration {
        let limit = BASE.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1))).min(CAP);
        let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let mut random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_millis(random.random_range(0..=millis))
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    GiveUp,
    /// The stages below wait by themselves, or need not.
    Again,
    Backoff,
}

pub(super) async fn send(pipeline: &Pipeline, request: &Request) -> Result<Reply> {
    let mut attempt = 1;
    loop {
        let error = match budget::send(pipeline, request, attempt).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        match decide(&error, request.is_read(), attempt, pipeline.session.is_due()) {
            Next::GiveUp => return Err(error),
            Next::Again => {}
            Next::Backoff => pipeline.clock.sleep(pipeline.backoff.pause(attempt)).await,
        }
        attempt += 1;
    }
}

/// Pure: whether an attempt may be repeated.
///
/// A write is repeated only where Exact said that it was not executed: a 429 of the minute, or a 401 of a token that
/// ended on the way.
fn decide(error: &Error, is_read: bool, attempt: u32, token_is_due: bool) -> Next {
    if attempt >= ATTEMPTS {
        return Next::GiveUp;
    }
    match (error.kind(), error.status(), error.retry()) {
        (ErrorKind::RateLimited, Some(429), Retry::After(wait)) if wait <= LONGEST_WAIT => Next::Again,
        (ErrorKind::RateLimited, Some(429), Retry::Backoff) => Next::Backoff,
        (ErrorKind::Auth, Some(401), _) if token_is_due && attempt == 1 => Next::Again,
        (ErrorKind::Unavailable | ErrorKind::Timeout, _, Retry::Backoff) if is_read => Next::Backoff,
        _ => Next::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, status: Option<u16>) -> Error {
        let error = Error::new(kind, "x");
        match status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }

    #[test]
    fn only_what_is_safe_is_repeated() {
        let minute =
            error(ErrorKind::RateLimited, Some(429)).with_retry(Retry::After(Duration::from_secs(30)));
        let day =
            error(ErrorKind::RateLimited, Some(429)).with_retry(Retry::After(Duration::from_secs(3_600)));
        let cases = [
            ("read on 503", error(ErrorKind::Unavailable, Some(503)), true, false, Next::Backoff),
            ("write on 503", error(ErrorKind::Unavailable, Some(503)), false, false, Next::GiveUp),
            ("read on silence", error(ErrorKind::Timeout, None), true, false, Next::Backoff),
            ("write on silence", error(ErrorKind::Timeout, None), false, false, Next::GiveUp),
            ("write on minute 429", minute, false, false, Next::Again),
            ("read on day 429", day, true, false, Next::GiveUp),
            ("401 of an old token", error(ErrorKind::Auth, Some(401)), false, true, Next::Again),
            ("401 of a young token", error(ErrorKind::Auth, Some(401)), true, false, Next::GiveUp),
            ("business refusal", error(ErrorKind::Invalid, Some(500)), true, false, Next::GiveUp),
        ];
        for (name, error, is_read, due, next) in cases {
            assert_eq!(decide(&error, is_read, 1, due), next, "{name}");
            assert_eq!(decide(&error, is_read, ATTEMPTS, due), Next::GiveUp, "{name}, last attempt");
        }
    }

    #[test]
    fn pauses_grow_and_stay_below_their_cap() {
        let backoff = Backoff::new(Some(1));
        for attempt in 1..40 {
            assert!(backoff.pause(attempt) <= CAP);
        }
        assert!((0..100).all(|_| backoff.pause(1) <= BASE));
    }
}
