//! The search index, which learns of changes late.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::entity::Entity;
use super::fields::Custom;
use super::records::Record;

/// What the index knows of a record: its name and its searchable texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) name: String,
    /// By field code; of several e-mail addresses each.
    pub(super) values: Vec<(String, String)>,
}

impl Document {
    pub(super) fn of(record: &Record, entity: &Entity, fields: &[Custom]) -> Self {
        let searchable = fields.iter().filter(|field| field.is_searchable());
        let custom = searchable.map(|field| (field.code.as_str(), record.custom(&field.code).clone()));
        let built_in = entity.searched.iter().map(|code| (*code, record.property(entity, code)));
        let values = custom.chain(built_in).flat_map(|(code, value)| {
            texts_of(&value).into_iter().map(move |text| (search_code(code).to_owned(), text))
        });
        Self { name: record.title(entity).to_owned(), values: values.collect() }
    }

    /// The texts of one field.
    pub(super) fn of_field(&self, code: &str) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(known, _)| known == code).map(|(_, text)| text.as_str())
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.values.iter().map(|(_, text)| text.as_str()))
    }
}

/// The key by which searches know a property that lists have in the plural.
pub(super) fn search_code(code: &str) -> &str {
    match code {
        "emails" => "email",
        "phones" => "phone",
        code => code,
    }
}

fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(entries) => {
            entries.iter().filter_map(|entry| entry["value"].as_str().map(str::to_owned)).collect()
        }
        Value::Object(parts) => {
            parts.get("value").and_then(Value::as_str).map(str::to_owned).into_iter().collect()
        }
        _ => Vec::new(),
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
    /// The last version of each record that got in.
    versions: HashMap<i64, u64>,
    /// Records by whole value in lower case.
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

    /// Records of which one text is `term`, whatever its case.
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
