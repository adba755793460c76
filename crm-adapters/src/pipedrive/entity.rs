//! The kinds of record that this adapter knows, as data: where they live and what they are made of.

use crate::error::{Error, ErrorKind, Result};
use crate::model::Kind;

/// The longest text of a `varchar` field, in characters.
pub(super) const VARCHAR: usize = 255;

/// One kind of record in Pipedrive.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// Pipedrive's own word, as its search wants it.
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    pub(super) fields_path: &'static str,
    pub(super) properties: &'static [Property],
}

/// A built-in property.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) shape: Shape,
    pub(super) access: Access,
    /// Whether the search by one field takes it.
    pub(super) searchable: bool,
}

/// Who may write a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Writable,
    Required,
    ReadOnly,
}

/// How a value looks on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text, with its longest length in characters.
    Text(Option<usize>),
    Number,
    Bool,
    Date,
    Instant,
    /// The id of an option.
    Choice,
    /// The ids of options.
    Choices,
    /// An object whose `value` is the address as text.
    Address,
    /// An object of `value` and `currency`. Without a currency in the neutral model it is only read.
    Money,
    /// The id of a record of that kind; of something that has no kind here, such as a user, without one.
    Id(Option<Kind>),
    /// Something that has no neutral form.
    Other,
}

const fn property(name: &'static str, label: &'static str, shape: Shape) -> Property {
    Property { name, label, shape, access: Access::Writable, searchable: false }
}

impl Property {
    const fn read_only(mut self) -> Self {
        self.access = Access::ReadOnly;
        self
    }

    const fn required(mut self) -> Self {
        self.access = Access::Required;
        self
    }

    const fn searchable(mut self) -> Self {
        self.searchable = true;
        self
    }
}

const ORGANIZATION: Entity = Entity {
    kind: Kind::Company,
    name: "organization",
    path: "/api/v2/organizations",
    fields_path: "/api/v2/organizationFields",
    properties: &[
        property("id", "ID", Shape::Number).read_only(),
        property("name", "Name", Shape::Text(Some(VARCHAR))).required().searchable(),
        property("address", "Address", Shape::Address),
        property("website", "Website", Shape::Text(Some(VARCHAR))),
        property("linkedin", "LinkedIn profile", Shape::Text(Some(VARCHAR))),
        property("industry", "Industry", Shape::Choice),
        property("annual_revenue", "Annual revenue", Shape::Number),
        property("employee_count", "Number of employees", Shape::Number),
        property("owner_id", "Owner", Shape::Id(None)),
        property("label_ids", "Labels", Shape::Choices),
        property("visible_to", "Visible to", Shape::Number),
        property("add_time", "Created", Shape::Instant).read_only(),
        property("update_time", "Updated", Shape::Instant).read_only(),
    ],
};

const ENTITIES: [&Entity; 1] = [&ORGANIZATION];

/// The entity of a kind.
pub(super) fn entity(kind: Kind) -> Result<&'static Entity> {
    ENTITIES.into_iter().find(|entity| entity.kind == kind).ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, format!("the Pipedrive adapter does not know the kind {kind}"))
    })
}

/// The shape of a custom field, by the vendor's name of its type.
pub(super) fn custom_shape(field_type: &str) -> Shape {
    match field_type {
        "varchar" | "varchar_auto" | "phone" => Shape::Text(Some(VARCHAR)),
        "text" => Shape::Text(None),
        "double" | "int" => Shape::Number,
        "boolean" => Shape::Bool,
        "date" => Shape::Date,
        "enum" => Shape::Choice,
        "set" => Shape::Choices,
        "address" => Shape::Address,
        "monetary" => Shape::Money,
        "org" => Shape::Id(Some(Kind::Company)),
        "people" => Shape::Id(Some(Kind::Contact)),
        "user" => Shape::Id(None),
        _ => Shape::Other,
    }
}

/// Whether the search by one field takes a custom field of that type.
pub(super) fn is_searchable(field_type: &str) -> bool {
    matches!(field_type, "address" | "varchar" | "text" | "varchar_auto" | "double" | "monetary" | "phone")
}
