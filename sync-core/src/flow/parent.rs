//! Conditions on what a record belongs to, such as `organization.country` of a deal: read along with the record.

use crm_adapters::Kind;
use serde::Serialize;

use super::{Condition, Flow, Side};

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

/// Tells each flow which parents its conditions ask for, and the flows of these what to read for them.
pub(crate) fn bind(flows: &mut [Flow]) {
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
