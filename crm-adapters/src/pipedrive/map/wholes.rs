//! Fields that are parts of a whole which Pipedrive takes only complete. What is not written stays as it stands.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::write::{Basis, decimal, json, refuse, text, unfit};
use crate::error::{Error, Result};
use crate::model::{Fields, Value};
use crate::pipedrive::entity::Shape;
use crate::pipedrive::fields::{Column, Place};
use crate::pipedrive::wire::WireRecord;

type Entry = BTreeMap<String, Box<RawValue>>;

/// The parts that a write names, by the whole that they belong to.
#[derive(Debug, Default)]
pub(super) struct Wholes {
    /// Several e-mail addresses or telephone numbers: the primary one.
    primaries: Vec<(&'static str, Value)>,
    prices: Vec<(String, Option<Decimal>)>,
    money: BTreeMap<String, Money>,
}

#[derive(Debug, Default)]
struct Money {
    /// The name by which the write calls the amount or the currency.
    name: String,
    amount: Option<Option<Decimal>>,
    currency: Option<Option<String>>,
}

impl Wholes {
    /// Keeps a value if it is such a part, and says whether it was.
    pub(super) fn take(&mut self, name: &str, column: &Column, value: &Value) -> Result<bool> {
        match (&column.place, column.shape) {
            (Place::Property(whole), Shape::Primary) => {
                text(value, column.longest())?;
                self.primaries.push((whole, value.clone()));
            }
            (_, Shape::Price) => {
                let currency = column.currency.clone().unwrap_or_default();
                self.prices.push((currency, number(value)?));
            }
            (Place::Custom(key), Shape::Amount) => {
                let amount = number(value)?;
                self.money_of(key, name).amount = Some(amount);
            }
            (Place::Custom(key), Shape::AmountCurrency) => {
                let currency = currency(value)?;
                self.money_of(key, name).currency = Some(currency);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn money_of(&mut self, key: &str, name: &str) -> &mut Money {
        let money = self.money.entry(key.to_owned()).or_default();
        name.clone_into(&mut money.name);
        money
    }

    /// Puts the wholes into the body: what was written over what stands there.
    pub(super) fn put(
        self,
        basis: &Basis<'_>,
        fields: &Fields,
        parts: &mut Entry,
        custom: &mut Entry,
    ) -> Result<()> {
        for (whole, value) in self.primaries {
            let entries = member(basis.current, whole).unwrap_or_default();
            parts.insert(whole.to_owned(), json(&with_primary(entries, &value)?)?);
        }
        if !self.prices.is_empty() {
            let mut prices: Vec<Entry> = member(basis.current, "prices").unwrap_or_default();
            prices.iter_mut().for_each(|price| drop(price.remove("product_id")));
            for (currency, price) in self.prices {
                set_price(&mut prices, &currency, price)?;
            }
            parts.insert("prices".to_owned(), json(&prices)?);
        }
        for (key, money) in self.money {
            let name = money.name.clone();
            let whole = money.whole(&key, basis, fields).map_err(|error| error.with_field(name))?;
            custom.insert(key, whole);
        }
        Ok(())
    }
}

impl Money {
    fn whole(self, key: &str, basis: &Basis<'_>, fields: &Fields) -> Result<Box<RawValue>> {
        let standing: Entry = member::<Entry>(basis.current, "custom_fields")
            .and_then(|custom| read(custom.get(key)?))
            .unwrap_or_default();
        let amount = match self.amount {
            Some(Some(amount)) => decimal(amount)?,
            Some(None) => return json(&()),
            None => match standing.get("value") {
                Some(amount) => amount.clone(),
                None => return Err(refuse("a currency needs an amount").with_remedy("map the amount too")),
            },
        };
        let of_record = || fields.get("currency")?.as_text().map(str::to_owned);
        let currency = match self.currency {
            Some(currency) => currency,
            None => standing.get("currency").and_then(|code| read(code)),
        };
        let currency = currency
            .or_else(of_record)
            .or_else(|| member(basis.current, "currency"))
            .or_else(|| basis.currency.map(str::to_owned))
            .ok_or_else(no_currency)?;
        json(&BTreeMap::from([("value", amount), ("currency", json(&currency)?)]))
    }
}

/// The other entries with this one as the primary; an empty value takes the primary out.
fn with_primary(mut entries: Vec<Entry>, value: &Value) -> Result<Vec<Entry>> {
    let is_primary = |entry: &Entry| entry.get("primary").is_some_and(|flag| flag.get() == "true");
    let at = entries.iter().position(is_primary).or_else(|| (!entries.is_empty()).then_some(0));
    if value.is_empty() {
        if let Some(at) = at {
            entries.remove(at);
        }
        return Ok(entries);
    }
    let mut entry = at.map(|at| entries.remove(at)).unwrap_or_default();
    entry.insert("value".to_owned(), json(&value.to_string())?);
    entry.insert("primary".to_owned(), json(&true)?);
    // The new address may stand among the others already.
    entries
        .retain(|other| other.get("value").map(|raw| raw.get()) != entry.get("value").map(|raw| raw.get()));
    entries.insert(0, entry);
    Ok(entries)
}

fn set_price(prices: &mut Vec<Entry>, currency: &str, price: Option<Decimal>) -> Result<()> {
    let of_currency = |entry: &Entry| {
        entry.get("currency").and_then(|code| read::<String>(code)).as_deref() == Some(currency)
    };
    let Some(price) = price else {
        prices.retain(|entry| !of_currency(entry));
        return Ok(());
    };
    let at = prices.iter().position(of_currency).unwrap_or_else(|| {
        prices.push(Entry::new());
        prices.len() - 1
    });
    if let Some(entry) = prices.get_mut(at) {
        entry.insert("currency".to_owned(), json(currency)?);
        entry.insert("price".to_owned(), decimal(price)?);
    }
    Ok(())
}

fn number(value: &Value) -> Result<Option<Decimal>> {
    match value {
        empty if empty.is_empty() => Ok(None),
        Value::Decimal(number) => Ok(Some(*number)),
        Value::Text(text) => text.parse().map(Some).map_err(|_| unfit(value, "a number")),
        _ => Err(unfit(value, "a number")),
    }
}

fn currency(value: &Value) -> Result<Option<String>> {
    match value.as_text() {
        None if value.is_empty() => Ok(None),
        Some(code) if (3..=4).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Ok(Some(code.to_uppercase()))
        }
        _ => Err(unfit(value, "the code of a currency, such as EUR")),
    }
}

fn no_currency() -> Error {
    refuse("an amount needs a currency").with_remedy("map the field's currency too: custom:Label:currency")
}

fn member<T: serde::de::DeserializeOwned>(record: Option<&WireRecord>, name: &str) -> Option<T> {
    read(record?.0.get(name)?)
}

fn read<T: serde::de::DeserializeOwned>(raw: &RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}
