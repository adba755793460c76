//! Values that name records of another flow: on the other side they are that side's ids of the same records.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crm_adapters::{RecordId, Value};

use crate::flow::{FieldRule, Side};

/// Which records of other flows belong together, as far as their links tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References(BTreeMap<String, BTreeMap<(Side, RecordId), RecordId>>);

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
        self.0.entry(flow.to_owned()).or_default().insert((side, record), other);
    }

    fn other(&self, flow: &str, side: Side, record: &RecordId) -> Option<&RecordId> {
        self.0.get(flow)?.get(&(side, record.clone()))
    }

    /// A value of a side in the words of the other one.
    pub(crate) fn carry<'v>(
        &self,
        rule: &FieldRule,
        from: Side,
        value: &'v Value,
    ) -> Result<Cow<'v, Value>, Missing> {
        let Some(flow) = &rule.via else { return Ok(Cow::Borrowed(value)) };
        let Some(record) = named(value) else { return Ok(Cow::Owned(Value::Null)) };
        match self.other(flow, from, &record) {
            Some(other) => Ok(Cow::Owned(Value::Reference(other.clone()))),
            None => Err(Missing { field: rule.exact.clone(), flow: flow.clone(), side: from, record }),
        }
    }

    /// Whether both sides hold the same: of references, whether they name two ends of one link.
    pub(crate) fn same(&self, rule: &FieldRule, exact: &Value, crm: &Value) -> bool {
        if rule.via.is_none() {
            return rule.compare.same(exact, crm);
        }
        self.carry(rule, Side::Crm, crm).is_ok_and(|carried| named(&carried) == named(exact))
    }
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
