//! The ledger of one division, minute by minute.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Takes one call, reserving as often as it must.
fn take(ledger: &mut Ledger, now: DateTime<Utc>) -> Step {
    loop {
        match ledger.take(Reserve::default(), now) {
            Step::Reserve(calls) => ledger.reserved(calls, ledger.minute.index),
            step => return step,
        }
    }
}

fn taken(ledger: &mut Ledger, now: DateTime<Utc>) -> u64 {
    let mut count = 0;
    while take(ledger, now) == Step::Go {
        count += 1;
    }
    count
}

fn answered(ledger: &mut Ledger, now: DateTime<Utc>, calls: u64) {
    for _ in 0..calls {
        ledger.done(now);
    }
}

fn minute(limit: Option<u64>, remaining: Option<u64>, reset: &str) -> RateHeaders {
    RateHeaders { minute: Window { limit, remaining, reset: Some(at(reset)) }, ..RateHeaders::default() }
}

#[test]
fn sixty_a_clock_minute_and_then_the_next() {
    let now = at("2026-11-22T10:00:20Z");
    let mut ledger = Ledger::new(now);
    assert_eq!(taken(&mut ledger, now), 60);
    assert_eq!(take(&mut ledger, now), Step::Wait(at("2026-11-22T10:01:00Z")));
    answered(&mut ledger, now, 60);
    assert_eq!(taken(&mut ledger, at("2026-11-22T10:01:00Z")), 60);
}

#[test]
fn a_call_without_an_answer_counts_in_the_next_minute_too() {
    let now = at("2026-11-22T10:00:59Z");
    let mut ledger = Ledger::new(now);
    assert_eq!(taken(&mut ledger, now), 60);
    answered(&mut ledger, now, 50);
    assert_eq!(taken(&mut ledger, at("2026-11-22T10:01:00Z")), 50);
}

#[test]
fn a_spent_day_opens_at_midnight_utc() {
    let mut now = at("2026-11-22T00:00:00Z");
    let mut ledger = Ledger::new(now);
    let mut calls = 0;
    let until = loop {
        match take(&mut ledger, now) {
            Step::Go => {
                calls += 1;
                ledger.done(now);
            }
            Step::Wait(until) => now = until,
            Step::Spent(until) => break until,
            Step::Reserve(_) => unreachable!(),
        }
    };
    assert_eq!(calls, 5_000);
    assert_eq!(until, at("2026-11-23T00:00:00Z"));
}

#[test]
fn the_limit_of_the_header_replaces_ours_in_both_directions() {
    let now = at("2026-11-22T10:00:20Z");
    for limit in [7, 300] {
        let mut ledger = Ledger::new(now);
        ledger.learn(&minute(Some(limit), None, "2026-11-22T10:01:00Z"), now);
        assert_eq!(taken(&mut ledger, now), limit);
    }
}

#[test]
fn remaining_only_lowers_and_only_in_its_own_window() {
    let now = at("2026-11-22T10:00:20Z");
    let mut ledger = Ledger::new(now);
    ledger.learn(&minute(Some(60), Some(5), "2026-11-22T10:01:00Z"), now);
    ledger.learn(&minute(Some(60), Some(40), "2026-11-22T10:01:00Z"), now);
    assert_eq!(taken(&mut ledger, now), 5);
    answered(&mut ledger, now, 5);
    assert_eq!(taken(&mut ledger, at("2026-11-22T10:01:00Z")), 60);
}

#[test]
fn a_429_of_the_minute_closes_it_until_a_second_after_its_reset() {
    let now = at("2026-11-22T10:00:20Z");
    let mut ledger = Ledger::new(now);
    ledger.refused(&minute(Some(60), Some(0), "2026-11-22T10:01:00Z"), now);
    assert_eq!(take(&mut ledger, now), Step::Wait(at("2026-11-22T10:01:01Z")));
}

#[test]
fn a_429_of_the_day_is_not_waited_for() {
    let now = at("2026-11-22T10:00:20Z");
    let mut ledger = Ledger::new(now);
    let day = Window { limit: Some(5_000), remaining: Some(0), reset: Some(at("2026-11-23T00:00:00Z")) };
    ledger.refused(&RateHeaders { day, ..RateHeaders::default() }, now);
    assert_eq!(take(&mut ledger, now), Step::Spent(at("2026-11-23T00:00:01Z")));
}

#[test]
fn a_reset_is_read_on_the_servers_own_clock() {
    let now = at("2026-11-22T10:00:20Z");
    let mut ledger = Ledger::new(now);
    let mut headers = minute(Some(60), Some(0), "2026-11-22T13:31:00Z");
    headers.date = Some(at("2026-11-22T13:30:45Z"));
    ledger.learn(&headers, now);
    assert_eq!(take(&mut ledger, now), Step::Wait(at("2026-11-22T10:00:35Z")));
}

#[test]
fn another_process_goes_on_inside_the_same_minute() {
    let now = at("2026-11-22T10:00:20Z");
    let mut first = Ledger::new(now);
    for _ in 0..10 {
        take(&mut first, now);
    }
    let stored = first.stored(first.reserved);
    let mut second = Ledger::new(now);
    second.resume(&stored, now);
    let left = taken(&mut second, now);
    assert!((30..=50).contains(&left), "{left}");
    let mut later = Ledger::new(at("2026-11-22T10:01:00Z"));
    later.resume(&stored, at("2026-11-22T10:01:00Z"));
    assert_eq!(taken(&mut later, at("2026-11-22T10:01:00Z")), 60);
}

#[test]
fn a_raised_limit_saves_less_than_once_in_twenty_calls() {
    let now = at("2026-11-22T10:00:00Z");
    for limit in [60, 600, 1_000_000] {
        let mut ledger = Ledger::new(now);
        ledger.learn(&minute(Some(limit), None, "2026-11-22T10:01:00Z"), now);
        ledger.day.limit = u64::MAX;
        let (mut calls, mut saves) = (0u64, 0u64);
        for second in 0..600 {
            let now = now + Duration::seconds(second);
            for _ in 0..50 {
                match ledger.take(Reserve::default(), now) {
                    Step::Go => {
                        calls += 1;
                        ledger.done(now);
                    }
                    Step::Reserve(block) => {
                        assert!(block <= (limit / 3).max(1));
                        saves += 1;
                        ledger.reserved(block, ledger.minute.index);
                    }
                    Step::Wait(_) => break,
                    Step::Spent(_) => unreachable!(),
                }
            }
        }
        assert!(saves * 19 <= calls, "limit {limit}: {saves} saves for {calls} calls");
    }
}

#[test]
fn a_clock_set_back_neither_waits_for_ever_nor_opens_the_minute_again() {
    let now = at("2026-11-22T10:00:20Z");
    let mut ledger = Ledger::new(now);
    assert_eq!(taken(&mut ledger, now), 60);
    let earlier = at("2026-11-22T08:00:20Z");
    assert_eq!(take(&mut ledger, earlier), Step::Wait(at("2026-11-22T08:01:00Z")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Exact counts a call at any moment between its departure and its answer.
    #[test]
    fn no_arrival_pattern_breaks_a_minute_or_a_day(
        limit in 1u64..80,
        day_limit in 1u64..400,
        calls in proptest::collection::vec((0i64..5_000, 0i64..90_000, 0.0f64..1.0), 1..600),
    ) {
        let mut now = at("2026-11-22T23:50:00Z");
        let mut ledger = Ledger::new(now);
        ledger.minute.limit = limit;
        ledger.day.limit = day_limit;
        let mut minutes: HashMap<i64, u64> = HashMap::new();
        let mut days: HashMap<i64, u64> = HashMap::new();
        let mut open: Vec<DateTime<Utc>> = Vec::new();
        for (gap, latency, fraction) in calls {
            now += Duration::milliseconds(gap);
            open.sort();
            while open.first().is_some_and(|answer| *answer <= now) {
                ledger.done(open.remove(0));
            }
            if take(&mut ledger, now) == Step::Go {
                #[expect(clippy::float_arithmetic, reason = "picks a moment at random")]
                let counted = now + Duration::milliseconds((latency as f64 * fraction) as i64);
                *minutes.entry(counted.timestamp().div_euclid(60)).or_default() += 1;
                *days.entry(counted.timestamp().div_euclid(86_400)).or_default() += 1;
                open.push(now + Duration::milliseconds(latency));
            }
        }
        prop_assert!(minutes.values().all(|count| *count <= limit));
        prop_assert!(days.values().all(|count| *count <= day_limit));
    }
}

#[test]
fn what_is_kept_for_interactive_calls_is_left_by_bulk_calls() {
    let now = at("2026-11-22T10:00:20Z");
    let mut ledger = Ledger::new(now);
    let kept = Reserve { minute: 10, day: 4_970 };
    let mut calls = 0;
    let step = loop {
        match ledger.take(kept, now) {
            Step::Go => calls += 1,
            Step::Reserve(block) => ledger.reserved(block, ledger.minute.index),
            step => break step,
        }
    };
    assert_eq!((calls, step), (30, Step::Spent(at("2026-11-23T00:00:00Z"))));
    assert_eq!(take(&mut ledger, now), Step::Go);
    let kept = Reserve { minute: 29, day: 0 };
    assert_eq!(ledger.take(kept, now), Step::Wait(at("2026-11-22T10:01:00Z")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Calls that leave as fast as the ledger lets them are done in the very minute that was forecast.
    #[test]
    fn a_forecast_is_what_then_happens(
        limit in 1u64..80,
        day_limit in 1u64..400,
        used in 0u64..100,
        kept in (0u64..40, 0u64..200),
        second in 0i64..86_400,
        calls in 1u64..1_500,
    ) {
        let mut now = at("2026-11-22T00:00:00Z") + Duration::seconds(second);
        let mut ledger = Ledger::new(now);
        ledger.minute.limit = limit;
        ledger.day.limit = day_limit;
        ledger.day.used = used.min(day_limit);
        ledger.minute.used = used.min(limit);
        let kept = Reserve { minute: kept.0, day: kept.1 }
            .kept_from(crate::limit::Priority::Bulk, limit, day_limit);
        let forecast = crate::limit::Forecast::new(calls, &ledger.room(kept, now));
        let mut left = calls;
        while left > 0 {
            match ledger.take(kept, now) {
                Step::Go => {
                    ledger.done(now);
                    left -= 1;
                }
                Step::Reserve(block) => ledger.reserved(block, ledger.minute.index),
                Step::Wait(until) | Step::Spent(until) => now = until,
            }
        }
        let end = DateTime::from_timestamp((now.timestamp().div_euclid(60) + 1) * 60, 0).unwrap();
        prop_assert_eq!(forecast.done_by, end);
    }
}
