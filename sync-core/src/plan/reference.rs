//! Values that name records of another flow: on the other side they are that side's ids of the same records.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Fields, RecordId, Value};

use super::{Obstacle, Refusal};
use crate::flow::{FieldRule, IfUnlinked, Side};
use crate::state::IssueKind;

/// Which records of other flows belong together, as far as their links tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct References {
    links: BTreeMap<String, BTreeMap<(Side, RecordId), RecordId>>,
    held: BTreeMap<String, BTreeMap<RecordId, Held>>,
    coming: BTreeSet<(String, Side, RecordId)>,
}

/// What Exact holds of a record that is named.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    fields: Fields,
    usable: bool,
}

/// A record that a value names and that has no link yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// The field, as Exact's property name.
    pub field: String,
    /// The flow that is to link it.
    pub flow: String,
    /// The side whose id it is.
    pub side: Side,
    /// The record.
    pub record: RecordId,
}

impl References {
    /// Notes that a record of a flow is that record on the other side.
    pub fn insert(&mut self, flow: &str, side: Side, record: RecordId, other: RecordId) {
        self.links.entry(flow.to_owned()).or_default().insert((side, record), other);
    }

    /// Notes that the counterpart of a record of a flow is being created.
    pub fn expect(&mut self, flow: &str, side: Side, record: RecordId) {
        self.coming.insert((flow.to_owned(), side, record));
    }

    /// Whether a value is left out of a new record: what it names has no counterpart, and none is coming.
    pub(crate) fn leaves_out(&self, rule: &FieldRule, missing: &Missing) -> bool {
        let Missing { flow, side, record, .. } = missing;
        rule.if_unlinked == IfUnlinked::LeaveOut
            && !self.coming.contains(&(flow.clone(), *side, record.clone()))
    }

    /// Notes what Exact holds of a record of a flow, and whether a new document can name it.
    pub fn hold(&mut self, flow: &str, record: RecordId, fields: Fields, usable: bool) {
        self.held.entry(flow.to_owned()).or_default().insert(record, Held { fields, usable });
    }

    /// What Exact holds of a record, as far as it is known.
    pub(crate) fn held(&self, flow: &str, record: &RecordId) -> Option<&Fields> {
        Some(&self.held.get(flow)?.get(record)?.fields)
    }

    /// Why a new document of Exact cannot name what a value names; `None` where it can, or nobody knows.
    pub(crate) fn unusable(&self, rule: &FieldRule, value: &Value) -> Option<String> {
        let Held { fields, usable } = self.held.get(rule.via.as_deref()?)?.get(&named(value)?)?;
        let name = || ["Code", "Name"].iter().find_map(|name| fields.get(name)).unwrap_or(value);
        (!usable).then(|| {
            format!("{} is blocked, ended or not for sale in Exact; mend it there, or choose another", name())
        })
    }

    fn other(&self, flow: &str, side: Side, record: &RecordId) -> Option<&RecordId> {
        self.links.get(flow)?.get(&(side, record.clone()))
    }

    /// A value of a side in the words of the other one.
    pub(crate) fn carry<'v>(
        &self,
        rule: &FieldRule,
        from: Side,
        value: &'v Value,
    ) -> Result<Cow<'v, Value>, Obstacle> {
        let Some(flow) = &rule.via else { return transformed(rule, from, value) };
        let Some(record) = named(value) else { return Ok(Cow::Owned(Value::Null)) };
        match self.other(flow, from, &record) {
            Some(other) => Ok(Cow::Owned(Value::Reference(other.clone()))),
            None => Err(Missing { field: rule.exact.clone(), flow: flow.clone(), side: from, record }.into()),
        }
    }

    /// Whether both sides hold the same: of references, whether they name two ends of one link.
    pub(crate) fn same(&self, rule: &FieldRule, exact: &Value, crm: &Value) -> bool {
        if rule.via.is_none() {
            let same = |from, value, other| {
                transformed(rule, from, value).is_ok_and(|carried| rule.compare.same(&carried, other))
            };
            return same(Side::Exact, exact, crm) || same(Side::Crm, crm, exact);
        }
        self.carry(rule, Side::Crm, crm).is_ok_and(|carried| named(&carried) == named(exact))
    }
}

fn transformed<'v>(rule: &FieldRule, from: Side, value: &'v Value) -> Result<Cow<'v, Value>, Obstacle> {
    if rule.transform.is_empty() {
        return Ok(Cow::Borrowed(value));
    }
    let refused = |why| {
        let message = format!("{} in {from}: {why}", rule.field(from));
        Refusal { kind: IssueKind::Rejected, message }.into()
    };
    rule.transformed(from, value).map(Cow::Owned).map_err(refused)
}

/// The record that a value names; the first, where a side holds several.
pub(crate) fn named(value: &Value) -> Option<RecordId> {
    match value {
        Value::Reference(id) => Some(id.clone()),
        Value::List(several) => several.iter().find_map(named),
        Value::Null => None,
        other => Some(other.to_string()).filter(|id| !id.is_empty()).map(RecordId::new),
    }
}
