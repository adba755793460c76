//! What flows ask of each other's records: conditions on what a record belongs to, such as `organization.country` of a
//! deal, and what the prices of a document are held against. Both are read along with the records.

use std::collections::BTreeSet;

use crm_adapters::Kind;
use serde::Serialize;

use super::{Condition, FieldRule, Flow, Side};

/// Every price of an item that holds today, those of price lists and those that were agreed with one customer included.
pub(crate) const PRICES: &str = "Price.List";
/// The price list of a customer, whose prices count before those that everybody pays.
pub(crate) const PRICE_LIST: &str = "PriceList";

/// A field of the record that another record belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    /// Whose records.
    pub(crate) side: Side,
    /// As conditions name it, and as the record carries it: `organization.country`.
    pub(crate) name: String,
    /// The field of the record that names its parent.
    pub(crate) by: String,
    /// The parent's flow.
    pub(crate) flow: String,
    /// The field of the parent.
    pub(crate) field: String,
}

/// A field that is read for the conditions of another flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Watched {
    pub(crate) side: Side,
    pub(crate) field: String,
    /// The flow whose conditions ask for it.
    pub(crate) by: String,
}

impl Flow {
    /// The conditions that it asks of its records.
    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.when.iter().chain(self.routes.iter().map(|route| &route.when))
    }

    pub(crate) fn is_parents(&self, side: Side, name: &str) -> bool {
        self.parents.iter().any(|parent| parent.side == side && parent.name == name)
    }

    /// What the prices of its lines are held against, each with the flow whose records of Exact tell it.
    fn held(&self, flows: &[Self]) -> Vec<(String, &'static str)> {
        let lines = self.rules.iter().filter(|_| self.hands_over()).find(|rule| !rule.lines.is_empty());
        let Some(lines) = lines else { return Vec::new() };
        let tells = |rule: &FieldRule, kind: Kind, field: &'static str| {
            let flow = flows.iter().find(|flow| rule.via.as_ref() == Some(&flow.name))?;
            (flow.kinds.exact == kind).then(|| (flow.name.clone(), field))
        };
        let items = lines.lines.iter().filter_map(|part| tells(part, Kind::Product, PRICES));
        let customers = self.rules.iter().filter_map(|rule| tells(rule, Kind::Company, PRICE_LIST));
        items.chain(customers).collect()
    }

    fn find_parents(&self, flows: &[Self]) -> Vec<Parent> {
        let mut parents: Vec<Parent> = Vec::new();
        for (side, name, _) in self.conditions().flat_map(Condition::tests) {
            let found = name.split_once('.').and_then(|(prefix, field)| {
                let (by, flow) = self.named_by(flows, side, prefix)?;
                let (name, field) = (name.to_owned(), field.to_owned());
                Some(Parent { side, name, by, flow, field })
            });
            parents.extend(found.filter(|parent| !self.is_parents(side, name) && !parents.contains(parent)));
        }
        parents
    }

    /// The field by which a record of a side names what a condition calls by `prefix`, and the flow of that.
    fn named_by(&self, flows: &[Self], side: Side, prefix: &str) -> Option<(String, String)> {
        self.rules.iter().find_map(|rule| {
            let via = flows.iter().find(|flow| rule.via.as_ref() == Some(&flow.name))?;
            let called = rule.field(side) == prefix || words(side, via.kinds.on(side)).contains(&prefix);
            called.then(|| (rule.field(side).to_owned(), via.name.clone()))
        })
    }
}

/// What the vendors call a record of a kind where it is what another one belongs to.
fn words(side: Side, kind: Kind) -> &'static [&'static str] {
    match (side, kind) {
        (Side::Crm, Kind::Company) => &["organization", "company"],
        (Side::Crm, Kind::Contact) => &["person", "contact"],
        (Side::Crm, Kind::Deal) => &["deal"],
        (Side::Exact, Kind::Company) => &["Account"],
        (Side::Exact, Kind::Contact) => &["Contact"],
        _ => &[],
    }
}

/// Tells each flow which parents its conditions ask for, and the flows of these what to read for them; and the flows
/// whose records a document names, what its prices are held against.
pub(crate) fn bind(flows: &mut [Flow]) {
    for (flow, field) in flows.iter().flat_map(|flow| flow.held(flows)).collect::<BTreeSet<_>>() {
        flows.iter_mut().filter(|other| other.name == flow).for_each(|other| other.held.push(field));
    }
    for at in 0..flows.len() {
        let parents = flows[at].find_parents(flows);
        for parent in &parents {
            let by = flows[at].name.clone();
            let watched = Watched { side: parent.side, field: parent.field.clone(), by };
            if let Some(flow) = flows.iter_mut().find(|flow| flow.name == parent.flow) {
                flow.watched.push(watched);
            }
        }
        flows[at].parents.extend(parents);
    }
}
