//! A warehouse.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Inventory.Warehouse",
    kind: Kind::Warehouse,
    key: "ID",
    properties: PROPERTIES,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("Code", Edm::String).writable().required().indexed(),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("DefaultStorageLocation", Edm::Guid),
    Property::new("DefaultStorageLocationCode", Edm::String),
    Property::new("DefaultStorageLocationDescription", Edm::String),
    Property::new("Description", Edm::String).writable().required(),
    Property::new("Division", Edm::Int32),
    Property::new("EMail", Edm::String).writable(),
    Property::new("Main", Edm::Byte).writable().unset(Unset::Number(0)),
    Property::new("ManagerUser", Edm::Guid).writable(),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("UseStorageLocations", Edm::Byte).writable().unset(Unset::Number(0)),
];
