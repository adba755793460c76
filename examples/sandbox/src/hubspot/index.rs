//! The search index, which learns of changes late.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::records::Record;

#[derive(Debug)]
struct Pending {
    id: u64,
    version: u64,
    /// `None` for what is archived or merged away.
    document: Option<Record>,
}

#[derive(Debug, Default)]
pub(super) struct SearchIndex {
    documents: BTreeMap<u64, Record>,
    /// The last version of each record that got in.
    versions: HashMap<u64, u64>,
    pending: BTreeMap<(DateTime<Utc>, u64), Pending>,
    version: u64,
}

impl SearchIndex {
    /// Tells the index of a change that it will know from `visible` on.
    pub(super) fn tell(&mut self, id: u64, document: Option<Record>, visible: DateTime<Utc>) {
        self.version += 1;
        self.pending.insert((visible, self.version), Pending { id, version: self.version, document });
    }

    /// Lets in what has become visible.
    pub(super) fn catch_up(&mut self, now: DateTime<Utc>) {
        while let Some(entry) = self.pending.first_entry() {
            if entry.key().0 > now {
                return;
            }
            let pending = entry.remove();
            let last = self.versions.entry(pending.id).or_default();
            // A slow older change does not undo a faster newer one.
            if pending.version > *last {
                *last = pending.version;
                match pending.document {
                    Some(document) => self.documents.insert(pending.id, document),
                    None => self.documents.remove(&pending.id),
                };
            }
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Record> {
        self.documents.values()
    }
}
