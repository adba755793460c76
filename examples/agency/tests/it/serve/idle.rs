//! January: nobody changes anything for 31 days, which is one more than Exact remembers a grant for.

use super::duty::{DAY, Duty, MINUTE};

const MONTH: u32 = 31 * 24 * 60;

#[tokio::test(flavor = "multi_thread")]
async fn after_31_idle_days_the_grant_is_alive() {
    let mut duty = Duty::new(1).await;
    // No pass keeps it alive by the way.
    duty.extra = format!("[serve]\nevery_minutes = {MONTH}");
    duty.start().await;
    duty.live(30 * MINUTE).await;
    duty.exact().reset_stats();
    duty.live((MONTH - 60) * MINUTE).await;
    let stats = duty.exact().stats();
    assert_eq!(stats.requests, stats.token_calls, "no other call was made: {stats:?}");
    assert!((4..=6).contains(&stats.token_calls), "about one a week: {stats:?}");
    duty.stop().await;
    let app = duty.app().await;
    let engine = app.engine(agency::Divisions::Live, None).await.unwrap();
    duty.meanwhile(engine.run_once(sync_core::engine::RunOptions::default())).await.unwrap();
    assert!(duty.inbox.letters().is_empty(), "{:#?}", duty.inbox.letters());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_31_days_without_a_process_the_lapse_is_named_at_once_with_date_and_remedy() {
    let mut duty = Duty::new(1).await;
    duty.start().await;
    duty.live(MINUTE).await;
    duty.stop().await;
    let lapses = duty.app().await.grants()[0].client.grant().await.unwrap().unwrap().lapses_at;
    duty.clock.skip(MONTH * MINUTE);
    duty.start().await;
    let told = duty.inbox.wait(1).await;
    duty.live(30 * MINUTE).await;
    assert_eq!(duty.inbox.letters().len(), 1, "{:#?}", duty.inbox.letters());
    assert_eq!(told[0]["cause"], "grant_lapsed");
    let text = told[0]["text"].as_str().unwrap();
    assert!(text.contains(&lapses.format("%Y-%m-%d").to_string()), "{text}");
    assert!(text.contains("auth login --grant default"), "{text}");
    let token = duty.exact().consent();
    duty.consent(token).await;
    duty.live(60 * MINUTE).await;
    let letters = duty.inbox.wait(2).await;
    assert_eq!(
        (letters[1]["status"].as_str(), letters[1]["cause"].as_str()),
        (Some("recovered"), Some("grant_lapsed"))
    );
    duty.stop().await;
    assert_eq!(duty.inbox.letters().len(), 2, "{:#?}", duty.inbox.letters());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_20_days_without_a_process_the_grant_is_refreshed_and_nobody_is_bothered() {
    let mut duty = Duty::new(1).await;
    duty.start().await;
    duty.live(MINUTE).await;
    duty.stop().await;
    duty.clock.skip(20 * DAY * MINUTE);
    duty.start().await;
    duty.live(20 * MINUTE).await;
    duty.stop().await;
    assert!(duty.inbox.letters().is_empty(), "{:#?}", duty.inbox.letters());
    let lapses = duty.app().await.grants()[0].client.grant().await.unwrap().unwrap().lapses_at;
    assert!((lapses - duty.clock.vendors().now()).num_days() >= 29, "{lapses}");
}
