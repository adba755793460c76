use crm_adapters::{Kind, RecordId};
use rust_decimal::Decimal;
use serde_json::json;
use sync_core::flow::{Preset, Vendor};
use uuid::Uuid;

use super::desk::Desk;
use super::for_both_vendors;

for_both_vendors! {
    what_a_customer_owes_follows_every_booking_on_the_company,
    what_is_overdue_grows_by_the_day,
    a_credit_note_takes_back_what_the_company_owes,
}

const OWED: [&str; 4] =
    ["custom:Outstanding amount", "custom:Overdue amount", "custom:Open invoices", "custom:Last payment"];

fn item(desk: &Desk) -> Uuid {
    desk.enter(
        "logistics/Items",
        json!({ "Code": "A", "Description": "A", "IsSalesItem": true, "SalesVatCode": "2", "StandardSalesPrice": 100 }),
    )
}

fn invoice(desk: &Desk, customer: Uuid, item: Uuid) -> Uuid {
    let lines = json!([{ "Item": item, "Quantity": 1, "NetPrice": 100.1, "VATCode": "0" }]);
    let fields = json!({
        "OrderedBy": customer, "Journal": "70", "YourRef": "PO 7", "SalesInvoiceLines": lines,
    });
    let invoice = desk.enter("salesinvoice/SalesInvoices", fields);
    desk.sandbox.exact().print(desk.division, invoice).unwrap();
    invoice
}

async fn owed(desk: &Desk, customer: Uuid) -> String {
    desk.crm_shows(Kind::Company, customer, &OWED).await
}

async fn what_a_customer_owes_follows_every_booking_on_the_company(vendor: Vendor) {
    let desk = Desk::open(vendor, &[Preset::Companies]).await;
    let (bakker, smid, item) = (desk.customer("Bakker"), desk.customer("Smid"), item(&desk));
    let (one, two) = (invoice(&desk, bakker, item), invoice(&desk, bakker, item));
    desk.settle().await;
    assert_eq!(owed(&desk, bakker).await, "200.2 | 0 | 2 | ");
    assert_eq!(owed(&desk, smid).await, " |  |  | ", "who was never invoiced has nothing");
    let (exact, division) = (desk.sandbox.exact(), desk.division);
    exact.pay(division, one, Some(Decimal::new(4005, 2))).unwrap();
    desk.settle().await;
    assert_eq!(owed(&desk, bakker).await, "160.15 | 0 | 2 | 2026-11-22");
    exact.pay(division, one, None).unwrap();
    desk.settle().await;
    assert_eq!(owed(&desk, bakker).await, "100.1 | 0 | 1 | 2026-11-22");
    exact.unmatch(division, one).unwrap();
    desk.settle().await;
    assert!(owed(&desk, bakker).await.starts_with("200.2 | 0 | 2 | "), "paid, then not paid after all");
    exact.write_off(division, two).unwrap();
    desk.settle().await;
    assert!(owed(&desk, bakker).await.starts_with("100.1 | 0 | 1 | "));
    let id = desk.crm_id(Kind::Company, bakker).await;
    desk.crm_edit(
        Kind::Company,
        &id,
        json!({ "Outstanding amount": 5 }),
        json!({ "exact_outstanding_amount": "5" }),
    );
    desk.settle().await;
    assert!(owed(&desk, bakker).await.starts_with("100.1 | "), "what somebody types over it is set back");
}

async fn what_is_overdue_grows_by_the_day(vendor: Vendor) {
    let desk = Desk::open(vendor, &[Preset::Companies]).await;
    let (bakker, item) = (desk.customer("Bakker"), item(&desk));
    invoice(&desk, bakker, item);
    desk.settle().await;
    let late = ["custom:Overdue amount", "custom:Days overdue"];
    assert_eq!(desk.crm_shows(Kind::Company, bakker, &late).await, "0 | 0");
    for _ in 0..3 {
        // A grant lapses in thirty days without use.
        desk.pass_days(12);
        desk.run().await;
    }
    let before = desk.crm_shows(Kind::Company, bakker, &late).await;
    desk.pass_days(1);
    desk.settle().await;
    let after = desk.crm_shows(Kind::Company, bakker, &late).await;
    let days = |shown: &str| shown.strip_prefix("100.1 | ").map(|days| days.parse::<u32>().unwrap());
    assert_eq!(days(&after), days(&before).map(|days| days + 1), "{before}, then {after}");
    assert!(days(&after).is_some(), "{after}");
}

async fn a_credit_note_takes_back_what_the_company_owes(vendor: Vendor) {
    let desk = Desk::open(vendor, &[Preset::Companies]).await;
    let (bakker, item) = (desk.customer("Bakker"), item(&desk));
    let (open, paid) = (invoice(&desk, bakker, item), invoice(&desk, bakker, item));
    let (exact, division) = (desk.sandbox.exact(), desk.division);
    exact.pay(division, paid, None).unwrap();
    exact.credit(division, open).unwrap();
    desk.settle().await;
    assert_eq!(owed(&desk, bakker).await, "0 | 0 | 0 | 2026-11-22");
    exact.credit(division, paid).unwrap();
    desk.settle().await;
    assert_eq!(owed(&desk, bakker).await, "-100.1 | 0 | 0 | 2026-11-22", "the money is to go back");
}

const SHOWN: [&str; 5] = [
    "custom:Amount",
    "custom:Outstanding amount",
    "custom:Paid amount",
    "custom:Payment status",
    "custom:Last payment",
];

async fn payment(desk: &Desk, id: &RecordId) -> String {
    desk.crm_show(Kind::Invoice, id, &SHOWN).await
}

#[tokio::test]
async fn invoices_are_mirrored_in_hubspot_under_their_company_with_how_far_they_are_paid() {
    let desk = Desk::open(Vendor::HubSpot, &[Preset::Companies, Preset::Invoices]).await;
    let (bakker, item) = (desk.customer("Bakker"), item(&desk));
    let fields = json!({
        "OrderedBy": bakker, "Journal": "70",
        "SalesInvoiceLines": [{ "Item": item, "Quantity": 1, "VATCode": "0" }],
    });
    let draft = desk.enter("salesinvoice/SalesInvoices", fields);
    let one = invoice(&desk, bakker, item);
    desk.settle().await;
    assert_eq!(desk.crm_count(Kind::Invoice), 1, "a draft is no invoice yet");
    let id = desk.crm_id(Kind::Invoice, one).await;
    let number = desk
        .book("salesinvoice/SalesInvoices")
        .iter()
        .find(|row| row["InvoiceID"] == json!(one))
        .unwrap()["InvoiceNumber"]
        .to_string();
    let company = desk.crm_id(Kind::Company, bakker).await;
    let names = ["custom:Invoice number", "association:company", "hs_currency", "custom:Your reference"];
    assert_eq!(desk.crm_show(Kind::Invoice, &id, &names).await, format!("{number} | {company} | EUR | PO 7"));
    let dates = desk.crm_show(Kind::Invoice, &id, &["custom:Invoice date", "custom:Invoice PDF"]).await;
    assert!(dates.starts_with("2026-11-22") && dates.contains("SysAttachment"), "{dates}");
    assert_eq!(payment(&desk, &id).await, "100.1 | 100.1 | 0 | open | ");
    let (exact, division) = (desk.sandbox.exact(), desk.division);
    exact.pay(division, one, Some(Decimal::TEN)).unwrap();
    desk.settle().await;
    assert_eq!(payment(&desk, &id).await, "100.1 | 90.1 | 10 | partly paid | 2026-11-22");
    exact.pay(division, one, None).unwrap();
    desk.settle().await;
    assert_eq!(payment(&desk, &id).await, "100.1 | 0 | 100.1 | paid | 2026-11-22");
    exact.unmatch(division, one).unwrap();
    desk.settle().await;
    assert!(payment(&desk, &id).await.starts_with("100.1 | 100.1 | 0 | open"));
    let note = exact.credit(division, one).unwrap();
    exact.print(division, draft).unwrap();
    desk.settle().await;
    assert_eq!(desk.crm_count(Kind::Invoice), 3, "the credit note and what was a draft came along");
    let note = desk.crm_id(Kind::Invoice, note).await;
    assert!(payment(&desk, &note).await.starts_with("-100.1 | 0 | "), "{}", payment(&desk, &note).await);
    // Every figure of the company is the sum of those of its invoices.
    let mut sum = Decimal::ZERO;
    for invoice in [one, draft] {
        let shown = desk.crm_shows(Kind::Invoice, invoice, &["custom:Outstanding amount"]).await;
        sum += shown.parse::<Decimal>().unwrap();
    }
    assert_eq!(desk.crm_shows(Kind::Company, bakker, &OWED[..1]).await, sum.normalize().to_string());
}
