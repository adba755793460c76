//! What was invoiced under a reference, of the feeds of invoices and terms alone.

use serde_json::json;
use uuid::Uuid;

use super::money::Watch;
use super::*;

const BILLED: [&str; 4] = ["YourRef", "Invoicing.Numbers", "Invoicing.Amount", "Payment.Status"];

fn under(customer: Uuid, reference: &str) -> String {
    format!("{customer}:{reference}")
}

impl World {
    fn billed(&self, customer: Uuid, item: Uuid, reference: &str) -> Uuid {
        self.invoice_with(customer, item, json!({ "YourRef": reference }))
    }
}

impl Watch {
    fn billed(&self, id: &str) -> String {
        let record = &self.told[&RecordId::new(id)];
        BILLED.map(|name| text(record, name)).join(" | ")
    }
}

#[tokio::test]
async fn invoices_of_a_customer_under_one_reference_are_told_together_with_each_payment() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, smid, item) = (world.customer("Bakker"), world.customer("Smid"), world.item("I-1"));
    world.invoice(bakker, item);
    let first = world.billed(bakker, item, "D-1");
    world.billed(smid, item, "D-1");
    let mut watch = Watch::new(&world, Kind::Billing, &BILLED).await;
    assert_eq!(watch.told.len(), 2, "of each customer one, and none without a reference");
    let (own, others) = (under(bakker, "D-1"), under(smid, "D-1"));
    assert_eq!(watch.billed(&own), "D-1 | 26700002 | 100 | open");
    assert_eq!(watch.billed(&others), "D-1 | 26700003 | 100 | open");
    world.billed(bakker, item, "d-1 ");
    world.billed(bakker, item, "PO 2026/1");
    world.sandbox.exact().pay(world.division, first, None).unwrap();
    watch.poll().await;
    assert_eq!(watch.billed(&own), "D-1 | 26700002, 26700004 | 200 | partly paid");
    assert_eq!(watch.billed(&under(bakker, "PO 2026%2F1")), "PO 2026/1 | 26700005 | 100 | open");
    assert_eq!(watch.billed(&others), "D-1 | 26700003 | 100 | open");
    let ids = [RecordId::new(&own), RecordId::new(under(smid, "D-9"))];
    let got = watch.adapter.get(&watch.view, &ids).await.unwrap();
    assert_eq!(got, [watch.told[&ids[0]].clone()], "what no invoice carries is not there");
}

#[tokio::test]
async fn it_costs_the_feeds_alone_and_the_news_no_more_than_was_heard_of() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    for number in 0..25 {
        world.billed(bakker, item, &format!("D-{number}"));
    }
    let before = world.requests();
    let mut watch = Watch::new(&world, Kind::Billing, &BILLED).await;
    assert_eq!((watch.told.len(), world.requests() - before), (25, 3), "terms, invoices, deletions");
    world.clock.advance(Duration::from_secs(61));
    let before = world.requests();
    assert_eq!((watch.poll().await, world.requests() - before), (0, 3));
    world.clock.advance(Duration::from_secs(61));
    let before = world.requests();
    assert_eq!((watch.news().await, world.requests() - before), (0, 1), "payments, of which nobody tells");
}

#[tokio::test]
async fn an_invoice_that_is_deleted_counts_no_more() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    world.billed(bakker, item, "D-1");
    let lines = json!([{ "Item": item, "Quantity": 1, "VATCode": "0" }]);
    let fields = json!({ "OrderedBy": bakker, "Journal": "70", "YourRef": "D-2", "SalesInvoiceLines": lines, "Currency": "USD" });
    let draft = world.enter("salesinvoice/SalesInvoices", fields);
    let view = ["YourRef", "Invoicing.Currency"];
    let mut watch = Watch::new(&world, Kind::Billing, &view).await;
    let shown = |watch: &Watch, reference: &str| {
        text(&watch.told[&RecordId::new(under(bakker, reference))], "Invoicing.Currency")
    };
    assert_eq!((shown(&watch, "D-1"), shown(&watch, "D-2")), ("EUR".to_owned(), "USD".to_owned()));
    world.sandbox.exact().delete(world.division, "salesinvoice/SalesInvoices", draft).unwrap();
    assert_eq!(watch.poll().await, 1);
    assert_eq!((shown(&watch, "D-1"), shown(&watch, "D-2")), ("EUR".to_owned(), String::new()));
}

#[tokio::test]
async fn an_invoice_that_takes_another_reference_moves() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let lines = json!([{ "Item": item, "Quantity": 1, "VATCode": "0" }]);
    let fields =
        json!({ "OrderedBy": bakker, "Journal": "70", "YourRef": "D-1", "SalesInvoiceLines": lines });
    let draft = world.enter("salesinvoice/SalesInvoices", fields);
    let mut watch = Watch::new(&world, Kind::Billing, &["YourRef", "Invoicing.Currency"]).await;
    let exact = world.sandbox.exact();
    exact.edit(world.division, "salesinvoice/SalesInvoices", draft, json!({ "YourRef": "D-2" })).unwrap();
    assert_eq!(watch.poll().await, 2, "where it was, and where it is");
    let shown = ["D-1", "D-2"]
        .map(|reference| text(&watch.told[&RecordId::new(under(bakker, reference))], "Invoicing.Currency"));
    assert_eq!(shown, [String::new(), "EUR".to_owned()]);
}
