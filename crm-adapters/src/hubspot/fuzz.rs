//! What must hold of any bytes that claim to come from HubSpot.

#![expect(clippy::missing_panics_doc, reason = "a check fails by a panic")]

use std::collections::BTreeMap;

use chrono::DateTime;
use http::{HeaderMap, StatusCode};

use super::batch::{Item, Operation, sorted, taken_apart};
use super::entity::Entities;
use super::fields::{Account, Catalogue};
use super::map::{Lens, encode};
use super::webhook::{Verifier, hints};
use super::wire::{WireList, WireProblem, WireProperty, WireRecord};
use crate::http::{Answer, Failure};
use crate::model::{Fields, Kind, RecordId, View};

/// An answer is read or refused: as properties, as records in the light of them, as a batch's outcomes, as a refusal.
/// What was read of a record can be written or is refused, and every write of a batch has one outcome.
pub fn wire(bytes: &[u8]) {
    let answer = Answer { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body: bytes.to_vec() };
    let failure = WireProblem::read(&answer).failure().with_answer(answer);
    let properties = serde_json::from_slice::<WireList<WireProperty>>(bytes).ok();
    let records = || serde_json::from_slice::<WireList<WireRecord>>(bytes).ok();
    let Ok(entities) = Entities::new(&BTreeMap::new()) else { return };
    let properties = properties.map(|list| list.results).unwrap_or_default();
    let account = Account { properties, ..Account::default() };
    for entity in entities.iter() {
        let catalogue = Catalogue::new(entity, &account);
        let names = catalogue.schema().fields().map(|field| field.name.clone()).collect();
        let Ok(lens) = Lens::new(entity, &catalogue, &View { kind: entity.kind, fields: names }) else {
            continue;
        };
        let rows = records().map(|list| list.results).unwrap_or_default();
        for reading in rows.iter().filter_map(|record| lens.read(record).ok()) {
            assert!(reading.record.id.is_number(), "an id that paths can carry");
            for (name, value) in &reading.record.fields {
                let _ = encode(&catalogue, &Fields::new().with(name, value.clone()));
            }
        }
    }
    batch(records(), &failure);
}

fn batch(answer: Option<WireList<WireRecord>>, failure: &Failure) {
    let item = |(at, operation)| Item {
        at,
        operation,
        properties: BTreeMap::from([("name".to_owned(), "A".to_owned())]),
        links: Vec::new(),
        before: None,
    };
    let upsert = Operation::Upsert { by: "exact_id".to_owned(), value: "1:a".to_owned() };
    let items = [Operation::Create, upsert, Operation::Update(RecordId::new("7"))];
    let items: Vec<Item> = items.into_iter().enumerate().map(item).collect();
    if let Some(answer) = answer {
        assert_eq!(sorted(&items, answer).len(), items.len(), "one outcome for each write");
    }
    let mut parts: Vec<usize> =
        taken_apart(items, failure).into_iter().flatten().map(|item| item.at).collect();
    parts.sort_unstable();
    assert_eq!(parts, [0, 1, 2], "no write is lost or doubled when a batch is taken apart");
}

/// A webhook's body is hints or refused; a signature of nobody's is never taken.
pub fn webhook(bytes: &[u8]) {
    let Ok(entities) = Entities::new(&BTreeMap::new()) else { return };
    if let Ok(hints) = hints(bytes, &entities) {
        assert!(hints.iter().all(|hint| hint.id.is_number()), "ids that paths can carry");
        assert!(hints.iter().all(|hint| hint.kind != Kind::Lead), "kinds that HubSpot has");
    }
    let verifier = Verifier::new("secret", "https://sync.example.com/hubspot");
    let text = String::from_utf8_lossy(bytes);
    assert!(verifier.verify(&text, "1693657560000", bytes, DateTime::UNIX_EPOCH).is_err());
    let (signature, timestamp) = text.split_once('.').unwrap_or((&text, "0"));
    let _ = verifier.verify(signature, timestamp, bytes, DateTime::UNIX_EPOCH);
}
