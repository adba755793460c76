//! The parts of a batch: what goes in, what comes out of it, and how a refused one is taken apart. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::association::AssociationType;
use super::fields::Target;
use super::wire::{Text, WireList, WireProblem, WireRecord};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Effect, Failure};
use crate::model::RecordId;

/// One write, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its place among the writes that were asked for.
    pub(super) at: usize,
    pub(super) operation: Operation,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) links: Vec<(String, Target, Vec<RecordId>)>,
    pub(super) before: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    /// Creates, or updates the record that has this value of a unique property.
    Upsert {
        by: String,
        value: String,
    },
    Update(RecordId),
    Archive(RecordId),
}

impl Operation {
    pub(super) fn verb(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Upsert { .. } => "upsert",
            Self::Update(_) => "update",
            Self::Archive(_) => "archive",
        }
    }
}

/// What became of one item of a batch that was answered.
pub(super) type Part = Result<WireRecord, Failure>;

impl Item {
    /// What no two items of a batch may share.
    pub(super) fn key(&self) -> Option<String> {
        match &self.operation {
            Operation::Create => None,
            Operation::Upsert { value, .. } => Some(value.clone()),
            Operation::Update(id) | Operation::Archive(id) => Some(id.to_string()),
        }
    }

    /// Whether both can go in one call.
    pub(super) fn fits(&self, other: &Self) -> bool {
        self.operation.verb() == other.operation.verb() && self.is_nothing() == other.is_nothing()
    }

    /// Whether HubSpot need not be asked to change any property.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self.operation, Operation::Update(_)) && self.properties.is_empty()
    }

    /// The record as it is known without an answer.
    pub(super) fn untouched(&self) -> Part {
        match &self.operation {
            Operation::Update(id) | Operation::Archive(id) => {
                Ok(WireRecord { id: Text(Some(id.to_string())), ..WireRecord::default() })
            }
            Operation::Create | Operation::Upsert { .. } => Err(untold()),
        }
    }

    /// What names this item in the answer.
    fn trace(&self) -> String {
        format!("write-{}", self.at)
    }

    /// The type under which an association goes along with a create; nothing where it must be written afterwards.
    pub(super) fn inline<'a>(&self, target: &'a Target) -> Option<&'a AssociationType> {
        match self.operation {
            Operation::Create => target.label.as_ref().or(target.plain.as_ref()),
            _ => None,
        }
    }

    /// The item as HubSpot takes it. Associations of a create go along, so that it is never seen without them.
    pub(super) fn json(&self) -> Json {
        match &self.operation {
            Operation::Create => json!({
                "properties": self.properties,
                "associations": self.associations(),
                "objectWriteTraceId": self.trace(),
            }),
            Operation::Upsert { by, value } => json!({
                "id": value,
                "idProperty": by,
                "properties": self.properties,
                "objectWriteTraceId": self.trace(),
            }),
            Operation::Update(id) => json!({
                "id": id.as_str(),
                "properties": self.properties,
                "objectWriteTraceId": self.trace(),
            }),
            Operation::Archive(id) => json!({"id": id.as_str()}),
        }
    }

    fn associations(&self) -> Vec<Json> {
        let one = |(_, target, ids): &(String, Target, Vec<RecordId>)| {
            let ty = self.inline(target).map(AssociationType::json);
            let to = ids.clone();
            ty.into_iter().flat_map(move |ty| {
                to.clone().into_iter().map(move |id| json!({"to": {"id": id.as_str()}, "types": [ty]}))
            })
        };
        self.links.iter().flat_map(one).collect()
    }

    /// Whether a stored record is what this item asked for: by its mark, or where that is missing by what it holds.
    fn made(&self, wire: &WireRecord) -> bool {
        if let Some(trace) = &wire.object_write_trace_id {
            return *trace == self.trace();
        }
        let holds = |(name, text): (&String, &String)| {
            wire.properties.get(name).is_some_and(|held| held.0.as_deref().unwrap_or_default() == text)
        };
        match &self.operation {
            Operation::Create => self.properties.iter().all(holds),
            Operation::Upsert { by, value } => holds((by, value)),
            Operation::Update(id) | Operation::Archive(id) => wire.id.0.as_deref() == Some(id.as_str()),
        }
    }

    /// Whether an error is about this item.
    fn blamed(&self, problem: &WireProblem) -> bool {
        let mut marks = vec![self.trace()];
        marks.extend(self.key());
        let members = ["objectWriteTraceId", "ids", "id"];
        members.iter().any(|member| problem.about(member).iter().any(|found| marks.contains(found)))
    }
}

/// What became of each item. The answer's own order means nothing.
pub(super) fn sorted(items: &[Item], list: WireList<WireRecord>) -> Vec<Part> {
    let mut results: Vec<Option<WireRecord>> = list.results.into_iter().map(Some).collect();
    let mut take = |item: &Item| {
        let slot = results.iter_mut().find(|slot| slot.as_ref().is_some_and(|wire| item.made(wire)))?;
        slot.take()
    };
    let mut parts: Vec<Option<Part>> = items.iter().map(|item| take(item).map(Ok)).collect();
    let mut unclaimed = Vec::new();
    for problem in &list.errors {
        let mut claimed = false;
        for (_, part) in items.iter().zip(&mut parts).filter(|(item, _)| item.blamed(problem)) {
            claimed = true;
            part.get_or_insert_with(|| Err(problem.failure()));
        }
        if !claimed {
            unclaimed.push(problem);
        }
    }
    // Errors that name no input belong to those that are left, if there are as many of the one as of the other.
    let left = parts.iter().filter(|part| part.is_none()).count();
    let mut unclaimed = (left == unclaimed.len()).then_some(unclaimed).into_iter().flatten();
    parts
        .into_iter()
        .map(|part| part.unwrap_or_else(|| Err(unclaimed.next().map_or_else(untold, WireProblem::failure))))
        .collect()
}

/// The parts of a batch that was refused as a whole: those that are blamed and the rest, or else its halves.
pub(super) fn taken_apart(items: Vec<Item>, failure: &Failure) -> Vec<Vec<Item>> {
    let problem = failure.answer.as_deref().map(WireProblem::read).unwrap_or_default();
    let is_blamed =
        |item: &Item| item.blamed(&problem) || problem.errors.iter().any(|error| item.blamed(error));
    let (blamed, mut rest): (Vec<Item>, Vec<Item>) = items.into_iter().partition(is_blamed);
    if !blamed.is_empty() && !rest.is_empty() {
        // The rest leaves first: it is on top of the stack.
        return blamed.into_iter().map(|item| vec![item]).chain([rest]).collect();
    }
    rest.extend(blamed);
    let half = rest.split_off(rest.len() / 2);
    vec![half, rest]
}

fn untold() -> Failure {
    let error = Error::new(ErrorKind::Decode, "HubSpot's answer does not tell what became of this write");
    Failure::new(Effect::Unknown, error)
}
