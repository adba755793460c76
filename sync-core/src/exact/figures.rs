//! What terms, prices and lines add up to. Pure, in exact decimals; no clock and no call.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use exact_client::{Guid, OrderStatus};
use rust_decimal::Decimal;

/// One term of a booked invoice or credit note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// What is still to come; negative where the customer has it to receive.
    pub(super) open: Decimal,
    /// What the whole invoice is about, whatever part of it this term is; negative for a credit note.
    pub(super) invoiced: Decimal,
    pub(super) due: Option<NaiveDate>,
    /// When money came for it last. A write-off or a credit note leaves it as it was.
    pub(super) paid_on: Option<NaiveDate>,
    /// How it came to its end, where nothing is open any more.
    pub(super) ended: Option<Ended>,
    /// Which invoice it belongs to, as far as terms of one account are to be told apart.
    pub(super) invoice: String,
}

/// How a term came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// By money; else it was written off, or matched with a credit note.
    pub(super) by_money: bool,
    /// How much of the invoice it was, where Exact goes on showing it.
    pub(super) part: Option<Decimal>,
}

impl Term {
    fn is_overdue(&self, today: NaiveDate) -> bool {
        self.open > Decimal::ZERO && self.due.is_some_and(|due| due < today)
    }

    fn days_late(&self, today: NaiveDate) -> i64 {
        self.due.filter(|_| self.is_overdue(today)).map_or(0, |due| (today - due).num_days())
    }
}

/// What a customer owes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) outstanding: Decimal,
    pub(super) overdue: Decimal,
    /// Of the term that is late the longest.
    pub(super) overdue_days: i64,
    pub(super) open_invoices: usize,
    pub(super) last_payment: Option<NaiveDate>,
}

/// What these terms of a customer add up to. A credit note that nobody matched counts against the rest.
pub(super) fn owed(terms: &[Term], today: NaiveDate) -> Owed {
    let mut open: Vec<&str> =
        terms.iter().filter(|term| term.open > Decimal::ZERO).map(|term| term.invoice.as_str()).collect();
    open.sort_unstable();
    open.dedup();
    Owed {
        outstanding: terms.iter().map(|term| term.open).sum(),
        overdue: terms.iter().filter(|term| term.is_overdue(today)).map(|term| term.open).sum(),
        overdue_days: terms.iter().map(|term| term.days_late(today)).max().unwrap_or_default(),
        open_invoices: open.len(),
        last_payment: terms.iter().filter_map(|term| term.paid_on).max(),
    }
}

/// How far invoices are paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payment {
    pub(super) owed: Owed,
    /// What came in money; `None` where Exact does not tell it from the rest that was settled.
    pub(super) paid: Option<Decimal>,
    /// What was settled without money and is no credit note among these invoices.
    pub(super) written_off: Option<Decimal>,
    pub(super) status: &'static str,
}

/// Nothing is owed any more, and not all of it came in money. A credit note that cannot be told to belong to the invoices
/// looks the same as a write-off.
pub(super) const WRITTEN_OFF: &str = "written off or credited";

/// How far one invoice is paid, or several together; `None` before anything was booked.
pub(super) fn payment(terms: &[Term], today: NaiveDate) -> Option<Payment> {
    if terms.is_empty() {
        return None;
    }
    let owed = owed(terms, today);
    let invoiced = invoiced(terms);
    let paid = settled(terms).in_money();
    let written_off = paid.map(|paid| invoiced - owed.outstanding - paid);
    let is_settled = terms.iter().all(|term| term.open <= Decimal::ZERO);
    let status = match () {
        () if invoiced <= Decimal::ZERO => "credited",
        () if is_settled && written_off.is_some_and(|amount| amount <= Decimal::ZERO) => "paid",
        () if is_settled => WRITTEN_OFF,
        () if owed.overdue > Decimal::ZERO => "overdue",
        () if paid.is_none_or(|paid| paid > Decimal::ZERO) => "partly paid",
        () => "open",
    };
    Some(Payment { owed, paid, written_off, status })
}

/// What is settled of invoices, by what it was settled with.
#[derive(Debug, Default)]
struct Settled {
    money: Decimal,
    /// Written off or credited; negative where credit notes were used up.
    otherwise: Decimal,
    /// By both, and Exact does not show how much by which.
    either: Decimal,
}

impl Settled {
    /// What credit notes among the invoices took off is what was not paid of them.
    fn in_money(&self) -> Option<Decimal> {
        let credited = (-self.otherwise).max(Decimal::ZERO).min(self.either);
        (self.either.is_zero() || credited > Decimal::ZERO).then(|| self.money + self.either - credited)
    }
}

fn settled(terms: &[Term]) -> Settled {
    let mut invoices: BTreeMap<&str, Vec<&Term>> = BTreeMap::new();
    for term in terms {
        invoices.entry(&term.invoice).or_default().push(term);
    }
    let mut all = Settled::default();
    for terms in invoices.values() {
        let open: Decimal = terms.iter().map(|term| term.open).sum();
        let settled = terms.first().map(|term| term.invoiced).unwrap_or_default() - open;
        let ended = || terms.iter().filter_map(|term| term.ended.as_ref());
        let otherwise: Vec<&Ended> = ended().filter(|ended| !ended.by_money).collect();
        let part: Option<Decimal> = otherwise.iter().map(|ended| ended.part).sum();
        match (ended().any(|ended| ended.by_money), otherwise.is_empty(), part) {
            (_, true, _) => all.money += settled,
            (false, false, _) => all.otherwise += settled,
            (true, false, Some(part)) => {
                all.otherwise += part;
                all.money += settled - part;
            }
            (true, false, None) => all.either += settled,
        }
    }
    all
}

/// Each invoice once, however many terms it has.
fn invoiced(terms: &[Term]) -> Decimal {
    let mut seen: Vec<(&str, Decimal)> =
        terms.iter().map(|term| (term.invoice.as_str(), term.invoiced)).collect();
    seen.sort_unstable();
    seen.dedup_by_key(|(invoice, _)| *invoice);
    seen.into_iter().map(|(_, amount)| amount).sum()
}

/// A row of the price list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Price {
    pub(super) amount: Decimal,
    pub(super) currency: String,
    /// From so many pieces on.
    pub(super) from: Decimal,
    /// What it is the price of, where that is not the unit in which the item is sold by default.
    pub(super) unit: Option<String>,
    /// With whom it was agreed; nobody else pays it.
    pub(super) agreed: Option<Guid>,
    pub(super) starts: Option<NaiveDate>,
    pub(super) ends: Option<NaiveDate>,
}

impl Price {
    fn holds(&self, today: NaiveDate) -> bool {
        self.starts.is_none_or(|starts| starts <= today) && self.ends.is_none_or(|ends| today <= ends)
    }

    /// What it is the price of: of several rows for the same, the one that began last counts.
    fn of(&self) -> (Option<Guid>, &str, &Option<String>, Decimal) {
        (self.agreed, &self.currency, &self.unit, self.from.max(Decimal::ONE))
    }
}

/// What is paid today, each customer's agreement, currency, unit and quantity once; what everybody pays comes first.
pub(super) fn in_force(prices: &[Price], today: NaiveDate) -> Vec<&Price> {
    let mut all: Vec<&Price> = prices.iter().filter(|price| price.holds(today)).collect();
    all.sort_by(|one, other| one.of().cmp(&other.of()).then(other.starts.cmp(&one.starts)));
    all.dedup_by(|later, kept| later.of() == kept.of());
    all
}

/// What everybody pays today.
fn general(prices: &[Price], today: NaiveDate) -> impl Iterator<Item = &Price> {
    in_force(prices, today).into_iter().filter(|price| price.agreed.is_none())
}

/// What one piece costs everybody today in a currency.
pub(super) fn list_price(prices: &[Price], currency: &str, today: NaiveDate) -> Option<Decimal> {
    standard_price(prices, currency, None, today)
}

/// The same of one in a unit; `None` is the one in which the item is sold by default.
pub(super) fn standard_price(
    prices: &[Price],
    currency: &str,
    unit: Option<&str>,
    today: NaiveDate,
) -> Option<Decimal> {
    let unit = unit.map(str::to_owned);
    let one = (None, currency, &unit, Decimal::ONE);
    general(prices, today).find(|price| price.of() == one).map(|price| price.amount)
}

/// What everybody pays for more of it, or for it in other units: `from 10: 35 EUR; from 1 box: 300 EUR`.
pub(super) fn breaks(prices: &[Price], today: NaiveDate) -> String {
    let others = general(prices, today).filter(|price| price.unit.is_some() || price.from > Decimal::ONE);
    let shown = others.map(|price| {
        let unit = price.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
        let from = price.from.max(Decimal::ONE).normalize();
        format!("from {from}{unit}: {} {}", price.amount.normalize(), price.currency)
    });
    shown.collect::<Vec<_>>().join("; ")
}

/// So many prices of a customer are shown one by one.
const MOST_SHOWN: usize = 50;

/// What was agreed with a customer for items, by their codes: `W-1: 8.5 EUR; W-2 from 10: 7 EUR`.
pub(super) fn agreed(items: &BTreeMap<&str, Vec<Price>>, today: NaiveDate) -> String {
    let in_force = items
        .iter()
        .flat_map(|(item, prices)| in_force(prices, today).into_iter().map(move |price| (item, price)));
    let shown = in_force.map(|(item, price)| {
        let amount = format!("{} {}", price.amount.normalize(), price.currency);
        in_words(item, price.from, price.unit.as_deref(), &amount)
    });
    few(shown.collect())
}

/// What something costs from a quantity on: `W-2 from 10: 7 EUR`.
pub(super) fn in_words(what: &str, from: Decimal, unit: Option<&str>, price: &str) -> String {
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let least = from.max(Decimal::ONE);
    if least == Decimal::ONE && unit.is_empty() {
        return format!("{what}: {price}");
    }
    format!("{what} from {}{unit}: {price}", least.normalize())
}

/// The first of them, and how many more there are.
pub(super) fn few(mut shown: Vec<String>) -> String {
    let others = shown.len().saturating_sub(MOST_SHOWN);
    shown.truncate(MOST_SHOWN);
    if others > 0 {
        shown.push(format!("and {others} more"));
    }
    shown.join("; ")
}

/// Whether an item is sold today.
pub(super) fn sale(
    sold: bool,
    starts: Option<NaiveDate>,
    ends: Option<NaiveDate>,
    today: NaiveDate,
) -> &'static str {
    match () {
        () if !sold => "not for sale",
        () if ends.is_some_and(|ends| ends < today) => "ended",
        () if starts.is_some_and(|starts| today < starts) => "not yet for sale",
        () => ON_SALE,
    }
}

/// What [`sale`] says of an item that can be sold.
pub(super) const ON_SALE: &str = "for sale";

/// What was ordered of one line, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OrderLine {
    pub(super) item: String,
    pub(super) ordered: Decimal,
    pub(super) delivered: Decimal,
    pub(super) invoiced: Decimal,
}

/// How far an order is along, by what is done of each line.
fn progress(lines: &[OrderLine], done: impl Fn(&OrderLine) -> Decimal) -> &'static str {
    if lines.iter().all(|line| done(line).abs() >= line.ordered.abs()) && !lines.is_empty() {
        "complete"
    } else if lines.iter().any(|line| !done(line).is_zero()) {
        "partial"
    } else {
        "open"
    }
}

/// How far an order is delivered or invoiced. What Exact calls complete is complete, whatever is left of its lines: it was
/// closed short. What it calls partial has begun, whether or not its lines were told of again.
pub(super) fn progress_of(
    status: Option<OrderStatus>,
    lines: &[OrderLine],
    done: impl Fn(&OrderLine) -> Decimal,
) -> &'static str {
    match status {
        Some(OrderStatus::Complete) => "complete",
        Some(OrderStatus::Cancelled) => "cancelled",
        Some(OrderStatus::Partial) if progress(lines, &done) == "open" => "partial",
        _ => progress(lines, done),
    }
}

/// How far an order is along in one word: the last that happened to it.
pub(super) fn along(delivered: &str, invoiced: &str, payment: Option<&Payment>) -> &'static str {
    match (payment.map(|payment| payment.status), invoiced, delivered) {
        (Some("credited"), ..) => "credited",
        (Some(status @ ("paid" | WRITTEN_OFF)), "complete", _) => status,
        (_, "complete", "complete") => "invoiced",
        (_, _, "complete") => "delivered",
        (_, _, "partial") => "partly delivered",
        _ => "ordered",
    }
}

/// What became of a quotation, by its status: 5 rejected, 6 closed, 20 draft, 50 accepted; what lies between is open.
pub(super) fn answer(status: Decimal) -> &'static str {
    match i64::try_from(status) {
        Ok(5) => "rejected",
        Ok(6) => "closed",
        Ok(20) => "draft",
        Ok(50) => "accepted",
        _ => "open",
    }
}

/// What was shipped, line by line: `A-1: 4 of 10; B-2: 0 of 2`. Nothing before anything was.
pub(super) fn shipped(lines: &[OrderLine]) -> Option<String> {
    let line = |line: &OrderLine| {
        format!("{}: {} of {}", line.item, line.delivered.normalize(), line.ordered.normalize())
    };
    let any = lines.iter().any(|line| !line.delivered.is_zero());
    any.then(|| lines.iter().map(line).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    fn term(open: i64, invoiced: i64, due_in: i64) -> Term {
        Term {
            open: Decimal::new(open, 2),
            invoiced: Decimal::new(invoiced, 2),
            due: today().checked_add_signed(chrono::TimeDelta::days(due_in)),
            paid_on: None,
            ended: (open == 0).then_some(Ended { by_money: false, part: None }),
            invoice: "1".to_owned(),
        }
    }

    fn paid(term: Term) -> Term {
        let ended = term.ended.clone().map(|ended| Ended { by_money: true, ..ended });
        Term { paid_on: Some(today()), ended, ..term }
    }

    /// What Exact goes on showing of a term that came to its end.
    fn showing(part: i64, term: Term) -> Term {
        let ended = term.ended.clone().map(|ended| Ended { part: Some(Decimal::new(part, 2)), ..ended });
        Term { ended, ..term }
    }

    fn of(invoice: &str, term: Term) -> Term {
        Term { invoice: invoice.to_owned(), ..term }
    }

    #[test]
    fn each_state_of_an_invoice_has_its_word() {
        let table = [
            (vec![term(100, 100, 5)], "open"),
            (vec![paid(term(0, 100, 5))], "paid"),
            (vec![paid(term(0, 100, 5)), term(40, 100, 5)], "partly paid"),
            (vec![paid(term(0, 100, 5)), term(40, 100, -1)], "overdue"),
            (vec![term(100, 100, 0)], "open"),
            (vec![term(0, 100, -5)], WRITTEN_OFF),
            (vec![paid(term(0, 100, 5)), term(0, 100, 5)], WRITTEN_OFF),
            (vec![term(0, 100, 5), term(40, 100, 5)], "open"),
            (vec![term(-100, -100, -5)], "credited"),
            (vec![of("2", term(0, -100, 5)), term(0, 100, 5)], "credited"),
            (vec![of("2", term(0, -30, 5)), term(0, 100, 5), paid(term(0, 100, 5))], "paid"),
        ];
        for (terms, status) in table {
            assert_eq!(payment(&terms, today()).unwrap().status, status, "{terms:?}");
        }
        assert_eq!(payment(&[], today()), None);
    }

    #[test]
    fn what_is_paid_is_money_alone() {
        let money = |terms: &[Term]| {
            let payment = payment(terms, today()).unwrap();
            [payment.paid, payment.written_off]
                .map(|amount| amount.map_or("?".to_owned(), |amount| amount.normalize().to_string()))
        };
        let part = || paid(term(0, 100, 5));
        let table = [
            ("a part paid", vec![part(), term(40, 100, 5)], ["0.6", "0"]),
            ("given up", vec![term(0, 100, 5)], ["0", "1"]),
            (
                "a part paid, the rest given up",
                vec![showing(60, part()), showing(40, term(0, 100, 5))],
                ["0.6", "0.4"],
            ),
            ("the same where Exact shows no parts", vec![part(), term(0, 100, 5)], ["?", "?"]),
            (
                "a part paid, the rest credited",
                vec![part(), term(0, 100, 5), of("2", term(0, -30, 5))],
                ["0.7", "0"],
            ),
            ("credited in full", vec![term(0, 100, 5), of("2", term(0, -100, 5))], ["0", "0"]),
            ("paid, then credited: to be paid back", vec![part(), of("2", term(-100, -100, 5))], ["1", "0"]),
        ];
        for (what, terms, expected) in table {
            assert_eq!(money(&terms), expected, "{what}");
        }
    }

    fn price(from: i64, amount: i64, starts: i64, ends: Option<u64>) -> Price {
        Price {
            amount: Decimal::from(amount),
            currency: "EUR".to_owned(),
            from: Decimal::from(from),
            unit: None,
            agreed: None,
            starts: today().checked_add_signed(chrono::TimeDelta::days(starts)),
            ends: ends.and_then(|days| today().checked_add_days(Days::new(days))),
        }
    }

    #[test]
    fn a_price_holds_from_its_first_day_to_its_last_for_everybody_in_its_currency() {
        let agreed = Price { agreed: Some(Guid::from_u128(7)), ..price(1, 5, -1, None) };
        let dollars = Price { currency: "USD".to_owned(), ..price(1, 50, -1, None) };
        let boxed = Price { unit: Some("box".to_owned()), ..price(1, 300, -1, None) };
        let prices = [
            price(1, 40, -20, None),
            price(1, 35, -3, Some(0)),
            price(1, 45, 1, None),
            price(10, 30, -2, None),
            price(10, 32, -9, None),
            agreed,
            dollars,
            boxed,
        ];
        let tomorrow = today().succ_opt().unwrap();
        assert_eq!(list_price(&prices, "EUR", today()), Some(Decimal::from(35)));
        assert_eq!(list_price(&prices, "EUR", tomorrow), Some(Decimal::from(45)));
        assert_eq!(list_price(&prices, "USD", today()), Some(Decimal::from(50)));
        assert_eq!(list_price(&prices, "GBP", today()), None);
        assert_eq!(list_price(&prices[5..6], "EUR", today()), None, "another customer's agreement");
        assert_eq!(breaks(&prices, today()), "from 10: 30 EUR; from 1 box: 300 EUR");
    }

    #[test]
    fn what_was_agreed_with_a_customer_is_told_by_item_for_as_long_as_it_holds() {
        let boxed = Price { unit: Some("box".to_owned()), ..price(1, 300, -1, None) };
        let items = BTreeMap::from([
            ("W-2", vec![price(10, 7, -1, None), price(1, 8, -3, None), price(1, 9, 1, None)]),
            ("W-1", vec![boxed, price(1, 5, -9, Some(0))]),
            ("W-3", vec![price(1, 5, 1, None)]),
        ]);
        assert_eq!(
            agreed(&items, today()),
            "W-1: 5 EUR; W-1 from 1 box: 300 EUR; W-2: 8 EUR; W-2 from 10: 7 EUR"
        );
        let codes: Vec<String> = (0..60).map(|number| format!("W-{number:02}")).collect();
        let many = codes.iter().map(|code| (code.as_str(), vec![price(1, 5, -1, None)])).collect();
        assert!(agreed(&many, today()).ends_with("W-49: 5 EUR; and 10 more"));
    }

    #[test]
    fn an_item_is_sold_from_its_first_day_to_its_last() {
        let day = |days: i64| today().checked_add_signed(chrono::TimeDelta::days(days));
        let table = [
            (true, None, None, "for sale"),
            (true, day(0), day(0), "for sale"),
            (true, day(1), None, "not yet for sale"),
            (true, day(-9), day(-1), "ended"),
            (false, None, None, "not for sale"),
        ];
        for (sold, starts, ends, expected) in table {
            assert_eq!(sale(sold, starts, ends, today()), expected);
        }
    }

    #[test]
    fn an_order_is_complete_when_every_line_is() {
        let line = |delivered: i64| OrderLine {
            item: "A".to_owned(),
            ordered: Decimal::TEN,
            delivered: Decimal::from(delivered),
            invoiced: Decimal::ZERO,
        };
        let along = |lines: &[OrderLine]| progress(lines, |line| line.delivered);
        assert_eq!(along(&[line(0), line(0)]), "open");
        assert_eq!(along(&[line(10), line(4)]), "partial");
        assert_eq!(along(&[line(10), line(10)]), "complete");
        assert_eq!(shipped(&[line(4)]).as_deref(), Some("A: 4 of 10"));
        assert_eq!(shipped(&[line(0)]), None);
        let delivered = |status| progress_of(status, &[line(4)], |line| line.delivered);
        assert_eq!(
            [Some(OrderStatus::Partial), None, Some(OrderStatus::Complete), Some(OrderStatus::Cancelled)]
                .map(delivered),
            ["partial", "partial", "complete", "cancelled"]
        );
    }

    prop_compose! {
        fn any_term()(open in -1_000_000i64..1_000_000, due in -90i64..90, invoice in 0u8..5, came in any::<bool>())
            -> Term {
            let mut term = term(open, open, due);
            term.invoice = invoice.to_string();
            term.ended = (open % 3 == 0).then_some(Ended { by_money: false, part: None });
            if came { paid(term) } else { term }
        }
    }

    proptest! {
        #[test]
        fn every_roll_up_is_the_sum_of_its_parts(terms in proptest::collection::vec(any_term(), 0..30)) {
            let whole = owed(&terms, today());
            let of_each = (0..5u8).map(|invoice| {
                let own: Vec<Term> =
                    terms.iter().filter(|term| term.invoice == invoice.to_string()).cloned().collect();
                owed(&own, today())
            });
            let of_each: Vec<Owed> = of_each.collect();
            prop_assert_eq!(whole.outstanding, of_each.iter().map(|owed| owed.outstanding).sum::<Decimal>());
            prop_assert_eq!(whole.overdue, of_each.iter().map(|owed| owed.overdue).sum::<Decimal>());
            prop_assert_eq!(whole.open_invoices, of_each.iter().map(|owed| owed.open_invoices).sum::<usize>());
            prop_assert_eq!(whole.overdue_days, of_each.iter().map(|owed| owed.overdue_days).max().unwrap());
            if let Some(payment) = payment(&terms, today()) {
                let known = payment.paid.zip(payment.written_off);
                let sum = known.map(|(paid, written_off)| paid + written_off + whole.outstanding);
                prop_assert!(sum.is_none_or(|sum| sum == invoiced(&terms)), "{:?}", payment);
            }
        }
    }
}
