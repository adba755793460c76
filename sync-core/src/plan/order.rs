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
