//! What was invoiced under a reference: no record of Exact's own, but what the invoices come to that carry it.

use std::collections::BTreeSet;

use crm_adapters::{Change, Field, Fields, Kind, Record, RecordId, Result, Value, View};
use exact_client::{Entity, Guid, Row, SalesInvoice, Value as Exact};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::adapter::ExactAdapter;
use super::derive::{Of, RECORDS_AT_ONCE, ids_in};
use super::invoicing::{CUSTOMER, REFERENCE, Reference, by_reference, reference, texts};
use super::kinds::asks_for;
use super::value;

/// What a reference has in an id as its code: what ids are taken apart by.
const CODED: &AsciiSet = &CONTROLS.add(b'/').add(b'%');

/// The fields that it has besides what it comes to.
pub(super) fn fields() -> impl Iterator<Item = Field> {
    let own = [REFERENCE, CUSTOMER].into_iter().filter_map(|name| SalesInvoice::RESOURCE.property(name));
    own.map(|property| value::field(property, None).read_only())
}

impl ExactAdapter {
    /// What has changed of what was invoiced under the references of the invoices that rows are about: rows of theirs, of
    /// their terms, or what is left of those that were deleted. Costs no call once the feeds were read.
    pub(super) async fn billing_of(&self, view: &View, rows: &[Row], named: &[Exact]) -> Result<Vec<Change>> {
        let mut invoices = self.invoice_rows("InvoiceID", named).await?;
        let known = ids_in(&invoices, "InvoiceID");
        invoices.extend(self.invoices_by_number(rows, &known).await?);
        let references = invoices.iter().chain(rows).filter_map(reference).collect();
        let billing = self.billing(view, references).await?.into_iter();
        Ok(billing.map(|(record, _)| Change::Present(record)).collect())
    }

    /// The same by its id. What no invoice carries is not there.
    pub(super) async fn billing_by_id(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        let billing = self.billing(view, ids.iter().filter_map(reference_of).collect()).await?.into_iter();
        Ok(billing.filter(|(_, invoices)| *invoices > 0).map(|(record, _)| record).collect())
    }

    /// Each with how many invoices it is made of.
    async fn billing(&self, view: &View, references: BTreeSet<Reference>) -> Result<Vec<(Record, usize)>> {
        let references: Vec<Reference> = references.into_iter().collect();
        let mut billing = Vec::with_capacity(references.len());
        for references in references.chunks(RECORDS_AT_ONCE) {
            let wanted = texts(references.iter().map(|(_, reference)| reference.as_str()));
            let rows = self.invoice_rows(REFERENCE, &wanted).await?;
            let terms = if asks_for(&view.fields, "Payment.") { self.terms(&rows).await? } else { Of::new() };
            let invoices = by_reference(rows);
            for reference in references {
                let own = invoices.get(reference).map_or(&[][..], Vec::as_slice);
                let mut record = named(reference);
                self.put_invoiced(view, &mut record, own, &terms);
                billing.push((record, own.len()));
            }
        }
        Ok(billing)
    }
}

/// What a reference says by itself.
fn named((customer, reference): &Reference) -> Record {
    let of = Value::Reference(RecordId::new(customer.to_string()));
    let fields = Fields::new().with(REFERENCE, Value::text(reference)).with(CUSTOMER, of);
    let id = id_of(*customer, reference);
    Record { kind: Kind::Billing, id, fields, revision: None, changed_at: None }
}

fn id_of(customer: Guid, reference: &str) -> RecordId {
    RecordId::new(format!("{customer}:{}", utf8_percent_encode(reference, CODED)))
}

fn reference_of(id: &RecordId) -> Option<Reference> {
    let (customer, reference) = id.as_str().split_once(':')?;
    let reference = percent_decode_str(reference).decode_utf8().ok()?.into_owned();
    Some((customer.parse().ok()?, reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_holds_any_reference_and_nothing_that_ids_are_taken_apart_by() {
        let customer: Guid = "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap();
        for reference in ["D-42", "PO 2026/001", "50%", "a:b", "Größe, één", "\u{7}"] {
            let id = id_of(customer, reference);
            assert!(!id.as_str().contains('/'), "{id}");
            assert_eq!(reference_of(&id), Some((customer, reference.to_owned())), "{id}");
        }
        assert_eq!(reference_of(&RecordId::new("D-42")), None);
    }
}
