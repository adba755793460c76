use serde::Deserialize;
use serde_json::Value;

use crate::change::Change;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Kind, RecordId};
use crate::pipedrive::kinds::KINDS;

/// The longest body that is read, in bytes. A record with all its fields is far smaller.
const LONGEST: usize = 1024 * 1024;
/// As many merged ids as a hint takes over.
const MERGED: usize = 1_000;

/// A record that is worth another reading.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Hint {
    /// What it is. Of a product on a deal: the deal.
    pub kind: Kind,
    /// Which one.
    pub id: RecordId,
    /// It is said to be gone. No list tells of that but the one of deals.
    pub deleted: bool,
    /// Where it went, if it was merged into another one.
    pub merged_into: Option<RecordId>,
    /// What was merged into it.
    pub merged_from: Vec<RecordId>,
    /// The company that it is in: one app may serve several.
    pub company_id: Option<u64>,
    /// The same for every attempt to deliver one event: hints with a key that was seen can be dropped.
    pub event: String,
}

impl Hint {
    /// The merge that it tells of. Both records' events tell of it, and no list does.
    #[must_use]
    pub fn merge(&self) -> Option<Change> {
        match &self.merged_into {
            Some(into) => Some(Change::Merged { into: into.clone(), from: vec![self.id.clone()] }),
            None if self.merged_from.is_empty() => None,
            None => Some(Change::Merged { into: self.id.clone(), from: self.merged_from.clone() }),
        }
    }
}

#[derive(Debug, Deserialize)]
struct WireEvent {
    meta: Meta,
    /// The second version's record, with which a product of a deal names its deal.
    #[serde(default)]
    data: Value,
    #[serde(default)]
    previous: Value,
    #[serde(default)]
    current: Value,
}

/// Ids come as text in the second version and as numbers in the first; all may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Meta {
    entity: Value,
    entity_id: Value,
    /// The first version's word for `entity`.
    object: Value,
    /// The first version's record, the second version's event.
    id: Value,
    company_id: Value,
    timestamp: Value,
    correlation_id: Value,
    action: Value,
    merged_to_id: Value,
    merged_from_id: Value,
}

/// The record that a webhook's body tells of; none where it is of a kind that this adapter does not have. No call.
///
/// [Verify](super::Verifier) the request first. The values that an event carries are not used: they are reduced, and
/// the order of events means nothing, so the record is to be read.
///
/// # Errors
/// [`Decode`](ErrorKind::Decode) for a body that is not Pipedrive's, or longer than a megabyte.
pub fn hint(body: &[u8]) -> Result<Option<Hint>> {
    if body.len() > LONGEST {
        return Err(Error::new(ErrorKind::Decode, format!("the webhook is longer than {LONGEST} bytes")));
    }
    let event: WireEvent = serde_json::from_slice(body).map_err(|error| {
        Error::new(ErrorKind::Decode, "the webhook is not an event of Pipedrive's").with_source(error)
    })?;
    let Some(word) = text(&event.meta.entity).or_else(|| text(&event.meta.object)) else {
        return Err(Error::new(
            ErrorKind::Decode,
            "the webhook does not say what it is about: `meta.entity`",
        ));
    };
    let Some((kind, id)) = event.record(&word) else { return Ok(None) };
    let entity = KINDS.into_iter().find(|entity| entity.kind == kind);
    let is_id = |id: &RecordId| entity.is_some_and(|entity| entity.is_id(id));
    if !is_id(&id) {
        return Err(Error::new(ErrorKind::Decode, "the webhook names no record: `meta.entity_id`"));
    }
    let merged_from =
        ids(&event.meta.merged_from_id).into_iter().filter(|id| is_id(id)).take(MERGED).collect();
    let hint = Hint {
        kind,
        deleted: event.is_delete(&word),
        merged_into: ids(&event.meta.merged_to_id).into_iter().find(is_id),
        merged_from,
        company_id: text(&event.meta.company_id).and_then(|id| id.parse().ok()),
        event: event.key(&word, &id),
        id,
    };
    Ok(Some(hint))
}

impl WireEvent {
    fn record(&self, word: &str) -> Option<(Kind, RecordId)> {
        if word == "deal_product" {
            let deal = [&self.data, &self.previous, &self.current];
            let deal = deal.into_iter().find_map(|record| text(record.get("deal_id")?))?;
            return Some((Kind::Deal, RecordId::new(deal)));
        }
        let entity = KINDS.into_iter().find(|entity| entity.name == word)?;
        let id = text(&self.meta.entity_id).or_else(|| text(&self.meta.id)).unwrap_or_default();
        Some((entity.kind, RecordId::new(id)))
    }

    /// Whether the record is gone: not a deal that a product was taken off.
    fn is_delete(&self, word: &str) -> bool {
        let delete = |action: String| matches!(&*action, "delete" | "deleted");
        word != "deal_product" && text(&self.meta.action).is_some_and(delete)
    }

    /// The event's own id; where it has none, as in the first version, everything that tells it from others.
    fn key(&self, word: &str, id: &RecordId) -> String {
        if !self.meta.entity_id.is_null()
            && let Some(event) = text(&self.meta.id)
        {
            return event;
        }
        let said = [&self.meta.action, &self.meta.timestamp, &self.meta.correlation_id];
        let said: Vec<String> = said.into_iter().filter_map(text).collect();
        format!("{word}.{id}.{}", said.join("."))
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// One id, or a list of them.
fn ids(value: &Value) -> Vec<RecordId> {
    match value {
        Value::Array(ids) => ids.iter().filter_map(text).map(RecordId::new).collect(),
        one => text(one).map(RecordId::new).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Option<Hint> {
        hint(body.to_string().as_bytes()).unwrap()
    }

    fn event(entity: &str) -> Value {
        json!({
            "meta": {"action": "change", "entity": entity, "entity_id": "213973", "company_id": "6083095",
                "id": "0c9c5cb2-event", "correlation_id": "x", "timestamp": "2026-01-14T18:16:56.057Z",
                "version": "2.0", "attempt": 1, "permitted_user_ids": ["123"]},
            "data": {"id": 213973, "visible_to": "3", "custom_fields": {}, "deal_id": 5},
            "previous": {"stage_id": 427}
        })
    }

    #[test]
    fn each_entity_is_a_hint_of_its_kind_and_a_product_on_a_deal_one_of_the_deal() {
        let table = [
            ("organization", Some((Kind::Company, "213973"))),
            ("person", Some((Kind::Contact, "213973"))),
            ("deal", Some((Kind::Deal, "213973"))),
            ("product", Some((Kind::Product, "213973"))),
            ("note", Some((Kind::Note, "213973"))),
            ("deal_product", Some((Kind::Deal, "5"))),
            ("activity", None),
            ("pipeline", None),
        ];
        for (entity, expected) in table {
            let found = read(&event(entity));
            let found = found.as_ref().map(|hint| (hint.kind, hint.id.as_str()));
            assert_eq!(found, expected, "{entity}");
        }
    }

    #[test]
    fn a_retry_has_the_key_of_the_first_attempt() {
        let first = read(&event("deal")).unwrap();
        let mut again = event("deal");
        again["meta"]["attempt"] = json!(2);
        assert_eq!(read(&again).unwrap(), first);
        assert_eq!((first.event.as_str(), first.company_id), ("0c9c5cb2-event", Some(6_083_095)));
    }

    #[test]
    fn the_first_versions_payload_is_understood_too() {
        let body = json!({"v": 1, "event": "updated.organization", "retry": 0, "previous": null,
            "current": {"id": 7}, "meta": {"v": 1, "action": "updated", "object": "organization", "id": 7,
            "company_id": 42, "timestamp": 1767225600}});
        let found = read(&body).unwrap();
        assert_eq!((found.kind, found.id.as_str(), found.company_id), (Kind::Company, "7", Some(42)));
        assert_eq!(found.event, "organization.7.updated.1767225600");
    }

    #[test]
    fn only_a_delete_says_that_the_record_is_gone() {
        for (action, deleted) in [("create", false), ("change", false), ("delete", true), ("deleted", true)] {
            let mut told = event("person");
            told["meta"]["action"] = json!(action);
            assert_eq!(read(&told).unwrap().deleted, deleted, "{action}");
        }
        let lines = json!({"meta": {"action": "delete", "entity": "deal_product", "entity_id": "3", "id": "x"},
            "previous": {"deal_id": 5}});
        assert!(!read(&lines).unwrap().deleted, "the deal stays when a product is taken off it");
    }

    #[test]
    fn both_events_of_a_merge_tell_of_it() {
        let mut gone = event("person");
        gone["meta"]["action"] = json!("delete");
        gone["meta"]["merged_to_id"] = json!("9");
        let merged = |into: &str, from: &str| Change::Merged {
            into: RecordId::new(into),
            from: vec![RecordId::new(from)],
        };
        assert_eq!(read(&gone).unwrap().merge(), Some(merged("9", "213973")));
        let mut stays = event("person");
        stays["meta"]["merged_from_id"] = json!("8");
        assert_eq!(read(&stays).unwrap().merge(), Some(merged("213973", "8")));
        assert_eq!(read(&event("person")).unwrap().merge(), None);
    }

    #[test]
    fn what_is_no_event_is_an_error_and_too_long_a_body_is_not_read() {
        let bad = [
            b"".to_vec(),
            b"[]".to_vec(),
            br#"{"meta": {}}"#.to_vec(),
            br#"{"meta": {"entity": "deal", "entity_id": "../1"}}"#.to_vec(),
            vec![b' '; LONGEST + 1],
        ];
        for body in bad {
            assert_eq!(hint(&body).unwrap_err().kind(), ErrorKind::Decode);
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200), id in ".*") {
            let _ = hint(&body);
            let mut event = event("deal");
            event["meta"]["entity_id"] = json!(id);
            event["meta"]["merged_from_id"] = json!([id, {}]);
            let _ = hint(event.to_string().as_bytes());
        }
    }
}
