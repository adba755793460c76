use std::collections::BTreeSet;
use std::fmt;

use crm_adapters::{Field, FieldType, Fields, NewField, RecordId, Schema, Value};
use rust_decimal::Decimal;
use serde::Serialize;

use super::lint;
use super::order::Order;
use crate::flow::{Constant, ExactKey, FieldRule, Flow, Owner, Side};
use crate::identity;
use crate::state::{Feed, Link};

/// What is known of a field before anything is written to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// What people call the field.
    pub label: String,
    /// What it holds.
    pub ty: FieldType,
    /// Whether it can be written at all.
    pub writable: bool,
    /// Whether it can be written only once the record is there.
    pub updates_only: bool,
    /// Whether a new record must have it.
    pub required: bool,
    /// The longest text it takes, in characters.
    pub max_length: Option<usize>,
    /// The most decimals it takes.
    pub decimals: Option<u32>,
    /// The labels to choose from; empty where it is no choice.
    pub options: Vec<String>,
}

impl Limits {
    fn of(field: &Field) -> Self {
        Self {
            label: field.label.clone(),
            ty: field.ty,
            writable: !field.read_only,
            updates_only: field.updates_only,
            required: field.required,
            max_length: field.max_length,
            decimals: field.decimals,
            options: field.options.clone(),
        }
    }

    /// Why the field would not take a value; `None` where it would.
    #[must_use]
    pub fn refuses(&self, value: &Value) -> Option<String> {
        let text = match value {
            Value::Text(text) => text,
            Value::Decimal(number) => return self.too_fine(*number),
            _ => return None,
        };
        if let Some(max) = self.max_length {
            let length = text.chars().count();
            if length > max {
                return Some(format!("`{text}` has {length} characters, {max} are allowed; shorten it"));
            }
        }
        if self.ty == FieldType::Decimal && text.parse::<Decimal>().is_err() {
            return Some(format!(
                "`{text}` is no number, and the field takes nothing else; make it a text field again, or map another"
            ));
        }
        let known = |option: &String| option.eq_ignore_ascii_case(text);
        if !self.options.is_empty() && !self.options.iter().any(known) {
            return Some(format!("`{text}` is none of its options; add the option, or choose one of them"));
        }
        None
    }

    fn too_fine(&self, number: Decimal) -> Option<String> {
        let most = self.decimals.filter(|most| number.normalize().scale() > *most)?;
        Some(format!("`{number}` has more than the {most} decimals that it takes; round it in the mapping"))
    }
}

/// A rule with what both sides say of its fields.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResolvedRule {
    /// The rule.
    pub rule: FieldRule,
    /// What Exact's field takes.
    pub exact: Limits,
    /// What the CRM's field takes.
    pub crm: Limits,
}

impl ResolvedRule {
    /// What the field on a side takes.
    #[must_use]
    pub fn limits(&self, side: Side) -> &Limits {
        match side {
            Side::Exact => &self.exact,
            Side::Crm => &self.crm,
        }
    }

    /// Whose value counts, seen that a side which cannot be written always counts.
    pub(crate) fn owner(&self) -> Owner {
        match (self.exact.writable, self.crm.writable) {
            _ if self.rule.owner == Owner::Once => Owner::Once,
            (false, _) => Owner::Exact,
            (_, false) => Owner::Crm,
            _ => self.rule.owner,
        }
    }
}

/// A flow tied to the schemas of both sides: every rule is known to have its fields.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mapping {
    /// The flow.
    pub flow: Flow,
    /// Its rules, without those whose optional field the CRM lacks.
    pub rules: Vec<ResolvedRule>,
    /// Custom fields that the CRM lacks and that may be created.
    pub missing: Vec<NewField>,
    /// What the flow's condition asks of fields that the CRM works out by itself, such as whether a stage is a won one.
    pub(crate) calculated: BTreeSet<String>,
    /// The flow's [fingerprint](Flow::fingerprint), worked out once.
    pub(crate) fingerprint: String,
    /// The order of its rules by name, worked out once.
    pub(super) order: Order,
}

/// Something that a person should know before a mapping runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Whether it stops the flow.
    pub severity: Severity,
    /// Where in the config, such as `flow.companies.fields.Phone`.
    pub path: String,
    /// What it is and what to do.
    pub message: String,
}

/// Whether a finding stops a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// The flow cannot run.
    Error,
    /// It can, with this in mind.
    Note,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl Mapping {
    /// Ties a flow to both schemas. Optional fields that the CRM lacks are left out, or noted for creation where
    /// `create_fields` allows it.
    ///
    /// # Errors
    /// Every reason why the flow cannot run.
    pub fn resolve(
        flow: Flow,
        exact: &Schema,
        crm: &Schema,
        create_fields: bool,
    ) -> Result<(Self, Vec<Finding>), Vec<Finding>> {
        let mut resolver =
            Resolver { flow: &flow, exact, crm, create_fields, missing: Vec::new(), findings: Vec::new() };
        let rules: Vec<ResolvedRule> = flow.rules.iter().filter_map(|rule| resolver.rule(rule)).collect();
        let sync_key = flow.sync_key.clone().filter(|name| resolver.sync_key(name));
        let path = format!("flow.{}", flow.name);
        let known = resolver.known();
        for (key, remarks) in lint::read(&flow, exact, &known) {
            resolver.remark(&format!("{path}.{key}"), remarks);
        }
        for (by, remark) in lint::watched(&flow, exact, &known) {
            resolver.remark(&format!("flow.{by}.when"), vec![remark]);
        }
        resolver.remark(&path, lint::sourceless(&flow, &rules, Side::Exact, exact));
        resolver.remark(&path, lint::sourceless(&flow, &rules, Side::Crm, crm));
        let created_with = resolver.constants(&rules);
        let Resolver { missing, mut findings, .. } = resolver;
        let mut flow = Flow {
            sync_key,
            created_with,
            rules: rules.iter().map(|resolved| resolved.rule.clone()).collect(),
            ..flow
        };
        flow.identity.retain(|name| flow.rules.iter().any(|rule| rule.exact == *name));
        // Where prices are not told, documents are not held against them.
        flow.held.retain(|name| exact.get(name).is_some());
        if let Err(message) = flow.validate() {
            findings.push(Finding { severity: Severity::Error, path, message });
        }
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(findings);
        }
        let asked = flow.when.iter().flat_map(|when| when.fields(Side::Crm));
        let calculated = asked.filter(|name| crm.get(name).is_some_and(|field| field.read_only)).collect();
        let (fingerprint, order) = (flow.fingerprint(), Order::of(&rules));
        Ok((Self { calculated, fingerprint, order, flow, rules, missing }, findings))
    }

    /// The fields to read on a side, without those that are still to be created.
    pub(crate) fn fields(&self, side: Side) -> Vec<String> {
        let mut names = self.flow.fields(side);
        if side == Side::Crm {
            names.retain(|name| !self.is_missing(name));
        }
        names
    }

    /// The fields of the CRM that are still to be created, or a part of which is.
    pub(crate) fn missing_fields(&self) -> impl Iterator<Item = String> {
        self.flow.fields(Side::Crm).into_iter().filter(|name| self.is_missing(name))
    }

    fn is_missing(&self, name: &str) -> bool {
        let lacking = |part: &String| self.missing.iter().any(|field| custom(&field.label) == *part);
        FieldRule::parts_of(name).iter().any(lacking)
    }

    /// What identifies a record of a feed: names and canonical values, its sync key and its name among them.
    pub(crate) fn identity(&self, feed: &Feed, id: &RecordId, fields: &Fields) -> Vec<(&str, String)> {
        let mut values = self.keys(feed, id, fields);
        if let Some(name) = self.name(feed.side, fields) {
            values.push((NAME, name));
        }
        values
    }

    /// What a record of a feed can be matched by: its identity without the name.
    pub(crate) fn keys(&self, feed: &Feed, id: &RecordId, fields: &Fields) -> Vec<(&str, String)> {
        let mut values = Vec::new();
        match (feed.side, feed.division, &self.flow.sync_key) {
            (Side::Exact, Some(division), Some(_)) => values.push((SYNC_KEY, Link::sync_key(division, id))),
            (Side::Crm, _, Some(name)) => {
                if let Some(key) = fields.get(name).and_then(Value::as_text) {
                    values.push((SYNC_KEY, key.to_owned()));
                }
            }
            _ => {}
        }
        if let Some(key) = &self.flow.exact_key {
            let value = match feed.side {
                Side::Exact => fields.get(&key.property).and_then(Value::as_text).map(ExactKey::canon),
                Side::Crm => Some(ExactKey::canon(&key.value(id))),
            };
            values.extend(value.map(|value| (EXACT_KEY, value)));
        }
        for rule in self.flow.identity_rules() {
            if let Some(value) = identity_value(rule, feed.side, fields) {
                values.push((&rule.exact, value));
            }
        }
        values
    }

    /// The name of a record in the form in which names are compared.
    pub(crate) fn name(&self, side: Side, fields: &Fields) -> Option<String> {
        let parts = self.flow.name_rules().filter_map(|rule| fields.get(rule.field(side))?.as_text());
        let name = identity::name(&parts.collect::<Vec<_>>().join(" "));
        (!name.is_empty()).then_some(name)
    }
}

/// The longest text that a custom field takes which is still to be created.
const NEW_FIELD: usize = 255;

/// The name under which the sync key is marked.
pub(crate) const SYNC_KEY: &str = "#key";
/// The name under which the key that Exact's record carries is marked.
pub(crate) const EXACT_KEY: &str = "#exact";
/// The name under which a record's name is marked.
pub(crate) const NAME: &str = "#name";

/// The canonical value of an identity field; `None` where it is empty.
pub(crate) fn identity_value(rule: &FieldRule, side: Side, fields: &Fields) -> Option<String> {
    let value = fields.get(rule.field(side))?;
    let canon = rule.compare.canon(value).to_string();
    (!canon.is_empty()).then_some(canon)
}

fn custom(label: &str) -> String {
    format!("custom:{label}")
}

struct Resolver<'a> {
    flow: &'a Flow,
    exact: &'a Schema,
    crm: &'a Schema,
    create_fields: bool,
    missing: Vec<NewField>,
    findings: Vec<Finding>,
}

impl Resolver<'_> {
    fn rule(&mut self, rule: &FieldRule) -> Option<ResolvedRule> {
        let path = format!("flow.{}.fields.{}", self.flow.name, rule.exact);
        let Some(exact) = self.exact.get(&rule.exact) else {
            if rule.optional {
                self.note(&path, format!("Exact has no property {} here; left out", rule.exact));
                return None;
            }
            self.error(
                &path,
                format!(
                    "Exact has no property {} here; check the spelling, it is case-sensitive",
                    rule.exact
                ),
            );
            return None;
        };
        let crm = match self.crm.get(&rule.crm) {
            Some(field) => field.clone(),
            None => self.absent(rule, rule.type_in_crm(exact.ty).unwrap_or(exact.ty), &path)?,
        };
        let resolved = ResolvedRule { rule: rule.clone(), exact: Limits::of(exact), crm: Limits::of(&crm) };
        self.remark(&path, lint::rule(self.flow, &resolved, exact, &crm));
        Some(resolved)
    }

    /// What new records get, as the fields of each side hold it.
    fn constants(&mut self, rules: &[ResolvedRule]) -> Vec<Constant> {
        let mut held = Vec::new();
        for constant in &self.flow.created_with {
            let (key, schema) = match constant.side {
                Side::Exact => ("new_in_exact", self.exact),
                Side::Crm => ("new_in_crm", self.crm),
            };
            match lint::constant(self.flow, rules, constant, schema) {
                Ok(constant) => held.extend(constant),
                Err(remark) => {
                    self.remark(&format!("flow.{}.{key}.{}", self.flow.name, constant.field), vec![remark]);
                }
            }
        }
        held
    }

    /// A field that the CRM lacks, or a part of one: to be created, to be left out, or an error.
    fn absent(&mut self, rule: &FieldRule, ty: FieldType, path: &str) -> Option<Field> {
        let parts = rule.parts(Side::Crm);
        let ty = if parts.len() > 1 { FieldType::Text } else { storable(ty) };
        let lacking: Vec<&String> = parts.iter().filter(|part| self.crm.get(part).is_none()).collect();
        let labels: Option<Vec<&str>> = lacking.iter().map(|part| part.strip_prefix("custom:")).collect();
        match labels {
            Some(labels) if self.create_fields => {
                for label in &labels {
                    self.missing.push(NewField { label: (*label).to_owned(), ty });
                    self.note(path, format!("the CRM has no field `{label}` yet; the first run creates it"));
                }
                let label = labels.join(" + ");
                Some(Field::new(&rule.crm, label, ty).max_length(NEW_FIELD))
            }
            _ if rule.optional => {
                self.note(
                    path,
                    format!("the CRM has no field `{}`; left out. Create it, or set create_fields", rule.crm),
                );
                None
            }
            Some(labels) => {
                for label in labels {
                    self.error(
                        path,
                        format!(
                            "the CRM has no field with the label `{label}`; create it, or set create_fields"
                        ),
                    );
                }
                None
            }
            None => {
                for name in lacking.into_iter().filter(|part| !part.starts_with("custom:")) {
                    self.error(
                        path,
                        format!("the CRM has no property `{name}`; for a custom field write `custom:Label`"),
                    );
                }
                None
            }
        }
    }

    /// The fields of the CRM with those that the first run creates.
    fn known(&self) -> Schema {
        let missing = self.missing.iter();
        let missing = missing.map(|field| Field::new(custom(&field.label), &field.label, field.ty));
        Schema::new(self.crm.fields().cloned().chain(missing))
    }

    fn sync_key(&mut self, name: &str) -> bool {
        let path = format!("flow.{}.sync_key", self.flow.name);
        if self.crm.get(name).is_some() {
            return true;
        }
        let label = name.strip_prefix("custom:").unwrap_or(name).to_owned();
        if self.create_fields {
            self.note(&path, format!("the CRM has no field `{label}` yet; the first run creates it"));
            self.missing.push(NewField { label, ty: FieldType::Text });
            true
        } else {
            self.note(
                &path,
                format!("the CRM has no field `{label}`; an unanswered create is then found again by its identity fields only. Create it, or set create_fields"),
            );
            false
        }
    }

    fn remark(&mut self, path: &str, remarks: Vec<lint::Remark>) {
        let finding = |(severity, message)| Finding { severity, path: path.to_owned(), message };
        self.findings.extend(remarks.into_iter().map(finding));
    }

    fn error(&mut self, path: &str, message: String) {
        self.findings.push(Finding { severity: Severity::Error, path: path.to_owned(), message });
    }

    fn note(&mut self, path: &str, message: String) {
        self.findings.push(Finding { severity: Severity::Note, path: path.to_owned(), message });
    }
}

/// The type of a custom field that can hold an Exact value.
fn storable(ty: FieldType) -> FieldType {
    match ty {
        FieldType::Decimal | FieldType::Date => ty,
        _ => FieldType::Text,
    }
}

#[cfg(test)]
mod tests;
