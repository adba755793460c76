//! A price list that customers share. The API only reads it.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Sales.SalesPriceList",
    kind: Kind::SalesPriceList,
    key: "ID",
    properties: PROPERTIES,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("Code", Edm::String).writable().required(),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("Currency", Edm::String).writable().code_of(Kind::Currency),
    Property::new("Description", Edm::String).writable(),
    Property::new("Division", Edm::Int32),
    Property::new("Entity", Edm::Int16).writable().unset(Unset::Number(1)),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("Notes", Edm::String).writable(),
    Property::new("Type", Edm::Int16).writable().unset(Unset::Number(1)),
];
