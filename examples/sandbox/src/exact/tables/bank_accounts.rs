//! A bank account of an account.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.CRM.BankAccount",
    kind: Kind::BankAccount,
    key: "ID",
    properties: PROPERTIES,
    deleted_as: Some(48),
    topic: Some("BankAccounts"),
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("Account", Edm::Guid).writable().required().of(Kind::Account).indexed(),
    Property::new("AccountName", Edm::String).looked_up("Account", "Name"),
    Property::new("Bank", Edm::Guid),
    Property::new("BankAccount", Edm::String).writable().required(),
    Property::new("BankAccountHolderName", Edm::String).writable(),
    Property::new("BankDescription", Edm::String),
    Property::new("BankName", Edm::String),
    Property::new("BICCode", Edm::String).writable(),
    Property::new("Blocked", Edm::Boolean),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("Description", Edm::String).writable(),
    Property::new("Division", Edm::Int32),
    Property::new("Format", Edm::String),
    Property::new("IBAN", Edm::String),
    Property::new("Main", Edm::Boolean).writable().unset(Unset::False),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("PaymentServiceAccount", Edm::Guid),
    Property::new("Type", Edm::String).writable().unset(Unset::Text("A")),
    Property::new("TypeDescription", Edm::String),
];
