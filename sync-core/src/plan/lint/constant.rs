//! A value that new records get, held against the schema of their side.

use chrono::{DateTime, NaiveDate};
use crm_adapters::{Field, FieldType, Fields, RecordId, Schema, Value};

use super::{Remark, key};
use crate::flow::{Constant, Flow};
use crate::plan::mapping::{ResolvedRule, Severity};

/// A constant as its field holds it; nothing for a preset's own that the side lacks.
///
/// # Errors
/// Why no record could be made with it, or none ever will.
pub(in crate::plan) fn constant(
    flow: &Flow,
    rules: &[ResolvedRule],
    given: &Constant,
    schema: &Schema,
) -> Result<Option<Constant>, Remark> {
    let Some(field) = schema.get(&given.field) else {
        let message = format!("{} has no field `{}`; correct it, or leave it out", given.side, given.field);
        return if given.named { Err((Severity::Error, message)) } else { Ok(None) };
    };
    let held = Constant { value: in_terms_of(field, &given.value), ..given.clone() };
    if let Some(message) = wrong(flow, rules, &held, schema) {
        return Err((Severity::Error, message));
    }
    if given.named && !flow.create.allows(given.side) {
        let side = given.side;
        let message = format!("the flow makes no records in {side}; leave it out, or change `create`");
        return Err((Severity::Note, message));
    }
    Ok(Some(held))
}

fn wrong(flow: &Flow, rules: &[ResolvedRule], held: &Constant, schema: &Schema) -> Option<String> {
    let Constant { side, field: name, value, .. } = held;
    if key(flow, *side) == Some(name.as_str()) {
        return Some(format!("{name} ties the records of the flow together; leave it out"));
    }
    let mapped = rules.iter().find(|resolved| resolved.rule.parts(*side).contains(name));
    if let Some(resolved) = mapped.filter(|_| held.named) {
        return Some(format!(
            "{name} is mapped to {}, too, and only one of both can be written; leave it out, or give that field `if_empty = {{ default = \"…\" }}`",
            resolved.rule.field(side.other())
        ));
    }
    if value.is_empty() {
        return Some(format!("{name} is empty, which every new record is by itself; leave it out"));
    }
    let refused = schema.check_update(&Fields::new().with(name, value.clone())).err()?;
    Some(format!("{name} does not take `{value}`: {refused}"))
}

/// What a config writes as text, where a field holds something that TOML and JSON cannot tell from it.
fn in_terms_of(field: &Field, written: &Value) -> Value {
    let Value::Text(text) = written else { return written.clone() };
    let read = match field.ty {
        FieldType::Decimal => text.parse().ok().map(Value::Decimal),
        FieldType::Bool => text.parse().ok().map(Value::Bool),
        FieldType::Date => text.parse::<NaiveDate>().ok().map(Value::Date),
        FieldType::Instant => DateTime::parse_from_rfc3339(text).ok().map(|at| Value::Instant(at.to_utc())),
        FieldType::Reference(_) => Some(Value::Reference(RecordId::new(text.as_str()))),
        FieldType::Choice => option(field, text),
        _ => None,
    };
    read.unwrap_or_else(|| written.clone())
}

/// An option by its label, whatever its capitals.
fn option(field: &Field, text: &str) -> Option<Value> {
    let label = field.options.iter().find(|label| label.to_lowercase() == text.to_lowercase());
    label.map(Value::text)
}
