//! Keys and marks as the columns of a database hold them: each is one text, so that it is compared as one.

use super::{Batch, Key, Over, Scan, Table};

/// A key: no table has a space in its name.
pub(super) fn place(key: &Key) -> String {
    [key.table.as_str(), " ", &key.id].concat()
}

/// A mark: no name has a space in it.
pub(super) fn mark(name: &str, value: &str) -> String {
    [name, " ", value].concat()
}

/// The name that everything begins with that a scan may find.
pub(super) fn scanned(scan: &Scan) -> &'static str {
    match scan.over {
        Over::Table(table) => table.as_str(),
        Over::Mark(name) => name,
    }
}

/// What comes behind everything that a scan may find: an exclamation mark is what follows a space.
pub(super) fn end(scan: &Scan) -> String {
    let name = scanned(scan);
    if scan.to.is_empty() { [name, "!"].concat() } else { mark(name, &scan.to) }
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

/// What becomes of the marks: most puts change few of them or none. The column of a row that bears marks has them all, as a
/// JSON array, sorted and each once, so that equal marks are equal texts.
pub(super) struct MarkChange<'k> {
    /// Each with the place of its row.
    pub(super) gone: Vec<(String, &'k str)>,
    pub(super) new: Vec<(String, &'k str)>,
    /// Of each put.
    pub(super) columns: Vec<String>,
}

impl<'k> MarkChange<'k> {
    /// For each key of the batch its place, and the column of the row that is there.
    pub(super) fn of<'o>(
        batch: &Batch,
        mut touched: impl Iterator<Item = (&'k str, Option<&'o str>)>,
    ) -> serde_json::Result<Self> {
        let mut change = Self { gone: Vec::new(), new: Vec::new(), columns: Vec::new() };
        for (put, (place, old)) in batch.puts.iter().zip(&mut touched) {
            let mut new: Vec<String> = put.marks.iter().map(|new| mark(new.name, &new.value)).collect();
            new.sort_unstable();
            new.dedup();
            let column = serde_json::to_string(&new)?;
            let old = old.unwrap_or("[]");
            if column != old {
                let mut old: Vec<String> = serde_json::from_str(old)?;
                old.retain(|mark| match new.iter().position(|other| other == mark) {
                    Some(stays) => {
                        new.swap_remove(stays);
                        false
                    }
                    None => true,
                });
                change.new.extend(new.into_iter().map(|mark| (mark, place)));
                change.gone.extend(old.into_iter().map(|mark| (mark, place)));
            }
            change.columns.push(column);
        }
        for (place, old) in touched {
            let old: Vec<String> = serde_json::from_str(old.unwrap_or("[]"))?;
            change.gone.extend(old.into_iter().map(|mark| (mark, place)));
        }
        // Neighbours in the index are written one after the other.
        change.new.sort_unstable();
        change.gone.sort_unstable();
        Ok(change)
    }
}
