//! Creating and changing records: everything is checked first, then carried out.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use serde_json::{Map, Value};

use super::associations::Spec;
use super::habits;
use super::records::{Actor, Table, normalised};
use super::refusal::{Complaint, Refusal};
use super::state::State;

/// The circumstances of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) now: DateTime<Utc>,
    pub(super) by: Actor,
    /// Whether the rules of administrators are enforced, as from `2026-09` on.
    pub(super) strict: bool,
}

impl Call {
    /// A person's action: the screens enforce no rules here.
    pub(super) fn of_person(now: DateTime<Utc>) -> Self {
        Self { now, by: Actor::Person, strict: false }
    }
}

/// Which record a write means.
#[derive(Clone, Debug)]
pub(super) enum Target {
    New,
    /// By id, or by a unique property.
    Existing {
        id: String,
        property: Option<String>,
    },
    /// The one with this unique value, or a new one.
    Upsert {
        id: String,
        property: Option<String>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) target: Target,
    pub(super) properties: Map<String, Value>,
    pub(super) associations: Vec<(u64, Vec<Spec>)>,
}

/// A write that can be carried out.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// `None` for a new record.
    pub(super) id: Option<u64>,
    pub(super) values: BTreeMap<String, String>,
    associations: Vec<(u64, Vec<Spec>)>,
}

/// Unique values that earlier inputs of the same batch will hold.
#[derive(Debug, Default)]
pub(super) struct Claims(HashMap<(String, String), Option<u64>>);

impl State {
    /// Checks a write against everything that is there.
    pub(super) fn prepare(
        &self,
        table: &Table,
        input: Input,
        claims: &mut Claims,
        call: Call,
    ) -> Result<Prepared, Refusal> {
        let mut values = self.accepted(table, &input.properties)?;
        let id = self.target(table, &input.target, &mut values)?;
        self.check_unique(table, id, &values, claims)?;
        let existing = id.and_then(|id| table.alive(id));
        let product = values.get("hs_product_id").and_then(|id| id.parse().ok());
        let product = product.and_then(|id| self.tables.get("0-7")?.alive(id));
        habits::complete(table, existing, product, &mut values, call.now)?;
        if call.strict {
            self.check_rules(table, existing.map(|row| &row.values), &values)?;
        }
        for (to, specs) in &input.associations {
            self.check_association(&table.ty.id, *to, specs)?;
        }
        Ok(Prepared { id, values, associations: input.associations })
    }

    /// Carries out what was checked. Tells the id, and whether it is new.
    pub(super) fn apply(&mut self, type_id: &str, prepared: Prepared, call: Call) -> (u64, bool) {
        let Prepared { id, values, associations } = prepared;
        let new = id.is_none();
        let id = id.unwrap_or_else(|| self.next_id());
        let ignore_case = self.settings.unique_ignores_case;
        let Some(table) = self.tables.get_mut(type_id) else { return (id, new) };
        if new {
            table.insert(id, call.by, call.now);
        }
        let changed = table.change(id, ignore_case, |row, ty| {
            let set = |(name, value): (&String, &String)| {
                row.set(name, value, call.by, call.now).then(|| (name.clone(), value.clone()))
            };
            let changed: Vec<(String, String)> = values.iter().filter_map(set).collect();
            if !changed.is_empty() {
                row.touch(ty, call.now);
            }
            changed
        });
        let changed = changed.unwrap_or_default();
        if new {
            self.events.created(type_id, id, call);
        }
        for (name, value) in &changed {
            self.events.changed(type_id, id, name, value, call);
        }
        for (to, specs) in associations {
            self.associate(id, to, &specs, call);
        }
        if new || !changed.is_empty() {
            self.tell_index(type_id, id, call.now);
        }
        (id, new)
    }

    pub(super) fn archive(&mut self, type_id: &str, id: u64, call: Call) -> Result<(), Refusal> {
        let (hold, ignore_case) = (self.settings.archived_hold_unique, self.settings.unique_ignores_case);
        let Some(table) = self.tables.get_mut(type_id) else { return Ok(()) };
        let Some(row) = table.alive(id) else { return Ok(()) };
        habits::check_archive(&table.ty, row)?;
        let id = row.id;
        table.change(id, ignore_case, |row, ty| {
            row.archived = Some(call.now);
            row.touch(ty, call.now);
        });
        if !hold {
            table.release(id);
        }
        self.events.deleted(type_id, id, call);
        self.tell_index(type_id, id, call.now);
        Ok(())
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Puts the present state of a record on its way into the search index.
    pub(super) fn tell_index(&mut self, type_id: &str, id: u64, now: DateTime<Utc>) {
        let (least, most) = self.settings.search_lag_ms;
        let lag = self.random.random_range(least..=most.max(least));
        let visible = now + TimeDelta::milliseconds(i64::try_from(lag).unwrap_or(i64::MAX / 1000));
        if let Some(table) = self.tables.get_mut(type_id) {
            let document = table.alive(id).filter(|row| row.id == id).cloned();
            table.index.tell(id, document, visible);
        }
    }

    /// The values as they are stored, or all complaints.
    fn accepted(
        &self,
        table: &Table,
        properties: &Map<String, Value>,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let (mut values, mut complaints) = (BTreeMap::new(), Vec::new());
        for (name, value) in properties {
            let Some(property) = table.properties.get(name) else {
                let message = format!("Property \"{name}\" does not exist");
                complaints.push(Complaint::new(name, "PROPERTY_DOESNT_EXIST", message));
                continue;
            };
            if property.read_only {
                let message = format!("\"{name}\" is a read only property; its value cannot be set.");
                complaints.push(Complaint::new(name, "READ_ONLY_VALUE", message));
                continue;
            }
            // Numbers and booleans travel as text too.
            let Some(text) = value.as_str() else {
                let message = format!("Invalid input JSON: the value of property {name} must be a string");
                return Err(Refusal::validation(message));
            };
            match property.accept(text, self.settings.value_length) {
                Ok(value) => {
                    values.insert(name.clone(), value);
                }
                Err(complaint) => complaints.push(complaint),
            }
        }
        if complaints.is_empty() { Ok(values) } else { Err(Refusal::values(&complaints)) }
    }

    fn target(
        &self,
        table: &Table,
        target: &Target,
        values: &mut BTreeMap<String, String>,
    ) -> Result<Option<u64>, Refusal> {
        match target {
            Target::New => Ok(None),
            Target::Existing { id, property } => {
                let found = self.find(table, id, property.as_deref())?;
                let found = found
                    .filter(|found| self.settings.merged_writable || *found == as_id(id).unwrap_or(*found));
                found
                    .filter(|id| table.alive(*id).is_some())
                    .map(Some)
                    .ok_or_else(|| Refusal::not_found(&[id]))
            }
            Target::Upsert { id, property } => {
                let property = property.as_deref().unwrap_or("hs_object_id");
                let found = self.find(table, id, Some(property))?;
                if found.is_none() && property == "hs_object_id" {
                    return Err(Refusal::not_found(&[id]));
                }
                if found.is_none() && !values.contains_key(property) {
                    values.insert(property.to_owned(), id.trim().to_owned());
                }
                Ok(found)
            }
        }
    }

    /// The record with this id, or with this value of a unique property.
    pub(super) fn find(
        &self,
        table: &Table,
        id: &str,
        property: Option<&str>,
    ) -> Result<Option<u64>, Refusal> {
        match property {
            None | Some("hs_object_id") => Ok(as_id(id).map(|id| table.resolve(id))),
            Some(property) => {
                let found = table.properties.get(property).filter(|found| found.has_unique_value);
                found.ok_or_else(|| {
                    Refusal::validation(format!(
                        "Property {property} is not a unique property of {}",
                        table.ty.name
                    ))
                })?;
                Ok(table.holder(property, id, self.settings.unique_ignores_case))
            }
        }
    }

    fn check_unique(
        &self,
        table: &Table,
        id: Option<u64>,
        values: &BTreeMap<String, String>,
        claims: &mut Claims,
    ) -> Result<(), Refusal> {
        let ignore_case = self.settings.unique_ignores_case;
        let mut claimed = Vec::new();
        for property in table.properties.unique() {
            let name = &property.name;
            let Some(value) = values.get(name).filter(|value| !value.is_empty()) else { continue };
            let key = (name.clone(), normalised(name, value, ignore_case));
            let holder = table.holder(name, value, ignore_case).filter(|holder| Some(*holder) != id);
            let earlier = claims.0.get(&key).filter(|earlier| earlier.is_none() || **earlier != id);
            if let Some(holder) = holder {
                return Err(conflict(table, name, value, id, Some(holder)));
            }
            if earlier.is_some() {
                return Err(conflict(table, name, value, id, None));
            }
            claimed.push(key);
        }
        claims.0.extend(claimed.into_iter().map(|key| (key, id)));
        Ok(())
    }

    fn check_rules(
        &self,
        table: &Table,
        existing: Option<&BTreeMap<String, String>>,
        values: &BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        let after = |name: &str| {
            let value = values.get(name).or_else(|| existing.and_then(|values| values.get(name)));
            value.map(String::as_str).filter(|value| !value.is_empty())
        };
        let rules = self.settings.rules.iter().filter(|rule| table.ty.is_called(&rule.object_type));
        let broken = rules.filter(|rule| {
            // An update is only held to the rules on what it touches.
            let touched = existing.is_none()
                || values.contains_key(&rule.property)
                || rule.when.as_ref().is_some_and(|(name, _)| values.contains_key(name));
            let holds = rule.when.as_ref().is_none_or(|(name, value)| after(name) == Some(value));
            touched && holds && after(&rule.property).is_none()
        });
        let complaints: Vec<Complaint> = broken
            .map(|rule| {
                let message = format!("Property \"{}\" is required", rule.property);
                Complaint::new(&rule.property, "REQUIRED_FIELD", message)
            })
            .collect();
        if complaints.is_empty() { Ok(()) } else { Err(Refusal::values(&complaints)) }
    }
}

/// An e-mail address gives a 409 with the other's id in the text, any other unique property a 400.
fn conflict(table: &Table, name: &str, value: &str, id: Option<u64>, holder: Option<u64>) -> Refusal {
    let holder = holder.map(|id| id.to_string()).unwrap_or_default();
    if name == "email" {
        return Refusal::conflict(format!("Contact already exists. Existing ID: {holder}"));
    }
    let on = id.map(|id| id.to_string()).unwrap_or_default();
    let message = format!(
        "Cannot set PropertyValueCoordinates{{portalId={}, objectTypeId={}, propertyName={name}, value={value}}} \
         on {on}. {holder} already has that value.",
        super::PORTAL,
        table.ty.id,
    );
    Refusal::values(&[Complaint::new(name, "CONFLICTING_UNIQUE_VALUE", message)])
}

pub(super) fn as_id(text: &str) -> Option<u64> {
    text.parse().ok()
}
