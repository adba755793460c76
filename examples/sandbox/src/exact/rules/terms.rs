//! What customers owe: a term for each printed invoice, split by part payments, open again when a match is undone.

use chrono::Days;
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

/// The id of the entry that an invoice is booked as.
fn entry_of(books: &Books<'_>, invoice: Uuid) -> Uuid {
    if books.settings.entries_of_their_own { Uuid::from_u128(!invoice.as_u128()) } else { invoice }
}

/// The term of an invoice that was just printed.
pub(super) fn owe(books: &mut Books<'_>, invoice: Uuid, row: &Row) {
    let (total, rate) = (row.number("AmountFC").unwrap_or_default(), books.rate(row));
    let (id, blank) = books.blank(&receivables::ENTITY);
    let (line, entry) = (books.new_id(), books.division.next_number("Entries", 26_700_001));
    let copy = |name: &str| row.stored(name).cloned().unwrap_or(Cell::Null);
    let mut term = blank
        .with("Account", copy("InvoiceTo"))
        .with("TransactionEntryID", Cell::Guid(entry_of(books, invoice)))
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
        .with("RateFC", Cell::decimal(rate))
        .with("Source", Cell::Int(1))
        .with("TransactionType", copy("Type"))
        .with("TransactionStatus", Cell::Int(MATCHED))
        .with("TransactionAmountDC", Cell::decimal(rounded(total * rate)))
        .with("TransactionAmountFC", Cell::decimal(total))
        .with("LineType", Cell::Int(RECEIVABLE));
    set_open(&mut term, -total);
    look_up(books, &receivables::ENTITY, &mut term);
    books.put(Kind::PaymentTerm, id, term);
}

/// An amount in the currency of the term, and in that of the administration.
fn set_amounts(term: &mut Row, amount: Decimal) {
    let rate = term.number("RateFC").unwrap_or(Decimal::ONE);
    term.set("AmountFC", Cell::decimal(rounded(amount)));
    term.set("AmountDC", Cell::decimal(rounded(amount * rate)));
}

/// To receive is negative.
fn set_open(term: &mut Row, amount: Decimal) {
    set_amounts(term, amount);
    term.set("IsFullyPaid", Cell::Bool(false));
    term.set("Status", Cell::Int(OPEN));
    for name in ["EndDate", "EndPeriod", "EndYear", MATCHED_AMOUNT] {
        term.set(name, Cell::Null);
    }
}

fn set_matched(books: &Books<'_>, term: &mut Row, amount: Decimal) {
    let shown = if books.settings.matched_terms_keep_amount { amount } else { Decimal::ZERO };
    set_amounts(term, shown);
    term.set(MATCHED_AMOUNT, Cell::decimal(rounded(amount)));
    term.set("IsFullyPaid", Cell::Bool(true));
    term.set("Status", Cell::Int(MATCHED));
    term.set("EndDate", Cell::day(books.now));
}

/// The one that is due first comes first.
fn open_terms(books: &Books<'_>, invoice: Uuid) -> Vec<Uuid> {
    let terms = books.ids(Kind::PaymentTerm, "TransactionEntryID", entry_of(books, invoice));
    let open = terms.into_iter().filter_map(|id| {
        let term = books.get(Kind::PaymentTerm, id).filter(|term| term.int("Status") != Some(MATCHED))?;
        let due = match term.stored("DueDate") {
            Some(Cell::Moment(due)) => Some(*due),
            _ => None,
        };
        Some((due, id))
    });
    let mut open: Vec<_> = open.collect();
    open.sort_unstable();
    open.into_iter().map(|(_, id)| id).collect()
}

/// Puts a part of what is open off to a later day: it gets a term of its own.
pub(in super::super) fn put_off(books: &mut Books<'_>, invoice: Uuid, amount: Decimal, days: u64) {
    let Some(id) = open_terms(books, invoice).first().copied() else { return };
    let Some(mut term) = books.get(Kind::PaymentTerm, id).cloned() else { return };
    let (later_id, entry) = (books.new_id(), books.new_id());
    let mut later = term.clone().with("ID", Cell::Guid(later_id)).with("EntryID", Cell::Guid(entry));
    set_open(&mut later, -amount);
    if let Some(Cell::Moment(due)) = term.stored("DueDate") {
        let due = due.checked_add_days(Days::new(days)).map_or(Cell::Null, Cell::Moment);
        later.set("DueDate", due);
    }
    let left = term.number("AmountFC").unwrap_or_default() + amount;
    set_open(&mut term, left);
    books.put(Kind::PaymentTerm, later_id, later);
    books.put(Kind::PaymentTerm, id, term);
}

/// What is left to receive of an invoice, in its currency.
pub(in super::super) fn outstanding(books: &Books<'_>, invoice: Uuid) -> Decimal {
    let open = open_terms(books, invoice);
    let amounts = open.iter().filter_map(|id| books.get(Kind::PaymentTerm, *id)?.number("AmountFC"));
    rounded(-amounts.sum::<Decimal>())
}

/// Matches an amount with the open terms, oldest first. A part splits a term: the rest gets a term of its own.
///
/// Money from the bank sets `LastPaymentDate`; a write-off or a credit note does not.
pub(in super::super) fn match_amount(books: &mut Books<'_>, invoice: Uuid, amount: Decimal, from_bank: bool) {
    let mut left = amount;
    for id in open_terms(books, invoice) {
        let Some(mut term) = books.get(Kind::PaymentTerm, id).cloned() else { continue };
        let owed = -term.number("AmountFC").unwrap_or_default();
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
    for id in books.ids(Kind::PaymentTerm, "TransactionEntryID", entry_of(books, invoice)) {
        let amount = books.get(Kind::PaymentTerm, id).and_then(|term| term.number(MATCHED_AMOUNT));
        if let Some(amount) = amount {
            books.edit(Kind::PaymentTerm, id, |term| set_open(term, amount));
        }
    }
}
