//! From when to when prices of a list hold. The API only reads it.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Sales.SalesPriceListPeriod",
    kind: Kind::SalesPriceListPeriod,
    key: "ID",
    properties: PROPERTIES,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("Currency", Edm::String).writable().code_of(Kind::Currency),
    Property::new("Division", Edm::Int32),
    Property::new("EndDate", Edm::DateTime).writable(),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("PriceList", Edm::Guid).writable().required().of(Kind::SalesPriceList).indexed(),
    Property::new("StartDate", Edm::DateTime).writable(),
    Property::new("Type", Edm::Int16).writable().unset(Unset::Number(1)),
];
