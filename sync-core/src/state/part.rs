//! The parts of records that are kept besides observations: of what customers owe, and where their goods go.

use std::fmt::Display;

use crm_adapters::RecordId;

use crate::flow::Division;
use crate::store::{Key, Mark, Table};

/// The mark that a part is found by: a property and its value, behind what tells the division and the sort of part.
pub(crate) fn part_mark(prefix: &str, property: &str, value: &str) -> Mark {
    Mark::new("part", format!("{prefix}{property}={value}"))
}

/// The marks of all that is kept of a company of Exact, which alone may be a person.
pub(crate) fn parts_of_company(division: Division, id: &RecordId) -> [Mark; 2] {
    ["terms", "addresses"].map(|part| part_mark(&format!("{division}/{part}/"), "Account", id.as_str()))
}

/// The row that says that a company of Exact is forgotten: no address is kept of it any more.
pub(crate) fn forgotten_company(division: impl Display, id: impl Display) -> Key {
    Key::new(Table::Part, format!("{division}/forgotten/{id}"))
}
