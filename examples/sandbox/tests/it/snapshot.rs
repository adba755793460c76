//! A sandbox that stops and goes on.

use reqwest::{Client, Method};
use sandbox::{Clock, Sandbox, Snapshot};
use serde_json::json;

use crate::support::{World, send, texts};

#[tokio::test]
async fn a_restored_sandbox_goes_on_where_the_other_stopped() {
    let world = World::with_companies(3).await;
    let (exact, pipedrive, division) = (world.sandbox.exact(), world.sandbox.pipedrive(), world.division());
    pipedrive.create_field("KvK number", "varchar").unwrap();
    for number in 1..=2 {
        pipedrive.create_organization(json!({ "name": format!("N{number}"), "KvK number": "1" })).unwrap();
    }
    pipedrive.delete_organization(1).unwrap();
    let accounts = exact.accounts(division).unwrap();
    exact.delete_account(division, accounts[0]["ID"].as_str().unwrap().parse().unwrap()).unwrap();
    let feed = [("$select", "ID,Timestamp"), ("$filter", "Timestamp gt 1L")];
    let before = texts(&world.list_all("sync/CRM/Accounts", &feed).await.0, "Timestamp");
    let deleted = world.list("sync/Deleted", &feed[1..]).await.rows();

    let kept = serde_json::to_string(&world.sandbox.snapshot()).unwrap();
    let kept: Snapshot = serde_json::from_str(&kept).unwrap();
    let clock = Clock::virtual_at(kept.taken_at());
    let restored =
        World::around(Sandbox::builder().clock(clock.clone()).restore(kept).start().await.unwrap());

    assert_eq!(restored.refresh_token(), world.refresh_token());
    assert_eq!(restored.refresh().await.status, 400, "the 570 seconds are not over");
    restored.advance(570);
    restored.log_in().await;
    assert_eq!(texts(&restored.list_all("sync/CRM/Accounts", &feed).await.0, "Timestamp"), before);
    assert_eq!(
        restored.list("sync/Deleted", &feed[1..]).await.rows()[0]["EntityKey"],
        deleted[0]["EntityKey"]
    );
    assert_eq!(restored.sandbox.pipedrive().organizations(), pipedrive.organizations());
    let next = restored.sandbox.pipedrive().create_organization(json!({ "name": "N3" })).unwrap();
    assert_eq!(next, 3, "numbers are not given a second time");
    let search = restored.pipedrive(Method::GET, "/api/v2/organizations/search").query(&[("term", "N2")]);
    assert_eq!(send(search).await.json()["data"]["items"][0]["item"]["id"], 2);
    let new = restored.sandbox.exact().create_account(division, json!({ "Name": "New" })).unwrap();
    assert!(accounts.iter().all(|account| account["ID"] != new.to_string()));
}

#[tokio::test]
async fn a_snapshot_does_not_show_its_secrets() {
    let world = World::new().await;
    let shown = format!("{:?}", world.sandbox.snapshot());
    assert!(
        !shown.contains(&world.refresh_token()) && !shown.contains(&world.sandbox.pipedrive().api_token())
    );
}

#[tokio::test]
async fn dropping_the_sandbox_closes_both_addresses() {
    let world = World::new().await;
    let addresses = [world.sandbox.exact().base_url(), world.sandbox.pipedrive().base_url()];
    drop(world);
    tokio::task::yield_now().await;
    for address in addresses {
        assert!(Client::new().get(address).send().await.is_err());
    }
}
