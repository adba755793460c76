//! Records of any kind: stored, ordered, written and shown.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::entity::{Entity, Kind, Property};
use super::fields::Custom;
use super::refusal::Refusal;
use super::settings::PipedriveSettings;
use super::version_1;

/// How long a deleted record can still be seen.
const PURGED_AFTER: TimeDelta = TimeDelta::days(30);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: i64,
    pub(super) add_time: DateTime<Utc>,
    /// In whole seconds, as the service keeps it.
    pub(super) update_time: DateTime<Utc>,
    deleted: Option<DateTime<Utc>>,
    /// What was set of the built-in properties.
    built_in: BTreeMap<String, Value>,
    /// What was set of the custom fields, by their codes.
    custom: BTreeMap<String, Value>,
}

impl Record {
    /// The name or title.
    pub(super) fn title(&self, entity: &Entity) -> &str {
        self.built_in.get(entity.title).and_then(Value::as_str).unwrap_or_default()
    }

    /// A built-in property, whether it was set or not.
    pub(super) fn property(&self, entity: &Entity, code: &str) -> Value {
        let unset = || entity.property(code).map_or(Value::Null, Property::unset);
        self.built_in.get(code).cloned().unwrap_or_else(unset)
    }

    pub(super) fn custom(&self, code: &str) -> &Value {
        self.custom.get(code).unwrap_or(&Value::Null)
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }

    pub(super) fn is_archived(&self) -> bool {
        self.built_in.get("is_archived") == Some(&Value::Bool(true))
    }

    fn is_purged(&self, now: DateTime<Utc>) -> bool {
        self.deleted.is_some_and(|deleted| now - deleted > PURGED_AFTER)
    }

    /// Everything, with `null` for each of these custom fields that is not set.
    pub(super) fn to_json<'f>(
        &self,
        entity: &Entity,
        fields: impl Iterator<Item = &'f Custom>,
        omit_nulls: bool,
    ) -> Value {
        let mut object = self.properties(entity, omit_nulls);
        let custom: Map<String, Value> =
            fields.map(|field| (field.code.clone(), self.custom(&field.code).clone())).collect();
        match entity.kind {
            Kind::Note => version_1::note(self, &mut object),
            Kind::Lead => version_1::lead(self, &mut object, custom),
            _ => {
                object.insert("add_time".into(), json!(rfc3339(self.add_time)));
                object.insert("update_time".into(), json!(rfc3339(self.update_time)));
                object.insert("is_deleted".into(), json!(self.is_deleted()));
                object.insert("custom_fields".into(), Value::Object(custom));
            }
        }
        Value::Object(object)
    }

    fn properties(&self, entity: &Entity, omit_nulls: bool) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("id".into(), json!(self.id));
        for property in entity.properties.iter().filter(|property| property.code != "id") {
            let mut value = self.property(entity, property.code);
            if omit_nulls && let Value::Object(parts) = &mut value {
                parts.retain(|_, part| !part.is_null());
            }
            if !(omit_nulls && value.is_null()) {
                object.insert(property.code.into(), value);
            }
        }
        object
    }
}

pub(super) fn rfc3339(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The checked content of a create or an update.
#[derive(Debug, Default)]
pub(super) struct Changes {
    built_in: BTreeMap<String, Value>,
    custom: BTreeMap<String, Value>,
}

impl Changes {
    pub(super) fn read(
        body: &Value,
        entity: &Entity,
        fields: &[Custom],
        settings: &PipedriveSettings,
    ) -> Result<Self, Refusal> {
        let body = body.as_object().ok_or_else(|| Refusal::schema("body", "must be an object"))?;
        let mut changes = Self::default();
        for (name, value) in body {
            if name == "custom_fields" && entity.version == 2 {
                changes.read_custom(value, fields)?;
                continue;
            }
            // Version 1 has custom fields beside the others.
            if let Some(field) = fields.iter().find(|field| entity.version == 1 && field.code == *name) {
                field.check(value)?;
                changes.custom.insert(name.clone(), value.clone());
                continue;
            }
            let property = entity.property(name).ok_or_else(|| {
                Refusal::schema(name, &format!("is not a property of this kind: {}", entity.word))
            })?;
            property.check(value, settings.name_length)?;
            changes.set(property.code, property.kept(value));
        }
        Ok(changes)
    }

    /// One property alone.
    pub(super) fn one(code: &str, value: Value) -> Self {
        let mut changes = Self::default();
        changes.set(code, value);
        changes
    }

    /// What one record lacks and the other has.
    pub(super) fn filling(survivor: &Record, loser: &Record) -> Self {
        let lacking = |own: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>| {
            let empty =
                |code: &String| own.get(code).is_none_or(|value| value.is_null() || *value == json!([]));
            let taken = other.iter().filter(|(code, _)| empty(code));
            taken.map(|(code, value)| (code.clone(), value.clone())).collect()
        };
        Self {
            built_in: lacking(&survivor.built_in, &loser.built_in),
            custom: lacking(&survivor.custom, &loser.custom),
        }
    }

    pub(super) fn get(&self, code: &str) -> Option<&Value> {
        self.built_in.get(code)
    }

    /// Sets a property, also one that only the server sets.
    pub(super) fn set(&mut self, code: &str, value: Value) {
        self.built_in.insert(code.to_owned(), value);
    }

    fn read_custom(&mut self, value: &Value, fields: &[Custom]) -> Result<(), Refusal> {
        let values =
            value.as_object().ok_or_else(|| Refusal::schema("custom_fields", "must be an object"))?;
        for (code, value) in values {
            let field = fields.iter().find(|field| field.code == *code);
            field.ok_or_else(|| Refusal::schema(code, "there is no such custom field"))?.check(value)?;
            self.custom.insert(code.clone(), value.clone());
        }
        Ok(())
    }
}

/// All records of one kind.
#[derive(Debug, Default)]
pub(super) struct Table {
    by_id: BTreeMap<i64, Record>,
    /// Those that are not deleted, by the moment of their last change.
    by_update: BTreeSet<(DateTime<Utc>, i64)>,
    /// Those that are not deleted, by the moment of their creation.
    by_add: BTreeSet<(DateTime<Utc>, i64)>,
    last_id: i64,
}

impl Table {
    /// All of them as they were, deleted ones too.
    pub(super) fn restored(all: Vec<Record>, last_id: i64) -> Self {
        let alive = || all.iter().filter(|found| !found.is_deleted());
        Self {
            by_update: alive().map(|found| (found.update_time, found.id)).collect(),
            by_add: alive().map(|found| (found.add_time, found.id)).collect(),
            by_id: all.into_iter().map(|found| (found.id, found)).collect(),
            last_id,
        }
    }

    pub(super) fn last_id(&self) -> i64 {
        self.last_id
    }

    pub(super) fn create(&mut self, changes: Changes, now: DateTime<Utc>) -> &Record {
        self.last_id += 1;
        let id = self.last_id;
        let second = now.trunc_subsecs(0);
        let given = changes.built_in.get("add_time").and_then(Value::as_str);
        let add_time = given
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
            .map_or(second, |time| time.to_utc());
        let Changes { built_in, custom } = changes;
        self.by_update.insert((second, id));
        self.by_add.insert((add_time, id));
        self.by_id.entry(id).or_insert(Record {
            id,
            add_time,
            update_time: second,
            deleted: None,
            built_in,
            custom,
        })
    }

    /// Changes what is named; a change to what already stands there is none.
    pub(super) fn update(
        &mut self,
        entity: &Entity,
        id: i64,
        changes: Changes,
        now: DateTime<Utc>,
    ) -> Option<&Record> {
        let found = self.by_id.get_mut(&id).filter(|found| !found.is_deleted())?;
        let mut changed = false;
        for (code, value) in changes.built_in {
            let old = found.property(entity, &code);
            changed |= old != value;
            found.built_in.insert(code, value);
        }
        for (code, value) in changes.custom {
            let old = found.custom.insert(code, value.clone()).unwrap_or_default();
            changed |= old != value;
        }
        if changed {
            self.by_update.remove(&(found.update_time, id));
            found.update_time = now.trunc_subsecs(0);
            self.by_update.insert((found.update_time, id));
        }
        Some(found)
    }

    pub(super) fn delete(&mut self, id: i64, now: DateTime<Utc>) -> bool {
        let Some(found) = self.by_id.get_mut(&id).filter(|found| !found.is_deleted()) else { return false };
        self.by_update.remove(&(found.update_time, id));
        self.by_add.remove(&(found.add_time, id));
        found.deleted = Some(now);
        found.update_time = now.trunc_subsecs(0);
        true
    }

    /// Deleted ones too, until they are purged.
    pub(super) fn get(&self, id: i64, now: DateTime<Utc>) -> Option<&Record> {
        self.by_id.get(&id).filter(|found| !found.is_purged(now))
    }

    pub(super) fn alive(&self, id: i64) -> Option<&Record> {
        self.by_id.get(&id).filter(|found| !found.is_deleted())
    }

    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.by_id.values().filter(|found| !found.is_deleted())
    }

    /// What was deleted and can still be seen.
    pub(super) fn deleted(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Record> {
        self.by_id.values().filter(move |found| found.is_deleted() && !found.is_purged(now))
    }

    pub(super) fn by_id(&self) -> &BTreeMap<i64, Record> {
        &self.by_id
    }

    pub(super) fn by_update(&self) -> &BTreeSet<(DateTime<Utc>, i64)> {
        &self.by_update
    }

    pub(super) fn by_add(&self) -> &BTreeSet<(DateTime<Utc>, i64)> {
        &self.by_add
    }
}
