//! The lines of a document, carried over as a whole when the document is made.

use std::borrow::Cow;

use crm_adapters::{Fields, Value};
use rust_decimal::Decimal;

use super::{Missing, Obstacle, References, Refusal};
use crate::flow::{FieldRule, IfEmpty, Scale, Side};
use crate::state::IssueKind;

/// Lines of the CRM as Exact is to have them.
///
/// # Errors
/// The first line that cannot be carried over, by its number and name: its product is not linked, or a part of it has no
/// counterpart in Exact. Nothing is guessed.
pub(super) fn carried(rule: &FieldRule, references: &References, value: &Value) -> Result<Value, Refusal> {
    let Value::Lines(lines) = value else {
        return Err(refusal(rule, "the CRM did not deliver lines; map a field of lines".to_owned()));
    };
    let counted = lines.iter().enumerate().filter(|(_, line)| counts(rule, line));
    let lines = counted.map(|(at, line)| {
        one(rule, references, line)
            .map_err(|why| refusal(rule, format!("line {}{}: {why}", at + 1, name(line))))
    });
    let lines: Vec<Fields> = lines.collect::<Result<_, _>>()?;
    if lines.is_empty() {
        return Err(refusal(rule, "no line counts; add what was sold".to_owned()));
    }
    Ok(Value::Lines(lines))
}

fn counts(rule: &FieldRule, line: &Fields) -> bool {
    rule.lines_counted.as_ref().is_none_or(|counted| counted.holds(Side::Crm, line))
}

fn one(rule: &FieldRule, references: &References, line: &Fields) -> Result<Fields, String> {
    if let Some(check) = rule.lines_fit.iter().find(|check| !check.holds.holds(Side::Crm, line)) {
        return Err(check.otherwise.clone());
    }
    let mut made = Fields::new();
    for part in &rule.lines {
        let value = line.get(&part.crm).unwrap_or(&Value::Null);
        let value = match (&part.if_empty, value.is_empty()) {
            (_, false) => references.carry(part, Side::Crm, value).map_err(uncarried)?,
            (IfEmpty::Default(text), true) => Cow::Owned(Value::text(text)),
            (_, true) if part.via.is_some() => {
                return Err("it names no product; choose one that is in Exact".to_owned());
            }
            (_, true) => continue,
        };
        if let Some(why) = references.unusable(part, &value) {
            return Err(why);
        }
        made.set(&part.exact, scaled(part.scale, value.into_owned())?);
    }
    Ok(made)
}

fn uncarried(obstacle: Obstacle) -> String {
    match obstacle {
        Obstacle::Waits(Missing { record, flow, .. }) => {
            format!("product {record} is not linked to an item in Exact; link it in flow {flow}")
        }
        Obstacle::Refused(refusal) => refusal.message,
        Obstacle::Alone => "it names nothing; choose a product".to_owned(),
    }
}

fn scaled(scale: Scale, value: Value) -> Result<Value, String> {
    let number = match (scale, &value) {
        (Scale::One, _) => return Ok(value),
        (Scale::Percent, Value::Decimal(number)) => Some(*number),
        (Scale::Percent, other) => other.to_string().parse().ok(),
    };
    match number.and_then(|number| number.checked_div(Decimal::ONE_HUNDRED)) {
        Some(share) => Ok(Value::Decimal(share.normalize())),
        None => Err(format!("`{value}` is no percentage")),
    }
}

fn name(line: &Fields) -> String {
    line.get("name").filter(|name| !name.is_empty()).map(|name| format!(" ({name})")).unwrap_or_default()
}

fn refusal(rule: &FieldRule, message: String) -> Refusal {
    Refusal { kind: IssueKind::Rejected, message: format!("{}: {message}", rule.crm) }
}

/// Whether the CRM's lines are the same as far as they are carried over.
pub(super) fn same(rule: &FieldRule, one: &Value, other: &Value) -> bool {
    let (Value::Lines(one), Value::Lines(other)) = (one, other) else {
        return one.is_empty() && other.is_empty();
    };
    let part = |line: &Fields, part: &FieldRule| {
        part.compare.canon(line.get(&part.crm).unwrap_or(&Value::Null)).into_owned()
    };
    let counted = |lines: &[Fields]| {
        let counted = lines.iter().filter(|line| counts(rule, line));
        counted
            .map(|line| rule.lines.iter().map(|rule| part(line, rule)).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    counted(one) == counted(other)
}
