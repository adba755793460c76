//! Keys and marks as the columns of a database hold them: each is one text, so that it is compared as one.

use super::{Key, Table};

/// A key: no table has a space in its name.
pub(super) fn place(key: &Key) -> String {
    [key.table.as_str(), " ", &key.id].concat()
}

/// A mark: no name has a space in it.
pub(super) fn mark(name: &str, value: &str) -> String {
    [name, " ", value].concat()
}

/// What comes behind every place of a table, and behind every mark of a name: an exclamation mark is what follows a space.
pub(super) fn end(name: &str) -> String {
    [name, "!"].concat()
}

/// The value of a mark.
pub(super) fn value_of(mark: &str) -> &str {
    mark.split_once(' ').unwrap_or_default().1
}

/// The key of a place; the name of the table where there is none of it.
pub(super) fn key_of(place: &str) -> Result<Key, &str> {
    let (name, id) = place.split_once(' ').unwrap_or((place, ""));
    let table = Table::ALL.into_iter().find(|table| table.as_str() == name);
    table.map(|table| Key::new(table, id)).ok_or(name)
}
