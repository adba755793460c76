//! Lines of the audit, for people and for scripts: what was written when, by which run, in place of what, and why.

use chrono::{DateTime, Utc};
use crm_adapters::{Fields, Value as FieldValue};
use serde_json::{Map, Value, json};
use sync_core::flow::Side;
use sync_core::state::AuditLine;

/// How much of a run's id a table shows. `undo` takes as much of it as is no other run's.
const RUN: usize = 16;

/// A run as a table names it.
pub(super) fn run(id: &str) -> &str {
    id.get(..RUN).unwrap_or(id)
}

/// A side as a table names it.
pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Exact => "Exact",
        Side::Crm => "CRM",
    }
}

/// A moment as a table tells it.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A line for scripts.
pub(super) fn document(line: &AuditLine) -> Value {
    let fields = line.fields.iter().map(|write| {
        json!({
            "rule": write.rule,
            "field": write.field,
            "from": scalar(&write.from),
            "to": scalar(&write.to),
            "source": scalar(&write.source),
            "why": write.why,
        })
    });
    json!({
        "at": line.at,
        "run": line.run,
        "flow": line.flow,
        "division": line.division,
        "link": line.link,
        "side": line.side,
        "action": line.action,
        "record": line.record,
        "fields": fields.collect::<Vec<_>>(),
        "late": line.late,
    })
}

/// Fields without their types: names and texts.
pub(super) fn plain(fields: &Fields) -> Value {
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), scalar(value))).collect::<Map<_, _>>())
}

/// A value without its type: a text, yes or no, or nothing.
pub(super) fn scalar(value: &FieldValue) -> Value {
    match value {
        FieldValue::Null => Value::Null,
        FieldValue::Bool(yes) => json!(yes),
        other => json!(other.to_string()),
    }
}
