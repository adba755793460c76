//! What may be turned on the local Pipedrive while it runs, and what people do in it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::entity::{ENTITIES, Entity, Kind};
use super::refusal::Refusal;
use super::state::State;
use crate::http::{Controlled, merged, read_body as read};

/// The custom field that loaded companies carry their number in.
pub(super) const KVK_FIELD: &str = "KvK number";

#[derive(Deserialize)]
struct WithFields {
    id: Option<i64>,
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
struct OfRecord {
    id: i64,
    /// The record that remains of a merge.
    into: Option<i64>,
}

#[derive(Deserialize)]
struct NewField {
    name: String,
    field_type: String,
    /// The kind by its word in paths; organizations where nothing is said.
    of: Option<String>,
    #[serde(default)]
    options: Vec<String>,
}

impl Controlled for State {
    fn settings(&self) -> Value {
        json!(self.settings)
    }

    fn configure(&mut self, patch: &Value) -> Result<(), String> {
        self.settings = merged(self.settings(), patch)?;
        Ok(())
    }

    fn usage(&self, _: DateTime<Utc>) -> Value {
        let mut usage = self.quota.usage();
        if self.webhooks.listen() {
            usage["webhooks"] = self.webhooks.usage();
        }
        usage
    }

    fn act(&mut self, action: &str, body: &Value, now: DateTime<Utc>) -> Option<Result<Value, String>> {
        let action = action.strip_prefix("pipedrive/")?;
        if action == "fields/create" {
            return Some(read(body).and_then(|new: NewField| self.act_create_field(&new)));
        }
        let (plural, verb) = action.split_once('/').unwrap_or((action, "list"));
        let entity = entity_of(plural).ok()?;
        Some(match verb {
            "list" => Ok(json!({ plural: self.people_list(entity) })),
            "create" => read(body).and_then(|WithFields { fields, .. }| {
                Ok(json!({ "id": self.people_create(entity, fields, now)? }))
            }),
            "edit" => read(body).and_then(|WithFields { id, fields }| {
                self.people_edit(entity, id.ok_or("an edit needs the record's id")?, fields, now)?;
                Ok(json!({}))
            }),
            "delete" => read(body).and_then(|OfRecord { id, .. }| {
                self.people_delete(entity, id, now)?;
                Ok(json!({}))
            }),
            "merge" => read(body).and_then(|OfRecord { id, into }| {
                self.people_merge(entity, id, into.ok_or("a merge needs the id that remains: into")?, now)?;
                Ok(json!({}))
            }),
            _ => return None,
        })
    }
}

impl State {
    /// Custom fields by label, as people see them.
    pub(super) fn people_list(&self, entity: &Entity) -> Vec<Value> {
        let fields = self.fields_of(entity);
        let shown = self.shelf(entity.kind).table.all().map(|record| {
            let mut shown = record.to_json(entity, fields.iter(), false);
            let labelled: Map<String, Value> =
                fields.iter().map(|field| (field.name.clone(), record.custom(&field.code).clone())).collect();
            shown["custom_fields"] = Value::Object(labelled);
            shown
        });
        shown.collect()
    }

    pub(super) fn people_create(
        &mut self,
        entity: &'static Entity,
        fields: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<i64, String> {
        let body = self.by_code(entity, fields);
        self.create(entity, &body, now).map_err(told)
    }

    pub(super) fn people_edit(
        &mut self,
        entity: &'static Entity,
        id: i64,
        fields: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let body = self.by_code(entity, fields);
        self.update(entity, id, &body, now).map_err(told)
    }

    pub(super) fn people_delete(
        &mut self,
        entity: &'static Entity,
        id: i64,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.delete(entity, id, now).map_err(told)
    }

    pub(super) fn people_merge(
        &mut self,
        entity: &'static Entity,
        id: i64,
        into: i64,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.merge(entity, id, into, now).map_err(told)
    }

    pub(super) fn people_create_field(
        &mut self,
        kind: Kind,
        name: &str,
        field_type: &str,
        options: &[&str],
    ) -> Result<String, String> {
        let options: Vec<Value> = options.iter().map(|label| json!({ "label": label })).collect();
        let body = json!({ "field_name": name, "field_type": field_type, "options": options });
        self.create_field(kind, &body).map(|field| field.code).map_err(told)
    }

    pub(super) fn people_retype_field(
        &mut self,
        kind: Kind,
        name: &str,
        field_type: &str,
    ) -> Result<String, String> {
        self.people_delete_field(kind, name)?;
        self.people_create_field(kind, name, field_type, &[])
    }

    pub(super) fn people_delete_field(&mut self, kind: Kind, name: &str) -> Result<(), String> {
        let fields = &mut self.shelf_mut(kind).fields;
        let at = fields.iter().position(|field| field.name == name).ok_or("there is no such field")?;
        fields.remove(at);
        Ok(())
    }

    fn act_create_field(&mut self, new: &NewField) -> Result<Value, String> {
        let entity = entity_of(new.of.as_deref().unwrap_or("organizations"))?;
        let options: Vec<&str> = new.options.iter().map(String::as_str).collect();
        let code = self.people_create_field(entity.kind, &new.name, &new.field_type, &options)?;
        Ok(json!({ "field_code": code }))
    }

    pub(super) fn code_of(&self, entity: &Entity, label: &str) -> Option<&str> {
        self.fields_of(entity).iter().find(|field| field.name == label).map(|field| field.code.as_str())
    }

    /// Puts what is named by a custom field's label where the API has it: under its code, and options by their ids.
    fn by_code(&self, entity: &Entity, fields: Map<String, Value>) -> Value {
        let mut body = Map::new();
        let mut custom = Map::new();
        for (name, value) in fields {
            match self.fields_of(entity).iter().find(|field| field.name == name) {
                Some(field) => custom.insert(field.code.clone(), field.entered(value)),
                None => body.insert(name, value),
            };
        }
        if entity.version == 1 {
            body.extend(custom);
        } else if !custom.is_empty() {
            body.insert("custom_fields".to_owned(), Value::Object(custom));
        }
        Value::Object(body)
    }
}

/// The kind that people call by its word in paths.
pub(super) fn entity_of(plural: &str) -> Result<&'static Entity, String> {
    let entity = ENTITIES.iter().find(|entity| entity.plural == plural);
    entity.ok_or_else(|| format!("Pipedrive has no {plural}"))
}

fn told(refusal: Refusal) -> String {
    refusal.error().to_owned()
}
