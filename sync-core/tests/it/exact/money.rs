//! What deliveries, invoices, payments and prices do to the records that they belong to.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::*;

const OWED: [&str; 5] = [
    "Receivables.Outstanding",
    "Receivables.Overdue",
    "Receivables.OverdueDays",
    "Receivables.OpenInvoices",
    "Receivables.LastPayment",
];

impl World {
    pub(super) fn enter(&self, path: &str, fields: Json) -> Uuid {
        self.sandbox.exact().create(self.division, path, fields).unwrap()
    }

    pub(super) fn customer(&self, name: &str) -> Uuid {
        self.enter("crm/Accounts", json!({ "Name": name, "Status": "C" }))
    }

    pub(super) fn item(&self, code: &str) -> Uuid {
        let fields = json!({
            "Code": code, "Description": code, "IsSalesItem": true, "SalesVatCode": "2", "StandardSalesPrice": 100,
        });
        self.enter("logistics/Items", fields)
    }

    pub(super) fn order(&self, customer: Uuid, item: Uuid) -> Uuid {
        let lines = json!([{ "Item": item, "Quantity": 10 }, { "Item": item, "Quantity": 2 }]);
        let fields = json!({ "OrderedBy": customer, "YourRef": "D-1", "SalesOrderLines": lines });
        self.enter("salesorder/SalesOrders", fields)
    }

    pub(super) fn invoice(&self, customer: Uuid, item: Uuid) -> Uuid {
        self.invoice_with(customer, item, json!({}))
    }

    pub(super) fn invoice_with(&self, customer: Uuid, item: Uuid, more: Json) -> Uuid {
        let lines = json!([{ "Item": item, "Quantity": 1, "VATCode": "0" }]);
        let mut fields = json!({ "OrderedBy": customer, "Journal": "70", "SalesInvoiceLines": lines });
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let invoice = self.enter("salesinvoice/SalesInvoices", fields);
        self.sandbox.exact().print(self.division, invoice).unwrap();
        invoice
    }

    fn amount(&self, invoice: Uuid) -> Decimal {
        let invoices = self.sandbox.exact().records(self.division, "salesinvoice/SalesInvoices").unwrap();
        let row = invoices.into_iter().find(|row| row["InvoiceID"] == json!(invoice)).unwrap();
        row["AmountDC"].to_string().parse().unwrap()
    }
}

/// Follows one kind and remembers the last reading of each record.
pub(super) struct Watch {
    pub(super) adapter: ExactAdapter,
    pub(super) view: View,
    cursor: Option<Cursor>,
    pub(super) told: BTreeMap<RecordId, Record>,
}

impl Watch {
    pub(super) async fn new(world: &World, kind: Kind, fields: &[&str]) -> Self {
        Self::through(world.adapter(None), kind, fields).await
    }

    pub(super) async fn through(adapter: ExactAdapter, kind: Kind, fields: &[&str]) -> Self {
        let fields = fields.iter().map(|name| (*name).to_owned()).collect();
        let view = View { kind, fields };
        let mut watch = Self { adapter, view, cursor: None, told: BTreeMap::new() };
        watch.poll().await;
        watch
    }

    /// How many records were told.
    pub(super) async fn poll(&mut self) -> usize {
        self.read(false).await
    }

    /// How many records the news told.
    pub(super) async fn news(&mut self) -> usize {
        self.read(true).await
    }

    async fn read(&mut self, news: bool) -> usize {
        let mut told = 0;
        loop {
            let page = match &self.cursor {
                Some(cursor) if news => self.adapter.news(&self.view, cursor).await.unwrap(),
                cursor => self.adapter.changes(&self.view, cursor.as_ref()).await.unwrap(),
            };
            self.cursor = Some(page.cursor);
            for change in page.changes {
                told += 1;
                match change {
                    Change::Present(record) => drop(self.told.insert(record.id.clone(), record)),
                    Change::Derived(record) => {
                        if let Some(known) = self.told.get_mut(&record.id) {
                            known.fields.merge(record.fields);
                        }
                    }
                    Change::Deleted(id) => drop(self.told.remove(&id)),
                    other => panic!("{other:?}"),
                }
            }
            if !page.more {
                return told;
            }
        }
    }

    pub(super) fn show(&self, id: Uuid) -> String {
        let record = &self.told[&RecordId::new(id.to_string())];
        let values: Vec<String> = self.view.fields.iter().map(|name| text(record, name)).collect();
        values.join(" | ")
    }
}

#[tokio::test]
async fn an_invoice_a_payment_and_its_reversal_show_on_the_company_that_nobody_touched() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, smid, item) = (world.customer("Bakker"), world.customer("Smid"), world.item("I-1"));
    let mut watch = Watch::new(&world, Kind::Company, &OWED).await;
    assert_eq!(watch.show(bakker), " |  |  |  | ", "who was never invoiced");
    let invoice = world.invoice(bakker, item);
    let (exact, division) = (world.sandbox.exact(), world.division);
    let total = world.amount(invoice).normalize();
    assert_eq!(watch.poll().await, 1, "the other company is not told");
    assert_eq!(watch.show(bakker), format!("{total} | 0 | 0 | 1 | "));
    exact.pay(division, invoice, Some(40.into())).unwrap();
    watch.poll().await;
    let rest = (total - Decimal::from(40)).normalize();
    assert_eq!(watch.show(bakker), format!("{rest} | 0 | 0 | 1 | 2026-11-22"));
    exact.pay(division, invoice, None).unwrap();
    watch.poll().await;
    assert_eq!(watch.show(bakker), "0 | 0 | 0 | 0 | 2026-11-22");
    exact.unmatch(division, invoice).unwrap();
    watch.poll().await;
    assert!(watch.show(bakker).starts_with(&format!("{total} | 0 | 0 | 1 | ")), "{}", watch.show(bakker));
    exact.write_off(division, invoice).unwrap();
    watch.poll().await;
    assert!(watch.show(bakker).starts_with("0 | 0 | 0 | 0"), "{}", watch.show(bakker));
    assert_eq!(watch.show(smid), " |  |  |  | ");
}

#[tokio::test]
async fn the_first_walk_tells_what_everybody_owes_without_a_call_for_each() {
    let world = World::new(0, Limits::vendor()).await;
    let item = world.item("I-1");
    let customers: Vec<Uuid> = (0..45).map(|number| world.customer(&format!("Klant {number}"))).collect();
    let invoices: Vec<Uuid> = customers.iter().map(|customer| world.invoice(*customer, item)).collect();
    let (exact, division) = (world.sandbox.exact(), world.division);
    exact.pay(division, invoices[3], Some(Decimal::ONE)).unwrap();
    exact.pay(division, invoices[4], None).unwrap();
    exact.reset_stats();
    let mut watch = Watch::new(&world, Kind::Company, &OWED).await;
    let stats = exact.stats();
    assert_eq!(
        (stats.requests, stats.requests_of("Receivables")),
        (3, 0),
        "accounts, terms, deletions: {stats:?}"
    );
    let shown: Vec<String> = customers.iter().map(|customer| watch.show(*customer)).collect();
    assert_eq!(shown[4], "0 | 0 | 0 | 0 | 2026-11-22");
    exact.pay(division, invoices[0], None).unwrap();
    assert_eq!(watch.poll().await, 1);
    assert_eq!(watch.show(customers[0]), "0 | 0 | 0 | 0 | 2026-11-22", "nothing old is kept");
}

#[tokio::test]
async fn a_quiet_poll_costs_one_call_for_each_feed_and_a_view_without_figures_none_for_them() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    world.invoice(bakker, item);
    for (fields, calls) in [(&["Name"][..], 2), (&["Name", "Receivables.Outstanding"][..], 3)] {
        let mut watch = Watch::new(&world, Kind::Company, fields).await;
        let before = world.requests();
        assert_eq!((watch.poll().await, world.requests() - before), (0, calls), "{fields:?}");
    }
}

#[tokio::test]
async fn what_is_late_is_a_day_later_on_a_new_day() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let invoice = world.invoice(bakker, item);
    let total = world.amount(invoice).normalize();
    let mut watch =
        Watch::new(&world, Kind::Company, &["Receivables.Overdue", "Receivables.OverdueDays"]).await;
    assert_eq!(watch.show(bakker), "0 | 0");
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(20 * 86_400));
        watch.poll().await;
    }
    let late = watch.show(bakker);
    assert!(late.starts_with(&format!("{total} | ")), "{late}");
    world.clock.advance(Duration::from_secs(86_400));
    let before = watch.adapter.usage().calls;
    watch.poll().await;
    assert_ne!(watch.show(bakker), late, "one day more");
    assert_eq!(watch.adapter.usage().calls - before, 4, "three feeds and the day's look");
    assert_eq!(watch.poll().await, 0, "once a day");
}

#[tokio::test]
async fn an_invoice_without_an_order_tells_how_far_it_is_paid() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let fields = ["Payment.Status", "Payment.Outstanding", "Payment.Paid"];
    let mut watch = Watch::new(&world, Kind::Invoice, &fields).await;
    let invoice = world.invoice(bakker, item);
    let total = world.amount(invoice).normalize();
    watch.poll().await;
    assert_eq!(watch.show(invoice), format!("open | {total} | 0"));
    let (exact, division) = (world.sandbox.exact(), world.division);
    exact.pay(division, invoice, Some(Decimal::ONE)).unwrap();
    watch.poll().await;
    assert_eq!(watch.show(invoice), format!("partly paid | {} | 1", (total - Decimal::ONE).normalize()));
    exact.pay(division, invoice, None).unwrap();
    watch.poll().await;
    assert_eq!(watch.show(invoice), format!("paid | 0 | {total}"));
    let other = world.invoice(bakker, item);
    let note = exact.credit(division, other).unwrap();
    watch.poll().await;
    assert!(watch.show(note).starts_with("credited | "), "{}", watch.show(note));
}

#[tokio::test]
async fn terms_whose_entry_has_another_id_than_the_invoice_are_found_by_its_number_and_customer() {
    let world = World::new(0, Limits::vendor()).await;
    world.sandbox.exact().configure(|settings| settings.entries_of_their_own = true);
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let order = world.order(bakker, item);
    let mut invoices = Watch::new(&world, Kind::Invoice, &["Payment.Status", "Payment.Paid"]).await;
    let mut orders = Watch::new(&world, Kind::Order, &["Payment.Status", "Payment.OverdueDays"]).await;
    let (exact, division) = (world.sandbox.exact(), world.division);
    exact.deliver(division, order).unwrap();
    let invoice = exact.invoice_delivered(division, order).unwrap();
    exact.print(division, invoice).unwrap();
    world.invoice(world.customer("Smid"), item);
    invoices.poll().await;
    orders.poll().await;
    assert_eq!((invoices.show(invoice), orders.show(order)), ("open | 0".to_owned(), "open | 0".to_owned()));
    exact.pay(division, invoice, Some(Decimal::ONE)).unwrap();
    assert_eq!((invoices.poll().await, orders.poll().await), (1, 1), "the other customer's is not told");
    assert_eq!(invoices.show(invoice), "partly paid | 1");
    assert_eq!(orders.show(order), "partly paid | 0");
    world.clock.advance(Duration::from_secs(29 * 86_400));
    orders.poll().await;
    world.clock.advance(Duration::from_secs(3 * 86_400));
    orders.poll().await;
    assert_eq!(orders.show(order), "overdue | 2", "the calendar finds it, too");
}

#[tokio::test]
async fn an_invoice_in_dollars_tells_dollars_and_its_customer_owes_euros() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let invoice = world.invoice_with(bakker, item, json!({ "Currency": "USD" }));
    world.sandbox.exact().pay(world.division, invoice, Some(10.into())).unwrap();
    let payment = ["Payment.Outstanding", "Payment.Paid", "Payment.WrittenOff"];
    let invoices = Watch::new(&world, Kind::Invoice, &payment).await;
    assert_eq!(invoices.show(invoice), "90 | 10 | 0");
    let companies = Watch::new(&world, Kind::Company, &["Receivables.Outstanding"]).await;
    assert_eq!(companies.show(bakker), "81");
}

#[tokio::test]
async fn the_figures_of_an_order_are_in_the_currency_of_its_invoices_and_in_that_of_the_books_where_they_differ()
 {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let order = world.order(bakker, item);
    let fields = ["Invoicing.Currency", "Invoicing.Amount", "Payment.Outstanding"];
    let mut watch = Watch::new(&world, Kind::Order, &fields).await;
    assert_eq!(watch.show(order), " | 0 | ", "nothing is invoiced");
    world.invoice_with(bakker, item, json!({ "YourRef": "D-1", "Currency": "USD" }));
    watch.poll().await;
    assert_eq!(watch.show(order), "USD | 100 | 100", "entered in Exact, with the order's reference");
    world.invoice_with(bakker, item, json!({ "YourRef": "D-1" }));
    watch.poll().await;
    assert_eq!(watch.show(order), "EUR | 190 | 190");
    world.invoice_with(world.customer("Smid"), item, json!({ "YourRef": "D-1" }));
    world.invoice_with(bakker, item, json!({ "YourRef": "D-2" }));
    watch.poll().await;
    assert_eq!(watch.show(order), "EUR | 190 | 190", "another customer's, and another reference");
}

#[tokio::test]
async fn partial_deliveries_invoices_payments_and_a_credit_note_show_on_the_order() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let fields = ["Delivery.Status", "Delivery.Shipped", "Invoicing.Status", "Payment.Status"];
    let order = world.order(bakker, item);
    let mut watch = Watch::new(&world, Kind::Order, &fields).await;
    assert_eq!(watch.show(order), "open |  | open | ");
    let (exact, division) = (world.sandbox.exact(), world.division);
    let lines = exact.records(division, "salesorder/SalesOrderLines").unwrap();
    let first = lines.iter().find(|line| line["Quantity"] == json!(10)).unwrap();
    let part = BTreeMap::from([(first["ID"].as_str().unwrap().parse().unwrap(), 4.into())]);
    exact.deliver_part(division, order, &part).unwrap();
    watch.poll().await;
    assert_eq!(watch.show(order), "partial | I-1: 4 of 10; I-1: 0 of 2 | open | ");
    exact.deliver(division, order).unwrap();
    let invoice = exact.invoice_delivered(division, order).unwrap();
    exact.print(division, invoice).unwrap();
    watch.poll().await;
    assert_eq!(watch.show(order), "complete | I-1: 10 of 10; I-1: 2 of 2 | complete | open");
    exact.pay(division, invoice, None).unwrap();
    watch.poll().await;
    assert!(watch.show(order).ends_with(" | paid"), "{}", watch.show(order));
    let total = world.amount(invoice).normalize();
    let mut money = Watch::new(&world, Kind::Order, &["Invoicing.Amount", "Payment.Outstanding"]).await;
    assert_eq!(money.show(order), format!("{total} | 0"));
    exact.credit(division, invoice).unwrap();
    money.poll().await;
    assert_eq!(money.show(order), format!("0 | {}", -total), "the money is to go back");
}

#[tokio::test]
async fn what_is_shipped_and_invoiced_is_told_where_no_feed_of_orders_moves_with_it() {
    let world = World::new(0, Limits::vendor()).await;
    world.sandbox.exact().configure(|settings| settings.progress_moves_feeds = false);
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let fields = ["StatusDescription", "Delivery.Status", "Delivery.Shipped", "Invoicing.Status"];
    let order = world.order(bakker, item);
    let mut watch = Watch::new(&world, Kind::Order, &fields).await;
    let (exact, division) = (world.sandbox.exact(), world.division);
    let lines = exact.records(division, "salesorder/SalesOrderLines").unwrap();
    let first = lines.iter().find(|line| line["Quantity"] == json!(10)).unwrap();
    let part = BTreeMap::from([(first["ID"].as_str().unwrap().parse().unwrap(), 4.into())]);
    for shipped in [4, 8] {
        exact.deliver_part(division, order, &part).unwrap();
        watch.poll().await;
        let told = format!("Partial | partial | I-1: {shipped} of 10; I-1: 0 of 2 | open");
        assert_eq!(watch.show(order), told);
    }
    exact.invoice_delivered(division, order).unwrap();
    watch.poll().await;
    assert_eq!(watch.show(order), "Partial | partial | I-1: 8 of 10; I-1: 0 of 2 | partial");
    exact.deliver(division, order).unwrap();
    exact.invoice_delivered(division, order).unwrap();
    watch.poll().await;
    assert_eq!(watch.show(order), "Complete | complete | I-1: 10 of 10; I-1: 2 of 2 | complete");
}

#[tokio::test]
async fn an_invoice_made_of_an_order_counts_for_no_other_with_the_same_reference() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let (order, other) = (world.order(bakker, item), world.order(bakker, item));
    let mut watch = Watch::new(&world, Kind::Order, &["Invoicing.Amount", "Payment.Status"]).await;
    let (exact, division) = (world.sandbox.exact(), world.division);
    exact.deliver(division, order).unwrap();
    let invoice = exact.invoice_delivered(division, order).unwrap();
    exact.print(division, invoice).unwrap();
    watch.poll().await;
    let total = world.amount(invoice).normalize();
    assert_eq!((watch.show(order), watch.show(other)), (format!("{total} | open"), "0 | ".to_owned()));
    world.invoice_with(bakker, item, json!({ "YourRef": "D-1" }));
    watch.poll().await;
    assert_eq!(watch.show(other), "100 | open", "one that is made of no order is theirs together");
}

#[tokio::test]
async fn a_price_that_starts_tomorrow_arrives_tomorrow_and_a_customers_own_price_never() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let price = |fields: Json| world.enter("logistics/SalesItemPrices", fields);
    let mut watch = Watch::new(&world, Kind::Product, &["Code", "Price.EUR"]).await;
    assert_eq!(watch.show(item), "I-1 | 100");
    price(json!({ "Item": item, "Price": 90, "Account": bakker }));
    price(json!({ "Item": item, "Price": 80, "Quantity": 5 }));
    price(json!({ "Item": item, "Price": 120, "StartDate": "2026-11-23", "Currency": "EUR" }));
    watch.poll().await;
    assert_eq!(watch.show(item), "I-1 | 100");
    world.clock.advance(Duration::from_secs(86_400));
    assert_eq!(watch.poll().await, 1);
    assert_eq!(watch.show(item), "I-1 | 120");
}

#[tokio::test]
async fn an_order_is_created_with_its_lines_in_one_post_found_by_its_reference_and_told_as_deleted() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let mut watch = Watch::new(&world, Kind::Order, &["YourRef", "SalesOrderLines"]).await;
    let reference = |id: Uuid| Value::Reference(RecordId::new(id.to_string()));
    let line = Fields::new().with("Item", reference(item)).with("Quantity", Decimal::from(3));
    let fields = Fields::new()
        .with("OrderedBy", reference(bakker))
        .with("YourRef", "D-17")
        .with("SalesOrderLines", Value::Lines(vec![line.clone().with("NetPrice", Decimal::from(80)), line]));
    world.sandbox.exact().reset_stats();
    let write = Write { action: Action::Create(fields.clone()), send_before: None };
    let created = applied(watch.adapter.write(&watch.view, vec![write]).await.remove(0));
    assert_eq!(world.sandbox.exact().stats().writes, 1);
    assert_eq!(world.sandbox.exact().stats().requests_of("SalesOrderLines"), 0, "their feed tells of them");
    assert_eq!((created.fields.get("SalesOrderLines"), text(&created, "YourRef")), (None, "D-17".to_owned()));
    let key = Key { field: "YourRef".to_owned(), value: Value::List(vec!["D-17".into(), "D-18".into()]) };
    let found = watch.adapter.find(&watch.view, &key).await.unwrap();
    watch.poll().await;
    for record in [&found[0], &watch.told[&created.id]] {
        let Some(Value::Lines(lines)) = record.fields.get("SalesOrderLines") else { panic!("{record:?}") };
        let prices = lines.iter().map(|line| line.get("NetPrice").unwrap().to_string());
        assert_eq!(prices.collect::<Vec<_>>(), ["80", "100"]);
        assert_eq!((&record.id, text(record, "YourRef")), (&created.id, "D-17".to_owned()));
    }
    let id: Uuid = created.id.as_str().parse().unwrap();
    world.sandbox.exact().delete(world.division, "salesorder/SalesOrders", id).unwrap();
    watch.poll().await;
    assert!(watch.told.is_empty());
}

#[tokio::test]
async fn what_the_books_refuse_is_told_in_their_words_and_what_no_schema_allows_before_the_call() {
    let world = World::new(0, Limits::vendor()).await;
    let blocked = world.enter("crm/Accounts", json!({ "Name": "Dicht", "Status": "C", "Blocked": true }));
    let item = world.item("I-1");
    let adapter = world.adapter(None);
    let view = View { kind: Kind::Order, fields: vec!["YourRef".to_owned()] };
    let reference = |id: Uuid| Value::Reference(RecordId::new(id.to_string()));
    let order = |line: Fields| {
        let lines = Value::Lines(vec![line]);
        Action::Create(Fields::new().with("OrderedBy", reference(blocked)).with("SalesOrderLines", lines))
    };
    let refused = async |action: Action| match adapter
        .write(&view, vec![Write { action, send_before: None }])
        .await
        .remove(0)
    {
        Outcome::Rejected(error) => error,
        other => panic!("{other:?}"),
    };
    let error = refused(order(Fields::new().with("Item", reference(item)))).await;
    assert!(error.to_string().contains("Geblokkeerd: Besteld door"), "{error}");
    let before = world.requests();
    let error = refused(order(Fields::new().with("Item", "no id"))).await;
    assert_eq!(error.field(), Some("SalesOrderLines[1].Item"));
    let none = refused(Action::Create(Fields::new().with("OrderedBy", reference(blocked)))).await;
    assert_eq!(none.field(), Some("SalesOrderLines"));
    let moved = Action::Update(
        RecordId::new(Guid::from_u128(5).to_string()),
        Fields::new().with("OrderedBy", reference(blocked)),
    );
    assert_eq!(refused(moved).await.field(), Some("OrderedBy"));
    assert_eq!(world.requests(), before, "no call is made");
}

#[tokio::test]
async fn an_archived_item_is_ended_today_and_never_deleted() {
    let world = World::new(0, Limits::vendor()).await;
    let item = world.item("I-1");
    let mut watch = Watch::new(&world, Kind::Product, &["Code", "EndDate"]).await;
    let id = RecordId::new(item.to_string());
    let write = |id: RecordId| Write { action: Action::Archive(id), send_before: None };
    assert_eq!(applied(watch.adapter.write(&watch.view, vec![write(id.clone())]).await.remove(0)).id, id);
    watch.poll().await;
    assert_eq!(watch.show(item), "I-1 | 2026-11-22");
    let nobody = RecordId::new(Guid::from_u128(5).to_string());
    let gone = watch.adapter.write(&watch.view, vec![write(nobody)]).await.remove(0);
    assert!(matches!(gone, Outcome::Gone(_)), "{gone:?}");
}
