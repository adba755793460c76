//! The fields of a kind in one account, found by property name, by label and by key.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entity::{Access, Entity, Property, Shape, custom_shape, is_searchable};
use super::wire::{WireField, WireOption};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Field, FieldType, Schema};

const CUSTOM: &str = "custom:";

/// All fields of a kind.
#[derive(Debug)]
pub(super) struct Catalogue {
    kind: crate::Kind,
    columns: BTreeMap<String, Found>,
}

#[derive(Debug)]
enum Found {
    One(Arc<Column>),
    /// Several custom fields share the label.
    Several,
}

/// One field: what it is called and how it looks on the wire.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) label: String,
    pub(super) place: Place,
    pub(super) shape: Shape,
    pub(super) access: Access,
    pub(super) searchable: bool,
    pub(super) options: Vec<Choice>,
}

/// Where in a record a field's value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Property(&'static str),
    /// Under `custom_fields`, by its key.
    Custom(String),
}

impl Place {
    /// The vendor's own name.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Property(name) => name,
            Self::Custom(key) => key,
        }
    }
}

/// One label to choose, and the id that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) label: String,
}

impl Catalogue {
    pub(super) fn new(entity: &Entity, fields: &[WireField]) -> Self {
        let mut columns = BTreeMap::new();
        for property in entity.properties {
            columns.insert(property.name.to_owned(), Found::One(Arc::new(built_in(property, fields))));
        }
        for field in
            fields.iter().filter(|field| field.is_custom_field.unwrap_or_else(|| is_key(&field.field_code)))
        {
            let column = Arc::new(custom(field));
            let by_label = format!("{CUSTOM}{}", column.label);
            columns
                .entry(by_label)
                .and_modify(|found| *found = Found::Several)
                .or_insert(Found::One(Arc::clone(&column)));
            columns.insert(format!("{CUSTOM}{}", field.field_code), Found::One(column));
        }
        Self { kind: entity.kind, columns }
    }

    /// The field of that name.
    pub(super) fn column(&self, name: &str) -> Result<&Arc<Column>> {
        let wrong = |message: &str, remedy: &str| {
            Err(Error::new(ErrorKind::Config, message).with_field(name).with_remedy(remedy))
        };
        match self.columns.get(name) {
            Some(Found::One(column)) => Ok(column),
            Some(Found::Several) => wrong(
                "several custom fields in Pipedrive have this label",
                "name the field by its key instead: custom: and the 40 characters that Pipedrive shows as its API key",
            ),
            None if name.starts_with(CUSTOM) => wrong(
                &format!("no custom field of a {} in Pipedrive has this label or key", self.kind),
                "create the field in Pipedrive, or correct the name",
            ),
            None => wrong(
                &format!("a {} in Pipedrive has no such property", self.kind),
                "a custom field is written custom:Label",
            ),
        }
    }

    /// Whether a custom field has this label.
    pub(super) fn has_label(&self, label: &str) -> bool {
        self.columns.contains_key(&format!("{CUSTOM}{}", label.trim()))
    }

    /// The label of the field with that key of the vendor's.
    pub(super) fn label_of(&self, key: &str) -> Option<&str> {
        let found = self.columns.get(key).or_else(|| self.columns.get(&format!("{CUSTOM}{key}")))?;
        match found {
            Found::One(column) => Some(&column.label),
            Found::Several => None,
        }
    }

    pub(super) fn schema(&self) -> Schema {
        Schema::new(self.columns.iter().filter_map(|(name, found)| match found {
            Found::One(column) => Some(column.describe(name)),
            Found::Several => None,
        }))
    }
}

impl Column {
    pub(super) fn read_only(&self) -> bool {
        self.access == Access::ReadOnly || matches!(self.shape, Shape::Money | Shape::Other)
    }

    fn describe(&self, name: &str) -> Field {
        let ty = match self.shape {
            Shape::Text(_) | Shape::Address => FieldType::Text,
            Shape::Number | Shape::Money => FieldType::Decimal,
            Shape::Bool => FieldType::Bool,
            Shape::Date => FieldType::Date,
            Shape::Instant => FieldType::Instant,
            Shape::Choice => FieldType::Choice,
            Shape::Choices => FieldType::Choices,
            Shape::Id(Some(kind)) => FieldType::Reference(kind),
            Shape::Id(None) | Shape::Other => FieldType::Other,
        };
        let mut field = Field::new(name, &self.label, ty)
            .options(self.options.iter().map(|option| option.label.clone()).collect());
        if let Shape::Text(Some(length)) = self.shape {
            field = field.max_length(length);
        }
        if self.access == Access::Required {
            field = field.required();
        }
        if self.read_only() {
            field = field.read_only();
        }
        field
    }
}

fn built_in(property: &Property, fields: &[WireField]) -> Column {
    let described = fields.iter().find(|field| field.field_code == property.name);
    Column {
        label: property.label.to_owned(),
        place: Place::Property(property.name),
        shape: property.shape,
        access: property.access,
        searchable: property.searchable,
        options: described.map(choices).unwrap_or_default(),
    }
}

fn custom(field: &WireField) -> Column {
    let field_type = field.field_type.as_deref().unwrap_or_default();
    let label = field.field_name.as_deref().unwrap_or_default().trim();
    Column {
        label: if label.is_empty() { field.field_code.clone() } else { label.to_owned() },
        place: Place::Custom(field.field_code.clone()),
        shape: custom_shape(field_type),
        access: Access::Writable,
        searchable: is_searchable(field_type),
        options: choices(field),
    }
}

fn choices(field: &WireField) -> Vec<Choice> {
    let options = field.options.as_deref().unwrap_or_default();
    options.iter().filter_map(choice).collect()
}

fn choice(option: &WireOption) -> Option<Choice> {
    let id = option.id.as_ref()?.get().trim_matches('"').to_owned();
    Some(Choice { id, label: option.label.as_ref()?.trim().to_owned() })
}

/// Whether a name is the random key of a custom field.
fn is_key(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use crate::pipedrive::entity::entity;

    fn catalogue(fields: &serde_json::Value) -> Catalogue {
        let fields: Vec<WireField> = serde_json::from_str(&fields.to_string()).unwrap();
        Catalogue::new(entity(Kind::Company).unwrap(), &fields)
    }

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    #[test]
    fn a_label_that_stands_twice_is_an_error_that_says_to_use_the_key() {
        let catalogue = catalogue(&serde_json::json!([
            {"field_name": "KvK number", "field_code": A, "field_type": "varchar", "is_custom_field": true},
            {"field_name": "KvK number", "field_code": B, "field_type": "varchar", "is_custom_field": true},
        ]));
        let error = catalogue.column("custom:KvK number").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("by its key"), "{error}");
        assert!(catalogue.schema().get("custom:KvK number").is_none());
        let by_key = catalogue.column(&format!("custom:{B}")).unwrap();
        assert_eq!(by_key.place, Place::Custom(B.to_owned()));
    }

    #[test]
    fn the_schema_tells_types_lengths_options_and_who_writes() {
        let schema = catalogue(&serde_json::json!([
            {"field_name": "KvK number", "field_code": A, "field_type": "varchar", "is_custom_field": true},
            {"field_name": "Soort", "field_code": B, "field_type": "enum", "is_custom_field": true,
             "options": [{"id": 1, "label": "Project"}, {"id": 2, "label": "Handel"}]},
            {"field_name": "Label", "field_code": "label_ids", "field_type": "set", "is_custom_field": false,
             "options": [{"id": "7", "label": "Customer"}]},
        ]))
        .schema();
        let kvk = schema.get("custom:KvK number").unwrap();
        assert_eq!((kvk.ty, kvk.max_length), (FieldType::Text, Some(255)));
        let soort = schema.get("custom:Soort").unwrap();
        assert_eq!(
            (soort.ty, soort.options.as_slice()),
            (FieldType::Choice, ["Project".to_owned(), "Handel".to_owned()].as_slice())
        );
        assert_eq!(schema.get("label_ids").unwrap().options, ["Customer"]);
        assert!(schema.get("name").unwrap().required);
        assert!(schema.get("update_time").unwrap().read_only);
        assert!(!schema.get("website").unwrap().read_only);
    }
}
