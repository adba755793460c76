//! A folder of spreadsheets as a side of a sync: `companies.csv`, `contacts.csv`, and so on, one row a record.
//!
//! It shows what an [`Adapter`] of your own takes. Three files: this one answers the engine, `table` reads and writes
//! a spreadsheet, `journal` remembers what was told of it. `README.md` walks through them.
//!
//! ```
//! use crm_adapters::{Adapter, Kind};
//! use csv_folder::CsvFolder;
//!
//! # fn main() -> crm_adapters::Result<()> {
//! let folder = CsvFolder::new("customers")?;
//! assert!(folder.capabilities(Kind::Company).deletes_visible);
//! # std::fs::remove_dir_all("customers").ok();
//! # Ok(())
//! # }
//! ```

mod journal;
mod table;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crm_adapters::{
    Action, Adapter, Archive, Capabilities, Change, Clock, Cost, Cursor, Error, ErrorKind, Field, FieldType,
    Fields, Key, Kind, NewField, Outcome, Pace, Page, Record, RecordId, Result, Schema, SystemClock, Usage,
    Value, View, Work, Write, async_trait,
};

use crate::journal::{Entry, Journal};
use crate::table::{ID, NAME, Row, Table};

/// How many changes a page carries.
const PAGE: usize = 500;

/// A folder of spreadsheets as a side.
///
/// Column `id` names the rows; where a person leaves it empty, the next number goes in. Column `name` is the field
/// `name`; any other column is `custom:` and its heading. Everything is text. Files are read and written whole, under
/// a lock, so that several processes may share a folder; a spreadsheet program that holds a file open may not.
#[derive(Clone, Debug)]
pub struct CsvFolder {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    calls: Arc<AtomicU64>,
}

impl CsvFolder {
    /// The spreadsheets of a folder, which is created where it is missing.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) where that is not possible.
    pub fn new(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder).map_err(|error| {
            let message = format!("the folder {} cannot be created", folder.display());
            Error::new(ErrorKind::Config, message).with_source(error)
        })?;
        Ok(Self { folder, clock: Arc::new(SystemClock::new()), calls: Arc::default() })
    }

    /// Replaces the clock that [`Write::send_before`] refers to.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Opens the spreadsheet of a kind, and holds it until the answer is dropped.
    fn open(&self, kind: Kind) -> Result<Table> {
        Table::open(&self.folder, file(kind)?)
    }

    /// The spreadsheet of a view, whose every field must be a column. Counts as one call.
    fn read(&self, view: &View) -> Result<Table> {
        let table = self.open(view.kind)?;
        let schema = schema(&table);
        if let Some(unknown) = view.fields.iter().find(|name| schema.get(name).is_none()) {
            return Err(Error::new(ErrorKind::Config, "there is no such column")
                .with_field(unknown)
                .with_remedy(format!("add the column to {}", table.file())));
        }
        self.count();
        Ok(table)
    }

    fn count(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// One write to a spreadsheet that is open. The file is saved afterwards, once for all writes of a call.
    fn apply(&self, table: &mut Table, write: Write) -> std::result::Result<RecordId, Outcome> {
        if write.send_before.is_some_and(|moment| self.clock.monotonic() > moment) {
            return Err(Outcome::NotSent(Error::new(ErrorKind::Timeout, "its moment has passed")));
        }
        let schema = schema(table);
        match write.action {
            Action::Create(fields) => {
                schema.check_create(&fields).map_err(Outcome::Rejected)?;
                let id = table.next_id();
                table.rows.push(Row::new(id.clone()));
                Ok(set(table, id, fields))
            }
            Action::Update(id, fields) => {
                schema.check_update(&fields).map_err(Outcome::Rejected)?;
                table.row(&id).ok_or_else(|| gone(&id))?;
                Ok(set(table, id, fields))
            }
            Action::Archive(id) => {
                table.row(&id).ok_or_else(|| gone(&id))?;
                table.rows.retain(|row| row.id != id);
                Ok(id)
            }
            other => {
                let error = Error::new(ErrorKind::Unsupported, format!("a spreadsheet cannot do {other:?}"));
                Err(Outcome::Rejected(error))
            }
        }
    }
}

fn file(kind: Kind) -> Result<&'static str> {
    match kind {
        Kind::Company => Ok("companies.csv"),
        Kind::Contact => Ok("contacts.csv"),
        Kind::Product => Ok("products.csv"),
        Kind::Deal => Ok("deals.csv"),
        Kind::Invoice => Ok("invoices.csv"),
        kind => {
            Err(Error::new(ErrorKind::Unsupported, format!("there is no spreadsheet for the kind {kind}")))
        }
    }
}

/// The field of a column.
fn field(heading: &str) -> String {
    if heading == NAME { NAME.to_owned() } else { format!("custom:{heading}") }
}

/// The column of a field.
fn heading(field: &str) -> &str {
    field.strip_prefix("custom:").unwrap_or(field)
}

fn schema(table: &Table) -> Schema {
    Schema::new(table.columns.iter().filter(|column| *column != ID).map(|column| {
        let field = Field::new(field(column), column, FieldType::Text);
        if column == NAME { field.required() } else { field }
    }))
}

fn set(table: &mut Table, id: RecordId, fields: Fields) -> RecordId {
    if let Some(row) = table.rows.iter_mut().find(|row| row.id == id) {
        for (name, value) in fields {
            row.cells.insert(heading(&name).to_owned(), value.to_string());
        }
    }
    id
}

fn gone(id: &RecordId) -> Outcome {
    Outcome::Gone(Error::new(ErrorKind::NotFound, format!("there is no row {id}")))
}

/// A row as the view wants it. Its revision is known once the journal has seen it.
fn record(view: &View, row: &Row, revision: Option<i64>) -> Record {
    let fields = view.fields.iter().map(|name| {
        let cell = row.cells.get(heading(name)).map_or("", String::as_str);
        (name.clone(), Value::text(cell))
    });
    Record { kind: view.kind, id: row.id.clone(), fields: fields.collect(), revision, changed_at: None }
}

fn change(view: &View, table: &Table, entry: &Entry) -> Change {
    match table.row(&entry.id) {
        Some(row) => Change::Present(record(view, row, Some(entry.revision))),
        None => Change::Deleted(entry.id.clone()),
    }
}

#[async_trait]
impl Adapter for CsvFolder {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        if file(kind).is_err() {
            return Capabilities::read_only();
        }
        let mut capabilities = Capabilities::read_write(1);
        capabilities.archive = Archive::Hides;
        capabilities.batch = 100;
        capabilities.deletes_visible = true;
        capabilities
    }

    fn pace(&self, _kind: Kind) -> Pace {
        Pace::Ready(usize::MAX)
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.calls = self.calls.load(Ordering::Relaxed);
        usage
    }

    /// A spreadsheet is opened and saved once for all writes of a call.
    async fn cost(&self, _view: &View, work: Work<'_>) -> Result<Cost> {
        Ok(Cost::of_calls(usize::from(!matches!(work, Work::Fields(_)))))
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        Ok(schema(&self.open(kind)?))
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()> {
        let mut table = self.open(kind)?;
        for field in fields {
            if !table.columns.contains(&field.label) {
                table.columns.push(field.label.clone());
            }
        }
        self.count();
        table.save()
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let table = self.read(view)?;
        let after = after.map_or(Ok(0), |cursor| cursor.as_str().parse()).map_err(|error| {
            Error::new(ErrorKind::Config, "the cursor is not one of this folder").with_source(error)
        })?;
        let mut journal = Journal::load(&table)?;
        journal.note(&table);
        journal.save()?;
        let mut changed = journal.after(after);
        let more = changed.len() > PAGE;
        changed.truncate(PAGE);
        let last = changed.last().map_or(after, |entry| entry.revision);
        let changes = changed.into_iter().map(|entry| change(view, &table, entry)).collect();
        Ok(Page { changes, cursor: Cursor::new(last.to_string()), more })
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        let table = self.read(view)?;
        let journal = Journal::load(&table)?;
        let wanted = table.rows.iter().filter(|row| ids.contains(&row.id));
        Ok(wanted.map(|row| record(view, row, journal.revision(row))).collect())
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        let mut wider = view.clone();
        wider.fields.push(key.field.clone());
        let table = self.read(&wider)?;
        let wanted = match &key.value {
            Value::List(values) => values.clone(),
            value => vec![value.clone()],
        };
        let journal = Journal::load(&table)?;
        let hit = |row: &&Row| {
            row.cells.get(heading(&key.field)).is_some_and(|cell| wanted.contains(&Value::text(cell)))
        };
        Ok(table.rows.iter().filter(hit).map(|row| record(view, row, journal.revision(row))).collect())
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let mut table = match self.open(view.kind) {
            Ok(table) => table,
            Err(error) => {
                let again = |_| Outcome::NotSent(Error::new(error.kind(), error.message()));
                return writes.into_iter().map(again).collect();
            }
        };
        let applied: Vec<_> = writes.into_iter().map(|write| self.apply(&mut table, write)).collect();
        if applied.iter().any(std::result::Result::is_ok) {
            self.count();
        }
        let saved = table.save().and_then(|()| {
            let mut journal = Journal::load(&table)?;
            journal.note(&table);
            journal.save()?;
            Ok(journal)
        });
        let outcome = |applied: std::result::Result<RecordId, Outcome>| match (applied, &saved) {
            (Err(outcome), _) => outcome,
            (Ok(_), Err(error)) => {
                let error = Error::new(error.kind(), error.message()).with_may_have_applied(true);
                Outcome::Unknown(error)
            }
            (Ok(id), Ok(journal)) => Outcome::Applied(match table.row(&id) {
                Some(row) => record(view, row, journal.revision(row)),
                None => {
                    Record { kind: view.kind, id, fields: Fields::new(), revision: None, changed_at: None }
                }
            }),
        };
        applied.into_iter().map(outcome).collect()
    }
}
