//! What a flow reads beside its rules: conditions and its start.

use crm_adapters::{Field, FieldType, Schema};

use super::{Remark, describe};
use crate::flow::{Condition, Flow, Side, Test};
use crate::plan::mapping::Severity;

/// What is wrong with what a flow reads beside its rules, by its key in the config.
pub(in crate::plan) fn read(flow: &Flow, exact: &Schema, crm: &Schema) -> [(&'static str, Vec<Remark>); 3] {
    let start = flow.start.iter().filter(|start| crm.get(&start.field).is_none());
    let start = start.map(|start| (Severity::Error, absent(Side::Crm, &start.field)));
    let asked = |condition: Option<&Condition>| unanswerables(flow, condition, exact, crm);
    let routes = flow.routes.iter().flat_map(|route| asked(Some(&route.when)));
    [("start", start.collect()), ("when", asked(flow.when.as_ref())), ("route", routes.collect())]
}

/// What other flows' conditions ask of this one's records and no record has, by their flow.
pub(in crate::plan) fn watched<'f>(flow: &'f Flow, exact: &Schema, crm: &Schema) -> Vec<(&'f str, Remark)> {
    let schema = |side| if side == Side::Exact { exact } else { crm };
    let unknown = flow.watched.iter().filter(|watched| schema(watched.side).get(&watched.field).is_none());
    unknown
        .map(|watched| (watched.by.as_str(), (Severity::Error, absent(watched.side, &watched.field))))
        .collect()
}

fn absent(side: Side, name: &str) -> String {
    format!("{} has no field `{name}`; correct it, or write `custom:Label` for a custom field", side)
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
    let remedy = match meant(field, unknown) {
        Some(option) => format!("write `{option}`"),
        None => "correct it".to_owned(),
    };
    Some(format!(
        "`{unknown}` is none of the options of {}: {}; {remedy}",
        field.name,
        field.options.join(", ")
    ))
}

/// The one option that ends as the text does: stages are told with their pipeline where that is needed to tell them apart.
fn meant<'f>(field: &'f Field, text: &str) -> Option<&'f str> {
    let end = |text: &str| text.rsplit('/').next().unwrap_or_default().trim().to_lowercase();
    let mut alike = field.options.iter().filter(|option| end(option) == end(text));
    alike.next().filter(|_| alike.next().is_none()).map(String::as_str)
}
