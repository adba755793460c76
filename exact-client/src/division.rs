//! What can be done in one division.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeSeed;

use crate::entity::{
    Action, Bulk, Create, Delete, Deleted, EntityType, Feed, Read, SyncEndpoint, SyncTimestamp, Update,
};
use crate::error::{Error, ErrorKind, Result};
use crate::feed::{FeedCursor, FeedReader};
use crate::http::{Body, Pipeline, Reply, Request};
use crate::id::DivisionId;
use crate::limit::Scope;
use crate::list::List;
use crate::odata::{Filter, One, Resource, Scalar, Value, WallTime, decode_one, literal};
use crate::resource::ResourceApi;

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

    fn body(self, json: Bytes) -> Body {
        Body { json, representation: self.representation, send_before: self.send_before }
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
    pub fn list<E: Read>(&self) -> List<E> {
        List::plain(Arc::clone(&self.pipeline), self.id)
    }

    /// Lists records from the bulk twin. Costs one call per page of 1,000 rows. It may take fewer filters than the
    /// plain list, and deliver fewer properties.
    pub fn bulk<E: Bulk>(&self) -> List<E> {
        List::bulk(Arc::clone(&self.pipeline), self.id)
    }

    /// One record; `None` where there is no such record. Costs one call.
    ///
    /// Asked for by a filter: a read by key would answer 404, which counts towards Exact's error limit.
    ///
    /// # Errors
    /// Those of [`List::page`].
    pub async fn get<E: Read>(&self, key: E::Key) -> Result<Option<E>> {
        let property = E::RESOURCE.known(E::RESOURCE.key())?;
        let filter = Filter::key(property, &key.to_value());
        Ok(self.list::<E>().filter(filter).page(None).await?.items.into_iter().next())
    }

    /// Follows the sync feed from a cursor, page by page, each record once a page. `moved` is the division's
    /// [`division_move_date`](crate::Division::division_move_date) as read just now: where it is another one than
    /// the cursor's, the feed starts over.
    ///
    /// Costs nothing by itself, and one call per page of 1,000 rows.
    pub fn follow<E: Feed>(&self, cursor: FeedCursor, moved: Option<WallTime>) -> FeedReader<E> {
        FeedReader::new(Arc::clone(&self.pipeline), self.clone(), cursor, moved)
    }

    /// Reads the sync feed without keeping a place in it: every row after a timestamp, everything from 0. Costs one
    /// call per page of 1,000 rows. [`follow`](DivisionApi::follow) is made of this.
    ///
    /// A record that changes while the feed is read may come twice: the higher timestamp is the newer one.
    pub fn feed<E: Feed>(&self, after: i64) -> List<E> {
        List::feed(Arc::clone(&self.pipeline), self.id, after)
    }

    /// The timestamp of the first row of a feed that was changed at that moment or later; `None` where there is
    /// none. With it a first reading can leave out history. Only some feeds have it. Costs one call.
    ///
    /// # Errors
    /// Those of [`List::page`].
    pub async fn sync_timestamp(&self, endpoint: SyncEndpoint, modified: WallTime) -> Result<Option<i64>> {
        let list = self
            .list::<SyncTimestamp>()
            .parameter("modified", &Value::Moment(modified))
            .parameter("endPoint", &endpoint.to_value());
        let row = list.page(None).await?.items.into_iter().next();
        Ok(row.and_then(|row| row.time_stamp_as_big_int))
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

    /// Has something done, such as an invoice printed. Costs one call. Never repeated once a byte may have been sent.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) with Exact's words where the answer says that something failed, although its
    /// status is a success; [`may_have_applied`](Error::may_have_applied) is true where a part was done. Otherwise
    /// those of [`create`](DivisionApi::create).
    pub async fn act<E: Action>(&self, order: &E::New, options: WriteOptions) -> Result<E> {
        let request = self.post(E::RESOURCE, order, options)?;
        let answer = self.one(&request, One::<E>::new()).await?.ok_or_else(|| no_body(&request))?;
        let complaints = answer.complaints();
        if complaints.is_empty() {
            return Ok(answer);
        }
        let error = Error::new(ErrorKind::Invalid, complaints.join("\n"))
            .with_may_have_applied(answer.done_in_part());
        Err(request.locate(error))
    }

    /// Deletes a record. Costs one call. Never repeated once a byte may have been sent.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where there is no such record; [`Invalid`](ErrorKind::Invalid) where others
    /// depend on it; otherwise those of [`create`](DivisionApi::create).
    pub async fn delete<E: Delete>(&self, key: E::Key, options: WriteOptions) -> Result<()> {
        self.delete_at(E::RESOURCE, &key.to_value(), options).await
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
        key: E::Key,
        patch: &E::Patch,
        options: WriteOptions,
    ) -> Result<Option<E>> {
        let request = self.put(E::RESOURCE, &key.to_value(), patch, options)?;
        self.one(&request, One::<E>::new()).await
    }

    /// The same by property names that are known only at run time.
    #[must_use]
    pub fn resource(&self, resource: &'static Resource) -> ResourceApi {
        ResourceApi::new(self.clone(), resource)
    }

    pub(crate) fn pipeline(&self) -> &Arc<Pipeline> {
        &self.pipeline
    }

    pub(crate) fn post(
        &self,
        resource: &'static Resource,
        new: &impl Serialize,
        options: WriteOptions,
    ) -> Result<Request> {
        let body = body(new, options)?;
        let path = resource.path().to_owned();
        Ok(Request::write(Method::POST, self.scope(), resource.path(), path, body))
    }

    pub(crate) fn put(
        &self,
        resource: &'static Resource,
        key: &Value,
        change: &impl Serialize,
        options: WriteOptions,
    ) -> Result<Request> {
        let body = body(change, options)?;
        Ok(Request::write(Method::PUT, self.scope(), resource.path(), at(resource, key), body))
    }

    pub(crate) async fn delete_at(
        &self,
        resource: &'static Resource,
        key: &Value,
        options: WriteOptions,
    ) -> Result<()> {
        let body = options.body(Bytes::new());
        let request = Request::write(Method::DELETE, self.scope(), resource.path(), at(resource, key), body);
        self.pipeline.send(&request).await.map(drop)
    }

    fn scope(&self) -> Scope {
        Scope::Division(self.id)
    }

    pub(crate) async fn one<S, T>(&self, request: &Request, seed: S) -> Result<Option<T>>
    where
        S: for<'de> DeserializeSeed<'de, Value = T> + Copy,
    {
        one(request, &self.pipeline.send(request).await?, seed)
    }
}

/// The record that a reply holds, if it holds one.
pub(crate) fn one<S, T>(request: &Request, reply: &Reply, seed: S) -> Result<Option<T>>
where
    S: for<'de> DeserializeSeed<'de, Value = T> + Copy,
{
    if reply.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    decode_one(&reply.body, seed).map(Some).map_err(|error| request.undecodable(reply, error))
}

/// The address of one record.
fn at(resource: &Resource, key: &Value) -> String {
    format!("{}({})", resource.path(), literal(key))
}

fn body(content: &impl Serialize, options: WriteOptions) -> Result<Body> {
    let json = serde_json::to_vec(content)
        .map_err(|error| Error::config("the body cannot be written as JSON").with_source(error))?;
    Ok(options.body(Bytes::from(json)))
}

pub(crate) fn no_body(request: &Request) -> Error {
    request.locate(
        Error::new(ErrorKind::Decode, "Exact accepted the record and did not say which id it has")
            .with_may_have_applied(true),
    )
}
