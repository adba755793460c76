//! What a record holds under the names of a mapping's rules, in one walk along it: looking each name up would compare it
//! with many others that begin alike.

use super::ResolvedRule;
use crate::flow::Side;

/// The places of the rules in the order of the names that their fields have on each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    exact: Vec<usize>,
    crm: Vec<usize>,
}

impl Order {
    pub(super) fn of(rules: &[ResolvedRule]) -> Self {
        let sorted = |side| {
            let mut places: Vec<usize> = (0..rules.len()).collect();
            places.sort_by_key(|at| rules[*at].rule.field(side));
            places
        };
        Self { exact: sorted(Side::Exact), crm: sorted(Side::Crm) }
    }

    /// For each rule, what stands under the name of its field on a side, of things in the order of their names.
    pub(super) fn find<'a, T>(
        &self,
        rules: &[ResolvedRule],
        side: Side,
        held: impl IntoIterator<Item = (&'a String, &'a T)>,
    ) -> Vec<Option<&'a T>> {
        let places = if side == Side::Exact { &self.exact } else { &self.crm };
        let mut found = vec![None; rules.len()];
        let mut held = held.into_iter().peekable();
        for at in places {
            let name = rules[*at].rule.field(side);
            while let Some((other, value)) = held.peek() {
                if *other == name {
                    found[*at] = Some(*value);
                    break;
                }
                if other.as_str() > name {
                    break;
                }
                held.next();
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crm_adapters::{Field, FieldType, Fields, Schema, Value};
    use proptest::prelude::*;

    use super::*;
    use crate::flow::{Combine, Preset, Vendor};
    use crate::plan::Mapping;

    fn mapping() -> Mapping {
        let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
        flow.rules.iter_mut().for_each(|rule| rule.combine = Combine::First);
        let schema = |side| {
            let text = |name: String| Field::new(name.clone(), name, FieldType::Text);
            Schema::new(flow.fields(side).into_iter().map(text))
        };
        Mapping::resolve(flow.clone(), &schema(Side::Exact), &schema(Side::Crm), false).unwrap().0
    }

    proptest! {
        #[test]
        fn a_walk_finds_what_looking_up_each_name_finds(
            held in proptest::collection::vec(any::<bool>(), 64),
            others in proptest::collection::vec("[A-Za-z:. ]{0,12}", 0..8),
        ) {
            let mapping = mapping();
            for side in [Side::Exact, Side::Crm] {
                let names = mapping.rules.iter().map(|resolved| resolved.rule.field(side).to_owned());
                let names = names.zip(&held).filter(|(_, held)| **held).map(|(name, _)| name);
                let fields: Fields = names.chain(others.clone()).map(|name| (name.clone(), Value::text(name))).collect();
                let looked_up: Vec<_> = mapping.rules.iter().map(|resolved| fields.get(resolved.rule.field(side))).collect();
                prop_assert_eq!(mapping.order.find(&mapping.rules, side, &fields), looked_up);
            }
        }
    }
}
