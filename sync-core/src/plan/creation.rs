use crm_adapters::{Fields, Value};

use super::{FieldWrite, Mapping, Missing, References, Why, lines, named};
use crate::flow::{Fit, IfEmpty, Side};
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

/// What keeps a record from being created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// A person must mend it.
    Refused(Refusal),
    /// It names a record that has no link yet.
    Waits(Missing),
    /// It names no record where the target must have one: nobody is asked, for that is how people keep it.
    Alone,
}

impl From<Refusal> for Obstacle {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Missing> for Obstacle {
    fn from(missing: Missing) -> Self {
        Self::Waits(missing)
    }
}

/// The fields of a new record on `target`, made from a record of the other side.
///
/// Everything that has a value is taken along, whoever owns the field: an empty side is filled. What a new record does not
/// take is told with [`Why::Afterwards`]: the merge that follows the create writes it.
///
/// # Errors
/// The first value that the target would not take, or that it must have and that is missing or has no link yet.
pub fn creation(
    mapping: &Mapping,
    references: &References,
    link: &Link,
    target: Side,
    from: &Fields,
) -> Result<Vec<FieldWrite>, Obstacle> {
    let source = target.other();
    if let Some(fit) = misfit(mapping, target, from) {
        let message = fit.otherwise.clone();
        return Err(Obstacle::Refused(Refusal { kind: IssueKind::Rejected, message }));
    }
    let mut writes = Vec::new();
    let held = mapping.order.find(&mapping.rules, source, from);
    for (resolved, value) in mapping.rules.iter().zip(held) {
        let rule = &resolved.rule;
        let limits = resolved.limits(target);
        let value = value.unwrap_or(&Value::Null);
        if !rule.values.is_empty() {
            continue;
        }
        let to = match (&rule.if_empty, value.is_empty()) {
            (_, false) if !limits.writable => continue,
            (_, false) if !rule.lines.is_empty() && target == Side::Exact => {
                lines::carried(rule, references, value)?
            }
            (_, false) => match references.carry(rule, source, value) {
                Err(Obstacle::Waits(missing)) if references.leaves_out(rule, &missing) => continue,
                carried => carried?.into_owned(),
            },
            // It stands for nothing that either side holds, so the merge after the create would not write it.
            (IfEmpty::Default(_), true) if limits.updates_only => continue,
            (IfEmpty::Default(text), true) => Value::text(text),
            (IfEmpty::Stop, true) => {
                return Err(Obstacle::Refused(Refusal {
                    kind: IssueKind::Empty,
                    message: format!(
                        "{} is empty in {source}, and the rule says to stop; fill it in",
                        rule.field(source)
                    ),
                }));
            }
            (IfEmpty::Keep | IfEmpty::Clear, true)
                if limits.required && rule.via.is_some() && !mapping.flow.hands_over() =>
            {
                return Err(Obstacle::Alone);
            }
            (IfEmpty::Keep | IfEmpty::Clear, true) if limits.required => {
                return Err(Obstacle::Refused(Refusal {
                    kind: IssueKind::Rejected,
                    message: format!(
                        "{} must have a value in {target} and {} is empty in {source}; fill it in, or set if_empty",
                        rule.field(target),
                        rule.field(source)
                    ),
                }));
            }
            (IfEmpty::Keep | IfEmpty::Clear, true) => continue,
        };
        if !limits.writable {
            continue;
        }
        let unusable = (target == Side::Exact).then(|| references.unusable(rule, &to)).flatten();
        if let Some(reason) = limits.refuses(&to).or(unusable) {
            let message = format!("{} in {target}: {reason}", rule.field(target));
            return Err(Obstacle::Refused(Refusal { kind: IssueKind::Rejected, message }));
        }
        writes.push(FieldWrite {
            rule: rule.exact.clone(),
            field: rule.field(target).to_owned(),
            from: Value::Null,
            to,
            source: value.clone(),
            why: if limits.updates_only { Why::Afterwards } else { Why::Created },
        });
    }
    writes.extend(constants(mapping, link, target));
    writes.extend(promotion(mapping, references, target, &writes));
    Ok(writes)
}

fn misfit<'m>(mapping: &'m Mapping, target: Side, from: &Fields) -> Option<&'m Fit> {
    let mut fits = mapping.flow.fits.iter().filter(|_| target == Side::Exact);
    fits.find(|fit| !fit.holds.holds(Side::Crm, from))
}

/// What a record that is named becomes just before, under the name of the field that names it and its own: `OrderedBy.Status`.
fn promotion(
    mapping: &Mapping,
    references: &References,
    target: Side,
    writes: &[FieldWrite],
) -> Vec<FieldWrite> {
    let promoted = || {
        let promotion = mapping.flow.promotion.as_ref().filter(|_| target == Side::Exact)?;
        let write = writes.iter().find(|write| write.rule == promotion.of)?;
        let flow = mapping.flow.rule(&promotion.of)?.via.as_deref()?;
        let held = references.held(flow, &named(&write.to)?)?;
        promotion.when.holds(Side::Exact, held).then_some((promotion, held))
    };
    let Some((promotion, held)) = promoted() else { return Vec::new() };
    let write = |(name, to): (&String, &Value)| FieldWrite {
        rule: String::new(),
        field: format!("{}.{name}", promotion.of),
        from: held.get(name).cloned().unwrap_or_default(),
        to: to.clone(),
        source: Value::Null,
        why: Why::Promoted,
    };
    promotion.to.iter().map(write).collect()
}

/// What a new record gets besides its mapped fields: the flow's constants, and the key that ties it to the other one.
fn constants(mapping: &Mapping, link: &Link, target: Side) -> Vec<FieldWrite> {
    let constant = |field: &str, to: Value, why: Why| FieldWrite {
        rule: String::new(),
        field: field.to_owned(),
        from: Value::Null,
        to,
        source: Value::Null,
        why,
    };
    let key =
        match target {
            Side::Crm => mapping.flow.sync_key.as_ref().zip(link.exact.as_ref()).map(|(name, exact)| {
                constant(name, Value::Text(Link::sync_key(link.division, exact)), Why::Key)
            }),
            Side::Exact => mapping
                .flow
                .exact_key
                .as_ref()
                .zip(link.crm.as_ref())
                .map(|(key, crm)| constant(&key.property, Value::Text(key.value(crm)), Why::Key)),
        };
    let constants = mapping.flow.constants(target);
    constants.map(|given| constant(&given.field, given.value.clone(), Why::Created)).chain(key).collect()
}

#[cfg(test)]
mod tests;
