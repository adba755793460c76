//! What a reader sees, and in which order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use futures_util::future::join;

use super::{StorePlace, apply, batch, bearing, deleting, key, put, tenant};
use crate::store::{Key, Mark, Put, Row, Scan, Store, Table};

/// Readers on another handle see all rows of a commit or none, in a get, a scan and a look-up.
pub async fn a_read_never_sees_half_a_commit(place: &dyn StorePlace) {
    const ROWS: usize = 20;
    let (writer, reader) = (place.open().await, place.open().await);
    let ids: Vec<String> = (0..ROWS).map(|row| format!("row/{row:02}")).collect();
    let keys: Vec<Key> = ids.iter().map(|id| key(id)).collect();
    let round = |round: usize| {
        let mark = round.to_string();
        batch(ids.iter().map(|id| bearing(&[("round", mark.as_str())], put(id, &mark))).collect())
    };
    apply(&*writer, round(0)).await;
    let (reading, written) = (AtomicBool::new(true), AtomicUsize::new(0));
    let writes = async {
        while reading.load(Relaxed) {
            apply(&*writer, round(written.load(Relaxed) + 1)).await;
            written.fetch_add(1, Relaxed);
            tokio::task::yield_now().await;
        }
    };
    let reads = async {
        for _ in 0..200 {
            let got: Vec<_> =
                reader.get(&tenant(), &keys).await.expect("a get works").into_iter().flatten().collect();
            one_moment(&got, ROWS, "a get");
            let scan = Scan::mark("round", "");
            one_moment(&reader.scan(&tenant(), &scan).await.expect("a scan works"), ROWS, "a scan by mark");
            let scan = Scan::table(Table::Link, "row/");
            one_moment(
                &reader.scan(&tenant(), &scan).await.expect("a scan works"),
                ROWS,
                "a scan of a table",
            );
            tokio::task::yield_now().await;
        }
        reading.store(false, Relaxed);
    };
    // In one task, where the two take turns at every await, however busy the machine is.
    join(writes, reads).await;
    let last = written.load(Relaxed).to_string();
    let got = reader.get(&tenant(), &keys).await.expect("a get works");
    assert!(
        got.iter().all(|row| row.as_ref().is_some_and(|row| row.value == last)),
        "what was committed is seen on every handle"
    );
}

fn one_moment(rows: &[Row], count: usize, read: &str) {
    assert_eq!(rows.len(), count, "{read} sees every row of a commit");
    assert!(
        rows.iter().all(|row| row.value == rows[0].value && row.revision == rows[0].revision),
        "{read} sees one moment: {:?}",
        rows.iter().map(|row| row.value.as_str()).collect::<Vec<_>>()
    );
}

/// Pages of any size cover a range once, in byte order, from its start up to its end; a count tells how many.
pub async fn a_scan_covers_every_row_once_in_order(place: &dyn StorePlace) {
    let store = place.open().await;
    let mut expected: BTreeMap<(String, Key), u64> = BTreeMap::new();
    let mut puts: Vec<Put> = Vec::new();
    for (at, id) in ["a/1", "a/10", "a/2", "a/é", "a/😀", "a/Z", "a0", "b/1", "a"].into_iter().enumerate()
    {
        // Equal values of a mark, so that a page may end in the middle of them.
        let value = format!("v/{}", at % 3);
        puts.push(bearing(&[("m", value.as_str()), ("m", "w/all"), ("other", "v/1")], put(id, "x")));
        expected.insert((value, key(id)), 1);
    }
    puts.push(Put { key: Key::new(Table::Issue, "a/1"), ..bearing(&[("m", "v/1")], put("", "y")) });
    expected.insert(("v/1".into(), Key::new(Table::Issue, "a/1")), 1);
    apply(&*store, batch(puts)).await;

    let by_mark: Vec<(String, Key)> = expected.into_keys().collect();
    let in_table = |prefix: &str| {
        let mut ids: Vec<_> = by_mark.iter().filter(|(_, key)| key.table == Table::Link).collect();
        ids.retain(|(_, key)| key.id.starts_with(prefix));
        ids.sort_by(|one, two| one.1.id.as_bytes().cmp(two.1.id.as_bytes()));
        ids.into_iter().map(|(_, key)| (String::new(), key.clone())).collect::<Vec<_>>()
    };
    let marked = |prefix: &str| {
        by_mark.iter().filter(|(value, _)| value.starts_with(prefix)).cloned().collect::<Vec<_>>()
    };
    for limit in [1, 2, 3, 7, 500] {
        for prefix in ["", "a", "a/", "a/1", "b/", "c"] {
            let scan = Scan::table(Table::Link, prefix).limit(limit);
            assert_eq!(walk(&*store, scan).await, in_table(prefix), "table, {prefix:?}, pages of {limit}");
        }
        for prefix in ["v/", "v/1", "v/2", "x"] {
            let scan = Scan::mark("m", prefix).limit(limit);
            assert_eq!(walk(&*store, scan).await, marked(prefix), "mark, {prefix:?}, pages of {limit}");
        }
        assert_eq!(
            walk(&*store, Scan::mark("m", "").limit(limit)).await.len(),
            by_mark.len() + 9,
            "each mark"
        );
    }
    for (scan, rows) in [
        (Scan::table(Table::Link, "a/").limit(1), in_table("a/").len()),
        (Scan::mark("m", "v/1").limit(1), marked("v/1").len()),
        (Scan::table(Table::Audit, ""), 0),
    ] {
        let count = store.count(&tenant(), &scan).await.expect("a count works");
        assert_eq!(count, rows as u64, "a count is not limited: {scan:?}");
    }
}

async fn walk(store: &dyn Store, scan: Scan) -> Vec<(String, Key)> {
    let mut found = Vec::new();
    let mut next = scan.clone();
    loop {
        let page = store.scan(&tenant(), &next).await.expect("a scan works");
        assert!(page.len() <= scan.limit, "a page has at most as many rows as asked for");
        let Some(last) = page.last() else { return found };
        let rest = store.count(&tenant(), &scan.clone().behind(last)).await.expect("a count works");
        next = scan.clone().behind(last);
        found.extend(page.into_iter().map(|row| (row.mark, row.key)));
        assert!(found.len() < 1_000, "a scan comes to an end");
        if rest == 0 {
            let page = store.scan(&tenant(), &next).await.expect("a scan works");
            assert!(page.is_empty(), "nothing is behind the last row");
        }
    }
}

/// Rows that are there all the time are found once, whatever is put and deleted around them between the pages.
pub async fn a_scan_goes_on_where_it_stood_while_rows_come_and_go(place: &dyn StorePlace) {
    let store = place.open().await;
    let steady: Vec<String> = (0..30).map(|row| format!("s/{row:02}")).collect();
    let passing: Vec<String> = (0..30).map(|row| format!("s/{row:02}-passing")).collect();
    let all = steady.iter().chain(&passing).map(|id| bearing(&[("m", "same")], put(id, "x"))).collect();
    apply(&*store, batch(all)).await;
    for scan in [Scan::table(Table::Link, "s/").limit(4), Scan::mark("m", "same").limit(4)] {
        let mut found = Vec::new();
        let mut next = scan.clone();
        for page in 0.. {
            let rows = store.scan(&tenant(), &next).await.expect("a scan works");
            let Some(last) = rows.last() else { break };
            next = scan.clone().behind(last);
            // The row that the next page starts behind goes too, where it is a passing one.
            if last.key.id.contains("passing") {
                apply(&*store, deleting(&[last.key.id.as_str()])).await;
            }
            found.extend(rows.into_iter().map(|row| row.key.id).filter(|id| !id.contains("passing")));
            let come = bearing(&[("m", "same")], put(&format!("s/{:02}-passing-{page}", page * 7 % 30), "x"));
            apply(&*store, batch(vec![come])).await;
        }
        assert_eq!(found, steady, "every steady row once, in order: {:?}", scan.over);
    }
}

/// A look-up by marks finds every row that bears any of them, once, in the order of the keys.
pub async fn a_mark_finds_its_rows_each_once(place: &dyn StorePlace) {
    let store = place.open().await;
    let issue = Put { key: Key::new(Table::Issue, "z"), ..bearing(&[("m", "1")], put("", "i")) };
    apply(
        &*store,
        batch(vec![
            bearing(&[("m", "1"), ("m", "2")], put("b", "b")),
            bearing(&[("m", "2"), ("n", "1")], put("a", "a")),
            bearing(&[("m", "11")], put("c", "c")),
            issue,
        ]),
    )
    .await;
    let marks = [Mark::new("m", "2"), Mark::new("m", "1"), Mark::new("m", "1"), Mark::new("n", "9")];
    let rows = store.marked(&tenant(), &marks).await.expect("a look-up works");
    let keys: Vec<_> = rows.iter().map(|row| row.key.clone()).collect();
    assert_eq!(keys, [Key::new(Table::Issue, "z"), key("a"), key("b")], "each once, in order");
    assert!(rows.iter().all(|row| row.mark.is_empty()), "only a scan by mark tells the value of the mark");
    assert!(store.marked(&tenant(), &[]).await.expect("a look-up works").is_empty(), "no marks, no rows");

    let twice = [key("a"), key("none"), key("a"), key("b")];
    let store: Arc<dyn Store> = store;
    let got = store.get(&tenant(), &twice).await.expect("a get works");
    let values: Vec<_> = got.iter().map(|row| row.as_ref().map(|row| row.value.as_str())).collect();
    assert_eq!(values, [Some("a"), None, Some("a"), Some("b")], "one answer for each key, in its order");
    assert!(store.get(&tenant(), &[]).await.expect("a get works").is_empty(), "no keys, no rows");
}
