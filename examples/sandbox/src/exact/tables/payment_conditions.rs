//! When and how an invoice is paid.

use crate::exact::schema::{Edm, Entity, Kind, Property};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Cashflow.PaymentCondition",
    kind: Kind::PaymentCondition,
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
    Property::new("CreditManagementScenario", Edm::Guid).writable(),
    Property::new("CreditManagementScenarioCode", Edm::String),
    Property::new("CreditManagementScenarioDescription", Edm::String),
    Property::new("Description", Edm::String).writable().required(),
    Property::new("DiscountCalculation", Edm::String).writable(),
    Property::new("DiscountPaymentDays", Edm::Int32).writable(),
    Property::new("DiscountPercentage", Edm::Double).writable(),
    Property::new("Division", Edm::Int32),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("PaymentDays", Edm::Int32).writable(),
    Property::new("PaymentDiscountType", Edm::String).writable(),
    Property::new("PaymentEndOfMonths", Edm::Int32).writable(),
    Property::new("PaymentMethod", Edm::String).writable(),
    Property::new("Percentage", Edm::Double).writable(),
    Property::new("VATCalculation", Edm::String).writable(),
];
