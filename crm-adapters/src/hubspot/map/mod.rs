//! Wire to model and back. Pure.

mod read;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::entity::Entity;
use super::fields::{Catalogue, Column, Place, Target};
use crate::error::Result;
use crate::model::{Kind, Record, View};

pub(super) use read::Reading;
pub(super) use write::{Encoded, check_required, encode};

/// Properties that tell of merges. A contact's older merges stand in one of their own.
const MERGED: &str = "hs_merged_object_ids";
const MERGED_CONTACTS: &str = "hs_calculated_merged_vids";

/// A view, resolved against the account's fields.
#[derive(Debug)]
pub(super) struct Lens {
    kind: Kind,
    modified: &'static str,
    columns: Vec<(String, Arc<Column>)>,
}

impl Lens {
    pub(super) fn new(entity: &Entity, catalogue: &Catalogue, view: &View) -> Result<Self> {
        let resolve = |name: &String| Ok((name.clone(), Arc::clone(catalogue.column(name)?)));
        let columns = view.fields.iter().map(resolve).collect::<Result<_>>()?;
        Ok(Self { kind: view.kind, modified: entity.modified, columns })
    }

    /// What to ask HubSpot for: without being asked it delivers next to nothing.
    pub(super) fn properties(&self) -> Vec<&str> {
        let mine = self.columns.iter().filter_map(|(_, column)| column.property());
        let contacts = (self.kind == Kind::Contact).then_some(MERGED_CONTACTS);
        let mut names: Vec<&str> = mine.chain([self.modified, MERGED]).chain(contacts).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether a record has every field of the view.
    pub(super) fn is_complete(&self, record: &Record) -> bool {
        self.columns.iter().all(|(name, _)| record.fields.get(name).is_some())
    }

    /// The associations that the view asks for, by the name of the field.
    pub(super) fn targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.columns.iter().filter_map(|(name, column)| match &column.place {
            Place::Association(target) => Some((name.as_str(), target)),
            Place::Property(_) | Place::Lines => None,
        })
    }

    /// The name under which the view asks for lines.
    pub(super) fn lines(&self) -> Option<&str> {
        self.columns.iter().find(|(_, column)| column.place == Place::Lines).map(|(name, _)| name.as_str())
    }
}

/// A moment: RFC 3339, or milliseconds since 1970.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    match text.parse::<i64>() {
        Ok(milliseconds) => DateTime::from_timestamp_millis(milliseconds),
        Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.with_timezone(&Utc)),
    }
}

/// A day: as such, with a time behind it, or as its midnight in milliseconds since 1970.
fn day(text: &str) -> Option<NaiveDate> {
    match text.get(..10).and_then(|day| day.parse().ok()) {
        Some(day) => Some(day),
        None => instant(text).map(|moment| moment.date_naive()),
    }
}
