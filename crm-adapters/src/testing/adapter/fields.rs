//! What schemas tell, and what they keep from being sent.

use super::ground::{Ground, applied};
use super::{Place, Verdict};
use crate::change::{Action, Archive, Write};
use crate::error::ErrorKind;
use crate::model::{Field, FieldType, Fields, Kind, NewField, RecordId, Value, View};

/// Every field of the sample is in the schema, under the name that records use, and can be written.
pub async fn the_schema_tells_of_every_field_that_records_use(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let schema = ground.adapter.schema(ground.sample.kind).await.expect("the schema is read");
    for name in &ground.view.fields {
        let field = schema.get(name).unwrap_or_else(|| panic!("{name} is in the schema"));
        assert!(!field.read_only, "{name} can be written");
        assert!(!field.label.is_empty(), "{name} has a label");
    }
    Verdict::Held
}

/// Each value of the sample, created and then changed to the other one, is read as it was written.
pub async fn every_value_comes_back_unchanged(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create_one(0).await;
    let mut changes = Fields::new();
    for (name, one, other) in &ground.sample.fields {
        assert_eq!(created.fields.get(name), Some(one), "{name} as it was created");
        changes.set(name, other.clone());
    }
    if changes.is_empty() {
        return Verdict::Skipped("the sample has no further field");
    }
    ground.update(&created.id, changes).await;
    let read = ground.get(&created.id).await.expect("the record is there");
    for (name, _, other) in &ground.sample.fields {
        assert_eq!(read.fields.get(name), Some(other), "{name} as it was changed");
    }
    later_values_come_back(&ground, &created.id).await;
    Verdict::Held
}

/// What no create takes is written by updates, and read as it was written: one value, another one, and none.
async fn later_values_come_back(ground: &Ground, id: &RecordId) {
    let later = &ground.sample.later;
    let fields = later.iter().map(|(name, ..)| name.clone()).collect();
    let view = View { kind: ground.sample.kind, fields };
    for turn in 0..3 {
        let value = |one: &Value, other: &Value| [one.clone(), other.clone(), Value::Null][turn].clone();
        let change: Fields =
            later.iter().map(|(name, one, other)| (name.clone(), value(one, other))).collect();
        if change.is_empty() {
            return;
        }
        let write = Write { action: Action::Update(id.clone(), change.clone()), send_before: None };
        let stored = applied(ground.adapter.write(&view, vec![write]).await.remove(0));
        assert_eq!(stored.fields, change, "the update answers with what is stored");
        let read = ground.adapter.get(&view, std::slice::from_ref(id)).await.expect("a get works").pop();
        assert_eq!(read.expect("the record is there").fields, change, "and so it is read");
    }
}

/// A field that does not exist is named, in a view and in a write, before any call.
pub async fn an_unknown_field_is_named_before_the_call(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let unknown = "custom:No such field";
    ground.adapter.schema(ground.sample.kind).await.expect("the schema is read");
    let before = ground.calls();
    let view = View { kind: ground.sample.kind, fields: vec![unknown.to_owned()] };
    let error = ground.adapter.changes(&view, None).await.expect_err("a view of an unknown field is refused");
    assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some(unknown)), "{error}");
    // A schema that is some time old is read once more: the field may be new.
    assert!(ground.calls() <= before + 1, "at most the schema is read anew");
    let action = Action::Create(ground.fields(0).with(unknown, "x"));
    let error = super::ground::refused(ground.write_one(action).await);
    assert_eq!(error.field(), Some(unknown), "{error}");
    place.settle().await;
    assert!(ground.walk(None).await.present.is_empty(), "nothing was written");
    Verdict::Held
}

/// A text longer than the schema says is refused before the call.
pub async fn a_text_that_is_too_long_is_rejected_before_the_call_and_named(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let schema = ground.adapter.schema(ground.sample.kind).await.expect("the schema is read");
    let limited = schema.fields().find_map(|field| match field.max_length {
        Some(length) if field.ty == FieldType::Text && !field.read_only => Some((field, length)),
        _ => None,
    });
    let Some((field, length)) = limited else {
        return Verdict::Skipped("no text is limited");
    };
    let action = Action::Create(ground.fields(0).with(&field.name, "x".repeat(length + 1)));
    ground.refused_before_the_call(action, &field.name).await;
    Verdict::Held
}

/// An option that does not exist is refused before the call.
pub async fn an_unknown_option_is_rejected_before_the_call_and_named(place: &dyn Place) -> Verdict {
    let writable = |field: &&Field| field.ty == FieldType::Choice && !field.read_only;
    let ground = Ground::new(place).await;
    let schema = ground.adapter.schema(ground.sample.kind).await.expect("the schema is read");
    let Some(field) = schema.fields().find(writable) else {
        return Verdict::Skipped("no field is a choice");
    };
    let action = Action::Create(ground.fields(0).with(&field.name, "No such option"));
    ground.refused_before_the_call(action, &field.name).await;
    Verdict::Held
}

/// A field that only the vendor writes is refused before the call; so is, in a create, one that only updates take.
pub async fn a_read_only_field_is_rejected_before_the_call_and_named(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let schema = ground.adapter.schema(ground.sample.kind).await.expect("the schema is read");
    let first = |of: fn(&Field) -> bool| schema.fields().find(|field| of(field));
    let locked = [first(|field| field.read_only), first(|field| field.updates_only)];
    for field in locked.into_iter().flatten() {
        let action = Action::Create(ground.fields(0).with(&field.name, "x"));
        ground.refused_before_the_call(action, &field.name).await;
    }
    match locked {
        [None, None] => Verdict::Skipped("every field is writable"),
        _ => Verdict::Held,
    }
}

/// A create without a field that a record must have is refused before the call.
pub async fn a_missing_required_field_is_named_before_the_call(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let schema = ground.adapter.schema(ground.sample.kind).await.expect("the schema is read");
    let mut fields = ground.fields(0);
    let required = schema.fields().filter(|field| field.required && fields.get(&field.name).is_some());
    let Some(field) = required.map(|field| field.name.clone()).next() else {
        return Verdict::Skipped("no field is required");
    };
    fields.remove(&field);
    ground.refused_before_the_call(Action::Create(fields), &field).await;
    Verdict::Held
}

/// A created field is in the schema, takes a value at once, and is created once.
pub async fn created_fields_can_be_used_at_once(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let kind = ground.sample.kind;
    let new = [NewField { label: "Made by the suite".to_owned(), ty: FieldType::Text }];
    match ground.adapter.create_fields(kind, &new).await {
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            return Verdict::Skipped("it creates no fields");
        }
        created => created.expect("a field is created"),
    }
    let name = "custom:Made by the suite";
    ground.adapter.create_fields(kind, &new).await.expect("one that exists is left alone");
    let schema = ground.adapter.schema(kind).await.expect("the schema is read");
    assert_eq!(schema.get(name).map(|field| field.ty), Some(FieldType::Text));
    let record = ground.create_one(0).await;
    let write = Action::Update(record.id.clone(), Fields::new().with(name, "x"));
    applied(ground.write_one(write).await);
    let view = View { kind, fields: vec![name.to_owned()] };
    let read = ground.adapter.get(&view, &[record.id]).await.expect("a get works").pop();
    assert_eq!(read.expect("the record is there").fields.get(name), Some(&Value::text("x")));
    Verdict::Held
}

/// A kind that a side does not have is unsupported, and its capabilities promise nothing.
pub async fn a_kind_that_it_does_not_have_is_unsupported(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    for kind in Kind::ALL {
        let Err(error) = ground.adapter.schema(kind).await else { continue };
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        let facts = ground.adapter.capabilities(kind);
        assert!(
            !facts.create && !facts.update && facts.archive == Archive::Never,
            "nothing is promised for the kind {kind}"
        );
        let view = View { kind, fields: Vec::new() };
        let read = ground.adapter.changes(&view, None).await;
        assert_eq!(read.expect_err("and nothing is read").kind(), ErrorKind::Unsupported);
    }
    Verdict::Held
}
