//! Several administrations: a rule on the deal says which one gets it, and no id of one ever goes into another.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use sync_core::flow::{Condition, Division, Preset, Route, Side, Test, Vendor};

use super::shop::{Shop, text};

const PRESETS: [Preset; 5] =
    [Preset::Companies, Preset::Contacts, Preset::Products, Preset::Quotations, Preset::Orders];

/// Where each kind of record stands in Exact, and the fields by which it names others.
const NAMED: [(Preset, &str, &[&str]); 6] = [
    (Preset::Companies, "crm/Addresses", &["Account"]),
    (Preset::Contacts, "crm/Contacts", &["Account"]),
    (Preset::Orders, "salesorder/SalesOrders", &["OrderedBy", "OrderedByContactPerson", "DeliveryAddress"]),
    (Preset::Orders, "salesorder/SalesOrderLines", &["Item"]),
    (Preset::Quotations, "crm/Quotations", &["OrderAccount", "OrderAccountContact", "DeliveryAddress"]),
    (Preset::Quotations, "crm/QuotationLines", &["Item"]),
];

/// What Exact's adapter fills in by itself, of the account that is named.
const FILLED_IN: [(Preset, &str); 3] = [
    (Preset::Companies, "Account"),
    (Preset::Orders, "DeliveryAddress"),
    (Preset::Quotations, "DeliveryAddress"),
];

/// A customer and an item of the same numbers in both administrations; deals and quotations go where their title says, and
/// people where their name does.
async fn open(vendor: Vendor) -> Shop {
    let mut shop = Shop::open(vendor, 2, &PRESETS).await;
    let second = Division::new(u32::try_from(shop.sandbox.exact().divisions()[1]).unwrap());
    let (title, name, stage, at) = match vendor {
        Vendor::Pipedrive => ("title", "name", "stage_id", "Pipeline/Proposal Made"),
        _ => ("dealname", "lastname", "dealstage", "Presentation Scheduled"),
    };
    for (preset, field) in [(Preset::Orders, title), (Preset::Quotations, title), (Preset::Contacts, name)] {
        let when = Condition::crm(field, Test::Contains("Noord".to_owned()));
        shop.flow(preset).routes = vec![Route { when, division: second }];
    }
    shop.flow(Preset::Quotations).narrow(Condition::crm(stage, Test::Is(at.into())));
    for division in shop.sandbox.exact().divisions() {
        let enter = |path: &str, fields: Json| shop.sandbox.exact().create(*division, path, fields).unwrap();
        enter("crm/Accounts", json!({ "Name": "Bakker", "ChamberOfCommerce": "11111111", "Status": "C" }));
        let item = json!({ "Code": "W-1", "Description": "W-1", "IsSalesItem": true, "SalesVatCode": "2" });
        enter("logistics/Items", item);
    }
    shop
}

fn ids(shop: &Shop, division: i64) -> BTreeSet<String> {
    let all = ["crm/Accounts", "crm/Addresses", "crm/Contacts", "logistics/Items"];
    let rows = all.iter().flat_map(|path| shop.sandbox.exact().records(division, path).unwrap());
    rows.map(|row| text(&row["ID"])).collect()
}

#[tokio::test]
async fn a_rule_on_the_deal_says_which_division_gets_it_and_every_reference_is_of_that_division() {
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        let shop = open(vendor).await;
        shop.run().await;
        let (company, item) = (shop.known("companies", "Bakker"), shop.known("products", "W-1"));
        let people = ["Zuid", "Noord"]
            .map(|name| shop.person(&format!("Jan {name}"), &format!("{name}@example.com"), &company));
        shop.edit_company(
            &company,
            json!({ "Invoice city": "Gent", "Delivery city": "Ede" }),
            json!({ "exact_invoice_city": "Gent", "exact_delivery_city": "Ede" }),
        );
        shop.run().await;
        for (title, person) in ["Zuid", "Noord"].into_iter().zip(&people) {
            let quoted = shop.deal(&format!("Quote {title}"), &company, &[(&item, "1", "10", "0")]);
            shop.meet(&quoted, person);
            shop.edit(&quoted, json!({ "stage_id": 4 }), json!({ "dealstage": "presentationscheduled" }));
            let deal = shop.deal(title, &company, &[(&item, "1", "10", "0")]);
            shop.meet(&deal, person);
            shop.win(&deal);
        }
        shop.run().await;
        let divisions = shop.sandbox.exact().divisions().to_vec();
        let mut covered = BTreeSet::new();
        for (division, title) in divisions.iter().zip(["Zuid", "Noord"]) {
            let rows = |path: &str| shop.sandbox.exact().records(*division, path).unwrap();
            let titles: Vec<String> =
                rows("salesorder/SalesOrders").iter().map(|row| text(&row["Description"])).collect();
            assert_eq!(titles, [title], "{vendor:?}: {}", shop.asked().await);
            assert_eq!(rows("crm/Quotations").len(), 1, "{vendor:?}");
            let own = ids(&shop, *division);
            for (preset, path, fields) in NAMED {
                for (row, field) in
                    rows(path).iter().flat_map(|row| fields.iter().map(move |field| (row, *field)))
                {
                    let id = text(&row[field]);
                    assert!(own.contains(&id), "{vendor:?}: {path} {field} {id} is of another division");
                    covered.insert((preset.as_str(), field));
                }
            }
        }
        assert!(
            ids(&shop, divisions[0]).is_disjoint(&ids(&shop, divisions[1])),
            "ids are of one division each"
        );
        assert_eq!(covered, references(vendor), "a field that names a record and is not looked at here");
        shop.is_quiet().await;

        let stranger = shop.deal("Noord 2", &company, &[(&item, "1", "10", "0")]);
        shop.meet(&stranger, &people[0]);
        shop.win(&stranger);
        shop.run().await;
        let orders = shop.sandbox.exact().records(divisions[1], "salesorder/SalesOrders").unwrap();
        let order = orders.iter().find(|row| row["Description"] == "Noord 2").unwrap();
        let person = text(&order["OrderedByContactPerson"]);
        assert!(!ids(&shop, divisions[0]).contains(&person), "{vendor:?}: whom this division does not know");
        assert_eq!(shop.asked().await, "", "{vendor:?}");
    }
}

/// Every field of a preset by which a record that is made in Exact names another one.
fn references(vendor: Vendor) -> BTreeSet<(&'static str, &'static str)> {
    let named = PRESETS.into_iter().flat_map(|preset| {
        let flow = preset.flow(vendor);
        let to_exact = flow.create.allows(Side::Exact);
        let rules = flow.rules.into_iter().filter(move |_| to_exact);
        let all = rules.flat_map(|rule| rule.lines.clone().into_iter().chain([rule]));
        all.filter(|rule| rule.via.is_some()).map(move |rule| (preset.as_str(), rule.exact))
    });
    let filled_in = FILLED_IN.map(|(preset, field)| (preset.as_str(), field.to_owned()));
    let known = NAMED.iter().flat_map(|(_, _, fields)| fields.iter().copied());
    let known: Vec<&str> = known.collect();
    named
        .chain(filled_in)
        .map(|(preset, field)| {
            let field = known.iter().find(|known| **known == field);
            (preset, *field.unwrap_or_else(|| panic!("a new reference field of {preset}")))
        })
        .collect()
}
