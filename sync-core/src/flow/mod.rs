//! What is kept in agreement, and by which rules: flows as plain data.

mod combine;
mod condition;
mod constant;
mod fingerprint;
mod handoff;
mod joined;
mod parent;
mod preset;
mod reference;
mod rule;
#[cfg(feature = "schema")]
mod schema;
mod transform;

use std::fmt;
use std::str::FromStr;

use crm_adapters::{Fields, Kind};
use serde::{Deserialize, Serialize};

pub use combine::Combine;
pub use condition::{Condition, Test};
pub use constant::Constant;
pub use handoff::{ExactKey, Price, Promotion, Route, Start};
pub(crate) use joined::Joined;
pub(crate) use parent::{PRICE_LIST, PRICES, Parent, Watched, bind};
pub use preset::{Preset, Vendor};
pub(crate) use reference::Reference;
pub use rule::{Compare, FieldRule, Fit, IfEmpty, IfUnlinked, OnConflict, Owner, RuleChange, Scale};
pub use transform::Transform;

/// What a record without a name is called by: its title, else its number.
const LABELS: [&str; 4] = ["Description", "OrderNumber", "QuotationNumber", "InvoiceNumber"];

/// One of the two systems that are kept in agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there are two")]
pub enum Side {
    /// Exact Online.
    Exact,
    /// The CRM.
    Crm,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Exact => Self::Crm,
            Self::Crm => Self::Exact,
        }
    }

    /// As programs name it: `exact` or `crm`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Crm => "crm",
        }
    }
}

/// As people call it.
impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "Exact",
            Self::Crm => "the CRM",
        })
    }
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "exact" => Ok(Self::Exact),
            "crm" => Ok(Self::Crm),
            other => Err(format!("`{other}` is no side; say `exact` or `crm`")),
        }
    }
}

/// The code of an administration in Exact Online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Division(u32);

impl Division {
    /// The division with that code.
    #[must_use]
    pub fn new(code: u32) -> Self {
        Self(code)
    }

    /// Its code.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// On which sides a flow may create records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "all combinations of two sides")]
pub enum Create {
    /// On both.
    #[default]
    Both,
    /// In Exact only: what is new in the CRM.
    Exact,
    /// In the CRM only: what is new in Exact.
    Crm,
    /// Nowhere: only what stands on both sides is tied.
    None,
}

impl Create {
    /// Whether records may be created on that side.
    #[must_use]
    pub fn allows(self, side: Side) -> bool {
        matches!((self, side), (Self::Both, _) | (Self::Exact, Side::Exact) | (Self::Crm, Side::Crm))
    }
}

/// What to do with a record that has no identity value at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a yes or no with names")]
pub enum WithoutIdentity {
    /// Create it, unless a record of an equal name stands on the other side.
    #[default]
    Create,
    /// Ask a person.
    Issue,
}

/// Limits on damage, per flow and run. More than this stops the flow before its first write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "plain configuration")]
pub struct Brakes {
    /// Records created.
    pub creates: u64,
    /// Linked records that one side deleted.
    pub deletes: u64,
    /// Values cleared.
    pub clears: u64,
}

impl Default for Brakes {
    fn default() -> Self {
        Self { creates: 200, deletes: 20, clears: 50 }
    }
}

/// The kind of a flow's records on each side: equal in a mirror, such as order and deal in a hand-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "a plain pair")]
pub struct Kinds {
    /// In Exact.
    pub exact: Kind,
    /// In the CRM.
    pub crm: Kind,
}

impl Kinds {
    /// The same on both sides.
    #[must_use]
    pub fn both(kind: Kind) -> Self {
        Self { exact: kind, crm: kind }
    }

    /// The kind on a side.
    #[must_use]
    pub fn on(self, side: Side) -> Kind {
        match side {
            Side::Exact => self.exact,
            Side::Crm => self.crm,
        }
    }
}

/// A pair of kinds that are kept in agreement, with its mapping.
///
/// Made by a [`Preset`] and changed from there.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Flow {
    /// Unique among the flows of a tenant; part of every key in the store.
    pub name: String,
    /// What it keeps in agreement.
    pub kinds: Kinds,
    /// Where records may be created.
    pub create: Create,
    /// The Exact properties that decide whether two records are the same, strongest first.
    pub identity: Vec<String>,
    /// What to do with records without any of them.
    pub without_identity: WithoutIdentity,
    /// The administrations it covers; empty for all.
    pub divisions: Vec<Division>,
    /// Where a record that is new in the CRM is created; the first one where not told.
    pub create_in: Option<Division>,
    /// Where a record that is new in the CRM is created by what it says; the first route that fits counts, before
    /// [`create_in`](Self::create_in).
    pub routes: Vec<Route>,
    /// Only records that pass take part.
    pub when: Option<Condition>,
    /// Whether a record that was handed over and no longer passes is asked about.
    pub ask_when_left: bool,
    /// What holds for every record of the CRM that can be created in Exact; others are asked about.
    pub fits: Vec<Fit>,
    /// Only Exact records that pass are created in the CRM.
    pub creatable: Option<Condition>,
    /// Exact records that pass were anonymised: their links end, and the store forgets them.
    pub anonymised: Option<Condition>,
    /// What every record that is created gets besides its mapped fields.
    pub created_with: Vec<Constant>,
    /// The CRM field that carries `{division}:{id}` of the Exact record.
    pub sync_key: Option<String>,
    /// The property of Exact's record that carries the id of the CRM's: what makes it a hand-off.
    pub exact_key: Option<ExactKey>,
    /// From when on records are handed over.
    pub start: Option<Start>,
    /// What a record that is named becomes just before.
    pub promotion: Option<Promotion>,
    /// What is done about a price on a line that is not Exact's.
    pub price: Price,
    /// The CRM's field that people know its records by, where no rule maps it.
    pub(crate) title: Option<&'static str>,
    /// One rule for each pair of fields.
    pub rules: Vec<FieldRule>,
    /// Its limits on damage.
    pub brakes: Brakes,
    /// What its conditions ask of the records that its records belong to.
    pub(crate) parents: Vec<Parent>,
    /// What other flows' conditions ask of its records.
    pub(crate) watched: Vec<Watched>,
    /// What other flows' documents are held against: fields of its records of Exact.
    pub(crate) held: Vec<&'static str>,
}

impl Flow {
    /// Takes only those records that meet this condition, too.
    pub fn narrow(&mut self, condition: Condition) {
        self.when = Some(match self.when.take() {
            Some(when) => Condition::All(vec![when, condition]),
            None => condition,
        });
    }

    /// The rule for an Exact property.
    #[must_use]
    pub fn rule(&self, exact: &str) -> Option<&FieldRule> {
        self.rules.iter().find(|rule| rule.exact == exact)
    }

    /// Takes list prices in another currency than euros, where a preset maps them.
    pub fn priced_in(&mut self, currency: &str) {
        for rule in self.rules.iter_mut().filter(|rule| rule.exact == "Price.EUR") {
            rule.exact = format!("Price.{currency}");
            rule.crm = rule.crm.replace(":EUR", &format!(":{currency}"));
        }
    }

    /// Changes the rule for an Exact property, or adds one; an addition must name the CRM's field, and takes the place of a
    /// preset's that has a property of its own in common with it.
    ///
    /// # Errors
    /// Says what is missing.
    pub fn change(&mut self, exact: &str, change: RuleChange) -> Result<(), String> {
        match self.rules.iter_mut().find(|rule| rule.exact == exact) {
            Some(rule) => rule.apply(change),
            None => {
                let added = FieldRule::added(exact, change)?;
                let parts = added.parts(Side::Exact);
                let apart =
                    |rule: &FieldRule| !rule.parts(Side::Exact).iter().any(|part| parts.contains(part));
                self.rules.retain(|rule| rule.named || apart(rule));
                self.rules.push(added);
            }
        }
        Ok(())
    }

    /// The rules whose fields decide identity, strongest first.
    pub fn identity_rules(&self) -> impl Iterator<Item = &FieldRule> {
        self.identity.iter().filter_map(|name| self.rule(name))
    }

    /// The rules whose values name records of other flows.
    pub(crate) fn references(&self) -> Vec<Reference<'_>> {
        self.rules.iter().filter_map(Reference::of).collect()
    }

    /// The rules that map the parts of a record's name.
    pub(crate) fn name_rules(&self) -> impl Iterator<Item = &FieldRule> {
        self.rules.iter().filter(|rule| rule.compare == Compare::Name)
    }

    /// What to call a record of a side: its name or, of what has none, its title or number.
    pub(crate) fn label(&self, side: Side, fields: &Fields) -> Option<String> {
        let held = |rule: &FieldRule| fields.get(rule.field(side)).map(ToString::to_string);
        let name: Vec<String> = self.name_rules().filter_map(held).filter(|part| !part.is_empty()).collect();
        let labels = LABELS.iter().filter_map(|name| held(self.rule(name)?));
        let title = self.title.filter(|_| side == Side::Crm).and_then(|title| fields.get(title));
        let mut others = labels.chain(title.map(ToString::to_string)).filter(|label| !label.is_empty());
        if name.is_empty() { others.next() } else { Some(name.join(" ")) }
    }

    /// The fields to read on a side.
    #[must_use]
    pub fn fields(&self, side: Side) -> Vec<String> {
        let mut names: Vec<String> = self.rules.iter().map(|rule| rule.field(side).to_owned()).collect();
        match side {
            Side::Crm => {
                names.extend(self.sync_key.clone());
                names.extend(self.title.map(str::to_owned));
                names.extend(self.start.iter().map(|start| start.field.clone()));
                names.extend(self.routes.iter().flat_map(|route| route.when.fields(side)));
                names.extend(self.fits.iter().flat_map(|fit| fit.holds.fields(side)));
            }
            Side::Exact => {
                names.extend(self.exact_key.iter().map(|key| key.property.clone()));
                names.extend(self.held.iter().map(|&field| field.to_owned()));
                let conditions = self.creatable.iter().chain(&self.anonymised);
                names.extend(conditions.flat_map(|condition| condition.fields(side)));
            }
        }
        names.extend(self.when.iter().flat_map(|condition| condition.fields(side)));
        names.retain(|name| !self.is_parents(side, name));
        let watched = self.watched.iter().filter(|watched| watched.side == side);
        names.extend(watched.map(|watched| watched.field.clone()));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether its records are people: what a side deletes of them is forgotten.
    #[must_use]
    pub fn is_about_people(&self) -> bool {
        self.kinds.exact == Kind::Contact
    }

    /// Whether a record of a side was anonymised there.
    pub(crate) fn is_anonymised(&self, side: Side, fields: &Fields) -> bool {
        side == Side::Exact && self.anonymised.as_ref().is_some_and(|condition| condition.holds(side, fields))
    }

    /// What is wrong with the flow as it stands, in one sentence with the remedy.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn validate(&self) -> Result<(), String> {
        let usable = !self.name.is_empty()
            && self.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
        if !usable {
            return Err(format!("flow name `{}`: use lower-case letters, digits, `-` and `_`", self.name));
        }
        for name in &self.identity {
            let Some(rule) = self.rule(name) else {
                return Err(format!(
                    "match names {name}, which is not mapped; add [flow.fields.{name}] with `crm`"
                ));
            };
            if [Side::Exact, Side::Crm].into_iter().any(|side| Joined::parse(rule.field(side)).is_some()) {
                return Err(format!(
                    "{name} decides which records are the same, so both sides must find records by it; leave it out of `match`, for it is made of several fields"
                ));
            }
            if !rule.transform.is_empty() {
                return Err(format!(
                    "{name} decides which records are the same, so it must be equal on both sides; leave `transform` out, or {name} out of `match`"
                ));
            }
        }
        if self.hands_over() && self.when.is_none() {
            return Err(format!(
                "{} would hand over every record; add `when`, such as the stage from which it is one",
                self.name
            ));
        }
        if self.rolls_up() && self.create != Create::None {
            return Err(format!(
                "{} shows what there is of several records, so there is nothing to create; leave `create` out",
                self.name
            ));
        }
        if self.identity.is_empty() && self.exact_key.is_none() {
            return Err("no identity field is mapped; map KvK or VAT number, or set create_fields".to_owned());
        }
        self.rules.iter().try_for_each(FieldRule::validate)?;
        self.validate_apart()
    }

    /// Whether each field of a side belongs to one rule, by itself or as a part of another field.
    fn validate_apart(&self) -> Result<(), String> {
        for (at, rule) in self.rules.iter().enumerate() {
            if let Some(twin) = self.rules[..at].iter().find(|earlier| earlier.crm == rule.crm) {
                return Err(format!(
                    "{} and {} are both mapped to {}; map each CRM field once",
                    twin.exact, rule.exact, rule.crm
                ));
            }
            for earlier in &self.rules[..at] {
                if let Some(part) = rule.shared_part(earlier) {
                    return Err(format!(
                        "{part} belongs to {} and to {}; map it once, by itself or as a part",
                        earlier.exact, rule.exact
                    ));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
