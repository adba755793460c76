//! Accounts: codes, statuses, and the visit address that is a row of its own.

use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::resources::ACCOUNT;
use super::super::schema::Kind;
use super::name_country;

const STATUSES: [&str; 4] = ["C", "P", "S", "A"];
const SERIES: &str = "Accounts";

/// What an account shares with its visit address.
pub(super) const ADDRESS: [&str; 7] =
    ["AddressLine1", "AddressLine2", "AddressLine3", "Postcode", "City", "State", "Country"];

pub(super) fn prepare(books: &mut Books<'_>, id: Uuid, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    let mut complaints = Vec::new();
    if before.is_none() {
        for name in ["StartDate", "StatusSince", "CustomerSince"] {
            if row.stored(name).is_none() {
                row.set(name, Cell::day(books.now));
            }
        }
    }
    if row.str("Status").is_some_and(|status| !STATUSES.contains(&status)) {
        complaints.push(books.invalid("Status"));
    }
    if before.is_some_and(|before| before.str("Status") != row.str("Status")) {
        row.set("StatusSince", Cell::day(books.now));
    }
    if row.str("Code").is_none_or(|code| code.trim().is_empty()) {
        // The lowest code that is higher than all in use.
        row.set("Code", Cell::text(&books.division.peek_number(SERIES, 1).to_string()));
    }
    if is_duplicate(books, id, row) {
        complaints.push(books.exists_already());
    }
    name_country(row);
    complaints
}

fn is_duplicate(books: &Books<'_>, id: Uuid, row: &Row) -> bool {
    let Some(code) = row.stored("Code") else { return false };
    books.division.with(Kind::Account, "Code", code).iter().any(|(holder, _)| *holder != id)
}

pub(super) fn settle(books: &mut Books<'_>, id: Uuid, before: Option<&Row>) {
    let Some(row) = books.get(Kind::Account, id).cloned() else { return };
    note_code(books, &row);
    let changed = |name: &str| before.and_then(|before| before.stored(name)) != row.stored(name);
    if ADDRESS.iter().any(|name| changed(name)) {
        keep_visit_address(books, id, &row);
    }
}

fn note_code(books: &mut Books<'_>, row: &Row) {
    if let Some(code) = row.str("Code").and_then(|code| code.trim().parse().ok()) {
        books.division.note_number(SERIES, code);
    }
}

/// An edit of the address on the account edits its main visit address.
fn keep_visit_address(books: &mut Books<'_>, account: Uuid, row: &Row) {
    let address = main_address(books, account, 1);
    let (id, mut address) = match address {
        Some((id, address)) => (id, address.clone()),
        None => {
            let (id, blank) = books.blank(&super::super::tables::addresses::ENTITY);
            let blank = blank
                .with("Account", Cell::Guid(account))
                .with("Type", Cell::Int(1))
                .with("Main", Cell::Bool(true));
            (id, blank)
        }
    };
    for name in ADDRESS {
        address.set(name, row.stored(name).cloned().unwrap_or(Cell::Null));
    }
    address.set("AccountName", row.stored("Name").cloned().unwrap_or(Cell::Null));
    address.set("Modified", Cell::moment(books.now));
    name_country(&mut address);
    books.put(Kind::Address, id, address);
}

/// The main address of that type, or else any of it.
pub(super) fn main_address<'a>(
    books: &'a Books<'_>,
    account: Uuid,
    address_type: i64,
) -> Option<(Uuid, &'a Row)> {
    let all = books.division.with(Kind::Address, "Account", &Cell::Guid(account));
    let of_type = || all.iter().filter(|(_, row)| row.int("Type") == Some(address_type));
    of_type()
        .find(|(_, row)| row.stored("Main") == Some(&Cell::Bool(true)))
        .or_else(|| of_type().next())
        .copied()
}

/// An account with orders, invoices, quotations or payments stays.
pub(super) fn before_delete(books: &mut Books<'_>, id: Uuid) -> Vec<String> {
    let used = [
        (Kind::SalesOrder, "OrderedBy"),
        (Kind::SalesInvoice, "OrderedBy"),
        (Kind::Quotation, "OrderAccount"),
        (Kind::PaymentTerm, "Account"),
    ];
    if used.iter().any(|(kind, property)| !books.ids(*kind, property, id).is_empty()) {
        return vec![
            books.say("Verwijderen niet mogelijk: Relatie is in gebruik", "Cannot delete: Account is in use"),
        ];
    }
    for kind in [Kind::Contact, Kind::Address, Kind::BankAccount] {
        for dependent in books.ids(kind, "Account", id) {
            books.remove(kind, dependent);
        }
    }
    Vec::new()
}

/// A customer that was there before anybody looked, with whatever name it has.
pub(in super::super) fn load(books: &mut Books<'_>, name: &str, kvk: &str) {
    let (id, row) = books.blank(ACCOUNT);
    let code = books.division.peek_number(SERIES, 1).to_string();
    let mut row = row
        .with("Code", Cell::text(&code))
        .with("Name", Cell::text(name))
        .with("Status", Cell::text("C"))
        .with("StartDate", Cell::day(books.now))
        .with("StatusSince", Cell::day(books.now))
        .with("CustomerSince", Cell::day(books.now));
    if !kvk.is_empty() {
        row.set("ChamberOfCommerce", Cell::text(kvk));
    }
    note_code(books, &row);
    books.put(Kind::Account, id, row);
}
