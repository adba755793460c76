//! How long the audit is kept.

use std::time::Duration;

use sync_core::engine::KEEP_DAYS;
use sync_core::store::Table;

use super::bench::{Bench, one_pair};
use crate::executor;

const DAY: Duration = Duration::from_secs(86_400);

fn retire(bench: &Bench, keep_days: u32) -> u64 {
    executor::run(bench.engine().retire(keep_days)).unwrap().unwrap()
}

#[test]
fn lines_older_than_they_are_kept_go_with_the_values_that_lost_and_younger_ones_stay() {
    let bench = one_pair();
    let audit = || bench.rows(Table::Audit).into_iter().map(|row| row.value).collect::<Vec<_>>().join("\n");
    bench.exact.edit("e1", "Phone", "020-loses");
    bench.run();
    bench.clock.advance(DAY * 300);
    bench.exact.edit("e1", "Phone", "030-loses");
    bench.run();
    assert!(audit().contains("\"010\""), "{}", audit());
    bench.clock.advance(DAY * 99);
    assert_eq!(retire(&bench, KEEP_DAYS), 0, "nothing is 400 days old");
    bench.clock.advance(DAY * 2);
    assert!(retire(&bench, KEEP_DAYS) > 0);
    assert!(!audit().contains("\"010\"") && audit().contains("020-loses"), "{}", audit());
    retire(&bench, 30);
    assert_eq!(audit(), "");
}

#[test]
fn a_bounded_number_of_lines_is_dropped_in_one_go() {
    let bench = one_pair();
    for number in 0..2_100 {
        bench.exact.edit("e1", "Phone", &format!("{number}"));
        bench.run();
        bench.clock.advance(DAY / 24);
    }
    let lines = bench.rows(Table::Audit).len() as u64;
    assert!(lines > 2_000, "{lines}");
    bench.clock.advance(DAY * 401);
    assert_eq!([retire(&bench, KEEP_DAYS), retire(&bench, KEEP_DAYS)], [2_000, lines - 2_000]);
}
