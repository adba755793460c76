//! Price lists that customers share: their periods, and what they say of items.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::items::standard_price;

const NEW_PRICE: i64 = 2;

pub(super) fn prepare_period(books: &mut Books<'_>, row: &mut Row) -> Vec<String> {
    let own =
        books.of(row, "PriceList", Kind::SalesPriceList).and_then(|list| list.stored("Currency")).cloned();
    if let (None, Some(own)) = (row.stored("Currency"), own) {
        row.set("Currency", own);
    }
    super::currency(books, row);
    if row.stored("StartDate").is_none() {
        row.set("StartDate", Cell::day(books.now));
    }
    Vec::new()
}

/// Where it says nothing of how it is meant, a new price leads, else the discount; without a base price of its own that
/// is off the standard price.
pub(super) fn prepare(books: &mut Books<'_>, row: &mut Row) -> Vec<String> {
    if row.guid("Item").or_else(|| row.guid("ItemGroup")).is_none() {
        return vec![books.mandatory("Item")];
    }
    let unit = books.of(row, "Item", Kind::Item).and_then(|item| item.stored("Unit")).cloned();
    if let (None, Some(unit)) = (row.stored("Unit"), unit) {
        row.set("Unit", unit);
    }
    if row.number("Quantity").is_none() {
        row.set("Quantity", Cell::Int(1));
    }
    if row.number("NumberOfItemsPerUnit").is_none() {
        row.set("NumberOfItemsPerUnit", Cell::Int(1));
    }
    if row.int("EntryMethod").is_none() {
        row.set("EntryMethod", Cell::Int(if row.number("NewPrice").is_some() { NEW_PRICE } else { 1 }));
    }
    if row.guid("BasePrice").is_none() {
        let standard = row.guid("Item").and_then(|item| standard_price(books, item));
        row.set("BasePriceAmount", standard.map_or(Cell::Null, Cell::decimal));
    }
    complete(row);
    let list = books
        .of(row, "PriceListPeriod", Kind::SalesPriceListPeriod)
        .and_then(|period| books.of(period, "PriceList", Kind::SalesPriceList));
    let shown = |name: &str| list.and_then(|list| list.stored(name)).cloned().unwrap_or(Cell::Null);
    let (code, description) = (shown("Code"), shown("Description"));
    row.set("PriceListCode", code);
    row.set("PriceListDescription", description);
    Vec::new()
}

/// Of price and discount, the one that does not lead is worked out.
fn complete(row: &mut Row) {
    let Some(base) = row.number("BasePriceAmount").filter(|base| !base.is_zero()) else { return };
    if row.int("EntryMethod") == Some(NEW_PRICE) {
        let price = row.number("NewPrice").unwrap_or_default();
        row.set("Discount", Cell::decimal(Decimal::ONE - price / base));
    } else {
        let off = row.number("Discount").unwrap_or_default();
        row.set("NewPrice", Cell::decimal((Decimal::ONE - off) * base));
    }
}

/// A period goes with what it says of items, and a list with its periods.
pub(super) fn before_delete(books: &mut Books<'_>, kind: Kind, id: Uuid) -> Vec<String> {
    let periods = match kind {
        Kind::SalesPriceList => books.ids(Kind::SalesPriceListPeriod, "PriceList", id),
        _ => vec![id],
    };
    for period in periods {
        for row in books.ids(Kind::SalesPriceListVolumeDiscount, "PriceListPeriod", period) {
            books.remove(Kind::SalesPriceListVolumeDiscount, row);
        }
        if kind == Kind::SalesPriceList {
            books.remove(Kind::SalesPriceListPeriod, period);
        }
    }
    Vec::new()
}
