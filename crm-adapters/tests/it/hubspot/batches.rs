use std::time::Duration;

use crm_adapters::{Action, Adapter, ErrorKind, Fields, Kind, Outcome, RecordId, Retry, Value};
use sandbox::{Fault, Trouble};
use serde_json::json;

use super::world::*;

#[tokio::test]
async fn a_thousand_companies_are_ten_upserts_and_five_start_up_reads() {
    let world = World::new().await;
    for batch in (0..1_000).collect::<Vec<_>>().chunks(100) {
        let outcomes = world.write(&companies(), batch.iter().map(|n| company(*n)).collect()).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))));
    }
    assert_eq!(world.requests("/batch/upsert"), 10);
    assert_eq!(world.sandbox.hubspot().stats().requests, 15);
    assert_eq!(world.sandbox.hubspot().records("companies").len(), 1_000);
    assert_eq!(world.crm.usage().calls, 15);
}

#[tokio::test]
async fn one_record_that_hubspot_refuses_is_named_and_the_other_ninety_nine_are_stored() {
    let world = World::new().await;
    world.sandbox.hubspot().configure(|settings| settings.value_length = 50);
    let mut actions: Vec<Action> = (0..100).map(company).collect();
    let Action::Create(fields) = &mut actions[41] else { unreachable!("creates only") };
    fields.set("custom:KvK number", "x".repeat(60));
    let outcomes = world.write(&companies(), actions).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Applied(record) if n != 41 => {
                assert_eq!(record.fields.get("name"), Some(&Value::text(format!("Company {n}"))));
            }
            Outcome::Rejected(error) if n == 41 => {
                assert_eq!(error.kind(), ErrorKind::Invalid);
                assert_eq!(error.field(), Some("custom:KvK number"), "{error}");
            }
            other => unreachable!("{n}: {other:?}"),
        }
    }
    assert_eq!(world.sandbox.hubspot().records("companies").len(), 99);
}

#[tokio::test]
async fn an_administrators_rule_refuses_records_and_names_the_property() {
    let world = World::new().await;
    let rule = json!({"object_type": "companies", "property": "city"});
    let rule = serde_json::from_value(rule).unwrap();
    world.sandbox.hubspot().configure(|settings| settings.rules = vec![rule]);
    let outcome = world.write(&companies(), vec![company(1)]).await.remove(0);
    let Outcome::Rejected(error) = outcome else { unreachable!("{outcome:?}") };
    assert_eq!((error.kind(), error.field()), (ErrorKind::Invalid, Some("city")), "{error}");
    assert!(error.remedy().is_some());
}

#[tokio::test]
async fn a_taken_unique_value_is_a_conflict_of_that_record_alone() {
    let world = World::new().await;
    let view = companies();
    let made = world.write(&view, vec![company(1), company(2)]).await;
    let ids: Vec<RecordId> = made.into_iter().map(|outcome| applied(outcome).id).collect();
    let taken = Action::Update(ids[1].clone(), Fields::new().with("custom:Exact ID", "1:1"));
    let fine = Action::Update(ids[0].clone(), Fields::new().with("name", "Renamed"));
    let outcomes = world.write(&view, vec![taken, fine]).await;
    let Outcome::Rejected(error) = &outcomes[0] else { unreachable!("{:?}", outcomes[0]) };
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert!(matches!(outcomes[1], Outcome::Applied(_)));
}

#[tokio::test]
async fn two_writes_to_one_record_in_one_call_both_go_through() {
    let world = World::new().await;
    let view = companies();
    let id = applied(world.write(&view, vec![company(1)]).await.remove(0)).id;
    let rename = |name: &str| Action::Update(id.clone(), Fields::new().with("name", name));
    let outcomes = world.write(&view, vec![rename("One"), rename("Two")]).await;
    let names: Vec<_> =
        outcomes.into_iter().map(|outcome| applied(outcome).fields.get("name").cloned().unwrap()).collect();
    assert_eq!(names, [Value::text("One"), Value::text("Two")]);
}

#[tokio::test]
async fn a_gateway_that_gives_up_leaves_a_batch_unknown_and_repeating_it_makes_no_twin() {
    let world = World::new().await;
    for status in [502, 504] {
        world
            .sandbox
            .hubspot()
            .inject(Fault::new(Trouble::GatewayAfter { status }).on("POST", "/batch/upsert"));
        let outcomes = world.write(&companies(), vec![company(1), company(2)]).await;
        for outcome in &outcomes {
            assert!(matches!(outcome, Outcome::Unknown(error) if error.may_have_applied()), "{outcome:?}");
        }
        let again = world.write(&companies(), vec![company(1), company(2)]).await;
        assert!(again.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))));
    }
    assert_eq!(world.sandbox.hubspot().records("companies").len(), 2);
}

#[tokio::test]
async fn a_locked_record_is_not_sent_and_may_come_again_after_two_seconds() {
    let world = World::new().await;
    let locked = Trouble::Status { status: 423, retry_after_seconds: None };
    world.sandbox.hubspot().inject(Fault::new(locked).on("POST", "/batch/upsert"));
    let outcome = world.write(&companies(), vec![company(1)]).await.remove(0);
    let Outcome::NotSent(error) = outcome else { unreachable!("{outcome:?}") };
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(2)));
}

#[tokio::test]
async fn a_record_archived_twice_is_gone_the_second_time_and_the_rest_is_archived() {
    let world = World::new().await;
    let view = companies();
    let made = world.write(&view, vec![company(1), company(2)]).await;
    let ids: Vec<RecordId> = made.into_iter().map(|outcome| applied(outcome).id).collect();
    world.sandbox.hubspot().archive("companies", ids[0].as_str()).unwrap();
    let outcomes = world.write(&view, ids.iter().cloned().map(Action::Archive).collect()).await;
    assert!(matches!(outcomes[0], Outcome::Gone(_)), "{:?}", outcomes[0]);
    assert!(matches!(outcomes[1], Outcome::Applied(_)), "{:?}", outcomes[1]);
    assert_eq!(world.crm.get(&view, &ids).await.unwrap(), []);
}

#[tokio::test]
async fn contacts_without_a_unique_property_are_created_in_batches_too() {
    let world = World::new().await;
    let view = view(Kind::Contact, &["email", "lastname"]);
    let contact = |n: usize| {
        let email = format!("p{n}@example.com");
        Action::Create(Fields::new().with("email", email).with("lastname", "Jansen"))
    };
    let first = world.write(&view, (0..10).map(contact).collect()).await;
    assert!(first.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))));
    let second = world.write(&view, (5..15).map(contact).collect()).await;
    let conflicts = second.iter().filter(|outcome| match outcome {
        Outcome::Rejected(error) => error.kind() == ErrorKind::Conflict,
        _ => false,
    });
    assert_eq!(conflicts.count(), 5, "{second:?}");
    assert_eq!(world.sandbox.hubspot().records("contacts").len(), 15);
}
