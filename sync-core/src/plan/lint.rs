//! What can be said of a mapping from the schemas alone: rule by rule, flow by flow, and of all flows together.

mod constant;
mod fit;
mod read;
mod together;

use crm_adapters::{Field, FieldType, Fields, Schema, Value};

use super::mapping::{ResolvedRule, Severity};
use crate::flow::{Combine, FieldRule, Flow, IfEmpty, Joined, Owner, Side};

pub(super) use constant::constant;
pub(super) use read::{read, watched};
pub(crate) use together::together;

/// What is said of one rule: severity and message.
pub(super) type Remark = (Severity, String);

/// A rule held against the two fields that it ties.
pub(super) fn rule(flow: &Flow, resolved: &ResolvedRule, exact: &Field, crm: &Field) -> Vec<Remark> {
    let rule = &resolved.rule;
    let mut remarks = ties(flow, rule);
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
        let misfits = fit::misfits(rule, exact, crm, side).into_iter();
        remarks.extend(misfits.filter(|(severity, _)| rule.named || *severity == Severity::Error));
        remarks.extend(Joined::parse(rule.field(side)).filter(|_| rule.named).map(|joined| guess(&joined)));
        remarks.extend(default(&rule.if_empty, if side == Side::Exact { exact } else { crm }));
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

/// What a field that is made of several gets is a guess, as far as words do not tell.
fn guess(joined: &Joined) -> Remark {
    let message = format!(
        "{joined} are taken apart by words, and not every name or street tells where; what is wrong is put right there, and stays as long as the whole is the same"
    );
    (Severity::Note, message)
}

/// What the CRM's field becomes and would refuse.
fn moves(rule: &FieldRule, crm: &Field) -> Vec<Remark> {
    let alone = Schema::new([crm.clone()]);
    let refused = |to: &String| alone.check_update(&Fields::new().with(&crm.name, Value::text(to))).err();
    let remark =
        |(to, error)| (Severity::Error, format!("values: {} does not take `{to}`: {error}", crm.name));
    rule.values.values().filter_map(|to| Some((to, refused(to)?))).map(remark).collect()
}

/// A default that the field would refuse.
fn default(if_empty: &IfEmpty, to: &Field) -> Option<Remark> {
    let IfEmpty::Default(text) = if_empty else { return None };
    let alone = Schema::new([to.clone()]);
    let error = alone.check_update(&Fields::new().with(&to.name, Value::text(text))).err()?;
    Some((Severity::Error, format!("{} does not take the default `{text}`: {error}", to.name)))
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

/// What a new record of a side must have, and none of the rules that have their fields gives it.
pub(super) fn sourceless(flow: &Flow, rules: &[ResolvedRule], side: Side, schema: &Schema) -> Vec<Remark> {
    if !flow.create.allows(side) {
        return Vec::new();
    }
    let given = |name: &str| {
        let rules = || rules.iter().map(|resolved| &resolved.rule);
        rules().any(|rule| rule.values.is_empty() && rule.parts(side).iter().any(|part| part == name))
            || flow.constants(side).any(|constant| constant.field == name)
            || key(flow, side) == Some(name)
    };
    // Of a field that is made of several, its parts tell.
    let one = |field: &&Field| Joined::parse(&field.name).is_none();
    let required = schema.fields().filter(|field| field.required && !field.read_only).filter(one);
    let missing = required.filter(|field| !given(&field.name));
    missing
        .map(|field| {
            let message = format!(
                "{} makes no record without {}, and nothing is mapped to it; map it, or set `create` so that none is made there",
                side,
                field.name
            );
            (Severity::Error, message)
        })
        .collect()
}

/// The field of a side that ties its records to the other side's.
fn key(flow: &Flow, side: Side) -> Option<&str> {
    match side {
        Side::Exact => flow.exact_key.as_ref().map(|key| key.property.as_str()),
        Side::Crm => flow.sync_key.as_deref(),
    }
}

/// Why a rule cannot have a field that ties records together: what it wrote would tear them apart.
fn ties(flow: &Flow, rule: &FieldRule) -> Vec<Remark> {
    let tying =
        [Side::Exact, Side::Crm].into_iter().filter(|side| key(flow, *side) == Some(rule.field(*side)));
    tying
        .map(|side| {
            let message = format!(
                "{} of {} ties the records of the flow together, so nothing else can be written to it; map another field",
                rule.field(side),
                side
            );
            (Severity::Error, message)
        })
        .collect()
}

#[cfg(test)]
mod tests;
