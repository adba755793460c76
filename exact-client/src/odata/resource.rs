//! What is known of a resource: one table that typed entities and dynamic rows share.

use serde::de::DeserializeSeed;

use super::{Edm, Row, RowSeed, Scalar, Value};
use crate::error::{Error, ErrorKind, Result};

/// A resource of Exact Online: where it is, and its properties.
#[derive(Debug)]
#[non_exhaustive]
pub struct Resource {
    pub(crate) path: &'static str,
    pub(crate) feed: Option<&'static str>,
    pub(crate) bulk: Option<&'static str>,
    pub(crate) key: &'static str,
    pub(crate) verbs: &'static [Verb],
    pub(crate) properties: &'static [Property],
}

/// What can be done with the records of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// Listing them: `GET`.
    Read,
    /// `POST`.
    Create,
    /// `PUT`.
    Update,
    /// `DELETE`.
    Delete,
}

/// The three ways to read a resource. Exact serves each at its own path, with its own properties and filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// 60 rows a page.
    Plain,
    /// What changed, 1,000 rows a page.
    Feed,
    /// 1,000 rows a page.
    Bulk,
}

impl Resource {
    /// Its path behind the division, such as `crm/Accounts`.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The path of its sync feed, such as `sync/CRM/Accounts`.
    #[must_use]
    pub const fn feed(&self) -> Option<&'static str> {
        self.feed
    }

    /// The path of its twin that reads 1,000 rows a call, such as `bulk/CRM/Accounts`.
    #[must_use]
    pub const fn bulk(&self) -> Option<&'static str> {
        self.bulk
    }

    /// Whether Exact allows it, as far as its reference says.
    #[must_use]
    pub fn allows(&self, verb: Verb) -> bool {
        self.verbs.contains(&verb)
    }

    /// The name of its key property.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// Its properties.
    #[must_use]
    pub const fn properties(&self) -> &'static [Property] {
        self.properties
    }

    /// The property of that name, letter by letter.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The properties of these names.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) naming the first one that does not exist.
    pub fn select<I>(&self, names: I) -> Result<Vec<&'static Property>>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        names.into_iter().map(|name| self.known(name.as_ref())).collect()
    }

    /// A row of these values, checked as far as that costs no call: the properties exist, can be written and have
    /// that type.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) naming the property and what is wrong with it.
    pub fn row<I, N>(&self, values: I) -> Result<Row>
    where
        I: IntoIterator<Item = (N, Value)>,
        N: AsRef<str>,
    {
        let mut row = Row::default();
        for (name, value) in values {
            let property = self.known(name.as_ref())?;
            if !property.is_writable() {
                return Err(Error::config(format!("{}.{} is read-only", self.path, property.name)));
            }
            if !value.fits(property.edm) {
                let edm = property.edm.name();
                return Err(Error::config(format!("{}.{} takes {edm} only", self.path, property.name)));
            }
            row.insert(property, value);
        }
        Ok(row)
    }

    /// A row as it was serialized, of the properties that it names; what is none of this resource is passed over.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) where the text is no such row.
    pub fn parse(&'static self, json: &str) -> Result<Row> {
        let all: Vec<_> = self.properties.iter().collect();
        let row = RowSeed(&all).deserialize(&mut serde_json::Deserializer::from_str(json));
        row.map_err(|error| {
            Error::new(ErrorKind::Decode, format!("a stored row of {} cannot be read", self.path))
                .with_source(error)
        })
    }

    pub(crate) fn known(&self, name: &str) -> Result<&'static Property> {
        self.property(name).ok_or_else(|| Error::config(format!("{} has no property {name}", self.path)))
    }

    /// The path of a door, where there is one.
    pub(crate) fn door(&self, door: Door) -> Option<&'static str> {
        match door {
            Door::Plain => Some(self.path).filter(|_| self.allows(Verb::Read)),
            Door::Feed => self.feed,
            Door::Bulk => self.bulk,
        }
    }

    /// The properties that can be read through a door.
    pub(crate) fn readable(&self, door: Door) -> impl Iterator<Item = &'static Property> {
        self.properties.iter().filter(move |property| property.is_at(door))
    }

    /// The lines that come with a record where they are asked for.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &'static Property> {
        self.properties.iter().filter(|property| property.edm == Edm::Lines)
    }
}

/// One property of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Property {
    name: &'static str,
    edm: Edm,
    padding: Padding,
    filterable: bool,
    bulk_filterable: bool,
    created: bool,
    updated: bool,
    required: bool,
    max_length: Option<u16>,
    links_to: Option<&'static str>,
    plain: bool,
    feed: bool,
    bulk: bool,
}

/// How Exact fills up a short code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Padding {
    /// Not at all.
    None,
    /// With spaces before it, to this width.
    Left(u8),
    /// With spaces behind it, to this width.
    Right(u8),
    /// With spaces, to a width that nobody published.
    Unknown,
}

impl Property {
    /// A property that can be read and nothing else.
    pub(crate) const fn new(name: &'static str, edm: Edm) -> Self {
        Self {
            name,
            edm,
            padding: Padding::None,
            filterable: false,
            bulk_filterable: false,
            created: false,
            updated: false,
            required: false,
            max_length: None,
            links_to: None,
            plain: true,
            feed: true,
            bulk: true,
        }
    }

    /// The same for a type.
    pub(crate) const fn of<T: Scalar>(name: &'static str) -> Self {
        let mut property = Self::new(name, T::EDM);
        property.padding = T::PADDING;
        property
    }

    /// The lines of a record, which are created together with it.
    pub(crate) const fn lines(name: &'static str, lines: &'static Resource) -> Self {
        let mut property = Self::new(name, Edm::Lines).created();
        property.links_to = Some(lines.path);
        property.plain = false;
        property.feed = false;
        property.bulk = false;
        property
    }

    /// In a `$filter`, of the bulk twin too.
    pub(crate) const fn filterable(mut self) -> Self {
        self.filterable = true;
        self.bulk_filterable = true;
        self
    }

    /// In a `$filter` of the plain list alone.
    pub(crate) const fn filterable_plain(mut self) -> Self {
        self.filterable = true;
        self
    }

    pub(crate) const fn created(mut self) -> Self {
        self.created = true;
        self
    }

    pub(crate) const fn updated(mut self) -> Self {
        self.updated = true;
        self
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn max(mut self, characters: u16) -> Self {
        self.max_length = Some(characters);
        self
    }

    pub(crate) const fn left(mut self, width: u8) -> Self {
        self.padding = Padding::Left(width);
        self
    }

    pub(crate) const fn right(mut self, width: u8) -> Self {
        self.padding = Padding::Right(width);
        self
    }

    pub(crate) const fn links(mut self, path: &'static str) -> Self {
        self.links_to = Some(path);
        self
    }

    pub(crate) const fn feed_only(mut self) -> Self {
        self.plain = false;
        self.bulk = false;
        self
    }

    pub(crate) const fn not_in_feed(mut self) -> Self {
        self.feed = false;
        self
    }

    pub(crate) const fn not_in_bulk(mut self) -> Self {
        self.bulk = false;
        self
    }

    /// Can be sent and is never delivered.
    pub(crate) const fn never_read(mut self) -> Self {
        self.plain = false;
        self.feed = false;
        self.bulk = false;
        self
    }

    /// Whether it can be read through that door.
    pub(crate) const fn is_at(&self, door: Door) -> bool {
        match door {
            Door::Plain => self.plain,
            Door::Feed => self.feed,
            Door::Bulk => self.bulk,
        }
    }

    /// Whether the plain list delivers it.
    #[must_use]
    pub const fn is_in_list(&self) -> bool {
        self.plain
    }

    /// Whether the sync feed delivers it.
    #[must_use]
    pub const fn is_in_feed(&self) -> bool {
        self.feed
    }

    /// Whether the bulk twin delivers it.
    #[must_use]
    pub const fn is_in_bulk(&self) -> bool {
        self.bulk
    }

    /// Its name, as Exact spells it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its type.
    #[must_use]
    pub const fn edm(&self) -> Edm {
        self.edm
    }

    /// How Exact pads it.
    #[must_use]
    pub const fn padding(&self) -> Padding {
        self.padding
    }

    /// Whether a `$filter` may name it even where filtering is mandatory.
    #[must_use]
    pub const fn is_filterable(&self) -> bool {
        self.filterable
    }

    /// Whether a `$filter` of the bulk twin may name it.
    #[must_use]
    pub const fn is_bulk_filterable(&self) -> bool {
        self.bulk_filterable
    }

    /// Whether it can be written at all.
    #[must_use]
    pub const fn is_writable(&self) -> bool {
        self.created || self.updated
    }

    /// Whether it can be changed once the record is there.
    #[must_use]
    pub const fn is_updatable(&self) -> bool {
        self.updated
    }

    /// Whether a new record needs it.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.required
    }

    /// The longest text it takes, in characters, by the best public knowledge; Exact does not publish it.
    #[must_use]
    pub const fn max_length(&self) -> Option<u16> {
        self.max_length
    }

    /// The resource whose records it points to.
    #[must_use]
    pub const fn links_to(&self) -> Option<&'static str> {
        self.links_to
    }
}
