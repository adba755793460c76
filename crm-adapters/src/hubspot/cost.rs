//! What writes will cost, in calls.

use std::collections::BTreeMap;

use super::HubSpot;
use super::create::property_name;
use super::entity::Entity;
use super::feed::BATCH;
use super::fields::{Catalogue, Place};
use crate::change::{Action, Cost, Work, Write};
use crate::error::Result;
use crate::model::{Fields, View};

/// The calls that replace the associations of one record: reading those that stand, and writing the others.
const RELINK: usize = 2;

impl HubSpot {
    pub(super) async fn cost_of(&self, entity: &Entity, view: &View, work: Work<'_>) -> Result<Cost> {
        let calls = match work {
            Work::Write(writes) => {
                let catalogue = self.cache.get(&self.api, entity).await?;
                let draft = Draft { catalogue: &catalogue, view, unique_key: &self.unique_key };
                draft.calls(writes)
            }
            Work::Find => 1,
            // Their group before, and all properties anew behind.
            Work::Fields(fields) => fields.len() + 2,
        };
        Ok(Cost::of_calls(calls))
    }
}

/// The calls that a write is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Batch {
    Create,
    Upsert,
    Update,
    /// Nothing but associations changes: no batch is sent.
    Links,
    Archive,
}

/// Writes as the account's fields make them. A field that is still to be created is not among those.
struct Draft<'a> {
    catalogue: &'a Catalogue,
    view: &'a View,
    unique_key: &'a str,
}

impl Draft<'_> {
    fn calls(&self, writes: &[Write]) -> usize {
        let (mut batches, mut incomplete, mut relinked) = (BTreeMap::<Batch, usize>::new(), 0, 0);
        for Write { action, .. } in writes {
            let (batch, fields) = match action {
                Action::Create(fields) if self.has_key(fields) => (Batch::Upsert, Some(fields)),
                Action::Create(fields) => (Batch::Create, Some(fields)),
                Action::Update(_, fields) if self.has_property(fields) => (Batch::Update, Some(fields)),
                Action::Update(_, fields) => (Batch::Links, Some(fields)),
                Action::Archive(_) => (Batch::Archive, None),
            };
            *batches.entry(batch).or_default() += 1;
            if let Some(fields) = fields {
                relinked += self.relinked(batch, fields);
                incomplete +=
                    usize::from(matches!(batch, Batch::Update | Batch::Links) && self.lacks(fields));
            }
        }
        let of = |batch| batches.get(&batch).copied().unwrap_or_default().div_ceil(BATCH);
        let sent = of(Batch::Create) + of(Batch::Upsert) + of(Batch::Update) + 2 * of(Batch::Archive);
        sent + relinked * RELINK + incomplete.div_ceil(BATCH) * self.read()
    }

    /// Whether a create names the unique property, which makes an upsert of it.
    fn has_key(&self, fields: &Fields) -> bool {
        let is_key = |name: &str| match self.catalogue.column(name) {
            Ok(column) => column.unique && column.property() == Some(self.unique_key),
            Err(_) => {
                name.strip_prefix("custom:").is_some_and(|label| property_name(label) == self.unique_key)
            }
        };
        fields.iter().any(|(name, value)| !value.is_empty() && is_key(name))
    }

    fn has_property(&self, fields: &Fields) -> bool {
        fields.iter().any(|(name, _)| !self.is_association(name))
    }

    /// Associations that do not go along with their record.
    fn relinked(&self, batch: Batch, fields: &Fields) -> usize {
        let own = fields.iter().filter(|(name, _)| self.is_association(name));
        own.filter(|(_, value)| match batch {
            Batch::Create => false,
            Batch::Upsert => !value.is_empty(),
            _ => true,
        })
        .count()
    }

    fn is_association(&self, name: &str) -> bool {
        self.catalogue.column(name).is_ok_and(|column| matches!(column.place, Place::Association(_)))
    }

    /// Whether the answer to an update lacks something of the view: it has what was sent.
    fn lacks(&self, fields: &Fields) -> bool {
        self.view.fields.iter().any(|name| fields.get(name).is_none())
    }

    /// The calls of reading a hundred records as the view wants them.
    fn read(&self) -> usize {
        let extra = |name: &String| match self.catalogue.column(name).map(|column| &column.place) {
            Ok(Place::Association(_)) => 1,
            Ok(Place::Lines) => 2,
            _ => 0,
        };
        1 + self.view.fields.iter().map(extra).sum::<usize>()
    }
}
