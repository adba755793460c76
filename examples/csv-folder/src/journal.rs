//! What was told of a spreadsheet: a person changes it without saying so, and a feed must know what is new.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crm_adapters::{RecordId, Result};
use serde::{Deserialize, Serialize};

use crate::table::{Row, Table, replace, trouble};

/// For every row that ever was: what it looked like, and when that was noticed.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    entries: BTreeMap<RecordId, Entry>,
    changed: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: RecordId,
    /// Rises with every change of the file.
    pub(crate) revision: i64,
    /// `None` once the row is gone.
    content: Option<u64>,
}

impl Journal {
    pub(crate) fn load(table: &Table) -> Result<Self> {
        let path = table.journal();
        Ok(Self { entries: entries(&path)?, path, changed: false })
    }

    /// Compares the file with what was known of it.
    pub(crate) fn note(&mut self, table: &Table) {
        let mut last = self.entries.values().map(|entry| entry.revision).max().unwrap_or(0);
        let here: BTreeMap<_, _> = table.rows.iter().map(|row| (&row.id, content(row))).collect();
        let ended: Vec<_> = self.entries.keys().filter(|id| !here.contains_key(id)).cloned().collect();
        let present = here.into_iter().map(|(id, content)| (id.clone(), Some(content)));
        let now = present.chain(ended.into_iter().map(|id| (id, None)));
        for (id, content) in now.collect::<Vec<_>>() {
            if self.entries.get(&id).is_none_or(|entry| entry.content != content) {
                last += 1;
                self.changed = true;
                self.entries.insert(id.clone(), Entry { id, revision: last, content });
            }
        }
    }

    /// What changed after a revision, oldest first.
    pub(crate) fn after(&self, revision: i64) -> Vec<&Entry> {
        let mut changed: Vec<_> = self.entries.values().filter(|entry| entry.revision > revision).collect();
        changed.sort_by_key(|entry| entry.revision);
        changed
    }

    /// The revision of a row, if it is known as it stands there.
    pub(crate) fn revision(&self, row: &Row) -> Option<i64> {
        let entry = self.entries.get(&row.id)?;
        (entry.content == Some(content(row))).then_some(entry.revision)
    }

    pub(crate) fn save(&self) -> Result<()> {
        if !self.changed {
            return Ok(());
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        let full = |error: String| trouble(&self.path, "it cannot be written").with_source(error);
        for entry in self.entries.values() {
            writer.serialize(entry).map_err(|error| full(error.to_string()))?;
        }
        replace(&self.path, &writer.into_inner().map_err(|error| full(error.to_string()))?)
    }
}

/// The largest number that was ever an id.
pub(crate) fn largest_id(path: &Path) -> u64 {
    let entries = entries(path).unwrap_or_default();
    entries.keys().filter_map(|id| id.as_str().parse().ok()).max().unwrap_or(0)
}

fn entries(path: &Path) -> Result<BTreeMap<RecordId, Entry>> {
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let wrong = |error: csv::Error| {
        trouble(path, "it is damaged")
            .with_source(error)
            .with_remedy("delete it: every row then counts as new")
    };
    let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
    reader
        .deserialize::<Entry>()
        .map(|entry| entry.map(|entry| (entry.id.clone(), entry)).map_err(wrong))
        .collect()
}

/// Another version of Rust may compute another number; then every row is told once more.
fn content(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (heading, cell) in row.cells.iter().filter(|(_, cell)| !cell.is_empty()) {
        (heading, cell).hash(&mut hasher);
    }
    hasher.finish()
}
