//! One spreadsheet: read whole, written whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crm_adapters::{Error, ErrorKind, RecordId, Result};

/// The column that names a row.
pub(crate) const ID: &str = "id";
/// The column that every row fills.
pub(crate) const NAME: &str = "name";
/// No spreadsheet that a person keeps is larger.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A spreadsheet, held by a lock while it is open.
#[derive(Debug)]
pub(crate) struct Table {
    path: PathBuf,
    separator: u8,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// The largest number that is or was an id: deleted rows are in the journal.
    last_id: u64,
    _lock: File,
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: RecordId,
    /// By heading; an empty cell may be missing.
    pub(crate) cells: BTreeMap<String, String>,
}

impl Row {
    pub(crate) fn new(id: RecordId) -> Self {
        Self { id, cells: BTreeMap::new() }
    }
}

impl Table {
    /// Opens a spreadsheet; one that is not there has no rows yet.
    pub(crate) fn open(folder: &Path, file: &str) -> Result<Self> {
        let path = folder.join(file);
        let lock = File::create(path.with_extension("lock")).and_then(|lock| lock.lock().map(|()| lock));
        let lock = lock.map_err(|error| trouble(&path, "it cannot be locked").with_source(error))?;
        let mut table = Self {
            separator: b',',
            columns: vec![ID.to_owned(), NAME.to_owned()],
            rows: Vec::new(),
            last_id: crate::journal::largest_id(&path.with_extension("journal")),
            path,
            _lock: lock,
        };
        if table.path.exists() {
            table.read()?;
        }
        Ok(table)
    }

    fn read(&mut self) -> Result<()> {
        let broken = |error| trouble(&self.path, "it cannot be read").with_source(error);
        if fs::metadata(&self.path).map_err(broken)?.len() > LARGEST {
            return Err(trouble(&self.path, "it is too large"));
        }
        let text = fs::read_to_string(&self.path).map_err(|error| {
            broken(error).with_remedy("save it as \"CSV UTF-8\" in the spreadsheet program")
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let head = text.lines().next().unwrap_or_default();
        // Dutch and Belgian spreadsheet programs separate by semicolon.
        self.separator = if head.matches(';').count() > head.matches(',').count() { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().delimiter(self.separator).from_reader(text.as_bytes());
        let wrong = |error: csv::Error| trouble(&self.path, "it is not a table").with_source(error);
        self.columns = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
        for column in [ID, NAME] {
            if !self.columns.iter().any(|known| known == column) {
                return Err(trouble(&self.path, "a column is missing").with_field(column));
            }
        }
        for row in reader.deserialize() {
            let mut cells: BTreeMap<String, String> = row.map_err(wrong)?;
            let id = cells.remove(ID).unwrap_or_default();
            self.rows.push(Row { id: RecordId::new(id.trim()), cells });
        }
        self.name_rows()
    }

    /// Gives rows that a person has added their ids.
    fn name_rows(&mut self) -> Result<()> {
        let numbers = self.rows.iter().filter_map(|row| row.id.as_str().parse().ok());
        self.last_id = numbers.fold(self.last_id, u64::max);
        let nameless = |row: &Row| row.id.as_str().is_empty();
        if !self.rows.iter().any(nameless) {
            return Ok(());
        }
        while let Some(at) = self.rows.iter().position(nameless) {
            self.rows[at].id = self.next_id();
        }
        self.save()
    }

    /// A number that no row has or had.
    pub(crate) fn next_id(&mut self) -> RecordId {
        self.last_id += 1;
        RecordId::new(self.last_id.to_string())
    }

    pub(crate) fn row(&self, id: &RecordId) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == *id)
    }

    pub(crate) fn file(&self) -> String {
        self.path.display().to_string()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.path.with_extension("journal")
    }

    pub(crate) fn save(&self) -> Result<()> {
        let mut writer = csv::WriterBuilder::new().delimiter(self.separator).from_writer(Vec::new());
        let full = |error: csv::Error| trouble(&self.path, "it cannot be written").with_source(error);
        writer.write_record(&self.columns).map_err(full)?;
        for row in &self.rows {
            let cell = |column: &String| match column.as_str() {
                ID => row.id.to_string(),
                _ => row.cells.get(column).cloned().unwrap_or_default(),
            };
            writer.write_record(self.columns.iter().map(cell)).map_err(full)?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| trouble(&self.path, "it cannot be written").with_source(error.to_string()))?;
        replace(&self.path, &bytes)
    }
}

/// Replaces a file as a whole, or not at all.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut new = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        new.write_all(bytes)?;
        new.as_file().sync_all()?;
        new.persist(path)?;
        Ok(())
    };
    write().map_err(|error| trouble(path, "it cannot be written").with_source(error))
}

pub(crate) fn trouble(path: &Path, message: &str) -> Error {
    Error::new(ErrorKind::Unavailable, format!("{}: {message}", path.display()))
}
