//! The prices of a document's lines against those of Exact.

use crm_adapters::{Fields, RecordId, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{FieldWrite, Mapping, References, named};
use crate::flow::{FieldRule, PRICE_LIST, PRICES};

// What Exact calls these on the lines of every sales document, and on the document.
const UNIT_PRICE: &str = "UnitPrice";
const DISCOUNT: &str = "Discount";
const QUANTITY: &str = "Quantity";
const UNIT: &str = "UnitCode";
const CURRENCY: &str = "Currency";

const CENTS: u32 = 2;

/// Where a line of a new document has another price than Exact has today for that customer and quantity, in words.
///
/// A price that was agreed with the customer counts before those of the customer's price list, and these before those that
/// everybody pays. Exact does not publish that: it is our reading. Nothing is said of an item without a price in the
/// document's currency and of a line in a unit of its own; nor where the flows of items and customers do not tell.
pub(crate) fn deviations(mapping: &Mapping, references: &References, writes: &[FieldWrite]) -> Vec<String> {
    let written = |rule: &FieldRule| writes.iter().find(|write| write.rule == rule.exact);
    let rules = || mapping.rules.iter().map(|resolved| &resolved.rule);
    let customer = rules().find_map(|rule| Some((rule.via.as_deref()?, named(&written(rule)?.to)?)));
    let currency = writes.iter().find(|write| write.rule == CURRENCY).and_then(|write| write.to.as_text());
    let sale = Sale {
        references,
        customer: customer.as_ref().map(|(_, id)| id),
        list: customer.as_ref().and_then(|(flow, id)| price_list(references, flow, id)),
        currency: currency.unwrap_or("EUR"),
    };
    let of = |rule: &FieldRule| {
        let Value::Lines(lines) = &written(rule)?.to else { return None };
        let part = rule.lines.iter().find(|part| part.via.is_some())?;
        let told = lines.iter().enumerate();
        Some(told.filter_map(|(at, line)| sale.deviation(part, line, at + 1)).collect())
    };
    rules().find(|rule| !rule.lines.is_empty()).and_then(of).unwrap_or_default()
}

fn price_list(references: &References, flow: &str, customer: &RecordId) -> Option<RecordId> {
    named(references.held(flow, customer)?.get(PRICE_LIST)?)
}

/// Who buys, by which price list, and in which currency.
struct Sale<'a> {
    references: &'a References,
    customer: Option<&'a RecordId>,
    list: Option<RecordId>,
    currency: &'a str,
}

impl Sale<'_> {
    fn deviation(&self, part: &FieldRule, line: &Fields, number: usize) -> Option<String> {
        let item = self.references.held(part.via.as_deref()?, &named(line.get(&part.exact)?)?)?;
        let Value::Lines(prices) = item.get(PRICES)? else { return None };
        if line.get(UNIT).is_some_and(|unit| !unit.is_empty()) {
            return None;
        }
        let quantity = line.get(QUANTITY).and_then(decimal).map_or(Decimal::ONE, |quantity| quantity.abs());
        let price = self.price(prices, quantity)?;
        let wanted = decimal(price.get("Price")?)?;
        let off = line.get(DISCOUNT).and_then(decimal).unwrap_or_default();
        let net = decimal(line.get(UNIT_PRICE)?)?.checked_mul(Decimal::ONE.checked_sub(off)?)?;
        let code = item.get("Code").map(|code| format!(" ({code})")).unwrap_or_default();
        (!is_at(net, wanted, is_listed(price))).then(|| {
            let (net, wanted) = (net.normalize(), wanted.normalize());
            format!("line {number}{code}: {net} where Exact's {} is {wanted}", called(price))
        })
    }

    /// What holds for a quantity: the customer's own price, else that of the customer's list, else everybody's; of several
    /// the one from the most pieces on.
    fn price<'p>(&self, prices: &'p [Fields], quantity: Decimal) -> Option<&'p Fields> {
        let fits = |price: &&Fields| {
            let theirs = price.get("Account").and_then(named);
            let list = price.get(PRICE_LIST).and_then(named);
            theirs.is_none_or(|account| Some(&account) == self.customer)
                && list.is_none_or(|list| Some(&list) == self.list.as_ref())
                && price.get("Currency").and_then(Value::as_text) == Some(self.currency)
                && price.get("Unit").is_none_or(Value::is_empty)
                && from(price) <= quantity.max(Decimal::ONE)
        };
        prices.iter().filter(fits).max_by_key(|price| (agreed(price), is_listed(price), from(price)))
    }
}

fn from(price: &Fields) -> Decimal {
    price.get("Quantity").and_then(decimal).unwrap_or_default()
}

fn agreed(price: &Fields) -> bool {
    price.get("Account").and_then(named).is_some()
}

fn is_listed(price: &Fields) -> bool {
    price.get(PRICE_LIST).and_then(named).is_some()
}

fn called(price: &Fields) -> String {
    let name = match price.get("PriceListDescription") {
        _ if agreed(price) => "price for this customer".to_owned(),
        Some(list) => format!("price in the list {list}"),
        None => "list price".to_owned(),
    };
    match from(price) {
        from if from > Decimal::ONE => format!("{name} from {} on", from.normalize()),
        _ => name,
    }
}

/// The discount of a list may leave a price with more decimals than people enter: then it is the same when it is so in
/// theirs, cents at least.
fn is_at(net: Decimal, wanted: Decimal, listed: bool) -> bool {
    let decimals = net.normalize().scale().max(CENTS);
    net == wanted
        || listed && net == wanted.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        other => other.to_string().parse().ok(),
    }
}
