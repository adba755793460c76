//! A unit of items.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Logistics.Unit",
    kind: Kind::Unit,
    key: "ID",
    properties: PROPERTIES,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("Active", Edm::Boolean).unset(Unset::True),
    Property::new("Code", Edm::String).indexed(),
    Property::new("Description", Edm::String),
    Property::new("Division", Edm::Int32),
    Property::new("Main", Edm::Byte).unset(Unset::Number(0)),
    Property::new("TimeUnit", Edm::String),
    Property::new("Type", Edm::String),
];
