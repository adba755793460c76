//! What is known of a resource: one table that typed entities and dynamic rows share.

use super::{Edm, Row, Value};
use crate::error::{Error, Result};

/// A resource of Exact Online: where it is, and its properties.
#[derive(Debug)]
#[non_exhaustive]
pub struct Resource {
    pub(crate) path: &'static str,
    pub(crate) feed: Option<&'static str>,
    pub(crate) key: &'static str,
    pub(crate) properties: &'static [Property],
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
            if !property.writable {
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

    pub(crate) fn known(&self, name: &str) -> Result<&'static Property> {
        self.property(name).ok_or_else(|| Error::config(format!("{} has no property {name}", self.path)))
    }

    /// The properties that a plain read can ask for.
    pub(crate) fn readable(&self) -> impl Iterator<Item = &'static Property> {
        self.properties.iter().filter(|property| property.place != Place::Feed)
    }

    /// The properties that the sync feed can be asked for.
    pub(crate) fn feedable(&self) -> impl Iterator<Item = &'static Property> {
        self.properties.iter().filter(|property| property.place != Place::Plain)
    }
}

/// One property of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Property {
    name: &'static str,
    edm: Edm,
    padding: Padding,
    filterable: bool,
    writable: bool,
    required: bool,
    max_length: Option<u16>,
    links_to: Option<&'static str>,
    place: Place,
}

/// Where a property can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Both,
    Plain,
    Feed,
}

/// How Exact fills up a short code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Padding {
    /// Not at all.
    None,
    /// With spaces before it, to this width.
    Left(u8),
    /// With spaces behind it, to this width.
    Right(u8),
}

impl Property {
    /// A property that can be read and nothing else.
    pub(crate) const fn new(name: &'static str, edm: Edm) -> Self {
        Self {
            name,
            edm,
            padding: Padding::None,
            filterable: false,
            writable: false,
            required: false,
            max_length: None,
            links_to: None,
            place: Place::Both,
        }
    }

    pub(crate) const fn filterable(mut self) -> Self {
        self.filterable = true;
        self
    }

    pub(crate) const fn writable(mut self) -> Self {
        self.writable = true;
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
        self.place = Place::Feed;
        self
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

    /// Whether it can be written.
    #[must_use]
    pub const fn is_writable(&self) -> bool {
        self.writable
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
