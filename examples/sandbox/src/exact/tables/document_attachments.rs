//! A file of a document.

use crate::exact::schema::{Echo, Edm, Entity, Kind, Property};

pub(in crate::exact) static ENTITY: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Documents.DocumentAttachment",
    kind: Kind::DocumentAttachment,
    key: "ID",
    properties: PROPERTIES,
    deleted_as: Some(4),
    topic: Some("DocumentAttachments"),
    echo: Echo::Filled,
    ..Entity::PLAIN
};

static PROPERTIES: &[Property] = &[
    Property::new("ID", Edm::Guid),
    Property::new("Attachment", Edm::Binary).writable().required().write_only(),
    Property::new("Document", Edm::Guid).writable().required().of(Kind::Document).indexed(),
    Property::new("FileName", Edm::String).writable().required(),
    Property::new("FileSize", Edm::Double),
    Property::new("Url", Edm::String),
];
