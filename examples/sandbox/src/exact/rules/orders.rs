//! Sales orders: numbers, and how far they are delivered and invoiced.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::books::{Books, USER_NAME};
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::lines::{self, ORDER};

pub(super) const OPEN: i64 = 12;
pub(super) const PARTIAL: i64 = 20;
pub(super) const COMPLETE: i64 = 21;

pub(super) fn prepare(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if before.is_some_and(|before| before.int("Status") == Some(COMPLETE)) {
        return vec![books.say(
            "Wijzigen niet mogelijk: Verkooporder is volledig",
            "Cannot change: Sales order is complete",
        )];
    }
    if before.is_some() {
        return Vec::new();
    }
    let number = books.division.next_number("SalesOrders", 1);
    row.set("OrderNumber", Cell::Int(number));
    lines::default_parties(
        books,
        row,
        &[
            ("OrderedBy", "OrderedByContactPerson"),
            ("DeliverTo", "DeliverToContactPerson"),
            ("InvoiceTo", "InvoiceToContactPerson"),
        ],
    );
    let complaints = lines::check_customer(books, row, &["OrderedBy", "InvoiceTo"]);
    lines::default_address(books, row, "DeliverTo", "DeliveryAddress");
    lines::default_payment(books, row, "InvoiceTo");
    lines::default_days(books, row, &["OrderDate"]);
    if row.stored("DeliveryDate").is_none() {
        row.set("DeliveryDate", row.stored("OrderDate").cloned().unwrap_or(Cell::Null));
    }
    let warehouse = books.division.rows(Kind::Warehouse).find_map(|row| row.guid("ID"));
    if row.guid("WarehouseID").is_none() {
        row.set("WarehouseID", warehouse.map_or(Cell::Null, Cell::Guid));
    }
    row.set("Salesperson", Cell::Guid(books.user));
    row.set("SalespersonFullName", Cell::text(USER_NAME));
    row.set("Approved", Cell::moment(books.now));
    row.set("ApprovalStatusDescription", Cell::text("Automatically"));
    set_status(row, OPEN, OPEN);
    complaints
}

pub(super) fn prepare_line(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    let header = books.of(row, "OrderID", Kind::SalesOrder);
    if header.is_some_and(|header| header.int("Status") == Some(COMPLETE)) {
        let complaint = books.say(
            "Wijzigen niet mogelijk: Verkooporder is volledig",
            "Cannot change: Sales order is complete",
        );
        return vec![complaint];
    }
    if row.stored("DeliveryDate").is_none() {
        let date = header.and_then(|header| header.stored("DeliveryDate")).cloned();
        row.set("DeliveryDate", date.unwrap_or(Cell::Null));
    }
    let complaints = lines::prepare(books, &ORDER, row, before);
    set_line_status(row);
    complaints
}

pub(super) fn settle(books: &mut Books<'_>, id: Uuid, before: Option<&Row>) {
    if before.is_none() {
        // The feed's own ID of the header.
        books.change(Kind::SalesOrder, id, |row| row.set("ID", Cell::Guid(id)));
    }
}

pub(super) fn settle_line(books: &mut Books<'_>, id: Uuid) {
    lines::total_of(books, &ORDER, id);
    follow_lines(books, id);
}

/// Adds to what was delivered or invoiced of a line.
pub(super) fn advance(books: &mut Books<'_>, line: Uuid, property: &'static str, quantity: Decimal) {
    books.advance(Kind::SalesOrderLine, line, |row| {
        let so_far = row.number(property).unwrap_or_default();
        row.set(property, Cell::decimal(so_far + quantity));
        set_line_status(row);
    });
    follow_lines(books, line);
}

/// Sets the order's status by those of its lines.
fn follow_lines(books: &mut Books<'_>, line: Uuid) {
    let Some(order) = books.get(Kind::SalesOrderLine, line).and_then(|line| line.guid("OrderID")) else {
        return;
    };
    let lines = books.ids(Kind::SalesOrderLine, "OrderID", order);
    let status = |books: &Books<'_>, name: &str| {
        let all = lines.iter().filter_map(|id| books.get(Kind::SalesOrderLine, *id)?.int(name));
        together(all)
    };
    let (delivery, invoice) = (status(books, "DeliveryStatus"), status(books, "InvoiceStatus"));
    let Some(header) = books.get(Kind::SalesOrder, order) else { return };
    if (header.int("DeliveryStatus"), header.int("InvoiceStatus")) != (Some(delivery), Some(invoice)) {
        books.advance(Kind::SalesOrder, order, |row| set_status(row, delivery, invoice));
    }
}

/// Complete when all are, open when all are, else partial.
fn together(statuses: impl Iterator<Item = i64>) -> i64 {
    let mut statuses = statuses.peekable();
    let first = statuses.peek().copied().unwrap_or(OPEN);
    if statuses.all(|status| status == first) { first } else { PARTIAL }
}

fn set_line_status(row: &mut Row) {
    let quantity = row.number("Quantity").unwrap_or_default();
    let status = |done: Decimal| {
        if done.is_zero() {
            OPEN
        } else if done.abs() >= quantity.abs() {
            COMPLETE
        } else {
            PARTIAL
        }
    };
    let delivery = status(row.number("QuantityDelivered").unwrap_or_default());
    let invoice = status(row.number("QuantityInvoiced").unwrap_or_default());
    row.set("DeliveryStatus", Cell::Int(delivery));
    row.set("InvoiceStatus", Cell::Int(invoice));
    let both = together([delivery, invoice].into_iter());
    row.set("OrderStatus", Cell::Int(both));
    // The feed's name for the same.
    row.set("Status", Cell::Int(both));
}

fn set_status(row: &mut Row, delivery: i64, invoice: i64) {
    let both = together([delivery, invoice].into_iter());
    for (name, description, status) in [
        ("Status", "StatusDescription", both),
        ("DeliveryStatus", "DeliveryStatusDescription", delivery),
        ("InvoiceStatus", "InvoiceStatusDescription", invoice),
    ] {
        row.set(name, Cell::Int(status));
        row.set(description, Cell::text(described(status)));
    }
}

fn described(status: i64) -> &'static str {
    match status {
        OPEN => "Open",
        PARTIAL => "Partial",
        COMPLETE => "Complete",
        _ => "Cancelled",
    }
}

/// An order that was delivered or invoiced stays.
pub(super) fn before_delete(books: &mut Books<'_>, id: Uuid) -> Vec<String> {
    let status = books.get(Kind::SalesOrder, id).and_then(|row| row.int("Status"));
    if status == Some(OPEN) {
        Vec::new()
    } else {
        vec![books.say(
            "Verwijderen niet mogelijk: Verkooporder is in behandeling",
            "Cannot delete: Sales order is being processed",
        )]
    }
}

/// Ends an order as it is: nothing more will be delivered or invoiced.
pub(in super::super) fn complete(books: &mut Books<'_>, id: Uuid) {
    for line in books.ids(Kind::SalesOrderLine, "OrderID", id) {
        books.edit(Kind::SalesOrderLine, line, |row| {
            for name in ["DeliveryStatus", "InvoiceStatus", "OrderStatus", "Status"] {
                row.set(name, Cell::Int(COMPLETE));
            }
        });
    }
    books.edit(Kind::SalesOrder, id, |row| set_status(row, COMPLETE, COMPLETE));
}
