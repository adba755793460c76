//! Addresses: an identical one is found again, and the main visit address shows on its account.

use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::accounts::{ADDRESS, main_address};
use super::name_country;

/// A POST of an address that is there already answers that one.
pub(super) fn identical(books: &Books<'_>, row: &Row) -> Option<Uuid> {
    let all = books.division.with(Kind::Address, "Account", row.stored("Account")?);
    let same = |other: &Row| {
        let text = |row: &Row, name: &str| row.str(name).unwrap_or_default().to_owned();
        (books.settings.same_address_of_any_type || other.int("Type") == row.int("Type"))
            && ADDRESS.iter().all(|name| text(other, name) == text(row, name))
    };
    all.into_iter().find(|(_, other)| same(other)).map(|(id, _)| id)
}

pub(super) fn prepare(books: &mut Books<'_>, row: &mut Row) -> Vec<String> {
    name_country(row);
    if let Some(address_type) = row.int("Type") {
        if !(1..=4).contains(&address_type) {
            return vec![books.invalid("Type")];
        }
        // The first of its type is the main one.
        let first = row.guid("Account").is_none_or(|id| main_address(books, id, address_type).is_none());
        if first {
            row.set("Main", Cell::Bool(true));
        }
    }
    Vec::new()
}

pub(super) fn settle(books: &mut Books<'_>, id: Uuid) {
    let Some(row) = books.get(Kind::Address, id).cloned() else { return };
    let (Some(account), Some(address_type)) = (row.guid("Account"), row.int("Type")) else { return };
    if row.stored("Main") != Some(&Cell::Bool(true)) {
        return;
    }
    for other in books.ids(Kind::Address, "Account", account) {
        let rival = books.get(Kind::Address, other).is_some_and(|other| {
            other.int("Type") == Some(address_type) && other.stored("Main") == Some(&Cell::Bool(true))
        });
        if other != id && rival {
            books.edit(Kind::Address, other, |other| other.set("Main", Cell::Bool(false)));
        }
    }
    let shows = |account: &Row| ADDRESS.iter().all(|name| account.stored(name) == row.stored(name));
    if address_type == 1 && books.get(Kind::Account, account).is_some_and(|account| !shows(account)) {
        books.edit(Kind::Account, account, |account| {
            for name in ADDRESS {
                account.set(name, row.stored(name).cloned().unwrap_or(Cell::Null));
            }
            name_country(account);
        });
    }
}
