use std::collections::HashSet;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::hubspot::HubSpot;
use crate::hubspot::entity::Entities;
use crate::hubspot::wire::{Text, Texts};
use crate::model::{Kind, RecordId};

/// The longest body that is read, in bytes. HubSpot sends a hundred events at most.
const LONGEST: usize = 1024 * 1024;

/// A record that is worth another reading.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Hint {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: RecordId,
    /// The account that it is in: one app may serve several.
    pub portal_id: Option<u64>,
    /// The same for every delivery of the same event: hints with a key that was seen can be dropped.
    pub event: String,
}

/// One event, in the classic style (`company.creation`) or the generic one (`object.creation` with a type).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireEvent {
    event_id: Text,
    portal_id: Text,
    occurred_at: Text,
    /// HubSpot's samples name it so, one of its tables the other way.
    subscription_type: Option<String>,
    event_type: Option<String>,
    object_id: Text,
    object_type_id: Option<String>,
    association_type: Option<String>,
    from_object_id: Text,
    to_object_id: Text,
    primary_object_id: Text,
    new_object_id: Text,
    merged_object_ids: Texts,
}

impl HubSpot {
    /// The records that a webhook's body tells of; events of other kinds are left out. Makes no call.
    ///
    /// [Verify](super::Verifier) the request first. The values that an event carries are not used: the order of events
    /// means nothing, so the record is to be read.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) for a body that is not HubSpot's, or longer than a megabyte.
    pub fn hints(&self, body: &[u8]) -> Result<Vec<Hint>> {
        hints(body, self.cache.entities())
    }
}

pub(in crate::hubspot) fn hints(body: &[u8], entities: &Entities) -> Result<Vec<Hint>> {
    if body.len() > LONGEST {
        return Err(Error::new(ErrorKind::Decode, format!("the webhook is longer than {LONGEST} bytes")));
    }
    let events: Vec<WireEvent> = serde_json::from_slice(body).map_err(|error| {
        Error::new(ErrorKind::Decode, "the webhook is not a list of HubSpot's events").with_source(error)
    })?;
    let mut seen = HashSet::new();
    let mut hints: Vec<Hint> = events.iter().flat_map(|event| event.hints(entities)).collect();
    hints.retain(|hint| seen.insert(hint.clone()));
    Ok(hints)
}

/// The kind that an event's word for a type of object stands for.
fn kind_of(object: &str, entities: &Entities) -> Option<Kind> {
    let standard = match object {
        "contact" | "0-1" => "contacts",
        "company" | "0-2" => "companies",
        "deal" | "0-3" => "deals",
        "product" | "0-7" => "products",
        "line_item" | "0-8" => "line_items",
        "0-14" => "quotes",
        "0-46" => "notes",
        "0-53" => "invoices",
        "0-123" => "orders",
        other => other,
    };
    entities.iter().find(|it| it.object == standard || it.object == object).map(|entity| entity.kind)
}

impl WireEvent {
    fn hints(&self, entities: &Entities) -> Vec<Hint> {
        let (event, portal_id) = (self.key(), self.portal_id.0.as_deref().and_then(|id| id.parse().ok()));
        let hint = |(object, id): (String, RecordId)| {
            Some(Hint { kind: kind_of(&object, entities)?, id, portal_id, event: event.clone() })
        };
        self.records().into_iter().filter_map(hint).collect()
    }

    fn name(&self) -> &str {
        self.subscription_type.as_deref().or(self.event_type.as_deref()).unwrap_or_default()
    }

    /// Event ids alone are not unique, and the number of the attempt must not matter.
    fn key(&self) -> String {
        let text = |text: &Text| text.0.clone().unwrap_or_default();
        let ids = [&self.portal_id, &self.event_id, &self.occurred_at, &self.object_id, &self.from_object_id];
        let ids: Vec<String> = ids.into_iter().map(text).collect();
        format!("{}:{}", self.name(), ids.join(":"))
    }

    /// Each record that the event is about, with HubSpot's word for its type.
    fn records(&self) -> Vec<(String, RecordId)> {
        let object = match &self.object_type_id {
            Some(id) => id.clone(),
            None => self.name().split('.').next().unwrap_or_default().to_owned(),
        };
        let own = [&self.object_id, &self.new_object_id, &self.primary_object_id];
        let mut ids: Vec<String> = own.into_iter().filter_map(|id| id.0.clone()).collect();
        ids.extend(self.merged_object_ids.0.iter().cloned());
        let mut records: Vec<_> = ids.into_iter().map(|id| (object.clone(), id)).collect();
        let ends = self.association_type.as_deref().and_then(|ty| ty.split_once("_TO_"));
        let (from, to) =
            ends.map_or((object, None), |(from, to)| (from.to_lowercase(), Some(to.to_lowercase())));
        records.extend(self.from_object_id.0.clone().map(|id| (from, id)));
        records.extend(to.zip(self.to_object_id.0.clone()));
        let records = records.into_iter().map(|(object, id)| (object, RecordId::new(id)));
        records.filter(|(_, id)| id.is_number()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hubspot::ServiceKey;

    fn adapter() -> HubSpot {
        HubSpot::builder(ServiceKey::new("pat-x")).object(Kind::Invoice, "2-77").build().unwrap()
    }

    fn told(body: &serde_json::Value) -> Vec<(Kind, String)> {
        let hints = adapter().hints(body.to_string().as_bytes()).unwrap();
        hints.into_iter().map(|hint| (hint.kind, hint.id.to_string())).collect()
    }

    #[test]
    fn both_styles_of_events_give_the_same_hints() {
        let classic = serde_json::json!([{"eventId": 100, "portalId": 33, "subscriptionType": "company.propertyChange",
            "occurredAt": 1_462_216_307_945_i64, "objectId": 123, "propertyName": "name", "propertyValue": "x"}]);
        let generic = serde_json::json!([{"eventId": 100, "portalId": 33, "subscriptionType": "object.propertyChange",
            "objectTypeId": "0-2", "occurredAt": 1_462_216_307_945_i64, "objectId": 123, "isSensitive": true}]);
        assert_eq!(told(&classic), [(Kind::Company, "123".to_owned())]);
        assert_eq!(told(&generic), told(&classic));
    }

    #[test]
    fn a_custom_object_gives_the_kind_it_stands_for_and_a_foreign_one_nothing() {
        let event = |object: &str| serde_json::json!([{"eventType": "object.creation", "objectTypeId": object, "objectId": 5}]);
        assert_eq!(told(&event("2-77")), [(Kind::Invoice, "5".to_owned())]);
        assert_eq!(told(&event("2-78")), []);
    }

    #[test]
    fn a_merge_hints_at_all_its_records_and_an_association_at_both_ends() {
        let merge = serde_json::json!([{"subscriptionType": "contact.merge", "objectId": 9, "newObjectId": 9,
            "primaryObjectId": 7, "mergedObjectIds": [8]}]);
        let ids: Vec<String> = told(&merge).into_iter().map(|(_, id)| id).collect();
        assert_eq!(ids, ["9", "7", "8"]);
        let link = serde_json::json!([{"subscriptionType": "deal.associationChange",
            "associationType": "DEAL_TO_COMPANY", "fromObjectId": 1, "toObjectId": 2}]);
        assert_eq!(told(&link), [(Kind::Deal, "1".to_owned()), (Kind::Company, "2".to_owned())]);
    }

    #[test]
    fn another_attempt_of_an_event_has_the_same_key() {
        let event = |attempt: u32| {
            let body = serde_json::json!([{"eventId": 1, "subscriptionType": "deal.creation", "objectId": 2,
                "occurredAt": 3, "portalId": 4, "attemptNumber": attempt}]);
            adapter().hints(body.to_string().as_bytes()).unwrap()
        };
        assert_eq!(event(0), event(3));
    }

    #[test]
    fn a_body_that_is_no_list_or_too_long_is_an_error() {
        for body in [b"{}".to_vec(), b"<html>".to_vec(), vec![b' '; LONGEST + 1]] {
            assert_eq!(adapter().hints(&body).unwrap_err().kind(), ErrorKind::Decode);
        }
    }
}
