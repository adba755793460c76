//! Contacts: names, and the main one of an account.

use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;

pub(super) fn prepare(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if before.is_none() {
        let (person, number) = (books.new_id(), books.division.next_number("Contacts", 1));
        row.set("Person", Cell::Guid(person));
        row.set("HID", Cell::Int(number));
        if row.stored("StartDate").is_none() {
            row.set("StartDate", Cell::day(books.now));
        }
    }
    let parts: Vec<&str> = ["FirstName", "MiddleName", "LastName"]
        .iter()
        .filter_map(|name| row.str(name))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let full_name = parts.join(" ");
    row.set("FullName", Cell::text(&full_name));
    let has_name = ["FirstName", "LastName"]
        .iter()
        .any(|name| row.str(name).is_some_and(|text| !text.trim().is_empty()));
    let anonymised = row.int("IsAnonymised") == Some(1);
    if has_name || anonymised { Vec::new() } else { vec![books.mandatory("LastName")] }
}

/// The first contact of an account is its main one; a later one takes over when it says so.
pub(super) fn settle(books: &mut Books<'_>, id: Uuid) {
    let Some(row) = books.get(Kind::Contact, id) else { return };
    let Some(account) = row.guid("Account") else { return };
    let wants = row.stored("IsMainContact") == Some(&Cell::Bool(true));
    let main = books.get(Kind::Account, account).and_then(|account| account.guid("MainContact"));
    let has_main = main.is_some_and(|main| books.get(Kind::Contact, main).is_some());
    if main == Some(id) || (has_main && !wants) {
        return;
    }
    books.edit(Kind::Account, account, |account| account.set("MainContact", Cell::Guid(id)));
    if let Some(old) = main {
        books.edit(Kind::Contact, old, |old| old.set("IsMainContact", Cell::Bool(false)));
    }
    books.change(Kind::Contact, id, |row| {
        row.set("IsMainContact", Cell::Bool(true));
        row.set("AccountMainContact", Cell::Guid(id));
    });
}
