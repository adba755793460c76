//! Reading: lists, single entities, the lines of a header, counts.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cell::{Cell, Row};
use super::division::Division;
use super::odata::{Options, Page, envelope, page, read_literal};
use super::refusal::Refusal;
use super::schema::{Entity, Filters, Property, Resource, Rows};
use super::state::{State, Target};
use super::{invoice_feed, system};
use crate::http::{Reply, Request};

pub(super) fn answer(
    state: &State,
    request: &Request,
    target: &Target,
    now: DateTime<Utc>,
) -> Result<Reply, Refusal> {
    if let Some(property) = &target.navigation {
        return lines(state, request, target, property);
    }
    let options = Options::parse(&request.query, target.resource.entity)?;
    if let Some(key) = &target.key {
        return single(state, target, &options, &read_literal(key)?, now);
    }
    check(target.resource, &options, state)?;
    if target.count {
        let all = with_rows(state, target, &options, now, |rows| {
            page(rows, &options, target.resource.entity, usize::MAX).rows.len()
        })?;
        return Ok(Reply::text(StatusCode::OK, "text/plain", all.to_string()));
    }
    let body = with_rows(state, target, &options, now, |rows| list(state, target, &options, rows))?;
    Ok(Reply::json(StatusCode::OK, &body))
}

/// The whole entity, as after `Prefer: return=representation`.
pub(super) fn whole(division: &Division, entity: &'static Entity, id: Uuid, uri: &str) -> Option<Value> {
    let row = division.get(entity.kind, id)?;
    Some(row.to_json(entity, entity.properties(), uri))
}

/// The echo of a create that did not ask for more: the key, and nulls.
pub(super) fn key_only(entity: &'static Entity, id: Uuid, uri: &str) -> Value {
    let mut row = Row::default();
    for property in entity.properties().filter(|property| !property.not_null) {
        row.set(property.name, Cell::Null);
    }
    row.set(entity.key, Cell::Guid(id));
    row.to_json(entity, entity.properties(), uri)
}

/// The collection behind a header's deferred address.
fn lines(state: &State, request: &Request, target: &Target, property: &str) -> Result<Reply, Refusal> {
    let header = target.resource.entity;
    let lines = header.lines.as_ref().filter(|lines| lines.property == property);
    let lines = lines.ok_or_else(Refusal::not_found)?;
    let options = Options::parse(&request.query, lines.entity)?;
    let key = target.key.as_deref().ok_or_else(Refusal::not_found)?;
    let Cell::Guid(id) = read_literal(key)? else { return Err(Refusal::syntax()) };
    let division = division(state, target)?;
    let rows = line_rows(division, header, id);
    let page = page(rows.into_iter(), &options, lines.entity, 60);
    let url = format!("{}(guid'{id}')/{property}", target.url(state));
    let properties = options.properties(lines.entity);
    let results = page.rows.iter().map(|row| line_json(state, target, lines.entity, row, &properties));
    let body = envelope(&page, results.collect(), &options, lines.entity, &url, state.settings.bare_arrays);
    Ok(Reply::json(StatusCode::OK, &body))
}

/// A header's lines, in the order of their keys.
fn line_rows<'a>(division: &'a Division, header: &Entity, id: Uuid) -> Vec<&'a Row> {
    let lines = header.lines.as_ref();
    let of = lines.map(|lines| division.with(lines.entity.kind, lines.parent, &Cell::Guid(id)));
    of.unwrap_or_default().into_iter().map(|(_, row)| row).collect()
}

fn line_json(
    state: &State,
    target: &Target,
    entity: &'static Entity,
    row: &Row,
    properties: &[&'static Property],
) -> Value {
    let service = target.resource.path.rsplit_once('/').map_or("", |(service, _)| service);
    let resource = entity.type_name.rsplit('.').next().unwrap_or_default();
    let division = target.division.unwrap_or_default();
    let id = row.guid("ID").unwrap_or_default();
    let uri = format!("{}/api/v1/{division}/{service}/{resource}s(guid'{id}')", state.base_url);
    row.to_json(entity, properties.iter().copied(), &uri)
}

fn list<'a>(
    state: &State,
    target: &Target,
    options: &Options,
    rows: Box<dyn Iterator<Item = &'a Row> + 'a>,
) -> Value {
    let Resource { entity, page: size, .. } = target.resource;
    let url = target.url(state);
    let mut page = page(rows, options, entity, *size);
    if matches!(target.resource.rows, Rows::Feed | Rows::InvoiceFeed) {
        repeat_some(&mut page, state.settings.duplicate_every);
    }
    let results = page.rows.iter().map(|row| shown(state, target, options, row, &url));
    envelope(&page, results.collect(), options, entity, &url, state.settings.bare_arrays)
}

/// A row with the chosen properties, and its lines where they are expanded.
fn shown(state: &State, target: &Target, options: &Options, row: &Row, url: &str) -> Value {
    let entity = target.resource.entity;
    let mut json = row.to_json(entity, options.properties(entity), &entity_url(row, target, url));
    if let (Some(lines), Ok(division)) = (&entity.lines, division(state, target))
        && options.expand.iter().any(|name| name == lines.property)
    {
        let id = row.guid(entity.key).unwrap_or_default();
        let properties: Vec<_> = lines.entity.properties().collect();
        let rows = line_rows(division, entity, id);
        let rows = rows.iter().map(|row| line_json(state, target, lines.entity, row, &properties));
        json[lines.property] = json!({ "results": rows.collect::<Vec<_>>() });
    }
    json
}

fn repeat_some(page: &mut Page<'_>, every: usize) {
    if every > 0 {
        let rows = std::mem::take(&mut page.rows);
        page.rows = rows
            .into_iter()
            .enumerate()
            .flat_map(|(number, row)| {
                let times = if (number + 1) % every == 0 { 2 } else { 1 };
                std::iter::repeat_n(row, times)
            })
            .collect();
    }
}

fn entity_url(row: &Row, target: &Target, url: &str) -> String {
    let entity = target.resource.entity;
    let key = row.stored(entity.key).unwrap_or(&Cell::Null);
    let literal = entity.property(entity.key).map_or_else(String::new, |property| key.literal(property.edm));
    format!("{url}({literal})")
}

fn single(
    state: &State,
    target: &Target,
    options: &Options,
    key: &Cell,
    now: DateTime<Utc>,
) -> Result<Reply, Refusal> {
    let entity = target.resource.entity;
    let url = target.url(state);
    let body = with_rows(state, target, options, now, |mut rows| {
        let found = if let (Rows::Table, Cell::Guid(id)) = (target.resource.rows, key) {
            division(state, target).ok().and_then(|division| division.get(entity.kind, *id))
        } else {
            rows.find(|row| row.stored(entity.key) == Some(key))
        };
        found.map(|row| shown(state, target, options, row, &url))
    })?;
    body.map(|body| Reply::json(StatusCode::OK, &json!({ "d": body }))).ok_or_else(Refusal::not_found)
}

/// The rules on `$select` and `$filter` of a list.
fn check(resource: &Resource, options: &Options, state: &State) -> Result<(), Refusal> {
    let settings = &state.settings;
    if settings.strict_select && resource.wants_select && options.select.is_none() && options.top != Some(1) {
        return Err(Refusal::bad_request("Please add a $select or a $top=1 statement to the query string."));
    }
    let names = options.filter.as_ref().map(|filter| filter.names()).unwrap_or_default();
    match resource.filters {
        Filters::Any => Ok(()),
        Filters::Only(allowed) => {
            let refused: Vec<&str> = names.into_iter().filter(|name| !allowed.contains(name)).collect();
            if refused.is_empty() {
                return Ok(());
            }
            let names = refused.join(", ");
            Err(Refusal::bad_request(format!("Filtering on these fields is not supported: {names}")))
        }
        Filters::Approved => {
            let approved: Vec<&str> = resource
                .entity
                .properties()
                .filter(|property| property.approved)
                .map(|property| property.name)
                .collect();
            if !settings.mandatory_filter || names.iter().any(|name| approved.contains(name)) {
                return Ok(());
            }
            Err(Refusal::bad_request(format!(
                "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a \
                 $filter parameter with one of the following fields in the url: {}",
                approved.join(", ")
            )))
        }
    }
}

/// Hands over the resource's rows in key order, behind the skip token.
fn with_rows<R>(
    state: &State,
    target: &Target,
    options: &Options,
    now: DateTime<Utc>,
    act: impl for<'a> FnOnce(Box<dyn Iterator<Item = &'a Row> + 'a>) -> R,
) -> Result<R, Refusal> {
    // With an order, the token is a place in that order and not in the order of keys.
    let after = options.after().filter(|_| options.order.is_empty());
    let number = match after {
        Some(Cell::Int(number)) => Some(*number),
        _ => None,
    };
    let above = options.filter.as_ref().and_then(|filter| filter.above("Timestamp"));
    let from = number.max(above).unwrap_or_default();
    let resource = target.resource;
    Ok(match resource.rows {
        Rows::Table => {
            let after = match after {
                Some(Cell::Guid(id)) => Some(*id),
                _ => None,
            };
            act(table_rows(division(state, target)?, resource.entity, options, after))
        }
        Rows::Feed => {
            let table = division(state, target)?.table(resource.entity.kind);
            act(Box::new(table.into_iter().flat_map(|table| table.feed(from))))
        }
        Rows::InvoiceFeed => {
            // A few more than a page, so that what follows is known.
            let rows = invoice_feed::rows(division(state, target)?, from, resource.page + 2);
            act(Box::new(rows.iter()))
        }
        Rows::Deleted => act(Box::new(division(state, target)?.deleted(from, now))),
        Rows::Divisions => {
            let rows: Vec<Row> = system::division_rows(state);
            let rows = rows.iter().filter(|row| row.int("Code") > number);
            act(Box::new(rows))
        }
        Rows::Me => {
            let row = system::user_row(state, now);
            act(Box::new(std::iter::once(&row)))
        }
    })
}

fn table_rows<'a>(
    division: &'a Division,
    entity: &'static Entity,
    options: &Options,
    after: Option<Uuid>,
) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
    let Some(table) = division.table(entity.kind) else { return Box::new(std::iter::empty()) };
    let equalities = options.filter.as_ref().and_then(|filter| filter.equalities());
    match equalities.and_then(|values| table.holding(&values)) {
        Some(found) => Box::new(
            found.into_iter().filter(move |row| after.is_none_or(|after| row.guid(entity.key) > Some(after))),
        ),
        None => Box::new(table.rows(after)),
    }
}

pub(super) fn division<'a>(state: &'a State, target: &Target) -> Result<&'a Division, Refusal> {
    target.division.and_then(|code| state.divisions.get(&code)).ok_or_else(Refusal::not_found)
}
