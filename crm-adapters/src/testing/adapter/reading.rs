//! What feeds, gets and finds deliver.

use super::ground::{Ground, PAGES, Seen, ids};
use super::{Place, Verdict};
use crate::change::{Change, Cursor};
use crate::model::{Fields, Record, Value, View};

/// A walk from the beginning, while nobody writes, delivers every record exactly once, as it is.
pub async fn a_page_walk_covers_every_record_once(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create(0..ground.sample.many).await;
    place.settle().await;
    let seen = ground.walk(None).await;
    assert!(seen.pages > 1, "the sample says that {} records need more than one page", created.len());
    for record in &created {
        let readings = seen.present.get(&record.id).map_or(&[][..], Vec::as_slice);
        assert_eq!(readings.len(), 1, "{} is told once", record.id);
        assert_eq!(readings[0].fields, record.fields, "{} is told as it is", record.id);
    }
    assert_eq!(seen.present.len(), created.len(), "no record comes from nowhere");
    Verdict::Held
}

/// A walk that is broken off after any page goes on from its cursor, kept as text, in another process.
pub async fn a_walk_goes_on_from_a_stored_cursor(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create(0..ground.sample.many).await;
    place.settle().await;
    let (mut seen, mut stored) = (Seen::default(), None);
    let mut more = true;
    for _ in 0..PAGES {
        let process = place.open().await;
        let cursor = stored.map(Cursor::new);
        let page = process.changes(&ground.view, cursor.as_ref()).await.expect("a page is read");
        seen.take(page.changes);
        stored = Some(page.cursor.as_str().to_owned());
        more = page.more;
        if !more {
            break;
        }
    }
    assert!(!more, "the feed comes to an end");
    for record in &created {
        assert!(seen.last(&record.id).is_some(), "{} is told", record.id);
    }
    Verdict::Held
}

/// Where nothing happens, a poll ends and tells nothing that it had not told before.
pub async fn a_quiet_feed_comes_to_rest(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    ground.create(0..3).await;
    place.settle().await;
    let first = ground.walk(None).await;
    let mut cursor = first.cursor.clone();
    for _ in 0..3 {
        let next = ground.walk(cursor.as_ref()).await;
        for (id, readings) in &next.present {
            assert_eq!(readings.last(), first.last(id), "{id} did not change, whatever is told twice");
        }
        assert!(next.gone.is_empty(), "nothing is gone");
        cursor = next.cursor;
    }
    Verdict::Held
}

/// A record that changes after it was told is told again, as it is then.
pub async fn a_change_behind_the_cursor_is_told(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create(0..3).await;
    place.settle().await;
    let first = ground.walk(None).await;
    ground.update(&created[1].id, Fields::new().with(&ground.sample.title, "Changed")).await;
    place.settle().await;
    let next = ground.walk(first.cursor.as_ref()).await;
    let told = next.last(&created[1].id).expect("the changed record is told");
    assert_eq!(told.fields.get(&ground.sample.title), Some(&Value::text("Changed")));
    Verdict::Held
}

/// A record that is created after a walk is told by the next one, as it was created. Its revision may be a later one:
/// vendors go on working on a new record.
pub async fn a_new_record_behind_the_cursor_is_told(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    ground.create(0..3).await;
    place.settle().await;
    let first = ground.walk(None).await;
    let new = ground.create_one(3).await;
    place.settle().await;
    let next = ground.walk(first.cursor.as_ref()).await;
    let told = next.last(&new.id).expect("the new record is told");
    assert_eq!((told.kind, &told.fields), (new.kind, &new.fields), "the new record is told as it is");
    assert!(told.revision >= new.revision, "{:?} after {:?}", told.revision, new.revision);
    assert!(!next.gone.contains(&new.id), "and not as gone");
    Verdict::Held
}

/// Whatever changes while a walk is under way is told before the feed comes to rest.
pub async fn a_change_during_the_walk_is_told(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create(0..ground.sample.many).await;
    place.settle().await;
    let page = ground.adapter.changes(&ground.view, None).await.expect("a page is read");
    let (first, last) = (&created[0].id, &created[created.len() - 1].id);
    for id in [first, last] {
        ground.update(id, Fields::new().with(&ground.sample.title, "Changed")).await;
    }
    place.settle().await;
    let mut seen = Seen::default();
    seen.take(page.changes);
    let rest = ground.walk(Some(&page.cursor)).await;
    let again = ground.walk(rest.cursor.as_ref()).await;
    for record in &created {
        let told = [&again, &rest, &seen].into_iter().find_map(|walk| walk.last(&record.id));
        let told = told.unwrap_or_else(|| panic!("{} is told", record.id));
        let changed = &record.id == first || &record.id == last;
        let title = told.fields.get(&ground.sample.title);
        assert_eq!(title == Some(&Value::text("Changed")), changed, "{} is told as it is", record.id);
    }
    Verdict::Held
}

/// A record that somebody deletes is told as deleted.
pub async fn a_deleted_record_is_told(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    if !ground.adapter.capabilities(ground.sample.kind).deletes_visible {
        return Verdict::Skipped("deletes are not visible in its feed");
    }
    let created = ground.create(0..3).await;
    place.settle().await;
    let first = ground.walk(None).await;
    if !place.delete(&created[1].id).await {
        return Verdict::Skipped("nobody deletes at this place");
    }
    place.settle().await;
    let next = ground.walk(first.cursor.as_ref()).await;
    assert!(next.gone.contains(&created[1].id), "the deleted record is told as deleted");
    assert!(!next.gone.contains(&created[0].id), "no other one is");
    assert_eq!(ground.get(&created[1].id).await, None, "and it is read no more");
    Verdict::Held
}

/// The record that remains of a merge is told; the ids that are no more lead to it or to nothing.
pub async fn a_merged_record_is_told(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create(0..3).await;
    place.settle().await;
    let first = ground.walk(None).await;
    let Some(survivor) = place.merge(&created[0].id, &created[1].id).await else {
        return Verdict::Skipped("nothing is merged at this place");
    };
    place.settle().await;
    let next = ground.walk(first.cursor.as_ref()).await;
    assert!(next.last(&survivor).is_some(), "what remains is told");
    for id in created[..2].iter().map(|record| &record.id).filter(|id| **id != survivor) {
        assert!(next.last(id).is_none(), "{id} is told no more");
        let read = ground.get(id).await;
        assert!(
            read.as_ref().is_none_or(|record| record.id == survivor),
            "{id} leads to what remains or to nothing, not to {read:?}"
        );
        if ground.adapter.capabilities(ground.sample.kind).deletes_visible {
            assert!(next.gone.contains(id), "{id} is told as gone");
        }
    }
    Verdict::Held
}

/// Every reading carries the fields of the view, no others, under the names that the view uses.
pub async fn a_view_delivers_its_fields_and_no_others(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let record = ground.create_one(0).await;
    place.settle().await;
    let view = View { kind: ground.sample.kind, fields: vec![ground.sample.key.clone()] };
    let page = ground.adapter.changes(&view, None).await.expect("a page is read");
    let told = page.changes.into_iter().find_map(|change| match change {
        Change::Present(told) if told.id == record.id => Some(told),
        _ => None,
    });
    let got = ground.adapter.get(&view, std::slice::from_ref(&record.id)).await.expect("a get works").pop();
    for reading in [told, got] {
        let reading = reading.expect("the record is delivered");
        assert_eq!(names(&reading), view.fields, "exactly the fields of the view");
    }
    Verdict::Held
}

/// A field that is empty is delivered as null; one that was not asked for is not delivered.
pub async fn absent_is_not_null(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let Some((empty, ..)) = ground.sample.fields.first() else {
        return Verdict::Skipped("the sample has no further field");
    };
    let mut fields = ground.fields(0);
    fields.remove(empty);
    let record = super::ground::applied(ground.write_one(crate::Action::Create(fields)).await);
    place.settle().await;
    let told = ground.walk(None).await;
    let told = told.last(&record.id).expect("the record is told").clone();
    let got = ground.get(&record.id).await.expect("the record is delivered");
    for reading in [told, got] {
        let value = reading.fields.get(empty);
        assert!(value.is_some_and(Value::is_empty), "an empty field is delivered as empty, not {value:?}");
    }
    let view = View { kind: ground.sample.kind, fields: vec![ground.sample.title.clone()] };
    let got = ground.adapter.get(&view, &[record.id]).await.expect("a get works").pop();
    assert_eq!(got.expect("the record is delivered").fields.get(empty), None, "nobody asked for it");
    Verdict::Held
}

/// A get delivers what exists of many ids, and a missing one is no error.
pub async fn a_get_leaves_out_what_does_not_exist(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create(0..ground.sample.many).await;
    let mut wanted: Vec<_> = created.iter().map(|record| record.id.clone()).collect();
    wanted.push(ground.sample.missing.clone());
    let found = ground.adapter.get(&ground.view, &wanted).await.expect("a missing record is no error");
    assert_eq!(ids(&found), ids(&created), "each that exists, once");
    assert_eq!(ground.adapter.get(&ground.view, &[]).await.expect("none wanted, none found"), []);
    Verdict::Held
}

/// A find delivers the records whose field has exactly this value: not a part of it, not another field.
pub async fn a_find_compares_the_whole_value(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let (short, long) = (ground.create_one(1).await, ground.create_one(1_234).await);
    let longer = format!("{}9", Ground::key_value(1));
    ground.update(&long.id, Fields::new().with(&ground.sample.key, longer.as_str())).await;
    let named = Fields::new().with(&ground.sample.title, Ground::key_value(1));
    let other = ground.create_one(2).await;
    ground.update(&other.id, named).await;
    place.settle().await;
    assert_eq!(ids(&ground.find(Ground::key_value(1)).await), [&short.id]);
    assert_eq!(ids(&ground.find(longer).await), [&long.id]);
    assert_eq!(ground.find("77777777").await, [], "nothing found is no error");
    Verdict::Held
}

/// A find by a list delivers the records that have one of its values.
pub async fn a_find_takes_several_values(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create(0..4).await;
    place.settle().await;
    let values = [0, 2].map(|n| Value::text(Ground::key_value(n))).to_vec();
    assert_eq!(ids(&ground.find(Value::List(values)).await), ids(&[created[0].clone(), created[2].clone()]));
    assert_eq!(ground.find(Value::List(Vec::new())).await, [], "none of nothing");
    Verdict::Held
}

/// Of two readings of one record the later one never carries the smaller revision.
pub async fn a_revision_never_falls(place: &dyn Place) -> Verdict {
    let ground = Ground::new(place).await;
    let created = ground.create_one(0).await;
    let mut latest = created.revision;
    if latest.is_none() {
        return Verdict::Skipped("it tells no revisions");
    }
    for n in 0..3 {
        let title = format!("Changed {n}");
        let written = ground.update(&created.id, Fields::new().with(&ground.sample.title, title)).await;
        place.settle().await;
        let read = ground.get(&created.id).await.expect("the record is there");
        for reading in [written, read] {
            assert!(reading.revision >= latest, "{:?} after {latest:?}", reading.revision);
            latest = reading.revision;
        }
    }
    Verdict::Held
}

fn names(record: &Record) -> Vec<String> {
    record.fields.iter().map(|(name, _)| name.clone()).collect()
}
