//! The resources that are served.

use super::accounts_table;
use super::schema::{Edm, Entity, Filters, Property, Resource, Rows};
use super::system_tables;

pub(super) static ACCOUNT: Entity = Entity {
    type_name: "Exact.Web.Api.Models.CRM.Account",
    key: "ID",
    properties: accounts_table::PROPERTIES,
    extra: &[],
};

static ACCOUNT_FEED: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Sync.CRM.AccountSync",
    key: "Timestamp",
    properties: accounts_table::PROPERTIES,
    extra: &[Property::new("Timestamp", Edm::Int64)],
};

static DELETED: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Sync.DeletedEntity",
    key: "Timestamp",
    properties: system_tables::DELETED,
    extra: &[],
};

static DIVISION: Entity = Entity {
    type_name: "Exact.Web.Api.Models.System.Division",
    key: "Code",
    properties: system_tables::DIVISION,
    extra: &[],
};

static USER: Entity = Entity {
    type_name: "Exact.Web.Api.Models.System.Me",
    key: "UserID",
    properties: system_tables::ME,
    extra: &[],
};

/// `current/Me`, the one resource without a division.
pub(super) static ME: Resource = Resource {
    path: "Me",
    entity: &USER,
    rows: Rows::Me,
    page: 60,
    filters: Filters::Any,
    wants_select: false,
    writable: false,
};

static RESOURCES: [Resource; 5] = [
    Resource {
        path: "crm/Accounts",
        entity: &ACCOUNT,
        rows: Rows::Accounts,
        page: 60,
        filters: Filters::Approved,
        wants_select: true,
        writable: true,
    },
    Resource {
        path: "bulk/CRM/Accounts",
        entity: &ACCOUNT,
        rows: Rows::Accounts,
        page: 1_000,
        filters: Filters::Approved,
        wants_select: true,
        writable: false,
    },
    Resource {
        path: "sync/CRM/Accounts",
        entity: &ACCOUNT_FEED,
        rows: Rows::AccountFeed,
        page: 1_000,
        filters: Filters::Only(&["Timestamp"]),
        wants_select: false,
        writable: false,
    },
    Resource {
        path: "sync/Deleted",
        entity: &DELETED,
        rows: Rows::Deleted,
        page: 1_000,
        filters: Filters::Only(&["Timestamp", "EntityType"]),
        wants_select: false,
        writable: false,
    },
    Resource {
        path: "system/Divisions",
        entity: &DIVISION,
        rows: Rows::Divisions,
        page: 60,
        filters: Filters::Any,
        wants_select: false,
        writable: false,
    },
];

/// Resource names are case-sensitive.
pub(super) fn resource(path: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.path == path)
}

/// A property's name of any resource, for good.
pub(super) fn property_name(name: &str) -> Option<&'static str> {
    RESOURCES.iter().find_map(|resource| resource.entity.property(name)).map(|property| property.name)
}
