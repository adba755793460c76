//! The two searches and their different ideas of equality.

use serde_json::{Value, json};

use super::entity::Entity;
use super::list::by_position;
use super::refusal::Refusal;
use super::search::{Document, search_code};
use super::shelf::Shelf;
use super::state::State;
use crate::http::Request;

/// What a page of results is, with the cursor of the next.
type Found = Result<(Vec<Value>, Option<String>), Refusal>;

/// `GET /{kind}/search`: any chosen field, case ignored, values without their keys.
pub(super) fn any_field(state: &State, shelf: &Shelf, request: &Request) -> Found {
    let exact = match request.parameter("exact_match") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Refusal::schema("exact_match", "must be true or false")),
    };
    let term = term(request, exact)?.to_lowercase();
    let fields: Vec<&str> =
        request.parameter("fields").map_or_else(Vec::new, |fields| fields.split(',').collect());
    if let Some(unknown) = fields.iter().find(|field| {
        !["address", "custom_fields", "notes", "name", "title", "email", "phone", "code"].contains(field)
    }) {
        return Err(Refusal::schema("fields", &format!("{unknown} cannot be searched")));
    }
    let wanted = |field: &str| fields.is_empty() || fields.contains(&field);
    let hit =
        |text: &str| if exact { text.to_lowercase() == term } else { text.to_lowercase().contains(&term) };
    let matches = |document: &Document| {
        (wanted(shelf.entity.title) && hit(&document.name))
            || document.values.iter().any(|(code, text)| hit(text) && wanted(group(code)))
    };
    let candidates: Vec<(i64, &Document)> =
        if exact { shelf.index.whole(&term).collect() } else { shelf.index.all().collect() };
    let items = candidates.into_iter().filter(|(_, document)| matches(document)).map(|(id, document)| {
        let custom = document.values.iter().filter(|(code, _)| group(code) == "custom_fields");
        let values: Vec<&String> = custom.map(|(_, text)| text).filter(|text| hit(text)).collect();
        json!({
            "result_score": if exact { 1.0 } else { 0.5 },
            "item": {
                "id": id,
                "type": shelf.entity.word,
                shelf.entity.title: document.name,
                "visible_to": 3,
                "owner": { "id": 1 },
                "custom_fields": values,
                "notes": [],
            },
        })
    });
    by_position(items.collect(), request, 500, &state.settings)
}

/// `GET /itemSearch/field`: one field, case counts.
pub(super) fn field(state: &State, request: &Request) -> Found {
    let entity = request.parameter("entity_type").and_then(Entity::of_word);
    let entity = entity.filter(|entity| entity.version == 2);
    let entity = entity.ok_or_else(|| Refusal::schema("entity_type", "is none that is served here"))?;
    let shelf = state.shelf(entity.kind);
    let code = request.parameter("field").ok_or_else(|| Refusal::schema("field", "is required"))?;
    let searchable = code == entity.title
        || entity.searched.iter().any(|searched| search_code(searched) == code)
        || shelf.fields.iter().any(|field| field.code == code && field.is_searchable());
    if !searchable {
        return Err(Refusal::schema("field", &format!("{code} cannot be searched")));
    }
    let way = request.parameter("match").unwrap_or("exact");
    let term = term(request, way == "exact")?;
    let hit = |text: &str| match way {
        "exact" => text == term,
        "beginning" => text.starts_with(term),
        _ => text.contains(term),
    };
    let candidates: Vec<(i64, &Document)> = match way {
        "exact" => shelf.index.whole(term).collect(),
        "beginning" | "middle" => shelf.index.all().collect(),
        _ => return Err(Refusal::schema("match", "must be one of exact, beginning, middle")),
    };
    let matches = |document: &Document| {
        (code == entity.title && hit(&document.name)) || document.of_field(code).any(hit)
    };
    let items = candidates
        .into_iter()
        .filter(|(_, document)| matches(document))
        .map(|(id, document)| json!({ "id": id, entity.title: document.name }));
    by_position(items.collect(), request, 100, &state.settings)
}

/// The word by which the broad search calls a field.
fn group(code: &str) -> &str {
    if code.len() == 40 { "custom_fields" } else { code }
}

/// Two characters at least, or one where the whole value has to match.
fn term(request: &Request, exact: bool) -> Result<&str, Refusal> {
    let term = request.parameter("term").unwrap_or_default();
    let shortest = if exact { 1 } else { 2 };
    if term.chars().count() < shortest {
        return Err(Refusal::schema("term", &format!("needs at least {shortest} characters")));
    }
    Ok(term)
}
