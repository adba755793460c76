//! Associations: their types, which differ by direction, and the pairs that have them.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::properties::bad_json;
use super::refusal::Refusal;
use super::state::State;
use super::write::Call;

/// How an association is named on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Category {
    HubspotDefined,
    UserDefined,
    IntegratorDefined,
    Work,
}

/// One type of association, as a request names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec {
    pub(super) association_category: Category,
    pub(super) association_type_id: u32,
}

/// One type of association from one type of object to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kind {
    pub(super) id: u32,
    pub(super) category: Category,
    pub(super) label: Option<String>,
    /// The same, seen from the other end.
    inverse: u32,
}

impl Kind {
    fn spec(&self) -> Spec {
        Spec { association_category: self.category, association_type_id: self.id }
    }

    pub(super) fn to_json(&self, omit_nulls: bool) -> Value {
        let mut shown = json!({ "category": self.category, "typeId": self.id });
        if self.label.is_some() || !omit_nulls {
            shown["label"] = json!(self.label);
        }
        shown
    }
}

/// From, to, the type without a label and its inverse.
const UNLABELLED: &[(&str, &str, u32, u32)] = &[
    ("0-1", "0-2", 279, 280),
    ("0-3", "0-1", 3, 4),
    ("0-3", "0-2", 341, 342),
    ("0-3", "0-8", 19, 20),
    ("0-14", "0-8", 67, 68),
    ("0-14", "0-3", 64, 63),
    ("0-46", "0-1", 202, 201),
    ("0-46", "0-2", 190, 189),
    ("0-46", "0-3", 214, 213),
    ("0-53", "0-1", 177, 178),
    ("0-53", "0-2", 179, 180),
    ("0-53", "0-8", 409, 410),
    ("0-53", "0-3", 175, 176),
    ("0-123", "0-1", 507, 508),
    ("0-123", "0-2", 509, 510),
    ("0-123", "0-3", 512, 511),
    ("0-123", "0-8", 513, 514),
];

/// From, to, the primary type and its inverse.
const PRIMARY: &[(&str, &str, u32, u32)] = &[("0-1", "0-2", 1, 2), ("0-3", "0-2", 5, 6)];

/// Contacts, and the type of their tie to the primary company.
const CONTACTS: &str = "0-1";
const PRIMARY_COMPANY: u32 = 1;

/// Types that accounts get for pairs without a number of their own begin here.
const FIRST_FREE: u32 = 10_000;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Associations {
    /// By the numbers of both types of object.
    #[serde(with = "super::snapshot::pairs")]
    kinds: BTreeMap<(String, String), Vec<Kind>>,
    /// From, to: the types.
    #[serde(with = "super::snapshot::pairs")]
    links: BTreeMap<(u64, u64), BTreeSet<u32>>,
    next_kind: u32,
}

impl Default for Associations {
    fn default() -> Self {
        let mut all = Self { kinds: BTreeMap::new(), links: BTreeMap::new(), next_kind: FIRST_FREE };
        for (rows, label) in [(UNLABELLED, None), (PRIMARY, Some("Primary"))] {
            for (from, to, id, inverse) in rows {
                all.define(from, to, (*id, *inverse), Category::HubspotDefined, (label, label));
            }
        }
        all.define(
            "0-2",
            "0-2",
            (13, 14),
            Category::HubspotDefined,
            (Some("Child Company"), Some("Parent Company")),
        );
        all
    }
}

impl Associations {
    fn define(
        &mut self,
        from: &str,
        to: &str,
        (id, inverse): (u32, u32),
        category: Category,
        (label, inverse_label): (Option<&str>, Option<&str>),
    ) {
        let mut add = |from: &str, to: &str, id, inverse, label: Option<&str>| {
            let kinds = self.kinds.entry((from.to_owned(), to.to_owned())).or_default();
            kinds.push(Kind { id, category, label: label.map(str::to_owned), inverse });
        };
        add(from, to, id, inverse, label);
        add(to, from, inverse, id, inverse_label);
    }

    /// The types between two types of object; there is always one without a label.
    pub(super) fn kinds(&mut self, from: &str, to: &str) -> &[Kind] {
        let known = |kinds: &Vec<Kind>| kinds.iter().any(|kind| kind.label.is_none());
        if !self.kinds.get(&(from.to_owned(), to.to_owned())).is_some_and(known) {
            let ids = self.free_ids();
            self.define(from, to, ids, Category::HubspotDefined, (None, None));
        }
        self.known(from, to)
    }

    fn free_ids(&mut self) -> (u32, u32) {
        self.next_kind += 2;
        (self.next_kind - 2, self.next_kind - 1)
    }

    fn known(&self, from: &str, to: &str) -> &[Kind] {
        self.kinds.get(&(from.to_owned(), to.to_owned())).map_or(&[], Vec::as_slice)
    }

    fn find(&self, id: u32) -> Option<&Kind> {
        self.kinds.values().flatten().find(|kind| kind.id == id)
    }

    /// A label that the account makes, in both directions.
    pub(super) fn create_label(&mut self, from: &str, to: &str, label: &str, inverse: &str) -> Vec<Kind> {
        let ids = self.free_ids();
        self.define(from, to, ids, Category::UserDefined, (Some(label), Some(inverse)));
        self.find(ids.0).into_iter().chain(self.find(ids.1)).cloned().collect()
    }

    /// Everything that `from` is tied to, with the types.
    pub(super) fn of(&self, from: u64) -> impl Iterator<Item = (u64, &BTreeSet<u32>)> {
        self.links.range((from, 0)..=(from, u64::MAX)).map(|((_, to), kinds)| (*to, kinds))
    }

    pub(super) fn between(&self, from: u64, to: u64) -> Vec<Kind> {
        let ids = self.links.get(&(from, to)).into_iter().flatten();
        ids.filter_map(|id| self.find(*id).cloned()).collect()
    }

    fn tie(&mut self, from: u64, to: u64, kind: &Kind) {
        self.links.entry((from, to)).or_default().insert(kind.id);
        self.links.entry((to, from)).or_default().insert(kind.inverse);
    }

    /// Takes one type away, or all of them. Tells whether there was anything.
    pub(super) fn untie(&mut self, from: u64, to: u64, kind: Option<u32>) -> bool {
        let Some(kind) = kind else {
            self.links.remove(&(to, from));
            return self.links.remove(&(from, to)).is_some();
        };
        let inverse = self.find(kind).map(|kind| kind.inverse);
        let mut removed = false;
        for (pair, id) in [((from, to), Some(kind)), ((to, from), inverse)] {
            if let (Some(kinds), Some(id)) = (self.links.get_mut(&pair), id) {
                removed |= kinds.remove(&id);
                if kinds.is_empty() {
                    self.links.remove(&pair);
                }
            }
        }
        removed
    }

    /// Gives one record the ties of another.
    pub(super) fn transfer(&mut self, from: u64, into: u64) {
        let ties: Vec<(u64, BTreeSet<u32>)> = self.of(from).map(|(to, kinds)| (to, kinds.clone())).collect();
        for (to, kinds) in ties {
            self.untie(from, to, None);
            for kind in kinds.iter().filter_map(|id| self.find(*id).cloned()).collect::<Vec<_>>() {
                self.tie(into, to, &kind);
            }
        }
    }
}

impl State {
    /// Whether these types may tie a record of one type to that record.
    pub(super) fn check_association(&self, from_type: &str, to: u64, specs: &[Spec]) -> Result<(), Refusal> {
        let to_type = self.type_of(to).ok_or_else(|| Refusal::not_found(&[&to.to_string()]))?;
        let known = self.associations.known(from_type, to_type);
        match specs.iter().find(|spec| !known.iter().any(|kind| kind.spec() == **spec)) {
            Some(spec) => Err(Refusal::validation(format!(
                "No association type exists with id {} from {from_type} to {to_type}",
                spec.association_type_id
            ))),
            None => Ok(()),
        }
    }

    /// A line item belongs to one parent of each type: who needs it twice makes a second one.
    pub(super) fn check_parent(&self, from: u64, to: u64) -> Result<(), Refusal> {
        for (item, parent) in [(from, to), (to, from)] {
            if self.type_of(item) != Some("0-8") || self.type_of(parent) == Some("0-7") {
                continue;
            }
            let another = self
                .associations
                .of(item)
                .find(|(other, _)| *other != parent && !matches!(self.type_of(*other), Some("0-7" | "0-8")));
            if let Some((other, _)) = another {
                let message = format!("Line item {item} already belongs to {other}");
                return Err(Refusal::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message));
            }
        }
        Ok(())
    }

    /// Ties two records; types without a label and the first primary one come along.
    pub(super) fn associate(&mut self, from: u64, to: u64, specs: &[Spec], call: Call) {
        let types = (self.type_of(from).map(str::to_owned), self.type_of(to).map(str::to_owned));
        let (Some(from_type), Some(to_type)) = types else { return };
        let kinds = self.associations.kinds(&from_type, &to_type).to_vec();
        let mut chosen: Vec<Kind> =
            kinds.iter().filter(|kind| kind.label.is_none()).take(1).cloned().collect();
        let named = |kind: &&Kind| specs.iter().any(|spec| kind.spec() == *spec);
        chosen.extend(kinds.iter().filter(named).cloned());
        self.choose_primary(from, to, &kinds, &mut chosen);
        self.choose_primary_of_inverse((to, &to_type), (from, &from_type), &mut chosen, &kinds);
        let new = self.associations.between(from, to).is_empty();
        for kind in &chosen {
            self.associations.tie(from, to, kind);
        }
        if new {
            self.events.associated((&from_type, from), (&to_type, to), false, call);
        }
        self.show_primary(from, call);
        self.show_primary(to, call);
    }

    /// The type of the tie to a primary company.
    pub(super) fn primary_type(&mut self, from: u64, to: u64) -> Option<Spec> {
        let (from, to) = (self.type_of(from)?.to_owned(), self.type_of(to)?.to_owned());
        let (.., id, _) =
            PRIMARY.iter().find(|(one, other, ..)| (*one, *other) == (from.as_str(), to.as_str()))?;
        self.associations.kinds(&from, &to).iter().find(|kind| kind.id == *id).map(Kind::spec)
    }

    /// A contact shows its primary company in a property, so another one is a change of the contact. Nobody has written
    /// that down of its time of change; it is what follows from the property.
    fn show_primary(&mut self, contact: u64, call: Call) {
        if self.type_of(contact) != Some(CONTACTS) {
            return;
        }
        let primary = self.associations.of(contact).find(|(_, ids)| ids.contains(&PRIMARY_COMPANY));
        let primary = primary.map(|(company, _)| company.to_string()).unwrap_or_default();
        let ignore_case = self.settings.unique_ignores_case;
        let Some(table) = self.tables.get_mut(CONTACTS) else { return };
        let changed = table.change(contact, ignore_case, |row, ty| {
            let changed = row.set("associatedcompanyid", &primary, call.by, call.now);
            if changed {
                row.touch(ty, call.now);
            }
            changed
        });
        if changed == Some(true) {
            self.tell_index(CONTACTS, contact, call.now);
        }
    }

    /// The first company becomes the primary one; a new primary one takes the place of the old.
    fn choose_primary(&mut self, from: u64, to: u64, kinds: &[Kind], chosen: &mut Vec<Kind>) {
        let Some(primary) = kinds.iter().find(|kind| [1, 5].contains(&kind.id)) else { return };
        let holds = |ids: &BTreeSet<u32>| ids.contains(&primary.id);
        let old = self.associations.of(from).find(|(_, ids)| holds(ids)).map(|(other, _)| other);
        let asked = chosen.iter().any(|kind| kind.id == primary.id);
        match old {
            None if !asked => chosen.push(primary.clone()),
            Some(old) if asked && old != to => {
                self.associations.untie(from, old, Some(primary.id));
            }
            _ => {}
        }
    }

    /// The same when the tie is made from the company's end.
    fn choose_primary_of_inverse(
        &mut self,
        (from, from_type): (u64, &str),
        (to, to_type): (u64, &str),
        chosen: &mut Vec<Kind>,
        kinds: &[Kind],
    ) {
        let inverse = self.associations.known(from_type, to_type).to_vec();
        let mut of_inverse: Vec<Kind> =
            inverse.iter().filter(|one| chosen.iter().any(|kind| kind.inverse == one.id)).cloned().collect();
        self.choose_primary(from, to, &inverse, &mut of_inverse);
        let added = kinds.iter().filter(|kind| of_inverse.iter().any(|one| one.inverse == kind.id));
        for kind in added {
            if !chosen.iter().any(|one| one.id == kind.id) {
                chosen.push(kind.clone());
            }
        }
    }

    pub(super) fn dissociate(&mut self, from: u64, to: u64, kind: Option<u32>, call: Call) {
        let types = (self.type_of(from).map(str::to_owned), self.type_of(to).map(str::to_owned));
        let removed = self.associations.untie(from, to, kind);
        if let (true, (Some(from_type), Some(to_type))) = (removed, types) {
            self.events.associated((&from_type, from), (&to_type, to), true, call);
        }
        self.show_primary(from, call);
        self.show_primary(to, call);
    }

    /// The `associations` of a create.
    pub(super) fn inline_associations(&self, given: &Value) -> Result<Vec<(u64, Vec<Spec>)>, Refusal> {
        let rows = given.as_array().map_or(&[][..], Vec::as_slice);
        let mut read = Vec::new();
        for row in rows {
            let to =
                id_of(&row["to"]["id"]).ok_or_else(|| Refusal::validation("An association needs to.id"))?;
            read.push((to, specs(&row["types"])?));
        }
        Ok(read)
    }
}

pub(super) fn specs(given: &Value) -> Result<Vec<Spec>, Refusal> {
    Vec::<Spec>::deserialize(given).map_err(|error| Refusal::validation(bad_json(&error)))
}

/// An id, given as text or as a number.
pub(super) fn id_of(given: &Value) -> Option<u64> {
    given.as_u64().or_else(|| given.as_str()?.parse().ok())
}
