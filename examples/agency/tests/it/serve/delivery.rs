//! What the endpoint does not take: kept, sent again, told once; and nothing of it holds up the sync.

use super::alerts::{ends_within, told_once};
use super::duty::{Duty, MINUTE};

#[tokio::test(flavor = "multi_thread")]
async fn an_open_alert_is_not_told_again_by_the_next_process_and_its_end_is() {
    let mut duty = Duty::new(1).await;
    duty.exact().block_user(true);
    duty.start().await;
    duty.inbox.wait(1).await;
    duty.live(20 * MINUTE).await;
    duty.stop().await;
    duty.start().await;
    duty.live(20 * MINUTE).await;
    assert_eq!(duty.inbox.letters().len(), 1, "{:#?}", duty.inbox.letters());
    duty.stop().await;
    duty.exact().block_user(false);
    duty.start().await;
    // Refused calls count as errors, of which Exact forgets after an hour.
    ends_within(&mut duty, 70 * MINUTE, "auth_blocked_user", "grant default").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_alert_endpoint_holds_up_no_sync_and_gets_what_still_stands_later() {
    let mut duty = Duty::new(1).await;
    duty.inbox.is_down(true);
    duty.exact().block_user(true);
    duty.start().await;
    duty.live(20 * MINUTE).await;
    duty.exact().block_user(false);
    duty.live(30 * MINUTE).await;
    assert_eq!(duty.office.sandbox.pipedrive().organizations().len(), 1, "the sync went on");
    duty.exact().block_user(true);
    duty.live(30 * MINUTE).await;
    duty.stop().await;
    assert!(duty.inbox.letters().is_empty());
    duty.inbox.is_down(false);
    duty.start().await;
    let letters = duty.inbox.wait(1).await;
    assert_eq!(letters[0]["cause"], "auth_blocked_user", "{letters:#?}");
    duty.stop().await;
    assert_eq!(duty.inbox.letters().len(), 1, "{:#?}", duty.inbox.letters());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_an_endpoint_refuses_for_hours_comes_once_it_takes_it_and_once_only() {
    let mut duty = Duty::new(1).await;
    duty.inbox.is_down(true);
    duty.start().await;
    duty.live(20 * MINUTE).await;
    duty.exact().block_user(true);
    duty.live(3 * 60 * MINUTE).await;
    assert!(duty.inbox.letters().is_empty());
    duty.inbox.is_down(false);
    // It is tried every five minutes.
    duty.live(6 * MINUTE).await;
    duty.inbox.wait(1).await;
    duty.live(60 * MINUTE).await;
    duty.exact().block_user(false);
    ends_within(&mut duty, 70 * MINUTE, "auth_blocked_user", "grant default").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_the_endpoint_did_not_take_is_told_by_the_next_process() {
    let mut duty = Duty::new(1).await;
    duty.exact().block_user(true);
    duty.start().await;
    duty.inbox.wait(1).await;
    duty.inbox.is_down(true);
    duty.exact().block_user(false);
    duty.live(70 * MINUTE).await;
    assert_eq!(duty.office.sandbox.pipedrive().organizations().len(), 1, "the sync went on");
    duty.stop().await;
    assert_eq!(duty.inbox.letters().len(), 1, "{:#?}", duty.inbox.letters());
    duty.inbox.is_down(false);
    duty.start().await;
    duty.inbox.wait(2).await;
    duty.live(20 * MINUTE).await;
    duty.stop().await;
    told_once(&duty.inbox.letters(), "auth_blocked_user", "grant default");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_that_is_over_before_the_endpoint_is_back_is_not_told() {
    let mut duty = Duty::new(1).await;
    duty.inbox.is_down(true);
    duty.exact().block_user(true);
    duty.start().await;
    duty.live(20 * MINUTE).await;
    duty.exact().block_user(false);
    duty.live(70 * MINUTE).await;
    duty.inbox.is_down(false);
    duty.live(20 * MINUTE).await;
    duty.stop().await;
    assert!(duty.inbox.letters().is_empty(), "{:#?}", duty.inbox.letters());
}
