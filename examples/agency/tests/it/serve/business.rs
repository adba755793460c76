//! What happens in the business: each fact told once, whatever befalls the process or the endpoint.

use serde_json::{Value, json};
use uuid::Uuid;

use super::duty::{DAY, Duty, MINUTE};

const EVENTS: &str = r#"events = ["order created", "invoice paid", "invoice overdue", "shipped"]"#;

/// Somebody on duty for a customer with a won deal of ten pieces.
async fn shop() -> (Duty, Uuid) {
    let mut duty = Duty::new(1).await;
    duty.extra = EVENTS.to_owned();
    duty.flows = "[[flow]]\npreset = \"products\"\n[[flow]]\npreset = \"orders\"\n".to_owned();
    let division = duty.office.division();
    let item = json!({
        "Code": "W-1", "Description": "W-1", "IsSalesItem": true, "SalesVatCode": "2", "StandardSalesPrice": 100,
    });
    duty.exact().create(division, "logistics/Items", item).unwrap();
    duty.start().await;
    duty.live(20 * MINUTE).await;
    let crm = duty.office.sandbox.pipedrive();
    let id = |kind: &str| crm.records(kind)[0]["id"].as_i64().unwrap();
    let deal = json!({ "title": "Ten pieces", "org_id": id("organizations") });
    let deal = crm.create("deals", deal).unwrap();
    let line = json!({ "product_id": id("products"), "quantity": 10, "item_price": 90 });
    crm.add_product(deal, &line).unwrap();
    crm.edit("deals", deal, json!({ "status": "won" })).unwrap();
    duty.live(40 * MINUTE).await;
    let orders = duty.exact().records(division, "salesorder/SalesOrders").unwrap();
    assert_eq!(orders.len(), 1, "{:#?}", duty.inbox.letters());
    let order = orders[0]["OrderID"].as_str().unwrap().parse().unwrap();
    (duty, order)
}

fn told(duty: &Duty) -> Vec<String> {
    duty.inbox.letters().iter().map(|letter| letter["cause"].as_str().unwrap().to_owned()).collect()
}

fn invoice(duty: &Duty, order: Uuid) -> Uuid {
    let (exact, division) = (duty.exact(), duty.office.division());
    exact.deliver(division, order).unwrap();
    let invoice = exact.invoice_delivered(division, order).unwrap();
    exact.print(division, invoice).unwrap();
    invoice
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_its_parcel_its_reminder_and_its_money_are_told_once_each_over_restarts() {
    let (mut duty, order) = shop().await;
    let letters = duty.inbox.wait(1).await;
    let details = &letters[0]["details"];
    assert_eq!(letters[0]["status"], "event");
    assert_eq!((&details["flow"], &details["exact_id"]), (&json!("orders"), &json!(order.to_string())));
    assert!(details["crm_id"].is_string() && details["id"].is_string(), "{letters:#?}");
    let invoice = invoice(&duty, order);
    duty.live(40 * MINUTE).await;
    duty.inbox.wait(2).await;
    // Exact forgets a grant after 30 days: somebody looks in between.
    for _ in 0..2 {
        duty.stop().await;
        duty.clock.skip(20 * DAY * MINUTE);
        duty.start().await;
        duty.live(40 * MINUTE).await;
    }
    duty.inbox.wait(3).await;
    duty.exact().pay(duty.office.division(), invoice, None).unwrap();
    duty.live(40 * MINUTE).await;
    duty.inbox.wait(4).await;
    duty.stop().await;
    duty.start().await;
    duty.live(40 * MINUTE).await;
    duty.stop().await;
    assert_eq!(told(&duty), ["order_created", "shipped", "invoice_overdue", "invoice_paid"]);
    let messages: Vec<_> = duty.inbox.letters().iter().map(|letter| letter["message"].clone()).collect();
    assert_eq!(messages[0], "the order Ten pieces was created in Exact", "{messages:?}");
    assert_eq!(messages[3], "the order Ten pieces is paid", "{messages:?}");
    let last: &Value = &duty.inbox.letters()[3]["details"]["figures"];
    assert_eq!((&last["Payment.Status"], &last["Payment.Outstanding"]), (&json!("paid"), &json!("0")));
    let names: std::collections::BTreeSet<String> =
        duty.inbox.letters().iter().map(|letter| letter["details"]["id"].to_string()).collect();
    assert_eq!(names.len(), 4, "each has a name of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_endpoint_did_not_take_is_told_by_the_next_process() {
    let (mut duty, order) = shop().await;
    duty.inbox.wait(1).await;
    duty.inbox.is_down(true);
    invoice(&duty, order);
    duty.live(40 * MINUTE).await;
    duty.stop().await;
    assert_eq!(told(&duty), ["order_created"]);
    duty.inbox.is_down(false);
    duty.start().await;
    duty.inbox.wait(2).await;
    duty.live(40 * MINUTE).await;
    duty.stop().await;
    assert_eq!(told(&duty), ["order_created", "shipped"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_that_the_endpoint_never_takes_keeps_no_event_back() {
    let (mut duty, order) = shop().await;
    duty.inbox.wait(1).await;
    *duty.inbox.refuses.lock().unwrap() = Some("problem");
    let namesake = json!({ "Name": "Jansen", "Status": "C" });
    duty.exact().create_account(duty.office.division(), namesake).unwrap();
    duty.office.sandbox.pipedrive().create_organization(json!({ "name": "Jansen" })).unwrap();
    duty.live(20 * MINUTE).await;
    invoice(&duty, order);
    duty.live(40 * MINUTE).await;
    duty.inbox.wait(2).await;
    *duty.inbox.refuses.lock().unwrap() = None;
    duty.live(6 * MINUTE).await;
    duty.inbox.wait(3).await;
    duty.stop().await;
    assert_eq!(told(&duty), ["order_created", "shipped", "issues"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_that_a_person_typed_over_in_the_crm_is_no_news_when_it_is_put_right() {
    let (mut duty, order) = shop().await;
    let invoice = invoice(&duty, order);
    duty.exact().pay(duty.office.division(), invoice, None).unwrap();
    duty.live(40 * MINUTE).await;
    duty.inbox.wait(3).await;
    let crm = duty.office.sandbox.pipedrive();
    let shown = || crm.records("deals")[0]["custom_fields"]["Payment status"].clone();
    assert_eq!(shown(), "paid");
    let deal = crm.records("deals")[0]["id"].as_i64().unwrap();
    type_over(&duty, deal, "who knows").await;
    assert_eq!(shown(), "who knows");
    duty.live(40 * MINUTE).await;
    assert_eq!(shown(), "paid", "it is put right");
    duty.stop().await;
    assert_eq!(told(&duty), ["order_created", "shipped", "invoice_paid"], "in the order of life");
}

/// Somebody types another payment status into a deal.
async fn type_over(duty: &Duty, deal: i64, status: &str) {
    let (crm, http) = (duty.office.sandbox.pipedrive(), reqwest::Client::new());
    let at = |path: &str| format!("{}/api/v2/{path}", crm.base_url());
    let fields = http.get(at("dealFields?limit=500")).header("x-api-token", crm.api_token());
    let fields: Value = fields.send().await.unwrap().json().await.unwrap();
    let field =
        fields["data"].as_array().unwrap().iter().find(|field| field["field_name"] == "Payment status");
    let code = field.unwrap()["field_code"].as_str().unwrap().to_owned();
    let edit = http.patch(at(&format!("deals/{deal}"))).header("x-api-token", crm.api_token());
    let edit = edit.json(&json!({ "custom_fields": { code: status } })).send().await.unwrap();
    assert!(edit.status().is_success(), "{:?}", edit.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_of_a_deal_without_an_order_is_told_of_the_deal() {
    let mut duty = Duty::new(1).await;
    duty.extra = r#"events = ["invoice paid", "invoice overdue"]"#.to_owned();
    duty.flows = "[[flow]]\npreset = \"billing\"\n".to_owned();
    let division = duty.office.division();
    let item = json!({ "Code": "W-1", "Description": "W-1", "IsSalesItem": true, "SalesVatCode": "2" });
    let item = duty.exact().create(division, "logistics/Items", item).unwrap();
    duty.start().await;
    duty.live(20 * MINUTE).await;
    let crm = duty.office.sandbox.pipedrive();
    let deal = crm.create("deals", json!({ "title": "Advice" })).unwrap();
    let customer = duty.exact().records(division, "crm/Accounts").unwrap()[0]["ID"].clone();
    let lines = json!([{ "Item": item, "Quantity": 1, "NetPrice": 100, "VATCode": "0" }]);
    let fields = json!({
        "OrderedBy": customer, "Journal": "70", "YourRef": format!("D-{deal}"), "SalesInvoiceLines": lines,
    });
    let invoice = duty.exact().create(division, "salesinvoice/SalesInvoices", fields).unwrap();
    duty.exact().print(division, invoice).unwrap();
    duty.live(40 * MINUTE).await;
    duty.exact().pay(division, invoice, None).unwrap();
    duty.live(40 * MINUTE).await;
    let letters = duty.inbox.wait(1).await;
    duty.stop().await;
    assert_eq!(told(&duty), ["invoice_paid"], "{letters:#?}");
    assert_eq!(letters[0]["message"], "the deal Advice is paid");
}
