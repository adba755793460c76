//! The `$…` options of a request.

use axum::http::StatusCode;

use super::super::cell::Cell;
use super::super::refusal::Refusal;
use super::super::schema::{Edm, Entity, Property};
use super::filter::Expr;
use super::lexer::read_literal;

#[derive(Debug, Default)]
pub(in super::super) struct Options {
    /// The chosen properties; `None` for all.
    pub(in super::super) select: Option<Vec<&'static Property>>,
    pub(in super::super) filter: Option<Expr>,
    /// Property and whether it descends.
    pub(in super::super) order: Vec<(&'static Property, bool)>,
    pub(in super::super) top: Option<usize>,
    pub(in super::super) skip: usize,
    /// Collections that come along.
    pub(in super::super) expand: Vec<String>,
    /// The order's values and the key of the last row of the page before.
    pub(in super::super) skip_token: Option<Vec<Cell>>,
    /// As they came, for the link to the next page.
    pub(super) raw: Vec<(String, String)>,
}

impl Options {
    pub(in super::super) fn parse(
        query: &[(String, String)],
        entity: &'static Entity,
    ) -> Result<Self, Refusal> {
        let mut options = Self { raw: query.to_vec(), ..Self::default() };
        for (name, value) in query {
            match name.as_str() {
                "$select" => options.select = Some(select(value, entity)?),
                "$filter" if value.trim().is_empty() => {
                    return Err(Refusal::bad_request(
                        "This $filter parameter is not supported for this resource",
                    ));
                }
                "$filter" => options.filter = Some(Expr::parse(value, entity)?),
                "$orderby" => options.order = order(value, entity)?,
                "$top" => options.top = Some(count(value)?),
                "$skip" => options.skip = count(value)?,
                "$skiptoken" => options.skip_token = Some(skip_token(value)?),
                "$expand" => options.expand = value.split(',').map(|name| name.trim().to_owned()).collect(),
                "$format" | "$inlinecount" => {}
                // An option without its dollar sign is not named in the answer: the server just gives up.
                _ if !name.starts_with('$') => {
                    return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, ""));
                }
                _ => return Err(Refusal::syntax()),
            }
        }
        let expected = options.order.len() + 1;
        match &options.skip_token {
            Some(token) if token.len() != expected => Err(Refusal::syntax()),
            _ => Ok(options),
        }
    }

    /// The key in the skip token.
    pub(in super::super) fn after(&self) -> Option<&Cell> {
        self.skip_token.as_ref()?.last()
    }

    pub(in super::super) fn properties(&self, entity: &'static Entity) -> Vec<&'static Property> {
        self.select.clone().unwrap_or_else(|| entity.properties().collect())
    }
}

fn select(value: &str, entity: &Entity) -> Result<Vec<&'static Property>, Refusal> {
    if value.trim() == "*" {
        return Ok(entity.properties().collect());
    }
    value.split(',').map(|name| entity.property(name.trim()).ok_or_else(Refusal::syntax)).collect()
}

fn order(value: &str, entity: &Entity) -> Result<Vec<(&'static Property, bool)>, Refusal> {
    value
        .split(',')
        .map(|part| {
            let mut words = part.split_whitespace();
            let property = words.next().and_then(|name| entity.property(name)).ok_or_else(Refusal::syntax)?;
            let descends = match words.next() {
                None | Some("asc") => false,
                Some("desc") => true,
                Some(_) => return Err(Refusal::syntax()),
            };
            if property.edm == Edm::Navigation || words.next().is_some() {
                return Err(Refusal::syntax());
            }
            Ok((property, descends))
        })
        .collect()
}

fn count(value: &str) -> Result<usize, Refusal> {
    value.parse().map_err(|_| Refusal::syntax())
}

/// Literals separated by commas; a comma inside quotes belongs to its text.
fn skip_token(value: &str) -> Result<Vec<Cell>, Refusal> {
    let mut quoted = false;
    value
        .split(|next: char| {
            quoted ^= next == '\'';
            next == ',' && !quoted
        })
        .map(read_literal)
        .collect()
}
