//! A side that holds its records in memory, answers as it is told, and keeps a log of its calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, Utc};
use crm_adapters::{
    Action, Adapter, Archive, Capabilities, Change, Clock, Cursor, Error, ErrorKind, Field, FieldType,
    Fields, Key, Kind, NewField, Outcome, Pace, Page, Record, RecordId, Result, Retry, Schema, Usage, Value,
    View, Write, async_trait,
};
use sync_core::store::{MemoryStore, Scan, Store, Table, Tenant};

use crate::executor::yield_now;

/// What becomes of one write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reply {
    /// Carried out, as where nothing is told.
    Done,
    Refused(&'static str),
    NotSent(ErrorKind),
    /// Carried out, and not a word of what became of it.
    Accepted,
    /// The same, and every field that was sent holds this instead.
    HeldAs(&'static str),
    /// No answer, though it was carried out.
    Lost,
    /// No answer, and nothing happened.
    Vanished,
    /// The process dies after it was carried out.
    DiesAfter,
    /// The process dies before it was carried out.
    DiesBefore,
}

#[derive(Clone, Debug)]
pub(super) struct StubSide {
    prefix: &'static str,
    state: Arc<Mutex<State>>,
    store: MemoryStore,
}

#[derive(Debug, Default)]
struct State {
    records: BTreeMap<String, Entry>,
    version: i64,
    schema: Vec<Field>,
    replies: VecDeque<Reply>,
    always: Option<Reply>,
    paces: VecDeque<Pace>,
    broken: Option<ErrorKind>,
    log: Vec<&'static str>,
    writes: Vec<Action>,
    most_intents: usize,
    unclaimed: usize,
}

#[derive(Debug)]
struct Entry {
    version: i64,
    /// `None` where it was deleted.
    fields: Option<Fields>,
    merged_into: Option<RecordId>,
}

impl StubSide {
    pub(super) fn new(prefix: &'static str, schema: Vec<Field>, store: &MemoryStore) -> Self {
        let state = State { schema, ..State::default() };
        Self { prefix, state: Arc::new(Mutex::new(state)), store: store.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A person enters a record.
    pub(super) fn add(&self, id: &str, fields: &[(&str, &str)]) {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect();
        self.state().put(id, fields);
    }

    /// A person edits one field; an empty text clears it.
    pub(super) fn edit(&self, id: &str, field: &str, value: &str) {
        let change = Fields::new().with(field, Value::text(value));
        assert!(self.state().change(id, change), "{id} is there");
    }

    /// A person edits one field, and the feed does not tell of it yet.
    pub(super) fn edit_untold(&self, id: &str, field: &str, value: &str) {
        let mut state = self.state();
        let fields = state.records.get_mut(id).and_then(|entry| entry.fields.as_mut()).unwrap();
        fields.set(field, Value::text(value));
    }

    /// A person enters a record with values of any sort.
    pub(super) fn put(&self, id: &str, fields: Fields) {
        self.state().put(id, fields);
    }

    /// A record that the feed does not tell of, as one that came after the page was read.
    pub(super) fn hidden_from_feed(&self, id: &str, fields: &[(&str, &str)]) {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect();
        let entry = Entry { version: 0, fields: Some(fields), merged_into: None };
        self.state().records.insert(id.to_owned(), entry);
    }

    /// A person sets a value of any sort.
    pub(super) fn set(&self, id: &str, field: &str, value: Value) {
        assert!(self.state().change(id, Fields::new().with(field, value)), "{id} is there");
    }

    /// What a record holds of a field.
    pub(super) fn held(&self, id: &str, field: &str) -> Value {
        let state = self.state();
        state.records[id].fields.as_ref().unwrap().get(field).cloned().unwrap_or_default()
    }

    /// A person deletes a record; its feed tells.
    pub(super) fn delete(&self, id: &str) {
        let mut state = self.state();
        state.version += 1;
        let version = state.version;
        state.records.insert(id.to_owned(), Entry { version, fields: None, merged_into: None });
    }

    /// A record goes without a word in the feed.
    pub(super) fn lose(&self, id: &str) {
        self.state().records.remove(id).unwrap();
    }

    /// What a record holds of a field; empty for nothing.
    pub(super) fn value(&self, id: &str, field: &str) -> String {
        let state = self.state();
        let fields = state.records[id].fields.as_ref().unwrap();
        fields.get(field).map(ToString::to_string).unwrap_or_default()
    }

    /// Whether it has a field of that name.
    pub(super) fn has_field(&self, name: &str) -> bool {
        self.state().schema.iter().any(|field| field.name == name)
    }

    /// The ids of the records that exist.
    pub(super) fn ids(&self) -> Vec<String> {
        let state = self.state();
        let live = state.records.iter().filter(|(_, entry)| entry.fields.is_some());
        live.map(|(id, _)| id.clone()).collect()
    }

    /// What becomes of the next writes, one each; after them every write is carried out.
    pub(super) fn reply(&self, replies: &[Reply]) {
        self.state().replies.extend(replies);
    }

    /// What becomes of every write from now on.
    pub(super) fn always(&self, reply: Option<Reply>) {
        self.state().always = reply;
    }

    /// What the next questions for the pace are answered; after them any number may leave.
    pub(super) fn pace_is(&self, paces: &[Pace]) {
        self.state().paces.extend(paces);
    }

    /// Every read fails with that kind from now on.
    pub(super) fn broken(&self, kind: Option<ErrorKind>) {
        self.state().broken = kind;
    }

    /// The writes since the last call of this.
    pub(super) fn take_writes(&self) -> Vec<Action> {
        std::mem::take(&mut self.state().writes)
    }

    /// The calls since the last call of this, by name.
    pub(super) fn take_log(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().log)
    }

    /// A person merges a record into another one.
    pub(super) fn merge(&self, from: &str, into: &str) {
        let mut state = self.state();
        state.version += 1;
        let entry = Entry { version: state.version, fields: None, merged_into: Some(RecordId::new(into)) };
        state.records.insert(from.to_owned(), entry);
    }

    /// The most intents that were open while a write was under way.
    pub(super) fn most_intents(&self) -> usize {
        self.state().most_intents
    }

    /// Writes that left without an intent in the store.
    pub(super) fn unclaimed(&self) -> usize {
        self.state().unclaimed
    }

    fn reading(&self, what: &'static str) -> Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.log.push(what);
        match state.broken {
            Some(kind) => Err(out_of_order(kind)),
            None => Ok(state),
        }
    }

    /// Holds a write against the intents in the store.
    async fn audit(&self, action: &Action) {
        let rows = self.store.scan(&Tenant::default(), &Scan::table(Table::Intent, "")).await.unwrap();
        let claimed = rows.iter().any(|row| {
            let intent: serde_json::Value = serde_json::from_str(&row.value).unwrap();
            serde_json::from_value::<Action>(intent["action"].clone()).unwrap() == *action
        });
        let mut state = self.state();
        state.most_intents = state.most_intents.max(rows.len());
        state.unclaimed += usize::from(!claimed);
    }

    async fn write_one(&self, view: &View, action: Action) -> Outcome {
        self.audit(&action).await;
        yield_now().await;
        let reply = {
            let mut state = self.state();
            state.log.push("write");
            state.writes.push(action.clone());
            let always = state.always;
            state.replies.pop_front().or(always)
        };
        let unanswered =
            || Outcome::Unknown(Error::new(ErrorKind::Timeout, "no answer").with_may_have_applied(true));
        match reply {
            None | Some(Reply::Done) => self.state().perform(self.prefix, view, &action),
            Some(Reply::Accepted) => self.state().accept(view, &action, None),
            Some(Reply::HeldAs(value)) => self.state().accept(view, &action, Some(value)),
            Some(Reply::Refused(why)) => Outcome::Rejected(Error::new(ErrorKind::Invalid, why)),
            Some(Reply::NotSent(kind)) => Outcome::NotSent(Error::new(kind, "it did not leave")),
            Some(Reply::Lost) => {
                let _unheard = self.state().perform(self.prefix, view, &action);
                unanswered()
            }
            Some(Reply::Vanished) => unanswered(),
            Some(Reply::DiesAfter) => {
                let _unheard = self.state().perform(self.prefix, view, &action);
                std::future::pending().await
            }
            Some(Reply::DiesBefore) => std::future::pending().await,
        }
    }
}

impl State {
    fn put(&mut self, id: &str, fields: Fields) {
        self.version += 1;
        self.records
            .insert(id.to_owned(), Entry { version: self.version, fields: Some(fields), merged_into: None });
    }

    fn change(&mut self, id: &str, change: Fields) -> bool {
        let Some(mut fields) = self.records.get(id).and_then(|entry| entry.fields.clone()) else {
            return false;
        };
        fields.merge(change);
        self.put(id, fields);
        true
    }

    /// Takes an update without a word. What it then holds is what was sent, or the one value.
    fn accept(&mut self, view: &View, action: &Action, held: Option<&str>) -> Outcome {
        let Action::Update(id, sent) = action else { panic!("only updates are taken so: {action:?}") };
        let stored = |(name, value): (&String, &Value)| {
            (name.clone(), held.map_or_else(|| value.clone(), Value::text))
        };
        assert!(self.change(id.as_str(), sent.iter().map(stored).collect()), "{id} is there");
        let changed_at = Some(moment(self.version));
        Outcome::Accepted(Record {
            kind: view.kind,
            id: id.clone(),
            fields: sent.clone(),
            revision: None,
            changed_at,
        })
    }

    fn perform(&mut self, prefix: &str, view: &View, action: &Action) -> Outcome {
        let id = match action {
            Action::Create(fields) => {
                let id = format!("{prefix}-new{}", self.version + 1);
                self.put(&id, fields.clone());
                id
            }
            Action::Update(id, fields) => {
                if !self.change(id.as_str(), fields.clone()) {
                    return Outcome::Gone(Error::new(ErrorKind::NotFound, "no such record"));
                }
                id.to_string()
            }
            Action::Archive(id) => {
                self.version += 1;
                let gone = Entry { version: self.version, fields: None, merged_into: None };
                self.records.insert(id.to_string(), gone);
                return Outcome::Applied(Record {
                    kind: view.kind,
                    id: id.clone(),
                    fields: Fields::new(),
                    revision: None,
                    changed_at: None,
                });
            }
            other => panic!("no such action here: {other:?}"),
        };
        Outcome::Applied(self.record(view, &id).unwrap())
    }

    /// A record as the view shows it. What it does not hold is empty.
    fn record(&self, view: &View, id: &str) -> Option<Record> {
        let entry = self.records.get(id)?;
        let fields = entry.fields.as_ref()?;
        let shown = |name: &String| (name.clone(), fields.get(name).cloned().unwrap_or(Value::Null));
        Some(Record {
            kind: view.kind,
            id: RecordId::new(id),
            fields: view.fields.iter().map(shown).collect(),
            revision: Some(entry.version),
            changed_at: Some(moment(entry.version)),
        })
    }
}

#[async_trait]
impl Adapter for StubSide {
    fn capabilities(&self, _: Kind) -> Capabilities {
        let mut capabilities = Capabilities::read_write(8);
        capabilities.archive = Archive::Hides;
        capabilities
    }

    fn pace(&self, _: Kind) -> Pace {
        self.state().paces.pop_front().unwrap_or(Pace::Ready(1_000))
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.calls = self.state().log.len() as u64;
        usage
    }

    async fn schema(&self, _: Kind) -> Result<Schema> {
        let state = self.state();
        match state.broken {
            Some(kind) if kind != ErrorKind::RateLimited => Err(out_of_order(kind)),
            _ => Ok(Schema::new(state.schema.clone())),
        }
    }

    async fn create_fields(&self, _: Kind, fields: &[NewField]) -> Result<()> {
        let mut state = self.state();
        for field in fields {
            state.schema.push(Field::new(format!("custom:{}", field.label), &field.label, FieldType::Text));
        }
        Ok(())
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let state = self.reading("changes")?;
        let after: i64 = after.map_or(0, |cursor| cursor.as_str().parse().unwrap());
        let newer = state.records.iter().filter(|(_, entry)| entry.version > after);
        let mut newer: Vec<_> = newer.map(|(id, entry)| (entry.version, id)).collect();
        newer.sort_unstable();
        let changes = newer.iter().map(|(_, id)| match state.record(view, id) {
            Some(record) => Change::Present(record),
            None => match &state.records[*id].merged_into {
                Some(into) => Change::Merged { into: into.clone(), from: vec![RecordId::new(id.as_str())] },
                None => Change::Deleted(RecordId::new(id.as_str())),
            },
        });
        let cursor = Cursor::new(state.version.to_string());
        Ok(Page { changes: changes.collect(), cursor, more: false })
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        let state = self.reading("get")?;
        Ok(ids.iter().filter_map(|id| state.record(view, id.as_str())).collect())
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        let state = self.reading("find")?;
        let all = state.records.keys().filter_map(|id| state.record(view, id));
        Ok(all.filter(|record| record.fields.get(&key.field) == Some(&key.value)).collect())
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for write in writes {
            outcomes.push(self.write_one(view, write.action).await);
        }
        outcomes
    }
}

/// When a version came about: a minute after the one before.
fn moment(version: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(60 * version, 0).unwrap()
}

fn out_of_order(kind: ErrorKind) -> Error {
    let error = Error::new(kind, "this side is out of order");
    if kind == ErrorKind::RateLimited {
        return error.with_retry(Retry::After(Duration::from_secs(3_600)));
    }
    error
}

/// A clock that waiting moves.
#[derive(Debug)]
pub(crate) struct VirtualClock(Mutex<DateTime<Utc>>);

impl VirtualClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(DateTime::from_timestamp(1_790_000_000, 0).unwrap()))
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.now().timestamp_micros().try_into().unwrap())
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        yield_now().await;
    }
}
