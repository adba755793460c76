//! What is lost, or refused, of the values of a rule on their way from one field into another.

use std::borrow::Cow;

use crm_adapters::{Field, FieldType};

use super::{Remark, describe};
use crate::flow::{FieldRule, Owner, Side, Transform};
use crate::plan::mapping::Severity;

/// What is lost, or refused, on the way to a side that the rule writes to.
pub(super) fn misfits(rule: &FieldRule, exact: &Field, crm: &Field, to: Side) -> Vec<Remark> {
    let (from, target) = match to {
        Side::Exact => (crm, exact),
        Side::Crm => (exact, crm),
    };
    match held(rule, from, target, to) {
        Some(from) => {
            let mut remarks: Vec<Remark> = misfit(&from, target).into_iter().collect();
            if to == Side::Exact {
                remarks
                    .extend(rule.transform.iter().filter_map(|step| lost_on_the_way_back(rule, step, exact)));
            }
            remarks
        }
        None => vec![(Severity::Error, useless(rule, exact))],
    }
}

/// A field as its values arrive at the other one; `None` where a transform has no use for them.
fn held<'a>(rule: &FieldRule, from: &'a Field, target: &Field, to: Side) -> Option<Cow<'a, Field>> {
    if rule.transform.is_empty() {
        return Some(Cow::Borrowed(from));
    }
    let mut field = match to {
        Side::Crm => Field::new(&from.name, &from.label, rule.type_in_crm(from.ty)?)
            .options(rule.looked_up().unwrap_or_default()),
        // What cannot be read back from the CRM is an issue of its record.
        Side::Exact => {
            rule.type_in_crm(target.ty)?;
            Field::new(&from.name, &from.label, target.ty)
        }
    };
    (field.max_length, field.decimals) = rule.arriving(to, from.max_length, from.decimals);
    Some(Cow::Owned(field))
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

/// What a step does to a value of Exact that comes back from the CRM.
fn lost_on_the_way_back(rule: &FieldRule, step: &Transform, exact: &Field) -> Option<Remark> {
    let (name, other) = (&rule.exact, &rule.crm);
    let message = match step {
        Transform::Round(kept)
            if rule.owner == Owner::Both && exact.decimals.is_none_or(|has| has > *kept) =>
        {
            format!(
                "{other} shows {name} rounded, so an edit there takes its other decimals away in Exact; set owner = \"exact\" where they count"
            )
        }
        Transform::Times(factor) if !step.divides_evenly() => format!(
            "{other} divided by {factor} has no end, so {name} keeps it rounded and it comes back as another number; set owner = \"exact\", or choose a factor such as 100 or 0.01"
        ),
        Transform::DayAs(notation) if !step.keeps_centuries() => format!(
            "`{notation}` leaves out the century, so a day of 1926 comes back as one of 2026; write the year as %Y"
        ),
        _ => return None,
    };
    Some((Severity::Note, message))
}

/// What is lost, or refused, on the way from one field into another.
fn misfit(from: &Field, to: &Field) -> Option<Remark> {
    let (name, other) = (&from.name, &to.name);
    let note = |message: String| Some((Severity::Note, message));
    match (from.ty, to.ty) {
        (FieldType::Text, FieldType::Text) => note(too_long(from, to)?),
        (FieldType::Decimal, FieldType::Decimal) => note(too_fine(from, to)?),
        (FieldType::Choice, FieldType::Choice) | (FieldType::Choices, FieldType::Choices) => {
            note(lacking(from, to)?)
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
                "{name} holds {} and {other} {}; map it to a field of the same type{}",
                describe(holds),
                describe(takes),
                transform_for(holds, takes)
            ),
        )),
    }
}

fn too_long(from: &Field, to: &Field) -> Option<String> {
    let taken = to.max_length?;
    let holds = match from.max_length {
        Some(longest) if longest <= taken => return None,
        Some(longest) => format!("up to {longest} characters"),
        None => "texts of any length".to_owned(),
    };
    Some(format!("{} holds {holds} and {} takes {taken}; longer ones become issues", from.name, to.name))
}

fn too_fine(from: &Field, to: &Field) -> Option<String> {
    let taken = to.decimals?;
    let finer = from.decimals.is_none_or(|decimals| decimals > taken);
    let takes = if taken == 0 { "whole numbers only".to_owned() } else { format!("{taken} decimals") };
    finer.then(|| {
        format!(
            "{} holds numbers with more decimals and {} takes {takes}; others become issues: round them on the way, or map another field",
            from.name, to.name
        )
    })
}

fn lacking(from: &Field, to: &Field) -> Option<String> {
    let missing: Vec<&str> =
        from.options.iter().filter(|option| !to.options.contains(option)).map(String::as_str).collect();
    (!missing.is_empty() && !to.options.is_empty()).then(|| {
        format!("{} lacks the options {}; add them, or they become issues", to.name, missing.join(", "))
    })
}

/// The transform that would help two types on, where there is one.
fn transform_for(holds: FieldType, takes: FieldType) -> &'static str {
    match (holds, takes) {
        (FieldType::Instant, FieldType::Date) => {
            ", or set owner = \"exact\" and say by `day_in` where it is a day"
        }
        (FieldType::Text, FieldType::Date) => ", or say by `day_as` how a day is written",
        _ => "",
    }
}
