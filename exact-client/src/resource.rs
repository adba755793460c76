//! Reading and writing by property names that are known only at run time.

use chrono::{DateTime, Utc};
use serde::de::DeserializeSeed;

use crate::division::{DivisionApi, WriteOptions, no_body, one};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{DivisionId, Guid};
use crate::list::Rows;
use crate::odata::{Door, Filter, Resource, Row, RowSeed, Value, Verb};

/// What an update was answered with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Updated {
    /// The properties that Exact sent back; `None` where it did not, which is as a rule.
    pub row: Option<Row>,
    /// When it answered, by its own clock and to the second. What is stored says `Modified` no later than that, until
    /// somebody changes it again.
    pub at: Option<DateTime<Utc>>,
}

/// One resource of a division, by property names that are known only at run time.
#[derive(Clone, Debug)]
pub struct ResourceApi {
    division: DivisionApi,
    resource: &'static Resource,
}

impl ResourceApi {
    pub(crate) fn new(division: DivisionApi, resource: &'static Resource) -> Self {
        Self { division, resource }
    }

    /// The resource.
    #[must_use]
    pub fn resource(&self) -> &'static Resource {
        self.resource
    }

    pub(crate) fn division_id(&self) -> DivisionId {
        self.division.id()
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
        self.rows(Door::Plain, properties)
    }

    /// The same from the bulk twin. Costs one call per page of 1,000 rows.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a property that it does not deliver;
    /// [`Unsupported`](ErrorKind::Unsupported) where the resource has no bulk twin.
    pub fn bulk<I>(&self, properties: I) -> Result<Rows>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.rows(Door::Bulk, properties)
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
        Ok(self.rows(Door::Feed, properties)?.after(after))
    }

    fn rows<I>(&self, door: Door, properties: I) -> Result<Rows>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Rows::at(self.division.pipeline(), self.division.id(), self.resource, door, properties)
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
    /// Those of [`DivisionApi::create`]; [`Unsupported`](ErrorKind::Unsupported) without a call where the resource
    /// does not allow it.
    pub async fn create(&self, row: &Row, options: WriteOptions) -> Result<Row> {
        self.allow(Verb::Create)?;
        let request = self.division.post(self.resource, row, options)?;
        self.division.one(&request, self.all()).await?.ok_or_else(|| no_body(&request))
    }

    /// Changes these values of a record. Like [`DivisionApi::update`].
    ///
    /// # Errors
    /// Those of [`DivisionApi::update`]; [`Unsupported`](ErrorKind::Unsupported) without a call where the resource
    /// does not allow it.
    pub async fn update(&self, id: Guid, row: &Row, options: WriteOptions) -> Result<Updated> {
        self.allow(Verb::Update)?;
        let request = self.division.put(self.resource, &Value::Guid(id), row, options)?;
        let reply = self.division.pipeline().send(&request).await?;
        Ok(Updated { at: reply.date(), row: one(&request, &reply, self.all())? })
    }

    /// Deletes a record. Like [`DivisionApi::delete`].
    ///
    /// # Errors
    /// Those of [`DivisionApi::delete`]; [`Unsupported`](ErrorKind::Unsupported) without a call where the resource
    /// does not allow it.
    pub async fn delete(&self, id: Guid, options: WriteOptions) -> Result<()> {
        self.allow(Verb::Delete)?;
        self.division.delete_at(self.resource, &Value::Guid(id), options).await
    }

    fn allow(&self, verb: Verb) -> Result<()> {
        if self.resource.allows(verb) {
            return Ok(());
        }
        let message = format!("{} does not allow it: {verb:?}", self.resource.path());
        Err(Error::new(ErrorKind::Unsupported, message))
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
