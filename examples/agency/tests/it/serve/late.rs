//! Flows that come through no more: told after three intervals, whatever becomes of the process meanwhile.

use sandbox::{Fault, Trouble};

use super::alerts::ends_within;
use super::duty::{DAY, Duty, MINUTE};

/// Exact's feed of companies is down.
fn down(duty: &Duty) {
    duty.exact().inject(Fault::new(Trouble::Unavailable).on("GET", "sync/CRM/Accounts").times(10_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_down_is_told_after_three_intervals() {
    let mut duty = Duty::new(1).await;
    duty.start().await;
    duty.live(20 * MINUTE).await;
    self::down(&duty);
    // The last success was at most 17 minutes ago; three intervals are 45.
    duty.live(25 * MINUTE).await;
    assert!(duty.inbox.letters().is_empty(), "it is too early: {:#?}", duty.inbox.letters());
    duty.live(25 * MINUTE).await;
    let told = duty.inbox.wait(1).await;
    assert!(told[0]["message"].as_str().unwrap().contains("no successful pass since"), "{told:#?}");
    duty.live(60 * MINUTE).await;
    duty.exact().clear_faults();
    ends_within(&mut duty, 80 * MINUTE, "no_pass", "flow companies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_intervals_are_counted_over_restarts() {
    let mut duty = Duty::new(1).await;
    duty.start().await;
    duty.live(20 * MINUTE).await;
    down(&duty);
    for _ in 0..2 {
        duty.live(12 * MINUTE).await;
        duty.stop().await;
        duty.start().await;
    }
    assert!(duty.inbox.letters().is_empty(), "it is too early: {:#?}", duty.inbox.letters());
    for _ in 0..3 {
        duty.live(12 * MINUTE).await;
        duty.stop().await;
        duty.start().await;
    }
    duty.inbox.wait(1).await;
    duty.live(60 * MINUTE).await;
    duty.exact().clear_faults();
    ends_within(&mut duty, 80 * MINUTE, "no_pass", "flow companies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_never_came_through_is_told_over_restarts_too() {
    let mut duty = Duty::new(1).await;
    down(&duty);
    for _ in 0..5 {
        duty.start().await;
        duty.live(12 * MINUTE).await;
        duty.stop().await;
    }
    duty.start().await;
    duty.inbox.wait(1).await;
    duty.exact().clear_faults();
    ends_within(&mut duty, 80 * MINUTE, "no_pass", "flow companies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_no_process_runs_nothing_is_late_until_one_has_tried() {
    let mut duty = Duty::new(1).await;
    duty.start().await;
    duty.live(20 * MINUTE).await;
    duty.stop().await;
    duty.clock.skip(2 * DAY * MINUTE);
    duty.start().await;
    duty.live(60 * MINUTE).await;
    duty.stop().await;
    assert!(duty.inbox.letters().is_empty(), "{:#?}", duty.inbox.letters());
    duty.clock.skip(2 * DAY * MINUTE);
    down(&duty);
    duty.start().await;
    duty.live(20 * MINUTE).await;
    let told = duty.inbox.wait(1).await;
    assert_eq!(told[0]["cause"], "no_pass", "{told:#?}");
    duty.stop().await;
}
