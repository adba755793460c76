//! Price lists: what they give their customers, what they say of items, and what it costs to know.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::money::Watch;
use super::*;

const OF_LIST: [&str; 1] = ["Prices.OfList"];
const PRICES: [&str; 1] = ["Price.List"];
/// What the flow of orders asks of customers.
const HAS_LIST: [&str; 2] = ["Name", "PriceList"];
const DISCOUNTS: &str = "sales/SalesPriceListVolumeDiscounts";
const PERIODS: &str = "sales/SalesPriceListPeriods";
/// What price lists are read from, by what the paths contain: the feed, the periods, whose list it is, the items of a group.
const READ: [&str; 4] =
    ["sync/Sales/", "sales/SalesPriceListPeriods", "bulk/CRM/Accounts", "bulk/Logistics/Items"];

impl World {
    fn list(&self, code: &str) -> Uuid {
        self.enter("sales/SalesPriceLists", json!({ "Code": code, "Description": code }))
    }

    fn period(&self, list: Uuid, starts: Option<&str>, ends: Option<&str>) -> Uuid {
        self.enter(
            PERIODS,
            json!({ "PriceList": list, "StartDate": starts, "EndDate": ends, "Currency": "EUR" }),
        )
    }

    fn gives(&self, period: Uuid, row: Json) -> Uuid {
        let mut row = row;
        row["PriceListPeriod"] = json!(period);
        self.enter(DISCOUNTS, row)
    }

    fn buyer(&self, name: &str, list: Uuid) -> Uuid {
        let customer = self.customer(name);
        self.change("crm/Accounts", customer, json!({ "PriceList": list }));
        customer
    }

    fn change(&self, path: &str, id: Uuid, fields: Json) {
        self.sandbox.exact().edit(self.division, path, id, fields).unwrap();
    }

    fn remove(&self, path: &str, id: Uuid) {
        self.sandbox.exact().delete(self.division, path, id).unwrap();
    }

    /// How often what price lists are read from was asked since the last time.
    fn read(&self) -> [u64; 4] {
        let stats = self.sandbox.exact().stats();
        self.sandbox.exact().reset_stats();
        READ.map(|path| stats.requests_of(path))
    }

    /// The records of a kind, with what was kept of the feeds for all kinds.
    async fn with(&self, parts: &PartStore, kind: Kind, fields: &[&str]) -> Watch {
        Watch::through(self.adapter(None).parts_in(parts.clone()), kind, fields).await
    }

    fn later(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }
}

#[tokio::test]
async fn what_a_list_gives_shows_on_its_customers_for_as_long_as_its_periods_hold() {
    let world = World::new(0, Limits::vendor()).await;
    let (item, list) = (world.item("W-1"), world.list("G"));
    let (bakker, smid) = (world.buyer("Bakker", list), world.customer("Smid"));
    let mut watch = Watch::new(&world, Kind::Company, &OF_LIST).await;
    let until_tuesday = world.period(list, None, Some("2026-11-24"));
    world.gives(until_tuesday, json!({ "Item": item, "NewPrice": 8 }));
    let from_tuesday = world.period(list, Some("2026-11-24"), None);
    world.gives(from_tuesday, json!({ "Item": item, "Discount": 0.3, "Quantity": 10 }));
    watch.poll().await;
    assert_eq!((watch.show(bakker), watch.show(smid)), ("G: W-1: 8 EUR".into(), String::new()));
    for (days, shown) in [(2, "G: W-1: 8 EUR; W-1 from 10: 70 EUR"), (1, "G: W-1 from 10: 70 EUR")] {
        world.later(days * 24 * 60);
        assert_eq!(watch.poll().await, 1, "the calendar tells it, of its customers alone");
        assert_eq!(watch.show(bakker), shown);
    }
    world.change("logistics/Items", item, json!({ "StandardSalesPrice": 200 }));
    watch.poll().await;
    assert_eq!(watch.show(bakker), "G: W-1 from 10: 140 EUR", "a discount is off what everybody pays");
    world.change("crm/Accounts", smid, json!({ "PriceList": list }));
    world.change("crm/Accounts", bakker, json!({ "PriceList": null }));
    watch.poll().await;
    assert_eq!((watch.show(bakker), watch.show(smid)), (String::new(), "G: W-1 from 10: 140 EUR".into()));
    assert_eq!(watch.poll().await, 0);
}

#[tokio::test]
async fn a_row_that_is_deleted_and_a_period_that_changes_or_goes_are_told() {
    let world = World::new(0, Limits::vendor()).await;
    let (item, list) = (world.item("W-1"), world.list("G"));
    let bakker = world.buyer("Bakker", list);
    let period = world.period(list, None, None);
    let one = world.gives(period, json!({ "Item": item, "NewPrice": 8 }));
    world.gives(period, json!({ "Item": item, "NewPrice": 7, "Quantity": 10 }));
    let mut watch = Watch::new(&world, Kind::Company, &OF_LIST).await;
    assert_eq!(watch.show(bakker), "G: W-1: 8 EUR; W-1 from 10: 7 EUR");
    world.remove(DISCOUNTS, one);
    assert_eq!(watch.poll().await, 1);
    assert_eq!(watch.show(bakker), "G: W-1 from 10: 7 EUR");
    world.change(PERIODS, period, json!({ "EndDate": "2026-11-20" }));
    world.later(61);
    assert_eq!(watch.poll().await, 1);
    assert_eq!(watch.show(bakker), "");
    let next = world.period(list, None, None);
    world.gives(next, json!({ "Item": item, "NewPrice": 6 }));
    watch.poll().await;
    assert_eq!(watch.show(bakker), "G: W-1: 6 EUR");
    world.remove(PERIODS, next);
    world.later(61);
    watch.poll().await;
    assert_eq!(watch.show(bakker), "");
    world.later(61);
    assert_eq!(watch.poll().await, 0, "once");
}

#[tokio::test]
async fn a_list_that_names_a_group_counts_for_its_items_wherever_they_move() {
    let world = World::new(0, Limits::vendor()).await;
    let lamps = world.enter("logistics/ItemGroups", json!({ "Code": "LAMP" }));
    let (lamp, desk, list) = (world.item("W-1"), world.item("D-1"), world.list("G"));
    world.change("logistics/Items", lamp, json!({ "ItemGroup": lamps }));
    let period = world.period(list, None, None);
    world.buyer("Bakker", list);
    let parts = PartStore::default();
    world.with(&parts, Kind::Company, &HAS_LIST).await;
    let mut watch = world.with(&parts, Kind::Product, &PRICES).await;
    let listed = |watch: &Watch, item: Uuid| {
        let record = &watch.told[&RecordId::new(item.to_string())];
        let Some(Value::Lines(prices)) = record.fields.get("Price.List") else { panic!("{record:?}") };
        let of_list = prices.iter().filter(|price| price.get("PriceList").is_some());
        of_list.map(|price| price.get("Price").unwrap().to_string()).collect::<Vec<_>>().join(" ")
    };
    world.gives(period, json!({ "ItemGroup": lamps, "Discount": 0.1 }));
    assert_eq!(watch.poll().await, 2, "of its items alone: by the row, and by the period that is new");
    assert_eq!((listed(&watch, lamp), listed(&watch, desk)), ("90".into(), String::new()));
    world.gives(period, json!({ "Item": lamp, "NewPrice": 85 }));
    world.change("logistics/Items", desk, json!({ "ItemGroup": lamps, "StandardSalesPrice": 50 }));
    watch.poll().await;
    assert_eq!((listed(&watch, lamp), listed(&watch, desk)), ("85".into(), "45".into()));
    assert_eq!(watch.poll().await, 0);
}

#[tokio::test]
async fn price_lists_cost_one_call_a_look_and_the_periods_one_an_hour() {
    let (world, parts) = (World::new(0, Limits::vendor()).await, PartStore::default());
    let (item, list) = (world.item("W-1"), world.list("G"));
    let mut products = world.with(&parts, Kind::Product, &PRICES).await;
    let mut buyers = world.with(&parts, Kind::Company, &HAS_LIST).await;
    products.poll().await;
    assert_eq!(world.read(), [0, 0, 0, 0], "no customer has a list");
    world.buyer("Bakker", list);
    buyers.poll().await;
    products.poll().await;
    assert_eq!(world.read(), [1, 0, 0, 0], "where no list says anything, no period is read");
    world.later(15);
    products.poll().await;
    assert_eq!(world.read(), [1, 0, 0, 0]);
    let period = world.period(list, None, None);
    world.gives(period, json!({ "Item": item, "NewPrice": 8 }));
    world.later(15);
    products.poll().await;
    assert_eq!(world.read(), [1, 1, 0, 0]);
    for (minutes, expected) in [(15, [1, 0, 0, 0]), (30, [1, 0, 0, 0]), (15, [1, 1, 0, 0])] {
        world.later(minutes);
        assert_eq!(products.poll().await, 0);
        assert_eq!(world.read(), expected, "{minutes} minutes later");
    }
    let next = world.period(list, None, None);
    world.gives(next, json!({ "Item": item, "NewPrice": 7 }));
    world.later(15);
    products.poll().await;
    assert_eq!(world.read(), [1, 1, 0, 0], "a row names a period that nobody knows");
    let mut companies = world.with(&parts, Kind::Company, &OF_LIST).await;
    world.read();
    world.gives(next, json!({ "Item": item, "NewPrice": 6, "Quantity": 10 }));
    world.later(15);
    assert_eq!(companies.poll().await, 1);
    assert_eq!(world.read(), [1, 0, 1, 0], "who has the list");
    let mut others = world.with(&parts, Kind::Company, &["Name", "Prices.Agreed"]).await;
    others.poll().await;
    assert_eq!(world.read(), [0, 0, 0, 0], "nobody asks for price lists");
}

#[tokio::test]
async fn what_was_kept_of_price_lists_outlives_the_process() {
    let world = World::new(0, Limits::vendor()).await;
    let (item, list) = (world.item("W-1"), world.list("G"));
    let bakker = world.buyer("Bakker", list);
    let period = world.period(list, None, None);
    world.gives(period, json!({ "Item": item, "NewPrice": 8 }));
    let parts = || PartStore::new(Arc::clone(&world.store), Tenant::default());
    let mut watch = Watch::through(world.adapter(None).parts_in(parts()), Kind::Company, &OF_LIST).await;
    world.read();
    watch.adapter = world.adapter(None).parts_in(parts());
    world.change("crm/Accounts", bakker, json!({ "Name": "Smid" }));
    assert_eq!(watch.poll().await, 1);
    assert_eq!((world.read(), watch.show(bakker)), ([1, 0, 0, 0], "G: W-1: 8 EUR".into()));
}
