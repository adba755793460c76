//! Contacts, addresses, items, prices and the codes that everything names.

use reqwest::Method;
use serde_json::json;

use super::shop::{id_of, stamp};
use crate::support::{World, send};

#[tokio::test]
async fn every_resource_is_served_with_its_twins() {
    let world = World::new().await;
    for path in [
        "crm/Contacts",
        "crm/Addresses",
        "crm/BankAccounts",
        "crm/Quotations",
        "crm/QuotationLines",
        "crm/Opportunities",
        "logistics/ItemGroups",
        "logistics/SalesItemPrices",
        "logistics/Units",
        "vat/VATCodes",
        "cashflow/PaymentConditions",
        "cashflow/Receivables",
        "financial/Journals",
        "financial/GLAccounts",
        "general/Currencies",
        "inventory/Warehouses",
        "salesorder/GoodsDeliveries",
        "salesorder/GoodsDeliveryLines",
        "sales/SalesPriceLists",
        "sales/SalesPriceListPeriods",
        "sales/SalesPriceListVolumeDiscounts",
        "documents/Documents",
        "documents/DocumentAttachments",
        "webhooks/WebhookSubscriptions",
        "read/financial/ReceivablesList",
        "bulk/CRM/Contacts",
        "bulk/CRM/Addresses",
        "bulk/CRM/Quotations",
        "bulk/CRM/QuotationLines",
        "bulk/Cashflow/Receivables",
        "bulk/Documents/Documents",
        "bulk/Documents/DocumentAttachments",
        "bulk/Logistics/SalesItemPrices",
        "bulk/SalesOrder/GoodsDeliveries",
        "bulk/SalesOrder/GoodsDeliveryLines",
        "sync/CRM/Contacts",
        "sync/CRM/Addresses",
        "sync/CRM/QuotationHeaders",
        "sync/CRM/QuotationLines",
        "sync/Logistics/Items",
        "sync/Logistics/SalesItemPrices",
        "sync/Sales/SalesPriceListVolumeDiscounts",
        "sync/SalesOrder/SalesOrderHeaders",
        "sync/SalesOrder/SalesOrderLines",
        "sync/SalesOrder/GoodsDeliveries",
        "sync/SalesOrder/GoodsDeliveryLines",
        "sync/SalesInvoice/SalesInvoices",
        "sync/Cashflow/PaymentTerms",
        "sync/Documents/Documents",
        "sync/Documents/DocumentAttachments",
    ] {
        assert_eq!(world.list(path, &[("$top", "1")]).await.status, 200, "{path}");
    }
    world.configure_exact(json!({ "limits": "off" })).await;
    for path in ["logistics/Items", "salesorder/SalesOrders", "salesinvoice/SalesInvoices"] {
        let query = [("$top", "1"), ("$filter", "Modified gt datetime'2020-01-01'")];
        assert_eq!(world.list(path, &query).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_reference_must_be_in_the_same_division() {
    let world = World::with(|builder| builder.divisions(2)).await;
    let second = world.sandbox.exact().divisions()[1];
    let elsewhere = world
        .sandbox
        .exact()
        .create(second, "crm/Accounts", json!({ "Name": "Elders", "Status": "C" }))
        .unwrap();
    let answer = world.post("crm/Contacts", json!({ "Account": elsewhere, "LastName": "Jansen" })).await;
    assert_eq!((answer.status, answer.message().as_str()), (500, "Ongeldige referentie: Relatie"));
    let answer = world.post("crm/Accounts", json!({ "Name": "A", "SalesVATCode": "99" })).await;
    assert_eq!((answer.status, answer.message().as_str()), (500, "Ongeldige referentie: Btw-code"));
}

#[tokio::test]
async fn an_unknown_currency_of_an_account_is_dropped_without_a_word() {
    let world = World::new().await;
    let id = id_of(&world.post("crm/Accounts", json!({ "Name": "A", "SalesCurrency": "XXX" })).await, "ID");
    assert_eq!(world.record("crm/Accounts", id)["SalesCurrency"], json!(null));
}

#[tokio::test]
async fn a_contact_needs_an_account_and_one_of_its_names() {
    let world = World::new().await;
    let answer = world.post("crm/Contacts", json!({ "Email": "a@b.nl" })).await;
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (500, "Verplicht: Achternaam\r\nVerplicht: Relatie")
    );
    let account = world.customer("Bakker");
    let answer = world.post("crm/Contacts", json!({ "Account": account, "FirstName": "Anna" })).await;
    let contact = world.record("crm/Contacts", id_of(&answer, "ID"));
    assert_eq!((&contact["FullName"], &contact["AccountName"]), (&json!("Anna"), &json!("Bakker")));
    assert_eq!(answer.json()["d"]["FirstName"], json!(null), "the echo holds little more than the key");
}

#[tokio::test]
async fn the_first_contact_is_the_main_one_until_another_takes_over() {
    let world = World::new().await;
    let account = world.customer("Bakker");
    let first = world.enter("crm/Contacts", json!({ "Account": account, "LastName": "Eerste" }));
    assert_eq!(world.record("crm/Accounts", account)["MainContact"], json!(first));
    let second = world.enter("crm/Contacts", json!({ "Account": account, "LastName": "Tweede" }));
    assert_eq!(world.record("crm/Accounts", account)["MainContact"], json!(first));
    let answer = world.put("crm/Contacts", second, json!({ "IsMainContact": true })).await;
    assert_eq!(answer.status, 204);
    assert_eq!(world.record("crm/Accounts", account)["MainContact"], json!(second));
    assert_eq!(world.record("crm/Contacts", first)["IsMainContact"], json!(false));
}

#[tokio::test]
async fn an_anonymised_contact_stays_without_what_says_who_it_is() {
    let world = World::new().await;
    let account = world.customer("Bakker");
    let fields = json!({ "Account": account, "LastName": "Jansen", "Email": "j@b.nl", "Mobile": "06" });
    let id = world.enter("crm/Contacts", fields);
    let before = stamp(&world.feed_after("sync/CRM/Contacts", 1).await[0]);
    world.sandbox.exact().anonymise(world.division(), id).unwrap();
    let rows = world.feed_after("sync/CRM/Contacts", before).await;
    assert_eq!((&rows[0]["IsAnonymised"], &rows[0]["Email"]), (&json!(1), &json!(null)));
    assert_eq!((&rows[0]["LastName"], &rows[0]["ID"]), (&json!(null), &json!(id)));
}

#[tokio::test]
async fn an_identical_address_is_found_again_instead_of_created() {
    let world = World::new().await;
    let account = world.customer("Bakker");
    let fields = json!({ "Account": account, "Type": 4, "AddressLine1": "Loods 2", "City": "Ede" });
    let first = id_of(&world.post("crm/Addresses", fields.clone()).await, "ID");
    assert_eq!(id_of(&world.post("crm/Addresses", fields).await, "ID"), first);
    assert_eq!(world.record("crm/Addresses", first)["Main"], json!(true), "the first of its type");
}

#[tokio::test]
async fn an_address_that_is_the_same_for_another_type_may_count_as_the_same() {
    let world = World::new().await;
    let account = world.customer("Bakker");
    let of_type =
        |ty: u8| json!({ "Account": account, "Type": ty, "AddressLine1": "Loods 2", "City": "Ede" });
    let delivery = id_of(&world.post("crm/Addresses", of_type(4)).await, "ID");
    assert_ne!(id_of(&world.post("crm/Addresses", of_type(3)).await, "ID"), delivery);
    world.sandbox.exact().configure(|settings| settings.same_address_of_any_type = true);
    assert_eq!(id_of(&world.post("crm/Addresses", of_type(2)).await, "ID"), delivery);
}

#[tokio::test]
async fn an_order_takes_the_delivery_address_or_the_visiting_one() {
    let world = World::new().await;
    let (account, item) = (world.customer("Bakker"), world.item("I-1"));
    let depot = json!({ "Account": account, "Type": 4, "AddressLine1": "Loods 2" });
    let depot = id_of(&world.post("crm/Addresses", depot).await, "ID");
    let ordered = async |defaults: bool| {
        world.sandbox.exact().configure(|settings| settings.default_delivery_address = defaults);
        let lines = json!([{ "Item": item, "Quantity": 1 }]);
        let order = json!({ "OrderedBy": account, "SalesOrderLines": lines });
        let order = id_of(&world.post("salesorder/SalesOrders", order).await, "OrderID");
        world.record("salesorder/SalesOrders", order)["DeliveryAddress"].clone()
    };
    assert_eq!(ordered(true).await, json!(depot));
    assert_ne!(ordered(false).await, json!(depot));
}

#[tokio::test]
async fn the_address_on_the_account_is_its_main_visit_address() {
    let world = World::new().await;
    let account = world.customer("Bakker");
    let list = || async {
        let filter = format!("Account eq guid'{account}' and Type eq 1");
        world.list("crm/Addresses", &[("$select", "ID,City,Main"), ("$filter", &filter)]).await.rows()
    };
    assert_eq!((list().await.len(), &list().await[0]["City"]), (1, &json!("Ede")));
    assert_eq!(world.put("crm/Accounts", account, json!({ "City": "Arnhem" })).await.status, 204);
    assert_eq!((list().await.len(), &list().await[0]["City"]), (1, &json!("Arnhem")));
    let address = list().await[0]["ID"].as_str().unwrap().parse().unwrap();
    assert_eq!(world.put("crm/Addresses", address, json!({ "City": "Zwolle" })).await.status, 204);
    assert_eq!(world.record("crm/Accounts", account)["City"], json!("Zwolle"));
}

#[tokio::test]
async fn the_default_address_needs_both_parameters() {
    let world = World::new().await;
    let account = format!("guid'{}'", world.customer("Bakker"));
    let path = "read/crm/DefaultAddressForAccount";
    let rows = world.list(path, &[("accountId", &account), ("addressType", "1")]).await.rows();
    assert_eq!(rows[0]["City"], "Ede");
    assert_eq!(
        world.list(path, &[("accountId", &account)]).await.message(),
        "Bad Request - Error in query syntax."
    );
}

#[tokio::test]
async fn an_items_standard_price_is_a_row_of_its_own_and_not_in_the_feed() {
    let world = World::new().await;
    let item = world.item("I-1");
    let prices = world.feed_after("sync/Logistics/SalesItemPrices", 1).await;
    assert_eq!((&prices[0]["Price"], &prices[0]["Account"]), (&json!(100), &json!(null)));
    let items = world.feed_after("sync/Logistics/Items", 1).await;
    assert_eq!(items[0]["Code"], "I-1");
    assert!(items[0].get("StandardSalesPrice").is_none());
    let price = prices[0]["ID"].as_str().unwrap().parse().unwrap();
    world
        .sandbox
        .exact()
        .edit(world.division(), "logistics/SalesItemPrices", price, json!({ "Price": 120 }))
        .unwrap();
    assert_eq!(world.record("logistics/Items", item)["StandardSalesPrice"], json!(120));
    let twice = world.post("logistics/Items", json!({ "Code": "I-1", "Description": "Again" })).await;
    assert_eq!((twice.status, twice.message().as_str()), (500, "Gegeven bestaat reeds."));
}

#[tokio::test]
async fn a_price_list_has_a_feed_of_what_it_takes_off_and_none_of_its_periods() {
    let world = World::new().await;
    let (feed, rows) = ("sync/Sales/SalesPriceListVolumeDiscounts", "sales/SalesPriceListVolumeDiscounts");
    let item = world.item("I-1");
    let list = world.enter("sales/SalesPriceLists", json!({ "Code": "G", "Description": "Groothandel" }));
    let period = world.enter("sales/SalesPriceListPeriods", json!({ "PriceList": list }));
    let row = json!({ "PriceListPeriod": period, "Item": item, "Discount": 0.1, "Quantity": 10 });
    let row = world.enter(rows, row);
    let told = world.feed_after(feed, 1).await;
    let shown = ["ItemCode", "PriceListCode", "EntryMethod", "BasePrice", "BasePriceAmount", "NewPrice"]
        .map(|name| told[0][name].clone());
    assert_eq!(shown, [json!("I-1"), json!("G"), json!(1), json!(null), json!(100), json!(90)]);
    let exact = world.sandbox.exact();
    exact
        .edit(world.division(), "sales/SalesPriceListPeriods", period, json!({ "EndDate": "2030-01-01" }))
        .unwrap();
    assert_eq!(world.feed_after(feed, stamp(&told[0])).await.len(), 0, "a period that changes moves no row");
    assert_eq!(world.post(rows, json!({ "Item": item })).await.status, 405);
    exact.delete(world.division(), "sales/SalesPriceListPeriods", period).unwrap();
    let query = [("$filter", "Timestamp gt 1L and EntityType eq 31")];
    assert_eq!(world.list("sync/Deleted", &query).await.rows()[0]["EntityKey"], json!(row));
}

#[tokio::test]
async fn codes_of_vat_are_padded_to_three() {
    let world = World::new().await;
    let query = [("$select", "Code,Percentage"), ("$filter", "Code eq '2  '")];
    let rows = world.list("vat/VATCodes", &query).await.rows();
    assert_eq!((&rows[0]["Code"], &rows[0]["Percentage"]), (&json!("2  "), &json!(0.21)));
    let unpadded = world.list("vat/VATCodes", &[("$select", "Code"), ("$filter", "Code eq '2'")]).await;
    assert_eq!(unpadded.rows().len(), 0);
    let item = world.item("I-1");
    assert_eq!(world.record("logistics/Items", item)["SalesVatCode"], "2  ");
}

#[tokio::test]
async fn currencies_are_read_by_their_code() {
    let world = World::new().await;
    let path = format!("{}/general/Currencies('EUR')", world.division());
    assert_eq!(send(world.exact(Method::GET, &path)).await.json()["d"]["Description"], "Euro");
}

#[tokio::test]
async fn an_account_in_use_cannot_be_deleted_and_takes_its_contacts_along_when_it_is_not() {
    let world = World::new().await;
    let (customer, item) = (world.customer("Bakker"), world.item("I-1"));
    let order = world.order(customer, item);
    assert_eq!(world.remove("crm/Accounts", customer).await.status, 500);
    assert_eq!(world.remove("logistics/Items", item).await.status, 500);
    let contact = world.enter("crm/Contacts", json!({ "Account": customer, "LastName": "Jansen" }));
    assert_eq!(world.remove("salesorder/SalesOrders", order).await.status, 204);
    assert_eq!(world.remove("crm/Accounts", customer).await.status, 204);
    let deleted = world.feed_after("sync/Deleted", 1).await;
    let types: Vec<i64> = deleted.iter().map(|row| row["EntityType"].as_i64().unwrap()).collect();
    assert_eq!(types, [33, 32, 5, 3, 2], "line, order, contact, address, account");
    assert_eq!(deleted[2]["EntityKey"], json!(contact));
}

#[tokio::test]
async fn timestamps_rise_over_all_feeds_of_a_division() {
    let world = World::new().await;
    let account = world.customer("Bakker");
    world.enter("crm/Contacts", json!({ "Account": account, "LastName": "Jansen" }));
    let contact = stamp(&world.feed_after("sync/CRM/Contacts", 1).await[0]);
    world.item("I-1");
    let item = stamp(&world.feed_after("sync/Logistics/Items", 1).await[0]);
    assert!(item > contact);
    world.sandbox.exact().edit(world.division(), "crm/Accounts", account, json!({ "Phone": "1" })).unwrap();
    assert!(stamp(&world.feed_after("sync/CRM/Accounts", 1).await[0]) > item);
}
