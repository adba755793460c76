//! The prices of a document's lines against those of Exact.

use crm_adapters::{Fields, RecordId, Value};
use rust_decimal::Decimal;

use super::{FieldWrite, Mapping, References, named};
use crate::flow::{FieldRule, PRICE_LIST, PRICES};

// What Exact calls these on the lines of every sales document, and on the document.
const UNIT_PRICE: &str = "UnitPrice";
const DISCOUNT: &str = "Discount";
const QUANTITY: &str = "Quantity";
const UNIT: &str = "UnitCode";
const CURRENCY: &str = "Currency";

/// Where a line of a new document has another price than Exact has today for that customer and quantity, in words.
///
/// A price that was agreed with the customer counts before those that everybody pays. Nothing is said of an item without
/// a price in the document's currency, of a line in a unit of its own, and of a customer with a price list, whose prices
/// are not read; nor where the flows of items and customers do not tell.
pub(crate) fn deviations(mapping: &Mapping, references: &References, writes: &[FieldWrite]) -> Vec<String> {
    let written = |rule: &FieldRule| writes.iter().find(|write| write.rule == rule.exact);
    let rules = || mapping.rules.iter().map(|resolved| &resolved.rule);
    let customer = rules().find_map(|rule| Some((rule.via.as_deref()?, named(&written(rule)?.to)?)));
    if customer.as_ref().is_some_and(|(flow, id)| has_price_list(references, flow, id)) {
        return Vec::new();
    }
    let currency = writes.iter().find(|write| write.rule == CURRENCY).and_then(|write| write.to.as_text());
    let sale = Sale {
        references,
        customer: customer.as_ref().map(|(_, id)| id),
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

fn has_price_list(references: &References, flow: &str, customer: &RecordId) -> bool {
    let list = references.held(flow, customer).and_then(|held| held.get(PRICE_LIST));
    list.is_some_and(|list| !list.is_empty())
}

/// Who buys, and in which currency.
struct Sale<'a> {
    references: &'a References,
    customer: Option<&'a RecordId>,
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
        (net != wanted).then(|| {
            let (net, wanted) = (net.normalize(), wanted.normalize());
            format!("line {number}{code}: {net} where Exact's {} is {wanted}", called(price))
        })
    }

    /// What holds for a quantity: the customer's own price, else everybody's; of several the one from the most pieces on.
    fn price<'p>(&self, prices: &'p [Fields], quantity: Decimal) -> Option<&'p Fields> {
        let fits = |price: &&Fields| {
            let theirs = price.get("Account").and_then(named);
            theirs.is_none_or(|account| Some(&account) == self.customer)
                && price.get("Currency").and_then(Value::as_text) == Some(self.currency)
                && price.get("Unit").is_none_or(Value::is_empty)
                && from(price) <= quantity.max(Decimal::ONE)
        };
        let agreed = |price: &Fields| price.get("Account").and_then(named).is_some();
        prices.iter().filter(fits).max_by_key(|price| (agreed(price), from(price)))
    }
}

fn from(price: &Fields) -> Decimal {
    price.get("Quantity").and_then(decimal).unwrap_or_default()
}

fn called(price: &Fields) -> String {
    let name = match price.get("Account").and_then(named) {
        Some(_) => "price for this customer",
        None => "list price",
    };
    match from(price) {
        from if from > Decimal::ONE => format!("{name} from {} on", from.normalize()),
        _ => name.to_owned(),
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        other => other.to_string().parse().ok(),
    }
}
