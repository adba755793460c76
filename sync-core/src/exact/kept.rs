//! Which feeds are kept beside those of the records themselves, and what of their rows.

use exact_client::{
    Address, AddressType, Deleted, Entity, EntityType, GoodsDeliveryLine, PaymentTerm, PaymentTermType,
    QuotationLine, Resource, Row, SalesInvoiceRow, SalesItemPrice, SalesOrderLine, SalesPriceListPeriod,
    SalesPriceListVolumeDiscount, Scalar, WebhookTopic,
};

use super::addresses::ADDRESS;
use super::invoicing::INVOICE;
use super::kinds::{ORDER_LINE, QUOTATION_LINE, Shape};
use super::price_lists::{DISCOUNT, PERIOD, PERIOD_OF};
use super::prices::PRICE;
use super::receivables::{ENTRY, TERM};

/// A feed whose rows are kept.
#[derive(Debug)]
pub(super) struct Kept {
    /// What it goes by in the store.
    pub(super) name: &'static str,
    pub(super) feed: &'static Resource,
    pub(super) read: Read,
    /// What the Deleted feed calls one of its rows, and the property that its key is of.
    pub(super) deleted: Option<(EntityType, &'static str)>,
    /// What is kept of a row, in several lists.
    fields: [&'static [&'static str]; 2],
    /// The properties that rows are found by.
    pub(super) found_by: &'static [&'static str],
    /// Which rows are kept.
    pub(super) holds: fn(&Row) -> bool,
    /// The property that names the company that a row tells personal data of.
    pub(super) personal: Option<&'static str>,
    /// What a webhook calls news of it; empty where there is none for some of its changes.
    pub(super) topics: &'static [WebhookTopic],
}

/// How rows come to be kept.
#[derive(Debug)]
pub(super) enum Read {
    /// From their feed.
    Feed,
    /// From their feed; each names, by this property, one of those that are read whole.
    Naming(&'static str, &'static Kept),
    /// Whole from time to time: no feed tells of them.
    Whole,
    /// From the feed of what was deleted: what a row is about is no longer kept.
    Deletions,
}

impl Kept {
    /// The properties that are read of a row.
    pub(super) fn properties(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().flat_map(|fields| fields.iter().copied()).chain(["ID"])
    }

    /// The feeds whose rows name one of these.
    pub(super) fn named_by(&self) -> impl Iterator<Item = &'static Self> {
        Self::all().filter(|kept| matches!(kept.read, Read::Naming(_, named) if std::ptr::eq(named, self)))
    }

    pub(super) fn all() -> impl Iterator<Item = &'static Self> {
        PARTS.into_iter()
    }

    /// The feed whose rows Exact calls so when they are deleted.
    pub(super) fn of_deleted(row: &Row) -> Option<&'static Self> {
        let is_of =
            |kept: &&Self| kept.deleted.is_some_and(|(ty, _)| row.get("EntityType") == Some(&ty.to_value()));
        PARTS.into_iter().find(is_of)
    }
}

/// Terms of payment that customers owe. No topic tells of a payment.
pub(super) static TERMS: Kept = Kept {
    name: "terms",
    feed: PaymentTerm::RESOURCE,
    read: Read::Feed,
    deleted: Some((EntityType::PaymentTerm, "ID")),
    fields: [TERM, &["LineType"]],
    found_by: &["Account", ENTRY, "InvoiceNumber"],
    holds: |row| row.get("LineType") == Some(&PaymentTermType::Receivable.to_value()),
    personal: None,
    topics: &[],
};

/// Where the invoices and the goods of an account go. Where it is visited is part of the account.
pub(super) static ADDRESSES: Kept = Kept {
    name: "addresses",
    feed: Address::RESOURCE,
    read: Read::Feed,
    deleted: Some((EntityType::Address, "ID")),
    fields: [ADDRESS, &[]],
    found_by: &["Account"],
    holds: |row| {
        [AddressType::Invoice, AddressType::Delivery].iter().any(|ty| row.get("Type") == Some(&ty.to_value()))
    },
    personal: Some("Account"),
    topics: &[WebhookTopic::Accounts],
};

pub(super) static PRICES: Kept = Kept {
    name: "prices",
    feed: SalesItemPrice::RESOURCE,
    read: Read::Feed,
    deleted: Some((EntityType::SalesItemPrice, "ID")),
    fields: [PRICE, &[]],
    found_by: &["Account", "Item"],
    holds: |_| true,
    personal: None,
    topics: &[WebhookTopic::Items],
};

/// What price lists say of items and of groups of items. No topic is known that tells of it, nor of the periods: that of
/// items stands in for it, so that they are not asked for as often as payments.
pub(super) static DISCOUNTS: Kept = Kept {
    name: "discounts",
    feed: SalesPriceListVolumeDiscount::RESOURCE,
    read: Read::Naming(PERIOD_OF, &PERIODS),
    deleted: Some((EntityType::DiscountTable, "ID")),
    fields: [DISCOUNT, &[]],
    found_by: &["Item", "ItemGroup", PERIOD_OF],
    holds: |_| true,
    personal: None,
    topics: &[WebhookTopic::Items],
};

/// The periods of price lists. They have no feed.
pub(super) static PERIODS: Kept = Kept {
    name: "periods",
    feed: SalesPriceListPeriod::RESOURCE,
    read: Read::Whole,
    deleted: None,
    fields: [PERIOD, &[]],
    found_by: &["ID", "PriceList"],
    holds: |_| true,
    personal: None,
    topics: &[WebhookTopic::Items],
};

pub(super) static ORDER_LINES: Kept = Kept {
    name: "order_lines",
    feed: SalesOrderLine::RESOURCE,
    read: Read::Feed,
    deleted: Some((EntityType::SalesOrderLine, "ID")),
    fields: [ORDER_LINE, &["OrderID"]],
    found_by: &["OrderID"],
    holds: |_| true,
    personal: None,
    topics: &[WebhookTopic::SalesOrders, WebhookTopic::GoodsDeliveries],
};

pub(super) static QUOTATION_LINES: Kept = Kept {
    name: "quotation_lines",
    feed: QuotationLine::RESOURCE,
    read: Read::Feed,
    deleted: Some((EntityType::QuotationLine, "ID")),
    fields: [QUOTATION_LINE, &["QuotationID"]],
    found_by: &["QuotationID"],
    holds: |_| true,
    personal: None,
    topics: &[WebhookTopic::Quotations],
};

/// What was shipped of each line of an order. The line has the sum, but it is nowhere said that its feed tells of it again.
pub(super) static DELIVERIES: Kept = Kept {
    name: "deliveries",
    feed: GoodsDeliveryLine::RESOURCE,
    read: Read::Feed,
    deleted: Some((EntityType::GoodsDeliveryLine, "ID")),
    fields: [&["QuantityDelivered", "SalesOrderLineID"], &[]],
    found_by: &["SalesOrderLineID"],
    holds: |_| true,
    personal: None,
    topics: &[WebhookTopic::GoodsDeliveries],
};

/// Invoices, and which orders their lines come from.
pub(super) static INVOICES: Kept = Kept {
    name: "invoices",
    feed: SalesInvoiceRow::RESOURCE,
    read: Read::Feed,
    deleted: Some((EntityType::SalesInvoice, "InvoiceID")),
    fields: [INVOICE, &["InvoiceID", "LineNumber", "SalesOrder"]],
    found_by: &["InvoiceID", "InvoiceNumber", "SalesOrder", "YourRef"],
    holds: |row| is_header(row) || row.guid("SalesOrder").is_some_and(|order| !order.is_nil()),
    personal: None,
    topics: &[WebhookTopic::SalesInvoices],
};

/// What was deleted of everything that is followed.
pub(super) static DELETED: Kept = Kept {
    name: "deleted",
    feed: Deleted::RESOURCE,
    read: Read::Deletions,
    deleted: None,
    fields: [&["EntityKey", "EntityType"], &[]],
    found_by: &[],
    holds: |row| {
        let is_of = |ty: EntityType| row.get("EntityType") == Some(&ty.to_value());
        Kept::of_deleted(row).is_some() || Shape::all().any(|shape| is_of(shape.deleted))
    },
    personal: None,
    topics: &[],
};

static PARTS: [&Kept; 9] = [
    &TERMS,
    &ADDRESSES,
    &PRICES,
    &DISCOUNTS,
    &PERIODS,
    &ORDER_LINES,
    &QUOTATION_LINES,
    &DELIVERIES,
    &INVOICES,
];

/// The header of an invoice, in a feed that mixes them with lines.
pub(super) fn is_header(row: &Row) -> bool {
    row.int("LineNumber") == Some(0)
}
