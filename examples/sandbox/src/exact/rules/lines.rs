//! Lines of quotations, orders and invoices: prices, VAT and what they add up to.

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::items::price_for;

/// A header with lines that are sold.
#[derive(Debug)]
pub(in super::super) struct Sale {
    pub(super) header: Kind,
    pub(super) line: Kind,
    /// The line's property that names the header.
    pub(super) parent: &'static str,
    /// The header's property that names who buys.
    pub(super) customer: &'static str,
    /// What a line repeats of its header.
    repeats: &'static [&'static str],
}

pub(in super::super) static QUOTATION: Sale = Sale {
    header: Kind::Quotation,
    line: Kind::QuotationLine,
    parent: "QuotationID",
    customer: "OrderAccount",
    repeats: &["QuotationNumber", "VersionNumber"],
};

pub(in super::super) static ORDER: Sale = Sale {
    header: Kind::SalesOrder,
    line: Kind::SalesOrderLine,
    parent: "OrderID",
    customer: "OrderedBy",
    repeats: &["OrderNumber"],
};

pub(in super::super) static INVOICE: Sale = Sale {
    header: Kind::SalesInvoice,
    line: Kind::SalesInvoiceLine,
    parent: "InvoiceID",
    customer: "OrderedBy",
    repeats: &[],
};

/// Two decimals, as amounts have.
pub(in super::super) fn rounded(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

pub(super) fn prepare(
    books: &mut Books<'_>,
    sale: &Sale,
    row: &mut Row,
    before: Option<&Row>,
) -> Vec<String> {
    let header = books.of(row, sale.parent, sale.header).cloned();
    if before.is_none() {
        let last = header_lines(books, sale, row).filter_map(|line| line.int("LineNumber")).max();
        row.set("LineNumber", Cell::Int(last.unwrap_or_default() + 1));
        for name in sale.repeats {
            let cell = header.as_ref().and_then(|header| header.stored(name)).cloned();
            row.set(name, cell.unwrap_or(Cell::Null));
        }
    }
    if row.number("Quantity").is_none() {
        row.set("Quantity", Cell::Int(1));
    }
    if let Some(item) = books.of(row, "Item", Kind::Item) {
        let default = |row: &mut Row, name: &'static str, shown: &str| {
            if row.stored(name).is_none() {
                row.set(name, item.stored(shown).cloned().unwrap_or(Cell::Null));
            }
        };
        default(row, "Description", "Description");
        default(row, "UnitCode", "Unit");
        default(row, "VATCode", "SalesVatCode");
    }
    let customer = header.as_ref().and_then(|header| header.guid(sale.customer));
    let account = customer.and_then(|id| books.get(Kind::Account, id));
    if row.str("VATCode").is_none()
        && let Some(code) = account.and_then(|account| account.stored("SalesVATCode"))
    {
        row.set("VATCode", code.clone());
    }
    price(books, row, before, customer);
    let rate = header.as_ref().map_or(Decimal::ONE, |header| books.rate(header));
    amounts(books, row, rate);
    Vec::new()
}

/// `NetPrice` wins over `UnitPrice`; a line that names neither gets the customer's price.
fn price(books: &Books<'_>, row: &mut Row, before: Option<&Row>, customer: Option<Uuid>) {
    let changed = |name: &str| before.and_then(|before| before.number(name)) != row.number(name);
    let discount = row.number("Discount").unwrap_or_default();
    if changed("NetPrice") && row.number("NetPrice").is_some() {
        if row.number("UnitPrice").is_none() {
            row.set("UnitPrice", Cell::Int(0));
        }
        return;
    }
    if before.is_some() && !["UnitPrice", "Discount", "Item"].iter().any(|name| changed(name)) {
        return;
    }
    let quantity = row.number("Quantity").unwrap_or_default();
    let unit_price = row
        .number("UnitPrice")
        .or_else(|| price_for(books, row.guid("Item")?, customer, quantity))
        .unwrap_or_default();
    row.set("UnitPrice", Cell::decimal(unit_price));
    row.set("NetPrice", Cell::decimal(unit_price * (Decimal::ONE - discount)));
}

/// The line's amount excludes VAT; the rate is kept as it was when the line was written.
fn amounts(books: &Books<'_>, row: &mut Row, in_home: Decimal) {
    let code = row.str("VATCode").map(str::to_owned);
    let rate = code
        .and_then(|code| books.by_code(Kind::VatCode, code.trim()))
        .and_then(|code| code.number("Percentage"))
        .unwrap_or_default();
    let quantity = row.number("Quantity").unwrap_or_default();
    let net = rounded(quantity * row.number("NetPrice").unwrap_or_default());
    let vat = rounded(net * rate);
    row.set("VATPercentage", Cell::decimal(rate));
    for (name, amount) in [
        ("AmountFC", net),
        ("AmountDC", net * in_home),
        ("VATAmount", vat),
        ("VATAmountFC", vat),
        ("VATAmountDC", vat * in_home),
    ] {
        row.set(name, Cell::decimal(rounded(amount)));
    }
}

fn header_lines<'a>(books: &'a Books<'_>, sale: &Sale, line: &Row) -> impl Iterator<Item = &'a Row> {
    let parent = line.stored(sale.parent).cloned().unwrap_or(Cell::Null);
    books.division.with(sale.line, sale.parent, &parent).into_iter().map(|(_, row)| row)
}

pub(super) fn total_of(books: &mut Books<'_>, sale: &Sale, line: Uuid) {
    if let Some(line) = books.get(sale.line, line).cloned() {
        total(books, sale, &line);
    }
}

/// Adds the lines up on their header, whose amounts include VAT.
pub(super) fn total(books: &mut Books<'_>, sale: &Sale, line: &Row) {
    let Some(header) = line.guid(sale.parent) else { return };
    let (mut net, mut vat) = (Decimal::ZERO, Decimal::ZERO);
    for line in header_lines(books, sale, line) {
        net += line.number("AmountFC").unwrap_or_default();
        vat += line.number("VATAmountFC").unwrap_or_default();
    }
    let in_home = books.get(sale.header, header).map_or(Decimal::ONE, |header| books.rate(header));
    books.change(sale.header, header, |header| {
        let kept = Decimal::ONE - header.number("Discount").unwrap_or_default();
        let (full, net, vat) = (net, rounded(net * kept), rounded(vat * kept));
        for (name, amount) in [
            ("AmountDC", (net + vat) * in_home),
            ("AmountFC", net + vat),
            ("AmountFCExclVat", net),
            ("VATAmount", vat),
            ("VATAmountDC", vat * in_home),
            ("VATAmountFC", vat),
            ("AmountDiscountExclVat", full - net),
        ] {
            header.set(name, Cell::decimal(rounded(amount)));
        }
    });
}

/// Who may be sold to: a customer that is not blocked.
pub(super) fn check_customer(books: &Books<'_>, row: &Row, names: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    for name in names {
        let Some(account) = books.of(row, name, Kind::Account) else { continue };
        let label = super::super::books::dutch(name);
        if account.str("Status") != Some("C") {
            let dutch = format!("Ongeldig: {label} (Type)");
            complaints.push(books.say(&dutch, &format!("Invalid: {name} (Type)")));
        }
        if account.stored("Blocked") == Some(&Cell::Bool(true)) {
            let dutch = format!("Geblokkeerd: {label}");
            complaints.push(books.say(&dutch, &format!("Blocked: {name}")));
        }
    }
    complaints
}

/// What a header takes over from its customer.
pub(super) fn default_parties(books: &Books<'_>, row: &mut Row, parties: &[(&'static str, &'static str)]) {
    let Some(buyer) = parties.first().and_then(|(name, _)| row.guid(name)) else { return };
    for (name, contact) in parties {
        if row.guid(name).is_none() {
            let invoice_to = name.starts_with("Invoice");
            let other = books.get(Kind::Account, buyer).filter(|_| invoice_to);
            let other = other.and_then(|account| account.guid("InvoiceAccount"));
            row.set(name, Cell::Guid(other.unwrap_or(buyer)));
        }
        if row.guid(contact).is_none() {
            let main = books.of(row, name, Kind::Account).and_then(|account| account.guid("MainContact"));
            row.set(contact, main.map_or(Cell::Null, Cell::Guid));
        }
    }
}

/// The delivery address of the one who receives, or else the visit address.
pub(super) fn default_address(books: &Books<'_>, row: &mut Row, party: &str, name: &'static str) {
    if row.guid(name).is_none()
        && let Some(account) = row.guid(party)
    {
        let delivery = super::accounts::main_address(books, account, 4);
        let found = delivery
            .filter(|_| books.settings.default_delivery_address)
            .or_else(|| super::accounts::main_address(books, account, 1));
        row.set(name, found.map_or(Cell::Null, |(id, _)| Cell::Guid(id)));
    }
}

/// The condition of the one who pays, or else 30 days.
pub(super) fn default_payment(books: &Books<'_>, row: &mut Row, payer: &str) {
    if row.str("PaymentCondition").is_none() {
        let own = books.of(row, payer, Kind::Account);
        let own = own.and_then(|account| account.stored("PaymentConditionSales"));
        let own = own.filter(|cell| **cell != Cell::Null).cloned();
        row.set("PaymentCondition", own.unwrap_or_else(|| Cell::text("30")));
    }
    super::currency(books, row);
}

/// A day that nobody named is today.
pub(super) fn default_days(books: &Books<'_>, row: &mut Row, names: &[&'static str]) {
    for name in names {
        if !matches!(row.stored(name), Some(Cell::Moment(_))) {
            row.set(name, Cell::day(books.now));
        }
    }
}
