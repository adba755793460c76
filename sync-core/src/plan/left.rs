//! What no longer meets the condition by which it was handed over.

use crm_adapters::{Fields, Value};

use super::{Mapping, Merge, Question};
use crate::flow::{Condition, FieldRule, Side};
use crate::state::{Answer, IssueKind, Link};

/// The name under which a record that no longer meets the condition of its hand-off is asked about.
pub(crate) const WHEN: &str = "when";

/// What a record of the CRM holds of the fields of a condition, for people.
pub(crate) fn meets(when: &Condition, crm: &Fields) -> Value {
    let names = when.fields(Side::Crm);
    let held = names.iter().map(|name| format!("{name} {}", crm.get(name).unwrap_or(&Value::Null)));
    Value::text(held.collect::<Vec<_>>().join(", "))
}

/// What was handed over and no longer meets the condition, such as a deal that was opened again, is asked about: the
/// record in Exact stays as it is. That the flow moved it out of the condition itself is no question.
pub(super) fn left(mapping: &Mapping, link: &Link, crm: &Fields, merge: &mut Merge) {
    let Some(when) = mapping.flow.when.as_ref().filter(|when| !when.holds(Side::Crm, crm)) else {
        return merge.spent.push(WHEN);
    };
    if was_moved(mapping, link, crm, when) {
        return merge.spent.push(WHEN);
    }
    let held = meets(when, crm);
    let noted = matches!(link.answers.get(WHEN), Some(Answer::Skip { crm, .. }) if *crm == held);
    if !noted {
        let message = format!(
            "it was handed over to Exact and no longer meets the condition of the flow ({held}); what is in Exact stays: end it there, or skip to take note"
        );
        let question = Question {
            field: WHEN.to_owned(),
            kind: IssueKind::Departed,
            message,
            exact: Value::Null,
            crm: held,
        };
        merge.questions.push(question);
    }
}

/// Whether a record stands where the flow moved it, such as at the stage for what was credited, and meets all of the
/// condition but what the CRM works out of that.
fn was_moved(mapping: &Mapping, link: &Link, crm: &Fields, when: &Condition) -> bool {
    let is_there = |rule: &FieldRule| {
        let to = link.base.get(&rule.exact).and_then(|base| rule.moved_to(&base.exact)).map(Value::text);
        to.is_some_and(|to| crm.get(&rule.crm).is_some_and(|held| rule.compare.same(&to, held)))
    };
    let follows =
        |part: &Condition| part.fields(Side::Crm).iter().all(|name| mapping.calculated.contains(name));
    let mut unmet = when.parts().into_iter().filter(|part| !part.holds(Side::Crm, crm));
    unmet.all(follows) && mapping.flow.rules.iter().any(is_there)
}
