//! The feeds of what figures are made of: read once, kept, and read no further than somebody told of.

use exact_client::WebhookTopic;
use serde_json::json;

use super::money::Watch;
use super::*;

const OWED: [&str; 1] = ["Receivables.Outstanding"];
const PAID: [&str; 2] = ["Payment.Status", "Invoicing.Numbers"];
const DEPOT: [&str; 1] = ["DeliveryAddress.City"];
const AGREED: [&str; 1] = ["Prices.Agreed"];

impl World {
    fn parts(&self) -> PartStore {
        PartStore::new(Arc::clone(&self.store), Tenant::default())
    }

    async fn watch(&self, parts: &PartStore, kind: Kind, fields: &[&str]) -> Watch {
        Watch::through(self.adapter(None).parts_in(parts.clone()), kind, fields).await
    }

    /// How often feeds were asked since the last time, by what their paths contain.
    fn asked<const N: usize>(&self, feeds: [&str; N]) -> [u64; N] {
        let stats = self.sandbox.exact().stats();
        self.sandbox.exact().reset_stats();
        feeds.map(|feed| stats.requests_of(feed))
    }
}

#[tokio::test]
async fn a_feed_that_several_kinds_need_is_read_once_for_all_of_them() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item, parts) = (world.customer("Bakker"), world.item("I-1"), world.parts());
    let mut companies = world.watch(&parts, Kind::Company, &OWED).await;
    let mut orders = world.watch(&parts, Kind::Order, &PAID).await;
    for _ in 0..2 {
        let invoice = world.invoice(bakker, item);
        world.asked([]);
        assert_eq!((companies.poll().await, orders.poll().await), (1, 0));
        assert_eq!(
            world.asked(["PaymentTerms", "bulk/", "crm/Accounts"]),
            [1, 0, 0],
            "and nothing behind it"
        );
        world.sandbox.exact().pay(world.division, invoice, None).unwrap();
        assert_eq!((companies.poll().await, orders.poll().await), (1, 0));
        assert_eq!(world.asked(["PaymentTerms"]), [1]);
    }
    world.clock.advance(Duration::from_secs(61));
    assert_eq!((companies.poll().await, orders.poll().await), (0, 0));
    world.clock.advance(Duration::from_secs(61));
    orders.poll().await;
    assert_eq!(world.asked(["PaymentTerms"]), [2], "what was read more than a minute ago is read again");
}

#[tokio::test]
async fn what_was_kept_outlives_the_process_and_is_read_anew_where_it_is_lost() {
    let world = World::new(0, Limits::vendor()).await;
    let item = world.item("I-1");
    let customers: Vec<_> = (0..3).map(|number| world.customer(&format!("Klant {number}"))).collect();
    for customer in &customers {
        world.invoice(*customer, item);
    }
    let mut watch = world.watch(&world.parts(), Kind::Company, &OWED).await;
    for parts in [world.parts(), PartStore::default()] {
        watch.adapter = world.adapter(None).parts_in(parts);
        let invoice = world.invoice(customers[0], item);
        assert_eq!(watch.poll().await, 1, "the others were told");
        let owed = watch.show(customers[0]);
        world.sandbox.exact().pay(world.division, invoice, None).unwrap();
        watch.poll().await;
        assert_ne!(watch.show(customers[0]), owed);
    }
    assert_eq!(watch.show(customers[0]), watch.show(customers[1]), "all but the first is paid");
}

#[tokio::test]
async fn a_division_that_was_moved_has_its_parts_read_from_the_start() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item, parts) = (world.customer("Bakker"), world.item("I-1"), world.parts());
    world.invoice(bakker, item);
    let moved = world.moved().await;
    let mut watch = Watch::through(world.adapter(moved).parts_in(parts.clone()), Kind::Company, &OWED).await;
    let owed = watch.show(bakker);
    world.sandbox.exact().move_division(world.division).unwrap();
    watch.adapter = world.adapter(world.moved().await).parts_in(parts);
    watch.poll().await;
    assert_eq!(watch.show(bakker), owed, "neither twice nor none");
}

#[tokio::test]
async fn the_news_are_what_was_heard_of_and_payments_and_nothing_else() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item, parts) = (world.customer("Bakker"), world.item("I-1"), world.parts());
    let mut companies = world.watch(&parts, Kind::Company, &["Name", "Receivables.Outstanding"]).await;
    let mut orders = world.watch(&parts, Kind::Order, &PAID).await;
    let feeds = ["PaymentTerms", "sync/CRM/Accounts", "sync/SalesInvoice", "sync/SalesOrder", "sync/Deleted"];
    world.clock.advance(Duration::from_secs(61));
    world.asked([]);
    assert_eq!((companies.news().await, orders.news().await), (0, 0));
    assert_eq!(world.asked(feeds), [1, 0, 0, 0, 0], "of payments nobody tells");
    let invoice = world.invoice(bakker, item);
    world.sandbox.exact().edit(world.division, "crm/Accounts", bakker, json!({ "Name": "Smid" })).unwrap();
    parts.hear(world.id(), &WebhookTopic::SalesInvoices);
    world.clock.advance(Duration::from_secs(61));
    assert_eq!((companies.news().await, orders.news().await), (1, 0));
    assert_eq!(world.asked(feeds), [1, 0, 1, 0, 0]);
    world.sandbox.exact().pay(world.division, invoice, None).unwrap();
    world.clock.advance(Duration::from_secs(61));
    companies.news().await;
    assert_eq!(companies.show(bakker), "Bakker | 0", "its name was not heard of");
    parts.hear(world.id(), &WebhookTopic::Accounts);
    companies.news().await;
    assert_eq!(companies.show(bakker), "Smid | 0");
    world.asked([]);
    parts.hear(world.id(), &WebhookTopic::from("SomethingNew"));
    assert_eq!((companies.news().await, orders.news().await), (0, 0));
    assert_eq!(world.asked(feeds), [1, 1, 1, 2, 0], "a topic that nobody knows may be about anything");
}

#[tokio::test]
async fn an_order_is_read_once_a_look_whatever_happened_to_it_and_a_new_one_not_at_all() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item, parts) = (world.customer("Bakker"), world.item("I-1"), world.parts());
    let fields = ["OrderNumber", "Delivery.Shipped", "Invoicing.Status", "Payment.Status"];
    let mut orders = world.watch(&parts, Kind::Order, &fields).await;
    let (exact, division) = (world.sandbox.exact(), world.division);
    let look = async |orders: &mut Watch| {
        world.clock.advance(Duration::from_secs(61));
        world.asked([]);
        orders.news().await;
        world.asked(["sync/", "salesorder/"])
    };
    let order = world.order(bakker, item);
    parts.hear(world.id(), &WebhookTopic::SalesOrders);
    assert_eq!(look(&mut orders).await, [3, 0], "orders, their lines, and payments; no order is read");
    assert_eq!(orders.show(order), "1 |  | open | ");
    exact.deliver(division, order).unwrap();
    let invoice = exact.invoice_delivered(division, order).unwrap();
    exact.print(division, invoice).unwrap();
    parts.hear(world.id(), &WebhookTopic::GoodsDeliveries);
    parts.hear(world.id(), &WebhookTopic::SalesInvoices);
    assert_eq!(
        look(&mut orders).await,
        [5, 0],
        "invoices, payments, deliveries, lines, and what that made of the order"
    );
    assert_eq!(orders.show(order), "1 | I-1: 10 of 10; I-1: 2 of 2 | complete | open");
    exact.pay(division, invoice, None).unwrap();
    assert_eq!(look(&mut orders).await, [1, 1], "payments, and the order");
    world.sandbox.exact().configure(|settings| settings.progress_moves_feeds = false);
    let order = world.order(bakker, item);
    parts.hear(world.id(), &WebhookTopic::SalesOrders);
    look(&mut orders).await;
    exact.deliver(division, order).unwrap();
    exact.invoice_delivered(division, order).unwrap();
    parts.hear(world.id(), &WebhookTopic::GoodsDeliveries);
    parts.hear(world.id(), &WebhookTopic::SalesInvoices);
    assert_eq!(look(&mut orders).await, [5, 1], "once, whatever told of it");
    assert_eq!(orders.show(order), "2 | I-1: 10 of 10; I-1: 2 of 2 | complete | ");
}

#[tokio::test]
async fn what_the_news_left_out_comes_with_everything() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, parts) = (world.customer("Bakker"), world.parts());
    let mut companies = world.watch(&parts, Kind::Company, &["Name", "DeliveryAddress.City"]).await;
    let fields = json!({ "Account": bakker, "Type": 4, "AddressLine1": "Kade 1", "City": "Ede" });
    world.enter("crm/Addresses", fields);
    let smid = world.customer("Smid");
    assert_eq!(companies.news().await, 0, "nobody told of it");
    companies.poll().await;
    assert_eq!((companies.show(bakker), companies.show(smid)), ("Bakker | Ede".into(), "Smid | ".into()));
}

#[tokio::test]
async fn a_deleted_address_and_a_deleted_price_are_told_with_what_they_belonged_to() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, item) = (world.customer("Bakker"), world.item("I-1"));
    let fields = json!({ "Account": bakker, "Type": 4, "AddressLine1": "Kade 1", "City": "Ede" });
    let address = world.enter("crm/Addresses", fields);
    let prices = "logistics/SalesItemPrices";
    let general = world.enter(prices, json!({ "Item": item, "Price": 80, "Quantity": 5, "Currency": "EUR" }));
    let mut companies = Watch::new(&world, Kind::Company, &DEPOT).await;
    let mut products = Watch::new(&world, Kind::Product, &["Price.Breaks"]).await;
    assert_eq!((companies.show(bakker), products.show(item)), ("Ede".into(), "from 5: 80 EUR".into()));
    world.sandbox.exact().delete(world.division, "crm/Addresses", address).unwrap();
    world.sandbox.exact().delete(world.division, prices, general).unwrap();
    assert_eq!((companies.poll().await, products.poll().await), (1, 1));
    assert_eq!((companies.show(bakker), products.show(item)), (String::new(), String::new()));
    assert_eq!((companies.poll().await, products.poll().await), (0, 0), "once");
}

#[tokio::test]
async fn what_was_agreed_with_a_customer_shows_on_that_customer_for_as_long_as_it_holds() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, smid, item) = (world.customer("Bakker"), world.customer("Smid"), world.item("W-1"));
    let mut watch = Watch::new(&world, Kind::Company, &AGREED).await;
    let price = |amount: u8, more: serde_json::Value| {
        let mut fields =
            json!({ "Account": bakker, "Item": item, "Price": amount, "Quantity": 1, "Currency": "EUR" });
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.enter("logistics/SalesItemPrices", fields)
    };
    let agreed = price(8, json!({ "EndDate": "2026-11-24" }));
    price(7, json!({ "Quantity": 10, "StartDate": "2026-11-24" }));
    assert_eq!(watch.poll().await, 1, "nobody else is told");
    assert_eq!((watch.show(bakker), watch.show(smid)), ("W-1: 8 EUR".into(), String::new()));
    for (days, shown) in [(2, "W-1: 8 EUR; W-1 from 10: 7 EUR"), (1, "W-1 from 10: 7 EUR")] {
        world.clock.advance(Duration::from_secs(days * 86_400));
        watch.poll().await;
        assert_eq!(watch.show(bakker), shown, "the calendar tells it");
    }
    world
        .sandbox
        .exact()
        .edit(world.division, "logistics/SalesItemPrices", agreed, json!({ "EndDate": null }))
        .unwrap();
    watch.poll().await;
    assert_eq!(watch.show(bakker), "W-1: 8 EUR; W-1 from 10: 7 EUR");
}
