//! What people do with companies, on both sides.

use std::time::Duration;

use crm_adapters::{Fields, Kind, Value};
use sync_core::flow::Side;

use super::world::{Edit, World};

/// The fields of a company: Exact's name, the CRM's name.
pub(super) const FIELDS: [(&str, &str); 7] = [
    ("Name", "name"),
    ("ChamberOfCommerce", "custom:KvK number"),
    ("Phone", "custom:Phone"),
    ("Email", "custom:Email"),
    ("City", "custom:City"),
    ("Website", "website"),
    ("Remarks", "custom:Remarks"),
];
/// Fields that people edit after a company was made.
pub(super) const EDITED: std::ops::Range<usize> = 2..7;
pub(super) const KEY: &str = "custom:Exact ID";

pub(super) fn field_name(field: usize, side: Side) -> &'static str {
    let (exact, crm) = FIELDS[field];
    if side == Side::Exact { exact } else { crm }
}

impl World {
    /// The company that a record stands for: its number, else its name.
    pub(super) fn company(&self, side: Side, id: &str) -> Option<String> {
        let ground = if side == Side::Exact { &self.exact } else { &self.crm };
        let fields = &ground.items.get(id).filter(|item| item.kind == Kind::Company)?.fields;
        let text = |field| {
            fields.get(field_name(field, side)).filter(|value| !value.is_empty()).map(ToString::to_string)
        };
        text(1).or_else(|| text(0))
    }

    /// A person does something, a moment after anything else: trades, or makes a company, edits one, or deletes one.
    pub(super) fn human(&mut self) {
        self.advance(Duration::from_secs(3));
        if self.trade.is_some() && self.chance.happens(700) {
            return self.deal_with();
        }
        let side = if self.chance.happens(500) { Side::Exact } else { Side::Crm };
        let ids: Vec<String> = self
            .side(side)
            .items
            .iter()
            .filter(|(_, item)| !item.deleted && item.kind == Kind::Company)
            .map(|(id, _)| id.clone())
            .collect();
        if ids.is_empty() || (self.companies < 12 && self.chance.happens(300)) {
            return self.found_company(side);
        }
        let id = ids[self.chance.below(ids.len())].clone();
        if self.chance.happens(15) {
            return self.delete(side, &id);
        }
        let field = EDITED.start + self.chance.below(EDITED.len());
        let clear = self.chance.happens(100);
        self.edit(side, &id, field, clear);
    }

    /// A new company, with or without a number, sometimes entered on both sides at once.
    pub(super) fn found_company(&mut self, side: Side) {
        self.companies += 1;
        let number = self.companies;
        let mut fields = Fields::new();
        fields.set("Name", format!("Company {number}"));
        let identified = self.chance.happens(800);
        if identified {
            fields.set("ChamberOfCommerce", format!("{:08}", 10_000_000 + number));
        }
        let both = identified && self.chance.happens(200);
        for one in [side, side.other()].into_iter().take(if both { 2 } else { 1 }) {
            let mut record = Fields::new();
            for (exact, crm) in FIELDS {
                let name = if one == Side::Exact { exact } else { crm };
                record.set(name, fields.get(exact).cloned().unwrap_or(Value::Null));
            }
            match one {
                Side::Exact => record.set("Status", "C"),
                Side::Crm => record.set(KEY, Value::Null),
            }
            self.insert(one, Kind::Company, record.clone(), true);
            // Some are entered twice.
            if identified && one == side && self.chance.happens(60) {
                self.met("entered twice");
                self.insert(one, Kind::Company, record, true);
            }
        }
    }

    fn edit(&mut self, side: Side, id: &str, field: usize, clear: bool) {
        let Some(company) = self.company(side, id) else { return };
        self.typed += 1;
        let value = if clear { String::new() } else { format!("typed {}", self.typed) };
        self.edits.entry(company.clone()).or_default().push(Edit { side, field, value: value.clone() });
        self.tell(format!("person in {side}: {} of {id} ({company}) := `{value}`", field_name(field, side)));
        let fields = Fields::new().with(field_name(field, side), Value::text(value));
        self.change(side, id, &fields, true);
    }

    fn delete(&mut self, side: Side, id: &str) {
        self.met(if side == Side::Exact { "deleted in Exact" } else { "deleted in the CRM" });
        self.remove(side, id);
    }
}
