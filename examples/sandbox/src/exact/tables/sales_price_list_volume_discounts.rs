//! What a price list says of an item, or of a group of items, from a quantity on. The API only reads it.

use crate::exact::schema::{Edm, Entity, Kind, Property};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Sales.SalesPriceListVolumeDiscount",
    kind: Kind::SalesPriceListVolumeDiscount,
    key: "ID",
    properties: PROPERTIES,
    deleted_as: Some(31),
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("BasePrice", Edm::Guid).writable(),
    Property::new("BasePriceAmount", Edm::Double).writable(),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("Discount", Edm::Double).writable(),
    Property::new("Division", Edm::Int32),
    Property::new("EntryMethod", Edm::Int32).writable(),
    Property::new("Item", Edm::Guid).writable().of(Kind::Item).indexed(),
    Property::new("ItemCode", Edm::String).looked_up("Item", "Code"),
    Property::new("ItemDescription", Edm::String).looked_up("Item", "Description"),
    Property::new("ItemGroup", Edm::Guid).writable().of(Kind::ItemGroup),
    Property::new("ItemGroupCode", Edm::String).looked_up("ItemGroup", "Code"),
    Property::new("ItemGroupDescription", Edm::String).looked_up("ItemGroup", "Description"),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("NewPrice", Edm::Double).writable(),
    Property::new("NumberOfItemsPerUnit", Edm::Double).writable(),
    Property::new("PriceListCode", Edm::String),
    Property::new("PriceListDescription", Edm::String),
    Property::new("PriceListPeriod", Edm::Guid)
        .writable()
        .required()
        .of(Kind::SalesPriceListPeriod)
        .indexed(),
    Property::new("Quantity", Edm::Double).writable(),
    Property::new("SalesUnit", Edm::String).looked_up("Item", "Unit"),
    Property::new("Unit", Edm::String).writable().code_of(Kind::Unit),
    Property::new("UnitDescription", Edm::String).looked_up("Unit", "Description"),
];
