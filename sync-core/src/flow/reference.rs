use crm_adapters::{Fields, Value};

use super::{FieldRule, Side};

/// A rule whose values name records of another flow, or whose lines do.
#[derive(Debug)]
pub(crate) struct Reference<'r>(&'r FieldRule);

impl<'r> Reference<'r> {
    pub(crate) fn of(rule: &'r FieldRule) -> Option<Self> {
        (rule.via.is_some() || rule.lines.iter().any(|part| part.via.is_some())).then_some(Self(rule))
    }

    /// The values of a record of a side that name records, each with their flow.
    pub(crate) fn values<'f>(&self, side: Side, fields: &'f Fields) -> Vec<(&'r str, &'f Value)> {
        let Some(value) = fields.get(self.0.field(side)) else { return Vec::new() };
        match value {
            Value::Lines(lines) => lines.iter().flat_map(|line| named(&self.0.lines, side, line)).collect(),
            value => self.0.via.as_deref().map(|flow| (flow, value)).into_iter().collect(),
        }
    }
}

fn named<'r, 'f>(parts: &'r [FieldRule], side: Side, line: &'f Fields) -> Vec<(&'r str, &'f Value)> {
    parts.iter().filter_map(|part| Some((part.via.as_deref()?, line.get(part.field(side))?))).collect()
}
