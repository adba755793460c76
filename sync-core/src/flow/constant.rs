//! What new records get besides their mapped fields.

use crm_adapters::Value;

use super::{Flow, Side};

/// A value that every record gets which a flow creates on a side. It is neither read nor written again afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Constant {
    /// On which side.
    pub side: Side,
    /// The field, in that vendor's words.
    pub field: String,
    /// The value. A text stands for what its field holds: a number, yes or no, a day.
    pub value: Value,
    /// Whether a config names it; a preset's own is left out where the side lacks the field.
    pub named: bool,
}

impl Constant {
    /// A preset's own in Exact.
    pub(super) fn exact(field: &str, value: &str) -> Self {
        Self { side: Side::Exact, field: field.to_owned(), value: Value::text(value), named: false }
    }
}

impl Flow {
    /// Gives every record that it creates on a side this value, instead of the preset's for that field.
    pub fn create_with(&mut self, side: Side, field: impl Into<String>, value: impl Into<Value>) {
        let constant = Constant { side, field: field.into(), value: value.into(), named: true };
        self.created_with.retain(|known| (known.side, &known.field) != (side, &constant.field));
        self.created_with.push(constant);
    }

    /// What new records of a side get.
    pub(crate) fn constants(&self, side: Side) -> impl Iterator<Item = &Constant> {
        self.created_with.iter().filter(move |constant| constant.side == side)
    }
}
