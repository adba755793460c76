//! What may be turned on the local HubSpot while it runs, and what people do in it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::properties::Property;
use super::records::Record;
use super::refusal::Refusal;
use super::state::State;
use super::write::{Call, Input, Target};
use crate::http::{Controlled, merged, read_body as read};

#[derive(Deserialize)]
struct OfType {
    object_type: String,
}

#[derive(Deserialize)]
struct OfRecord {
    object_type: String,
    id: String,
}

#[derive(Deserialize)]
struct WithFields {
    object_type: String,
    #[serde(default)]
    id: Option<String>,
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
struct OfTwo {
    object_type: String,
    id: String,
    other: String,
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
        usage["webhooks"] = self.events.usage();
        usage
    }

    fn act(&mut self, action: &str, body: &Value, now: DateTime<Utc>) -> Option<Result<Value, String>> {
        Some(match action {
            "hubspot/records" => read(body)
                .and_then(|OfType { object_type }| Ok(json!({ "records": self.people_list(&object_type)? }))),
            "hubspot/records/create" => read(body).and_then(|WithFields { object_type, fields, .. }| {
                Ok(json!({ "id": self.people_create(&object_type, fields, now)? }))
            }),
            "hubspot/records/edit" => read(body).and_then(|WithFields { object_type, id, fields }| {
                let id = id.ok_or("an edit needs the record's id")?;
                self.people_edit(&object_type, &id, fields, now)?;
                Ok(json!({}))
            }),
            "hubspot/records/archive" => read(body).and_then(|OfRecord { object_type, id }| {
                self.people_archive(&object_type, &id, now)?;
                Ok(json!({}))
            }),
            "hubspot/records/restore" => read(body).and_then(|OfRecord { object_type, id }| {
                self.people_restore(&object_type, &id, now)?;
                Ok(json!({}))
            }),
            "hubspot/records/merge" => read(body).and_then(|OfTwo { object_type, id, other }| {
                Ok(json!({ "id": self.people_merge(&object_type, &id, &other, now)? }))
            }),
            "hubspot/associate" => read(body).and_then(|OfTwo { id, other, .. }| {
                self.people_associate(&id, &other, now)?;
                Ok(json!({}))
            }),
            "hubspot/properties/create" => {
                read(body).and_then(|WithFields { object_type, fields, .. }| {
                    self.people_create_property(&object_type, fields)?;
                    Ok(json!({}))
                })
            }
            "hubspot/install" => Ok(json!({ "refresh_token": self.oauth.install(&mut self.random) })),
            "hubspot/uninstall" => {
                self.oauth.uninstall();
                Ok(json!({}))
            }
            _ => return None,
        })
    }
}

fn said(refusal: Refusal) -> String {
    refusal.message().to_owned()
}

fn number(id: &str) -> Result<u64, String> {
    id.parse().map_err(|_| format!("{id} is not the id of a record"))
}

impl State {
    /// Every record of a type that is not archived, with all its properties.
    pub(super) fn people_list(&self, object_type: &str) -> Result<Vec<Value>, String> {
        let table = self.table_called(object_type).map_err(said)?;
        let alive = table.rows().filter(|row| row.archived.is_none());
        Ok(alive
            .map(|row| {
                let mut shown = row.to_json(table, &self.wanting(Vec::new()));
                shown["properties"] = json!(row.values);
                shown
            })
            .collect())
    }

    pub(super) fn people_create(
        &mut self,
        object_type: &str,
        properties: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<String, String> {
        let type_id = self.type_called(object_type).map_err(said)?;
        let input = Input { target: Target::New, properties, associations: Vec::new() };
        self.write(&type_id, input, Call::of_person(now)).map(|id| id.to_string()).map_err(said)
    }

    pub(super) fn people_edit(
        &mut self,
        object_type: &str,
        id: &str,
        properties: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let type_id = self.type_called(object_type).map_err(said)?;
        let target = Target::Existing { id: id.to_owned(), property: None };
        let input = Input { target, properties, associations: Vec::new() };
        self.write(&type_id, input, Call::of_person(now)).map(drop).map_err(said)
    }

    pub(super) fn people_archive(
        &mut self,
        object_type: &str,
        id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let type_id = self.type_called(object_type).map_err(said)?;
        self.archive(&type_id, number(id)?, Call::of_person(now)).map_err(said)
    }

    /// Only the screens can do that.
    pub(super) fn people_restore(
        &mut self,
        object_type: &str,
        id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let (type_id, id) = (self.type_called(object_type).map_err(said)?, number(id)?);
        let ignore_case = self.settings.unique_ignores_case;
        let table = self.tables.get_mut(&type_id).ok_or("there is no such type")?;
        if table.get(id, now).is_none_or(|row| row.archived.is_none()) {
            return Err(format!("there is no archived record {id}"));
        }
        table.change(id, ignore_case, |row, ty| {
            row.archived = None;
            row.touch(ty, now);
        });
        self.events.restored(&type_id, id, Call::of_person(now));
        self.tell_index(&type_id, id, now);
        Ok(())
    }

    pub(super) fn people_merge(
        &mut self,
        object_type: &str,
        primary: &str,
        other: &str,
        now: DateTime<Utc>,
    ) -> Result<String, String> {
        let type_id = self.type_called(object_type).map_err(said)?;
        let merged = self.merge_records(&type_id, number(primary)?, number(other)?, Call::of_person(now));
        merged.map(|id| id.to_string()).map_err(said)
    }

    pub(super) fn people_associate(
        &mut self,
        from: &str,
        to: &str,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let (from, to) = (number(from)?, number(to)?);
        if self.type_of(from).is_none() || self.type_of(to).is_none() {
            return Err("both records have to be there".to_owned());
        }
        self.associate(from, to, &[], Call::of_person(now));
        Ok(())
    }

    pub(super) fn people_make_primary(
        &mut self,
        record: &str,
        company: &str,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let (from, to) = (number(record)?, number(company)?);
        let primary = self.primary_type(from, to).ok_or("only contacts and deals have a primary company")?;
        self.associate(from, to, &[primary], Call::of_person(now));
        Ok(())
    }

    pub(super) fn people_create_type(&mut self, definition: &Value) -> Result<String, String> {
        self.create_type(definition).map_err(said)
    }

    /// A property as the API defines it; text when the definition says nothing else.
    pub(super) fn people_create_property(
        &mut self,
        object_type: &str,
        definition: Map<String, Value>,
    ) -> Result<(), String> {
        let type_id = self.type_called(object_type).map_err(said)?;
        let table = self.tables.get_mut(&type_id).ok_or("there is no such type")?;
        let group = table.properties.groups().first().map(|group| group.name.clone());
        let mut whole = json!({ "type": "string", "fieldType": "text", "groupName": group });
        for (name, value) in definition {
            whole[name] = value;
        }
        if whole["label"].is_null() {
            whole["label"] = whole["name"].clone();
        }
        table.properties.create(Property::from_body(&whole).map_err(said)?).map(drop).map_err(said)
    }

    pub(super) fn people_retype(
        &mut self,
        object_type: &str,
        name: &str,
        ty: &str,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let type_id = self.type_called(object_type).map_err(said)?;
        let longest = self.settings.value_length;
        let table = self.tables.get_mut(&type_id).ok_or("there is no such type")?;
        let property = table.properties.retype(name, ty).map_err(said)?.clone();
        let misfits = |row: &&Record| {
            row.values.get(name).is_some_and(|value| property.accept(value, longest).is_err())
        };
        let misfits: Vec<String> = table.rows().filter(misfits).map(|row| row.id.to_string()).collect();
        for id in misfits {
            let emptied = Map::from_iter([(name.to_owned(), json!(""))]);
            self.people_edit(object_type, &id, emptied, now)?;
        }
        Ok(())
    }

    pub(super) fn people_create_group(
        &mut self,
        object_type: &str,
        name: &str,
        label: &str,
    ) -> Result<(), String> {
        let type_id = self.type_called(object_type).map_err(said)?;
        let table = self.tables.get_mut(&type_id).ok_or("there is no such type")?;
        let body = json!({ "name": name, "label": label });
        table.properties.create_group(&body).map(drop).map_err(said)
    }
}
