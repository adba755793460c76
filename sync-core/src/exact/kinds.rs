//! Which records of Exact are of which kind, as one table.

use crm_adapters::{Error, ErrorKind, Kind, Result};
use exact_client::{
    Account, Contact, Entity, EntityType, Item, Quotation, QuotationLine, Resource, SalesInvoice,
    SalesInvoiceLine, SalesInvoiceRow, SalesOrder, SalesOrderLine, WebhookTopic,
};

use super::kept::{
    ADDRESSES, DELIVERIES, DISCOUNTS, INVOICES, Kept, ORDER_LINES, PERIODS, PRICES, QUOTATION_LINES, TERMS,
};
use super::receivables::ENTRY;

/// How one kind of record lies in Exact.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    /// Where it is listed and written.
    pub(super) resource: &'static Resource,
    /// Whose feed tells of it: its own, but for invoices, whose feed mixes headers and lines.
    pub(super) feed: &'static Resource,
    pub(super) deleted: EntityType,
    /// What a webhook calls news of it.
    pub(super) topics: &'static [WebhookTopic],
    /// Its lines, which are created with it and read by its key.
    pub(super) lines: Option<Lines>,
    /// It can be taken out of use by an `EndDate`.
    pub(super) ends: bool,
    /// The properties that name whom it goes to, the first that is given.
    pub(super) delivered_to: &'static [&'static str],
    /// What else has to be followed for fields that are made of other records.
    pub(super) parts: &'static [Part],
}

/// The lines of a kind of document.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) property: &'static str,
    pub(super) resource: &'static Resource,
    /// Where they are kept as their feed tells them.
    pub(super) kept: Option<&'static Kept>,
    /// What of a line is delivered, besides what its bulk twin lacks.
    pub(super) fields: &'static [&'static str],
}

/// Another feed whose rows say something about records of a kind.
#[derive(Debug)]
pub(super) struct Part {
    /// The fields that need it: by name, or by what they begin with.
    pub(super) needed_by: &'static [&'static str],
    pub(super) kept: &'static Kept,
    /// The property of a row that names its whole.
    pub(super) whole: &'static str,
    pub(super) to: To,
    /// What the calendar alone changes.
    pub(super) daily: Option<Daily>,
    /// Its rows tell of the records themselves, the first time too.
    pub(super) brings: bool,
}

impl Part {
    const fn new(
        needed_by: &'static [&'static str],
        kept: &'static Kept,
        whole: &'static str,
        to: To,
    ) -> Self {
        Self { needed_by, kept, whole, to, daily: None, brings: false }
    }

    const fn daily(mut self, daily: Daily) -> Self {
        self.daily = Some(daily);
        self
    }

    const fn bringing(mut self) -> Self {
        self.brings = true;
        self
    }

    /// A term of payment, by the entry that its invoice was booked as, or else by number and customer.
    const fn term(needed_by: &'static [&'static str], to: To) -> Self {
        Self::new(needed_by, &TERMS, ENTRY, to).daily(Daily::Overdue)
    }
}

/// What changes on a new day although nobody wrote anything.
#[derive(Clone, Copy, Debug)]
pub(super) enum Daily {
    /// What is late is a day later.
    Overdue,
    /// A price, or the sale of an item, starts or ends.
    Price,
    /// What was agreed with a customer starts or ends.
    Agreement,
    /// A period of a price list starts or ends.
    Period,
}

/// What the property of a part names.
#[derive(Clone, Copy, Debug)]
pub(super) enum To {
    /// The record of that id, of which nothing but figures changes.
    Figures,
    /// The customer of a price, or whose price list is reckoned from it.
    Customers,
    /// The customers of the price list that a row is of, or the items that the row is about.
    PriceList,
    /// The same of all rows of a period.
    PeriodOfPriceList,
    /// The record of that id.
    Record,
    /// A line of a document that is kept, whose document it is.
    DocumentOfLine(&'static Kept),
    /// An invoice, of which nothing but figures changes.
    Invoice,
    /// An invoice, whose lines name the orders.
    OrdersOfInvoice,
    /// An invoice, which is part of what its reference comes to.
    BillingOfInvoice,
}

impl Shape {
    pub(super) fn of(kind: Kind) -> Result<&'static Self> {
        SHAPES.iter().find(|shape| shape.kind == kind).ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("Exact is not read for records of kind {kind}"))
        })
    }

    pub(super) fn all() -> impl Iterator<Item = &'static Self> {
        SHAPES.iter()
    }

    pub(super) fn key(&self) -> &'static str {
        self.resource.key()
    }

    /// It is no record of Exact's own: its parts alone tell of it.
    pub(super) fn made_of_parts(&self) -> bool {
        self.parts.iter().any(|part| part.brings)
    }

    /// Header rows of a feed that mixes them with lines have the line number 0.
    pub(super) fn feed_mixes_lines(&self) -> bool {
        self.feed.path() != self.resource.path()
    }

    /// The parts that a view of these fields has to follow.
    pub(super) fn parts_for(&self, fields: &[String]) -> impl Iterator<Item = &'static Part> {
        self.parts.iter().filter(move |part| part.needed_by.iter().any(|need| asks_for(fields, need)))
    }
}

/// Whether any of the fields is that one, or begins like it where it ends with a dot.
pub(super) fn asks_for(fields: &[String], need: &str) -> bool {
    fields.iter().any(|field| field == need || need.ends_with('.') && field.starts_with(need))
}

static SHAPES: [Shape; 7] = [
    Shape {
        kind: Kind::Company,
        resource: Account::RESOURCE,
        feed: Account::RESOURCE,
        deleted: EntityType::Account,
        topics: &[WebhookTopic::Accounts],
        lines: None,
        ends: true,
        delivered_to: &[],
        parts: COMPANY_PARTS,
    },
    Shape {
        kind: Kind::Contact,
        resource: Contact::RESOURCE,
        feed: Contact::RESOURCE,
        deleted: EntityType::Contact,
        topics: &[WebhookTopic::Contacts],
        lines: None,
        ends: true,
        delivered_to: &[],
        parts: &[],
    },
    Shape {
        kind: Kind::Product,
        resource: Item::RESOURCE,
        feed: Item::RESOURCE,
        deleted: EntityType::Item,
        topics: &[WebhookTopic::Items],
        lines: None,
        ends: true,
        delivered_to: &[],
        // An item that begins or ends to be sold is found by the daily look at prices.
        parts: &[
            Part::new(&["Price.", "Sale."], &PRICES, "Item", To::Figures).daily(Daily::Price),
            Part::new(&["Price.List"], &DISCOUNTS, "Item", To::PriceList),
            Part::new(&["Price.List"], &PERIODS, "ID", To::PeriodOfPriceList).daily(Daily::Period),
        ],
    },
    Shape {
        kind: Kind::Order,
        resource: SalesOrder::RESOURCE,
        feed: SalesOrder::RESOURCE,
        deleted: EntityType::SalesOrderHeader,
        // A delivery moves the status of the header, as a rule.
        topics: &[WebhookTopic::SalesOrders, WebhookTopic::GoodsDeliveries],
        lines: Some(Lines {
            property: "SalesOrderLines",
            resource: SalesOrderLine::RESOURCE,
            kept: Some(&ORDER_LINES),
            fields: ORDER_LINE,
        }),
        ends: false,
        delivered_to: &["DeliverTo", "OrderedBy"],
        parts: ORDER_PARTS,
    },
    Shape {
        kind: Kind::Quotation,
        resource: Quotation::RESOURCE,
        feed: Quotation::RESOURCE,
        deleted: EntityType::QuotationHeader,
        topics: &[WebhookTopic::Quotations],
        lines: Some(Lines {
            property: "QuotationLines",
            resource: QuotationLine::RESOURCE,
            kept: Some(&QUOTATION_LINES),
            fields: QUOTATION_LINE,
        }),
        ends: false,
        delivered_to: &["DeliveryAccount", "OrderAccount"],
        parts: &[Part::new(
            &["QuotationLines", "AmountDC", "AmountFC"],
            &QUOTATION_LINES,
            "QuotationID",
            To::Record,
        )],
    },
    Shape {
        kind: Kind::Invoice,
        resource: SalesInvoice::RESOURCE,
        feed: SalesInvoiceRow::RESOURCE,
        deleted: EntityType::SalesInvoice,
        topics: &[WebhookTopic::SalesInvoices],
        lines: Some(Lines {
            property: "SalesInvoiceLines",
            resource: SalesInvoiceLine::RESOURCE,
            kept: None,
            fields: DOCUMENT_LINE,
        }),
        ends: false,
        delivered_to: &[],
        parts: &[Part::term(&["Payment."], To::Invoice)],
    },
    Shape {
        kind: Kind::Billing,
        resource: SalesInvoice::RESOURCE,
        feed: SalesInvoiceRow::RESOURCE,
        deleted: EntityType::SalesInvoice,
        topics: &[],
        lines: None,
        ends: false,
        delivered_to: &[],
        parts: &[
            Part::term(&["Payment."], To::BillingOfInvoice),
            Part::new(&["YourRef", "Invoicing."], &INVOICES, "InvoiceID", To::BillingOfInvoice).bringing(),
        ],
    },
];

const COMPANY_PARTS: &[Part] = &[
    Part::new(&["Receivables."], &TERMS, "Account", To::Figures).daily(Daily::Overdue),
    Part::new(&["Prices."], &PRICES, "Account", To::Customers).daily(Daily::Agreement),
    // A period that a row names and nobody knows is read right behind.
    Part::new(&["Prices.OfList"], &DISCOUNTS, "PriceListPeriod", To::PriceList),
    Part::new(&["Prices.OfList"], &PERIODS, "ID", To::PeriodOfPriceList).daily(Daily::Period),
    // The visiting address is part of the account, whose own feed tells of it.
    Part::new(&["InvoiceAddress.", "DeliveryAddress."], &ADDRESSES, "Account", To::Figures),
];

/// The feed of order headers moves with the header alone, such as with its status: what happens to lines, deliveries and
/// invoices, their own feeds tell. The lines come last, so that they are no older than what the others tell.
const ORDER_PARTS: &[Part] = &[
    Part::new(&["Invoicing.", "Payment.", "Progress."], &INVOICES, "InvoiceID", To::OrdersOfInvoice),
    Part::term(&["Payment.", "Progress."], To::OrdersOfInvoice),
    Part::new(&["Delivery.", "Progress."], &DELIVERIES, "SalesOrderLineID", To::DocumentOfLine(&ORDER_LINES)),
    Part::new(
        &[
            "SalesOrderLines",
            "Delivery.",
            "Invoicing.",
            "Progress.",
            "Status",
            "DeliveryStatus",
            "InvoiceStatus",
            "AmountDC",
            "AmountFC",
            "AmountFCExclVat",
        ],
        &ORDER_LINES,
        "OrderID",
        To::Record,
    ),
];

pub(super) const ORDER_LINE: &[&str] = &[
    "AmountFC",
    "Description",
    "Discount",
    "Item",
    "ItemCode",
    "LineNumber",
    "NetPrice",
    "Quantity",
    "QuantityDelivered",
    "QuantityInvoiced",
    "UnitCode",
    "UnitPrice",
    "VATCode",
];

const DOCUMENT_LINE: &[&str] = &[
    "AmountFC",
    "Description",
    "Discount",
    "Item",
    "ItemCode",
    "LineNumber",
    "NetPrice",
    "Quantity",
    "UnitCode",
    "UnitPrice",
    "VATCode",
];

/// The code of the item does not stand there.
pub(super) const QUOTATION_LINE: &[&str] = &[
    "AmountFC",
    "Description",
    "Discount",
    "Item",
    "LineNumber",
    "NetPrice",
    "Quantity",
    "UnitCode",
    "UnitPrice",
    "VATCode",
];
