use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crm_adapters::{RecordId, Value};
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use crate::flow::{Division, Side};
use crate::state::{Answer, Intent, decode, is_false, plain};
use crate::store::{Key, Mark, Put, Row, StoreError, Table};

/// Names a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(Uuid);

impl LinkId {
    pub(crate) fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The link of that name, where it can be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self)
    }
}

impl FromStr for LinkId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

/// What both sides last agreed on, by Exact's property name.
pub type Base = BTreeMap<String, BaseField>;

/// What one field was when both sides last agreed. The two differ where a side stores a value in its own way.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<Pair>")]
#[expect(clippy::exhaustive_structs, reason = "a plain pair")]
pub struct BaseField {
    /// As Exact held it.
    pub exact: Value,
    /// As the CRM held it.
    pub crm: Value,
}

/// A base as it is stored, but for one that was empty on both sides: most are, and that is `null`.
#[derive(Serialize, Deserialize)]
struct Pair<V = Value> {
    exact: V,
    crm: V,
}

impl Serialize for BaseField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { exact, crm } = self;
        let pair = (*exact != Value::Null || *crm != Value::Null).then_some(Pair { exact, crm });
        pair.serialize(serializer)
    }
}

impl From<Option<Pair>> for BaseField {
    fn from(pair: Option<Pair>) -> Self {
        let Pair { exact, crm } = pair.unwrap_or(Pair { exact: Value::Null, crm: Value::Null });
        Self { exact, crm }
    }
}

impl BaseField {
    /// The value on a side.
    #[must_use]
    pub fn on(&self, side: Side) -> &Value {
        match side {
            Side::Exact => &self.exact,
            Side::Crm => &self.crm,
        }
    }
}

/// One business thing, with its id on each side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Link {
    /// Names the link.
    pub id: LinkId,
    /// The flow it belongs to.
    pub flow: String,
    /// The division of its Exact record.
    pub division: Division,
    /// The record in Exact; `None` while it is being created.
    pub exact: Option<RecordId>,
    /// The record in the CRM; `None` while it is being created.
    pub crm: Option<RecordId>,
    /// What both sides last agreed on.
    pub base: Base,
    /// Whether it is still kept in agreement.
    pub state: LinkState,
    /// A person's answers to questions about fields, by Exact's property name, until they are carried out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Answer>,
    /// Ids that its records had before they were merged into those of now, or entered anew after a delete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<(Side, RecordId)>,
    /// The CRM's key is left out: a deleted record, in whose place the present one came, may still hold it, and it is
    /// unique there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) keyless: bool,
    /// The fields about which an issue is open; `-` for the link as a whole.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) issues: BTreeSet<String>,
}

/// Whether a link is kept in agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkState {
    /// It is.
    Live,
    /// Its record was deleted on that side. Nothing is written any more and nothing is created anew.
    Ended(Side),
}

impl Link {
    /// Stands for the link itself in [`Link::issues`].
    pub(crate) const WHOLE: &'static str = "-";
    /// Stands in [`Link::answers`] for the record that is to be taken out of use.
    pub(crate) const UNDO: &'static str = "undo";
    /// Names the mark of its records.
    const RECORD: &'static str = "record";
    /// The mark of links to which something was done beside a run, and which were not looked at since.
    pub(crate) const FRESH: &'static str = "fresh";

    pub(crate) fn new(id: LinkId, flow: &str, division: Division) -> Self {
        Self {
            id,
            flow: flow.to_owned(),
            division,
            exact: None,
            crm: None,
            base: Base::new(),
            state: LinkState::Live,
            answers: BTreeMap::new(),
            aliases: Vec::new(),
            keyless: false,
            issues: BTreeSet::new(),
        }
    }

    /// The record on a side.
    #[must_use]
    pub fn record(&self, side: Side) -> Option<&RecordId> {
        match side {
            Side::Exact => self.exact.as_ref(),
            Side::Crm => self.crm.as_ref(),
        }
    }

    pub(crate) fn set_record(&mut self, side: Side, id: RecordId) {
        match side {
            Side::Exact => self.exact = Some(id),
            Side::Crm => self.crm = Some(id),
        }
    }

    /// Every id that its record on a side has or had.
    pub(crate) fn ids(&self, side: Side) -> impl Iterator<Item = &RecordId> {
        let former = self.aliases.iter().filter(move |(of, _)| *of == side).map(|(_, id)| id);
        self.record(side).into_iter().chain(former)
    }

    /// Its record on a side is another one now, such as the one that it was merged into.
    pub(crate) fn rename(&mut self, side: Side, into: RecordId) {
        self.aliases.extend(self.record(side).cloned().map(|former| (side, former)));
        self.aliases.retain(|(of, id)| *of != side || *id != into);
        self.set_record(side, into);
    }

    /// Goes on after it had ended, with these records: they are compared as at a first match. What it was before stays
    /// in the audit, and finds it.
    pub(crate) fn go_on(&mut self, records: &[(Side, RecordId)], key_is_unique: bool) {
        for (side, id) in records {
            if self.record(*side) != Some(id) {
                self.keyless |= key_is_unique && *side == Side::Crm && self.crm.is_some();
                self.rename(*side, id.clone());
            }
        }
        self.state = LinkState::Live;
        self.base.clear();
        self.answers.clear();
        self.issues.clear();
    }

    /// What the CRM's key field holds for it: `{division}:{id}`.
    pub(crate) fn sync_key(division: Division, exact: &RecordId) -> String {
        format!("{division}:{exact}")
    }

    /// The value of the mark of links that are fresh, ended so that no division's begins like another one's.
    pub(crate) fn fresh(flow: &str, division: Division) -> Mark {
        Mark::new(Self::FRESH, format!("{flow}/{division}/"))
    }

    /// The marks by which a record finds the link that it belongs to, or the open create that is to make it; at most one
    /// in a division.
    pub(crate) fn record_marks(flow: &str, division: Division, side: Side, record: &RecordId) -> [Mark; 2] {
        let place = place(flow, division, side, record);
        [Mark::new(Self::RECORD, place.clone()), Mark::new(Intent::RECORD, place)]
    }

    /// Marks of that name for its records, under every id that they have or had.
    pub(crate) fn marks(&self, name: &'static str) -> Vec<Mark> {
        let mark = |side, id| Mark::new(name, place(&self.flow, self.division, side, id));
        let marks = [Side::Exact, Side::Crm].map(|side| self.ids(side).map(move |id| mark(side, id)));
        marks.into_iter().flatten().collect()
    }

    /// The mark of links that have ended.
    pub(crate) fn ended(flow: &str, division: Division) -> Mark {
        Mark::new("ended", format!("{flow}/{division}/"))
    }

    pub(crate) fn put(&self) -> Result<Put, StoreError> {
        let ended = (self.state != LinkState::Live).then(|| Self::ended(&self.flow, self.division));
        let marks = self.marks(Self::RECORD).into_iter().chain(ended).collect();
        Ok(Put { marks, ..plain(self.key(), self)? })
    }

    /// The link of a row that bears the mark of a record: its own, or the one that an open create is to make.
    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        match row.key.table {
            Table::Intent => Ok(decode::<Intent>(row)?.link_to_make()),
            _ => decode(row),
        }
    }

    pub(crate) fn key(&self) -> Key {
        Self::key_of(&self.flow, self.division, self.id)
    }

    pub(crate) fn key_of(flow: &str, division: Division, id: LinkId) -> Key {
        Key::new(Table::Link, [flow, &division.to_string(), &id.to_string()].join("/"))
    }
}

/// A record, as the marks name it.
fn place(flow: &str, division: Division, side: Side, record: &RecordId) -> String {
    [flow, side.as_str(), record.as_str(), &division.to_string()].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_base_is_one_word_in_a_row_and_others_are_read_as_they_were_written() {
        let base = |exact: &str, crm: &str| BaseField { exact: Value::text(exact), crm: Value::text(crm) };
        let table = [
            (base("", ""), "null"),
            (base("A", ""), r#"{"exact":{"text":"A"},"crm":"null"}"#),
            (base("A", "a"), r#"{"exact":{"text":"A"},"crm":{"text":"a"}}"#),
        ];
        for (field, text) in table {
            assert_eq!(serde_json::to_string(&field).unwrap(), text);
            assert_eq!(serde_json::from_str::<BaseField>(text).unwrap(), field);
        }
        let before = r#"{"exact":"null","crm":"null"}"#;
        assert_eq!(serde_json::from_str::<BaseField>(before).unwrap(), base("", ""), "as rows had it before");
    }
}
