//! The fields of a kind in one account, found by property name, by label, and by what they point to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::association::AssociationType;
use super::entity::{Entity, TEXT};
use super::wire::{WireOption, WireOwner, WirePipeline, WireProperty};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Field, FieldType, Kind, Schema};

pub(super) const CUSTOM: &str = "custom:";
const ASSOCIATION: &str = "association:";
/// The lines of a deal, invoice, order or quote.
pub(super) const LINES: &str = "line_items";
/// The one property of owners that every account has.
pub(super) const OWNER: &str = "hubspot_owner_id";
/// Each pair of a stage's property and its pipeline's.
const STAGES: [(&str, &str); 2] = [("dealstage", "pipeline"), ("hs_pipeline_stage", "hs_pipeline")];

/// Everything that is read of an account to know the fields of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub(super) properties: Vec<WireProperty>,
    pub(super) pipelines: Vec<WirePipeline>,
    pub(super) owners: Vec<WireOwner>,
    /// Where the kind's records may point, with the labels that are known.
    pub(super) associations: Vec<(Kind, String, Vec<AssociationType>)>,
    /// The properties without which no record of a custom object is made.
    pub(super) required: Vec<String>,
}

/// All fields of a kind.
#[derive(Debug)]
pub(super) struct Catalogue {
    kind: Kind,
    columns: BTreeMap<String, Found>,
    /// The pipeline that each stage belongs to.
    pipeline_of: BTreeMap<String, String>,
}

#[derive(Debug)]
enum Found {
    One(Arc<Column>),
    /// Several custom properties share the label.
    Several,
}

/// One field: what it is called and how it looks on the wire.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) label: String,
    pub(super) place: Place,
    pub(super) shape: Shape,
    pub(super) read_only: bool,
    pub(super) required: bool,
    /// No two records can have the same value.
    pub(super) unique: bool,
    pub(super) options: Vec<Choice>,
}

/// Where a field's value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A property, by its internal name.
    Property(String),
    /// Other records that this one is associated with.
    Association(Target),
    /// Line items that this record is associated with.
    Lines,
}

/// Which associations a field stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) kind: Kind,
    pub(super) object: String,
    /// One label; without it, all of them, and the unlabelled one to write.
    pub(super) label: Option<AssociationType>,
    /// The unlabelled type, where it is known.
    pub(super) plain: Option<AssociationType>,
}

/// How a value looks on the wire, where everything is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Number,
    Bool,
    Date,
    Instant,
    Choice,
    Choices,
    /// The ids of records of that kind.
    References(Kind),
    Lines,
    Other,
}

/// One label to choose, and the value that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    /// Other names for it, which are understood when they are written.
    pub(super) also: Vec<String>,
}

impl Catalogue {
    pub(super) fn new(entity: &Entity, account: &Account) -> Self {
        let mut columns = BTreeMap::new();
        for property in &account.properties {
            let column = Arc::new(column(entity, property, account));
            if property.hubspot_defined != Some(true) {
                columns
                    .entry(format!("{CUSTOM}{}", column.label))
                    .and_modify(|found| *found = Found::Several)
                    .or_insert_with(|| Found::One(Arc::clone(&column)));
                columns.insert(format!("{CUSTOM}{}", property.name), Found::One(Arc::clone(&column)));
            }
            columns.insert(property.name.clone(), Found::One(column));
        }
        for (kind, object, types) in &account.associations {
            if *kind == Kind::Line && entity.kind != Kind::Product {
                columns.insert(LINES.to_owned(), Found::One(Arc::new(lines())));
            }
            for (name, column) in associations(*kind, object, types) {
                columns.insert(name, Found::One(Arc::new(column)));
            }
        }
        let stages = account.pipelines.iter().flat_map(|pipeline| {
            let of = pipeline.id.0.clone().unwrap_or_default();
            pipeline.stages.iter().filter_map(move |stage| Some((stage.id.0.clone()?, of.clone())))
        });
        Self { kind: entity.kind, columns, pipeline_of: stages.collect() }
    }

    /// The field of that name.
    pub(super) fn column(&self, name: &str) -> Result<&Arc<Column>> {
        let wrong = |message: &str, remedy: &str| {
            Err(Error::new(ErrorKind::Config, message).with_field(name).with_remedy(remedy))
        };
        match self.columns.get(name) {
            Some(Found::One(column)) => Ok(column),
            Some(Found::Several) => wrong(
                "several custom properties in HubSpot have this label",
                "name the property by its internal name instead, as HubSpot shows it",
            ),
            None if name.starts_with(CUSTOM) => wrong(
                &format!("no custom property of a {} in HubSpot has this label or name", self.kind),
                "create the property in HubSpot, or correct the name",
            ),
            None if name.starts_with(ASSOCIATION) => wrong(
                &format!("a {} in HubSpot has no such association", self.kind),
                "write association:company, or association:company:Label with a label that HubSpot has",
            ),
            None => wrong(
                &format!("a {} in HubSpot has no such property", self.kind),
                "a custom property is written custom:Label",
            ),
        }
    }

    /// The unique property that makes repeating a create harmless, if the account has it.
    pub(super) fn unique(&self, name: &str) -> Option<&str> {
        match self.columns.get(name)? {
            Found::One(column) if column.unique => column.property(),
            _ => None,
        }
    }

    /// Whether a custom property has this label.
    pub(super) fn has_label(&self, label: &str) -> bool {
        self.columns.contains_key(&format!("{CUSTOM}{}", label.trim()))
    }

    pub(super) fn has_property(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// The custom properties, by label where that is enough.
    pub(super) fn custom_names(&self) -> impl Iterator<Item = String> {
        self.columns.iter().filter_map(|(name, found)| match found {
            Found::One(column) if *name == format!("{CUSTOM}{}", column.label) => Some(name.clone()),
            _ => None,
        })
    }

    /// What records call the property with that internal name.
    pub(super) fn name_of(&self, property: &str) -> Option<String> {
        match self.columns.get(property)? {
            Found::One(column) if self.columns.contains_key(&format!("{CUSTOM}{property}")) => {
                Some(format!("{CUSTOM}{}", column.label))
            }
            _ => Some(property.to_owned()),
        }
    }

    /// The pipeline of a stage, as the property to write beside it: HubSpot refuses a stage of another pipeline.
    pub(super) fn pipeline(&self, stage_property: &str, stage: &str) -> Option<(&'static str, &str)> {
        let (_, pipeline) = STAGES.into_iter().find(|(name, _)| *name == stage_property)?;
        Some((pipeline, self.pipeline_of.get(stage)?))
    }

    /// Properties that a new record must have.
    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        self.columns.values().filter_map(|found| match found {
            Found::One(column) if column.required => column.property(),
            _ => None,
        })
    }

    pub(super) fn schema(&self) -> Schema {
        Schema::new(self.columns.iter().filter_map(|(name, found)| match found {
            Found::One(column) => Some(column.describe(name)),
            Found::Several => None,
        }))
    }
}

impl Column {
    /// The internal name of the property, where it is one.
    pub(super) fn property(&self) -> Option<&str> {
        match &self.place {
            Place::Property(name) => Some(name),
            Place::Association(_) | Place::Lines => None,
        }
    }

    fn describe(&self, name: &str) -> Field {
        let ty = match self.shape {
            Shape::Text => FieldType::Text,
            Shape::Number => FieldType::Decimal,
            Shape::Bool => FieldType::Bool,
            Shape::Date => FieldType::Date,
            Shape::Instant => FieldType::Instant,
            Shape::Choice => FieldType::Choice,
            Shape::Choices => FieldType::Choices,
            Shape::References(kind) => FieldType::Reference(kind),
            Shape::Lines => FieldType::Lines,
            Shape::Other => FieldType::Other,
        };
        let labels = self.options.iter().map(|option| option.label.clone()).collect();
        let mut field = Field::new(name, &self.label, ty).options(labels);
        if self.shape == Shape::Text {
            field = field.max_length(TEXT);
        }
        if self.required {
            field = field.required();
        }
        if self.read_only {
            field = field.read_only();
        }
        field
    }
}

fn column(entity: &Entity, property: &WireProperty, account: &Account) -> Column {
    let label = property.label.as_deref().unwrap_or_default().trim();
    let shape = shape(property);
    let is_owner = property.referenced_object_type.as_deref() == Some("OWNER") || property.name == OWNER;
    let options = match property.name.as_str() {
        "pipeline" | "hs_pipeline" if !account.pipelines.is_empty() => pipelines(&account.pipelines),
        "dealstage" | "hs_pipeline_stage" if !account.pipelines.is_empty() => stages(&account.pipelines),
        _ if is_owner => account.owners.iter().filter_map(owner).collect(),
        _ => property.options.iter().map(choice).collect(),
    };
    // A choice whose options are not told is whatever text stands there.
    let shape = match (shape, options.is_empty()) {
        (Shape::Choice, true) => Shape::Text,
        (Shape::Text, false) if is_owner => Shape::Choice,
        (shape, _) => shape,
    };
    Column {
        label: if label.is_empty() { property.name.clone() } else { label.to_owned() },
        place: Place::Property(property.name.clone()),
        shape,
        read_only: property.calculated == Some(true)
            || property.modification_metadata.read_only_value == Some(true)
            || shape == Shape::Other,
        required: entity.required.contains(&property.name.as_str())
            || account.required.contains(&property.name),
        unique: property.has_unique_value == Some(true)
            || (entity.kind == Kind::Contact && property.name == "email"),
        options,
    }
}

fn shape(property: &WireProperty) -> Shape {
    let field_type = property.field_type.as_deref().unwrap_or_default();
    match property.ty.as_deref().unwrap_or_default() {
        "string" | "phone_number" => Shape::Text,
        "number" => Shape::Number,
        "bool" => Shape::Bool,
        "date" => Shape::Date,
        "datetime" => Shape::Instant,
        "enumeration" if field_type == "booleancheckbox" => Shape::Bool,
        "enumeration" if field_type == "checkbox" => Shape::Choices,
        "enumeration" => Shape::Choice,
        _ => Shape::Other,
    }
}

fn choice(option: &WireOption) -> Choice {
    let label = option.label.trim();
    let label = if label.is_empty() { &option.value } else { label };
    Choice { value: option.value.clone(), label: label.to_owned(), also: Vec::new() }
}

fn pipelines(pipelines: &[WirePipeline]) -> Vec<Choice> {
    let named = |pipeline: &WirePipeline| {
        let value = pipeline.id.0.clone()?;
        Some(Choice { value, label: pipeline.label.trim().to_owned(), also: Vec::new() })
    };
    pipelines.iter().filter_map(named).collect()
}

/// Stages by label; where two pipelines have a stage of one label, as `Pipeline/Stage`, which is always understood.
fn stages(pipelines: &[WirePipeline]) -> Vec<Choice> {
    let all =
        || pipelines.iter().flat_map(|pipeline| pipeline.stages.iter().map(move |stage| (pipeline, stage)));
    let named = |(pipeline, stage): (&WirePipeline, &super::wire::WireStage)| {
        let (label, value) = (stage.label.trim(), stage.id.0.clone()?);
        let full = format!("{}/{label}", pipeline.label.trim());
        let is_alone = all().filter(|(_, other)| other.label.trim() == label).count() == 1;
        let label = if is_alone { label.to_owned() } else { full.clone() };
        Some(Choice { value, label, also: vec![full] })
    };
    all().filter_map(named).collect()
}

/// Owners by e-mail address, which HubSpot keeps unique; a full name is understood too.
fn owner(owner: &WireOwner) -> Option<Choice> {
    let value = owner.id.0.clone()?;
    let parts = [owner.first_name.as_deref(), owner.last_name.as_deref()];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ").trim().to_owned();
    let email = owner.email.clone().filter(|email| !email.is_empty());
    let label = email.unwrap_or_else(|| if name.is_empty() { value.clone() } else { name.clone() });
    Some(Choice { value, label, also: vec![name] })
}

fn lines() -> Column {
    Column {
        label: "Line items".to_owned(),
        place: Place::Lines,
        shape: Shape::Lines,
        read_only: true,
        required: false,
        unique: false,
        options: Vec::new(),
    }
}

/// The fields for the associations with one kind: all of them, and each label.
fn associations(kind: Kind, object: &str, types: &[AssociationType]) -> Vec<(String, Column)> {
    let plain = types.iter().find(|ty| ty.label.is_none()).cloned();
    let field = |label: Option<&AssociationType>| {
        let target = Target { kind, object: object.to_owned(), label: label.cloned(), plain: plain.clone() };
        let text = label.and_then(|ty| ty.label.clone());
        let name = text
            .as_ref()
            .map_or_else(|| format!("{ASSOCIATION}{kind}"), |text| format!("{ASSOCIATION}{kind}:{text}"));
        let column = Column {
            label: text
                .map_or_else(|| format!("Associated {kind}"), |text| format!("Associated {kind}, {text}")),
            place: Place::Association(target),
            shape: Shape::References(kind),
            read_only: false,
            required: false,
            unique: false,
            options: Vec::new(),
        };
        (name, column)
    };
    let labelled = types.iter().filter(|ty| ty.label.is_some()).map(|ty| field(Some(ty)));
    std::iter::once(field(None)).chain(labelled).collect()
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
