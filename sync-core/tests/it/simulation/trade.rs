//! What is sold: deals in the CRM, orders, invoices and payments in the books, and what people do with them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{Fields, Kind, RecordId, Value};
use rust_decimal::Decimal;
use sync_core::flow::Side;

use super::sort::KEY;
use super::world::{Item, World};

/// What stands in Exact beside its records, and what happened to deals.
#[derive(Debug, Default)]
pub(super) struct Trade {
    pub(super) invoices: Vec<Invoice>,
    /// Pieces shipped, by order and line.
    pub(super) shipped: BTreeMap<String, Vec<i64>>,
    /// When each deal was won, every time.
    pub(super) won: BTreeMap<String, Vec<DateTime<Utc>>>,
    /// By the value of an order's key: how far Exact was when the engine last looked for it.
    looked: BTreeMap<String, i64>,
    /// By order that the engine made: how far Exact was when it had looked before.
    pub(super) made: BTreeMap<String, i64>,
    /// How often the engine changed an order, which it never should.
    pub(super) changed_orders: u64,
    counted: u64,
}

/// An invoice or, with a negative amount, a credit note; in cents.
#[derive(Debug)]
pub(super) struct Invoice {
    pub(super) account: String,
    pub(super) order: Option<String>,
    pub(super) amount: i64,
    pub(super) payments: Vec<i64>,
}

impl Invoice {
    pub(super) fn open(&self) -> i64 {
        self.amount - self.payments.iter().sum::<i64>()
    }
}

pub(super) fn money(cents: i64) -> Value {
    Value::Decimal(Decimal::new(cents, 2).normalize())
}

pub(super) fn text(fields: &Fields, name: &str) -> String {
    fields.get(name).map(ToString::to_string).unwrap_or_default()
}

pub(super) fn lines<'f>(fields: &'f Fields, name: &str) -> &'f [Fields] {
    match fields.get(name) {
        Some(Value::Lines(lines)) => lines,
        _ => &[],
    }
}

/// The order's key for a deal.
pub(super) fn key_of(deal: &str) -> String {
    format!("D-{deal}")
}

fn is_won(deal: &Item) -> bool {
    deal.kind == Kind::Deal && text(&deal.fields, "status") == "won"
}

impl Trade {
    pub(super) fn look(&mut self, key: &Value, version: i64) {
        self.looked.insert(key.to_string(), version);
    }

    /// The customers that have an invoice.
    pub(super) fn billed(&self) -> impl Iterator<Item = &str> {
        self.invoices.iter().map(|invoice| invoice.account.as_str())
    }

    /// What the books say about a customer.
    pub(super) fn of_account(&self, account: &str) -> Fields {
        let mut own = self.invoices.iter().filter(|invoice| invoice.account == account).peekable();
        let known = own.peek().is_some();
        let (mut open, mut count) = (0, 0i64);
        for invoice in own {
            open += invoice.open();
            count += i64::from(invoice.open() != 0);
        }
        let figure = |value: Value| if known { value } else { Value::Null };
        Fields::new()
            .with("Receivables.Outstanding", figure(money(open)))
            .with("Receivables.OpenInvoices", figure(Value::Decimal(count.into())))
    }

    /// What the books say about an order.
    pub(super) fn of_order(&self, order: &str, fields: &Fields) -> Fields {
        let own: Vec<&Invoice> =
            self.invoices.iter().filter(|invoice| invoice.order.as_deref() == Some(order)).collect();
        let (amount, open) =
            own.iter().fold((0, 0), |(a, o), invoice| (a + invoice.amount, o + invoice.open()));
        let status = match (own.is_empty(), open, amount) {
            (true, ..) => Value::Null,
            (_, 0, _) => "paid".into(),
            (_, open, amount) if open < amount => "partly paid".into(),
            _ => "open".into(),
        };
        let outstanding = if own.is_empty() { Value::Null } else { money(open) };
        let none = Vec::new();
        let shipped = self.shipped.get(order).unwrap_or(&none);
        let shipped: Vec<String> = lines(fields, "SalesOrderLines")
            .iter()
            .enumerate()
            .map(|(at, line)| format!("{} of {}", shipped.get(at).unwrap_or(&0), text(line, "Quantity")))
            .collect();
        Fields::new()
            .with("Invoicing.Amount", money(amount))
            .with("Payment.Status", status)
            .with("Payment.Outstanding", outstanding)
            .with("Delivery.Shipped", Value::text(shipped.join("; ")))
    }
}

impl World {
    /// Opens with items that both sides sell, some companies, and deals that were won before anything ran.
    pub(super) fn open_shop(&mut self) {
        self.trade = Some(Trade::default());
        for code in ["A", "B", "C"] {
            let item = Fields::new()
                .with("Code", code)
                .with("Description", format!("Item {code}"))
                .with("IsSalesItem", Value::Bool(true))
                .with("EndDate", Value::Null)
                .with("Price.EUR", money(1_000));
            self.insert(Side::Exact, Kind::Product, item, true);
            let product = Fields::new().with("code", code).with("name", format!("Item {code}"));
            self.insert(Side::Crm, Kind::Product, product.with(KEY, Value::Null), true);
        }
        for _ in 0..3 {
            let side = if self.chance.happens(500) { Side::Exact } else { Side::Crm };
            self.found_company(side);
        }
        for _ in 0..self.chance.below(3) {
            self.open_deal();
            self.win();
        }
        self.now += TimeDelta::seconds(100);
    }

    /// A person sells something, or keeps the books of it.
    pub(super) fn deal_with(&mut self) {
        match self.chance.below(100) {
            0..16 => self.open_deal(),
            16..36 => self.win(),
            36..44 => self.leave(),
            44..52 => self.change_deal(),
            52..57 => self.order_by_hand(),
            57..66 => self.ship(),
            66..77 => self.invoice(),
            77..88 => self.pay(),
            88..91 => self.credit(),
            91..93 => self.reprice(),
            93..96 => self.type_over(),
            96 => self.sell_what_exact_lacks(),
            97..99 => self.delete_one(Side::Exact, Kind::Order, "an order was deleted"),
            _ => self.delete_one(Side::Crm, Kind::Deal, "a deal was deleted"),
        }
    }

    fn trade(&mut self) -> &mut Trade {
        self.trade.as_mut().unwrap()
    }

    fn pick(&mut self, side: Side, fits: impl Fn(&Item) -> bool) -> Option<String> {
        let items = &self.side(side).items;
        let ids: Vec<String> =
            items.iter().filter(|(_, item)| !item.deleted && fits(item)).map(|(id, _)| id.clone()).collect();
        (!ids.is_empty()).then(|| ids[self.chance.below(ids.len())].clone())
    }

    fn pick_kind(&mut self, side: Side, kind: Kind) -> Option<String> {
        self.pick(side, |item| item.kind == kind)
    }

    fn person(&mut self, id: &str, what: &'static str, fields: &Fields) {
        self.met(what);
        self.tell(format!("of {id}: {fields:?}"));
        self.change(Side::Crm, id, fields, true);
    }

    /// A deal with a company and lines, mostly.
    fn open_deal(&mut self) {
        let company = self.pick_kind(Side::Crm, Kind::Company).filter(|_| !self.chance.happens(50));
        let lines: Vec<Fields> = (0..self.chance.below(4)).filter_map(|_| self.line()).collect();
        self.trade().counted += 1;
        let title = format!("Deal {}", self.trade().counted);
        let deal = Fields::new()
            .with("title", title)
            .with("org_id", company.map_or(Value::Null, |id| Value::Reference(RecordId::new(id))))
            .with("status", "open")
            .with("won_time", Value::Null)
            .with("products", Value::Lines(lines))
            .with(KEY, Value::Null);
        let id = self.insert(Side::Crm, Kind::Deal, deal, true);
        self.tell(format!("person in the CRM: deal {id}"));
    }

    fn line(&mut self) -> Option<Fields> {
        let product = self.pick_kind(Side::Crm, Kind::Product)?;
        let quantity = if self.chance.happens(40) { 0 } else { 1 + self.chance.below(5) };
        let price = 100 * (1 + self.chance.below(50) as i64);
        let line = Fields::new()
            .with("product_id", Value::Reference(RecordId::new(product)))
            .with("quantity", Value::Decimal(quantity.into()))
            .with("item_price", money(price));
        Some(line)
    }

    fn win(&mut self) {
        let open = self.pick(Side::Crm, |item| item.kind == Kind::Deal && !is_won(item));
        let Some(id) = open else { return };
        let now = self.now;
        self.trade().won.entry(id.clone()).or_default().push(now);
        let won = Fields::new().with("status", "won").with("won_time", Value::Instant(now));
        self.person(&id, "a deal was won", &won);
    }

    fn leave(&mut self) {
        let Some(id) = self.pick(Side::Crm, is_won) else { return };
        let opened = Fields::new().with("status", "open").with("won_time", Value::Null);
        match self.chance.happens(500) {
            true => self.person(&id, "a won deal was opened again", &opened),
            false => self.person(&id, "a won deal was lost", &Fields::new().with("status", "lost")),
        }
    }

    fn change_deal(&mut self) {
        let Some(id) = self.pick_kind(Side::Crm, Kind::Deal) else { return };
        self.trade().counted += 1;
        let number = self.trade().counted;
        let change = match self.chance.below(3) {
            0 => Fields::new().with("title", format!("Deal changed {number}")),
            1 => {
                let mut all = lines(&self.crm.items[&id].fields, "products").to_vec();
                all.extend(self.line());
                Fields::new().with("products", Value::Lines(all))
            }
            _ => {
                let Some(company) = self.pick_kind(Side::Crm, Kind::Company) else { return };
                Fields::new().with("org_id", Value::Reference(RecordId::new(company)))
            }
        };
        self.person(&id, "a deal was changed", &change);
    }

    /// Somebody in the back office enters the order of a won deal, with the deal's key.
    fn order_by_hand(&mut self) {
        let ordered: Vec<String> = self
            .exact
            .items
            .values()
            .filter(|item| item.kind == Kind::Order && !item.deleted)
            .map(|item| text(&item.fields, "YourRef"))
            .collect();
        let Some(account) = self.pick_kind(Side::Exact, Kind::Company) else { return };
        let Some(item) = self.pick_kind(Side::Exact, Kind::Product) else { return };
        let won: Vec<String> = self
            .crm
            .items
            .iter()
            .filter(|(id, item)| is_won(item) && !ordered.contains(&key_of(id)))
            .map(|(id, _)| id.clone())
            .collect();
        if won.is_empty() {
            return;
        }
        let deal = won[self.chance.below(won.len())].clone();
        self.met("an order was entered by hand");
        let line = Fields::new()
            .with("Item", Value::Reference(RecordId::new(item)))
            .with("Quantity", Value::Decimal(2.into()));
        let order = Fields::new()
            .with("OrderedBy", Value::Reference(RecordId::new(account)))
            .with("Description", "By hand")
            .with("YourRef", key_of(&deal))
            .with("SalesOrderLines", Value::Lines(vec![line]));
        let id = self.insert(Side::Exact, Kind::Order, order, true);
        self.tell(format!("person in the books: order {id} of {deal}"));
        self.refresh(&id);
    }

    fn ship(&mut self) {
        let Some(order) = self.pick_kind(Side::Exact, Kind::Order) else { return };
        let ordered = lines(&self.exact.items[&order].fields, "SalesOrderLines").len();
        let at = self.chance.below(ordered.max(1));
        let shipped = self.trade().shipped.entry(order.clone()).or_default();
        shipped.resize(ordered.max(shipped.len()), 0);
        if let Some(pieces) = shipped.get_mut(at) {
            *pieces += 1;
        }
        self.met("goods were shipped");
        self.refresh(&order);
    }

    fn invoice(&mut self) {
        let order = self.pick_kind(Side::Exact, Kind::Order).filter(|_| !self.chance.happens(300));
        let account = match &order {
            Some(order) => Some(text(&self.exact.items[order].fields, "OrderedBy")),
            None => self.pick_kind(Side::Exact, Kind::Company),
        };
        let Some(account) = account else { return };
        let amount = 1 + self.chance.below(100_000) as i64;
        self.met("an invoice was booked");
        self.book(Invoice { account, order, amount, payments: Vec::new() });
    }

    fn book(&mut self, invoice: Invoice) {
        let (account, order) = (invoice.account.clone(), invoice.order.clone());
        self.trade().invoices.push(invoice);
        self.refresh(&account);
        if let Some(order) = order {
            self.refresh(&order);
        }
    }

    /// A payment comes in, in full or in part; some are taken back.
    fn pay(&mut self) {
        let count = self.trade().invoices.len();
        if count == 0 {
            return;
        }
        let at = self.chance.below(count);
        let (part, back) = (1 + self.chance.below(100) as i64, self.chance.happens(150));
        let invoice = &mut self.trade().invoices[at];
        let what = if back && invoice.payments.pop().is_some() {
            "a payment was taken back"
        } else if invoice.open() > 0 {
            let paid = if part > 50 { invoice.open() } else { (invoice.open() * part / 100).max(1) };
            invoice.payments.push(paid);
            "a payment came in"
        } else {
            return;
        };
        let (account, order) = (invoice.account.clone(), invoice.order.clone());
        self.met(what);
        self.refresh(&account);
        if let Some(order) = order {
            self.refresh(&order);
        }
    }

    fn credit(&mut self) {
        let count = self.trade().invoices.len();
        if count == 0 {
            return;
        }
        let at = self.chance.below(count);
        let of = &self.trade().invoices[at];
        let note = Invoice {
            account: of.account.clone(),
            order: of.order.clone(),
            amount: -of.amount.abs(),
            payments: Vec::new(),
        };
        self.met("a credit note was booked");
        self.book(note);
    }

    fn reprice(&mut self) {
        let Some(item) = self.pick_kind(Side::Exact, Kind::Product) else { return };
        let price = money(1 + self.chance.below(100_000) as i64);
        self.met("a price was changed");
        self.show(&item, Fields::new().with("Price.EUR", price));
    }

    /// Somebody types over a figure in the CRM.
    fn type_over(&mut self) {
        let kind = if self.chance.happens(500) { Kind::Company } else { Kind::Deal };
        let known = |item: &Item| item.kind == kind && !text(&item.fields, KEY).is_empty();
        let Some(id) = self.pick(Side::Crm, known) else { return };
        let wrong = money(self.chance.below(100_000) as i64);
        self.person(&id, "a figure was typed over", &Fields::new().with("custom:Outstanding amount", wrong));
    }

    fn sell_what_exact_lacks(&mut self) {
        let product = Fields::new().with("code", "Z").with("name", "Only here").with(KEY, Value::Null);
        let known = self.crm.items.values().any(|item| text(&item.fields, "code") == "Z");
        if !known {
            self.insert(Side::Crm, Kind::Product, product, true);
        }
    }

    fn delete_one(&mut self, side: Side, kind: Kind, what: &'static str) {
        let Some(id) = self.pick_kind(side, kind) else { return };
        self.met(what);
        self.tell(format!("it was {id}"));
        self.remove(side, &id);
    }

    /// What Exact fills in when the engine makes a record, and what the engine had looked at before.
    pub(super) fn filled_in(&mut self, side: Side, kind: Kind, id: &str) {
        if self.trade.is_none() || side == Side::Crm {
            return;
        }
        if kind == Kind::Order {
            let key = text(&self.exact.items[id].fields, "YourRef");
            let looked = self.trade().looked.get(&key).copied().unwrap_or_default();
            self.trade().made.insert(id.to_owned(), looked);
        }
        self.refresh(id);
    }

    pub(super) fn order_written(&mut self, side: Side, kind: Kind) {
        if let (Side::Exact, Kind::Order, Some(trade)) = (side, kind, &mut self.trade) {
            trade.changed_orders += 1;
        }
    }

    /// Works out anew what the books say about a record of Exact.
    fn refresh(&mut self, id: &str) {
        let (Some(trade), Some(item)) = (&self.trade, self.exact.items.get(id)) else { return };
        let figures = match item.kind {
            Kind::Order => trade.of_order(id, &item.fields).with("OrderNumber", format!("No. {id}")),
            _ => trade.of_account(id),
        };
        self.show(id, figures);
    }

    /// A figure moves its record in the feed and leaves the record's own version as it is.
    fn show(&mut self, id: &str, figures: Fields) {
        let ground = self.side(Side::Exact);
        let Some(item) = ground.items.get_mut(id) else { return };
        item.fields.merge(figures);
        ground.version += 1;
        item.told = ground.version;
    }
}
