//! A resource as data: its properties, its pages, what may be filtered and written.

use serde::{Deserialize, Serialize};

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
    pub(super) on_create: bool,
    pub(super) on_update: bool,
    /// A record without it is refused.
    pub(super) required: bool,
    /// Accepted, and never shown again.
    pub(super) write_only: bool,
    /// The record of the same division that it names by its key.
    pub(super) of: Option<Kind>,
    /// The record of the same division that it names by its `Code`.
    pub(super) code_of: Option<Kind>,
    /// The property that names a record, and the property of that record which is shown here.
    pub(super) look_up: Option<(&'static str, &'static str)>,
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
            on_create: false,
            on_update: false,
            required: false,
            write_only: false,
            of: None,
            code_of: None,
            look_up: None,
            not_null: false,
            indexed: false,
        }
    }

    pub(super) const fn approved(mut self) -> Self {
        self.approved = true;
        self
    }

    pub(super) const fn writable(mut self) -> Self {
        self.on_update = true;
        self.on_create()
    }

    /// Fixed once the record is there.
    pub(super) const fn on_create(mut self) -> Self {
        self.on_create = true;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    pub(super) const fn of(mut self, kind: Kind) -> Self {
        self.of = Some(kind);
        self
    }

    pub(super) const fn code_of(mut self, kind: Kind) -> Self {
        self.code_of = Some(kind);
        self
    }

    /// Shows `property` of the record that `reference` names.
    pub(super) const fn looked_up(mut self, reference: &'static str, property: &'static str) -> Self {
        self.look_up = Some((reference, property));
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

/// The tables of a division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Kind {
    Account,
    Address,
    BankAccount,
    Contact,
    Currency,
    Document,
    DocumentAttachment,
    GlAccount,
    GoodsDelivery,
    GoodsDeliveryLine,
    Item,
    ItemGroup,
    Journal,
    Opportunity,
    PaymentCondition,
    PaymentTerm,
    Quotation,
    QuotationLine,
    SalesInvoice,
    SalesInvoiceLine,
    SalesItemPrice,
    SalesOrder,
    SalesOrderLine,
    SalesPriceList,
    SalesPriceListPeriod,
    SalesPriceListVolumeDiscount,
    Unit,
    VatCode,
    Warehouse,
    WebhookSubscription,
    /// Rows that no table holds.
    System,
}

/// What a create without `Prefer: return=representation` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    KeyOnly,
    Filled,
}

/// The lines that are posted together with their header.
#[derive(Debug)]
pub(super) struct Lines {
    /// The header's collection.
    pub(super) property: &'static str,
    pub(super) entity: &'static Entity,
    /// The line's property that names its header.
    pub(super) parent: &'static str,
}

/// A kind of row, as `$metadata` describes it.
#[derive(Debug)]
pub(super) struct Entity {
    /// The type in `__metadata`.
    pub(super) type_name: &'static str,
    pub(super) kind: Kind,
    pub(super) key: &'static str,
    pub(super) properties: &'static [Property],
    /// Properties in addition to `properties`.
    pub(super) extra: &'static [Property],
    /// Names in `properties` that this one lacks.
    pub(super) without: &'static [&'static str],
    pub(super) lines: Option<Lines>,
    /// Its number in the deletion feed.
    pub(super) deleted_as: Option<i64>,
    /// The webhook topic that its changes belong to.
    pub(super) topic: Option<&'static str>,
    pub(super) echo: Echo,
}

impl Entity {
    pub(super) const PLAIN: Self = Self {
        type_name: "",
        kind: Kind::System,
        key: "ID",
        properties: &[],
        extra: &[],
        without: &[],
        lines: None,
        deleted_as: None,
        topic: None,
        echo: Echo::KeyOnly,
    };

    /// In the order in which they are shown.
    pub(super) fn properties(&self) -> impl Iterator<Item = &'static Property> {
        self.extra.iter().chain(self.properties).filter(|property| !self.without.contains(&property.name))
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
    /// The table of the entity's kind, by key.
    Table,
    /// The same by row version.
    Feed,
    /// Headers and lines of invoices by row version.
    InvoiceFeed,
    Deleted,
    Divisions,
    Me,
}

/// The verbs besides GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verbs {
    pub(super) post: bool,
    pub(super) put: bool,
    pub(super) delete: bool,
}

impl Verbs {
    pub(super) const NONE: Self = Self { post: false, put: false, delete: false };
    pub(super) const ALL: Self = Self { post: true, put: true, delete: true };
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
    pub(super) verbs: Verbs,
}
