//! What webhooks say of a record, which is less than the API says, and in other forms.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::entity::{Entity, Kind};
use super::state::State;
use super::version_1::lead_id;

/// Who changes something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Acting {
    /// A person, in the app.
    #[default]
    People,
    /// A program.
    Api,
}

/// What happened to a record.
#[derive(Debug)]
pub(super) enum Happening {
    Created,
    Changed {
        before: Value,
        /// What was merged into it.
        merged_from: Option<i64>,
    },
    Deleted {
        before: Value,
        /// What it was merged into.
        merged_to: Option<i64>,
    },
}

impl State {
    /// A record as events show it; null where nobody listens anyway.
    pub(super) fn as_told(&self, entity: &Entity, id: i64, now: DateTime<Utc>) -> Value {
        let found = self.shelf(entity.kind).table.get(id, now).filter(|_| self.webhooks.listen());
        let Some(found) = found else { return Value::Null };
        let fields = self.fields_of(entity);
        let mut told = found.to_json(entity, fields.iter(), false);
        if let Some(visible) = told["visible_to"].as_i64() {
            told["visible_to"] = json!(visible.to_string());
        }
        if let Some(custom) = told["custom_fields"].as_object_mut() {
            for field in fields {
                if let Some(value) = custom.get_mut(&field.code) {
                    *value = typed(&field.field_type, value.take());
                }
            }
        }
        told
    }

    /// Tells whoever asked for it.
    pub(super) fn tell(&mut self, entity: &Entity, id: i64, happening: Happening, now: DateTime<Utc>) {
        if !self.webhooks.listen() {
            return;
        }
        let after = self.as_told(entity, id, now);
        let named = if entity.kind == Kind::Lead { lead_id(id) } else { id.to_string() };
        let text = |id: Option<i64>| id.map(|id| id.to_string());
        let (action, data, previous, merged) = match happening {
            Happening::Created => ("create", after, Value::Null, Map::new()),
            Happening::Changed { before, merged_from } => {
                let previous = difference(&before, &after);
                ("change", after, previous, only("merged_from_id", text(merged_from)))
            }
            Happening::Deleted { before, merged_to } => {
                ("delete", Value::Null, before, only("merged_to_id", text(merged_to)))
            }
        };
        self.post(entity.word, action, &named, (data, previous), merged, now);
    }

    /// Tells of a product on a deal.
    pub(super) fn tell_line(&mut self, action: &str, data: Value, previous: Value, now: DateTime<Utc>) {
        if self.webhooks.listen() {
            let id = if data.is_null() { &previous["id"] } else { &data["id"] }.to_string();
            self.post("deal_product", action, &id, (data, previous), Map::new(), now);
        }
    }

    /// All ids in `meta` are texts.
    fn post(
        &mut self,
        word: &str,
        action: &str,
        id: &str,
        (data, previous): (Value, Value),
        merged: Map<String, Value>,
        now: DateTime<Utc>,
    ) {
        let mut meta = json!({
            "action": action, "entity": word, "entity_id": id, "company_id": "4711", "user_id": "1",
            "correlation_id": format!("{word}-{id}-{}", now.timestamp_millis()),
            "timestamp": now.to_rfc3339_opts(SecondsFormat::Millis, true), "type": "general",
            "version": "2.0", "is_bulk_edit": false, "host": "example.pipedrive.com",
            "change_source": if self.acting == Acting::Api { "api" } else { "app" },
            "permitted_user_ids": ["1"],
        });
        if let Value::Object(meta) = &mut meta {
            meta.extend(merged);
        }
        let event = json!({ "meta": meta, "data": data, "previous": previous });
        self.webhooks.note(word, action, &event, &self.settings, now);
    }
}

/// A custom field's value with its type.
fn typed(field_type: &str, value: Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Object(mut parts) => {
            parts.insert("type".to_owned(), json!(field_type));
            Value::Object(parts)
        }
        value => json!({ "type": field_type, "value": value }),
    }
}

/// Of what was before, only what changed.
fn difference(before: &Value, after: &Value) -> Value {
    let changed = before.as_object().into_iter().flatten().filter(|(name, old)| after[*name] != **old);
    let kept = changed.map(|(name, old)| match (name.as_str(), old) {
        ("custom_fields", Value::Object(_)) => (name.clone(), difference(old, &after[name])),
        _ => (name.clone(), old.clone()),
    });
    Value::Object(kept.collect())
}

fn only(name: &str, value: Option<String>) -> Map<String, Value> {
    value.map(|value| (name.to_owned(), json!(value))).into_iter().collect()
}
