//! What becomes of writes.

use std::time::Duration;

use super::ground::{Ground, applied, ids, refused};
use super::{Place, Verdict};
use crate::change::{Action, Archive, Outcome, Work, Write};
use crate::model::{Fields, Value};

/// A create and an update hand back what a read then delivers.
pub async fn a_write_answers_with_what_is_stored(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create_one(0).await;
    assert_eq!(created.kind, ground.sample.kind);
    assert_eq!(
        ground.get(&created.id).await.as_ref(),
        Some(&created),
        "a create answers with what is stored"
    );
    let mut change = Fields::new().with(&ground.sample.title, "Changed");
    for (name, _, other) in &ground.sample.fields {
        change.set(name, other.clone());
    }
    let updated = ground.update(&created.id, change).await;
    assert_eq!(updated.id, created.id);
    assert_eq!(
        ground.get(&created.id).await.as_ref(),
        Some(&updated),
        "an update answers with what is stored"
    );
    Verdict::Held
}

/// What work costs is known before it is done.
pub async fn a_cost_is_what_the_work_then_takes(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    // Whatever is read once, is read by now.
    let first = ground.create_one(9).await;
    ground.update(&first.id, Fields::new().with(&ground.sample.title, "Changed")).await;
    let capabilities = ground.adapter.capabilities(ground.sample.kind);
    let count = capabilities.batch.min(5);
    let creates = (0..count).map(|n| Action::Create(ground.fields(n))).collect();
    let created: Vec<_> = ground.foreseen(creates).await.into_iter().map(applied).collect();
    let change = |n: usize| Fields::new().with(&ground.sample.title, format!("Changed {n}"));
    let updates = created.iter().enumerate().map(|(n, record)| Action::Update(record.id.clone(), change(n)));
    ground.foreseen(updates.collect()).await;
    if capabilities.archive != Archive::Never {
        ground.foreseen(created.iter().map(|record| Action::Archive(record.id.clone())).collect()).await;
    }
    let (cost, before) = (ground.cost(Work::Find).await, ground.calls());
    assert!(ground.find("no such value").await.is_empty());
    assert_eq!(ground.calls() - before, cost.calls, "a find of what is not there");
    Verdict::Held
}

/// The outcomes of several writes stand in the order of the writes.
pub async fn outcomes_stand_in_the_order_of_the_writes(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create(0..5).await;
    for (n, record) in created.iter().enumerate() {
        let key = record.fields.get(&ground.sample.key);
        assert_eq!(key, Some(&Value::text(Ground::key_value(n))), "the outcome of write {n}");
    }
    Verdict::Held
}

/// One write that is refused leaves the others of its call alone.
pub async fn one_bad_record_does_not_sink_the_batch(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    if ground.adapter.capabilities(ground.sample.kind).batch < 3 {
        return Verdict::Skipped("it sends one write a call");
    }
    let missing = Action::Update(ground.sample.missing.clone(), ground.fields(1));
    let unknown = ground.fields(3).with("custom:No such field", "x");
    let outcomes = ground
        .write(vec![
            Action::Create(ground.fields(0)),
            missing,
            Action::Create(ground.fields(2)),
            Action::Create(unknown),
            Action::Create(ground.fields(4)),
        ])
        .await;
    let mut good = Vec::new();
    for (n, outcome) in outcomes.into_iter().enumerate() {
        match n {
            1 => assert!(matches!(outcome, Outcome::Gone(_)), "the record to update is gone: {outcome:?}"),
            3 => drop(refused(outcome)),
            _ => good.push(applied(outcome)),
        }
    }
    place.settle().await;
    let seen = ground.walk(None).await;
    assert_eq!(seen.present.keys().collect::<Vec<_>>(), ids(&good), "the good ones, and no others");
    Verdict::Held
}

/// An update changes the fields that it names, and no others.
pub async fn an_update_leaves_all_other_fields_alone(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create_one(0).await;
    let updated = ground.update(&created.id, Fields::new().with(&ground.sample.title, "Changed")).await;
    let mut wanted = created.fields.clone();
    wanted.set(&ground.sample.title, "Changed");
    assert_eq!(updated.fields, wanted);
    assert_eq!(ground.get(&created.id).await.expect("the record is there").fields, wanted);
    Verdict::Held
}

/// Null in an update empties a field.
pub async fn null_clears_a_field(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create_one(0).await;
    let cleared = ground.sample.fields.iter().map(|(name, ..)| name);
    let change = cleared.clone().fold(Fields::new(), |fields, name| fields.with(name, Value::Null));
    if change.is_empty() {
        return Verdict::Skipped("the sample has no further field");
    }
    ground.update(&created.id, change).await;
    let read = ground.get(&created.id).await.expect("the record is there");
    for name in cleared {
        assert!(read.fields.get(name).is_some_and(Value::is_empty), "{name} is empty");
    }
    assert_eq!(read.fields.get(&ground.sample.title), created.fields.get(&ground.sample.title));
    Verdict::Held
}

/// An update of a record that does not exist is told as gone, and makes none.
pub async fn an_update_of_a_missing_record_is_gone(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let change = Fields::new().with(&ground.sample.title, "Changed");
    let action = Action::Update(ground.sample.missing.clone(), change);
    let outcome = ground.write_one(action).await;
    assert!(matches!(outcome, Outcome::Gone(_)), "gone, not {outcome:?}");
    place.settle().await;
    assert!(ground.walk(None).await.present.is_empty(), "no record was made of it");
    Verdict::Held
}

/// After its moment a write is not sent any more, and says so.
pub async fn a_write_is_not_sent_after_its_moment(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    ground.adapter.schema(ground.sample.kind).await.expect("the schema is read");
    place.settle().await;
    let calls = ground.calls();
    let late = Write { action: Action::Create(ground.fields(0)), send_before: Some(Duration::ZERO) };
    let outcome = ground.adapter.write(&ground.view, vec![late]).await.pop();
    assert!(matches!(outcome, Some(Outcome::NotSent(_))), "not sent, not {outcome:?}");
    assert_eq!(ground.calls(), calls, "no call is made");
    Verdict::Held
}

/// A create whose reply is lost is unknown, was done once, and is found by its key.
pub async fn a_lost_reply_is_adoptable_by_its_key(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    ground.adapter.schema(ground.sample.kind).await.expect("the schema is read");
    if !place.lose_next_reply().await {
        return Verdict::Skipped("no reply is lost at this place");
    }
    let outcome = ground.write_one(Action::Create(ground.fields(0))).await;
    match &outcome {
        Outcome::Unknown(error) => assert!(error.may_have_applied(), "it may have been stored: {error}"),
        other => panic!("a write without a reply is unknown, not {other:?}"),
    }
    place.settle().await;
    let found = ground.find(Ground::key_value(0)).await;
    assert_eq!(found.len(), 1, "it was stored once: a write whose effect is unknown is not repeated");
    Verdict::Held
}

/// A create whose unique field exists already changes that record instead.
pub async fn a_repeated_create_with_a_unique_key_changes_the_record(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    if !ground.adapter.capabilities(ground.sample.kind).unique_key || ground.sample.unique.is_none() {
        return Verdict::Skipped("no field is unique");
    }
    let created = ground.create_one(0).await;
    let again = ground.fields(0).with(&ground.sample.title, "Repeated");
    let repeated = applied(ground.write_one(Action::Create(again)).await);
    assert_eq!(repeated.id, created.id, "the same record");
    assert_eq!(repeated.fields.get(&ground.sample.title), Some(&Value::text("Repeated")));
    place.settle().await;
    assert_eq!(ground.walk(None).await.present.len(), 1, "and no second one");
    Verdict::Held
}

/// An archived record is neither read nor told as present any more, unless it only ends; archiving what does not exist is
/// gone.
pub async fn an_archived_record_is_told_no_more(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let archive = ground.adapter.capabilities(ground.sample.kind).archive;
    if archive == Archive::Never {
        return Verdict::Skipped("it archives nothing");
    }
    let created = ground.create(0..2).await;
    let archived = applied(ground.write_one(Action::Archive(created[0].id.clone())).await);
    assert_eq!(archived.id, created[0].id);
    place.settle().await;
    let seen = ground.walk(None).await;
    assert!(seen.present.contains_key(&created[1].id));
    assert_eq!(seen.present.contains_key(&created[0].id), archive == Archive::Ends);
    let missing = ground.write_one(Action::Archive(ground.sample.missing.clone())).await;
    assert!(matches!(missing, Outcome::Gone(_)), "nothing to archive is gone: {missing:?}");
    Verdict::Held
}
