use chrono::TimeDelta;

use super::{FieldWrite, Why};
use crate::flow::Compare;

/// So often the same edit of a side is undone within [`WINDOW`]; then a person is asked.
pub(crate) const UNDONE: usize = 3;

/// For so long a write counts.
pub(crate) const WINDOW: TimeDelta = TimeDelta::hours(24);

/// Whether a write is one of those that follow from the values alone, and so may go on for ever.
pub(crate) fn may_oscillate(write: &FieldWrite) -> bool {
    !write.rule.is_empty() && matches!(write.why, Why::Changed | Why::Owner | Why::Conflict)
}

/// How often the edit that a write would undo was undone before, by `past`: the writes to the same field of the side,
/// oldest first.
///
/// A write undoes an edit where it meets another value than the one before it left. What a person changes on the other
/// side, however often, only follows the write before it, and so never counts.
pub(crate) fn undone_before(compare: Compare, past: &[&FieldWrite], next: &FieldWrite) -> usize {
    let follows = |before: &FieldWrite, write: &FieldWrite| compare.same(&before.to, &write.from);
    if past.last().is_none_or(|last| follows(last, next)) {
        return 0;
    }
    let undoes = |at: usize| at == 0 || !follows(past[at - 1], past[at]);
    let same =
        |write: &FieldWrite| compare.same(&write.from, &next.from) && compare.same(&write.to, &next.to);
    past.iter().enumerate().filter(|(at, write)| undoes(*at) && same(write)).count()
}

#[cfg(test)]
mod tests {
    use crm_adapters::Value;

    use super::*;

    /// Writes as `from>to`.
    fn writes(text: &str) -> Vec<FieldWrite> {
        let write = |word: &str| {
            let (from, to) = word.split_once('>').unwrap();
            FieldWrite {
                rule: "Phone".to_owned(),
                field: "phone".to_owned(),
                from: Value::text(from),
                to: Value::text(to),
                source: Value::text(to),
                why: Why::Owner,
            }
        };
        text.split_whitespace().map(write).collect()
    }

    #[test]
    fn only_writes_that_undo_the_same_edit_count() {
        for (past, next, count) in [
            ("", "x>e", 0),
            ("x>e", "x>e", 1),
            ("x>e x>e x>e", "x>e", 3),
            ("x>e x>e x>e x>e", "x>e", 4),
            // another edit, or another value to write
            ("x>e x>e x>e", "y>e", 0),
            ("x>e x>e x>e", "x>f", 0),
            ("x>e y>e x>e", "x>e", 2),
            // one side alone goes to and fro: each write meets what the one before it left
            ("a>b b>a a>b b>a a>b b>a", "a>b", 0),
            ("a>b b>a a>b b>a a>b", "b>a", 0),
            // it meets its own write now, whatever was before
            ("x>e x>e x>e e>x", "x>e", 0),
        ] {
            let (past, next) = (writes(past), writes(next));
            let past: Vec<_> = past.iter().collect();
            assert_eq!(undone_before(Compare::Text, &past, &next[0]), count, "{past:?} {next:?}");
        }
    }

    #[test]
    fn values_count_as_the_same_as_the_rule_compares_them() {
        let (past, next) = (writes("A@B.nl>c@d.nl"), writes("a@b.nl>C@D.nl"));
        let past: Vec<_> = past.iter().collect();
        assert_eq!(undone_before(Compare::Email, &past, &next[0]), 1);
        assert_eq!(undone_before(Compare::Text, &past, &next[0]), 0);
    }

    #[test]
    fn what_a_person_decided_or_what_is_no_field_of_a_rule_never_oscillates() {
        let [write] = writes("x>e").try_into().unwrap();
        assert!(may_oscillate(&write));
        for why in [Why::Answer, Why::Undone, Why::Filled, Why::Key, Why::Created] {
            assert!(!may_oscillate(&FieldWrite { why, ..write.clone() }), "{why:?}");
        }
        assert!(!may_oscillate(&FieldWrite { rule: String::new(), ..write }));
    }
}
