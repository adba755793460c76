//! What a request asks for, and what it costs.

use axum::http::StatusCode;

use super::entity::{Entity, Kind};
use super::refusal::Refusal;
use crate::http::{Request, path_segments};

#[derive(Clone, Copy, Debug)]
pub(super) enum Operation<'r> {
    List(&'static Entity),
    Archived,
    Create(&'static Entity),
    Get(&'static Entity, &'r str),
    Update(&'static Entity, &'r str),
    Delete(&'static Entity, &'r str),
    Merge(&'static Entity, &'r str),
    Search(&'static Entity),
    SearchField,
    Fields(&'static Entity),
    CreateField(&'static Entity),
    LinesOfDeals,
    Lines(&'r str),
    AddLine(&'r str),
    AddLines(&'r str),
    EditLine(&'r str, &'r str),
    RemoveLine(&'r str, &'r str),
    RemoveLines(&'r str),
    Discounts(&'r str),
    AddDiscount(&'r str),
    EditDiscount(&'r str, &'r str),
    RemoveDiscount(&'r str, &'r str),
    Pipelines,
    Stages,
    Webhooks,
    CreateWebhook,
    DeleteWebhook(&'r str),
    Me,
    Users,
    Currencies,
}

impl<'r> Operation<'r> {
    pub(super) fn of(request: &'r Request) -> Result<Self, Refusal> {
        let segments = path_segments(&request.path);
        let method = request.method.as_str();
        let found = match segments.as_slice() {
            ["api", "v2", rest @ ..] => Self::version_2(method, rest),
            ["api", "v1", rest @ ..] | ["v1", rest @ ..] => Self::version_1(method, rest),
            _ => None,
        };
        found.ok_or_else(|| match segments.as_slice() {
            ["api", "v2", plural, ..]
                if Entity::of_plural(plural, 2).is_some() || Entity::of_fields_path(plural).is_some() =>
            {
                Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
            }
            _ => Refusal::new(StatusCode::NOT_FOUND, "Unknown method ."),
        })
    }

    fn version_2(method: &str, segments: &[&'r str]) -> Option<Self> {
        Some(match (method, segments) {
            ("GET", ["deals", "archived"]) => Self::Archived,
            ("GET", ["deals", "products"]) => Self::LinesOfDeals,
            ("GET", ["deals", id, "products"]) => Self::Lines(id),
            ("POST", ["deals", id, "products"]) => Self::AddLine(id),
            ("DELETE", ["deals", id, "products"]) => Self::RemoveLines(id),
            ("POST", ["deals", id, "products", "bulk"]) => Self::AddLines(id),
            ("PATCH", ["deals", id, "products", line]) => Self::EditLine(id, line),
            ("DELETE", ["deals", id, "products", line]) => Self::RemoveLine(id, line),
            ("GET", ["deals", id, "discounts"]) => Self::Discounts(id),
            ("POST", ["deals", id, "discounts"]) => Self::AddDiscount(id),
            ("PATCH", ["deals", id, "discounts", discount]) => Self::EditDiscount(id, discount),
            ("DELETE", ["deals", id, "discounts", discount]) => Self::RemoveDiscount(id, discount),
            ("GET", ["itemSearch", "field"]) => Self::SearchField,
            ("GET", ["pipelines"]) => Self::Pipelines,
            ("GET", ["stages"]) => Self::Stages,
            ("GET", [plural, "search"]) => Self::Search(Entity::of_plural(plural, 2)?),
            ("GET", [path]) if Entity::of_fields_path(path).is_some() => {
                Self::Fields(Entity::of_fields_path(path)?)
            }
            ("POST", [path]) if Entity::of_fields_path(path).is_some() => {
                Self::CreateField(Entity::of_fields_path(path)?)
            }
            (_, [plural, rest @ ..]) => Self::record(method, "PATCH", Entity::of_plural(plural, 2)?, rest)?,
            _ => return None,
        })
    }

    fn version_1(method: &str, segments: &[&'r str]) -> Option<Self> {
        Some(match (method, segments) {
            ("GET", ["users", "me"]) => Self::Me,
            ("GET", ["users"]) => Self::Users,
            ("GET", ["currencies"]) => Self::Currencies,
            ("GET", ["webhooks"]) => Self::Webhooks,
            ("POST", ["webhooks"]) => Self::CreateWebhook,
            ("DELETE", ["webhooks", id]) => Self::DeleteWebhook(id),
            ("PUT", [plural, id, "merge"]) => {
                let entity = Entity::of_plural(plural, 2).filter(|entity| entity.kind != Kind::Product)?;
                Self::Merge(entity, id)
            }
            (_, [plural, rest @ ..]) => {
                let entity = Entity::of_plural(plural, 1)?;
                let update = if entity.kind == Kind::Lead { "PATCH" } else { "PUT" };
                Self::record(method, update, entity, rest)?
            }
            _ => return None,
        })
    }

    fn record(method: &str, update: &str, entity: &'static Entity, rest: &[&'r str]) -> Option<Self> {
        Some(match (method, rest) {
            ("GET", []) => Self::List(entity),
            ("POST", []) => Self::Create(entity),
            ("GET", [id]) => Self::Get(entity, id),
            ("DELETE", [id]) => Self::Delete(entity, id),
            (_, [id]) if method == update => Self::Update(entity, id),
            _ => return None,
        })
    }

    /// In tokens of the daily budget. Version 1 costs twice as much.
    pub(super) fn cost(self) -> u64 {
        let twice = |entity: &Entity, cost: u64| if entity.version == 1 { 2 * cost } else { cost };
        match self {
            Self::Get(entity, _) => twice(entity, 1),
            Self::Me => 2,
            Self::Delete(entity, _) => twice(entity, 3),
            Self::RemoveLine(..) | Self::RemoveDiscount(..) => 3,
            Self::Create(entity) | Self::Update(entity, _) => twice(entity, 5),
            Self::CreateField(_) | Self::AddLine(_) | Self::EditLine(..) => 5,
            Self::AddDiscount(_) | Self::EditDiscount(..) | Self::Pipelines | Self::Stages => 5,
            Self::DeleteWebhook(_) => 6,
            Self::Webhooks | Self::CreateWebhook => 10,
            Self::List(entity) => twice(entity, 10),
            Self::Fields(_) | Self::LinesOfDeals | Self::Lines(_) | Self::Discounts(_) => 10,
            Self::RemoveLines(_) => 15,
            Self::Search(_) | Self::SearchField | Self::Archived | Self::Users | Self::Currencies => 20,
            Self::AddLines(_) => 25,
            Self::Merge(..) => 40,
        }
    }

    pub(super) fn is_search(self) -> bool {
        matches!(self, Self::Search(_) | Self::SearchField)
    }
}
