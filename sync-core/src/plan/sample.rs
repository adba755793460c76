//! Values from the live data, which make a mapping plain to the customer who is to approve it.

use std::collections::BTreeMap;

use crm_adapters::{Fields, Value};

use crate::flow::{FieldRule, Side};

/// The longest value that a document shows whole, in characters.
const WIDTH: usize = 40;

/// One value of each field, as far as some record has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples(BTreeMap<(Side, String), Value>);

impl Samples {
    /// Takes what a record of a side has and no earlier one had.
    pub fn add(&mut self, side: Side, fields: &Fields) {
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            self.0.entry((side, name.clone())).or_insert_with(|| value.clone());
        }
    }

    /// A value as it stands in Exact, and what it is in the CRM where a transform says it in other words; the CRM's
    /// where Exact has none.
    pub(super) fn of(&self, rule: &FieldRule) -> String {
        let of = |side: Side| self.0.get(&(side, rule.field(side).to_owned()));
        let Some(exact) = of(Side::Exact) else {
            return of(Side::Crm).map(shown).unwrap_or_default();
        };
        match rule.transformed(Side::Exact, exact) {
            Ok(crm) if !rule.transform.is_empty() && crm != *exact => {
                format!("{} → {}", shown(exact), shown(&crm))
            }
            _ => shown(exact),
        }
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string().replace('|', "\\|").replace(['\n', '\r'], " ");
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
