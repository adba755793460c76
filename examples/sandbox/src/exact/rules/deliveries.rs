//! Goods deliveries: they come with their lines, and each line moves its order on.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::orders;

pub(super) fn prepare(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if before.is_none() {
        let number = books.division.next_number("GoodsDeliveries", 1);
        row.set("DeliveryNumber", Cell::Int(number));
        row.set("EntryNumber", Cell::Int(number));
        super::lines::default_days(books, row, &["DeliveryDate"]);
    }
    Vec::new()
}

pub(super) fn prepare_line(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if before.is_some() {
        return Vec::new();
    }
    let Some(line) = books.of(row, "SalesOrderLineID", Kind::SalesOrderLine) else { return Vec::new() };
    let shown = [
        ("Item", "Item"),
        ("ItemCode", "ItemCode"),
        ("ItemDescription", "ItemDescription"),
        ("QuantityOrdered", "Quantity"),
        ("Unitcode", "UnitCode"),
        ("LineNumber", "LineNumber"),
    ];
    for (name, of_order) in shown {
        row.set(name, line.stored(of_order).cloned().unwrap_or(Cell::Null));
    }
    if row.number("QuantityDelivered") == Some(Decimal::ZERO) {
        return vec![books.invalid("QuantityDelivered")];
    }
    Vec::new()
}

/// The order follows; the delivery's header takes its address from the order.
pub(super) fn settle_line(books: &mut Books<'_>, id: Uuid) {
    let Some(row) = books.get(Kind::GoodsDeliveryLine, id).cloned() else { return };
    let (Some(line), Some(entry)) = (row.guid("SalesOrderLineID"), row.guid("EntryID")) else { return };
    orders::advance(books, line, "QuantityDelivered", row.number("QuantityDelivered").unwrap_or_default());
    let order = books.get(Kind::SalesOrderLine, line).and_then(|line| line.guid("OrderID"));
    let Some(order) = order.and_then(|order| books.get(Kind::SalesOrder, order)).cloned() else { return };
    let date = books.get(Kind::GoodsDelivery, entry).and_then(|entry| entry.stored("DeliveryDate")).cloned();
    books.change(Kind::GoodsDeliveryLine, id, |row| row.set("DeliveryDate", date.unwrap_or(Cell::Null)));
    books.change(Kind::GoodsDelivery, entry, |header| {
        for (name, of_order) in [
            ("DeliveryAccount", "DeliverTo"),
            ("DeliveryAccountName", "DeliverToName"),
            ("DeliveryAddress", "DeliveryAddress"),
            ("DeliveryContact", "DeliverToContactPerson"),
            ("Warehouse", "WarehouseID"),
            ("WarehouseCode", "WarehouseCode"),
        ] {
            header.set(name, order.stored(of_order).cloned().unwrap_or(Cell::Null));
        }
    });
}
