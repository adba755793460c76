//! What people and the bank do in Exact. It needs no token, costs no quota, and obeys the same rules as the API.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::books::Books;
use super::cell::{Cell, Row};
use super::refusal::Refusal;
use super::resources::resource;
use super::rules::invoices::{self, Invoiced};
use super::rules::{from_orders, orders, quotations, terms};
use super::schema::{Entity, Kind, Rows};
use super::state::State;
use super::tables::goods_deliveries;
use super::write;

/// What an anonymised contact loses.
const PERSONAL: [&str; 20] = [
    "BirthDate",
    "BirthName",
    "BirthPlace",
    "BusinessEmail",
    "BusinessMobile",
    "BusinessPhone",
    "Email",
    "FirstName",
    "FullName",
    "Gender",
    "Initials",
    "JobTitleDescription",
    "LastName",
    "MiddleName",
    "Mobile",
    "Notes",
    "Phone",
    "Picture",
    "SocialSecurityNumber",
    "Title",
];

impl State {
    /// One change that a person makes; the error is Exact's own text.
    pub(super) fn people<R>(
        &mut self,
        division: i64,
        now: DateTime<Utc>,
        act: impl FnOnce(&mut Books<'_>) -> Result<R, Refusal>,
    ) -> Result<R, String> {
        if !self.divisions.contains_key(&division) {
            return Err(format!("there is no division {division}"));
        }
        self.write(division, now, act).map_err(|refusal| refusal.message().to_owned())
    }

    pub(super) fn set_scope(&mut self, division: i64, in_scope: bool) -> Result<(), String> {
        let found =
            self.divisions.get_mut(&division).ok_or_else(|| format!("there is no division {division}"))?;
        found.in_scope = in_scope;
        Ok(())
    }

    pub(super) fn move_division(&mut self, division: i64, now: DateTime<Utc>) -> Result<(), String> {
        let Self { divisions, random, .. } = self;
        let found = divisions.get_mut(&division).ok_or_else(|| format!("there is no division {division}"))?;
        found.relocate(now, random);
        Ok(())
    }

    /// Every record of a resource with all its properties, as the API would show it.
    pub(super) fn records(&self, division: i64, path: &str) -> Result<Vec<Value>, String> {
        self.records_where(division, path, |_| true)
    }

    /// The records whose text property holds exactly this, without padding.
    pub(super) fn find_records(
        &self,
        division: i64,
        path: &str,
        property: &str,
        value: &str,
    ) -> Result<Vec<Value>, String> {
        self.records_where(division, path, |row| row.str(property) == Some(value))
    }

    fn records_where(
        &self,
        division: i64,
        path: &str,
        wanted: impl Fn(&Row) -> bool,
    ) -> Result<Vec<Value>, String> {
        let entity = entity(path)?;
        let found =
            self.divisions.get(&division).ok_or_else(|| format!("there is no division {division}"))?;
        let entries = found.table(entity.kind).into_iter().flat_map(|table| table.entries());
        let json = |(id, row): (Uuid, &Row)| {
            let uri = format!("{}/api/v1/{division}/{path}(guid'{id}')", self.links());
            row.to_json(entity, entity.properties(), &uri)
        };
        Ok(entries.filter(|(_, row)| wanted(row)).map(json).collect())
    }

    pub(super) fn create_record(
        &mut self,
        division: i64,
        path: &str,
        fields: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, String> {
        let entity = entity(path)?;
        self.people(division, now, |books| write::create(books, entity, fields))
    }

    pub(super) fn edit_record(
        &mut self,
        division: i64,
        path: &str,
        id: Uuid,
        fields: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let entity = entity(path)?;
        self.people(division, now, |books| write::update(books, entity, id, fields))
    }

    pub(super) fn delete_record(
        &mut self,
        division: i64,
        path: &str,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let entity = entity(path)?;
        self.people(division, now, |books| write::delete(books, entity, id))
    }

    /// Ships an order: these quantities by line, or all that is left.
    pub(super) fn deliver(
        &mut self,
        division: i64,
        order: Uuid,
        quantities: Option<&BTreeMap<Uuid, Decimal>>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, String> {
        self.people(division, now, |books| {
            let mut lines = Vec::new();
            for id in books.ids(Kind::SalesOrderLine, "OrderID", order) {
                let Some(line) = books.get(Kind::SalesOrderLine, id) else { continue };
                let number = |name: &str| line.number(name).unwrap_or_default();
                let quantity = match quantities {
                    Some(quantities) => quantities.get(&id).copied().unwrap_or_default(),
                    None => number("Quantity") - number("QuantityDelivered"),
                };
                if !quantity.is_zero() {
                    lines.push(json!({ "SalesOrderLineID": id, "QuantityDelivered": double(quantity) }));
                }
            }
            let mut payload = Map::new();
            payload.insert("GoodsDeliveryLines".into(), lines.into());
            write::create(books, &goods_deliveries::ENTITY, &payload)
        })
    }

    /// Makes an open invoice of an order: of what was delivered, or of all that was ordered.
    pub(super) fn invoice_order(
        &mut self,
        division: i64,
        order: Uuid,
        mode: Invoiced,
        now: DateTime<Utc>,
    ) -> Result<Uuid, String> {
        let invoice = self.people(division, now, |books| from_orders(books, &[order], "70", mode))?;
        invoice.ok_or_else(|| "there is nothing to invoice".to_owned())
    }

    /// Prints an invoice and returns its number.
    pub(super) fn print(&mut self, division: i64, invoice: Uuid, now: DateTime<Utc>) -> Result<i64, String> {
        self.people(division, now, |books| {
            invoices::print(books, invoice, None)?;
            let number = books.get(Kind::SalesInvoice, invoice).and_then(|row| row.int("InvoiceNumber"));
            number.ok_or_else(Refusal::not_found)
        })
    }

    /// Money from the bank, or all that is left to pay.
    pub(super) fn pay(
        &mut self,
        division: i64,
        invoice: Uuid,
        amount: Option<Decimal>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.settle_invoice(division, invoice, amount, true, now)
    }

    /// Gives up what is left to pay.
    pub(super) fn write_off(
        &mut self,
        division: i64,
        invoice: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.settle_invoice(division, invoice, None, false, now)
    }

    fn settle_invoice(
        &mut self,
        division: i64,
        invoice: Uuid,
        amount: Option<Decimal>,
        from_bank: bool,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let nothing = "there is nothing to pay";
        self.people(division, now, |books| {
            let left = terms::outstanding(books, invoice);
            if left.is_zero() {
                return Err(Refusal::business(&[nothing.to_owned()]));
            }
            terms::match_amount(books, invoice, amount.unwrap_or(left), from_bank);
            Ok(())
        })
    }

    /// A customer accepts a quotation, or rejects it.
    pub(super) fn answer(
        &mut self,
        division: i64,
        quotation: Uuid,
        accepted: bool,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.people(division, now, |books| {
            let status = books.get(Kind::Quotation, quotation).and_then(|row| row.int("Status"));
            if !status.is_some_and(quotations::is_running) {
                return Err(Refusal::business(&["there is no quotation to answer".to_owned()]));
            }
            let answer = if accepted { quotations::ACCEPTED } else { quotations::REJECTED };
            quotations::end(books, quotation, answer);
            Ok(())
        })
    }

    /// Ends an order as it is.
    pub(super) fn complete(&mut self, division: i64, order: Uuid, now: DateTime<Utc>) -> Result<(), String> {
        self.people(division, now, |books| {
            orders::complete(books, order);
            Ok(())
        })
    }

    /// Undoes every match of an invoice.
    pub(super) fn unmatch(&mut self, division: i64, invoice: Uuid, now: DateTime<Utc>) -> Result<(), String> {
        self.people(division, now, |books| {
            terms::unmatch(books, invoice);
            Ok(())
        })
    }

    /// Puts a part of what is open of an invoice off by so many days.
    pub(super) fn put_off(
        &mut self,
        division: i64,
        invoice: Uuid,
        amount: Decimal,
        days: u64,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.people(division, now, |books| {
            if amount <= Decimal::ZERO || terms::outstanding(books, invoice) <= amount {
                return Err(Refusal::business(&["a part is less than what is open".to_owned()]));
            }
            terms::put_off(books, invoice, amount, days);
            Ok(())
        })
    }

    /// Credits a processed invoice, in full or these quantities by product, and matches the two, as far as the invoice is
    /// still open.
    pub(super) fn credit(
        &mut self,
        division: i64,
        invoice: Uuid,
        quantities: Option<&BTreeMap<Uuid, Decimal>>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, String> {
        self.people(division, now, |books| {
            let note = invoices::credit(books, invoice, quantities)?;
            let matched = terms::outstanding(books, invoice).min(-terms::outstanding(books, note));
            if !matched.is_zero() {
                terms::match_amount(books, invoice, matched, false);
                terms::match_amount(books, note, -matched, false);
            }
            Ok(note)
        })
    }

    /// Wipes what says who a contact is.
    pub(super) fn anonymise(
        &mut self,
        division: i64,
        contact: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.people(division, now, |books| {
            if books.get(Kind::Contact, contact).is_none() {
                return Err(Refusal::not_found());
            }
            books.edit(Kind::Contact, contact, |row| {
                for name in PERSONAL {
                    row.set(name, Cell::Null);
                }
                row.set("IsAnonymised", Cell::Int(1));
            });
            Ok(())
        })
    }
}

fn double(value: Decimal) -> Option<f64> {
    rust_decimal::prelude::ToPrimitive::to_f64(&value)
}

fn entity(path: &str) -> Result<&'static Entity, String> {
    resource(path)
        .filter(|resource| resource.rows == Rows::Table)
        .map(|resource| resource.entity)
        .ok_or_else(|| format!("there is no table {path}"))
}
