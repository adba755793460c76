use crm_adapters::{Fields, RecordId, Value};

use super::{FieldRule, Side};

/// A rule whose values name records of another flow, or whose lines do.
#[derive(Debug)]
pub(crate) struct Reference<'r>(&'r FieldRule);

impl<'r> Reference<'r> {
    pub(crate) fn of(rule: &'r FieldRule) -> Option<Self> {
        (rule.via.is_some() || rule.lines.iter().any(|part| part.via.is_some())).then_some(Self(rule))
    }

    /// The flows whose records it names.
    pub(crate) fn flows(&self) -> impl Iterator<Item = &'r str> {
        let lines = self.0.lines.iter().filter_map(|part| part.via.as_deref());
        self.0.via.as_deref().into_iter().chain(lines)
    }

    /// The values of a record of a side that name records, each with their flow.
    pub(crate) fn values<'f>(&self, side: Side, fields: &'f Fields) -> Vec<(&'r str, &'f Value)> {
        let Some(value) = fields.get(self.0.field(side)) else { return Vec::new() };
        match value {
            Value::Lines(lines) => lines.iter().flat_map(|line| named(&self.0.lines, side, line)).collect(),
            value => self.0.via.as_deref().map(|flow| (flow, value)).into_iter().collect(),
        }
    }

    /// Puts other ids in the place of those that a field of a side names, where there are any for them.
    pub(crate) fn rename(
        &self,
        side: Side,
        (field, value): (&str, &mut Value),
        name: impl Fn(&str, &RecordId) -> Option<RecordId>,
    ) {
        let put = |flow: &str, value: &mut Value| {
            if let Value::Reference(id) = value
                && let Some(other) = name(flow, id)
            {
                *id = other;
            }
        };
        match value {
            _ if field != self.0.field(side) => {}
            Value::Lines(lines) => {
                for (part, flow) in self.0.lines.iter().filter_map(|part| Some((part, part.via.as_deref()?)))
                {
                    for line in lines.iter_mut() {
                        let Some(mut value) = line.remove(part.field(side)) else { continue };
                        put(flow, &mut value);
                        line.set(part.field(side), value);
                    }
                }
            }
            value => self.0.via.iter().for_each(|flow| put(flow, value)),
        }
    }
}

fn named<'r, 'f>(parts: &'r [FieldRule], side: Side, line: &'f Fields) -> Vec<(&'r str, &'f Value)> {
    parts.iter().filter_map(|part| Some((part.via.as_deref()?, line.get(part.field(side))?))).collect()
}
