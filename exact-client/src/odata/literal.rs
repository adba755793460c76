//! Values as they stand in a `$filter`.

use super::{Padding, Property, Value};

/// The literal of a value as this property holds it: padded as Exact stores it, 64 bits marked as such.
pub(super) fn literal_for(property: &Property, value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(&property.padding().apply(text)),
        Value::Int(number) if property.edm() == super::Edm::Int64 => format!("{number}L"),
        other => literal(other),
    }
}

/// The literal of a value by itself.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(text) => quoted(text),
        Value::Guid(id) => format!("guid'{id}'"),
        Value::Bool(yes) => yes.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Date(day) => format!("datetime'{day}'"),
        Value::Moment(time) => format!("datetime'{time}'"),
        // Nothing compares with lines: a condition on them is refused before it is sent.
        Value::Lines(_) => "null".to_owned(),
    }
}

/// The property as it stands in a condition. One that is padded to an unknown width is compared without spaces,
/// which Exact documents and calls slower.
pub(super) fn operand(property: &Property, value: &Value) -> String {
    match (property.padding(), value) {
        (Padding::Unknown, Value::Text(_)) => format!("trim({})", property.name()),
        _ => property.name().to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Padding {
    fn apply(self, text: &str) -> String {
        match self {
            Self::None | Self::Unknown => text.to_owned(),
            Self::Left(width) => format!("{text:>width$}", width = usize::from(width)),
            Self::Right(width) => format!("{text:<width$}", width = usize::from(width)),
        }
    }
}
