//! Reading many records: one query, page by page.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};

use crate::entity::{Bulk, Entity, Feed, Me, Read};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Pipeline, Request, Target};
use crate::id::DivisionId;
use crate::limit::Scope;
use crate::odata::{
    Door, Filter, One, Order, Property, Query, Resource, Row, RowSeed, Value, WirePage, decode_page, literal,
};

/// One page of records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records. May be empty although there is a next page.
    pub items: Vec<T>,
    /// Where the next page is; `None` on the last one, and only there.
    pub next: Option<NextLink>,
}

/// Where the next page is, as Exact wrote it. It can be stored; it is followed only to the client's own origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NextLink(String);

impl NextLink {
    /// Wraps a stored link.
    pub fn new(link: impl Into<String>) -> Self {
        Self(link.into())
    }

    /// The link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A query for typed records.
#[must_use]
pub struct List<E> {
    inner: Inner,
    entity: PhantomData<fn() -> E>,
}

/// A query for rows of properties that are known only at run time.
#[derive(Debug)]
#[must_use]
pub struct Rows {
    inner: Inner,
    select: Vec<&'static Property>,
}

#[derive(Debug)]
struct Inner {
    pipeline: Arc<Pipeline>,
    division: DivisionId,
    path: &'static str,
    door: Door,
    query: Query,
    refused: Option<&'static str>,
}

impl<E: Read> List<E> {
    pub(crate) fn plain(pipeline: Arc<Pipeline>, division: DivisionId) -> Self {
        Self::at(pipeline, division, Door::Plain, E::RESOURCE.path())
    }
}

impl<E: Bulk> List<E> {
    pub(crate) fn bulk(pipeline: Arc<Pipeline>, division: DivisionId) -> Self {
        Self::at(pipeline, division, Door::Bulk, E::BULK)
    }
}

impl<E: Feed> List<E> {
    pub(crate) fn feed(pipeline: Arc<Pipeline>, division: DivisionId, after: i64) -> Self {
        Self::feed_where(pipeline, division, format!("Timestamp gt {after}L"))
    }

    pub(crate) fn feed_where(pipeline: Arc<Pipeline>, division: DivisionId, filter: String) -> Self {
        let mut list = Self::at(pipeline, division, Door::Feed, E::FEED);
        list.inner.query.set("$filter", filter);
        list
    }
}

impl<E: Entity> List<E> {
    fn at(pipeline: Arc<Pipeline>, division: DivisionId, door: Door, path: &'static str) -> Self {
        let query = Query::select(E::RESOURCE.readable(door));
        Self { inner: Inner { pipeline, division, path, door, query, refused: None }, entity: PhantomData }
    }

    /// A parameter of a function, which is not a `$filter`.
    pub(crate) fn parameter(mut self, name: &'static str, value: &Value) -> Self {
        self.inner.query.set(name, literal(value));
        self
    }

    /// Delivers the lines of each record with it. In plain lists only.
    pub fn with_lines(mut self) -> Self {
        let names: Vec<&str> = E::RESOURCE.lines().map(Property::name).collect();
        if self.inner.door != Door::Plain {
            self.inner.refused = self.inner.refused.or(names.first().copied());
        } else if !names.is_empty() {
            let names = names.join(",");
            let select = self.inner.query.get("$select").unwrap_or_default();
            let select = format!("{select},{names}");
            self.inner.query.set("$select", select);
            self.inner.query.set("$expand", names);
        }
        self
    }

    /// Only records that meet this condition as well. The sync feeds take no other condition than their own.
    pub fn filter(mut self, filter: Filter<E>) -> Self {
        self.inner.filter(&filter);
        self
    }

    /// In this order.
    pub fn order_by(mut self, order: Order<E>) -> Self {
        self.inner.query.set("$orderby", order.as_str());
        self
    }

    /// At most so many records.
    pub fn top(mut self, records: u32) -> Self {
        self.inner.query.set("$top", records.to_string());
        self
    }

    /// One page: the first, or the one behind a link. Costs one call.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a filter that Exact does not allow, before any call;
    /// [`Decode`](ErrorKind::Decode) for an answer that does not fit or a link to another origin; otherwise those of
    /// any call.
    pub async fn page(&self, next: Option<&NextLink>) -> Result<Page<E>> {
        self.inner.page(next, One::<E>::new()).await
    }

    /// All records. Costs one call per page, and memory for all of them: for much, go page by page.
    ///
    /// # Errors
    /// Those of [`page`](List::page).
    pub async fn all(&self) -> Result<Vec<E>> {
        self.inner.all(One::<E>::new()).await
    }
}

impl<E> fmt::Debug for List<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("path", &self.inner.path).field("query", &self.inner.query).finish()
    }
}

impl Rows {
    pub(crate) fn at<I>(
        pipeline: &Arc<Pipeline>,
        division: DivisionId,
        resource: &'static Resource,
        door: Door,
        properties: I,
    ) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let path = resource.door(door).ok_or_else(|| no_door(resource, door))?;
        let mut select = resource.select(properties)?;
        if let Some(property) = select.iter().find(|property| !property.is_at(door)) {
            return Err(Error::config(format!("{path} does not deliver {}", property.name())));
        }
        for always in [resource.key(), "Timestamp"].into_iter().filter_map(|name| resource.property(name)) {
            let wanted = always.name() == resource.key() || door == Door::Feed;
            if wanted && always.is_at(door) && !select.contains(&always) {
                select.push(always);
            }
        }
        let query = Query::select(select.iter().copied());
        let pipeline = Arc::clone(pipeline);
        Ok(Self { inner: Inner { pipeline, division, path, door, query, refused: None }, select })
    }

    /// Rows after a timestamp.
    pub(crate) fn after(mut self, timestamp: i64) -> Self {
        self.inner.query.set("$filter", format!("Timestamp gt {timestamp}L"));
        self
    }

    /// A parameter of a function, such as `itemId` of `read/logistics/StockPosition`. It is not a `$filter`.
    pub fn parameter(mut self, name: &'static str, value: &Value) -> Self {
        self.inner.query.set(name, literal(value));
        self
    }

    /// Only records that meet this condition as well. The sync feeds take no other condition than their own.
    pub fn filter(mut self, filter: &Filter<Row>) -> Self {
        self.inner.filter(filter);
        self
    }

    /// One page: the first, or the one behind a link. Costs one call.
    ///
    /// # Errors
    /// Those of [`List::page`].
    pub async fn page(&self, next: Option<&NextLink>) -> Result<Page<Row>> {
        self.inner.page(next, RowSeed(&self.select)).await
    }

    /// All rows. Costs one call per page.
    ///
    /// # Errors
    /// Those of [`List::page`].
    pub async fn all(&self) -> Result<Vec<Row>> {
        self.inner.all(RowSeed(&self.select)).await
    }
}

impl Inner {
    fn filter<E>(&mut self, filter: &Filter<E>) {
        let filter_text = match self.query.get("$filter") {
            Some(before) => format!("({before}) and ({})", filter.as_str()),
            None => filter.as_str().to_owned(),
        };
        self.query.set("$filter", filter_text);
        self.refused = self.refused.or(filter.refused(self.door));
    }

    async fn page<S, T>(&self, next: Option<&NextLink>, seed: S) -> Result<Page<T>>
    where
        S: for<'de> DeserializeSeed<'de, Value = T> + Copy,
    {
        let target = match next {
            Some(link) => Target::Next(link.0.clone()),
            None => Target::Path { path: self.path.to_owned(), query: self.query.encode() },
        };
        let request = Request::read(self.scope(), self.path, target);
        if let Some(property) = self.refused {
            let message = format!("Exact cannot filter {} by {property}", self.path);
            return Err(request.locate(Error::config(message)));
        }
        let reply = self.pipeline.send(&request).await?;
        let WirePage { items, next } =
            decode_page(&reply.body, seed).map_err(|error| request.undecodable(&reply, error))?;
        Ok(Page { items, next: next.map(NextLink) })
    }

    /// One resource alone stands outside the divisions.
    fn scope(&self) -> Scope {
        if self.path == Me::RESOURCE.path() { Scope::Me } else { Scope::Division(self.division) }
    }

    async fn all<S, T>(&self, seed: S) -> Result<Vec<T>>
    where
        S: for<'de> DeserializeSeed<'de, Value = T> + Copy,
    {
        let mut all = Vec::new();
        let mut link = None;
        loop {
            let page = self.page(link.as_ref(), seed).await?;
            all.extend(page.items);
            if page.next.is_none() {
                return Ok(all);
            }
            if page.next == link {
                return Err(Error::new(ErrorKind::Decode, "a page names itself as the next one"));
            }
            link = page.next;
        }
    }
}

fn no_door(resource: &Resource, door: Door) -> Error {
    let what = match door {
        Door::Plain => "cannot be listed",
        Door::Feed => "has no sync feed",
        Door::Bulk => "has no bulk twin",
    };
    Error::new(ErrorKind::Unsupported, format!("{} {what}", resource.path()))
}
