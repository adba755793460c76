//! Writing accounts.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{World, send};

fn id(answer: &crate::support::Answer) -> String {
    answer.json()["d"]["ID"].as_str().unwrap().to_owned()
}

async fn read(world: &World, id: &str) -> Value {
    world.list(&format!("crm/Accounts(guid'{id}')"), &[]).await.json()["d"].clone()
}

#[tokio::test]
async fn a_create_answers_201_with_little_more_than_the_key() {
    let world = World::new().await;
    let answer = world.post_account(json!({ "Name": "De Kaasmaker", "City": "Gouda" })).await;
    assert_eq!(answer.status, 201);
    let echo = answer.json()["d"].clone();
    assert!(echo["ID"].is_string() && echo["Name"].is_null() && echo["Code"].is_null());
    assert_eq!(echo["CostPaid"], 0, "bytes that cannot be null are there");
    world.configure_exact(json!({ "post_status": 200 })).await;
    assert_eq!(world.post_account(json!({ "Name": "Ook goed" })).await.status, 200);
}

#[tokio::test]
async fn a_create_that_prefers_the_representation_gets_it_with_what_exact_filled_in() {
    let world = World::new().await;
    let path = format!("{}/crm/Accounts", world.division());
    let request = world.exact(Method::POST, &path).header("prefer", "return=representation");
    let echo =
        send(request.json(&json!({ "Name": "De Kaasmaker", "Country": "NL" }))).await.json()["d"].clone();
    let expected = json!({
        "Name": "De Kaasmaker", "Code": "                 1", "Country": "NL ", "CountryName": "Nederland",
        "Status": "A", "Type": "A", "IsSales": true, "Blocked": false, "IsMailing": 0, "SalesCurrency": "EUR",
        "GlnNumber": "", "Email": null, "Division": world.division(),
        "StartDate": "/Date(1782864000000)/", "Created": "/Date(1782900010000)/",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(echo[name], *value, "{name}");
    }
}

#[tokio::test]
async fn a_code_that_is_left_out_is_the_highest_plus_one() {
    let world = World::with_companies(3).await;
    world.post_account(json!({ "Name": "Tien", "Code": "10" })).await;
    let answer = world.post_account(json!({ "Name": "Elf" })).await;
    assert_eq!(read(&world, &id(&answer)).await["Code"], "                11");
}

#[tokio::test]
async fn put_merges_and_answers_204_without_a_body() {
    let world = World::new().await;
    let id = id(&world
        .post_account(json!({ "Name": "De Kaasmaker", "City": "Gouda", "Email": "a@example.com" }))
        .await);
    world.advance(5);
    let answer = world.put_account(&id, json!({ "City": "Edam", "Email": null })).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let row = read(&world, &id).await;
    assert_eq!(
        (&row["Name"], &row["City"], &row["Email"]),
        (&json!("De Kaasmaker"), &json!("Edam"), &Value::Null)
    );
    assert_ne!(row["Modified"], row["Created"]);
}

#[tokio::test]
async fn put_may_answer_with_the_entity_by_a_setting() {
    let world = World::new().await;
    let id = id(&world.post_account(json!({ "Name": "De Kaasmaker" })).await);
    world.configure_exact(json!({ "put_answers_body": true })).await;
    let path = format!("{}/crm/Accounts(guid'{id}')", world.division());
    let request = world.exact(Method::PUT, &path).header("prefer", "return=representation");
    let answer = send(request.json(&json!({ "City": "Edam" }))).await;
    assert_eq!((answer.status, answer.json()["d"]["City"].as_str()), (200, Some("Edam")));
}

#[tokio::test]
async fn a_put_of_an_unknown_account_is_404() {
    let world = World::new().await;
    let answer = world.put_account("00000000-0000-0000-0000-000000000001", json!({ "City": "Edam" })).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_delete_answers_204_and_the_account_is_gone() {
    let world = World::new().await;
    let id = id(&world.post_account(json!({ "Name": "De Kaasmaker" })).await);
    let path = format!("{}/crm/Accounts(guid'{id}')", world.division());
    assert_eq!(send(world.exact(Method::DELETE, &path)).await.status, 204);
    assert_eq!(send(world.exact(Method::GET, &path)).await.status, 404);
    assert_eq!(send(world.exact(Method::DELETE, &path)).await.status, 404);
}

#[tokio::test]
async fn a_refused_record_is_a_500_in_the_users_language_with_all_complaints() {
    let world = World::new().await;
    let bad = json!({ "Status": "X", "Parent": "00000000-0000-0000-0000-000000000001" });
    let answer = world.post_account(bad.clone()).await;
    assert_eq!(answer.status, 500);
    let mut complaints: Vec<String> = answer.message().split("\r\n").map(str::to_owned).collect();
    complaints.sort();
    assert_eq!(
        complaints,
        ["Ongeldig: Status", "Ongeldige referentie: Moedermaatschappij", "Verplicht: Naam"]
    );
    assert_eq!(answer.json()["error"]["code"], "");
    world.configure_exact(json!({ "language": "en" })).await;
    assert!(world.post_account(bad).await.message().contains("Mandatory: Name"));
}

#[tokio::test]
async fn a_name_of_51_characters_is_refused_and_one_of_50_is_not() {
    let world = World::new().await;
    let answer = world.post_account(json!({ "Name": "é".repeat(51) })).await;
    assert_eq!((answer.status, answer.message().as_str()), (500, "Ongeldig: Naam (maximaal 50 tekens)"));
    assert_eq!(world.post_account(json!({ "Name": "é".repeat(50) })).await.status, 201);
    world.configure_exact(json!({ "lengths": { "Name": 80 } })).await;
    assert_eq!(world.post_account(json!({ "Name": "é".repeat(51) })).await.status, 201);
}

#[tokio::test]
async fn a_duplicate_code_is_refused() {
    let world = World::with_companies(1).await;
    let answer = world.post_account(json!({ "Name": "Tweede", "Code": "1" })).await;
    assert_eq!((answer.status, answer.message().as_str()), (500, "Gegeven bestaat reeds."));
}

#[tokio::test]
async fn nothing_stops_two_accounts_with_one_chamber_of_commerce_number() {
    let world = World::new().await;
    for _ in 0..2 {
        let account = json!({ "Name": "De Kaasmaker", "ChamberOfCommerce": "12345678" });
        assert_eq!(world.post_account(account).await.status, 201);
    }
    let twins =
        world.sandbox.exact().find_accounts(world.division(), "ChamberOfCommerce", "12345678").unwrap();
    assert_eq!(twins.len(), 2);
}

#[tokio::test]
async fn a_payload_of_the_wrong_shape_is_a_400() {
    let world = World::new().await;
    let stream = "Error processing request stream. The request should be a valid top-level resource object.";
    let guid =
        "Error encountered in converting the value from request payload for property 'Parent' to type 'Guid'";
    for (payload, message) in [
        (json!([{ "Name": "x" }]), stream),
        (json!("x"), stream),
        (json!({ "Name": "x", "Parent": "" }), guid),
    ] {
        let answer = world.post_account(payload).await;
        assert_eq!((answer.status, answer.message().as_str()), (400, message));
    }
    assert_eq!(world.post_account(json!({ "Name": 5 })).await.status, 400);
    assert_eq!(world.post_account(json!({ "Name": "x", "Naam": "x" })).await.status, 400);
}

#[tokio::test]
async fn read_only_properties_are_ignored() {
    let world = World::new().await;
    let answer = world.post_account(json!({ "Name": "x", "Type": "D", "Created": "2001-01-01" })).await;
    let row = read(&world, &id(&answer)).await;
    assert_eq!((&row["Type"], &row["Created"]), (&json!("A"), &json!("/Date(1782900010000)/")));
}

#[tokio::test]
async fn a_property_can_be_dropped_silently() {
    let world = World::new().await;
    world.configure_exact(json!({ "dropped_properties": ["City"] })).await;
    let answer = world.post_account(json!({ "Name": "x", "City": "Gouda" })).await;
    assert_eq!(answer.status, 201);
    assert!(read(&world, &id(&answer)).await["City"].is_null());
}

#[tokio::test]
async fn verbs_that_a_resource_does_not_have_are_405() {
    let world = World::new().await;
    for (method, resource) in [
        (Method::POST, "sync/CRM/Accounts"),
        (Method::PATCH, "crm/Accounts"),
        (Method::POST, "system/Divisions"),
    ] {
        let request = world.exact(method, &format!("{}/{resource}", world.division()));
        assert_eq!(send(request.json(&json!({ "Name": "x" }))).await.status, 405, "{resource}");
    }
}

#[tokio::test]
async fn dates_are_written_as_iso_and_keep_their_day() {
    let world = World::new().await;
    let answer = world.post_account(json!({ "Name": "x", "EndDate": "2026-12-31" })).await;
    // Midnight of that day as if it were UTC.
    assert_eq!(read(&world, &id(&answer)).await["EndDate"], "/Date(1798675200000)/");
}

#[tokio::test]
async fn writes_are_counted_when_they_were_carried_out() {
    let world = World::new().await;
    world.post_account(json!({ "Name": "x" })).await;
    world.post_account(json!({})).await;
    assert_eq!(world.sandbox.exact().stats().writes, 1);
}

#[tokio::test]
async fn people_obey_the_same_rules_and_cost_no_calls() {
    let world = World::new().await;
    let (exact, division) = (world.sandbox.exact(), world.division());
    let before = exact.stats().requests;
    let id = exact.create_account(division, json!({ "Name": "De Kaasmaker" })).unwrap();
    exact.edit_account(division, id, json!({ "City": "Gouda" })).unwrap();
    let refused = exact.edit_account(division, id, json!({ "Name": "x".repeat(51) })).unwrap_err();
    assert_eq!(refused.to_string(), "refused: Ongeldig: Naam (maximaal 50 tekens)");
    assert_eq!(exact.accounts(division).unwrap()[0]["City"], "Gouda");
    exact.delete_account(division, id).unwrap();
    assert!(exact.delete_account(division, id).is_err());
    assert_eq!(exact.stats().requests, before);
}
