//! Items and their prices.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::super::tables::sales_item_prices;
use super::super::write::look_up;
use super::unique_code;

pub(super) fn prepare(books: &mut Books<'_>, id: Uuid, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if row.stored("Unit").is_none() {
        row.set("Unit", Cell::text("pc"));
    }
    if before.is_none() && row.stored("StartDate").is_none() {
        row.set("StartDate", Cell::day(books.now));
    }
    if row.guid("ItemGroup").is_none() {
        let group = books.division.rows(Kind::ItemGroup).find(|group| group.int("IsDefault") == Some(1));
        let group = group.and_then(|group| group.guid("ID"));
        row.set("ItemGroup", group.map_or(Cell::Null, Cell::Guid));
    }
    unique_code(books, Kind::Item, id, row)
}

/// The standard price is the general price of the default unit.
pub(super) fn settle(books: &mut Books<'_>, id: Uuid, before: Option<&Row>) {
    let Some(row) = books.get(Kind::Item, id).cloned() else { return };
    let Some(price) = row.number("StandardSalesPrice") else { return };
    if before.and_then(|before| before.number("StandardSalesPrice")) == Some(price) {
        return;
    }
    if let Some(general) = general_price(books, id) {
        books.edit(Kind::SalesItemPrice, general, |general| general.set("Price", Cell::decimal(price)));
        return;
    }
    let (price_id, blank) = books.blank(&sales_item_prices::ENTITY);
    let unit = row.stored("Unit").cloned().unwrap_or(Cell::Null);
    let mut blank = blank
        .with("Item", Cell::Guid(id))
        .with("Price", Cell::decimal(price))
        .with("Quantity", Cell::Int(1))
        .with("Unit", unit.clone())
        .with("DefaultItemUnit", unit)
        .with("StartDate", Cell::day(books.now));
    super::currency(books, &mut blank);
    look_up(books, &sales_item_prices::ENTITY, &mut blank);
    books.put(Kind::SalesItemPrice, price_id, blank);
}

pub(super) fn prepare_price(books: &mut Books<'_>, row: &mut Row) -> Vec<String> {
    super::currency(books, row);
    let unit = books.of(row, "Item", Kind::Item).and_then(|item| item.stored("Unit")).cloned();
    let unit = unit.unwrap_or_else(|| Cell::text("pc"));
    if row.stored("Unit").is_none() {
        row.set("Unit", unit.clone());
    }
    row.set("DefaultItemUnit", unit);
    if row.stored("Quantity").is_none() {
        row.set("Quantity", Cell::Int(1));
    }
    if row.stored("StartDate").is_none() {
        row.set("StartDate", Cell::day(books.now));
    }
    Vec::new()
}

/// The general price of the default unit shows on the item. It does not count as an edit of the item.
pub(super) fn settle_price(books: &mut Books<'_>, id: Uuid) {
    let Some(row) = books.get(Kind::SalesItemPrice, id) else { return };
    let (Some(item), Some(price)) = (row.guid("Item"), row.number("Price")) else { return };
    if is_general(row) && general_price(books, item) == Some(id) {
        books.change(Kind::Item, item, |item| item.set("StandardSalesPrice", Cell::decimal(price)));
    }
}

/// Without a customer, from the first piece, in the default unit, without an end.
fn is_general(row: &Row) -> bool {
    row.guid("Account").is_none()
        && row.number("Quantity").unwrap_or(Decimal::ONE) <= Decimal::ONE
        && row.str("Unit") == row.str("DefaultItemUnit")
        && !matches!(row.stored("EndDate"), Some(Cell::Moment(_)))
}

/// What everybody pays for one in the default unit.
pub(super) fn standard_price(books: &Books<'_>, item: Uuid) -> Option<Decimal> {
    books.get(Kind::SalesItemPrice, general_price(books, item)?)?.number("Price")
}

fn general_price(books: &Books<'_>, item: Uuid) -> Option<Uuid> {
    let prices = books.division.with(Kind::SalesItemPrice, "Item", &Cell::Guid(item));
    prices.into_iter().find(|(_, row)| is_general(row)).map(|(id, _)| id)
}

/// What this customer pays for one: the agreement that holds today for this quantity, else the general price.
pub(super) fn price_for(
    books: &Books<'_>,
    item: Uuid,
    account: Option<Uuid>,
    quantity: Decimal,
) -> Option<Decimal> {
    let today = Cell::day(books.now);
    let holds = |row: &Row| {
        let begun = row.stored("StartDate").and_then(|date| date.compare(&today)).is_none_or(|o| o.is_le());
        let lasts = row.stored("EndDate").and_then(|date| date.compare(&today)).is_none_or(|o| o.is_ge());
        begun && lasts && row.number("Quantity").unwrap_or(Decimal::ONE) <= quantity.max(Decimal::ONE)
    };
    let prices = books.division.with(Kind::SalesItemPrice, "Item", &Cell::Guid(item));
    let best = |of: Option<Uuid>| {
        let fitting = prices.iter().filter(|(_, row)| row.guid("Account") == of && holds(row));
        fitting
            .max_by(|(_, a), (_, b)| {
                let from = |row: &Row| row.number("Quantity").unwrap_or(Decimal::ONE);
                from(a).cmp(&from(b))
            })
            .and_then(|(_, row)| row.number("Price"))
    };
    let agreed = account.and_then(|account| best(Some(account)));
    agreed.or_else(|| best(None)).or_else(|| books.get(Kind::Item, item)?.number("StandardSalesPrice"))
}

/// An item on an order, a quotation or an invoice stays.
pub(super) fn before_delete(books: &mut Books<'_>, id: Uuid) -> Vec<String> {
    let named = [Kind::SalesOrderLine, Kind::SalesInvoiceLine, Kind::QuotationLine];
    let used = named.iter().any(|kind| books.division.rows(*kind).any(|line| line.guid("Item") == Some(id)));
    if used {
        let complaint =
            books.say("Verwijderen niet mogelijk: Artikel is in gebruik", "Cannot delete: Item is in use");
        return vec![complaint];
    }
    for price in books.ids(Kind::SalesItemPrice, "Item", id) {
        books.remove(Kind::SalesItemPrice, price);
    }
    Vec::new()
}
