//! A resource as data: its properties, its pages, what may be filtered and written.

/// The OData types that Exact's resources use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edm {
    Binary,
    Boolean,
    Byte,
    DateTime,
    Double,
    Guid,
    Int16,
    Int32,
    Int64,
    /// A collection that is only ever deferred.
    Navigation,
    String,
}

/// The fixed width of a text, filled up with blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Free,
    /// Blanks on the left.
    Left(usize),
    /// Blanks on the right.
    Right(usize),
}

/// What a property holds when nobody ever set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unset {
    Null,
    False,
    True,
    Number(i64),
    Text(&'static str),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) edm: Edm,
    pub(super) width: Width,
    pub(super) unset: Unset,
    /// Named by the mandatory-filter rule.
    pub(super) approved: bool,
    pub(super) writable: bool,
    /// Never null, so that even the echo of a create carries it.
    pub(super) not_null: bool,
    /// Looked up by equality often enough to deserve an index.
    pub(super) indexed: bool,
}

impl Property {
    pub(super) const fn new(name: &'static str, edm: Edm) -> Self {
        Self {
            name,
            edm,
            width: Width::Free,
            unset: Unset::Null,
            approved: false,
            writable: false,
            not_null: false,
            indexed: false,
        }
    }

    pub(super) const fn approved(mut self) -> Self {
        self.approved = true;
        self
    }

    pub(super) const fn writable(mut self) -> Self {
        self.writable = true;
        self
    }

    pub(super) const fn not_null(mut self) -> Self {
        self.not_null = true;
        self.unset(Unset::Number(0))
    }

    pub(super) const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    pub(super) const fn unset(mut self, unset: Unset) -> Self {
        self.unset = unset;
        self
    }

    pub(super) const fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }
}

/// A kind of row, as `$metadata` describes it.
#[derive(Debug)]
pub(super) struct Entity {
    /// The type in `__metadata`.
    pub(super) type_name: &'static str,
    pub(super) key: &'static str,
    pub(super) properties: &'static [Property],
    /// Properties in addition to `properties`.
    pub(super) extra: &'static [Property],
}

impl Entity {
    pub(super) fn properties(&self) -> impl Iterator<Item = &'static Property> {
        self.extra.iter().chain(self.properties)
    }

    /// Names are case-sensitive.
    pub(super) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties().find(|property| property.name == name)
    }
}

/// What a list may be filtered on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filters {
    Any,
    /// Any, but where the rule is switched on one of the approved properties has to be among them.
    Approved,
    Only(&'static [&'static str]),
}

/// Where a resource's rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    Accounts,
    AccountFeed,
    Deleted,
    Divisions,
    Me,
}

#[derive(Debug)]
pub(super) struct Resource {
    /// Behind `/api/v1/{division}/`.
    pub(super) path: &'static str,
    pub(super) entity: &'static Entity,
    pub(super) rows: Rows,
    pub(super) page: usize,
    pub(super) filters: Filters,
    /// Whether a list without `$select` and without `$top=1` is refused.
    pub(super) wants_select: bool,
    pub(super) writable: bool,
}
