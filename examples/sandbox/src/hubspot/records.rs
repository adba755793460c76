//! The records of one type of object: stored, kept unique, merged and shown.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::index::SearchIndex;
use super::pipelines::Pipeline;
use super::properties::{Properties, iso};
use super::types::ObjectType;

/// How long an archived record can still be seen.
const PURGED_AFTER: TimeDelta = TimeDelta::days(90);
/// How many earlier values of a property are kept.
const VERSIONS: usize = 20;

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    /// An app, by its id.
    App(u64),
    /// A person in HubSpot's own screens.
    Person,
}

impl Actor {
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::App(_) => "INTEGRATION",
            Self::Person => "CRM_UI",
        }
    }

    pub(super) fn source_id(self) -> String {
        match self {
            Self::App(id) => id.to_string(),
            Self::Person => "userId:77".to_owned(),
        }
    }
}

/// One value that a property had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    value: String,
    timestamp: DateTime<Utc>,
    source: String,
    source_id: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: u64,
    /// What is set, as text; HubSpot's own properties too.
    pub(super) values: BTreeMap<String, String>,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
    pub(super) archived: Option<DateTime<Utc>>,
    /// Newest first.
    history: BTreeMap<String, Vec<Version>>,
}

/// What a read wants to see.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) properties: Vec<String>,
    pub(super) history: Vec<String>,
    pub(super) omit_nulls: bool,
}

impl Record {
    pub(super) fn value(&self, property: &str) -> Option<&str> {
        self.values.get(property).map(String::as_str)
    }

    /// Sets a value, or clears it with the empty text. Tells whether anything changed.
    pub(super) fn set(&mut self, property: &str, value: &str, by: Actor, now: DateTime<Utc>) -> bool {
        if self.value(property).unwrap_or_default() == value {
            return false;
        }
        if value.is_empty() {
            self.values.remove(property);
        } else {
            self.values.insert(property.to_owned(), value.to_owned());
        }
        let versions = self.history.entry(property.to_owned()).or_default();
        let (source, source_id) = (by.source().to_owned(), by.source_id());
        versions.insert(0, Version { value: value.to_owned(), timestamp: now, source, source_id });
        versions.truncate(VERSIONS);
        true
    }

    /// Notes the moment of the last change.
    pub(super) fn touch(&mut self, ty: &ObjectType, now: DateTime<Utc>) {
        self.updated = now;
        self.values.insert(ty.modified.clone(), iso(now));
    }

    pub(super) fn to_json(&self, table: &Table, wanted: &Wanted) -> Value {
        let mut shown = Map::new();
        let names = wanted.properties.iter().chain(&table.ty.defaults);
        // Names that nobody knows are left out without a word.
        for name in names.filter(|name| table.properties.get(name).is_some()) {
            match self.value(name) {
                Some(value) => shown.insert(name.clone(), json!(value)),
                None if wanted.omit_nulls => None,
                None => shown.insert(name.clone(), Value::Null),
            };
        }
        let mut object = json!({
            "id": self.id.to_string(),
            "properties": shown,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "archived": self.archived.is_some(),
            "url": format!("https://app.hubspot.com/contacts/{}/record/{}/{}", super::PORTAL, table.ty.id, self.id),
        });
        if let Some(archived) = self.archived {
            object["archivedAt"] = json!(iso(archived));
        }
        if !wanted.history.is_empty() {
            object["propertiesWithHistory"] = self.history_of(&wanted.history);
        }
        object
    }

    fn history_of(&self, names: &[String]) -> Value {
        let of = |name: &String| {
            let versions = self.history.get(name).into_iter().flatten().map(|version| {
                json!({
                    "value": version.value,
                    "timestamp": iso(version.timestamp),
                    "sourceType": version.source,
                    "sourceId": version.source_id,
                })
            });
            (name.clone(), versions.collect())
        };
        Value::Object(names.iter().map(of).collect())
    }
}

/// All records of one type, with what they may hold.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) ty: ObjectType,
    pub(super) properties: Properties,
    pub(super) pipelines: Vec<Pipeline>,
    rows: BTreeMap<u64, Record>,
    /// Ids that a merge retired, with the id that answers for them.
    pub(super) merged: BTreeMap<u64, u64>,
    /// Records by property and normalised value.
    #[serde(skip)]
    unique: HashMap<String, HashMap<String, u64>>,
    #[serde(skip)]
    pub(super) index: SearchIndex,
}

impl Table {
    pub(super) fn new(ty: ObjectType, properties: Properties, pipelines: Vec<Pipeline>) -> Self {
        Self {
            ty,
            properties,
            pipelines,
            rows: BTreeMap::new(),
            merged: BTreeMap::new(),
            unique: HashMap::new(),
            index: SearchIndex::default(),
        }
    }

    /// Builds what a snapshot leaves out; the search index has caught up while nobody looked.
    pub(super) fn restore(&mut self, ignore_case: bool) {
        for id in self.rows.keys().copied().collect::<Vec<_>>() {
            self.claim(id, ignore_case);
            let document = self.rows.get(&id).filter(|row| row.archived.is_none()).cloned();
            self.index.tell(id, document, DateTime::UNIX_EPOCH);
        }
    }

    /// The id that answers for this one, after merges.
    pub(super) fn resolve(&self, id: u64) -> u64 {
        std::iter::successors(Some(id), |id| self.merged.get(id).copied()).last().unwrap_or(id)
    }

    /// Archived ones too, until they are purged.
    pub(super) fn get(&self, id: u64, now: DateTime<Utc>) -> Option<&Record> {
        let purged = |row: &&Record| row.archived.is_none_or(|archived| now - archived <= PURGED_AFTER);
        self.rows.get(&self.resolve(id)).filter(purged)
    }

    pub(super) fn alive(&self, id: u64) -> Option<&Record> {
        self.rows.get(&self.resolve(id)).filter(|row| row.archived.is_none())
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Record> {
        self.rows.values()
    }

    pub(super) fn rows_from(&self, id: u64) -> impl Iterator<Item = &Record> {
        self.rows.range(id..).map(|(_, row)| row)
    }

    /// The record that holds this value of a unique property.
    pub(super) fn holder(&self, property: &str, value: &str, ignore_case: bool) -> Option<u64> {
        self.unique.get(property)?.get(&normalised(property, value, ignore_case)).copied()
    }

    pub(super) fn insert(&mut self, id: u64, by: Actor, now: DateTime<Utc>) {
        let created = iso(now);
        let known = |name: &str| self.properties.get(name).is_some();
        let mut values = BTreeMap::from([("hs_object_id".to_owned(), id.to_string())]);
        for name in ["createdate", "hs_createdate"].into_iter().filter(|name| known(name)) {
            values.insert(name.to_owned(), created.clone());
        }
        values.insert("hs_object_source".to_owned(), by.source().to_owned());
        values.insert("hs_object_source_id".to_owned(), by.source_id());
        let mut record =
            Record { id, values, created: now, updated: now, archived: None, history: BTreeMap::new() };
        record.touch(&self.ty, now);
        self.rows.insert(id, record);
    }

    /// Changes a record and keeps the unique values in step.
    pub(super) fn change<R>(
        &mut self,
        id: u64,
        ignore_case: bool,
        change: impl FnOnce(&mut Record, &ObjectType) -> R,
    ) -> Option<R> {
        self.release(id);
        let changed = self.rows.get_mut(&id).map(|row| change(row, &self.ty));
        self.claim(id, ignore_case);
        changed
    }

    /// Takes a record out for good, with its unique values.
    pub(super) fn remove(&mut self, id: u64) -> Option<Record> {
        self.release(id);
        self.rows.remove(&id)
    }

    /// Lets go of the unique values of a record.
    pub(super) fn release(&mut self, id: u64) {
        let Some(row) = self.rows.get(&id) else { return };
        for property in self.properties.unique() {
            let (Some(value), Some(holders)) =
                (row.value(&property.name), self.unique.get_mut(&property.name))
            else {
                continue;
            };
            for ignore_case in [false, true] {
                let value = normalised(&property.name, value, ignore_case);
                if holders.get(&value) == Some(&id) {
                    holders.remove(&value);
                }
            }
        }
    }

    fn claim(&mut self, id: u64, ignore_case: bool) {
        let Some(row) = self.rows.get(&id) else { return };
        for property in self.properties.unique() {
            if let Some(value) = row.value(&property.name) {
                let value = normalised(&property.name, value, ignore_case);
                self.unique.entry(property.name.clone()).or_default().insert(value, id);
            }
        }
    }
}

/// A unique value as it is compared.
pub(super) fn normalised(property: &str, value: &str, ignore_case: bool) -> String {
    let value = value.trim();
    if ignore_case || property == "email" { value.to_lowercase() } else { value.to_owned() }
}
