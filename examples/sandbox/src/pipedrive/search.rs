//! The search index, which learns of changes late.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::fields::Custom;
use super::organizations::Organization;

/// What the index knows of an organization: its name and the texts of its searchable custom fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) name: String,
    /// By field code.
    pub(super) values: BTreeMap<String, String>,
}

impl Document {
    pub(super) fn of(organization: &Organization, fields: &[Custom]) -> Self {
        let searchable = fields.iter().filter(|field| field.is_searchable());
        let values = searchable.filter_map(|field| {
            let value = organization.custom(&field.code);
            let text =
                value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()));
            Some((field.code.clone(), text.or_else(|| value["value"].as_str().map(str::to_owned))?))
        });
        Self { name: organization.name().to_owned(), values: values.collect() }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.values.values().map(String::as_str))
    }
}

#[derive(Debug)]
struct Pending {
    id: i64,
    version: u64,
    /// `None` for a deletion.
    document: Option<Document>,
}

#[derive(Debug, Default)]
pub(super) struct SearchIndex {
    documents: BTreeMap<i64, Document>,
    /// The last version of each organization that got in.
    versions: HashMap<i64, u64>,
    /// Organizations by whole value in lower case.
    by_text: HashMap<String, BTreeSet<i64>>,
    pending: BTreeMap<(DateTime<Utc>, u64), Pending>,
    version: u64,
}

impl SearchIndex {
    /// Tells the index of a change that it will know from `visible` on.
    pub(super) fn tell(&mut self, id: i64, document: Option<Document>, visible: DateTime<Utc>) {
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
                self.replace(pending.id, pending.document);
            }
        }
    }

    /// Organizations of which one text is `term`, whatever its case.
    pub(super) fn whole(&self, term: &str) -> impl Iterator<Item = (i64, &Document)> {
        let ids = self.by_text.get(&term.to_lowercase()).into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.documents.get(id)?)))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (i64, &Document)> {
        self.documents.iter().map(|(id, document)| (*id, document))
    }

    fn replace(&mut self, id: i64, document: Option<Document>) {
        if let Some(old) = self.documents.remove(&id) {
            for text in old.texts() {
                let text = text.to_lowercase();
                if let Some(ids) = self.by_text.get_mut(&text) {
                    ids.remove(&id);
                    if ids.is_empty() {
                        self.by_text.remove(&text);
                    }
                }
            }
        }
        if let Some(document) = document {
            for text in document.texts() {
                self.by_text.entry(text.to_lowercase()).or_default().insert(id);
            }
            self.documents.insert(id, document);
        }
    }
}
