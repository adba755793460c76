//! What may be turned on the local Pipedrive while it runs, and what people do in it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::state::State;
use crate::http::{Controlled, merged, read_body as read};

/// The custom field that loaded companies carry their number in.
pub(super) const KVK_FIELD: &str = "KvK number";

#[derive(Deserialize)]
struct OfOrganization {
    id: i64,
}

#[derive(Deserialize)]
struct WithFields {
    id: Option<i64>,
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
struct NewField {
    name: String,
    field_type: String,
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
        self.quota.usage()
    }

    fn act(&mut self, action: &str, body: &Value, now: DateTime<Utc>) -> Option<Result<Value, String>> {
        Some(match action {
            "pipedrive/organizations" => Ok(json!({ "organizations": self.people_list() })),
            "pipedrive/organizations/create" => read(body)
                .and_then(|WithFields { fields, .. }| Ok(json!({ "id": self.people_create(fields, now)? }))),
            "pipedrive/organizations/edit" => read(body).and_then(|WithFields { id, fields }| {
                self.people_edit(id.ok_or("an edit needs the organization's id")?, fields, now)?;
                Ok(json!({}))
            }),
            "pipedrive/organizations/delete" => read(body).and_then(|OfOrganization { id }| {
                self.people_delete(id, now)?;
                Ok(json!({}))
            }),
            "pipedrive/fields/create" => read(body).and_then(|NewField { name, field_type }| {
                Ok(json!({ "field_code": self.people_create_field(&name, &field_type)? }))
            }),
            _ => return None,
        })
    }
}

impl State {
    /// Custom fields by label, as people see them.
    pub(super) fn people_list(&self) -> Vec<Value> {
        self.organizations
            .all()
            .map(|organization| {
                let mut shown = organization.to_json(self.fields.iter(), false);
                let labelled: Map<String, Value> = self
                    .fields
                    .iter()
                    .map(|field| (field.name.clone(), organization.custom(&field.code).clone()))
                    .collect();
                shown["custom_fields"] = Value::Object(labelled);
                shown
            })
            .collect()
    }

    pub(super) fn people_create(
        &mut self,
        fields: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<i64, String> {
        let body = self.by_code(fields);
        self.create(&body, now).map_err(|refusal| refusal.error().to_owned())
    }

    pub(super) fn people_edit(
        &mut self,
        id: i64,
        fields: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let body = self.by_code(fields);
        self.update(id, &body, now).map_err(|refusal| refusal.error().to_owned())
    }

    pub(super) fn people_delete(&mut self, id: i64, now: DateTime<Utc>) -> Result<(), String> {
        self.delete(id, now).map_err(|refusal| refusal.error().to_owned())
    }

    pub(super) fn people_create_field(&mut self, name: &str, field_type: &str) -> Result<String, String> {
        let body = json!({ "field_name": name, "field_type": field_type });
        self.create_field(&body).map(|field| field.code).map_err(|refusal| refusal.error().to_owned())
    }

    pub(super) fn code_of(&self, label: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == label).map(|field| field.code.as_str())
    }

    /// Moves what is named by a custom field's label under its code.
    fn by_code(&self, fields: Map<String, Value>) -> Value {
        let mut body = Map::new();
        let mut custom = Map::new();
        for (name, value) in fields {
            match self.code_of(&name) {
                Some(code) => custom.insert(code.to_owned(), value),
                None => body.insert(name, value),
            };
        }
        if !custom.is_empty() {
            body.insert("custom_fields".to_owned(), Value::Object(custom));
        }
        Value::Object(body)
    }
}
