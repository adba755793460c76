//! The fields of a kind in one account, found by property name, by label and by key.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::entity::{Access, Entity, List, Property, Shape, VARCHAR, custom_shape, is_searchable};
use super::wire::{WireField, WireOption};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Field, FieldType, Fields, Schema};

const CUSTOM: &str = "custom:";

/// The company's lists, as far as they were read.
pub(super) type Lists = HashMap<List, Arc<Vec<Choice>>>;

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
    /// Whether the search by one field takes it, or the search's word for a built-in one.
    pub(super) search: Search,
    /// Whether the list can be narrowed to one value of it.
    pub(super) listed: bool,
    pub(super) options: Arc<Vec<Choice>>,
    /// The list that has its options and was not read yet.
    pub(super) unread: Option<List>,
    /// The currency of a price.
    pub(super) currency: Option<String>,
}

/// How records are found by a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    No,
    /// By the search of one custom field.
    Field,
    /// By the search of the kind, in what it calls so.
    Word(&'static str),
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

    /// The vendor's own name of a built-in property.
    pub(super) fn static_key(&self) -> &'static str {
        match self {
            Self::Property(name) => name,
            Self::Custom(_) => "",
        }
    }
}

/// One label to choose, and the id that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) label: String,
    /// A shorter name that is understood too.
    pub(super) alias: Option<String>,
    /// The id of the pipeline of a stage.
    pub(super) group: Option<String>,
}

impl Choice {
    pub(super) fn new(id: String, label: &str) -> Self {
        Self { id, label: label.trim().to_owned(), alias: None, group: None }
    }
}

impl Catalogue {
    pub(super) fn new(entity: &Entity, fields: &[WireField], lists: &Lists) -> Self {
        let mut columns = BTreeMap::new();
        let mut add = |name: String, column: Column| columns.insert(name, Found::One(Arc::new(column)));
        for property in entity.properties {
            if property.shape != Shape::Price {
                add(property.name.to_owned(), built_in(property, fields, lists));
                continue;
            }
            for currency in lists.get(&List::Currencies).into_iter().flat_map(|codes| codes.iter()) {
                let mut column = built_in(property, fields, lists);
                column.label = format!("{} in {}", property.label, currency.label);
                column.currency = Some(currency.label.clone());
                add(format!("{}:{}", property.name, currency.label), column);
            }
        }
        for field in
            fields.iter().filter(|field| field.is_custom_field.unwrap_or_else(|| is_key(&field.field_code)))
        {
            let mut column = custom(field, lists);
            if !entity.writable {
                column.access = Access::ReadOnly;
            }
            let currency = (column.shape == Shape::Amount).then(|| Arc::new(column.currency_of_amount()));
            let column = Arc::new(column);
            put(&mut columns, &field.field_code, "", column);
            if let Some(currency) = currency {
                put(&mut columns, &field.field_code, ":currency", currency);
            }
        }
        Self { kind: entity.kind, columns }
    }

    /// A list that one of these fields chooses from and that was not read yet.
    pub(super) fn unread<'n>(&self, mut names: impl Iterator<Item = &'n String>) -> Option<List> {
        names.find_map(|name| match self.columns.get(name)? {
            Found::One(column) => column.unread,
            Found::Several => None,
        })
    }

    /// The first field that a new record must have and that is not among these.
    pub(super) fn missing(&self, fields: &Fields) -> Option<&str> {
        let required = self.columns.iter().filter(|(_, found)| match found {
            Found::One(column) => column.access == Access::Required,
            Found::Several => false,
        });
        required.map(|(name, _)| name.as_str()).find(|name| fields.get(name).is_none())
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

    /// How records name the field with that key of the vendor's.
    pub(super) fn name_of(&self, key: &str) -> Option<String> {
        if self.columns.contains_key(key) {
            return Some(key.to_owned());
        }
        match self.columns.get(&format!("{CUSTOM}{key}"))? {
            Found::One(column) => Some(format!("{CUSTOM}{}", column.label)),
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
        self.access == Access::ReadOnly || self.shape == Shape::Other
    }

    /// The longest text that it takes, in characters.
    pub(super) fn longest(&self) -> Option<usize> {
        match self.shape {
            Shape::Text(longest) => longest,
            Shape::Primary => Some(VARCHAR),
            _ => None,
        }
    }

    /// The column of the currency beside an amount.
    fn currency_of_amount(&self) -> Self {
        Self {
            label: format!("{} (currency)", self.label),
            place: self.place.clone(),
            shape: Shape::AmountCurrency,
            access: self.access,
            search: Search::No,
            listed: false,
            options: Arc::default(),
            unread: None,
            currency: None,
        }
    }

    fn describe(&self, name: &str) -> Field {
        let ty = match self.shape {
            Shape::Text(_)
            | Shape::Address
            | Shape::Part(_)
            | Shape::Currency
            | Shape::AmountCurrency
            | Shape::Primary
            | Shape::Discounts
            | Shape::Listed(List::Users) => FieldType::Text,
            Shape::Number | Shape::Whole | Shape::Amount | Shape::Price => FieldType::Decimal,
            Shape::Bool => FieldType::Bool,
            Shape::Date => FieldType::Date,
            Shape::Instant => FieldType::Instant,
            Shape::Choice | Shape::Listed(_) | Shape::Word(_) => FieldType::Choice,
            Shape::Lines => FieldType::Lines,
            Shape::Choices => FieldType::Choices,
            Shape::Id(Some(kind)) => FieldType::Reference(kind),
            Shape::Id(None) | Shape::Other => FieldType::Other,
        };
        let mut field = Field::new(name, &self.label, ty);
        if matches!(ty, FieldType::Choice | FieldType::Choices) {
            field = field.options(self.options.iter().map(|option| option.label.clone()).collect());
        }
        if let Some(length) = self.longest() {
            field = field.max_length(length);
        }
        if self.shape == Shape::Whole {
            field = field.decimals(0);
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

/// Puts a custom field under its label and under its key.
fn put(columns: &mut BTreeMap<String, Found>, key: &str, suffix: &str, column: Arc<Column>) {
    let label = match suffix {
        "" => column.label.clone(),
        _ => format!("{}{suffix}", column.label.trim_end_matches(" (currency)")),
    };
    columns
        .entry(format!("{CUSTOM}{label}"))
        .and_modify(|found| *found = Found::Several)
        .or_insert(Found::One(Arc::clone(&column)));
    columns.insert(format!("{CUSTOM}{key}{suffix}"), Found::One(column));
}

fn built_in(property: &Property, fields: &[WireField], lists: &Lists) -> Column {
    let described = fields.iter().find(|field| field.field_code == property.name);
    let options = match property.shape {
        Shape::Word(words) => words.iter().map(|word| Choice::new((*word).to_owned(), word)).collect(),
        _ => described.map(choices).unwrap_or_default(),
    };
    let column = Column {
        label: property.label.to_owned(),
        place: Place::Property(property.wire),
        shape: property.shape,
        access: property.access,
        search: property.search.map_or(Search::No, Search::Word),
        listed: property.listed,
        options: Arc::new(options),
        unread: None,
        currency: None,
    };
    column.with_list(lists)
}

fn custom(field: &WireField, lists: &Lists) -> Column {
    let field_type = field.field_type.as_deref().unwrap_or_default();
    let label = field.field_name.as_deref().unwrap_or_default().trim();
    let column = Column {
        label: if label.is_empty() { field.field_code.clone() } else { label.to_owned() },
        place: Place::Custom(field.field_code.clone()),
        shape: custom_shape(field_type),
        access: Access::Writable,
        search: if is_searchable(field_type) { Search::Field } else { Search::No },
        listed: false,
        options: Arc::new(choices(field)),
        unread: None,
        currency: None,
    };
    column.with_list(lists)
}

impl Column {
    /// With the options of the company's list, or with the wish to read it.
    fn with_list(mut self, lists: &Lists) -> Self {
        let list = match self.shape {
            Shape::Listed(list) => list,
            Shape::Currency => List::Currencies,
            _ => return self,
        };
        match lists.get(&list) {
            Some(options) => self.options = Arc::clone(options),
            None if self.access == Access::ReadOnly && list == List::Currencies => {}
            None => self.unread = Some(list),
        }
        self
    }
}

fn choices(field: &WireField) -> Vec<Choice> {
    let options = field.options.as_deref().unwrap_or_default();
    options.iter().filter_map(choice).collect()
}

fn choice(option: &WireOption) -> Option<Choice> {
    let id = option.id.as_ref()?.get().trim_matches('"').to_owned();
    Some(Choice::new(id, option.label.as_ref()?))
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
        Catalogue::new(entity(Kind::Company).unwrap(), &fields, &Lists::new())
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
        assert_eq!(schema.get("employee_count").unwrap().decimals, Some(0));
        assert!(!schema.get("website").unwrap().read_only);
    }
}
