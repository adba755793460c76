//! Invoice and delivery addresses: records of their own in Exact, fields of their company here.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::money::Watch;
use super::*;

const PATH: &str = "crm/Addresses";
const STREET: &str = "InvoiceAddress.AddressLine1";
const CITY: &str = "InvoiceAddress.City";
const DEPOT: &str = "DeliveryAddress.City";
const VIEW: [&str; 3] = [STREET, CITY, DEPOT];

const INVOICE: u8 = 3;
const DELIVERY: u8 = 4;

impl World {
    fn address(&self, account: Uuid, ty: u8, city: &str) -> Uuid {
        self.enter(PATH, json!({ "Account": account, "Type": ty, "AddressLine1": "Kade 1", "City": city }))
    }

    fn edit(&self, path: &str, id: Uuid, fields: Json) {
        self.sandbox.exact().edit(self.division, path, id, fields).unwrap();
    }

    fn book(&self, path: &str) -> Vec<Json> {
        self.sandbox.exact().records(self.division, path).unwrap()
    }

    /// Street, city and whether it is the main one, of an account's addresses of a type.
    fn addresses(&self, account: Uuid, ty: u8) -> Vec<String> {
        let own =
            self.book(PATH).into_iter().filter(|row| row["Account"] == json!(account) && row["Type"] == ty);
        let shown = own.map(|row| format!("{} {} {}", row["AddressLine1"], row["City"], row["Main"]));
        shown.map(|line| line.replace('"', "")).collect()
    }

    async fn update(&self, account: Uuid, fields: &[(&str, &str)]) -> Outcome {
        let change: Fields =
            fields.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect();
        let names = change.iter().map(|(name, _)| name.to_owned()).collect();
        let view = View { kind: Kind::Company, fields: names };
        let action = Action::Update(RecordId::new(account.to_string()), change);
        self.adapter(None).write(&view, vec![Write { action, send_before: None }]).await.remove(0)
    }
}

#[tokio::test]
async fn an_address_that_changes_alone_is_told_with_its_company() {
    let world = World::new(0, Limits::vendor()).await;
    let (bakker, smid) = (world.customer("Bakker"), world.customer("Smid"));
    let mut watch = Watch::new(&world, Kind::Company, &VIEW).await;
    assert_eq!((watch.show(bakker), watch.show(smid)), (" |  | ".to_owned(), " |  | ".to_owned()));
    let invoice = world.address(bakker, INVOICE, "Ede");
    assert_eq!(watch.poll().await, 1, "the other company is not told");
    assert_eq!(watch.show(bakker), "Kade 1 | Ede | ");
    world.edit(PATH, invoice, json!({ "City": "Gent" }));
    world.address(bakker, DELIVERY, "Delft");
    assert_eq!(watch.poll().await, 1, "both at once");
    assert_eq!(watch.show(bakker), "Kade 1 | Gent | Delft");
    world.sandbox.exact().reset_stats();
    assert_eq!((watch.poll().await, world.requests()), (0, 3), "addresses, accounts, deletions");
    world.edit("crm/Accounts", bakker, json!({ "City": "Zwolle" }));
    assert_eq!(watch.poll().await, 1, "the visiting address is told by its account alone");
}

#[tokio::test]
async fn of_several_addresses_the_main_one_counts() {
    let world = World::new(0, Limits::vendor()).await;
    let bakker = world.customer("Bakker");
    world.address(bakker, DELIVERY, "Ede");
    let other = world.address(bakker, DELIVERY, "Gent");
    let mut watch = Watch::new(&world, Kind::Company, &[DEPOT]).await;
    assert_eq!(watch.show(bakker), "Ede");
    world.edit(PATH, other, json!({ "Main": true }));
    watch.poll().await;
    assert_eq!(watch.show(bakker), "Gent");
}

#[tokio::test]
async fn the_first_walk_tells_all_addresses_without_a_call_for_each() {
    let world = World::new(0, Limits::vendor()).await;
    let customers: Vec<Uuid> = (0..45).map(|number| world.customer(&format!("Klant {number}"))).collect();
    for (number, customer) in customers.iter().enumerate().skip(5) {
        world.address(*customer, INVOICE, &format!("Stad {number}"));
        world.address(*customer, DELIVERY, "Ede");
        world.address(*customer, DELIVERY, "Gent");
    }
    world.sandbox.exact().reset_stats();
    let mut watch = Watch::new(&world, Kind::Company, &VIEW).await;
    assert_eq!(world.requests(), 3, "addresses, accounts, deletions");
    assert_eq!(
        (watch.show(customers[4]), watch.show(customers[7])),
        (" |  | ".into(), "Kade 1 | Stad 7 | Ede".into())
    );
    let shown: Vec<String> = customers.iter().map(|customer| watch.show(*customer)).collect();
    let ids: Vec<RecordId> = customers.iter().map(|id| RecordId::new(id.to_string())).collect();
    for record in watch.adapter.get(&watch.view, &ids).await.unwrap() {
        watch.told.insert(record.id.clone(), record);
    }
    assert_eq!(
        world.sandbox.exact().stats().requests_of("bulk/CRM/Addresses"),
        3,
        "read now, 20 accounts a call"
    );
    assert_eq!(shown, customers.iter().map(|customer| watch.show(*customer)).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_update_changes_the_main_address_or_makes_it() {
    let world = World::new(0, Limits::vendor()).await;
    let bakker = world.customer("Bakker");
    world.sandbox.exact().reset_stats();
    let made = applied(world.update(bakker, &[("Phone", "020"), (STREET, "Kade 1"), (CITY, "Ede")]).await);
    assert_eq!(
        (text(&made, "Phone"), text(&made, STREET), text(&made, CITY)),
        ("020".into(), "Kade 1".into(), "Ede".into())
    );
    assert_eq!(world.addresses(bakker, INVOICE), ["Kade 1 Ede true"]);
    assert_eq!(world.requests(), 4, "the account, a look, a create, what is stored");
    world.sandbox.exact().reset_stats();
    let changed = applied(world.update(bakker, &[(CITY, "Gent"), (DEPOT, "Delft")]).await);
    assert_eq!((text(&changed, CITY), text(&changed, DEPOT)), ("Gent".into(), "Delft".into()));
    assert_eq!(world.addresses(bakker, INVOICE), ["Kade 1 Gent true"], "its street stays");
    assert_eq!(world.addresses(bakker, DELIVERY), ["null Delft true"]);
    assert_eq!(world.requests(), 4, "a look, a write for each, what is stored");
    assert_eq!(world.sandbox.exact().stats().client_errors, 0);
}

#[tokio::test]
async fn an_address_is_emptied_and_never_deleted() {
    let world = World::new(0, Limits::vendor()).await;
    let bakker = world.customer("Bakker");
    let clears = [(STREET, ""), (CITY, "")];
    applied(world.update(bakker, &clears).await);
    assert!(world.addresses(bakker, INVOICE).is_empty(), "nothing is made of nothing");
    world.address(bakker, INVOICE, "Ede");
    let cleared = applied(world.update(bakker, &clears).await);
    assert_eq!(
        (cleared.fields.get(STREET), cleared.fields.get(CITY)),
        (Some(&Value::Null), Some(&Value::Null))
    );
    assert_eq!(world.addresses(bakker, INVOICE), ["null null true"]);
}

#[tokio::test]
async fn an_address_that_is_refused_is_named_and_what_the_account_stored_is_not_told_as_all() {
    let world = World::new(0, Limits::vendor()).await;
    let bakker = world.customer("Bakker");
    let refusal = Trouble::BusinessError { message: "Ongeldig: Plaats".to_owned() };
    world.sandbox.exact().inject(Fault::new(refusal).on("POST", PATH));
    let outcome = world.update(bakker, &[("Phone", "020"), (CITY, "Ede")]).await;
    let Outcome::Rejected(error) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.field(), Some(CITY));
    assert!(error.message().contains("Ongeldig: Plaats"), "{error}");
    assert_eq!(world.book("crm/Accounts")[0]["Phone"], json!("020"));
    assert!(world.addresses(bakker, INVOICE).is_empty());
}

#[tokio::test]
async fn a_lost_answer_to_a_new_address_makes_no_second_one() {
    let world = World::new(0, Limits::vendor()).await;
    let bakker = world.customer("Bakker");
    world.sandbox.exact().inject(Fault::new(Trouble::DropAfter).on("POST", PATH));
    let outcome = world.update(bakker, &[(CITY, "Ede")]).await;
    assert!(matches!(&outcome, Outcome::Unknown(error) if error.may_have_applied()), "{outcome:?}");
    applied(world.update(bakker, &[(CITY, "Gent")]).await);
    assert_eq!(world.addresses(bakker, INVOICE), ["null Gent true"]);
}

#[tokio::test]
async fn an_address_of_an_account_that_is_gone_is_gone() {
    let world = World::new(0, Limits::vendor()).await;
    let outcome = world.update(Uuid::from_u128(5), &[(CITY, "Ede")]).await;
    assert!(matches!(outcome, Outcome::Gone(_)), "{outcome:?}");
    assert!(world.book(PATH).is_empty());
}

#[tokio::test]
async fn an_address_that_stands_there_and_is_not_the_main_one_becomes_it() {
    let world = World::new(0, Limits::vendor()).await;
    let bakker = world.customer("Bakker");
    let there = world.address(bakker, INVOICE, "Ede");
    world.edit(PATH, there, json!({ "Main": false }));
    let stored = applied(world.update(bakker, &[(STREET, "Kade 1"), (CITY, "Ede")]).await);
    assert_eq!(text(&stored, CITY), "Ede");
    assert_eq!(world.addresses(bakker, INVOICE), ["Kade 1 Ede true"]);
}

#[tokio::test]
async fn an_address_that_exact_does_not_make_is_not_told_as_made() {
    let world = World::new(0, Limits::vendor()).await;
    world.sandbox.exact().configure(|settings| settings.same_address_of_any_type = true);
    let bakker = world.customer("Bakker");
    world.address(bakker, DELIVERY, "Ede");
    let outcome = world.update(bakker, &[(STREET, "Kade 1"), (CITY, "Ede")]).await;
    let Outcome::Rejected(error) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.field(), Some(STREET));
    assert!(error.message().contains("for another purpose") && error.remedy().is_some(), "{error}");
}

#[tokio::test]
async fn a_new_account_takes_no_address_and_tells_at_no_cost_that_it_has_none() {
    let world = World::new(0, Limits::vendor()).await;
    let fields = ["Name", STREET, "Receivables.Outstanding"].map(str::to_owned).to_vec();
    let view = View { kind: Kind::Company, fields };
    let create = async |fields: Fields| {
        let write = Write { action: Action::Create(fields), send_before: None };
        world.adapter(None).write(&view, vec![write]).await.remove(0)
    };
    let outcome = create(Fields::new().with("Name", "Aap").with(STREET, "Kade 1")).await;
    assert!(matches!(&outcome, Outcome::Rejected(error) if error.field() == Some(STREET)), "{outcome:?}");
    assert_eq!(world.requests(), 0);
    let made = applied(create(Fields::new().with("Name", "Aap")).await);
    assert_eq!((made.fields.get(STREET), world.requests()), (Some(&Value::Null), 1));
    assert_eq!(
        world.adapter(None).get(&view, std::slice::from_ref(&made.id)).await.unwrap()[0].fields,
        made.fields
    );
}

#[tokio::test]
async fn an_order_and_a_quotation_name_the_main_delivery_address_unless_they_are_given_one() {
    let world = World::new(0, Limits::vendor()).await;
    world.sandbox.exact().configure(|settings| settings.default_delivery_address = false);
    let (bakker, smid, item) = (world.customer("Bakker"), world.customer("Smid"), world.item("I-1"));
    world.address(bakker, DELIVERY, "Ede");
    let main = world.address(bakker, DELIVERY, "Gent");
    world.edit(PATH, main, json!({ "Main": true }));
    let given = world.address(bakker, DELIVERY, "Delft");
    let reference = |id: Uuid| Value::Reference(RecordId::new(id.to_string()));
    let kinds = [
        (Kind::Order, "OrderedBy", "SalesOrderLines", "salesorder/SalesOrders", "OrderID"),
        (Kind::Quotation, "OrderAccount", "QuotationLines", "crm/Quotations", "QuotationID"),
    ];
    for (kind, customer, lines, path, key) in kinds {
        let delivered = async |to: Uuid, address: Option<Uuid>| {
            let line = Fields::new().with("Item", reference(item)).with("Quantity", Decimal::ONE);
            let mut fields =
                Fields::new().with(customer, reference(to)).with(lines, Value::Lines(vec![line]));
            if let Some(address) = address {
                fields.set("DeliveryAddress", Value::Text(address.to_string()));
            }
            let view = View { kind, fields: vec!["Description".to_owned()] };
            let write = Write { action: Action::Create(fields), send_before: None };
            let made = applied(world.adapter(None).write(&view, vec![write]).await.remove(0));
            let of = |row: &Json| row[key] == json!(made.id.as_str());
            world.book(path).into_iter().find(of).unwrap()["DeliveryAddress"].clone()
        };
        assert_eq!(delivered(bakker, None).await, json!(main), "{kind}");
        assert_eq!(delivered(bakker, Some(given)).await, json!(given), "{kind}");
        assert_eq!(delivered(smid, None).await, Json::Null, "{kind}: Exact chooses, and there is none");
    }
}
