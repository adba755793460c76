//! A journal of the ledger.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Financial.Journal",
    kind: Kind::Journal,
    key: "ID",
    properties: PROPERTIES,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("AllowVariableCurrency", Edm::Boolean).writable(),
    Property::new("AllowVariableExchangeRate", Edm::Boolean).writable(),
    Property::new("AllowVAT", Edm::Boolean).writable(),
    Property::new("AutoSave", Edm::Boolean).writable(),
    Property::new("Bank", Edm::Guid).writable(),
    Property::new("BankAccountBICCode", Edm::String),
    Property::new("BankAccountCountry", Edm::String),
    Property::new("BankAccountDescription", Edm::String),
    Property::new("BankAccountIBAN", Edm::String),
    Property::new("BankAccountID", Edm::Guid).writable(),
    Property::new("BankAccountIncludingMask", Edm::String).writable(),
    Property::new("BankAccountUseSEPA", Edm::Boolean),
    Property::new("BankAccountUseSepaDirectDebit", Edm::Boolean),
    Property::new("BankName", Edm::String),
    Property::new("Code", Edm::String).writable().required().indexed(),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("Currency", Edm::String).writable().code_of(Kind::Currency),
    Property::new("CurrencyDescription", Edm::String).looked_up("Currency", "Description"),
    Property::new("CustomField", Edm::String),
    Property::new("Description", Edm::String).writable().required(),
    Property::new("Division", Edm::Int32),
    Property::new("GLAccount", Edm::Guid).writable().of(Kind::GlAccount),
    Property::new("GLAccountCode", Edm::String).looked_up("GLAccount", "Code"),
    Property::new("GLAccountDescription", Edm::String).looked_up("GLAccount", "Description"),
    Property::new("GLAccountType", Edm::Int32).looked_up("GLAccount", "Type"),
    Property::new("IsBlocked", Edm::Boolean).writable().unset(Unset::False),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("PaymentInTransitAccount", Edm::Guid).writable(),
    Property::new("PaymentServiceAccountIdentifier", Edm::String).writable(),
    Property::new("PaymentServiceProvider", Edm::Int32).writable(),
    Property::new("PaymentServiceProviderName", Edm::String),
    Property::new("Type", Edm::Int32).writable().required(),
];
