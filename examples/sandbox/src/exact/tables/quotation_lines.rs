//! A line of a quotation.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset, Width};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.CRM.QuotationLine",
    kind: Kind::QuotationLine,
    key: "ID",
    properties: PROPERTIES,
    deleted_as: Some(35),
    topic: Some("Quotations"),
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("AmountDC", Edm::Double),
    Property::new("AmountFC", Edm::Double),
    Property::new("CostCenter", Edm::String).writable(),
    Property::new("CostCenterDescription", Edm::String),
    Property::new("CostUnit", Edm::String).writable(),
    Property::new("CostUnitDescription", Edm::String),
    Property::new("CustomerItemCode", Edm::String).writable(),
    Property::new("CustomField", Edm::String),
    Property::new("Description", Edm::String).writable(),
    Property::new("Discount", Edm::Double).writable().unset(Unset::Number(0)),
    Property::new("Division", Edm::Int32),
    Property::new("Item", Edm::Guid).writable().required().of(Kind::Item),
    Property::new("ItemDescription", Edm::String).looked_up("Item", "Description"),
    Property::new("LineNumber", Edm::Int32),
    Property::new("NetPrice", Edm::Double).writable(),
    Property::new("Notes", Edm::String).writable(),
    Property::new("Optional", Edm::Boolean).writable(),
    Property::new("Quantity", Edm::Double).writable(),
    Property::new("QuotationID", Edm::Guid).writable().required().of(Kind::Quotation).indexed(),
    Property::new("QuotationNumber", Edm::Int32),
    Property::new("UnitCode", Edm::String).writable().code_of(Kind::Unit),
    Property::new("UnitDescription", Edm::String).looked_up("UnitCode", "Description"),
    Property::new("UnitPrice", Edm::Double).writable(),
    Property::new("VATAmountFC", Edm::Double),
    Property::new("VATCode", Edm::String).width(Width::Right(3)).writable().code_of(Kind::VatCode),
    Property::new("VATDescription", Edm::String).looked_up("VATCode", "Description"),
    Property::new("VATPercentage", Edm::Double),
    Property::new("VersionNumber", Edm::Int32),
];
