use crm_adapters::{Fields, Value};

use super::{FieldWrite, Mapping, Why};
use crate::flow::{IfEmpty, Side};
use crate::state::{IssueKind, Link};

/// Why a record cannot be created on the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What sort of question it becomes.
    pub kind: IssueKind,
    /// What is wrong and what to do.
    pub message: String,
}

/// The fields of a new record on `target`, made from a record of the other side.
///
/// Everything that has a value is taken along, whoever owns the field: an empty side is filled.
///
/// # Errors
/// The first value that the target would not take, or that it must have and that is missing.
pub fn creation(
    mapping: &Mapping,
    link: &Link,
    target: Side,
    from: &Fields,
) -> Result<Vec<FieldWrite>, Refusal> {
    let source = target.other();
    let mut writes = Vec::new();
    for resolved in &mapping.rules {
        let rule = &resolved.rule;
        let limits = resolved.limits(target);
        let value = from.get(rule.field(source)).unwrap_or(&Value::Null);
        let to = match (&rule.if_empty, value.is_empty()) {
            (_, false) => value.clone(),
            (IfEmpty::Default(text), true) => Value::text(text),
            (IfEmpty::Stop, true) => {
                return Err(Refusal {
                    kind: IssueKind::Empty,
                    message: format!(
                        "{} is empty in {source}, and the rule says to stop; fill it in",
                        rule.field(source)
                    ),
                });
            }
            (IfEmpty::Keep | IfEmpty::Clear, true) if limits.required => {
                return Err(Refusal {
                    kind: IssueKind::Rejected,
                    message: format!(
                        "{} must have a value in {target} and {} is empty in {source}; fill it in, or set if_empty",
                        rule.field(target),
                        rule.field(source)
                    ),
                });
            }
            (IfEmpty::Keep | IfEmpty::Clear, true) => continue,
        };
        if !limits.writable {
            continue;
        }
        if let Some(reason) = limits.refuses(&to) {
            let message = format!("{} in {target}: {reason}", rule.field(target));
            return Err(Refusal { kind: IssueKind::Rejected, message });
        }
        writes.push(FieldWrite {
            rule: rule.exact.clone(),
            field: rule.field(target).to_owned(),
            from: Value::Null,
            to,
            source: value.clone(),
            why: Why::Created,
        });
    }
    writes.extend(constants(mapping, link, target));
    Ok(writes)
}

/// What a new record gets besides its mapped fields: the sync key in the CRM, the flow's constants in Exact.
fn constants(mapping: &Mapping, link: &Link, target: Side) -> Vec<FieldWrite> {
    let constant = |field: &str, to: Value, why: Why| FieldWrite {
        rule: String::new(),
        field: field.to_owned(),
        from: Value::Null,
        to,
        source: Value::Null,
        why,
    };
    match (target, &mapping.flow.sync_key, &link.exact) {
        (Side::Crm, Some(name), Some(exact)) => {
            vec![constant(name, Value::Text(Link::sync_key(link.division, exact)), Why::Key)]
        }
        (Side::Crm, ..) => Vec::new(),
        (Side::Exact, ..) => {
            let constants = &mapping.flow.created_with;
            constants.iter().map(|(name, value)| constant(name, value.clone(), Why::Created)).collect()
        }
    }
}

#[cfg(test)]
mod tests;
