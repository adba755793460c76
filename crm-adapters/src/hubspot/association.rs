//! What records are associated with: read for many at once, and written as the whole of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::HubSpot;
use super::api::Call;
use super::entity::Entity;
use super::fields::Target;
use super::wire::{WireAssociated, WireLabel, WireList};
use crate::error::Result;
use crate::http::{Failure, decode, repeated_cursor};
use crate::model::{Kind, RecordId, Value};

/// The kinds whose associations people give labels.
pub(super) const LABELLED: [Kind; 3] = [Kind::Company, Kind::Contact, Kind::Deal];
/// Records whose associations one call reads, and pairs that one call writes. HubSpot would take more.
const BATCH: usize = 100;

/// One type of association; its number has a direction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AssociationType {
    pub(super) category: String,
    pub(super) id: u32,
    pub(super) label: Option<String>,
}

impl From<WireLabel> for AssociationType {
    fn from(wire: WireLabel) -> Self {
        let label = wire.label.map(|label| label.trim().to_owned()).filter(|label| !label.is_empty());
        Self { category: wire.category, id: wire.type_id, label }
    }
}

impl AssociationType {
    pub(super) fn json(&self) -> Json {
        json!({"associationCategory": self.category, "associationTypeId": self.id})
    }
}

/// Other records by record.
pub(super) type Links = BTreeMap<RecordId, Vec<RecordId>>;

impl Target {
    /// Whether an association of these types is one of those that the field stands for.
    fn takes(&self, types: &[WireLabel]) -> bool {
        match &self.label {
            Some(label) => types.iter().any(|ty| ty.type_id == label.id && ty.category == label.category),
            None => true,
        }
    }
}

impl HubSpot {
    /// What each of the records is associated with, one call for a hundred of them.
    pub(super) async fn links(&self, from: &Entity, target: &Target, ids: &[RecordId]) -> Result<Links> {
        let path = self.api.version.associations(&from.object, &target.object) + "/batch/read";
        let mut links: Links = ids.iter().map(|id| (id.clone(), Vec::new())).collect();
        for some in ids.chunks(BATCH) {
            let mut inputs: Vec<Json> = some.iter().map(|id| json!({"id": id.as_str()})).collect();
            while !inputs.is_empty() {
                let call = Call::post(&path, &json!({"inputs": inputs}))?;
                let page: WireList<WireAssociated> = self.api.read(&call).await?;
                let rest: Vec<Json> = page.results.iter().filter_map(next_part).collect();
                if !rest.is_empty() && rest == inputs {
                    return Err(repeated_cursor(&call.request));
                }
                inputs = rest;
                for found in page.results {
                    let Some(from) = found.from.id.0.map(RecordId::new) else { continue };
                    let to = found.to.into_iter().filter(|to| target.takes(&to.association_types));
                    let to = to.filter_map(|to| to.to_object_id.0.map(RecordId::new));
                    links.entry(from).or_default().extend(to);
                }
            }
        }
        for to in links.values_mut() {
            to.sort_by_key(numerically);
            to.dedup();
        }
        Ok(links)
    }

    /// Makes the associations of each record exactly these, and leaves those of other labels alone.
    pub(super) async fn relink(
        &self,
        from: &Entity,
        target: &Target,
        wanted: &Links,
        before: Option<Duration>,
    ) -> Result<(), Failure> {
        let ids: Vec<RecordId> = wanted.keys().cloned().collect();
        let current = self.links(from, target, &ids).await.map_err(Failure::not_sent)?;
        let (mut new, mut old) = (Vec::new(), Vec::new());
        for (id, wanted) in wanted {
            let there: BTreeSet<_> = current.get(id).into_iter().flatten().collect();
            let wanted: BTreeSet<_> = wanted.iter().collect();
            new.extend(wanted.difference(&there).map(|to| (id, *to)));
            old.extend(there.difference(&wanted).map(|to| (id, *to)));
        }
        self.associate(from, target, &new, before).await?;
        self.dissociate(from, target, &old, before).await
    }

    async fn associate(
        &self,
        from: &Entity,
        target: &Target,
        pairs: &[(&RecordId, &RecordId)],
        before: Option<Duration>,
    ) -> Result<(), Failure> {
        let ty = target.label.as_ref().or(target.plain.as_ref());
        let end = if ty.is_some() { "/batch/create" } else { "/batch/associate/default" };
        let input = |(from, to): &(&RecordId, &RecordId)| match ty {
            Some(ty) => {
                json!({"from": {"id": from.as_str()}, "to": {"id": to.as_str()}, "types": [ty.json()]})
            }
            None => json!({"from": {"id": from.as_str()}, "to": {"id": to.as_str()}}),
        };
        self.pairs(from, target, end, pairs.iter().map(input).collect(), before).await
    }

    async fn dissociate(
        &self,
        from: &Entity,
        target: &Target,
        pairs: &[(&RecordId, &RecordId)],
        before: Option<Duration>,
    ) -> Result<(), Failure> {
        let end = if target.label.is_some() { "/batch/labels/archive" } else { "/batch/archive" };
        let input = |(from, to): &(&RecordId, &RecordId)| match &target.label {
            Some(ty) => {
                json!({"from": {"id": from.as_str()}, "to": {"id": to.as_str()}, "types": [ty.json()]})
            }
            None => json!({"from": {"id": from.as_str()}, "to": [{"id": to.as_str()}]}),
        };
        self.pairs(from, target, end, pairs.iter().map(input).collect(), before).await
    }

    async fn pairs(
        &self,
        from: &Entity,
        target: &Target,
        end: &str,
        inputs: Vec<Json>,
        before: Option<Duration>,
    ) -> Result<(), Failure> {
        let path = self.api.version.associations(&from.object, &target.object) + end;
        for some in inputs.chunks(BATCH) {
            let call = Call::post(&path, &json!({"inputs": some})).map_err(Failure::refused)?;
            let answer = self.api.write(&call, before).await?;
            // An answer without content is as good as one that tells what was done.
            let done: WireList<Json> = decode(&answer).unwrap_or_default();
            if let Some(problem) = done.errors.first() {
                return Err(problem.failure());
            }
        }
        Ok(())
    }
}

/// More associations of one record than one answer holds.
fn next_part(found: &WireAssociated) -> Option<Json> {
    let after = found.paging.as_ref()?.next.as_ref()?.after.0.as_deref()?;
    Some(json!({"id": found.from.id.0.as_deref()?, "after": after}))
}

/// As a field's value: nothing, one, or several in the order of their ids.
pub(super) fn value(ids: &[RecordId]) -> Value {
    match ids {
        [] => Value::Null,
        [one] => Value::Reference(one.clone()),
        several => Value::List(several.iter().cloned().map(Value::Reference).collect()),
    }
}

fn numerically(id: &RecordId) -> (u64, RecordId) {
    (id.as_str().parse().unwrap_or(u64::MAX), id.clone())
}
