//! Organizations: stored, ordered, written and shown.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::fields::{Accepts, BUILT_IN, Custom, full_address};
use super::refusal::Refusal;
use super::settings::PipedriveSettings;

/// How long a deleted organization can still be seen.
const PURGED_AFTER: TimeDelta = TimeDelta::days(30);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Organization {
    pub(super) id: i64,
    pub(super) add_time: DateTime<Utc>,
    /// In whole seconds, as the service keeps it.
    pub(super) update_time: DateTime<Utc>,
    deleted: Option<DateTime<Utc>>,
    /// What was set of the built-in properties.
    #[serde(deserialize_with = "known_properties")]
    built_in: BTreeMap<&'static str, Value>,
    /// What was set of the custom fields, by their codes.
    custom: BTreeMap<String, Value>,
}

impl Organization {
    pub(super) fn name(&self) -> &str {
        self.built_in.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn custom(&self, code: &str) -> &Value {
        self.custom.get(code).unwrap_or(&Value::Null)
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }

    fn is_purged(&self, now: DateTime<Utc>) -> bool {
        self.deleted.is_some_and(|deleted| now - deleted > PURGED_AFTER)
    }

    /// Everything, with `null` for each of these custom fields that is not set.
    pub(super) fn to_json<'f>(&self, fields: impl Iterator<Item = &'f Custom>, omit_nulls: bool) -> Value {
        let mut object = Map::new();
        object.insert("id".into(), json!(self.id));
        for property in BUILT_IN.iter().filter(|property| property.accepts.is_some()) {
            let mut value = self.built_in.get(property.code).cloned().unwrap_or_else(|| unset(property.code));
            if omit_nulls && property.accepts == Some(Accepts::Address) {
                let Value::Object(parts) = &mut value else { continue };
                parts.retain(|_, part| !part.is_null());
            }
            object.insert(property.code.into(), value);
        }
        object.insert("add_time".into(), json!(rfc3339(self.add_time)));
        object.insert("update_time".into(), json!(rfc3339(self.update_time)));
        object.insert("is_deleted".into(), json!(self.is_deleted()));
        let custom: Map<String, Value> =
            fields.map(|field| (field.code.clone(), self.custom(&field.code).clone())).collect();
        object.insert("custom_fields".into(), Value::Object(custom));
        Value::Object(object)
    }
}

/// Properties that an organization does not have are left out.
fn known_properties<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<&'static str, Value>, D::Error> {
    let values = BTreeMap::<String, Value>::deserialize(deserializer)?;
    let known = values.into_iter().filter_map(|(code, value)| {
        let property = BUILT_IN.iter().find(|property| property.code == code)?;
        Some((property.code, value))
    });
    Ok(known.collect())
}

fn unset(code: &str) -> Value {
    match code {
        "owner_id" => json!(1),
        "visible_to" => json!(3),
        "label_ids" => json!([]),
        _ => Value::Null,
    }
}

pub(super) fn rfc3339(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The checked content of a create or an update.
#[derive(Debug, Default)]
pub(super) struct Changes {
    built_in: BTreeMap<&'static str, Value>,
    custom: BTreeMap<String, Value>,
}

impl Changes {
    pub(super) fn read(
        body: &Value,
        fields: &[Custom],
        settings: &PipedriveSettings,
    ) -> Result<Self, Refusal> {
        let body = body.as_object().ok_or_else(|| Refusal::schema("body", "must be an object"))?;
        let mut changes = Self::default();
        for (name, value) in body {
            if name == "custom_fields" {
                changes.read_custom(value, fields)?;
                continue;
            }
            let property = BUILT_IN.iter().find(|property| property.code == name);
            let property =
                property.ok_or_else(|| Refusal::schema(name, "is not a property of an organization"))?;
            property.check(value, settings.name_length)?;
            let value =
                if property.accepts == Some(Accepts::Address) { full_address(value) } else { value.clone() };
            changes.built_in.insert(property.code, value);
        }
        Ok(changes)
    }

    pub(super) fn has_name(&self) -> bool {
        self.built_in.contains_key("name")
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

/// All organizations of the company.
#[derive(Debug, Default)]
pub(super) struct Organizations {
    by_id: BTreeMap<i64, Organization>,
    /// Those that are not deleted, by the moment of their last change.
    by_update: BTreeSet<(DateTime<Utc>, i64)>,
    /// Those that are not deleted, by the moment of their creation.
    by_add: BTreeSet<(DateTime<Utc>, i64)>,
    last_id: i64,
}

impl Organizations {
    /// All of them as they were, deleted ones too.
    pub(super) fn restored(all: Vec<Organization>, last_id: i64) -> Self {
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

    pub(super) fn create(&mut self, changes: Changes, now: DateTime<Utc>) -> &Organization {
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
        self.by_id.entry(id).or_insert(Organization {
            id,
            add_time,
            update_time: second,
            deleted: None,
            built_in,
            custom,
        })
    }

    /// Changes what is named; a change to what already stands there is none.
    pub(super) fn update(&mut self, id: i64, changes: Changes, now: DateTime<Utc>) -> Option<&Organization> {
        let found = self.by_id.get_mut(&id).filter(|found| !found.is_deleted())?;
        let mut changed = false;
        for (code, value) in changes.built_in {
            let old = found.built_in.insert(code, value.clone()).unwrap_or_else(|| unset(code));
            changed |= old != value;
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
    pub(super) fn get(&self, id: i64, now: DateTime<Utc>) -> Option<&Organization> {
        self.by_id.get(&id).filter(|found| !found.is_purged(now))
    }

    pub(super) fn alive(&self, id: i64) -> Option<&Organization> {
        self.by_id.get(&id).filter(|found| !found.is_deleted())
    }

    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Organization> {
        self.by_id.values().filter(|found| !found.is_deleted())
    }

    pub(super) fn by_id(&self) -> &BTreeMap<i64, Organization> {
        &self.by_id
    }

    pub(super) fn by_update(&self) -> &BTreeSet<(DateTime<Utc>, i64)> {
        &self.by_update
    }

    pub(super) fn by_add(&self) -> &BTreeSet<(DateTime<Utc>, i64)> {
        &self.by_add
    }
}
