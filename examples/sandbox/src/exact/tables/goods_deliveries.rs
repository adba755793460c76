//! The header of a shipment.

use crate::exact::schema::{Echo, Edm, Entity, Kind, Lines, Property, Width};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.SalesOrder.GoodsDelivery",
    kind: Kind::GoodsDelivery,
    key: "EntryID",
    properties: PROPERTIES,
    lines: Some(Lines {
        property: "GoodsDeliveryLines",
        entity: &super::goods_delivery_lines::ENTITY,
        parent: "EntryID",
    }),
    deleted_as: Some(16),
    topic: Some("GoodsDeliveries"),
    echo: Echo::Filled,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("EntryID", Edm::Guid),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("DeliveryAccount", Edm::Guid).of(Kind::Account),
    Property::new("DeliveryAccountCode", Edm::String)
        .looked_up("DeliveryAccount", "Code")
        .width(Width::Left(18)),
    Property::new("DeliveryAccountName", Edm::String).looked_up("DeliveryAccount", "Name"),
    Property::new("DeliveryAddress", Edm::Guid).of(Kind::Address),
    Property::new("DeliveryContact", Edm::Guid).of(Kind::Contact),
    Property::new("DeliveryContactPersonFullName", Edm::String),
    Property::new("DeliveryDate", Edm::DateTime).writable().required(),
    Property::new("DeliveryNumber", Edm::Int32),
    Property::new("Description", Edm::String).writable(),
    Property::new("Division", Edm::Int32),
    Property::new("Document", Edm::Guid).writable().of(Kind::Document),
    Property::new("DocumentSubject", Edm::String).looked_up("Document", "Subject"),
    Property::new("EntryNumber", Edm::Int32),
    Property::new("GoodsDeliveryLines", Edm::Navigation),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("Remarks", Edm::String).writable(),
    Property::new("ShippingMethod", Edm::Guid).writable(),
    Property::new("ShippingMethodCode", Edm::String),
    Property::new("ShippingMethodDescription", Edm::String),
    Property::new("TrackingNumber", Edm::String).writable(),
    Property::new("Warehouse", Edm::Guid).of(Kind::Warehouse),
    Property::new("WarehouseCode", Edm::String).looked_up("Warehouse", "Code"),
    Property::new("WarehouseDescription", Edm::String).looked_up("Warehouse", "Description"),
];
