//! The two searches and their different ideas of equality.

use serde_json::{Value, json};

use super::list::by_position;
use super::refusal::Refusal;
use super::search::Document;
use super::state::State;
use crate::http::Request;

/// What a page of results is, with the cursor of the next.
type Found = Result<(Vec<Value>, Option<String>), Refusal>;

/// `GET /organizations/search`: any chosen field, case ignored, values without their keys.
pub(super) fn organizations(state: &State, request: &Request) -> Found {
    let exact = match request.parameter("exact_match") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Refusal::schema("exact_match", "must be true or false")),
    };
    let term = term(request, exact)?.to_lowercase();
    let fields: Vec<&str> =
        request.parameter("fields").map_or_else(Vec::new, |fields| fields.split(',').collect());
    if let Some(unknown) =
        fields.iter().find(|field| !["address", "custom_fields", "notes", "name"].contains(field))
    {
        return Err(Refusal::schema("fields", &format!("{unknown} cannot be searched")));
    }
    let wanted = |field: &str| fields.is_empty() || fields.contains(&field);
    let hit =
        |text: &str| if exact { text.to_lowercase() == term } else { text.to_lowercase().contains(&term) };
    let matches = |document: &Document| {
        (wanted("name") && hit(&document.name))
            || (wanted("custom_fields") && document.values.values().any(|value| hit(value)))
    };
    let candidates: Vec<(i64, &Document)> =
        if exact { state.index.whole(&term).collect() } else { state.index.all().collect() };
    let items = candidates.into_iter().filter(|(_, document)| matches(document)).map(|(id, document)| {
        let values: Vec<&String> = document.values.values().filter(|value| hit(value)).collect();
        json!({
            "result_score": if exact { 1.0 } else { 0.5 },
            "item": {
                "id": id,
                "type": "organization",
                "name": document.name,
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
    match request.parameter("entity_type") {
        Some("organization") => {}
        _ => return Err(Refusal::schema("entity_type", "only organization is served here")),
    }
    let code = request.parameter("field").ok_or_else(|| Refusal::schema("field", "is required"))?;
    let searchable =
        code == "name" || state.fields.iter().any(|field| field.code == code && field.is_searchable());
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
        "exact" => state.index.whole(term).collect(),
        "beginning" | "middle" => state.index.all().collect(),
        _ => return Err(Refusal::schema("match", "must be one of exact, beginning, middle")),
    };
    let text = |document: &Document| -> Option<String> {
        if code == "name" { Some(document.name.clone()) } else { document.values.get(code).cloned() }
    };
    let items = candidates
        .into_iter()
        .filter(|(_, document)| text(document).is_some_and(|text| hit(&text)))
        .map(|(id, document)| json!({ "id": id, "name": document.name }));
    by_position(items.collect(), request, 100, &state.settings)
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
