//! Persons, deals, products, notes and leads against a Pipedrive that behaves as the real one.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{
    Action, Adapter, Archive, Change, Cursor, ErrorKind, FieldType, Fields, Key, Kind, Outcome, Record,
    RecordId, Value, View, Write,
};
use sandbox::Sandbox;
use serde_json::json;

use crate::world::START;

async fn world() -> (Sandbox, Pipedrive) {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let crm = Pipedrive::builder(ApiToken::new(sandbox.pipedrive().api_token()))
        .origin(sandbox.pipedrive().base_url().parse().unwrap())
        .clock(Arc::new(clock))
        .build()
        .unwrap();
    (sandbox, crm)
}

fn view(kind: Kind, fields: &[&str]) -> View {
    View { kind, fields: fields.iter().map(|name| (*name).to_owned()).collect() }
}

async fn write(crm: &Pipedrive, view: &View, action: Action) -> Outcome {
    crm.write(view, vec![Write { action, send_before: None }]).await.remove(0)
}

async fn stored(crm: &Pipedrive, view: &View, action: Action) -> Record {
    match write(crm, view, action).await {
        Outcome::Applied(record) => record,
        other => panic!("{other:?}"),
    }
}

/// Everything from a cursor on.
async fn walk(crm: &Pipedrive, view: &View, mut cursor: Option<Cursor>) -> (Vec<Change>, Cursor) {
    let mut changes = Vec::new();
    loop {
        let page = crm.changes(view, cursor.as_ref()).await.unwrap();
        changes.extend(page.changes);
        if !page.more {
            return (changes, page.cursor);
        }
        cursor = Some(page.cursor);
    }
}

async fn one(crm: &Pipedrive, view: &View, id: &str) -> Fields {
    crm.get(view, &[RecordId::new(id)]).await.unwrap().remove(0).fields
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn reference(id: &str) -> Value {
    Value::Reference(RecordId::new(id))
}

fn key(field: &str, value: Value) -> Key {
    Key { field: field.to_owned(), value }
}

#[tokio::test]
async fn a_new_primary_email_loses_none_of_the_others() {
    let (sandbox, crm) = world().await;
    let emails = json!([{ "value": "a@x.nl" }, { "value": "b@x.nl", "label": "home" }]);
    sandbox.pipedrive().create("persons", json!({ "name": "Jan", "emails": emails })).unwrap();
    let view = view(Kind::Contact, &["name", "email", "phone"]);
    let change = Fields::new().with("email", "c@x.nl").with("phone", "+31 20 1234567");
    let record = stored(&crm, &view, Action::Update(RecordId::new("1"), change)).await;
    assert_eq!(record.fields.get("email"), Some(&Value::text("c@x.nl")));
    assert_eq!(record.fields.get("phone"), Some(&Value::text("+31 20 1234567")));
    let held = &sandbox.pipedrive().records("persons")[0]["emails"];
    assert_eq!((&held[0]["value"], &held[1]["value"]), (&json!("c@x.nl"), &json!("b@x.nl")));
}

#[tokio::test]
async fn persons_belong_to_a_company_and_are_found_by_email_and_by_company() {
    let (sandbox, crm) = world().await;
    sandbox.pipedrive().create_organization(json!({ "name": "Acme" })).unwrap();
    let view = view(Kind::Contact, &["name", "email", "org_id"]);
    let new = Fields::new().with("name", "Jan").with("email", "jan@x.nl").with("org_id", reference("1"));
    let record = stored(&crm, &view, Action::Create(new)).await;
    assert_eq!(record.fields.get("org_id"), Some(&reference("1")));
    sandbox.clock().advance(Duration::from_secs(10));
    for key in [
        key("email", Value::text("jan@x.nl")),
        key("email", Value::List(vec![Value::text("nobody@x.nl"), Value::text("jan@x.nl")])),
        key("org_id", reference("1")),
    ] {
        assert_eq!(crm.find(&view, &key).await.unwrap(), std::slice::from_ref(&record), "{key:?}");
    }
}

#[tokio::test]
async fn a_deal_speaks_of_stage_owner_and_currency_in_words() {
    let (sandbox, crm) = world().await;
    sandbox.pipedrive().create_pipeline("Service", &["Asked", "Done"]);
    sandbox.pipedrive().create_user("Piet", "piet@x.nl");
    let view = view(Kind::Deal, &["title", "stage_id", "pipeline_id", "owner_id", "currency", "value"]);
    let new = Fields::new()
        .with("title", "Cheese")
        .with("stage_id", "Done")
        .with("owner_id", "piet@x.nl")
        .with("currency", "USD")
        .with("value", decimal("12.5"));
    let record = stored(&crm, &view, Action::Create(new)).await;
    let expected = Fields::new()
        .with("title", "Cheese")
        .with("stage_id", "Service/Done")
        .with("pipeline_id", "Service")
        .with("owner_id", "piet@x.nl")
        .with("currency", "USD")
        .with("value", decimal("12.5"));
    assert_eq!(record.fields, expected);
    let schema = crm.schema(Kind::Deal).await.unwrap();
    assert_eq!(schema.get("stage_id").unwrap().options[5..], ["Service/Asked", "Service/Done"]);
    assert_eq!(schema.get("owner_id").unwrap().ty, FieldType::Text);
}

#[tokio::test]
async fn a_wrong_stage_owner_currency_or_title_is_refused_before_any_write() {
    let (sandbox, crm) = world().await;
    let view = view(Kind::Deal, &["title"]);
    let title = || Fields::new().with("title", "x");
    for (field, fields) in [
        ("stage_id", title().with("stage_id", "Nowhere")),
        ("owner_id", title().with("owner_id", "nobody@x.nl")),
        ("currency", title().with("currency", "XXX")),
        ("status", title().with("status", "maybe")),
        ("title", title().with("title", "x".repeat(256))),
        ("title", Fields::new().with("value", decimal("1"))),
    ] {
        let outcome = write(&crm, &view, Action::Create(fields)).await;
        let Outcome::Rejected(error) = outcome else { panic!("{field}: {outcome:?}") };
        assert_eq!((error.kind(), error.field()), (ErrorKind::Invalid, Some(field)), "{error}");
        assert!(error.remedy().is_some(), "{error}");
    }
    assert_eq!(sandbox.pipedrive().stats().writes, 0);
}

#[tokio::test]
async fn the_products_of_a_page_of_deals_come_by_one_call_and_only_if_asked_for() {
    let (sandbox, crm) = world().await;
    let pipedrive = sandbox.pipedrive();
    pipedrive.create("products", json!({ "name": "Kaas" })).unwrap();
    for title in ["a", "b"] {
        pipedrive.create("deals", json!({ "title": title })).unwrap();
    }
    let line = json!({ "product_id": 1, "item_price": 10, "quantity": 2.5, "discount": 10 });
    pipedrive.add_product(1, &line).unwrap();
    let (deals, _) = walk(&crm, &view(Kind::Deal, &["title", "products", "value"]), None).await;
    let lines = |change: &Change| match change {
        Change::Present(record) => match record.fields.get("products") {
            Some(Value::Lines(lines)) => lines.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let of_first = lines(&deals[0]);
    assert_eq!((of_first.len(), lines(&deals[1]).len()), (1, 0));
    let line = &of_first[0];
    for (name, value) in [
        ("product_id", reference("1")),
        ("name", Value::text("Kaas")),
        ("quantity", decimal("2.5")),
        ("item_price", decimal("10")),
        ("sum", decimal("22.5")),
        ("currency", Value::text("EUR")),
        ("is_enabled", Value::Bool(true)),
    ] {
        assert_eq!(line.get(name), Some(&value), "{name}");
    }
    let schema = crm.schema(Kind::Line).await.unwrap();
    assert!(line.iter().all(|(name, _)| schema.get(name).is_some()));
    assert_eq!(pipedrive.stats().requests_of("GET /api/v2/deals/products"), 1);
    walk(&crm, &view(Kind::Deal, &["title"]), None).await;
    assert_eq!(pipedrive.stats().requests_of("GET /api/v2/deals/products"), 1);
}

#[tokio::test]
async fn the_discounts_of_a_deal_cost_a_call_only_where_it_is_not_worth_its_products() {
    let (sandbox, crm) = world().await;
    let pipedrive = sandbox.pipedrive();
    pipedrive.create("products", json!({ "name": "Kaas" })).unwrap();
    let line = json!({ "product_id": 1, "item_price": 10, "quantity": 4 });
    for (title, discounts) in [
        ("none", vec![]),
        ("one", vec![json!({ "description": "Loyal", "amount": 12.5, "type": "percentage" })]),
        (
            "two",
            vec![
                json!({ "description": "Loyal", "amount": 10, "type": "percentage" }),
                json!({ "description": "Rounded", "amount": 0.5, "type": "amount" }),
            ],
        ),
    ] {
        let deal = pipedrive.create("deals", json!({ "title": title })).unwrap();
        pipedrive.add_product(deal, &line).unwrap();
        discounts.iter().for_each(|discount| pipedrive.add_discount(deal, discount).unwrap());
    }
    pipedrive.create("deals", json!({ "title": "without products", "value": 300 })).unwrap();
    let (deals, _) = walk(&crm, &view(Kind::Deal, &["title", "discounts", "value"]), None).await;
    let told = deals.iter().map(|change| match change {
        Change::Present(record) => ["title", "value", "discounts"]
            .map(|name| record.fields.get(name).unwrap().to_string())
            .join(" | "),
        other => panic!("{other:?}"),
    });
    let expected =
        ["none | 40 | ", "one | 35 | 12.5%", "two | 35.5 | 10% + 0.5 EUR", "without products | 300 | "];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let stats = pipedrive.stats();
    assert_eq!(stats.requests_of("GET /api/v2/deals/{id}/discounts"), 2, "{stats:?}");
}

#[tokio::test]
async fn archived_deals_are_told_of_within_a_quarter_of_an_hour_and_deleted_ones_at_once_as_deleted() {
    let (sandbox, crm) = world().await;
    let pipedrive = sandbox.pipedrive();
    for title in ["a", "b", "c"] {
        pipedrive.create("deals", json!({ "title": title })).unwrap();
    }
    let view = view(Kind::Deal, &["title", "is_archived"]);
    let (_, cursor) = walk(&crm, &view, None).await;
    sandbox.clock().advance(Duration::from_secs(60));
    pipedrive.edit("deals", 1, json!({ "is_archived": true })).unwrap();
    pipedrive.delete("deals", 2).unwrap();
    let (changes, cursor) = walk(&crm, &view, Some(cursor)).await;
    assert!(changes.contains(&Change::Deleted(RecordId::new("2"))));
    let first = |change: &Change| matches!(change, Change::Present(record) if record.id.as_str() == "1");
    assert!(!changes.iter().any(first), "{changes:?}");
    sandbox.clock().advance(Duration::from_secs(14 * 60));
    let (changes, cursor) = walk(&crm, &view, Some(cursor)).await;
    let archived = changes.iter().any(|change| {
        matches!(change, Change::Present(record)
            if record.id.as_str() == "1" && record.fields.get("is_archived") == Some(&Value::Bool(true)))
    });
    assert!(archived, "{changes:?}");
    let ids = ["1", "2", "3"].map(RecordId::new);
    assert_eq!(crm.get(&view, &ids).await.unwrap().len(), 2);
    sandbox.clock().advance(Duration::from_secs(60));
    let (_, cursor) = walk(&crm, &view, Some(cursor)).await;
    pipedrive.reset_stats();
    let (changes, _) = walk(&crm, &view, Some(cursor)).await;
    assert_eq!((changes.len(), pipedrive.stats().requests), (0, 1), "the list, not that of archived deals");
}

#[tokio::test]
async fn an_archive_deletes_softly_and_a_second_one_finds_nothing() {
    let (sandbox, crm) = world().await;
    let view = view(Kind::Product, &["name"]);
    let record = stored(&crm, &view, Action::Create(Fields::new().with("name", "Kaas"))).await;
    let archived = stored(&crm, &view, Action::Archive(record.id.clone())).await;
    assert_eq!((&archived.id, archived.fields.is_empty()), (&record.id, true));
    assert!(sandbox.pipedrive().records("products").is_empty());
    let again = write(&crm, &view, Action::Archive(record.id)).await;
    assert!(matches!(again, Outcome::Gone(_)), "{again:?}");
}

#[tokio::test]
async fn a_products_price_is_a_field_for_each_currency() {
    let (sandbox, crm) = world().await;
    let view = view(Kind::Product, &["name", "code", "prices:EUR", "prices:USD"]);
    let new = Fields::new().with("name", "Kaas").with("code", "K-1").with("prices:USD", decimal("9.5"));
    let record = stored(&crm, &view, Action::Create(new)).await;
    assert_eq!(record.fields.get("prices:EUR"), Some(&Value::Null));
    let change = Fields::new().with("prices:EUR", decimal("8.25"));
    let record = stored(&crm, &view, Action::Update(record.id, change)).await;
    assert_eq!(record.fields.get("prices:EUR"), Some(&decimal("8.25")));
    assert_eq!(record.fields.get("prices:USD"), Some(&decimal("9.5")));
    sandbox.clock().advance(Duration::from_secs(10));
    assert_eq!(crm.find(&view, &key("code", Value::text("K-1"))).await.unwrap(), [record]);
    let schema = crm.schema(Kind::Product).await.unwrap();
    assert_eq!(schema.get("prices:EUR").unwrap().ty, FieldType::Decimal);
}

#[tokio::test]
async fn an_amount_of_money_is_two_fields_that_can_be_written() {
    let (sandbox, crm) = world().await;
    sandbox.pipedrive().create_field_of("deals", "Budget", "monetary", &[]).unwrap();
    let view = view(Kind::Deal, &["title", "custom:Budget", "custom:Budget:currency"]);
    let new = Fields::new().with("title", "x").with("custom:Budget", decimal("500.25"));
    let record = stored(&crm, &view, Action::Create(new)).await;
    assert_eq!(record.fields.get("custom:Budget"), Some(&decimal("500.25")));
    assert_eq!(record.fields.get("custom:Budget:currency"), Some(&Value::text("EUR")), "the user's own");
    let change = Fields::new().with("custom:Budget:currency", "USD");
    let record = stored(&crm, &view, Action::Update(record.id, change)).await;
    assert_eq!(record.fields.get("custom:Budget"), Some(&decimal("500.25")));
    assert_eq!(record.fields.get("custom:Budget:currency"), Some(&Value::text("USD")));
}

#[tokio::test]
async fn notes_are_written_and_walked_by_time_though_their_pages_count_positions() {
    let (sandbox, crm) = world().await;
    let pipedrive = sandbox.pipedrive();
    pipedrive.create("deals", json!({ "title": "x" })).unwrap();
    let view = view(Kind::Note, &["content", "deal_id"]);
    let new = Fields::new().with("content", "<p>Hi</p>").with("deal_id", reference("1"));
    let record = stored(&crm, &view, Action::Create(new)).await;
    assert_eq!(record.fields.get("deal_id"), Some(&reference("1")));
    let change = Fields::new().with("content", "<p>Bye</p>");
    let record = stored(&crm, &view, Action::Update(record.id, change)).await;
    assert_eq!(record.fields.get("content"), Some(&Value::text("<p>Bye</p>")));
    for at in 0..1_200 {
        if at % 400 == 0 {
            sandbox.clock().advance(Duration::from_secs(1));
        }
        pipedrive.create("notes", json!({ "content": at.to_string(), "deal_id": 1 })).unwrap();
    }
    let mut cursor = None;
    let mut seen = std::collections::BTreeSet::new();
    loop {
        let page = crm.changes(&view, cursor.as_ref()).await.unwrap();
        for change in page.changes {
            let Change::Present(note) = change else { panic!("{change:?}") };
            seen.insert(note.id);
        }
        if !page.more {
            break;
        }
        cursor = Some(page.cursor);
        // Whoever edits the first note moves all that follow it up by one position.
        sandbox.clock().advance(Duration::from_secs(1));
        pipedrive.edit("notes", 1, json!({ "content": format!("edit {}", seen.len()) })).unwrap();
    }
    assert_eq!(seen.len(), 1_201);
    assert_eq!(crm.find(&view, &key("deal_id", reference("1"))).await.unwrap().len(), 1_201);
}

#[tokio::test]
async fn leads_are_read_with_the_custom_fields_of_deals_and_never_written() {
    let (sandbox, crm) = world().await;
    let pipedrive = sandbox.pipedrive();
    pipedrive.create_field_of("deals", "Soort", "set", &["Project", "Handel"]).unwrap();
    let options = crm.schema(Kind::Lead).await.unwrap().get("custom:Soort").unwrap().options.clone();
    assert_eq!(options, ["Project", "Handel"]);
    pipedrive.create("persons", json!({ "name": "Jan" })).unwrap();
    let value = json!({ "amount": 99.5, "currency": "USD" });
    let lead = json!({ "title": "x", "person_id": 1, "value": value, "Soort": [1, 2] });
    pipedrive.create("leads", lead).unwrap();
    let view = view(Kind::Lead, &["title", "person_id", "value", "currency", "custom:Soort"]);
    let (changes, _) = walk(&crm, &view, None).await;
    let [Change::Present(lead)] = changes.as_slice() else { panic!("{changes:?}") };
    let expected = Fields::new()
        .with("title", "x")
        .with("person_id", reference("1"))
        .with("value", decimal("99.5"))
        .with("currency", "USD")
        .with("custom:Soort", Value::List(vec!["Project".into(), "Handel".into()]));
    assert_eq!(lead.fields, expected);
    assert_eq!(one(&crm, &view, lead.id.as_str()).await, expected);
    let facts = crm.capabilities(Kind::Lead);
    assert!(!facts.create && !facts.update && facts.archive == Archive::Never);
    let outcome = write(&crm, &view, Action::Create(Fields::new().with("title", "y"))).await;
    assert!(matches!(&outcome, Outcome::Rejected(error) if error.kind() == ErrorKind::Unsupported));
}

#[tokio::test]
async fn start_up_reads_of_all_kinds_are_ten_at_most_and_do_not_grow() {
    let (sandbox, crm) = world().await;
    for kind in [Kind::Company, Kind::Contact, Kind::Deal, Kind::Product, Kind::Note, Kind::Lead] {
        crm.schema(kind).await.unwrap();
        crm.schema(kind).await.unwrap();
    }
    let reads = sandbox.pipedrive().stats().requests;
    assert!(reads <= 10, "{reads}");
    assert_eq!(sandbox.pipedrive().stats().requests, crm.usage().calls);
}
