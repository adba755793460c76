//! Reading many records: one query, page by page.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};

use crate::entity::{Entity, Feed};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Pipeline, Request, Target};
use crate::id::DivisionId;
use crate::limit::Scope;
use crate::odata::{Filter, One, Order, Property, Query, Resource, Row, RowSeed, WirePage, decode_page};

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
    query: Query,
    refused: Option<&'static str>,
}

impl<E: Entity> List<E> {
    pub(crate) fn plain(pipeline: Arc<Pipeline>, division: DivisionId) -> Self {
        let query = Query::select(E::RESOURCE.readable());
        Self::new(Inner { pipeline, division, path: E::RESOURCE.path(), query, refused: None })
    }

    fn new(inner: Inner) -> Self {
        Self { inner, entity: PhantomData }
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

impl<E: Feed> List<E> {
    pub(crate) fn feed(pipeline: Arc<Pipeline>, division: DivisionId, after: i64) -> Self {
        Self::feed_where(pipeline, division, format!("Timestamp gt {after}L"))
    }

    pub(crate) fn feed_where(pipeline: Arc<Pipeline>, division: DivisionId, filter: String) -> Self {
        let mut query = Query::select(E::RESOURCE.feedable());
        query.set("$filter", filter);
        let path = E::RESOURCE.feed().unwrap_or_else(|| E::RESOURCE.path());
        Self::new(Inner { pipeline, division, path, query, refused: None })
    }
}

impl<E> fmt::Debug for List<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("path", &self.inner.path).field("query", &self.inner.query).finish()
    }
}

impl Rows {
    pub(crate) fn plain<I>(
        pipeline: &Arc<Pipeline>,
        division: DivisionId,
        resource: &'static Resource,
        properties: I,
    ) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let select = with(resource.select(properties)?, [resource.property(resource.key())]);
        let query = Query::select(select.iter().copied());
        let pipeline = Arc::clone(pipeline);
        Ok(Self { inner: Inner { pipeline, division, path: resource.path(), query, refused: None }, select })
    }

    pub(crate) fn feed<I>(
        pipeline: &Arc<Pipeline>,
        division: DivisionId,
        resource: &'static Resource,
        after: i64,
        properties: I,
    ) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let path = resource.feed().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("{} has no sync feed", resource.path()))
        })?;
        let always = [resource.property(resource.key()), resource.property("Timestamp")];
        let select = with(resource.select(properties)?, always);
        let mut query = Query::select(select.iter().copied());
        query.set("$filter", format!("Timestamp gt {after}L"));
        let pipeline = Arc::clone(pipeline);
        Ok(Self { inner: Inner { pipeline, division, path, query, refused: None }, select })
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
        self.refused = self.refused.or(filter.refused());
    }

    async fn page<S, T>(&self, next: Option<&NextLink>, seed: S) -> Result<Page<T>>
    where
        S: for<'de> DeserializeSeed<'de, Value = T> + Copy,
    {
        let target = match next {
            Some(link) => Target::Next(link.0.clone()),
            None => Target::Path { path: self.path.to_owned(), query: self.query.encode() },
        };
        let request = Request::read(Scope::Division(self.division), self.path, target);
        if let Some(property) = self.refused {
            let message = format!("Exact cannot filter {} by {property}", self.path);
            return Err(request.locate(Error::config(message)));
        }
        let reply = self.pipeline.send(&request).await?;
        let WirePage { items, next } =
            decode_page(&reply.body, seed).map_err(|error| request.undecodable(&reply, error))?;
        Ok(Page { items, next: next.map(NextLink) })
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

fn with<const N: usize>(
    mut select: Vec<&'static Property>,
    more: [Option<&'static Property>; N],
) -> Vec<&'static Property> {
    for property in more.into_iter().flatten() {
        if !select.contains(&property) {
            select.push(property);
        }
    }
    select
}
