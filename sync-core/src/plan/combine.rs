//! One record of the CRM in several divisions: what all of them hold together. Pure.

use crm_adapters::{Fields, Value};
use rust_decimal::Decimal;

use super::{Mapping, ResolvedRule};
use crate::flow::{Combine, FieldRule, Owner};

impl Mapping {
    /// The rules of which all divisions count that hold a record: those that Exact owns. The others agree through the CRM.
    pub(crate) fn combined_rules(&self) -> impl Iterator<Item = &FieldRule> {
        let combined =
            |resolved: &&ResolvedRule| resolved.owner() == Owner::Exact && resolved.rule.values.is_empty();
        self.rules.iter().filter(combined).map(|resolved| &resolved.rule)
    }

    /// What one division holds of a record, with what all of them hold of it in the fields that Exact owns. `before` and
    /// `after` are the other divisions', in their order.
    pub(crate) fn across(&self, before: &[&Fields], own: &Fields, after: &[&Fields]) -> Fields {
        let mut all = own.clone();
        for rule in self.combined_rules() {
            let name = rule.exact.as_str();
            let Some(here) = own.get(name) else { continue };
            let earlier = || before.iter().filter_map(|fields| fields.get(name));
            let later = after.iter().filter_map(|fields| fields.get(name));
            if rule.via.is_none() {
                let parts: Vec<&Value> = earlier().chain([here]).chain(later).collect();
                all.set(name, combine(rule.combine, &parts));
            } else if earlier().any(|value| !value.is_empty()) {
                // An id of another division means nothing here: that division writes it, and this one leaves it alone.
                all.remove(name);
            }
        }
        all
    }
}

/// What the values of several divisions, in their order, are together. Empty ones say nothing.
fn combine(how: Combine, parts: &[&Value]) -> Value {
    let mut told = parts.iter().copied().filter(|value| !value.is_empty());
    let together = match how {
        Combine::First => told.next().cloned(),
        Combine::Sum => told
            .map(number)
            .try_fold(None, |sum: Option<Decimal>, part| {
                Some(Some(sum.unwrap_or_default().checked_add(part?)?))
            })
            .map_or_else(|| first(parts), |sum| sum.map(Value::Decimal)),
        Combine::Max => told.max().cloned(),
    };
    together.unwrap_or_default()
}

fn first(parts: &[&Value]) -> Option<Value> {
    parts.iter().find(|value| !value.is_empty()).copied().cloned()
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    fn day(day: u32) -> Value {
        Value::Date(NaiveDate::from_ymd_opt(2026, 11, day).unwrap())
    }

    fn decimal(cents: i64) -> Value {
        Value::Decimal(Decimal::new(cents, 2))
    }

    #[test]
    fn several_divisions_come_together_as_the_rule_says() {
        let (a, b, empty) = (Value::text("A"), Value::text("B"), Value::Null);
        let table = [
            (Combine::First, vec![a.clone(), b.clone()], a),
            (Combine::First, vec![empty.clone(), b.clone()], b),
            (Combine::First, vec![empty.clone(), empty.clone()], Value::Null),
            (Combine::Sum, vec![empty.clone(), empty.clone()], Value::Null),
            (Combine::Max, vec![empty.clone(), empty.clone()], Value::Null),
            (Combine::Max, vec![day(3), empty.clone(), day(20)], day(20)),
            (Combine::Max, vec![decimal(900), decimal(1_000)], decimal(1_000)),
            (Combine::Sum, vec![decimal(900), empty, decimal(-100)], decimal(800)),
        ];
        for (how, parts, expected) in table {
            let parts: Vec<&Value> = parts.iter().collect();
            assert_eq!(combine(how, &parts), expected, "{how:?} of {parts:?}");
        }
    }

    proptest! {
        #[test]
        fn every_roll_up_over_divisions_is_the_sum_of_its_parts(
            cents in proptest::collection::vec(proptest::option::of(any::<i32>()), 0..6),
        ) {
            let parts: Vec<Value> =
                cents.iter().map(|cents| cents.map_or(Value::Null, |cents| decimal(cents.into()))).collect();
            let parts: Vec<&Value> = parts.iter().collect();
            let sum: i64 = cents.iter().flatten().map(|cents| i64::from(*cents)).sum();
            let expected = if cents.iter().all(Option::is_none) { Value::Null } else { decimal(sum) };
            prop_assert_eq!(combine(Combine::Sum, &parts), expected);
            let highest = cents.iter().flatten().max().map_or(Value::Null, |cents| decimal((*cents).into()));
            prop_assert_eq!(combine(Combine::Max, &parts), highest);
        }
    }
}
