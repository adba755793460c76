//! What customers owe: a term for each printed invoice, split by part payments, open again when a match is undone.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::super::tables::receivables;
use super::super::write::look_up;
use super::lines::rounded;

const OPEN: i64 = 20;
const MATCHED: i64 = 50;
/// The line type of what is to be received.
const RECEIVABLE: i64 = 20;
/// What a matched term was about, however it is shown.
pub(in super::super) const MATCHED_AMOUNT: &str = "MatchedAmount";

/// The term of an invoice that was just printed.
pub(super) fn owe(books: &mut Books<'_>, invoice: Uuid, row: &Row) {
    let total = row.number("AmountDC").unwrap_or_default();
    let (id, blank) = books.blank(&receivables::ENTITY);
    let (line, entry) = (books.new_id(), books.division.next_number("Entries", 26_700_001));
    let copy = |name: &str| row.stored(name).cloned().unwrap_or(Cell::Null);
    let mut term = blank
        .with("Account", copy("InvoiceTo"))
        .with("TransactionEntryID", Cell::Guid(invoice))
        .with("TransactionID", Cell::Guid(line))
        .with("EntryID", Cell::Guid(invoice))
        .with("EntryNumber", Cell::Int(entry))
        .with("EntryDate", copy("InvoiceDate"))
        .with("InvoiceNumber", copy("InvoiceNumber"))
        .with("InvoiceDate", copy("InvoiceDate"))
        .with("DueDate", copy("DueDate"))
        .with("TransactionDueDate", copy("DueDate"))
        .with("Currency", copy("Currency"))
        .with("Description", copy("Description"))
        .with("Document", copy("Document"))
        .with("Journal", copy("Journal"))
        .with("PaymentCondition", copy("PaymentCondition"))
        .with("PaymentReference", copy("PaymentReference"))
        .with("YourRef", copy("YourRef"))
        .with("PaymentMethod", Cell::text("B"))
        .with("RateFC", Cell::Int(1))
        .with("Source", Cell::Int(1))
        .with("TransactionType", copy("Type"))
        .with("TransactionStatus", Cell::Int(MATCHED))
        .with("TransactionAmountDC", Cell::decimal(total))
        .with("TransactionAmountFC", Cell::decimal(total))
        .with("LineType", Cell::Int(RECEIVABLE));
    set_open(&mut term, -total);
    look_up(books, &receivables::ENTITY, &mut term);
    books.put(Kind::PaymentTerm, id, term);
}

/// To receive is negative.
fn set_open(term: &mut Row, amount: Decimal) {
    for name in ["AmountDC", "AmountFC"] {
        term.set(name, Cell::decimal(rounded(amount)));
    }
    term.set("IsFullyPaid", Cell::Bool(false));
    term.set("Status", Cell::Int(OPEN));
    for name in ["EndDate", "EndPeriod", "EndYear", MATCHED_AMOUNT] {
        term.set(name, Cell::Null);
    }
}

fn set_matched(books: &Books<'_>, term: &mut Row, amount: Decimal) {
    let shown = if books.settings.matched_terms_keep_amount { amount } else { Decimal::ZERO };
    for name in ["AmountDC", "AmountFC"] {
        term.set(name, Cell::decimal(rounded(shown)));
    }
    term.set(MATCHED_AMOUNT, Cell::decimal(rounded(amount)));
    term.set("IsFullyPaid", Cell::Bool(true));
    term.set("Status", Cell::Int(MATCHED));
    term.set("EndDate", Cell::day(books.now));
}

fn open_terms(books: &Books<'_>, invoice: Uuid) -> Vec<Uuid> {
    let terms = books.ids(Kind::PaymentTerm, "TransactionEntryID", invoice);
    let open =
        |id: &Uuid| books.get(Kind::PaymentTerm, *id).is_some_and(|term| term.int("Status") != Some(MATCHED));
    terms.into_iter().filter(open).collect()
}

/// What is left to receive of an invoice.
pub(in super::super) fn outstanding(books: &Books<'_>, invoice: Uuid) -> Decimal {
    let open = open_terms(books, invoice);
    let amounts = open.iter().filter_map(|id| books.get(Kind::PaymentTerm, *id)?.number("AmountDC"));
    rounded(-amounts.sum::<Decimal>())
}

/// Matches an amount with the open terms, oldest first. A part splits a term: the rest gets a term of its own.
///
/// Money from the bank sets `LastPaymentDate`; a write-off or a credit note does not.
pub(in super::super) fn match_amount(books: &mut Books<'_>, invoice: Uuid, amount: Decimal, from_bank: bool) {
    let mut left = amount;
    for id in open_terms(books, invoice) {
        let Some(mut term) = books.get(Kind::PaymentTerm, id).cloned() else { continue };
        let owed = -term.number("AmountDC").unwrap_or_default();
        if left.is_zero() || owed.is_zero() {
            continue;
        }
        if from_bank {
            term.set("LastPaymentDate", Cell::day(books.now));
        }
        term.set("Modified", Cell::moment(books.now));
        let paid = if left.abs() < owed.abs() { left } else { owed };
        if owed != paid {
            let (rest_id, entry) = (books.new_id(), books.new_id());
            let mut rest = term.clone().with("ID", Cell::Guid(rest_id)).with("EntryID", Cell::Guid(entry));
            set_open(&mut rest, paid - owed);
            books.put(Kind::PaymentTerm, rest_id, rest);
        }
        set_matched(books, &mut term, -paid);
        books.put(Kind::PaymentTerm, id, term);
        left -= paid;
    }
}

/// Undoes the matches of an invoice: its terms are open again.
pub(in super::super) fn unmatch(books: &mut Books<'_>, invoice: Uuid) {
    for id in books.ids(Kind::PaymentTerm, "TransactionEntryID", invoice) {
        let amount = books.get(Kind::PaymentTerm, id).and_then(|term| term.number(MATCHED_AMOUNT));
        if let Some(amount) = amount {
            books.edit(Kind::PaymentTerm, id, |term| set_open(term, amount));
        }
    }
}
