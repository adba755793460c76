//! Wire to model and back. Pure.

mod read;
mod wholes;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::entity::Shape;
use super::fields::{Catalogue, Column, Place};
use crate::error::Result;
use crate::model::{Kind, View};

pub(super) use read::{Reading, number};
pub(super) use write::{Basis, body, needs_basis, needs_currency};

/// As many custom fields as Pipedrive lets a request name.
const NAMED: usize = 15;

/// A view, resolved against the account's fields.
#[derive(Debug)]
pub(super) struct Lens {
    kind: Kind,
    columns: Vec<(String, Arc<Column>)>,
}

impl Lens {
    pub(super) fn new(catalogue: &Catalogue, view: &View) -> Result<Self> {
        let resolve = |name: &String| Ok((name.clone(), Arc::clone(catalogue.column(name)?)));
        let columns = view.fields.iter().map(resolve).collect::<Result<_>>()?;
        Ok(Self { kind: view.kind, columns })
    }

    /// The value of the query parameter that keeps all other custom fields out of the answer, where it may be used.
    pub(super) fn custom_fields(&self) -> Option<String> {
        let mut keys: Vec<&str> = self.custom_keys().collect();
        // An amount and its currency are two fields here and one there.
        keys.sort_unstable();
        keys.dedup();
        (1..=NAMED).contains(&keys.len()).then(|| keys.join(","))
    }

    fn custom_keys(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter_map(|(_, column)| custom_key(column))
    }

    /// The name under which a field of that shape is wanted, if it is.
    pub(super) fn named(&self, shape: Shape) -> Option<&str> {
        let column = self.columns.iter().find(|(_, column)| column.shape == shape);
        column.map(|(name, _)| name.as_str())
    }
}

fn custom_key(column: &Column) -> Option<&str> {
    match &column.place {
        Place::Custom(key) => Some(key),
        Place::Property(_) => None,
    }
}

/// A moment as Pipedrive writes it: RFC 3339, or its older form without a zone.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let modern = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.with_timezone(&Utc));
    modern.or_else(|| {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok().map(|moment| moment.and_utc())
    })
}
