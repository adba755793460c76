//! The prices of a document's lines against those of Exact.

use crm_adapters::{Fields, Value};
use rust_decimal::Decimal;

use super::{FieldWrite, Mapping, References, named};
use crate::flow::FieldRule;

// What Exact calls these on the lines of every sales document, and on the document.
const UNIT_PRICE: &str = "UnitPrice";
const DISCOUNT: &str = "Discount";
const CURRENCY: &str = "Currency";

/// Where a line of a new document has another price than Exact's list price of today, in words. Nothing is said of an
/// item without a list price in the document's currency, nor where the flow of items does not read it.
pub(crate) fn deviations(mapping: &Mapping, references: &References, writes: &[FieldWrite]) -> Vec<String> {
    let currency = writes.iter().find(|write| write.rule == CURRENCY).and_then(|write| write.to.as_text());
    let list = format!("Price.{}", currency.unwrap_or("EUR"));
    let of = |rule: &FieldRule| {
        let write = writes.iter().find(|write| write.rule == rule.exact)?;
        let Value::Lines(lines) = &write.to else { return None };
        let part = rule.lines.iter().find(|part| part.via.is_some())?;
        let told = lines.iter().enumerate();
        Some(told.filter_map(|(at, line)| deviation(references, part, line, &list, at + 1)).collect())
    };
    let lines = mapping.rules.iter().find(|resolved| !resolved.rule.lines.is_empty());
    lines.and_then(|resolved| of(&resolved.rule)).unwrap_or_default()
}

fn deviation(
    references: &References,
    part: &FieldRule,
    line: &Fields,
    list: &str,
    number: usize,
) -> Option<String> {
    let item = references.held(part.via.as_deref()?, &named(line.get(&part.exact)?)?)?;
    let list = decimal(item.get(list)?)?;
    let off = line.get(DISCOUNT).and_then(decimal).unwrap_or_default();
    let net = decimal(line.get(UNIT_PRICE)?)?.checked_mul(Decimal::ONE.checked_sub(off)?)?;
    let code = item.get("Code").map(|code| format!(" ({code})")).unwrap_or_default();
    (net != list).then(|| {
        format!("line {number}{code}: {} where Exact's list price is {}", net.normalize(), list.normalize())
    })
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        other => other.to_string().parse().ok(),
    }
}
