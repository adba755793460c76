//! The one feed that mixes headers and lines: `LineNumber` 0 is the header.

use super::cell::{Cell, Row};
use super::division::Division;
use super::schema::Kind;
use super::tables::sales_invoices;

/// Rows behind `stamp`, at most so many of each sort, by row version.
pub(super) fn rows(division: &Division, stamp: i64, at_most: usize) -> Vec<Row> {
    let headers = feed(division, Kind::SalesInvoice, stamp, at_most).map(header_row);
    let lines = feed(division, Kind::SalesInvoiceLine, stamp, at_most).map(|line| line_row(division, line));
    let mut rows: Vec<Row> = headers.chain(lines).collect();
    rows.sort_by_key(|row| row.int("Timestamp"));
    rows.truncate(at_most);
    rows
}

fn feed(division: &Division, kind: Kind, stamp: i64, at_most: usize) -> impl Iterator<Item = &Row> {
    division.table(kind).into_iter().flat_map(move |table| table.feed(stamp)).take(at_most)
}

fn header_row(header: &Row) -> Row {
    let id = header.stored("InvoiceID").cloned().unwrap_or(Cell::Null);
    header.clone().with("ID", id).with("LineNumber", Cell::Int(0))
}

/// A line with what its header says. Discounts show on the header alone.
fn line_row(division: &Division, line: &Row) -> Row {
    let mut row = line.clone();
    let header = line.guid("InvoiceID").and_then(|id| division.get(Kind::SalesInvoice, id));
    let Some(header) = header else { return row };
    for property in sales_invoices::ENTITY.properties() {
        let discount = property.name.starts_with("AmountDiscount") || property.name.starts_with("Discount");
        if let (None, Some(cell), false) =
            (line.stored(property.name), header.stored(property.name), discount)
        {
            row.set(property.name, cell.clone());
        }
    }
    row
}
