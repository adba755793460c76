use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::Fields;
use serde::{Deserialize, Serialize};

/// A side may show a change to have been made so much later than it answered it: it answers to the second, and with more
/// than one clock.
const TOLERANCE: TimeDelta = TimeDelta::seconds(2);

/// What is known of the fields of a record that were written and whose side did not say what it made of them.
///
/// Until the side is heard of, they count as stored the way they were sent. Where it then holds something else, either a
/// person has changed it since, which is an edit as any other, or the side has its own way with such values, and then both
/// sides agree. When it was changed last tells the two apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Echo {
    /// Fields that were not seen since, each with when the side took it, by its own clock.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unseen: BTreeMap<String, DateTime<Utc>>,
    /// Fields of which the side made something else, until both sides are noted to agree.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    own_way: BTreeSet<String>,
}

impl Echo {
    /// Nothing is waited for, and nothing to be noted.
    pub(crate) fn is_silent(&self) -> bool {
        self.unseen.is_empty() && self.own_way.is_empty()
    }

    /// The fields of which the side made something else.
    pub(crate) fn own_way(&self) -> impl Iterator<Item = &str> {
        self.own_way.iter().map(String::as_str)
    }

    /// Both sides are noted to agree.
    pub(crate) fn noted(&mut self) {
        self.own_way.clear();
    }

    /// These fields were sent, and the side took them.
    pub(crate) fn sent<'f>(&mut self, fields: impl Iterator<Item = &'f String>, at: DateTime<Utc>) {
        for field in fields {
            self.own_way.remove(field);
            self.unseen.insert(field.clone(), at);
        }
    }

    /// What is left of it once the side tells what it holds of some fields, and when it was changed last. `held` is what it
    /// was taken to hold.
    pub(crate) fn heard(&self, held: &Fields, told: &Fields, changed_at: Option<DateTime<Utc>>) -> Self {
        let mut left = Self::default();
        for field in &self.own_way {
            if told.get(field).is_none_or(|told| Some(told) == held.get(field)) {
                left.own_way.insert(field.clone());
            }
        }
        for (field, at) in &self.unseen {
            match told.get(field) {
                None => drop(left.unseen.insert(field.clone(), *at)),
                Some(told) if Some(told) == held.get(field) => {}
                Some(_) if changed_at.is_some_and(|changed| changed <= *at + TOLERANCE) => {
                    left.own_way.insert(field.clone());
                }
                Some(_) => {}
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use crm_adapters::Value;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn phone(value: &str) -> Fields {
        Fields::new().with("Phone", Value::text(value))
    }

    fn sent_at(second: i64) -> Echo {
        let mut echo = Echo::default();
        echo.sent(["Phone".to_owned()].iter(), at(second));
        echo
    }

    #[test]
    fn what_a_side_holds_otherwise_is_its_own_way_unless_it_was_changed_since() {
        let table = [
            ("what was sent", "030", Some(at(10)), false),
            ("what was sent, and another field changed since", "030", Some(at(900)), false),
            ("something else, changed last by the write", "+31 30", Some(at(10)), true),
            ("the same, answered within one second", "+31 30", Some(at(12)), true),
            ("something else, changed after the write", "+31 30", Some(at(13)), false),
            ("something else, nobody knows since when", "+31 30", None, false),
        ];
        for (what, told, changed_at, own_way) in table {
            let left = sent_at(10).heard(&phone("030"), &phone(told), changed_at);
            assert_eq!(
                left.own_way().collect::<Vec<_>>(),
                if own_way { vec!["Phone"] } else { vec![] },
                "{what}"
            );
            assert!(left.unseen.is_empty(), "{what}: it has been seen");
        }
    }

    #[test]
    fn a_field_that_is_not_told_stays_unseen() {
        let echo = sent_at(10);
        let other = Fields::new().with("City", Value::text("Ede"));
        assert_eq!(echo.heard(&phone("030"), &other, Some(at(99))), echo);
    }

    #[test]
    fn an_edit_of_what_a_side_had_its_own_way_with_is_an_edit() {
        let own = sent_at(10).heard(&phone("030"), &phone("+31 30"), Some(at(10)));
        assert_eq!(own.heard(&phone("+31 30"), &phone("+31 30"), Some(at(99))), own);
        assert!(own.heard(&phone("+31 30"), &phone("020"), Some(at(99))).is_silent());
    }

    #[test]
    fn a_field_that_is_sent_again_is_waited_for_again() {
        let mut echo = sent_at(10).heard(&phone("030"), &phone("+31 30"), Some(at(10)));
        echo.sent(["Phone".to_owned()].iter(), at(20));
        assert_eq!(echo, sent_at(20));
    }
}
