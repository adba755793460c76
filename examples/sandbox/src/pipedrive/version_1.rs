//! How version 1 shows what version 2 does not have: other ids, other times, custom fields at the root.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::records::Record;

/// The id of a lead, which is a UUID.
pub(super) fn lead_id(number: i64) -> String {
    format!("c0ffee00-0000-4000-8000-{number:012x}")
}

pub(super) fn lead_number(id: &str) -> Option<i64> {
    i64::from_str_radix(id.strip_prefix("c0ffee00-0000-4000-8000-")?, 16).ok()
}

/// `YYYY-MM-DD HH:MM:SS`, in UTC without saying so.
fn plain(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) fn note(note: &Record, object: &mut Map<String, Value>) {
    object.insert("add_time".into(), json!(plain(note.add_time)));
    object.insert("update_time".into(), json!(plain(note.update_time)));
    object.insert("active_flag".into(), json!(!note.is_deleted()));
}

pub(super) fn lead(lead: &Record, object: &mut Map<String, Value>, custom: Map<String, Value>) {
    let millis = |moment: DateTime<Utc>| json!(moment.to_rfc3339_opts(SecondsFormat::Millis, true));
    object.insert("id".into(), json!(lead_id(lead.id)));
    object.insert("add_time".into(), millis(lead.add_time));
    object.insert("update_time".into(), millis(lead.update_time));
    object.insert("visible_to".into(), json!("3"));
    for (code, value) in custom {
        if let (Some(amount), Some(currency)) = (value.get("value"), value.get("currency")) {
            object.insert(format!("{code}_currency"), currency.clone());
            object.insert(code, amount.clone());
        } else if let Value::Array(options) = value {
            let ids: Vec<String> = options.iter().map(Value::to_string).collect();
            object.insert(code, json!(ids.join(",")));
        } else {
            object.insert(code, value);
        }
    }
}
