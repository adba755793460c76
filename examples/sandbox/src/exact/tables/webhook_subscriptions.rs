//! Whom to tell of changes.

use crate::exact::schema::{Echo, Edm, Entity, Kind, Property, Unset};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Webhooks.WebhookSubscription",
    kind: Kind::WebhookSubscription,
    key: "ID",
    properties: PROPERTIES,
    echo: Echo::Filled,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("CallbackURL", Edm::String).writable().required(),
    Property::new("ClientID", Edm::Guid),
    Property::new("Created", Edm::DateTime),
    Property::new("Creator", Edm::Guid),
    Property::new("CreatorFullName", Edm::String),
    Property::new("Description", Edm::String),
    Property::new("Division", Edm::Int32),
    Property::new("Topic", Edm::String).writable().required(),
    Property::new("UserID", Edm::Guid),
    Property::new("IsInstant", Edm::Boolean).writable().unset(Unset::False),
];
