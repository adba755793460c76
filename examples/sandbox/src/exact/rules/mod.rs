//! What each kind of record does beyond its data.

mod accounts;
mod addresses;
mod contacts;
mod deliveries;
pub(super) mod documents;
pub(super) mod invoices;
mod items;
mod lines;
pub(super) mod orders;
mod price_lists;
pub(super) mod quotations;
pub(super) mod terms;
mod webhooks;

use uuid::Uuid;

use super::books::Books;
use super::cell::{Cell, Row};
use super::schema::Kind;

pub(super) use accounts::load;
pub(super) use invoices::from_orders;

/// The record that a create answers instead of making another.
pub(super) fn existing(books: &Books<'_>, kind: Kind, row: &Row) -> Option<Uuid> {
    (kind == Kind::Address).then(|| addresses::identical(books, row)).flatten()
}

/// Fills in what the payload left out, and tells what is wrong with the whole.
pub(super) fn prepare(
    books: &mut Books<'_>,
    kind: Kind,
    id: Uuid,
    row: &mut Row,
    before: Option<&Row>,
) -> Vec<String> {
    match kind {
        Kind::Account => accounts::prepare(books, id, row, before),
        Kind::Address => addresses::prepare(books, row),
        Kind::Contact => contacts::prepare(books, row, before),
        Kind::Item => items::prepare(books, id, row, before),
        Kind::SalesItemPrice => items::prepare_price(books, row),
        Kind::SalesPriceListPeriod => price_lists::prepare_period(books, row),
        Kind::SalesPriceListVolumeDiscount => price_lists::prepare(books, row),
        Kind::VatCode | Kind::PaymentCondition | Kind::Journal | Kind::GlAccount | Kind::Warehouse => {
            unique_code(books, kind, id, row)
        }
        Kind::Quotation => quotations::prepare(books, row, before),
        Kind::QuotationLine => lines::prepare(books, &lines::QUOTATION, row, before),
        Kind::SalesOrder => orders::prepare(books, row, before),
        Kind::SalesOrderLine => orders::prepare_line(books, row, before),
        Kind::GoodsDelivery => deliveries::prepare(books, row, before),
        Kind::GoodsDeliveryLine => deliveries::prepare_line(books, row, before),
        Kind::SalesInvoice => invoices::prepare(books, row, before),
        Kind::SalesInvoiceLine => invoices::prepare_line(books, row, before),
        Kind::Opportunity => opportunity(books, row, before),
        Kind::Document => documents::prepare(books, id, row, before),
        Kind::DocumentAttachment => documents::prepare_attachment(books, id, row),
        Kind::WebhookSubscription => webhooks::prepare(books, row),
        Kind::BankAccount
        | Kind::Currency
        | Kind::ItemGroup
        | Kind::PaymentTerm
        | Kind::SalesPriceList
        | Kind::Unit
        | Kind::System => Vec::new(),
    }
}

/// What a stored record means for others.
pub(super) fn settle(books: &mut Books<'_>, kind: Kind, id: Uuid, before: Option<&Row>) {
    match kind {
        Kind::Account => accounts::settle(books, id, before),
        Kind::Address => addresses::settle(books, id),
        Kind::Contact => contacts::settle(books, id),
        Kind::Item => items::settle(books, id, before),
        Kind::SalesItemPrice => items::settle_price(books, id),
        Kind::QuotationLine => lines::total_of(books, &lines::QUOTATION, id),
        Kind::SalesOrder => orders::settle(books, id, before),
        Kind::SalesOrderLine => orders::settle_line(books, id),
        Kind::GoodsDeliveryLine => deliveries::settle_line(books, id),
        Kind::SalesInvoice => invoices::settle(books, id, before),
        Kind::SalesInvoiceLine => invoices::settle_line(books, id),
        _ => {}
    }
}

/// Why a record cannot be deleted.
pub(super) fn before_delete(books: &mut Books<'_>, kind: Kind, id: Uuid, row: &Row) -> Vec<String> {
    match kind {
        Kind::Account => accounts::before_delete(books, id),
        Kind::Item => items::before_delete(books, id),
        Kind::SalesOrder => orders::before_delete(books, id),
        Kind::SalesPriceList | Kind::SalesPriceListPeriod => price_lists::before_delete(books, kind, id),
        Kind::SalesInvoice | Kind::SalesInvoiceLine => invoices::before_delete(books, row),
        _ => Vec::new(),
    }
}

pub(super) fn after_delete(books: &mut Books<'_>, kind: Kind, row: &Row) {
    match kind {
        Kind::QuotationLine => lines::total(books, &lines::QUOTATION, row),
        Kind::SalesOrderLine => lines::total(books, &lines::ORDER, row),
        Kind::SalesInvoiceLine => lines::total(books, &lines::INVOICE, row),
        _ => {}
    }
}

/// An unknown currency of an account is dropped without a word.
pub(super) fn silently(books: &Books<'_>, kind: Kind, name: &str, cell: Cell) -> Cell {
    match &cell {
        Cell::Text(code)
            if kind == Kind::Account
                && empties_unknown(name)
                && books.by_code(Kind::Currency, code).is_none() =>
        {
            Cell::Null
        }
        _ => cell,
    }
}

/// Whether an unknown code is dropped instead of refused.
pub(super) fn empties_unknown(name: &str) -> bool {
    matches!(name, "SalesCurrency" | "PurchaseCurrency")
}

fn unique_code(books: &Books<'_>, kind: Kind, id: Uuid, row: &Row) -> Vec<String> {
    let holders = row.stored("Code").map(|code| books.division.with(kind, "Code", code)).unwrap_or_default();
    let taken = holders.iter().any(|(holder, _)| *holder != id);
    if taken { vec![books.exists_already()] } else { Vec::new() }
}

fn opportunity(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if before.is_none() {
        row.set("Number", Cell::Int(books.division.next_number("Opportunities", 1)));
    }
    currency(books, row);
    let amount = row.number("AmountFC").or_else(|| row.number("AmountDC"));
    if let Some(amount) = amount {
        row.set("AmountDC", Cell::decimal(amount));
        row.set("AmountFC", Cell::decimal(amount));
    }
    match row.int("OpportunityStatus") {
        None | Some(1..=3) => Vec::new(),
        Some(_) => vec![books.invalid("OpportunityStatus")],
    }
}

/// The division's own where nothing is said.
fn currency(books: &Books<'_>, row: &mut Row) {
    if row.str("Currency").is_none() {
        let own = books.division.row.stored("Currency").cloned().unwrap_or(Cell::Null);
        row.set("Currency", own);
    }
}

pub(super) fn country_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "BE" => "België",
        "DE" => "Duitsland",
        "ES" => "Spanje",
        "FR" => "Frankrijk",
        "GB" => "Verenigd Koninkrijk",
        "LU" => "Luxemburg",
        "NL" => "Nederland",
        "US" => "Verenigde Staten",
        _ => return None,
    })
}

/// Sets `CountryName` by `Country`.
fn name_country(row: &mut Row) {
    let name = row.str("Country").and_then(country_name);
    row.set("CountryName", name.map_or(Cell::Null, Cell::text));
}
