//! What can be said of a mapping from the schemas alone: rule by rule, flow by flow, and of all flows together.

use std::borrow::Cow;

use crm_adapters::{Field, FieldType, Fields, Kind, Schema, Value};

use super::mapping::{Finding, Mapping, ResolvedRule, Severity};
use crate::flow::{Combine, Condition, FieldRule, Flow, IfEmpty, Owner, Side, Test};

/// What is said of one rule: severity and message.
pub(super) type Remark = (Severity, String);

/// A rule held against the two fields that it ties.
pub(super) fn rule(resolved: &ResolvedRule, exact: &Field, crm: &Field) -> Vec<Remark> {
    let rule = &resolved.rule;
    let mut remarks = Vec::new();
    if let Some(error) = unwritable(resolved) {
        remarks.push((Severity::Error, error));
    }
    remarks.extend(uncombinable(resolved, exact));
    for field in [exact, crm] {
        if field.ty == FieldType::Other {
            let message = format!("{} is of a type that cannot be mapped; remove the mapping", field.name);
            remarks.push((Severity::Error, message));
        }
    }
    if !remarks.is_empty() {
        return remarks;
    }
    if !rule.values.is_empty() {
        remarks.extend(moves(rule, crm));
        return remarks;
    }
    for side in written(resolved) {
        let (from, to) = match side {
            Side::Exact => (crm, exact),
            Side::Crm => (exact, crm),
        };
        let misfit = match held(rule, from, to, side) {
            Some(from) => misfit(&from, to),
            None => Some((Severity::Error, useless(rule, exact))),
        };
        remarks.extend(misfit.filter(|(severity, _)| rule.named || *severity == Severity::Error));
        remarks.extend(default(&rule.if_empty, to));
    }
    remarks.dedup();
    remarks
}

/// Why nothing could be written as the rule wants.
fn unwritable(resolved: &ResolvedRule) -> Option<String> {
    let rule = &resolved.rule;
    match (resolved.exact.writable, resolved.crm.writable) {
        (false, false) => Some("neither side's field can be written; remove the mapping".to_owned()),
        (false, true) if matches!(rule.owner, Owner::Crm | Owner::Once) => {
            Some(format!("{} cannot be written in Exact; set owner = \"exact\"", rule.exact))
        }
        (true, false) if rule.owner == Owner::Exact => {
            Some(format!("{} cannot be written in the CRM; set owner = \"crm\"", rule.crm))
        }
        _ => None,
    }
}

/// Why the values of several divisions cannot come together as the rule wants.
fn uncombinable(resolved: &ResolvedRule, exact: &Field) -> Option<Remark> {
    let name = &exact.name;
    let wrong = match resolved.rule.combine {
        Combine::First => return None,
        _ if resolved.owner() != Owner::Exact => {
            format!(
                "combine is for fields that Exact owns, and {name} goes both ways; set owner = \"exact\", or leave it out"
            )
        }
        Combine::Sum if exact.ty != FieldType::Decimal => {
            format!("{name} holds {}, which cannot be added up; leave combine out", describe(exact.ty))
        }
        Combine::Max if !matches!(exact.ty, FieldType::Decimal | FieldType::Date | FieldType::Instant) => {
            format!("{name} holds {}, of which none is the highest; leave combine out", describe(exact.ty))
        }
        Combine::Sum | Combine::Max => return None,
    };
    Some((Severity::Error, wrong))
}

/// The sides that a rule writes to.
fn written(resolved: &ResolvedRule) -> Vec<Side> {
    match resolved.owner() {
        Owner::Exact => vec![Side::Crm],
        Owner::Crm | Owner::Once => vec![Side::Exact],
        Owner::Both => vec![Side::Exact, Side::Crm],
    }
}

/// A field as its values arrive at the other one; `None` where a transform has no use for them.
fn held<'a>(rule: &FieldRule, from: &'a Field, to: &Field, side: Side) -> Option<Cow<'a, Field>> {
    if rule.transform.is_empty() {
        return Some(Cow::Borrowed(from));
    }
    match side {
        Side::Crm => {
            let ty = rule.type_in_crm(from.ty)?;
            Some(Cow::Owned(
                Field::new(&from.name, &from.label, ty).options(rule.looked_up().unwrap_or_default()),
            ))
        }
        // What cannot be read back from the CRM is an issue of its record.
        Side::Exact => {
            rule.type_in_crm(to.ty)?;
            Some(Cow::Owned(Field::new(&from.name, &from.label, to.ty)))
        }
    }
}

fn useless(rule: &FieldRule, exact: &Field) -> String {
    let steps: Vec<String> = rule.transform.iter().map(ToString::to_string).collect();
    format!(
        "{} holds {}, which cannot be {}; leave the transform out, or choose another",
        exact.name,
        describe(exact.ty),
        steps.join(", then ")
    )
}

/// What the CRM's field becomes and would refuse.
fn moves(rule: &FieldRule, crm: &Field) -> Vec<Remark> {
    let alone = Schema::new([crm.clone()]);
    let refused = |to: &String| alone.check_update(&Fields::new().with(&crm.name, Value::text(to))).err();
    let remark =
        |(to, error)| (Severity::Error, format!("values: {} does not take `{to}`: {error}", crm.name));
    rule.values.values().filter_map(|to| Some((to, refused(to)?))).map(remark).collect()
}

/// What is lost, or refused, on the way from one field into another.
fn misfit(from: &Field, to: &Field) -> Option<Remark> {
    let (name, other) = (&from.name, &to.name);
    let note = |message: String| Some((Severity::Note, message));
    match (from.ty, to.ty) {
        (FieldType::Text, FieldType::Text) => {
            let (longest, taken) = (from.max_length?, to.max_length?);
            (taken < longest).then(|| {
                let message = format!(
                    "{name} holds up to {longest} characters and {other} takes {taken}; longer ones become issues"
                );
                (Severity::Note, message)
            })
        }
        (FieldType::Choice, FieldType::Choice) | (FieldType::Choices, FieldType::Choices) => {
            let missing: Vec<&str> = from
                .options
                .iter()
                .filter(|option| !to.options.contains(option))
                .map(String::as_str)
                .collect();
            (!missing.is_empty() && !to.options.is_empty()).then(|| {
                let message = format!(
                    "{other} lacks the options {}; add them, or they become issues",
                    missing.join(", ")
                );
                (Severity::Note, message)
            })
        }
        (one, other) if one == other => None,
        (
            FieldType::Decimal | FieldType::Bool | FieldType::Date | FieldType::Instant | FieldType::Choice,
            FieldType::Text,
        ) => None,
        (FieldType::Text, FieldType::Decimal) => {
            note(format!("{name} is text and {other} a number; what is no number becomes an issue"))
        }
        (FieldType::Text, FieldType::Choice | FieldType::Choices) if !to.options.is_empty() => note(format!(
            "{name} is text and {other} takes {}; other values become issues",
            to.options.join(", ")
        )),
        (FieldType::Text, FieldType::Choice | FieldType::Choices) => None,
        (holds, takes) => Some((
            Severity::Error,
            format!(
                "{name} holds {} and {other} {}; map it to a field of the same type",
                describe(holds),
                describe(takes)
            ),
        )),
    }
}

/// A default that the field would refuse.
fn default(if_empty: &IfEmpty, to: &Field) -> Option<Remark> {
    let IfEmpty::Default(text) = if_empty else { return None };
    let alone = Schema::new([to.clone()]);
    let error = alone.check_update(&Fields::new().with(&to.name, Value::text(text))).err()?;
    Some((Severity::Error, format!("{} does not take the default `{text}`: {error}", to.name)))
}

fn called(side: Side) -> &'static str {
    match side {
        Side::Exact => "Exact",
        Side::Crm => "the CRM",
    }
}

fn describe(ty: FieldType) -> String {
    match ty {
        FieldType::Text => "text".to_owned(),
        FieldType::Decimal => "a number".to_owned(),
        FieldType::Bool => "yes or no".to_owned(),
        FieldType::Date => "a calendar day".to_owned(),
        FieldType::Instant => "a moment".to_owned(),
        FieldType::Choice => "one of its options".to_owned(),
        FieldType::Choices => "some of its options".to_owned(),
        FieldType::Reference(kind) => format!("a reference to a {kind}"),
        FieldType::Lines => "lines".to_owned(),
        _ => "something that cannot be mapped".to_owned(),
    }
}

/// What is wrong with what a flow reads beside its rules, by its key in the config.
pub(super) fn read(flow: &Flow, exact: &Schema, crm: &Schema) -> [(&'static str, Vec<Remark>); 3] {
    let start = flow.start.iter().filter(|start| crm.get(&start.field).is_none());
    let start = start.map(|start| (Severity::Error, absent(Side::Crm, &start.field)));
    let asked = |condition: Option<&Condition>| unanswerables(flow, condition, exact, crm);
    let routes = flow.routes.iter().flat_map(|route| asked(Some(&route.when)));
    [("start", start.collect()), ("when", asked(flow.when.as_ref())), ("route", routes.collect())]
}

/// What other flows' conditions ask of this one's records and no record has, by their flow.
pub(super) fn watched<'f>(flow: &'f Flow, exact: &Schema, crm: &Schema) -> Vec<(&'f str, Remark)> {
    let schema = |side| if side == Side::Exact { exact } else { crm };
    let unknown = flow.watched.iter().filter(|watched| schema(watched.side).get(&watched.field).is_none());
    unknown
        .map(|watched| (watched.by.as_str(), (Severity::Error, absent(watched.side, &watched.field))))
        .collect()
}

fn absent(side: Side, name: &str) -> String {
    format!("{} has no field `{name}`; correct it, or write `custom:Label` for a custom field", called(side))
}

/// The tests of a condition that can never tell anything.
fn unanswerables(flow: &Flow, condition: Option<&Condition>, exact: &Schema, crm: &Schema) -> Vec<Remark> {
    let tests = condition.into_iter().flat_map(Condition::tests);
    let tests = tests.filter(|(side, name, _)| !flow.is_parents(*side, name));
    tests
        .filter_map(|(side, name, test)| {
            let schema = if side == Side::Exact { exact } else { crm };
            let message = match schema.get(name) {
                None => absent(side, name),
                Some(field) => unanswerable(field, test)?,
            };
            Some((Severity::Error, message))
        })
        .collect()
}

/// Why a test of a field can never tell anything.
fn unanswerable(field: &Field, test: &Test) -> Option<String> {
    let choice = matches!(field.ty, FieldType::Choice | FieldType::Choices) && !field.options.is_empty();
    let named: Vec<&str> = match test {
        Test::Is(one) | Test::IsNot(one) => vec![one.as_str()],
        Test::In(several) | Test::NotIn(several) => several.iter().map(|one| one.as_str()).collect(),
        Test::AtLeast(bound) | Test::AtMost(bound) => {
            let fits = match field.ty {
                FieldType::Decimal => bound.is_number(),
                FieldType::Date | FieldType::Instant => bound.is_day(),
                FieldType::Text => true,
                _ => false,
            };
            return (!fits).then(|| {
                format!(
                    "{} holds {}, which has no order against `{}`; use `is` or `in`",
                    field.name,
                    describe(field.ty),
                    bound.as_str()
                )
            });
        }
        Test::Contains(_) | Test::Present(_) => return None,
    };
    let known =
        |label: &&&str| field.options.iter().any(|option| option.to_lowercase() == label.to_lowercase());
    let unknown = named.iter().find(|label| choice && !known(label))?;
    Some(format!(
        "`{unknown}` is none of the options of {}: {}; correct it",
        field.name,
        field.options.join(", ")
    ))
}

/// What a new record of a side must have, and no rule gives it.
pub(super) fn sourceless(flow: &Flow, side: Side, schema: &Schema) -> Vec<Remark> {
    if !flow.create.allows(side) {
        return Vec::new();
    }
    let given = |name: &str| {
        flow.rules.iter().any(|rule| rule.field(side) == name)
            || side == Side::Exact && flow.created_with.get(name).is_some()
            || side == Side::Exact && flow.exact_key.as_ref().is_some_and(|key| key.property == name)
            || side == Side::Crm && flow.sync_key.as_deref() == Some(name)
    };
    let missing = schema.fields().filter(|field| field.required && !field.read_only && !given(&field.name));
    missing
        .map(|field| {
            let message = format!(
                "{} makes no record without {}, and nothing is mapped to it; map it, or set `create` so that none is made there",
                called(side),
                field.name
            );
            (Severity::Error, message)
        })
        .collect()
}

/// What is to be said of several flows together.
pub(crate) fn together(mappings: &[Mapping]) -> Vec<Finding> {
    let ways: Vec<Way<'_>> = mappings.iter().flat_map(ways).collect();
    let one_way: Vec<&Way<'_>> = ways.iter().filter(|way| way.alone).collect();
    let mut findings = loops(&one_way);
    findings.extend(doubles(&ways));
    findings
}

/// One field, on one side.
type Place<'a> = (Side, Kind, &'a str);

/// A rule in one direction: which field it reads, and which it writes.
struct Way<'a> {
    flow: &'a Flow,
    rule: &'a str,
    from: Place<'a>,
    to: Place<'a>,
    /// Whether the rule goes this way only.
    alone: bool,
}

impl Way<'_> {
    fn path(&self) -> String {
        format!("flow.{}.fields.{}", self.flow.name, self.rule)
    }

    /// Whether both write one field of records that both may take. Exact's records belong to one division.
    fn meets(&self, other: &Self) -> bool {
        let apart = |one: &Flow, other: &Flow| {
            !one.divisions.is_empty()
                && !other.divisions.is_empty()
                && !one.divisions.iter().any(|division| other.divisions.contains(division))
        };
        self.to == other.to
            && self.flow.name != other.flow.name
            && (self.to.0 == Side::Crm || !apart(self.flow, other.flow))
    }

    fn of_one_rule(&self, other: &Self) -> bool {
        self.flow.name == other.flow.name && self.rule == other.rule
    }
}

fn ways(mapping: &Mapping) -> Vec<Way<'_>> {
    let flow = &mapping.flow;
    let mut ways = Vec::new();
    for resolved in &mapping.rules {
        let place = |side| (side, flow.kinds.on(side), resolved.rule.field(side));
        let sides = written(resolved);
        for to in &sides {
            let (from, to) = (place(to.other()), place(*to));
            ways.push(Way { flow, rule: &resolved.rule.exact, from, to, alone: sides.len() == 1 });
        }
    }
    ways
}

/// Values that would run in a circle: one rule writes what another reads, and back. Rules that go both ways agree with
/// each other instead.
fn loops(ways: &[&Way<'_>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut told: Vec<Vec<String>> = Vec::new();
    for start in ways {
        let Some(circle) = circle(ways, start, &mut vec![*start]) else { continue };
        let mut rules: Vec<String> = circle.iter().map(|way| way.path()).collect();
        rules.sort();
        if told.contains(&rules) {
            continue;
        }
        let others: Vec<String> = circle.iter().skip(1).map(|way| way.path()).collect();
        findings.push(Finding {
            severity: Severity::Error,
            path: start.path(),
            message: format!(
                "its value comes back to it by {}; a value would run in a circle: give one of them another owner",
                others.join(" and ")
            ),
        });
        told.push(rules);
    }
    findings
}

fn circle<'a>(
    ways: &[&'a Way<'a>],
    start: &Way<'a>,
    path: &mut Vec<&'a Way<'a>>,
) -> Option<Vec<&'a Way<'a>>> {
    let last = path.last()?;
    for next in ways.iter().filter(|way| way.from == last.to) {
        if path.iter().any(|way| way.of_one_rule(next)) {
            continue;
        }
        path.push(next);
        if next.to == start.from {
            return Some(path.clone());
        }
        if let Some(found) = circle(ways, start, path) {
            return Some(found);
        }
        path.pop();
    }
    None
}

/// Fields that two flows write: one finding for each pair of flows.
fn doubles(ways: &[Way<'_>]) -> Vec<Finding> {
    let mut pairs: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for (at, way) in ways.iter().enumerate() {
        for earlier in ways[..at].iter().filter(|earlier| earlier.meets(way)) {
            let (one, other) = (earlier.flow.name.as_str(), way.flow.name.as_str());
            match pairs.iter_mut().find(|pair| (pair.0, pair.1) == (one, other)) {
                Some(pair) => pair.2.push(way.to.2),
                None => pairs.push((one, other, vec![way.to.2])),
            }
        }
    }
    let finding = |(one, other, fields): (&str, &str, Vec<&str>)| Finding {
        severity: Severity::Note,
        path: format!("flow.{other}"),
        message: format!(
            "flow.{one} writes {} too; a record that both take is written by the one and undone by the other: give each its own fields or records",
            fields.join(", ")
        ),
    };
    pairs.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests;
