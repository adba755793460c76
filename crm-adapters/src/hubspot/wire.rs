//! HubSpot's JSON, as it comes and goes. Everything but a record's id may be missing.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// Text that the vendor now and then writes as a number or a flag; nothing where it is null or an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Some(text),
            serde_json::Value::Number(number) => Some(number.to_string()),
            serde_json::Value::Bool(yes) => Some(yes.to_string()),
            _ => None,
        }))
    }
}

/// One record.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireRecord {
    pub(super) id: Text,
    pub(super) properties: BTreeMap<String, Text>,
    pub(super) updated_at: Option<String>,
    pub(super) archived_at: Option<String>,
    pub(super) archived: Option<bool>,
    /// Of an upsert: whether it made the record.
    pub(super) new: Option<bool>,
    pub(super) object_write_trace_id: Option<String>,
}

/// A list, a search's hits, or the answer to a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireList<T> {
    pub(super) results: Vec<T>,
    pub(super) paging: Option<WirePaging>,
    pub(super) errors: Vec<WireProblem>,
}

impl<T> Default for WireList<T> {
    fn default() -> Self {
        Self { results: Vec::new(), paging: None, errors: Vec::new() }
    }
}

impl<T> WireList<T> {
    pub(super) fn next(&self) -> Option<&str> {
        let after = self.paging.as_ref()?.next.as_ref()?.after.0.as_deref()?;
        Some(after).filter(|after| !after.is_empty())
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct WirePaging {
    pub(super) next: Option<WireNext>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireNext {
    pub(super) after: Text,
}

/// What an answer, or a part of one, says of its failure.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireProblem {
    pub(super) category: Option<String>,
    pub(super) sub_category: Text,
    pub(super) message: Option<String>,
    pub(super) code: Option<String>,
    #[serde(rename = "in")]
    pub(super) field: Option<String>,
    pub(super) correlation_id: Option<String>,
    pub(super) policy_name: Option<String>,
    pub(super) context: BTreeMap<String, Texts>,
    pub(super) errors: Vec<WireProblem>,
}

/// A list of texts, or one alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Array(items) => items,
            one => vec![one],
        };
        let text = |item| match item {
            serde_json::Value::String(text) => Some(text),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        Ok(Self(items.into_iter().filter_map(text).collect()))
    }
}

/// The description of one property.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireProperty {
    pub(super) name: String,
    pub(super) label: Option<String>,
    #[serde(rename = "type")]
    pub(super) ty: Option<String>,
    pub(super) field_type: Option<String>,
    pub(super) calculated: Option<bool>,
    pub(super) has_unique_value: Option<bool>,
    pub(super) hubspot_defined: Option<bool>,
    pub(super) referenced_object_type: Option<String>,
    pub(super) options: Vec<WireOption>,
    pub(super) modification_metadata: WireModification,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireModification {
    pub(super) read_only_value: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireOption {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) display_order: i32,
    pub(super) hidden: bool,
}

/// A property that is to be created.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireNewProperty<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    #[serde(rename = "type")]
    pub(super) ty: &'static str,
    pub(super) field_type: &'static str,
    pub(super) group_name: &'static str,
    pub(super) has_unique_value: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) options: Vec<WireOption>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WirePipeline {
    pub(super) id: Text,
    pub(super) label: String,
    pub(super) stages: Vec<WireStage>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireStage {
    pub(super) id: Text,
    pub(super) label: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireOwner {
    pub(super) id: Text,
    pub(super) email: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
}

/// A custom type of object.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireSchema {
    pub(super) required_properties: Vec<String>,
}

/// One kind of association between two object types.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireLabel {
    pub(super) category: String,
    pub(super) type_id: u32,
    pub(super) label: Option<String>,
}

/// What a record is associated with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireAssociated {
    pub(super) from: WireId,
    pub(super) to: Vec<WireAssociation>,
    pub(super) paging: Option<WirePaging>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireId {
    pub(super) id: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireAssociation {
    pub(super) to_object_id: Text,
    pub(super) association_types: Vec<WireLabel>,
}
