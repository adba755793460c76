//! What people do with records that are kept in agreement: companies, and those who work there.

use std::time::Duration;

use crm_adapters::{Fields, Kind, RecordId, Value};
use sync_core::flow::Side;

use super::sort::{COMPANIES, KEY, PEOPLE, Sort, employer};
use super::world::{Edit, World};

impl World {
    /// What a record stands for: its number or address, else its name.
    pub(super) fn known_as(&self, side: Side, id: &str) -> Option<String> {
        let item = self.ground(side).items.get(id)?;
        let sort = Sort::of(item.kind)?;
        let text = |at| {
            let value = item.fields.get(sort.field(at, side)).filter(|value| !value.is_empty());
            value.map(ToString::to_string)
        };
        text(1).or_else(|| text(0))
    }

    /// A person does something, a moment after anything else: trades, or makes a record, edits one, or deletes one.
    pub(super) fn human(&mut self) {
        self.advance(Duration::from_secs(3));
        if self.trade.is_some() && self.chance.happens(700) {
            return self.deal_with();
        }
        let sort = if self.staffed && self.chance.happens(600) { &PEOPLE } else { &COMPANIES };
        let side = if self.chance.happens(500) { Side::Exact } else { Side::Crm };
        let ids = self.standing(side, sort.kind);
        if ids.is_empty() || (self.made_of(sort) < 12 && self.chance.happens(300)) {
            return match sort.kind {
                Kind::Contact => self.hire(side),
                _ => self.found_company(side),
            };
        }
        let id = ids[self.chance.below(ids.len())].clone();
        if self.chance.happens(15) {
            return self.delete(side, &id);
        }
        if sort.kind == Kind::Contact && self.chance.happens(150) {
            return self.change_jobs(side, &id);
        }
        let field = sort.edited.start + self.chance.below(sort.edited.len());
        let clear = self.chance.happens(100);
        self.edit(side, &id, field, clear);
    }

    fn standing(&self, side: Side, kind: Kind) -> Vec<String> {
        let items = self.ground(side).items.iter();
        items.filter(|(_, item)| !item.deleted && item.kind == kind).map(|(id, _)| id.clone()).collect()
    }

    fn made_of(&self, sort: &Sort) -> u64 {
        if sort.kind == Kind::Contact { self.people } else { self.companies }
    }

    /// A new company, with or without a number, sometimes entered on both sides at once.
    pub(super) fn found_company(&mut self, side: Side) {
        self.companies += 1;
        let number = self.companies;
        let identified = self.chance.happens(800);
        let known = identified.then(|| format!("{:08}", 10_000_000 + number));
        let both = identified && self.chance.happens(200);
        for one in [side, side.other()].into_iter().take(if both { 2 } else { 1 }) {
            let mut record = blank(&COMPANIES, one, &format!("Company {number}"), known.as_deref());
            if one == Side::Exact {
                record.set("Status", "C");
            }
            self.insert(one, Kind::Company, record.clone(), true);
            // Some are entered twice.
            if identified && one == side && self.chance.happens(60) {
                self.met("entered twice");
                self.insert(one, Kind::Company, record, true);
            }
        }
    }

    /// A new person at a company, with or without an address, sometimes entered on both sides at once.
    fn hire(&mut self, side: Side) {
        let companies = self.standing(side, Kind::Company);
        if companies.is_empty() {
            return;
        }
        let company = companies[self.chance.below(companies.len())].clone();
        let known_as = self.known_as(side, &company);
        let other = side.other();
        let twin =
            self.standing(other, Kind::Company).into_iter().find(|id| self.known_as(other, id) == known_as);
        self.people += 1;
        let number = self.people;
        let identified = self.chance.happens(800);
        let known = identified.then(|| format!("person{number}@example.com"));
        let both = identified && self.chance.happens(200);
        for (one, company) in [(side, Some(company)), (other, twin.filter(|_| both))] {
            let Some(company) = company else { continue };
            let record = blank(&PEOPLE, one, &format!("Person{number}"), known.as_deref());
            let record = record.with(employer(one), Value::Reference(RecordId::new(company)));
            self.insert(one, Kind::Contact, record.clone(), true);
            if identified && one == side && self.chance.happens(60) {
                self.met("a person was entered twice");
                self.insert(one, Kind::Contact, record, true);
            }
        }
    }

    /// Nobody goes back to a company: that would look as if nothing had been typed.
    fn change_jobs(&mut self, side: Side, id: &str) {
        let now = self.ground(side).items[id].fields.get(employer(side)).map(ToString::to_string);
        let former = self.employers.entry((side, id.to_owned())).or_default();
        former.extend(now);
        let former = former.clone();
        let mut companies = self.standing(side, Kind::Company);
        companies.retain(|company| !former.contains(company));
        if companies.is_empty() {
            return;
        }
        let company = companies[self.chance.below(companies.len())].clone();
        self.met("a person changed jobs");
        self.tell(format!("person in {side}: {id} works for {company}"));
        let fields = Fields::new().with(employer(side), Value::Reference(RecordId::new(company)));
        self.change(side, id, &fields, true);
    }

    fn edit(&mut self, side: Side, id: &str, field: usize, clear: bool) {
        let Some(known_as) = self.known_as(side, id) else { return };
        let Some(sort) = Sort::of(self.ground(side).items[id].kind) else { return };
        self.typed += 1;
        let value = if clear { String::new() } else { format!("typed {}", self.typed) };
        self.edits.entry(known_as.clone()).or_default().push(Edit { side, field, value: value.clone() });
        self.tell(format!("person in {side}: {} of {id} ({known_as}) := `{value}`", sort.field(field, side)));
        let fields = Fields::new().with(sort.field(field, side), Value::text(value));
        self.change(side, id, &fields, true);
    }

    fn delete(&mut self, side: Side, id: &str) {
        self.met(if side == Side::Exact { "deleted in Exact" } else { "deleted in the CRM" });
        self.tell(format!("it was {id}"));
        self.remove(side, id);
    }
}

/// A new record with a name, and with what identifies it.
fn blank(sort: &Sort, side: Side, name: &str, known: Option<&str>) -> Fields {
    let mut record: Fields =
        (0..sort.fields.len()).map(|at| (sort.field(at, side).to_owned(), Value::Null)).collect();
    record.set(sort.field(0, side), name);
    record.set(sort.field(1, side), known.map_or(Value::Null, Value::text));
    if side == Side::Crm {
        record.set(KEY, Value::Null);
    }
    record
}
