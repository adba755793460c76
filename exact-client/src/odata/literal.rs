//! Values as they stand in a `$filter`.

use super::{Padding, Property, Value};

/// The literal of a value, padded as Exact stores it.
pub(super) fn literal(property: &Property, value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(text) => quoted(&property.padding().apply(text)),
        Value::Guid(id) => format!("guid'{id}'"),
        Value::Bool(yes) => yes.to_string(),
        Value::Int(number) if property.edm() == super::Edm::Int64 => format!("{number}L"),
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Date(day) => format!("datetime'{day}'"),
        Value::Moment(time) => format!("datetime'{time}'"),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Padding {
    fn apply(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Left(width) => format!("{text:>width$}", width = usize::from(width)),
            Self::Right(width) => format!("{text:<width$}", width = usize::from(width)),
        }
    }
}
