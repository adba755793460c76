//! The adapter against a Pipedrive that behaves as the real one, limits and late index included.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::pipedrive::webhook::{Repaired, Subscription, Verifier, hint};
use crm_adapters::pipedrive::{ApiToken, Pipedrive, PipedriveBuilder};
use crm_adapters::{
    Action, Adapter, Change, Cursor, FieldType, Fields, Key, Kind, NewField, Outcome, RecordId, Value, View,
    Write,
};
use futures_util::stream::{self, StreamExt};
use sandbox::{Company, Fault, Load, Sandbox, Trouble};
use serde_json::json;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::world::START;

const KVK: &str = "custom:KvK number";

/// A sandbox with that many companies in Pipedrive, and an adapter on its clock.
async fn world(companies: u32) -> (Sandbox, Pipedrive) {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let list = (1..=companies).map(|at| Company::new(format!("Company {at}"), format!("{at:08}"))).collect();
    let sandbox =
        Sandbox::builder().clock(clock).companies(list).load(Load::Pipedrive).start().await.unwrap();
    let crm = adapter(&sandbox).build().unwrap();
    (sandbox, crm)
}

fn adapter(sandbox: &Sandbox) -> PipedriveBuilder {
    Pipedrive::builder(ApiToken::new(sandbox.pipedrive().api_token()))
        .origin(sandbox.pipedrive().base_url().parse().unwrap())
        .clock(Arc::new(sandbox.clock().clone()))
}

fn view() -> View {
    View { kind: Kind::Company, fields: ["name", KVK].map(str::to_owned).to_vec() }
}

/// Walks to the end, calling `between` after each page, and keeps the latest name of each record.
async fn walk(
    crm: &Pipedrive,
    mut cursor: Option<Cursor>,
    seen: &mut BTreeMap<String, String>,
    mut between: impl FnMut(usize),
) -> (Cursor, usize) {
    for pages in 1.. {
        let page = crm.changes(&view(), cursor.as_ref()).await.unwrap();
        for change in page.changes {
            let Change::Present(record) = change else { continue };
            seen.insert(record.id.to_string(), record.fields.get("name").unwrap().to_string());
        }
        if !page.more {
            return (page.cursor, pages);
        }
        cursor = Some(page.cursor);
        between(pages);
    }
    unreachable!("a walk ends or runs on")
}

async fn create(crm: &Pipedrive, at: usize) -> Outcome {
    let fields = Fields::new().with("name", format!("New {at}")).with(KVK, format!("{at:08}"));
    let write = Write { action: Action::Create(fields), send_before: None };
    crm.write(&view(), vec![write]).await.remove(0)
}

fn by_kvk(kvk: &str) -> Key {
    Key { field: KVK.to_owned(), value: Value::text(kvk) }
}

#[tokio::test]
async fn a_walk_misses_nothing_that_people_change_meanwhile_and_then_rests() {
    let (sandbox, crm) = world(1_200).await;
    let mut seen = BTreeMap::new();
    let (cursor, pages) = walk(&crm, None, &mut seen, |page| {
        sandbox.clock().advance(Duration::from_secs(3));
        let pipedrive = sandbox.pipedrive();
        for id in [1, 600, 1_199] {
            pipedrive.edit_organization(id, json!({"name": format!("Edited {page}")})).unwrap();
        }
        pipedrive.create_organization(json!({"name": format!("Entered {page}")})).unwrap();
    })
    .await;
    assert_eq!((pages, seen.len()), (3, 1_202));
    for id in ["1", "600", "1199"] {
        assert_eq!(seen[id], "Edited 2");
    }
    sandbox.clock().advance(Duration::from_secs(60));
    let (cursor, _) = walk(&crm, Some(cursor), &mut seen, |_| {}).await;
    let page = crm.changes(&view(), Some(&cursor)).await.unwrap();
    assert!(page.changes.is_empty() && !page.more);
    assert_eq!(sandbox.pipedrive().stats().client_errors, 0);
}

#[tokio::test]
async fn three_hundred_creates_at_once_keep_every_limit_and_are_found_again() {
    let (sandbox, crm) = world(0).await;
    let field = NewField { label: "KvK number".to_owned(), ty: FieldType::Text };
    crm.create_fields(Kind::Company, &[field]).await.unwrap();
    let outcomes: Vec<Outcome> =
        stream::iter(1..=300).map(|at| create(&crm, at)).buffer_unordered(32).collect().await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))));
    let stats = sandbox.pipedrive().stats();
    assert_eq!((stats.too_many_requests, stats.client_errors, stats.writes), (0, 0, 301));
    assert!(sandbox.clock().monotonic() >= Duration::from_secs(4));
    sandbox.clock().advance(Duration::from_secs(10));
    for kvk in ["00000001", "00000300"] {
        assert_eq!(crm.find(&view(), &by_kvk(kvk)).await.unwrap().len(), 1);
    }
    let used = crm.usage();
    assert_eq!(used.calls, sandbox.pipedrive().stats().requests);
    assert_eq!(used.day_limit, Some(600_000));
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_unknown_sent_once_and_found_by_looking() {
    let (sandbox, crm) = world(1).await;
    // Nothing but the create that hangs depends on its patience: what it reads before is read until it is there.
    let impatient = adapter(&sandbox).timeout(Duration::from_secs(1)).build().unwrap();
    while impatient.schema(Kind::Company).await.is_err() {}
    for (at, trouble) in [Trouble::DropAfter, Trouble::HangAfter, Trouble::Truncated].into_iter().enumerate()
    {
        sandbox.pipedrive().inject(Fault::new(trouble.clone()).on("POST", "/organizations"));
        let sender = if trouble == Trouble::HangAfter { &impatient } else { &crm };
        let outcome = create(sender, at + 50).await;
        assert!(
            matches!(&outcome, Outcome::Unknown(error) if error.may_have_applied()),
            "{trouble:?} {outcome:?}"
        );
        sandbox.clock().advance(Duration::from_secs(10));
        let found = crm.find(&view(), &by_kvk(&format!("{:08}", at + 50))).await.unwrap();
        assert_eq!(found.len(), 1, "{trouble:?}");
    }
    assert_eq!(sandbox.pipedrive().stats().requests_of("POST /api/v2/organizations"), 3);
}

#[tokio::test]
async fn a_deleted_record_is_gone_by_id_by_search_and_for_a_write() {
    for readable in [true, false] {
        let (sandbox, crm) = world(2).await;
        sandbox.pipedrive().configure(|settings| settings.deleted_readable = readable);
        let id = RecordId::new("2");
        assert_eq!(crm.get(&view(), std::slice::from_ref(&id)).await.unwrap().len(), 1);
        sandbox.pipedrive().delete_organization(2).unwrap();
        assert_eq!(crm.get(&view(), std::slice::from_ref(&id)).await.unwrap(), []);
        sandbox.clock().advance(Duration::from_secs(10));
        assert_eq!(crm.find(&view(), &by_kvk("00000002")).await.unwrap(), []);
        let action = Action::Update(id, Fields::new().with("name", "Back"));
        let outcome = crm.write(&view(), vec![Write { action, send_before: None }]).await.remove(0);
        assert!(matches!(outcome, Outcome::Gone(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_leaves_the_rest() {
    let (sandbox, crm) = world(1).await;
    let action = Action::Update(RecordId::new("1"), Fields::new().with("website", "https://example.nl"));
    let view = View { kind: Kind::Company, fields: ["name", "website", KVK].map(str::to_owned).to_vec() };
    let outcome = crm.write(&view, vec![Write { action, send_before: None }]).await.remove(0);
    let Outcome::Applied(record) = outcome else { panic!("{outcome:?}") };
    assert_eq!(record.fields.get("website"), Some(&Value::text("https://example.nl")));
    assert_eq!(record.fields.get(KVK), Some(&Value::text("00000001")));
    assert_eq!(sandbox.pipedrive().organizations()[0]["name"], "Company 1");
}

/// Somebody who listens, and what Pipedrive is to send there.
async fn receiver() -> (MockServer, Subscription) {
    let receiver = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200)).mount(&receiver).await;
    let verifier = Verifier::new("pipedrive", "secret").unwrap();
    let url = format!("{}/hook", receiver.uri()).parse().unwrap();
    (receiver, Subscription { name: "Exact Online".to_owned(), url, verifier })
}

#[tokio::test]
async fn a_repaired_webhook_leads_to_the_record_that_people_changed_and_to_a_merge() {
    let ((sandbox, crm), (receiver, wanted)) = (world(3).await, receiver().await);
    assert_eq!(crm.repair_webhook(&wanted).await.unwrap(), Repaired::Created);
    assert_eq!(crm.repair_webhook(&wanted).await.unwrap(), Repaired::Intact);
    receiver.reset().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200)).mount(&receiver).await;
    let pipedrive = sandbox.pipedrive();
    pipedrive.edit_organization(2, json!({"name": "Edited"})).unwrap();
    pipedrive.merge("organizations", 3, 1).unwrap();
    assert_eq!(pipedrive.deliver_webhooks().await, 3);
    let mut merges = Vec::new();
    for (at, request) in receiver.received_requests().await.unwrap().iter().enumerate() {
        let proof = request.headers.get("authorization").map(|proof| proof.to_str().unwrap());
        assert!(wanted.verifier.verify(proof).is_ok());
        let hint = hint(&request.body).unwrap().unwrap();
        merges.extend(hint.merge());
        if at == 0 {
            let read = crm.get(&view(), std::slice::from_ref(&hint.id)).await.unwrap().remove(0);
            assert_eq!(read.fields.get("name"), Some(&Value::text("Edited")));
        }
    }
    let merged = Change::Merged { into: RecordId::new("1"), from: vec![RecordId::new("3")] };
    assert_eq!(merges, [merged.clone(), merged]);
}

#[tokio::test]
async fn a_webhook_that_pipedrive_deleted_is_made_again_and_the_feed_has_what_it_lost() {
    let ((sandbox, crm), (receiver, wanted)) = (world(1).await, receiver().await);
    crm.repair_webhook(&wanted).await.unwrap();
    let (cursor, _) = walk(&crm, None, &mut BTreeMap::new(), |_| {}).await;
    receiver.reset().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(503)).mount(&receiver).await;
    for day in 0..=3 {
        sandbox.pipedrive().edit_organization(1, json!({"name": format!("Day {day}")})).unwrap();
        sandbox.pipedrive().deliver_webhooks().await;
        sandbox.clock().advance(Duration::from_secs(24 * 3600));
    }
    assert_eq!(crm.repair_webhook(&wanted).await.unwrap(), Repaired::Created);
    let mut seen = BTreeMap::new();
    walk(&crm, Some(cursor), &mut seen, |_| {}).await;
    assert_eq!(seen["1"], "Day 3");
}

#[tokio::test]
async fn an_address_that_pipedrive_does_not_reach_is_refused_with_what_to_do() {
    let ((_sandbox, crm), (_, mut wanted)) = (world(0).await, receiver().await);
    wanted.url = "http://sync.example.com/hook".parse().unwrap();
    let error = crm.repair_webhook(&wanted).await.unwrap_err();
    assert_eq!(error.kind(), crm_adapters::ErrorKind::Invalid);
    assert!(error.to_string().contains("public https address"), "{error}");
    assert!(!error.may_have_applied());
}
