//! Fields that Exact has not as such: what other records say about one, under names with a prefix that no property of
//! Exact has.

use crm_adapters::{Field, FieldType, Kind};

/// A status is a few words.
const STATUS: usize = 40;

const COMPANY: &[(&str, &str, FieldType)] = &[
    ("Receivables.Outstanding", "Outstanding amount", FieldType::Decimal),
    ("Receivables.Overdue", "Overdue amount", FieldType::Decimal),
    ("Receivables.OverdueDays", "Days overdue", FieldType::Decimal),
    ("Receivables.OpenInvoices", "Open invoices", FieldType::Decimal),
    ("Receivables.LastPayment", "Last payment", FieldType::Date),
    ("Prices.Agreed", "Agreed prices", FieldType::Text),
    ("Prices.OfList", "Prices of the price list", FieldType::Text),
];

/// A price goes by its currency, so that none is ever taken for another.
const PRODUCT: &[(&str, &str, FieldType)] = &[
    ("Price.EUR", "List price in EUR", FieldType::Decimal),
    ("Price.USD", "List price in USD", FieldType::Decimal),
    ("Price.GBP", "List price in GBP", FieldType::Decimal),
    ("Price.CHF", "List price in CHF", FieldType::Decimal),
    ("Price.DKK", "List price in DKK", FieldType::Decimal),
    ("Price.NOK", "List price in NOK", FieldType::Decimal),
    ("Price.SEK", "List price in SEK", FieldType::Decimal),
    ("Price.PLN", "List price in PLN", FieldType::Decimal),
    ("Price.Breaks", "Quantity prices", FieldType::Text),
    ("Price.List", "Prices", FieldType::Lines),
    ("Sale.Active", "For sale", FieldType::Bool),
    ("Sale.Status", "Sales status", FieldType::Text),
];

/// What the fields that begin with `Sale.` are worked out from: the item's own properties.
const SALE: &[&str] = &["EndDate", "IsSalesItem", "StartDate"];

const ORDER: &[(&str, &str, FieldType)] = &[
    ("Delivery.Status", "Delivery status", FieldType::Text),
    ("Delivery.Shipped", "Shipped", FieldType::Text),
    ("Invoicing.Status", "Invoice status", FieldType::Text),
    ("Progress.Status", "Progress", FieldType::Text),
];

/// Of an order, and of what was invoiced under a reference.
const INVOICING: &[(&str, &str, FieldType)] = &[
    ("Invoicing.Numbers", "Invoice numbers", FieldType::Text),
    ("Invoicing.CreditNotes", "Credit notes", FieldType::Text),
    ("Invoicing.Currency", "Currency of the amounts", FieldType::Text),
    ("Invoicing.Amount", "Invoiced amount", FieldType::Decimal),
];

/// Of these, and of an invoice.
const PAYMENT: &[(&str, &str, FieldType)] = &[
    ("Payment.Status", "Payment status", FieldType::Text),
    ("Payment.Outstanding", "Outstanding amount", FieldType::Decimal),
    ("Payment.Paid", "Paid amount", FieldType::Decimal),
    ("Payment.WrittenOff", "Written off or credited", FieldType::Decimal),
    ("Payment.OverdueDays", "Days overdue", FieldType::Decimal),
    ("Payment.LastPayment", "Last payment", FieldType::Date),
];

const INVOICE: &[(&str, &str, FieldType)] = &[("Document.Link", "Invoice PDF", FieldType::Text)];

const QUOTATION: &[(&str, &str, FieldType)] = &[("Answer.Status", "Quotation status", FieldType::Text)];

/// What the fields that begin with `Answer.` are worked out from.
const ANSWER: &[&str] = &["Status"];

/// What the fields that begin with `Document.` are found by.
const DOCUMENT: &[&str] = &["Document"];

/// Which properties of the record itself fields are made of; they are read along with it.
#[derive(Debug)]
pub(super) struct MadeOf {
    /// A field, or what several begin with.
    pub(super) field: &'static str,
    pub(super) own: &'static [&'static str],
    /// Another record may change it alone: then they are looked up. Else it changes with the record.
    pub(super) changes_alone: bool,
}

impl MadeOf {
    const fn record(field: &'static str, own: &'static [&'static str]) -> Self {
        Self { field, own, changes_alone: false }
    }

    const fn record_and_others(field: &'static str, own: &'static [&'static str]) -> Self {
        Self { field, own, changes_alone: true }
    }
}

pub(super) const MADE_OF: [MadeOf; 8] = [
    MadeOf::record("Sale.", SALE),
    MadeOf::record("Answer.", ANSWER),
    MadeOf::record("Document.", DOCUMENT),
    MadeOf::record("Delivery.", &["DeliveryStatus"]),
    MadeOf::record("Invoicing.", &["InvoiceStatus"]),
    MadeOf::record("Progress.", &["DeliveryStatus", "InvoiceStatus"]),
    MadeOf::record_and_others("Price.List", &[GROUP]),
    MadeOf::record_and_others("Prices.OfList", &[LIST]),
];

/// The group that an item is in.
pub(super) const GROUP: &str = "ItemGroup";

/// The price list that a customer has.
pub(super) const LIST: &str = "PriceList";

/// The derived fields of a kind.
pub(super) fn fields(kind: Kind) -> impl Iterator<Item = Field> {
    let fields: &[&[(&str, &str, FieldType)]] = match kind {
        Kind::Company => &[COMPANY],
        Kind::Product => &[PRODUCT],
        Kind::Order => &[ORDER, INVOICING, PAYMENT],
        Kind::Quotation => &[QUOTATION],
        Kind::Invoice => &[INVOICE, PAYMENT],
        Kind::Billing => &[INVOICING, PAYMENT],
        _ => &[],
    };
    let field = |(name, label, ty): &(&str, &str, FieldType)| {
        let field = Field::new(*name, *label, *ty).read_only();
        if name.ends_with(".Status") { field.max_length(STATUS) } else { field }
    };
    fields.iter().copied().flatten().map(field)
}

/// Whether a name is one of a derived field rather than one of Exact's.
pub(super) fn is_derived(name: &str) -> bool {
    name.contains('.')
}
