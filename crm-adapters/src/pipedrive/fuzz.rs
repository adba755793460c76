//! What must hold of any bytes that claim to come from Pipedrive.

#![expect(clippy::missing_panics_doc, reason = "a check fails by a panic")]

use http::{HeaderMap, StatusCode};

use super::entity::entity;
use super::fields::{Catalogue, Lists};
use super::map::{Basis, Lens, body};
use super::webhook::{Verifier, hint};
use super::wire::{Envelope, Problem, WireField, WireHits, WireRecord, blamed_field};
use crate::http::Answer;
use crate::model::{Kind, View};

/// An answer is read or refused: as fields, as records in the light of them, as hits of a search, as a refusal. What
/// was read of a record can be written or is refused.
pub fn wire(bytes: &[u8]) {
    let answer = Answer { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body: bytes.to_vec() };
    let _ = (Problem::read(&answer).to_string(), blamed_field(&answer));
    let _ = serde_json::from_slice::<Envelope<WireHits>>(bytes);
    let fields = serde_json::from_slice::<Envelope<Vec<WireField>>>(bytes).ok();
    let fields = fields.and_then(|envelope| envelope.data).unwrap_or_default();
    let records = serde_json::from_slice::<Envelope<Vec<WireRecord>>>(bytes).ok();
    let records = records.and_then(|envelope| envelope.data).unwrap_or_default();
    for kind in [Kind::Company, Kind::Contact, Kind::Deal, Kind::Product, Kind::Note] {
        let Ok(entity) = entity(kind) else { continue };
        let catalogue = Catalogue::new(entity, &fields, &Lists::new());
        let names = catalogue.schema().fields().map(|field| field.name.clone()).collect();
        let Ok(lens) = Lens::new(&catalogue, &View { kind, fields: names }) else { continue };
        for reading in records.iter().filter_map(|record| lens.read(record).ok()) {
            assert!(entity.is_id(&reading.record.id), "an id that paths can carry");
            for (name, value) in &reading.record.fields {
                let fields = crate::model::Fields::new().with(name, value.clone());
                let _ = body(&catalogue, &fields, &Basis::default());
            }
        }
    }
}

/// A webhook's body is a hint or refused, and the same for every attempt; no header but the right one is taken.
pub fn webhook(bytes: &[u8]) {
    if let Ok(Some(found)) = hint(bytes) {
        assert!(entity(found.kind).is_ok_and(|entity| entity.is_id(&found.id)), "an id that paths can carry");
        assert_eq!(hint(bytes).ok().flatten().as_ref(), Some(&found));
    }
    if let (Ok(header), Ok(verifier)) = (std::str::from_utf8(bytes), Verifier::new("user", "of nobody")) {
        let right = header.split_once(' ').is_some_and(|(_, proof)| proof.trim() == "dXNlcjpvZiBub2JvZHk=");
        assert!(right || verifier.verify(Some(header)).is_err());
    }
}
