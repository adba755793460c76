//! Price lists that customers share: what they give for an item, and what a customer's list gives.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use crm_adapters::{Fields, Record, Result, Value, View};
use exact_client::{
    Account, Entity, Guid, Item, PriceEntryMethod, PriceListPeriodType, Row, SalesItemPrice,
    SalesPriceListPeriod, SalesPriceListVolumeDiscount, Scalar, Value as Exact,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::adapter::ExactAdapter;
use super::derive::{Of, day, decimal, grouped, guids, put, text};
use super::derived::{GROUP, LIST};
use super::discounts::{self, Discount, Means, Rank, that_count};
use super::figures::{self, Price, few};
use super::kept::{DISCOUNTS, PERIODS, PRICES};
use super::kinds::asks_for;
use super::parts::{Parts, unwritten};
use super::prices::PRICE;
use super::read::List;
use super::wholes::distinct;
use crate::store::{Batch, Expect, Key, Put, Table};

/// What is read of a row of a price list.
pub(super) const DISCOUNT: &[&str] = &[
    "BasePrice",
    "BasePriceAmount",
    "Discount",
    "EntryMethod",
    "Item",
    "ItemCode",
    "ItemGroup",
    "ItemGroupCode",
    "NewPrice",
    "NumberOfItemsPerUnit",
    "PriceListCode",
    "PriceListDescription",
    PERIOD_OF,
    "Quantity",
    "Unit",
];

/// What is read of a period.
pub(super) const PERIOD: &[&str] = &["Currency", "EndDate", LIST, "StartDate", "Type"];

/// The property of a row that names its period.
pub(super) const PERIOD_OF: &str = "PriceListPeriod";

/// A price of a list for one item.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) list: Guid,
    pub(super) name: String,
    pub(super) price: Price,
}

/// What is known of some records, by their ids, before anything is read of them.
pub(super) type Known = BTreeMap<Guid, Fields>;

impl Parts<'_> {
    /// Whether any customer was seen to have a price list. As long as none was, what the lists say of items shows nowhere.
    pub(super) async fn has_lists(&self) -> Result<bool> {
        Ok(!self.rows(&[self.lists_key()]).await?.is_empty())
    }

    /// Notes for good that a customer has a price list.
    pub(super) async fn note_lists(&self) -> Result<()> {
        if self.has_lists().await? {
            return Ok(());
        }
        let mut batch = Batch::new(Uuid::new_v4());
        let put = Put { key: self.lists_key(), value: "true".into(), marks: Vec::new(), expect: Expect::Any };
        batch.puts.push(put);
        self.store.store.commit(&self.store.tenant, None, batch).await.map_err(unwritten)?;
        Ok(())
    }

    fn lists_key(&self) -> Key {
        Key::new(Table::Part, format!("{}/price_lists", self.division.id()))
    }
}

impl ExactAdapter {
    /// What each price list gives for items today. Costs no call once the feeds were read, but where a list says
    /// something of groups: then one per 20 items whose group the records do not hold.
    pub(super) async fn prices_by_list(
        &self,
        ids: &[Guid],
        records: &[Record],
        prices: &Of<Row>,
    ) -> Result<Of<Listed>> {
        if self.parts().is_empty(&DISCOUNTS).await? || !self.parts().has_lists().await? {
            return Ok(Of::new());
        }
        let own = self.discounts_by("Item", &guids(ids)).await?;
        let groups = match self.parts().has_any(&DISCOUNTS, GROUP).await? {
            true => self.named_by(GROUP, ids, records).await?,
            false => BTreeMap::new(),
        };
        let of_groups = self.discounts_of_groups(groups.values()).await?;
        let periods = self.periods_of(&[&own[..], &of_groups].concat()).await?;
        let (own, of_groups) = (grouped(own, "Item"), grouped(of_groups, GROUP));
        let mut listed = Of::new();
        for id in ids {
            let prices: Vec<Price> =
                prices.get(id).into_iter().flatten().map(|row| self.price(row)).collect();
            let of_group = groups.get(id).and_then(|group| of_groups.get(group));
            let rows = own.get(id).into_iter().chain(of_group).flatten();
            let mut by_list: BTreeMap<Guid, (String, Vec<Discount>)> = BTreeMap::new();
            for (row, period) in self.in_force(rows, &periods) {
                let Some(list) = period.guid(LIST) else { continue };
                let (_, rows) = by_list.entry(list).or_insert_with(|| (name(row), Vec::new()));
                rows.push(self.discount(row, period));
            }
            let of_list = by_list.into_iter().flat_map(|(list, (name, rows))| {
                let price = |row: Discount| self.given(&row, &prices);
                let given: Vec<Price> = that_count(rows).into_iter().filter_map(price).collect();
                given.into_iter().map(move |price| Listed { list, name: name.clone(), price })
            });
            listed.insert(*id, of_list.collect());
        }
        Ok(listed)
    }

    /// Notes it where any of these customers has a price list. Costs no call.
    pub(super) async fn note_lists(&self, records: &[Record]) -> Result<()> {
        let has_list = |record: &Record| record.fields.get(LIST).is_some_and(|list| !list.is_empty());
        if records.iter().any(has_list) { self.parts().note_lists().await } else { Ok(()) }
    }

    /// Adds what the price lists of customers give them today, where a view asks for it. Costs no call once the feeds were
    /// read, but one per 20 customers whose list the records do not hold.
    pub(super) async fn prices_of_lists(
        &self,
        view: &View,
        ids: &[Guid],
        records: &mut [Record],
    ) -> Result<()> {
        if !asks_for(&view.fields, "Prices.OfList") {
            return Ok(());
        }
        let lists = match self.parts().is_empty(&DISCOUNTS).await? {
            true => BTreeMap::new(),
            false => self.named_by(LIST, ids, records).await?,
        };
        let shown = self.shown(&lists.values().copied().collect()).await?;
        for record in records {
            let list = record.id.as_str().parse().ok().and_then(|id: Guid| lists.get(&id));
            let text = list.and_then(|list| shown.get(list)).filter(|text| !text.is_empty());
            let value = text.map_or(Value::Null, |text| Value::text(text.as_str()));
            put(view, record, [("Prices.OfList", value)]);
        }
        Ok(())
    }

    /// What lists give, in words: `Wholesale: W-1: 8 EUR; W-2 from 10: 7 EUR; group LAMP: 10 % off`.
    async fn shown(&self, lists: &BTreeSet<Guid>) -> Result<BTreeMap<Guid, String>> {
        let lists: Vec<Guid> = lists.iter().copied().collect();
        let mut periods = self.periods_by(LIST, &guids(&lists)).await?;
        periods.retain(|period| holds(period, self.today()));
        let ids: Vec<Guid> = periods.iter().filter_map(|period| period.guid("ID")).collect();
        let rows = self.discounts_by(PERIOD_OF, &guids(&ids)).await?;
        let items: BTreeSet<Guid> = rows.iter().filter_map(item_of).collect();
        let items: Vec<Guid> = items.into_iter().collect();
        let prices =
            self.parts_by(&PRICES, (SalesItemPrice::RESOURCE, PRICE), "Item", &guids(&items)).await?;
        let prices = grouped(prices, "Item");
        let periods = by_id(periods);
        let mut by_list: BTreeMap<Guid, Vec<(&Row, &Row)>> = BTreeMap::new();
        for (row, period) in self.in_force(rows.iter(), &periods) {
            if let Some(list) = period.guid(LIST) {
                by_list.entry(list).or_default().push((row, period));
            }
        }
        Ok(by_list.into_iter().map(|(list, rows)| (list, self.list_in_words(&rows, &prices))).collect())
    }

    fn list_in_words(&self, rows: &[(&Row, &Row)], prices: &Of<Row>) -> String {
        let mut items: BTreeMap<(&str, Guid), Vec<Discount>> = BTreeMap::new();
        let mut groups: BTreeMap<&str, Vec<Discount>> = BTreeMap::new();
        for (row, period) in rows {
            let discount = self.discount(row, period);
            match item_of(row) {
                Some(item) => {
                    let code = text(row, "ItemCode").unwrap_or_default();
                    items.entry((code, item)).or_default().push(discount);
                }
                None => {
                    groups.entry(text(row, "ItemGroupCode").unwrap_or_default()).or_default().push(discount);
                }
            }
        }
        let of_items = items.into_iter().flat_map(|((code, item), rows)| {
            let prices: Vec<Price> =
                prices.get(&item).into_iter().flatten().map(|row| self.price(row)).collect();
            let said = |row: &Discount| discounts::of_item(code, row, self.standard(row, &prices));
            that_count(rows).iter().filter_map(said).collect::<Vec<_>>()
        });
        let of_groups = groups.into_iter().flat_map(|(code, rows)| {
            let said = |row: &Discount| discounts::of_group(code, row);
            that_count(rows).iter().map(said).collect::<Vec<_>>()
        });
        let shown: Vec<String> = of_items.chain(of_groups).collect();
        match rows.first() {
            Some((row, _)) if !shown.is_empty() => format!("{}: {}", name(row), few(shown)),
            _ => String::new(),
        }
    }

    /// The customers of the lists that rows belong to. One call per 20 lists, and per 1,000 customers.
    pub(super) async fn customers_of(&self, discounts: &[Row], periods: &[Row]) -> Result<Known> {
        let known = self.periods_by("ID", &distinct(discounts, PERIOD_OF)).await?;
        let lists = distinct(&[&known[..], periods].concat(), LIST);
        let accounts = self.rows_by(Account::RESOURCE, List::Bulk, &["ID", LIST], LIST, &lists).await?;
        Ok(accounts.iter().filter_map(|row| known_by(row, LIST)).collect())
    }

    /// The customers whose lists take something off the prices that everybody pays.
    pub(super) async fn customers_of_standard(&self, prices: &[Row]) -> Result<Known> {
        let standard = prices.iter().filter(|row| row.guid("Account").is_none_or(|account| account.is_nil()));
        let items = distinct(&standard.cloned().collect::<Vec<_>>(), "Item");
        let mut rows = self.discounts_by("Item", &items).await?;
        rows.retain(|row| matches!(means(row), Means::Off(_)));
        self.customers_of(&rows, &[]).await
    }

    /// The items that rows are about. Groups of items cost one call per 20, and per 1,000 items.
    pub(super) async fn items_of(&self, discounts: &[Row]) -> Result<Known> {
        let groups: Vec<Row> = discounts.iter().filter(|row| item_of(row).is_none()).cloned().collect();
        let groups = distinct(&groups, GROUP);
        let items = self.rows_by(Item::RESOURCE, List::Bulk, &["ID", GROUP], GROUP, &groups).await?;
        let mut known: Known =
            discounts.iter().filter_map(|row| Some((item_of(row)?, Fields::new()))).collect();
        known.extend(items.iter().filter_map(|row| known_by(row, GROUP)));
        Ok(known)
    }

    /// The rows of periods.
    pub(super) async fn discounts_in(&self, periods: &[Row]) -> Result<Vec<Row>> {
        self.discounts_by(PERIOD_OF, &distinct(periods, "ID")).await
    }

    /// Periods that began or ended since the last day. Costs no call.
    pub(super) async fn turned_periods(&self, last: NaiveDate) -> Result<Vec<Row>> {
        let (parts, mut after, mut turned) = (self.parts(), Some(0), Vec::new());
        while let Some(from) = after {
            let (rows, next) = parts.since(&PERIODS, from).await?;
            turned.extend(rows.into_iter().filter(|row| turns(row, last, self.today())));
            after = next;
        }
        Ok(turned)
    }

    async fn discounts_by(&self, property: &str, values: &[Exact]) -> Result<Vec<Row>> {
        self.parts_by(&DISCOUNTS, (SalesPriceListVolumeDiscount::RESOURCE, DISCOUNT), property, values).await
    }

    /// Those of whole groups of items.
    async fn discounts_of_groups(&self, groups: impl Iterator<Item = &Guid>) -> Result<Vec<Row>> {
        let groups: BTreeSet<Guid> = groups.copied().collect();
        let mut rows = self.discounts_by(GROUP, &guids(&groups.into_iter().collect::<Vec<_>>())).await?;
        rows.retain(|row| item_of(row).is_none());
        Ok(rows)
    }

    async fn periods_by(&self, property: &str, values: &[Exact]) -> Result<Vec<Row>> {
        let select = [PERIOD, &["ID"]].concat();
        self.parts_by(&PERIODS, (SalesPriceListPeriod::RESOURCE, &select), property, values).await
    }

    async fn periods_of(&self, discounts: &[Row]) -> Result<BTreeMap<Guid, Row>> {
        Ok(by_id(self.periods_by("ID", &distinct(discounts, PERIOD_OF)).await?))
    }

    /// Rows with their periods, as far as these hold today.
    fn in_force<'r>(
        &self,
        rows: impl Iterator<Item = &'r Row>,
        periods: &'r BTreeMap<Guid, Row>,
    ) -> impl Iterator<Item = (&'r Row, &'r Row)> {
        let today = self.today();
        let of_period = |row: &'r Row| Some((row, periods.get(&row.guid(PERIOD_OF)?)?));
        rows.filter_map(of_period).filter(move |(_, period)| holds(period, today))
    }

    fn discount(&self, row: &Row, period: &Row) -> Discount {
        let basic = period.get("Type") != Some(&PriceListPeriodType::SpecialOffer.to_value());
        let factor = decimal(row, "NumberOfItemsPerUnit");
        let unit = text(row, "Unit").filter(|_| !factor.is_zero() && factor != Decimal::ONE);
        Discount {
            rank: Rank { basic, group: item_of(row).is_none() },
            means: means(row),
            currency: text(period, "Currency").unwrap_or_else(|| self.home_currency()).to_owned(),
            unit: unit.map(str::to_owned),
            from: decimal(row, "Quantity").max(Decimal::ONE),
            starts: day(period, "StartDate"),
        }
    }

    /// What everybody pays for one of it today.
    fn standard(&self, row: &Discount, prices: &[Price]) -> Option<Decimal> {
        figures::standard_price(prices, &row.currency, row.unit.as_deref(), self.today())
    }

    fn given(&self, row: &Discount, prices: &[Price]) -> Option<Price> {
        Some(Price {
            amount: row.means.price(self.standard(row, prices))?,
            currency: row.currency.clone(),
            from: row.from,
            unit: row.unit.clone(),
            agreed: None,
            starts: None,
            ends: None,
        })
    }

    /// What each record names by a property, as far as it names anything: from the record, where that holds it, else read.
    async fn named_by(
        &self,
        property: &str,
        ids: &[Guid],
        records: &[Record],
    ) -> Result<BTreeMap<Guid, Guid>> {
        let held = |record: &Record| {
            let value = record.fields.get(property)?;
            Some((record.id.as_str().parse().ok()?, value.to_string().parse().ok()))
        };
        let held: BTreeMap<Guid, Option<Guid>> = records.iter().filter_map(held).collect();
        let others: Vec<Guid> = ids.iter().filter(|id| !held.contains_key(id)).copied().collect();
        let resource = if property == LIST { Account::RESOURCE } else { Item::RESOURCE };
        let rows = self.rows_by(resource, List::Bulk, &["ID", property], "ID", &guids(&others)).await?;
        let read = rows.iter().filter_map(|row| Some((row.guid("ID")?, row.guid(property)?)));
        Ok(held.into_iter().filter_map(|(id, named)| Some((id, named?))).chain(read).collect())
    }
}

/// The item that a row is about; none where it is about a group of items.
fn item_of(row: &Row) -> Option<Guid> {
    row.guid("Item").filter(|item| !item.is_nil())
}

fn means(row: &Row) -> Means {
    let leads = row.get("EntryMethod") == Some(&PriceEntryMethod::NewPrice.to_value());
    let has_base = row.guid("BasePrice").is_some_and(|base| !base.is_nil());
    let base = has_base.then(|| decimal(row, "BasePriceAmount"));
    Means::new(leads, decimal(row, "NewPrice"), decimal(row, "Discount"), base)
}

/// What people call the list of a row.
fn name(row: &Row) -> String {
    let name = text(row, "PriceListDescription").or_else(|| text(row, "PriceListCode"));
    name.unwrap_or_default().to_owned()
}

fn holds(period: &Row, today: NaiveDate) -> bool {
    day(period, "StartDate").is_none_or(|starts| starts <= today)
        && day(period, "EndDate").is_none_or(|ends| today <= ends)
}

/// Whether it begins to hold, or does no more, since the last day.
pub(super) fn turns(row: &Row, last: NaiveDate, today: NaiveDate) -> bool {
    day(row, "StartDate").is_some_and(|starts| last < starts && starts <= today)
        || day(row, "EndDate").is_some_and(|ends| last <= ends && ends < today)
}

fn by_id(rows: Vec<Row>) -> BTreeMap<Guid, Row> {
    rows.into_iter().filter_map(|row| Some((row.guid("ID")?, row))).collect()
}

fn known_by(row: &Row, property: &str) -> Option<(Guid, Fields)> {
    let named = row.guid(property)?;
    Some((row.guid("ID")?, Fields::new().with(property, Value::text(named.to_string()))))
}
