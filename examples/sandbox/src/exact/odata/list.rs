//! One page of a list, and the link to the next.

use std::cmp::Ordering;

use serde_json::{Value, json};
use url::form_urlencoded;

use super::super::cell::{Cell, Row};
use super::super::schema::Entity;
use super::options::Options;

/// At most this many rows asked for with `$top`, and the answer is a bare array.
const BARE_UP_TO: usize = 60;

#[derive(Debug)]
pub(in super::super) struct Page<'a> {
    pub(in super::super) rows: Vec<&'a Row>,
    more: bool,
}

/// The rows that pass, in order, from where the page before ended.
///
/// Without an order `rows` have to come in key order, starting behind the skip token.
pub(in super::super) fn page<'a>(
    rows: impl Iterator<Item = &'a Row>,
    options: &Options,
    entity: &Entity,
    size: usize,
) -> Page<'a> {
    let passing = rows.filter(|row| options.filter.as_ref().is_none_or(|filter| filter.holds(row)));
    let wanted = options.top.unwrap_or(usize::MAX);
    let take = wanted.min(size);
    let mut page = if options.order.is_empty() {
        passing.skip(options.skip).take(take.saturating_add(1)).collect()
    } else {
        ordered(passing, options, entity)
            .into_iter()
            .skip(options.skip)
            .take(take.saturating_add(1))
            .collect()
    };
    let more = cut(&mut page, take) && wanted > take;
    Page { rows: page, more }
}

/// Whether anything was cut off.
fn cut(rows: &mut Vec<&Row>, length: usize) -> bool {
    let longer = rows.len() > length;
    rows.truncate(length);
    longer
}

fn ordered<'a>(rows: impl Iterator<Item = &'a Row>, options: &Options, entity: &Entity) -> Vec<&'a Row> {
    let mut keyed: Vec<(Vec<Cell>, &Row)> = rows.map(|row| (place(row, options, entity), row)).collect();
    keyed.sort_by(|(a, _), (b, _)| compare_places(a, b, options));
    if let Some(token) = &options.skip_token {
        keyed.retain(|(place, _)| compare_places(place, token, options) == Ordering::Greater);
    }
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// The order's values of a row, then its key.
fn place(row: &Row, options: &Options, entity: &Entity) -> Vec<Cell> {
    let key = row.stored(entity.key).cloned().unwrap_or(Cell::Null);
    options.order.iter().map(|(property, _)| row.cell(property).into_owned()).chain([key]).collect()
}

fn compare_places(a: &[Cell], b: &[Cell], options: &Options) -> Ordering {
    let descends = options.order.iter().map(|(_, descends)| *descends).chain([false]);
    a.iter()
        .zip(b)
        .zip(descends)
        .map(|((a, b), descends)| {
            let ordering = compare_with_nulls(a, b);
            if descends { ordering.reverse() } else { ordering }
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Nulls come first.
fn compare_with_nulls(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) => Ordering::Less,
        (_, Cell::Null) => Ordering::Greater,
        _ => a.compare(b).unwrap_or(Ordering::Equal),
    }
}

/// `{"d":[…]}` for few rows asked for with `$top`, else `{"d":{"results":[…],"__next":"…"}}`.
pub(in super::super) fn envelope(
    page: &Page<'_>,
    results: Vec<Value>,
    options: &Options,
    entity: &Entity,
    url: &str,
    bare_arrays: bool,
) -> Value {
    let few = options.top.is_some_and(|top| top <= BARE_UP_TO) && options.skip_token.is_none();
    if few && bare_arrays && !page.more {
        return json!({ "d": results });
    }
    let next = page.rows.last().filter(|_| page.more).map(|last| next_url(last, page, options, entity, url));
    match next {
        Some(next) => json!({ "d": { "results": results, "__next": next } }),
        None => json!({ "d": { "results": results } }),
    }
}

/// The same options, with what is left of `$top` and a token for the last row.
fn next_url(last: &Row, page: &Page<'_>, options: &Options, entity: &Entity, url: &str) -> String {
    let kept = options.raw.iter().filter(|(name, _)| name != "$skiptoken" && name != "$skip");
    let mut parts: Vec<String> = kept
        .map(|(name, value)| match options.top {
            Some(top) if name == "$top" => format!("$top={}", top.saturating_sub(page.rows.len())),
            _ => format!("{name}={}", encoded(value)),
        })
        .collect();
    let mut token: Vec<String> =
        options.order.iter().map(|(property, _)| last.cell(property).literal(property.edm)).collect();
    if let (Some(key), Some(property)) = (last.stored(entity.key), entity.property(entity.key)) {
        token.push(key.literal(property.edm));
    }
    let token: Vec<String> = token.iter().map(|literal| encoded(literal)).collect();
    parts.push(format!("$skiptoken={}", token.join(",")));
    format!("{url}?{}", parts.join("&"))
}

fn encoded(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace("%27", "'")
}
