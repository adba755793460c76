//! A side that lives in memory: what the contract of [`Adapter`] asks for, and no vendor's habits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::adapter::Adapter;
use crate::change::{Action, Archive, Capabilities, Change, Cursor, Key, Outcome, Pace, Page, Usage, Write};
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Field, Fields, Kind, NewField, Record, RecordId, Schema, Value, View};

/// How many changes a page carries.
const PAGE: usize = 20;

/// A side that lives in memory, for tests of what is built on [`Adapter`].
///
/// It does what the trait's contract says and nothing else: every write is stored at once, feeds tell of deletes and
/// merges, finds never lag. Clones share their records, as two processes share an account.
#[derive(Clone, Debug)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
    unique: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    schemas: BTreeMap<Kind, Schema>,
    items: BTreeMap<(Kind, RecordId), Item>,
    last_id: u64,
    last_revision: u64,
    calls: u64,
    reply_lost: bool,
}

#[derive(Clone, Debug)]
struct Item {
    revision: u64,
    fate: Fate,
}

#[derive(Clone, Debug)]
enum Fate {
    Here(Fields),
    Deleted,
    MergedInto(RecordId),
}

impl Memory {
    /// A side with these kinds and nothing in it.
    pub fn new(schemas: impl IntoIterator<Item = (Kind, Schema)>) -> Self {
        let state = State { schemas: schemas.into_iter().collect(), ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), clock: Arc::new(SystemClock::new()), unique: None }
    }

    /// Replaces the clock that [`Write::send_before`] refers to.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// A create whose value of this field exists already changes that record instead.
    #[must_use]
    pub fn unique(mut self, field: impl Into<String>) -> Self {
        self.unique = Some(field.into());
        self
    }

    /// Stores the next write, but answers it as if the reply were lost.
    pub fn lose_next_reply(&self) {
        self.state().reply_lost = true;
    }

    /// Deletes a record, as somebody else would. Answers whether there was one.
    pub fn delete(&self, kind: Kind, id: &RecordId) -> bool {
        self.state().end(kind, id, Fate::Deleted)
    }

    /// Merges a record into another one, as somebody else would. Answers whether both were there.
    pub fn merge(&self, kind: Kind, from: &RecordId, into: &RecordId) -> bool {
        let mut state = self.state();
        if from == into || state.fields(kind, into).is_none() {
            return false;
        }
        let merged = state.end(kind, from, Fate::MergedInto(into.clone()));
        if merged {
            state.touch(kind, into);
        }
        merged
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_one(&self, state: &mut State, view: &View, write: Write) -> Outcome {
        if write.send_before.is_some_and(|moment| self.clock.monotonic() > moment) {
            return Outcome::NotSent(Error::new(ErrorKind::Timeout, "its moment has passed"));
        }
        if let Err(error) = state.check(view.kind, &write.action) {
            return Outcome::Rejected(error);
        }
        state.calls += 1;
        let id = match write.action {
            Action::Create(fields) => state.create(view.kind, fields, self.unique.as_deref()),
            Action::Update(id, fields) => match state.here(view.kind, &id) {
                Some(id) => state.put(view.kind, id, fields),
                None => return gone(&id),
            },
            Action::Archive(id) => {
                if !state.end(view.kind, &id, Fate::Deleted) {
                    return gone(&id);
                }
                id
            }
        };
        if std::mem::take(&mut state.reply_lost) {
            let error = Error::new(ErrorKind::Timeout, "no answer in time").with_may_have_applied(true);
            return Outcome::Unknown(error);
        }
        Outcome::Applied(state.record(view, &id))
    }
}

fn gone(id: &RecordId) -> Outcome {
    Outcome::Gone(Error::new(ErrorKind::NotFound, format!("there is no record {id}")))
}

impl State {
    fn schema(&self, kind: Kind) -> Result<&Schema> {
        self.schemas.get(&kind).ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("this side does not have the kind {kind}"))
        })
    }

    /// Counts a call that names these fields.
    fn read<'a>(&mut self, kind: Kind, mut fields: impl Iterator<Item = &'a String>) -> Result<()> {
        let schema = self.schema(kind)?;
        if let Some(unknown) = fields.find(|name| schema.get(name).is_none()) {
            return Err(Error::new(ErrorKind::Config, "there is no such field").with_field(unknown));
        }
        self.calls += 1;
        Ok(())
    }

    fn check(&self, kind: Kind, action: &Action) -> Result<()> {
        let schema = self.schema(kind)?;
        match action {
            Action::Create(fields) => schema.check_create(fields),
            Action::Update(_, fields) => schema.check_update(fields),
            Action::Archive(_) => Ok(()),
        }
    }

    fn create(&mut self, kind: Kind, fields: Fields, unique: Option<&str>) -> RecordId {
        let twin = unique.and_then(|field| {
            let value = fields.get(field)?;
            self.live(kind).find(|(_, held)| held.get(field) == Some(value)).map(|(id, _)| id.clone())
        });
        let id = twin.unwrap_or_else(|| {
            self.last_id += 1;
            RecordId::new(self.last_id.to_string())
        });
        self.put(kind, id, fields)
    }

    fn put(&mut self, kind: Kind, id: RecordId, change: Fields) -> RecordId {
        self.last_revision += 1;
        let mut fields = self.fields(kind, &id).cloned().unwrap_or_default();
        fields.merge(change);
        let item = Item { revision: self.last_revision, fate: Fate::Here(fields) };
        self.items.insert((kind, id.clone()), item);
        id
    }

    fn touch(&mut self, kind: Kind, id: &RecordId) {
        self.put(kind, id.clone(), Fields::new());
    }

    fn end(&mut self, kind: Kind, id: &RecordId, fate: Fate) -> bool {
        if self.fields(kind, id).is_none() {
            return false;
        }
        self.last_revision += 1;
        self.items.insert((kind, id.clone()), Item { revision: self.last_revision, fate });
        true
    }

    fn fields(&self, kind: Kind, id: &RecordId) -> Option<&Fields> {
        match self.items.get(&(kind, id.clone())).map(|item| &item.fate) {
            Some(Fate::Here(fields)) => Some(fields),
            _ => None,
        }
    }

    /// The id under which a record is now, if it is anywhere.
    fn here(&self, kind: Kind, id: &RecordId) -> Option<RecordId> {
        let mut id = id.clone();
        while let Some(Fate::MergedInto(into)) = self.items.get(&(kind, id.clone())).map(|item| &item.fate) {
            id = into.clone();
        }
        self.fields(kind, &id).map(|_| id.clone())
    }

    fn live(&self, kind: Kind) -> impl Iterator<Item = (&RecordId, &Fields)> {
        self.items.iter().filter_map(move |((of, id), item)| match &item.fate {
            Fate::Here(fields) if *of == kind => Some((id, fields)),
            _ => None,
        })
    }

    fn record(&self, view: &View, id: &RecordId) -> Record {
        let item = self.items.get(&(view.kind, id.clone()));
        let held = self.fields(view.kind, id);
        let fields = view.fields.iter().map(|name| {
            let value = held.and_then(|fields| fields.get(name)).cloned();
            (name.clone(), value.unwrap_or_default())
        });
        Record {
            kind: view.kind,
            id: id.clone(),
            fields: if held.is_some() { fields.collect() } else { Fields::new() },
            revision: item.and_then(|item| i64::try_from(item.revision).ok()),
            changed_at: None,
        }
    }

    fn change(&self, view: &View, id: &RecordId, item: &Item) -> Change {
        match &item.fate {
            Fate::Here(_) => Change::Present(self.record(view, id)),
            Fate::Deleted => Change::Deleted(id.clone()),
            Fate::MergedInto(into) => Change::Merged { into: into.clone(), from: vec![id.clone()] },
        }
    }
}

#[async_trait]
impl Adapter for Memory {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        if self.state().schema(kind).is_err() {
            return Capabilities::read_only();
        }
        let mut capabilities = Capabilities::read_write(1);
        capabilities.archive = Archive::Hides;
        capabilities.batch = 10;
        capabilities.deletes_visible = true;
        capabilities.unique_key = self.unique.is_some();
        capabilities
    }

    fn pace(&self, _kind: Kind) -> Pace {
        Pace::Ready(usize::MAX)
    }

    fn usage(&self) -> Usage {
        Usage { calls: self.state().calls, ..Usage::default() }
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        self.state().schema(kind).cloned()
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()> {
        let mut state = self.state();
        let mut all: Vec<_> = state.schema(kind)?.fields().cloned().collect();
        for field in fields {
            let name = format!("custom:{}", field.label);
            if all.iter().all(|known| known.name != name) {
                all.push(Field::new(name, &field.label, field.ty));
            }
        }
        state.calls += 1;
        state.schemas.insert(kind, Schema::new(all));
        Ok(())
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let mut state = self.state();
        state.read(view.kind, view.fields.iter())?;
        let after = match after {
            None => 0,
            Some(cursor) => cursor.as_str().parse().map_err(|error| {
                Error::new(ErrorKind::Config, "the cursor is not one of this side").with_source(error)
            })?,
        };
        let of_kind = state.items.iter().filter(|((kind, _), _)| *kind == view.kind);
        let mut changed: Vec<_> = of_kind.filter(|(_, item)| item.revision > after).collect();
        changed.sort_by_key(|(_, item)| item.revision);
        let more = changed.len() > PAGE;
        changed.truncate(PAGE);
        let last = changed.last().map_or(after, |(_, item)| item.revision);
        let changes = changed.into_iter().map(|((_, id), item)| state.change(view, id, item)).collect();
        Ok(Page { changes, cursor: Cursor::new(last.to_string()), more })
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        let mut state = self.state();
        state.read(view.kind, view.fields.iter())?;
        let here: BTreeSet<_> = ids.iter().filter_map(|id| state.here(view.kind, id)).collect();
        Ok(here.iter().map(|id| state.record(view, id)).collect())
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        let mut state = self.state();
        state.read(view.kind, view.fields.iter().chain([&key.field]))?;
        let wanted = match &key.value {
            Value::List(values) => values.clone(),
            value => vec![value.clone()],
        };
        let hit = |fields: &Fields| fields.get(&key.field).is_some_and(|value| wanted.contains(value));
        let found = state.live(view.kind).filter(|(_, fields)| hit(fields));
        Ok(found.map(|(id, _)| state.record(view, id)).collect())
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let mut state = self.state();
        writes.into_iter().map(|write| self.write_one(&mut state, view, write)).collect()
    }
}
