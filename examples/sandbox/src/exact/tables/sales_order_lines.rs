//! A line of a sales order.

use crate::exact::schema::{Echo, Edm, Entity, Kind, Property, Unset, Width};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.SalesOrder.SalesOrderLine",
    kind: Kind::SalesOrderLine,
    key: "ID",
    properties: PROPERTIES,
    deleted_as: Some(33),
    topic: Some("SalesOrders"),
    echo: Echo::Filled,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid).approved(),
    Property::new("AmountDC", Edm::Double).not_null(),
    Property::new("AmountFC", Edm::Double).not_null(),
    Property::new("CostCenter", Edm::String).approved().writable(),
    Property::new("CostCenterDescription", Edm::String),
    Property::new("CostPriceFC", Edm::Double),
    Property::new("CostUnit", Edm::String).approved().writable(),
    Property::new("CostUnitDescription", Edm::String),
    Property::new("CustomerItemCode", Edm::String).writable(),
    Property::new("CustomField", Edm::String),
    Property::new("DeliveryDate", Edm::DateTime).approved().writable(),
    Property::new("DeliveryStatus", Edm::Int16).approved(),
    Property::new("Description", Edm::String).approved().writable(),
    Property::new("Discount", Edm::Double).writable().unset(Unset::Number(0)),
    Property::new("Division", Edm::Int32).not_null(),
    Property::new("InvoiceStatus", Edm::Int16).approved(),
    Property::new("Item", Edm::Guid).approved().writable().required().of(Kind::Item),
    Property::new("ItemCode", Edm::String).looked_up("Item", "Code"),
    Property::new("ItemDescription", Edm::String).looked_up("Item", "Description"),
    Property::new("ItemVersion", Edm::Guid).approved().writable(),
    Property::new("ItemVersionDescription", Edm::String),
    Property::new("LineNumber", Edm::Int32).approved().not_null(),
    Property::new("Margin", Edm::Double).writable().unset(Unset::Number(0)),
    Property::new("NetPrice", Edm::Double).writable(),
    Property::new("Notes", Edm::String).writable(),
    Property::new("OrderID", Edm::Guid)
        .approved()
        .writable()
        .required()
        .of(Kind::SalesOrder)
        .not_null()
        .unset(Unset::Null)
        .indexed(),
    Property::new("OrderNumber", Edm::Int32).approved().not_null(),
    Property::new("OrderStatus", Edm::Int16).approved(),
    Property::new("Pricelist", Edm::Guid).approved().writable(),
    Property::new("PricelistDescription", Edm::String),
    Property::new("Project", Edm::Guid).approved().writable(),
    Property::new("ProjectDescription", Edm::String),
    Property::new("PurchaseOrder", Edm::Guid),
    Property::new("PurchaseOrderLine", Edm::Guid),
    Property::new("PurchaseOrderLineNumber", Edm::Int32),
    Property::new("PurchaseOrderNumber", Edm::Int32),
    Property::new("Quantity", Edm::Double).writable(),
    Property::new("QuantityDelivered", Edm::Double).unset(Unset::Number(0)),
    Property::new("QuantityInvoiced", Edm::Double).unset(Unset::Number(0)),
    Property::new("ShopOrder", Edm::Guid).approved().writable(),
    Property::new("TaxSchedule", Edm::Guid).writable(),
    Property::new("TaxScheduleCode", Edm::String),
    Property::new("TaxScheduleDescription", Edm::String),
    Property::new("UnitCode", Edm::String).writable().code_of(Kind::Unit),
    Property::new("UnitDescription", Edm::String).looked_up("UnitCode", "Description"),
    Property::new("UnitPrice", Edm::Double).writable(),
    Property::new("UseDropShipment", Edm::Byte).approved().writable().not_null().unset(Unset::Number(0)),
    Property::new("VATAmount", Edm::Double),
    Property::new("VATCode", Edm::String).width(Width::Right(3)).approved().writable().code_of(Kind::VatCode),
    Property::new("VATCodeDescription", Edm::String).looked_up("VATCode", "Description"),
    Property::new("VATPercentage", Edm::Double),
];
