//! What a kind of record is made of. The kinds themselves are in `kinds`.

use super::kinds::KINDS;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Kind, RecordId};

/// The longest text of a `varchar` field, in characters.
pub(super) const VARCHAR: usize = 255;

/// One kind of record in Pipedrive.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// Pipedrive's own word, as its search wants it.
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// Where its records are that people have put aside, and that `path` does not list.
    pub(super) archived_path: Option<&'static str>,
    /// Where its fields are listed, if it can have custom ones.
    pub(super) fields_path: Option<&'static str>,
    pub(super) version: Version,
    /// Whether records can be written. What can be created can be updated and deleted.
    pub(super) writable: bool,
    /// The company's lists that its properties choose from, read together with its fields.
    pub(super) lists: &'static [List],
    pub(super) properties: &'static [Property],
}

/// The version of the API that serves a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Pages by position, doubled prices, times without a zone, custom fields beside the others.
    V1,
    V2,
}

/// A list of the company that is not part of a field's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum List {
    Users,
    Pipelines,
    /// Each with the name of its pipeline before it.
    Stages,
    Currencies,
    /// The one currency in which the user thinks.
    OwnCurrency,
}

/// A built-in property.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    /// The vendor's name where records use another one.
    pub(super) wire: &'static str,
    pub(super) label: &'static str,
    pub(super) shape: Shape,
    pub(super) access: Access,
    /// The search's word for it, where the search takes it.
    pub(super) search: Option<&'static str>,
    /// Whether the list can be narrowed to one value of it.
    pub(super) listed: bool,
}

/// Who may write a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Writable,
    Required,
    ReadOnly,
}

/// How a value looks on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text, with its longest length in characters.
    Text(Option<usize>),
    /// One of these words.
    Word(&'static [&'static str]),
    Number,
    /// A number without decimals.
    Whole,
    Bool,
    Date,
    Instant,
    /// The id of an option.
    Choice,
    /// The ids of options.
    Choices,
    /// The id of an entry of one of the company's lists.
    Listed(List),
    /// The code of a currency.
    Currency,
    /// An object whose `value` is the address as text.
    Address,
    /// A part of an address.
    Part(&'static str),
    /// The amount of an object of amount and currency.
    Amount,
    /// The currency of such an object.
    AmountCurrency,
    /// The primary one of several e-mail addresses or telephone numbers.
    Primary,
    /// The price in one currency, of an array of prices.
    Price,
    /// The products of a deal, which are read by a call of their own.
    Lines,
    /// What is taken off a whole deal, which is read by a call of its own.
    Discounts,
    /// The id of a record of that kind; of something that has no kind here without one.
    Id(Option<Kind>),
    /// Something that has no neutral form.
    Other,
}

pub(super) const fn property(name: &'static str, label: &'static str, shape: Shape) -> Property {
    Property { name, wire: name, label, shape, access: Access::Writable, search: None, listed: false }
}

impl Property {
    pub(super) const fn read_only(mut self) -> Self {
        self.access = Access::ReadOnly;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.access = Access::Required;
        self
    }

    pub(super) const fn searched_as(mut self, word: &'static str) -> Self {
        self.search = Some(word);
        self
    }

    pub(super) const fn listed(mut self) -> Self {
        self.listed = true;
        self
    }

    pub(super) const fn on_wire(mut self, wire: &'static str) -> Self {
        self.wire = wire;
        self
    }
}

impl Entity {
    /// Whether an id has the form of this kind's ids. One of another form would reach into the path.
    pub(super) fn is_id(&self, id: &RecordId) -> bool {
        match self.kind {
            Kind::Lead => {
                id.as_str().len() == 36 && id.as_str().bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
            }
            _ => id.is_number(),
        }
    }

    /// Its lists, one after the other.
    pub(super) fn paths(&self) -> Vec<&'static str> {
        std::iter::once(self.path).chain(self.archived_path).collect()
    }

    /// A price of version 2, doubled where version 1 is used.
    pub(super) fn price(&self, cost: u64) -> u64 {
        match self.version {
            Version::V1 => 2 * cost,
            Version::V2 => cost,
        }
    }
}

/// The entity of a kind, lines of deals included.
pub(super) fn described(kind: Kind) -> Result<&'static Entity> {
    KINDS.into_iter().find(|entity| entity.kind == kind).ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, format!("the Pipedrive adapter does not know the kind {kind}"))
    })
}

/// The entity of a kind that has records of its own.
pub(super) fn entity(kind: Kind) -> Result<&'static Entity> {
    match described(kind)? {
        line if line.kind == Kind::Line => {
            Err(Error::new(ErrorKind::Unsupported, "in Pipedrive a line has no record of its own")
                .with_remedy("read the field products of its deal"))
        }
        entity => Ok(entity),
    }
}

/// The shape of a custom field, by the vendor's name of its type.
pub(super) fn custom_shape(field_type: &str) -> Shape {
    match field_type {
        "varchar" | "varchar_auto" | "phone" => Shape::Text(Some(VARCHAR)),
        "text" => Shape::Text(None),
        "double" => Shape::Number,
        "int" => Shape::Whole,
        "boolean" => Shape::Bool,
        "date" => Shape::Date,
        "enum" => Shape::Choice,
        "set" => Shape::Choices,
        "address" => Shape::Address,
        "monetary" => Shape::Amount,
        "org" => Shape::Id(Some(Kind::Company)),
        "people" => Shape::Id(Some(Kind::Contact)),
        "user" => Shape::Listed(List::Users),
        _ => Shape::Other,
    }
}

/// Whether the search by one field takes a custom field of that type.
pub(super) fn is_searchable(field_type: &str) -> bool {
    matches!(field_type, "address" | "varchar" | "text" | "varchar_auto" | "double" | "monetary" | "phone")
}
