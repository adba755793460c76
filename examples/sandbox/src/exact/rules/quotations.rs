//! Quotations: numbers and versions, and the actions that move them on.

use chrono::Days;
use uuid::Uuid;

use super::super::books::{Books, USER_NAME};
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::lines;

pub(in super::super) const REJECTED: i64 = 5;
pub(in super::super) const CLOSED: i64 = 6;
pub(in super::super) const DRAFT: i64 = 20;
pub(in super::super) const OPEN: i64 = 25;
pub(in super::super) const PRINTED: i64 = 40;
pub(in super::super) const ACCEPTED: i64 = 50;

/// How long a quotation is valid when nothing is said.
const VALID: Days = Days::new(30);

pub(super) fn prepare(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if let Some(status) = before.and_then(|before| before.int("Status")) {
        let final_status = matches!(status, REJECTED | CLOSED | ACCEPTED);
        let complaint =
            books.say("Wijzigen niet mogelijk: Offerte is afgesloten", "Cannot change: Quotation is closed");
        return if final_status { vec![complaint] } else { Vec::new() };
    }
    let number = books.division.next_number("Quotations", 1);
    row.set("QuotationNumber", Cell::Int(number));
    row.set("VersionNumber", Cell::Int(1));
    set_status(row, DRAFT);
    lines::default_parties(
        books,
        row,
        &[
            ("OrderAccount", "OrderAccountContact"),
            ("DeliveryAccount", "DeliveryAccountContact"),
            ("InvoiceAccount", "InvoiceAccountContact"),
        ],
    );
    lines::default_address(books, row, "DeliveryAccount", "DeliveryAddress");
    lines::default_payment(books, row, "InvoiceAccount");
    lines::default_days(books, row, &["QuotationDate"]);
    if let (None, Some(Cell::Moment(date))) = (row.stored("DueDate"), row.stored("QuotationDate")) {
        let due = date.checked_add_days(VALID).map_or(Cell::Null, Cell::Moment);
        row.set("DueDate", due);
    }
    row.set("SalesPerson", Cell::Guid(books.user));
    row.set("SalesPersonFullName", Cell::text(USER_NAME));
    Vec::new()
}

pub(in super::super) fn set_status(row: &mut Row, status: i64) {
    let described = match status {
        REJECTED => "Rejected",
        CLOSED => "Reviewed and closed",
        DRAFT => "Draft",
        OPEN => "Open",
        PRINTED => "Printed",
        ACCEPTED => "Accepted",
        _ => "Processing",
    };
    row.set("Status", Cell::Int(status));
    row.set("StatusDescription", Cell::text(described));
}

/// Whether the customer can still answer.
pub(in super::super) fn is_running(status: i64) -> bool {
    matches!(status, DRAFT | OPEN | PRINTED)
}

/// Ends a quotation by what the customer answered.
pub(in super::super) fn end(books: &mut Books<'_>, id: Uuid, status: i64) {
    let today = Cell::day(books.now);
    books.edit(Kind::Quotation, id, |row| {
        set_status(row, status);
        row.set("CloseDate", today);
    });
}

/// A new version of a quotation with the same lines; the old one is closed.
pub(in super::super) fn review(books: &mut Books<'_>, id: Uuid) -> Option<Uuid> {
    let old = books.get(Kind::Quotation, id)?.clone();
    let new = books.new_id();
    let version = old.int("VersionNumber").unwrap_or(1) + 1;
    let now = Cell::moment(books.now);
    let mut header =
        old.clone().with("QuotationID", Cell::Guid(new)).with("VersionNumber", Cell::Int(version));
    header.set("Created", now.clone());
    header.set("Modified", now);
    set_status(&mut header, DRAFT);
    books.put(Kind::Quotation, new, header);
    for line in books.ids(Kind::QuotationLine, "QuotationID", id) {
        let copy = books.new_id();
        if let Some(line) = books.get(Kind::QuotationLine, line).cloned() {
            let line = line
                .with("ID", Cell::Guid(copy))
                .with("QuotationID", Cell::Guid(new))
                .with("VersionNumber", Cell::Int(version));
            books.put(Kind::QuotationLine, copy, line);
        }
    }
    let today = Cell::day(books.now);
    books.edit(Kind::Quotation, id, |row| {
        set_status(row, CLOSED);
        row.set("CloseDate", today);
    });
    Some(new)
}
