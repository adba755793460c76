use std::collections::BTreeMap;

use super::Kind;

/// The fields of a kind on one side, by the name that records use for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Schema {
    fields: BTreeMap<String, Field>,
}

impl Schema {
    /// A schema of these fields.
    pub fn new(fields: impl IntoIterator<Item = Field>) -> Self {
        Self { fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect() }
    }

    /// The field of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// All fields, by name.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.values()
    }
}

/// What is known of one field before anything is written to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name that records use: the vendor's property name, or `custom:Label`.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it holds.
    pub ty: FieldType,
    /// The longest text it takes, in characters.
    pub max_length: Option<usize>,
    /// How many decimals its numbers have at most, where the vendor tells: 0 for whole numbers.
    pub decimals: Option<u32>,
    /// Whether a record cannot be created without it.
    pub required: bool,
    /// Whether only the vendor writes it.
    pub read_only: bool,
    /// Whether it can be written only once the record is there: no create takes it.
    pub updates_only: bool,
    /// The labels to choose from, where it is a choice.
    pub options: Vec<String>,
}

impl Field {
    /// An optional, writable field of unlimited length.
    pub fn new(name: impl Into<String>, label: impl Into<String>, ty: FieldType) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            ty,
            max_length: None,
            decimals: None,
            required: false,
            read_only: false,
            updates_only: false,
            options: Vec::new(),
        }
    }

    /// Limits its length, in characters.
    #[must_use]
    pub fn max_length(mut self, characters: usize) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Limits the decimals of its numbers.
    #[must_use]
    pub fn decimals(mut self, most: u32) -> Self {
        self.decimals = Some(most);
        self
    }

    /// Makes it one that a new record must have.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Makes it one that only the vendor writes.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Makes it one that no create takes, and updates do.
    #[must_use]
    pub fn updates_only(mut self) -> Self {
        self.updates_only = true;
        self
    }

    /// Gives it labels to choose from.
    #[must_use]
    pub fn options(mut self, labels: Vec<String>) -> Self {
        self.options = labels;
        self
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldType {
    /// Text.
    Text,
    /// A number, an amount included.
    Decimal,
    /// Yes or no.
    Bool,
    /// A calendar day.
    Date,
    /// A moment.
    Instant,
    /// One of the field's options, by label.
    Choice,
    /// Some of the field's options, by label.
    Choices,
    /// The id of a record of that kind.
    Reference(Kind),
    /// The lines of a document; their fields are the schema of [`Kind::Line`].
    Lines,
    /// Something that cannot be mapped.
    Other,
}

/// A custom field that is to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain data that the engine builds")]
pub struct NewField {
    /// The label; records then name the field `custom:Label`.
    pub label: String,
    /// What it holds.
    pub ty: FieldType,
}
