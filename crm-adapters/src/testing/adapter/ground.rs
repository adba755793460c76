//! What the cases stand on: an adapter, a sample, and the small actions that they are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Place, Sample};
use crate::adapter::Adapter;
use crate::change::{Action, Change, Cost, Cursor, Key, Outcome, Work, Write};
use crate::error::Error;
use crate::model::{Fields, Record, RecordId, Value, View};

/// A feed that has not come to its end by then never will.
pub(super) const PAGES: usize = 1_000;

pub(super) struct Ground {
    pub(super) adapter: Arc<dyn Adapter>,
    pub(super) sample: Sample,
    /// Every field of the sample.
    pub(super) view: View,
}

/// What a walk along a feed has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) present: BTreeMap<RecordId, Vec<Record>>,
    /// Deleted, or merged into another record.
    pub(super) gone: Vec<RecordId>,
    pub(super) cursor: Option<Cursor>,
    pub(super) pages: usize,
}

impl Seen {
    /// The last reading of a record.
    pub(super) fn last(&self, id: &RecordId) -> Option<&Record> {
        self.present.get(id).and_then(|readings| readings.last())
    }

    pub(super) fn take(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Present(record) => self.present.entry(record.id.clone()).or_default().push(record),
                Change::Derived(record) => {
                    let readings = self.present.entry(record.id.clone()).or_default();
                    if let Some(mut whole) = readings.last().cloned() {
                        whole.fields.merge(record.fields);
                        readings.push(whole);
                    }
                }
                Change::Deleted(id) => self.gone.push(id),
                Change::Merged { from, .. } => self.gone.extend(from),
            }
        }
    }
}

impl Ground {
    pub(super) async fn new(place: &dyn Place) -> Self {
        let sample = place.sample();
        let others = sample.fields.iter().map(|(name, ..)| name.clone());
        let mut fields = vec![sample.title.clone(), sample.key.clone()];
        fields.extend(sample.unique.clone());
        fields.extend(others);
        let view = View { kind: sample.kind, fields };
        Self { adapter: place.open().await, sample, view }
    }

    /// The fields of the sample's `n`th record.
    pub(super) fn fields(&self, n: usize) -> Fields {
        let mut fields = Fields::new()
            .with(&self.sample.title, format!("Record {n}"))
            .with(&self.sample.key, Self::key_value(n));
        if let Some(unique) = &self.sample.unique {
            fields.set(unique, format!("u{n}"));
        }
        for (name, value) in &self.sample.given {
            fields.set(name, value.clone());
        }
        for (name, one, _) in &self.sample.fields {
            fields.set(name, one.clone());
        }
        fields
    }

    pub(super) fn key_value(n: usize) -> String {
        format!("{}", 10_000_000 + n)
    }

    pub(super) async fn write(&self, actions: Vec<Action>) -> Vec<Outcome> {
        let writes: Vec<_> = actions.into_iter().map(|action| Write { action, send_before: None }).collect();
        let wanted = writes.len();
        let outcomes = self.adapter.write(&self.view, writes).await;
        assert_eq!(outcomes.len(), wanted, "one outcome for each write");
        let mut settled = Vec::with_capacity(wanted);
        for outcome in outcomes {
            settled.push(self.read_back(outcome).await);
        }
        settled
    }

    /// What was taken without a word is read, as its feed would tell it.
    async fn read_back(&self, outcome: Outcome) -> Outcome {
        let Outcome::Accepted(record) = outcome else { return outcome };
        assert!(
            record.changed_at.is_some(),
            "what is only accepted has a moment to hold later readings against"
        );
        let stored = self.get(&record.id).await;
        Outcome::Applied(stored.expect("what was accepted is there"))
    }

    pub(super) async fn write_one(&self, action: Action) -> Outcome {
        self.write(vec![action]).await.pop().expect("one outcome for one write")
    }

    /// Creates the records of these numbers, in calls as large as the adapter takes.
    pub(super) async fn create(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<Record> {
        let numbers: Vec<_> = numbers.into_iter().collect();
        let mut records = Vec::with_capacity(numbers.len());
        for chunk in numbers.chunks(self.adapter.capabilities(self.sample.kind).batch) {
            let actions = chunk.iter().map(|n| Action::Create(self.fields(*n))).collect();
            records.extend(self.write(actions).await.into_iter().map(applied));
        }
        records
    }

    pub(super) async fn create_one(&self, n: usize) -> Record {
        self.create([n]).await.pop().expect("one record for one create")
    }

    pub(super) async fn update(&self, id: &RecordId, fields: Fields) -> Record {
        applied(self.write_one(Action::Update(id.clone(), fields)).await)
    }

    /// Follows the feed from a cursor to its end.
    pub(super) async fn walk(&self, after: Option<&Cursor>) -> Seen {
        let mut seen = Seen { cursor: after.cloned(), ..Seen::default() };
        while seen.pages < PAGES {
            let page = self.adapter.changes(&self.view, seen.cursor.as_ref()).await.expect("a page is read");
            seen.take(page.changes);
            seen.pages += 1;
            seen.cursor = Some(page.cursor);
            if !page.more {
                return seen;
            }
        }
        panic!("the feed has no end");
    }

    pub(super) async fn get(&self, id: &RecordId) -> Option<Record> {
        let mut found = self.adapter.get(&self.view, std::slice::from_ref(id)).await.expect("a get works");
        assert!(found.len() <= 1, "one id is one record at most");
        found.pop()
    }

    pub(super) async fn find(&self, value: impl Into<Value>) -> Vec<Record> {
        let key = Key { field: self.sample.key.clone(), value: value.into() };
        self.adapter.find(&self.view, &key).await.expect("a find works")
    }

    /// Calls made so far.
    pub(super) fn calls(&self) -> u64 {
        self.adapter.usage().calls
    }

    pub(super) async fn cost(&self, work: Work<'_>) -> Cost {
        self.adapter.cost(&self.view, work).await.expect("a cost is known")
    }

    /// Sends writes in one call, which must take what was foreseen.
    pub(super) async fn foreseen(&self, actions: Vec<Action>) -> Vec<Outcome> {
        let writes: Vec<_> = actions.into_iter().map(|action| Write { action, send_before: None }).collect();
        let cost = self.cost(Work::Write(&writes)).await;
        let (calls, left) = (self.calls(), self.adapter.usage().day_left);
        let what = format!("{writes:?}");
        let outcomes = self.adapter.write(&self.view, writes).await;
        assert_eq!(self.calls() - calls, cost.calls, "the calls of {what}");
        if let Some((left, now)) = left.zip(self.adapter.usage().day_left) {
            assert_eq!(left.saturating_sub(now), cost.budget, "what it takes of the day: {what}");
        }
        outcomes
    }

    /// Does something that must fail for one field before any call, once everything is known that a schema tells.
    pub(super) async fn refused_before_the_call(&self, action: Action, field: &str) {
        self.adapter.schema(self.sample.kind).await.expect("the schema is read");
        let before = self.calls();
        let error = refused(self.write_one(action).await);
        assert_eq!(self.calls(), before, "no call is made for what cannot be right: {error}");
        assert_eq!(error.field(), Some(field), "the error names the field: {error}");
        assert!(!error.may_have_applied(), "nothing was sent: {error}");
    }
}

pub(super) fn applied(outcome: Outcome) -> Record {
    match outcome {
        Outcome::Applied(record) => record,
        other => panic!("a write that is right is stored, but this came of it: {other:?}"),
    }
}

/// The error of a write that was refused for its content or not sent at all.
pub(super) fn refused(outcome: Outcome) -> Error {
    match outcome {
        Outcome::Rejected(error) | Outcome::NotSent(error) => error,
        other => panic!("a write that cannot be right is refused, but this came of it: {other:?}"),
    }
}

pub(super) fn ids(records: &[Record]) -> Vec<&RecordId> {
    let mut ids: Vec<_> = records.iter().map(|record| &record.id).collect();
    ids.sort();
    ids
}
