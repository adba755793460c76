//! A line of a sales invoice.

use crate::exact::schema::{Echo, Edm, Entity, Kind, Property, Unset, Width};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.SalesInvoice.SalesInvoiceLine",
    kind: Kind::SalesInvoiceLine,
    key: "ID",
    properties: PROPERTIES,
    topic: Some("SalesInvoices"),
    echo: Echo::Filled,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid).approved(),
    Property::new("AmountDC", Edm::Double),
    Property::new("AmountFC", Edm::Double),
    Property::new("CostCenter", Edm::String).approved().writable(),
    Property::new("CostCenterDescription", Edm::String),
    Property::new("CostUnit", Edm::String).approved().writable(),
    Property::new("CostUnitDescription", Edm::String),
    Property::new("CustomerItemCode", Edm::String).writable(),
    Property::new("CustomField", Edm::String),
    Property::new("DeliveryDate", Edm::DateTime).writable(),
    Property::new("Description", Edm::String).approved().writable(),
    Property::new("Discount", Edm::Double).writable().unset(Unset::Number(0)),
    Property::new("Division", Edm::Int32),
    Property::new("Employee", Edm::Guid).approved().writable(),
    Property::new("EmployeeFullName", Edm::String),
    Property::new("EndTime", Edm::DateTime).writable(),
    Property::new("ExtraDutyAmountFC", Edm::Double).writable(),
    Property::new("ExtraDutyPercentage", Edm::Double).writable(),
    Property::new("GLAccount", Edm::Guid).approved().writable().of(Kind::GlAccount),
    Property::new("GLAccountDescription", Edm::String).looked_up("GLAccount", "Description"),
    Property::new("InvoiceID", Edm::Guid)
        .approved()
        .writable()
        .required()
        .of(Kind::SalesInvoice)
        .not_null()
        .unset(Unset::Null)
        .indexed(),
    Property::new("Item", Edm::Guid).approved().writable().required().of(Kind::Item),
    Property::new("ItemCode", Edm::String).looked_up("Item", "Code"),
    Property::new("ItemDescription", Edm::String).looked_up("Item", "Description"),
    Property::new("LineNumber", Edm::Int32).approved(),
    Property::new("NetPrice", Edm::Double).writable(),
    Property::new("Notes", Edm::String).writable(),
    Property::new("Pricelist", Edm::Guid).approved().writable(),
    Property::new("PricelistDescription", Edm::String),
    Property::new("Project", Edm::Guid).approved().writable(),
    Property::new("ProjectDescription", Edm::String),
    Property::new("ProjectWBS", Edm::Guid).writable(),
    Property::new("ProjectWBSDescription", Edm::String),
    Property::new("Quantity", Edm::Double).writable(),
    Property::new("SalesOrder", Edm::Guid).approved().writable().of(Kind::SalesOrder).indexed(),
    Property::new("SalesOrderLine", Edm::Guid).approved().writable().of(Kind::SalesOrderLine).indexed(),
    Property::new("SalesOrderLineNumber", Edm::Int32).looked_up("SalesOrderLine", "LineNumber"),
    Property::new("SalesOrderNumber", Edm::Int32).looked_up("SalesOrder", "OrderNumber"),
    Property::new("StartTime", Edm::DateTime).writable(),
    Property::new("Subscription", Edm::Guid).approved(),
    Property::new("SubscriptionDescription", Edm::String),
    Property::new("TaxSchedule", Edm::Guid).approved().writable(),
    Property::new("TaxScheduleCode", Edm::String),
    Property::new("TaxScheduleDescription", Edm::String),
    Property::new("UnitCode", Edm::String).writable().code_of(Kind::Unit),
    Property::new("UnitDescription", Edm::String).looked_up("UnitCode", "Description"),
    Property::new("UnitPrice", Edm::Double).writable(),
    Property::new("VATAmountDC", Edm::Double),
    Property::new("VATAmountFC", Edm::Double),
    Property::new("VATCode", Edm::String).width(Width::Right(3)).approved().writable().code_of(Kind::VatCode),
    Property::new("VATCodeDescription", Edm::String).looked_up("VATCode", "Description"),
    Property::new("VATPercentage", Edm::Double),
];
