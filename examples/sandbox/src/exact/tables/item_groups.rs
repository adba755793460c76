//! A group of items, with its ledger accounts.

use crate::exact::schema::{Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Logistics.ItemGroup",
    kind: Kind::ItemGroup,
    key: "ID",
    properties: PROPERTIES,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("Code", Edm::String).writable(),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("Description", Edm::String).writable(),
    Property::new("Division", Edm::Int32),
    Property::new("GLCosts", Edm::Guid).of(Kind::GlAccount),
    Property::new("GLCostsCode", Edm::String).looked_up("GLCosts", "Code"),
    Property::new("GLCostsDescription", Edm::String).looked_up("GLCosts", "Description"),
    Property::new("GLCostsWorkInProgress", Edm::Guid),
    Property::new("GLCostsWorkInProgressCode", Edm::String),
    Property::new("GLCostsWorkInProgressDescription", Edm::String),
    Property::new("GLPurchaseAccount", Edm::Guid),
    Property::new("GLPurchaseAccountCode", Edm::String),
    Property::new("GLPurchaseAccountDescription", Edm::String),
    Property::new("GLPurchasePriceDifference", Edm::Guid),
    Property::new("GLPurchasePriceDifferenceCode", Edm::String),
    Property::new("GLPurchasePriceDifferenceDescr", Edm::String),
    Property::new("GLRevenue", Edm::Guid).of(Kind::GlAccount),
    Property::new("GLRevenueCode", Edm::String).looked_up("GLRevenue", "Code"),
    Property::new("GLRevenueDescription", Edm::String).looked_up("GLRevenue", "Description"),
    Property::new("GLRevenueWorkInProgress", Edm::Guid),
    Property::new("GLRevenueWorkInProgressCode", Edm::String),
    Property::new("GLRevenueWorkInProgressDescription", Edm::String),
    Property::new("GLStock", Edm::Guid).of(Kind::GlAccount),
    Property::new("GLStockCode", Edm::String).looked_up("GLStock", "Code"),
    Property::new("GLStockDescription", Edm::String).looked_up("GLStock", "Description"),
    Property::new("GLStockVariance", Edm::Guid),
    Property::new("GLStockVarianceCode", Edm::String),
    Property::new("GLStockVarianceDescription", Edm::String),
    Property::new("IsDefault", Edm::Byte).unset(Unset::Number(0)),
    Property::new("Modified", Edm::DateTime),
    Property::new("Modifier", Edm::Guid),
    Property::new("ModifierFullName", Edm::String),
    Property::new("Notes", Edm::String),
];
