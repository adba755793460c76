//! A line of a shipment.

use crate::exact::schema::{Edm, Entity, Kind, Property};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.SalesOrder.GoodsDeliveryLine",
    kind: Kind::GoodsDeliveryLine,
    key: "ID",
    properties: PROPERTIES,
    deleted_as: Some(17),
    topic: Some("GoodsDeliveries"),
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("BatchNumbers", Edm::Navigation),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("CustomerItemCode", Edm::String).writable(),
    Property::new("DeliveryDate", Edm::DateTime),
    Property::new("Description", Edm::String).writable(),
    Property::new("Division", Edm::Int32),
    Property::new("EntryID", Edm::Guid).on_create().indexed(),
    Property::new("Item", Edm::Guid).of(Kind::Item),
    Property::new("ItemCode", Edm::String).looked_up("Item", "Code"),
    Property::new("ItemDescription", Edm::String).looked_up("Item", "Description"),
    Property::new("LineNumber", Edm::Int32),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("Notes", Edm::String).writable(),
    Property::new("QuantityDelivered", Edm::Double).writable().required(),
    Property::new("QuantityOrdered", Edm::Double),
    Property::new("SalesOrderLineID", Edm::Guid).writable().required().of(Kind::SalesOrderLine).indexed(),
    Property::new("SalesOrderLineNumber", Edm::Int32).looked_up("SalesOrderLineID", "LineNumber"),
    Property::new("SalesOrderNumber", Edm::Int32).looked_up("SalesOrderLineID", "OrderNumber"),
    Property::new("SerialNumbers", Edm::Navigation),
    Property::new("StorageLocation", Edm::Guid).writable(),
    Property::new("StorageLocationCode", Edm::String).writable(),
    Property::new("StorageLocationDescription", Edm::String).writable(),
    Property::new("TrackingNumber", Edm::String).writable(),
    Property::new("Unitcode", Edm::String),
];
