//! What items cost: the rows of Exact's price list as fields of the item.

use std::collections::BTreeMap;

use crm_adapters::{Fields, Record, RecordId, Result, Value, View};
use exact_client::{Entity, Guid, Row, SalesItemPrice};

use super::adapter::ExactAdapter;
use super::derive::{Of, day, decimal, grouped, guids, of, put, text};
use super::figures::{self, Price};
use super::kept::PRICES;
use super::kinds::asks_for;
use super::price_lists::Listed;

/// What is read of a price.
pub(super) const PRICE: &[&str] = &[
    "Account",
    "Currency",
    "DefaultItemUnit",
    "EndDate",
    "Item",
    "ItemCode",
    "Price",
    "Quantity",
    "StartDate",
    "Unit",
];

/// The field that holds all prices of an item.
const LIST_FIELD: &str = "Price.List";

/// More prices of one item than these, such as agreements with a thousand customers, are not kept with it.
const MOST_PRICES: usize = 1_000;

impl ExactAdapter {
    /// Adds what items cost, where a view asks for it. Costs no call once the feed of prices was read; before
    /// that a call per 20 items, more where they have many prices.
    pub(super) async fn prices(&self, view: &View, ids: &[Guid], records: &mut [Record]) -> Result<()> {
        if !asks_for(&view.fields, "Price.") {
            return Ok(());
        }
        let rows = self.parts_by(&PRICES, (SalesItemPrice::RESOURCE, PRICE), "Item", &guids(ids)).await?;
        let prices = grouped(rows, "Item");
        let lists = match asks_for(&view.fields, LIST_FIELD) {
            true => self.prices_by_list(ids, records, &prices).await?,
            false => Of::new(),
        };
        for record in records {
            let listed_there = of(&lists, record);
            let prices: Vec<Price> = of(&prices, record).iter().map(|row| self.price(row)).collect();
            for name in view.fields.iter().filter(|name| name.starts_with("Price.")) {
                let value = match name.trim_start_matches("Price.") {
                    "Breaks" => figures::breaks(&prices, self.today()).into(),
                    "List" => listed(&figures::in_force(&prices, self.today()), listed_there),
                    currency => {
                        let price = figures::list_price(&prices, currency, self.today());
                        price.map_or(Value::Null, |amount| amount.normalize().into())
                    }
                };
                record.fields.set(name, value);
            }
        }
        Ok(())
    }

    /// Adds what was agreed with customers, where a view asks for it.
    pub(super) async fn agreements(&self, view: &View, ids: &[Guid], records: &mut [Record]) -> Result<()> {
        if !asks_for(&view.fields, "Prices.Agreed") {
            return Ok(());
        }
        let rows = self.parts_by(&PRICES, (SalesItemPrice::RESOURCE, PRICE), "Account", &guids(ids)).await?;
        let rows = grouped(rows, "Account");
        for record in records {
            let mut items: BTreeMap<&str, Vec<Price>> = BTreeMap::new();
            for row in of(&rows, record) {
                items.entry(text(row, "ItemCode").unwrap_or_default()).or_default().push(self.price(row));
            }
            let agreed = figures::agreed(&items, self.today());
            let agreed = if agreed.is_empty() { Value::Null } else { agreed.into() };
            put(view, record, [("Prices.Agreed", agreed)]);
        }
        Ok(())
    }

    pub(super) fn price(&self, row: &Row) -> Price {
        let unit = text(row, "Unit").filter(|unit| Some(*unit) != text(row, "DefaultItemUnit"));
        Price {
            amount: decimal(row, "Price"),
            currency: text(row, "Currency").unwrap_or_else(|| self.home_currency()).to_owned(),
            from: decimal(row, "Quantity"),
            unit: unit.map(str::to_owned),
            agreed: row.guid("Account").filter(|account| !account.is_nil()),
            starts: day(row, "StartDate"),
            ends: day(row, "EndDate"),
        }
    }
}

/// Prices as data, in Exact's words, and those of price lists; nothing where they are too many to keep.
fn listed(prices: &[&Price], of_lists: &[Listed]) -> Value {
    if prices.len() + of_lists.len() > MOST_PRICES {
        return Value::Null;
    }
    let row = |price: &Price| {
        let customer = price.agreed.map(|account| Value::Reference(RecordId::new(account.to_string())));
        Fields::new()
            .with("Account", customer.unwrap_or_default())
            .with("Currency", price.currency.as_str())
            .with("Price", price.amount.normalize())
            .with("Quantity", price.from.normalize())
            .with("Unit", price.unit.as_deref().map_or(Value::Null, Value::text))
    };
    let of_list = |listed: &Listed| {
        row(&listed.price)
            .with("PriceList", Value::Reference(RecordId::new(listed.list.to_string())))
            .with("PriceListDescription", listed.name.as_str())
    };
    Value::Lines(prices.iter().map(|price| row(price)).chain(of_lists.iter().map(of_list)).collect())
}
