//! A price of an item; with an account, an agreement with that customer.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Logistics.SalesItemPrice",
    kind: Kind::SalesItemPrice,
    key: "ID",
    properties: PROPERTIES,
    deleted_as: Some(8),
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("Account", Edm::Guid).writable().of(Kind::Account).indexed(),
    Property::new("AccountName", Edm::String).looked_up("Account", "Name"),
    Property::new("Barcode", Edm::String).writable(),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("Currency", Edm::String).writable().code_of(Kind::Currency),
    Property::new("DefaultItemUnit", Edm::String).code_of(Kind::Unit).unset(Unset::Text("pc")),
    Property::new("DefaultItemUnitDescription", Edm::String).looked_up("DefaultItemUnit", "Description"),
    Property::new("Division", Edm::Int32),
    Property::new("Employee", Edm::Guid).writable(),
    Property::new("EndDate", Edm::DateTime).writable(),
    Property::new("Item", Edm::Guid).writable().required().of(Kind::Item).indexed(),
    Property::new("ItemCode", Edm::String).looked_up("Item", "Code"),
    Property::new("ItemDescription", Edm::String).looked_up("Item", "Description"),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("NumberOfItemsPerUnit", Edm::Double).writable().unset(Unset::Number(1)),
    Property::new("Price", Edm::Double).writable(),
    Property::new("Project", Edm::Guid).writable(),
    Property::new("ProjectDescription", Edm::String).writable(),
    Property::new("Quantity", Edm::Double).writable().unset(Unset::Number(1)),
    Property::new("StartDate", Edm::DateTime).writable(),
    Property::new("Unit", Edm::String).writable().code_of(Kind::Unit).unset(Unset::Text("pc")),
    Property::new("UnitDescription", Edm::String).looked_up("Unit", "Description"),
];
