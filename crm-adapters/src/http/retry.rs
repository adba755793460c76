use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, Retry};
use crate::http::Failure;

const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Runs a read until it works, fails for good, or has failed four times. The attempt's number is handed to `attempt`.
pub(crate) async fn reading<T, F>(
    clock: &dyn Clock,
    mut attempt: impl FnMut(u32) -> F + Send,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>> + Send,
{
    let mut number = 1;
    loop {
        let failure = match attempt(number).await {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        let Some(pause) = pause(&failure.error, number) else { return Err(failure) };
        tracing::debug!(error = %failure.error, attempt = number, ?pause, "a read is repeated");
        clock.sleep(pause).await;
        number += 1;
    }
}

/// How long to wait before the next attempt; `None` when there is to be none.
fn pause(error: &Error, attempt: u32) -> Option<Duration> {
    if attempt >= ATTEMPTS {
        return None;
    }
    match error.retry() {
        Retry::Backoff => Some(FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt - 1))),
        Retry::After(wait) if wait <= LONGEST_PAUSE => Some(wait),
        Retry::After(_) | Retry::At(_) | Retry::Never => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_pause_doubles_and_ends_after_four_attempts() {
        let error = Error::new(ErrorKind::Unavailable, "down");
        let pauses: Vec<_> = (1..=4).map(|attempt| pause(&error, attempt).map(|d| d.as_millis())).collect();
        assert_eq!(pauses, [Some(500), Some(1000), Some(2000), None]);
    }

    #[test]
    fn what_lifts_in_more_than_a_minute_is_not_waited_for() {
        let error = Error::new(ErrorKind::RateLimited, "blocked")
            .with_retry(Retry::After(LONGEST_PAUSE + Duration::from_secs(1)));
        assert_eq!(pause(&error, 1), None);
    }
}
