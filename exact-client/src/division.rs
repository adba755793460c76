//! What can be done in one division.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeSeed;

use crate::entity::{Create, Deleted, Entity, EntityType, Feed, Update};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, Pipeline, Request};
use crate::id::{DivisionId, Guid};
use crate::limit::Scope;
use crate::list::{List, Rows};
use crate::odata::{Filter, One, Resource, Row, RowSeed, Value, decode_one};

/// One division: everything in it is read and written here.
#[derive(Clone, Debug)]
pub struct DivisionApi {
    pipeline: Arc<Pipeline>,
    id: DivisionId,
}

/// How a write is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct WriteOptions {
    representation: bool,
    send_before: Option<Duration>,
}

impl WriteOptions {
    /// An ordinary write.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks Exact to answer with what it stored. Without it a create answers with little more than the id.
    pub fn representation(mut self) -> Self {
        self.representation = true;
        self
    }

    /// The latest moment, on the client's [monotonic clock](crate::Clock::monotonic), at which the first byte may
    /// leave. After it nothing is sent, and the error is of kind [`Unsent`](ErrorKind::Unsent).
    pub fn send_before(mut self, moment: Option<Duration>) -> Self {
        self.send_before = moment;
        self
    }
}

impl DivisionApi {
    pub(crate) fn new(pipeline: Arc<Pipeline>, id: DivisionId) -> Self {
        Self { pipeline, id }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> DivisionId {
        self.id
    }

    /// Lists records. Costs one call per page, of 60 rows as a rule.
    pub fn list<E: Entity>(&self) -> List<E> {
        List::plain(Arc::clone(&self.pipeline), self.id)
    }

    /// Reads the sync feed: every record that changed after a timestamp, everything from 0. Costs one call per page
    /// of 1,000 rows.
    ///
    /// A record that changes while the feed is read may come twice: the higher timestamp is the newer one.
    pub fn feed<E: Feed>(&self, after: i64) -> List<E> {
        List::feed(Arc::clone(&self.pipeline), self.id, after)
    }

    /// Reads what was deleted after a timestamp. Exact remembers it for two months. Costs one call per 1,000 rows.
    pub fn deleted(&self, after: i64, entity: EntityType) -> List<Deleted> {
        let since = Deleted::TIMESTAMP.gt(after);
        let of_kind = Deleted::ENTITY_TYPE.eq(entity);
        let filter = format!("{} and {}", since.as_str(), of_kind.as_str());
        List::feed_where(Arc::clone(&self.pipeline), self.id, filter)
    }

    /// Creates a record. Costs one call. Never repeated once a byte may have been sent: where
    /// [`may_have_applied`](Error::may_have_applied) is true, look before creating again.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) for content that Exact refuses, [`Unsent`](ErrorKind::Unsent) after the
    /// deadline; otherwise those of any call.
    pub async fn create<E: Create>(&self, new: &E::New, options: WriteOptions) -> Result<E> {
        let request = self.post(E::RESOURCE, new, options)?;
        self.one(&request, One::<E>::new()).await?.ok_or_else(|| no_body(&request))
    }

    /// Changes a record; what the patch keeps is not sent. Costs one call. Never repeated once a byte may have been
    /// sent.
    ///
    /// `None` where Exact answers without the record, which it may do although
    /// [`representation`](WriteOptions::representation) was asked for.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where there is no such record; otherwise those of
    /// [`create`](DivisionApi::create).
    pub async fn update<E: Update>(
        &self,
        id: Guid,
        patch: &E::Patch,
        options: WriteOptions,
    ) -> Result<Option<E>> {
        let request = self.put(E::RESOURCE, id, patch, options)?;
        self.one(&request, One::<E>::new()).await
    }

    /// The same by property names that are known only at run time.
    #[must_use]
    pub fn resource(&self, resource: &'static Resource) -> ResourceApi {
        ResourceApi { division: self.clone(), resource }
    }

    fn post(
        &self,
        resource: &'static Resource,
        new: &impl Serialize,
        options: WriteOptions,
    ) -> Result<Request> {
        let body = body(new, options)?;
        let path = resource.path().to_owned();
        Ok(Request::write(Method::POST, self.scope(), resource.path(), path, body))
    }

    fn put(
        &self,
        resource: &'static Resource,
        id: Guid,
        change: &impl Serialize,
        options: WriteOptions,
    ) -> Result<Request> {
        let body = body(change, options)?;
        let path = format!("{}(guid'{id}')", resource.path());
        Ok(Request::write(Method::PUT, self.scope(), resource.path(), path, body))
    }

    fn scope(&self) -> Scope {
        Scope::Division(self.id)
    }

    async fn one<S, T>(&self, request: &Request, seed: S) -> Result<Option<T>>
    where
        S: for<'de> DeserializeSeed<'de, Value = T> + Copy,
    {
        let reply = self.pipeline.send(request).await?;
        if reply.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        decode_one(&reply.body, seed).map(Some).map_err(|error| request.undecodable(&reply, error))
    }
}

/// One resource of a division, by property names that are known only at run time.
#[derive(Clone, Debug)]
pub struct ResourceApi {
    division: DivisionApi,
    resource: &'static Resource,
}

impl ResourceApi {
    /// The resource.
    #[must_use]
    pub fn resource(&self) -> &'static Resource {
        self.resource
    }

    pub(crate) fn division_id(&self) -> DivisionId {
        self.division.id
    }

    /// Lists these properties of every record, and the key. Costs one call per page, of 60 rows as a rule.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a property that does not exist.
    pub fn list<I>(&self, properties: I) -> Result<Rows>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Rows::plain(&self.division.pipeline, self.division.id, self.resource, properties)
    }

    /// Reads these properties, the key and the timestamp of every record that changed after a timestamp. Costs one
    /// call per page of 1,000 rows.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a property that does not exist; [`Unsupported`](ErrorKind::Unsupported) where
    /// the resource has no feed.
    pub fn feed<I>(&self, after: i64, properties: I) -> Result<Rows>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Rows::feed(&self.division.pipeline, self.division.id, self.resource, after, properties)
    }

    /// A condition that a property has exactly this value.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a property that does not exist or cannot hold the value.
    pub fn equals(&self, property: &str, value: &Value) -> Result<Filter<Row>> {
        let property = self.resource.known(property)?;
        if !value.fits(property.edm()) {
            let edm = property.edm().name();
            return Err(Error::config(format!("{} takes {edm} only", property.name())));
        }
        Ok(Filter::compare(property, "eq", value))
    }

    /// Creates a record of these values; the answer has the properties that Exact sent back. Like
    /// [`DivisionApi::create`].
    ///
    /// # Errors
    /// Those of [`DivisionApi::create`].
    pub async fn create(&self, row: &Row, options: WriteOptions) -> Result<Row> {
        let request = self.division.post(self.resource, row, options)?;
        self.division.one(&request, self.all()).await?.ok_or_else(|| no_body(&request))
    }

    /// Changes these values of a record. Like [`DivisionApi::update`].
    ///
    /// # Errors
    /// Those of [`DivisionApi::update`].
    pub async fn update(&self, id: Guid, row: &Row, options: WriteOptions) -> Result<Option<Row>> {
        let request = self.division.put(self.resource, id, row, options)?;
        self.division.one(&request, self.all()).await
    }

    fn all(&self) -> AllOf {
        AllOf(self.resource)
    }
}

/// Reads a row of every property that is known.
#[derive(Clone, Copy)]
struct AllOf(&'static Resource);

impl<'de> DeserializeSeed<'de> for AllOf {
    type Value = Row;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Row, D::Error> {
        let all: Vec<_> = self.0.properties().iter().collect();
        RowSeed(&all).deserialize(deserializer)
    }
}

fn body(content: &impl Serialize, options: WriteOptions) -> Result<Body> {
    let json = serde_json::to_vec(content)
        .map_err(|error| Error::config("the body cannot be written as JSON").with_source(error))?;
    Ok(Body {
        json: Bytes::from(json),
        representation: options.representation,
        send_before: options.send_before,
    })
}

fn no_body(request: &Request) -> Error {
    request.locate(
        Error::new(ErrorKind::Decode, "Exact accepted the record and did not say which id it has")
            .with_may_have_applied(true),
    )
}
