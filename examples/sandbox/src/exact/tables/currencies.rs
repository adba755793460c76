//! A currency in use.

use crate::exact::schema::{Edm, Entity, Kind, Property};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.General.Currency",
    kind: Kind::Currency,
    key: "Code",
    properties: PROPERTIES,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("Code", Edm::String).indexed(),
    Property::new("AmountPrecision", Edm::Double),
    Property::new("Created", Edm::DateTime),
    Property::new("Description", Edm::String),
    Property::new("Modified", Edm::DateTime),
    Property::new("PricePrecision", Edm::Double),
];
