//! Several customers in one process: what befalls one is nothing to the others.

use serde_json::json;

use super::duty::{DAY, Duty, MINUTE};

#[tokio::test(flavor = "multi_thread")]
async fn a_lapse_is_named_at_once_and_no_other_grant_is_touched() {
    let mut duty = Duty::new(1).await;
    duty.start().await;
    duty.live(MINUTE).await;
    duty.stop().await;
    duty.clock.skip(31 * DAY * MINUTE);
    let neighbour = duty.neighbour(1).await;
    neighbour.exact().reset_stats();
    duty.neighbour = Some(Box::new(neighbour));
    duty.start().await;
    assert_eq!(duty.inbox.wait(1).await[0]["cause"], "grant_lapsed");
    duty.live(5 * MINUTE).await;
    let neighbour = duty.neighbour.as_deref().unwrap();
    let stats = neighbour.exact().stats();
    assert_eq!(stats.token_calls, 0, "its token is still good: {stats:?}");
    assert_eq!(neighbour.office.sandbox.pipedrive().organizations().len(), 1, "it is served");
    duty.live(60 * MINUTE).await;
    let neighbour = duty.neighbour.as_deref().unwrap();
    assert!(neighbour.inbox.letters().is_empty(), "{:#?}", neighbour.inbox.letters());
    duty.stop().await;
    assert_eq!(duty.inbox.letters().len(), 1, "{:#?}", duty.inbox.letters());
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_of_one_customer_is_told_to_that_one_and_holds_up_nobody_else() {
    let mut duty = Duty::new(1).await;
    duty.neighbour = Some(Box::new(duty.neighbour(0).await));
    duty.start().await;
    duty.exact().block_user(true);
    duty.live(20 * MINUTE).await;
    duty.inbox.wait(1).await;
    let neighbour = duty.neighbour.as_deref().unwrap();
    let division = neighbour.office.division();
    let company = json!({ "Name": "Smederij", "Status": "C", "ChamberOfCommerce": "17037842" });
    neighbour.exact().create_account(division, company).unwrap();
    duty.live(20 * MINUTE).await;
    let neighbour = duty.neighbour.as_deref().unwrap();
    let names = |duty: &Duty| {
        let organizations = duty.office.sandbox.pipedrive().organizations();
        organizations.iter().map(|it| it["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(neighbour), ["Smederij"]);
    assert!(!names(&duty).contains(&"Smederij".to_owned()), "it is nobody else's");
    assert!(neighbour.inbox.letters().is_empty(), "{:#?}", neighbour.inbox.letters());
    duty.stop().await;
    let tenants: Vec<_> = duty.inbox.letters().iter().map(|letter| letter["tenant"].clone()).collect();
    assert_eq!(tenants, ["default"]);
}
