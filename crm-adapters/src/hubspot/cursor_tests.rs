use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const DAY: i64 = 24 * 3_600_000;

/// A search as HubSpot answers it: by time or by id, a page at a time, at most so many in all.
fn search(records: &[(i64, u64)], from: i64, position: &Position, page: usize) -> Seen {
    let takes = |(time, id): &&(i64, u64)| match position {
        Position::First => *time >= from,
        Position::Behind(told) => *time > from || (*time == from && !told.contains(&id.to_string())),
        Position::Within(last) => *time == from && id > last,
        Position::Last => *time > from,
    };
    let mut found: Vec<(i64, u64)> = records.iter().filter(takes).copied().collect();
    match position {
        Position::Within(_) => found.sort_by_key(|(_, id)| *id),
        // Within one time in no order that anybody promised.
        _ => found.sort_by_key(|(time, id)| (*time, id.wrapping_mul(0x9e37_79b9) % 97, *id)),
    }
    let next = (found.len() > page).then(|| page.to_string());
    found.truncate(page);
    Seen {
        records: found.into_iter().map(|(time, id)| (Some(time), id.to_string())).collect(),
        date: DAY,
        next,
    }
}

/// Walks to the end and gives the ids told and the pages it took.
fn walk(records: &[(i64, u64)], page: usize) -> (BTreeSet<String>, usize, Walk) {
    let step = Step::Search(0, Position::First);
    let mut walk = Walk { step, archived_until: DAY, ..Walk::default() };
    let mut told = BTreeSet::new();
    for pages in 1..10_000 {
        let Step::Search(from, position) = &walk.step else {
            unreachable!("archived records were told just now")
        };
        let seen = search(records, *from, position, page);
        told.extend(seen.records.iter().map(|(_, id)| id.clone()));
        let more;
        (walk, more) = walk.after(seen, i64::MAX);
        if !more {
            return (told, pages, walk);
        }
    }
    unreachable!("the walk does not end")
}

#[test]
fn twelve_thousand_records_of_one_millisecond_are_all_told() {
    let mut records: Vec<(i64, u64)> = (1..=12_000).map(|id| (1_000, id)).collect();
    records.extend((12_001..=12_500).map(|id| (2_000, id)));
    let (told, pages, _) = walk(&records, 200);
    assert_eq!(told.len(), 12_500);
    assert!(pages <= 67, "{pages}");
}

#[test]
fn records_of_different_times_cost_no_page_more_than_they_fill() {
    let records: Vec<(i64, u64)> = (1..=10_000).map(|id| (i64::try_from(id).unwrap() * 10, id)).collect();
    let (told, pages, _) = walk(&records, 200);
    assert_eq!((told.len(), pages), (10_000, 50));
}

#[test]
fn the_first_walk_is_the_list_and_the_next_one_begins_before_it_did() {
    let page = |next: Option<&str>, date| Seen { next: next.map(str::to_owned), date, ..Seen::default() };
    let (walk, more) = Walk::default().after(page(Some("100"), DAY), DAY);
    assert_eq!((&walk.step, more), (&Step::List(Some("100".to_owned())), true));
    let (walk, more) = walk.after(page(None, DAY + 5_000), DAY);
    assert_eq!((walk.step, more), (Step::Search(DAY - LAG, Position::First), false));
}

#[test]
fn a_walk_begins_again_behind_the_newest_change_unless_the_index_may_lag() {
    for (newest, from) in [(1_000, 1_001), (DAY - LAG, DAY - LAG), (DAY - 1, DAY - LAG)] {
        let start = Walk { step: Step::Search(0, Position::First), archived_until: DAY, ..Walk::default() };
        let page = Seen { records: vec![(Some(newest), "1".to_owned())], date: DAY, next: None };
        assert_eq!(start.after(page, DAY).0.step, Step::Search(from, Position::First), "{newest}");
    }
}

#[test]
fn a_quiet_walk_stays_where_it_is_and_archived_records_are_looked_for_now_and_then() {
    let start = Walk { step: Step::Search(7, Position::First), archived_until: 0, ..Walk::default() };
    let page = |date| Seen { date, ..Seen::default() };
    let (walk, more) = start.clone().after(page(999), 1_000);
    assert_eq!((walk.step, more), (Step::Search(7, Position::First), false));
    let (walk, more) = start.after(page(1_000), 1_000);
    assert_eq!((&walk.step, more), (&Step::Archived(None, 7), true));
    let (walk, more) = walk.after(page(1_001), 1_000);
    assert_eq!((walk.step, more, walk.archived_until), (Step::Search(7, Position::First), false, 1_001));
}

#[test]
fn a_foreign_cursor_is_refused() {
    assert_eq!(Walk::parse(Some(&Cursor::new("12345"))).unwrap_err().kind(), ErrorKind::Config);
}

proptest! {
    #[test]
    fn every_record_is_told_however_the_times_cluster(
        clusters in proptest::collection::vec((0_i64..50, 1_usize..30), 1..30),
        page in 2_usize..25,
    ) {
        let times = clusters.iter().flat_map(|(time, count)| std::iter::repeat_n(*time, *count));
        let records: Vec<(i64, u64)> = times.zip(1..).collect();
        let (told, _, end) = walk(&records, page);
        prop_assert_eq!(told.len(), records.len());
        let newest = records.iter().map(|(time, _)| *time).max().unwrap();
        prop_assert_eq!(end.step, Step::Search(newest + 1, Position::First));
    }

    #[test]
    fn a_cursor_survives_being_stored(from in any::<i64>(), ids in proptest::collection::vec("[0-9]{1,12}", 0..100)) {
        let walk = Walk { step: Step::Search(from, Position::Behind(ids)), newest: Some(from), ..Walk::default() };
        prop_assert_eq!(Walk::parse(Some(&walk.to_cursor().unwrap())).unwrap(), walk);
    }
}
