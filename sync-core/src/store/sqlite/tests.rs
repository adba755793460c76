//! What can only be seen from within.

use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

use super::SqliteStore;
use super::read::{COUNT_MARK, COUNT_TABLE, SCAN_MARK, SCAN_TABLE};
use crate::store::{Batch, Commit, Expect, Key, Mark, Put, Row, Scan, Store, StoreErrorKind, Table, Tenant};

fn put(id: &str) -> Batch {
    let put = Put { key: Key::new(Table::Link, id), value: "{}".into(), marks: vec![], expect: Expect::Any };
    Batch { puts: vec![put], ..Batch::new(Uuid::new_v4()) }
}

/// Runs a statement on the connection that writes.
async fn execute(store: &SqliteStore, statement: &'static str) {
    let run = |connection: &mut Connection| connection.execute_batch(statement);
    store.writer.call(move |writer| Ok(run(&mut writer.connection))).await.unwrap().unwrap();
}

/// How many files of a folder hold a word.
fn held(folder: &TempDir, word: &str) -> usize {
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    let holds = |file: &std::path::PathBuf| {
        std::fs::read(file).unwrap().windows(word.len()).any(|part| part == word.as_bytes())
    };
    files.filter(holds).count()
}

#[tokio::test]
async fn a_full_disk_is_a_clean_error_and_the_store_goes_on_afterwards() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sync.db");
    let store = SqliteStore::open(&path).await.unwrap();
    execute(&store, "PRAGMA max_page_count = 40").await;
    let mut large = put("large");
    large.puts[0].value = format!("\"{}\"", "x".repeat(400_000));
    let id = large.id;
    let error = store.commit(&Tenant::default(), None, large).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("the disk is full: free some space"), "{error}");
    assert!(!store.committed(&Tenant::default(), id).await.unwrap());
    assert_eq!(store.commit(&Tenant::default(), None, put("small")).await.unwrap(), Commit::Applied);
}

#[tokio::test]
async fn what_is_erased_is_overwritten_in_the_files_and_so_is_what_it_had_replaced() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("sync.db")).await.unwrap();
    let tenant = Tenant::default();
    let lease = store.acquire(&tenant, "sync", "me", Duration::from_secs(60)).await.unwrap();
    let held = |word| held(&folder, word);
    for (version, word) in ["Annabel", "Bernadette"].into_iter().enumerate() {
        let mut batch = put("person");
        // More than a page, so that pages become free.
        batch.puts[0].value = format!("\"{}\"", format!("{word} {version} ").repeat(2_000));
        batch.puts[0].marks = vec![Mark::new("identity", word)];
        store.commit(&tenant, lease.as_ref(), batch).await.unwrap();
    }
    assert!(held("Annabel") > 0 && held("Bernadette") > 0, "in the log at least");
    let batch = Batch { erase: true, ..put("person") };
    store.commit(&tenant, lease.as_ref(), batch).await.unwrap();
    assert_eq!((held("Annabel"), held("Bernadette")), (0, 0));
}

#[tokio::test]
async fn a_page_of_a_scan_is_one_walk_along_an_index() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("sync.db")).await.unwrap();
    for statement in [SCAN_TABLE, COUNT_TABLE, SCAN_MARK, COUNT_MARK] {
        let explain = move |connection: &mut Connection| {
            let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
            let steps = explain.raw_query().mapped(|step| step.get("detail"));
            steps.collect::<rusqlite::Result<Vec<String>>>()
        };
        let steps = store.read(explain).await.unwrap();
        assert!(steps.iter().all(|step| step.starts_with("SEARCH")), "{statement}: {steps:?}");
    }
}

#[tokio::test]
async fn a_store_has_a_connection_for_reads_while_somebody_holds_a_lease() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("sync.db")).await.unwrap();
    let tenant = Tenant::default();
    let take =
        async |scope| store.acquire(&tenant, scope, "me", Duration::from_secs(60)).await.unwrap().unwrap();
    store.commit(&tenant, None, put("row")).await.unwrap();
    let row = Key::new(Table::Link, "row");
    let connected = async || {
        assert!(store.get(&tenant, std::slice::from_ref(&row)).await.unwrap()[0].is_some());
        store.reader.get().is_some()
    };
    assert!(!connected().await);
    let (pass, token) = (take("pass").await, take("token").await);
    assert!(connected().await);
    store.release(&token).await.unwrap();
    assert!(connected().await, "the pass goes on");
    store.release(&pass).await.unwrap();
    assert!(!connected().await);
    let other = SqliteStore::open(folder.path().join("sync.db")).await.unwrap();
    let theirs = other.acquire(&tenant, "pass", "they", Duration::from_secs(60)).await.unwrap();
    assert!(theirs.is_some());
    assert_eq!(store.acquire(&tenant, "pass", "me", Duration::from_secs(60)).await.unwrap(), None);
    assert!(!connected().await, "nobody here holds one");
}

#[tokio::test]
async fn a_file_of_the_first_version_keeps_its_rows_and_marks() {
    const OLD: &str = concat!(
        "CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT;
        INSERT INTO schema_version (version) VALUES (1);",
        include_str!("migrations/0001.sql"),
        r#"INSERT INTO stored_row (tenant, tbl, key, value, marks, revision)
        VALUES ('default', 'link', 'a b', '{"n":"Annabel"}', '[["dirty","x y"],["identity","\"q\""]]', 7);
        INSERT INTO mark (tenant, name, value, tbl, key)
        VALUES ('default', 'dirty', 'x y', 'link', 'a b'), ('default', 'identity', '"q"', 'link', 'a b');
        UPDATE counter SET revision = 7;"#,
    );
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sync.db");
    Connection::open(&path).unwrap().execute_batch(OLD).unwrap();

    let store = SqliteStore::open(&path).await.unwrap();
    let tenant = Tenant::default();
    let key = Key::new(Table::Link, "a b");
    let row = Row { key, value: r#"{"n":"Annabel"}"#.into(), revision: 7, mark: String::new() };
    assert_eq!(store.get(&tenant, std::slice::from_ref(&row.key)).await.unwrap(), [Some(row.clone())]);
    let marked = store.marked(&tenant, &[Mark::new("identity", "\"q\"")]).await.unwrap();
    assert_eq!(marked, std::slice::from_ref(&row));
    let dirty = Scan::mark("dirty", "x ");
    let found = store.scan(&tenant, &dirty).await.unwrap();
    assert_eq!(found, [Row { mark: "x y".to_owned(), ..row }]);
    let erase = Batch { erase: true, ..put("a b") };
    assert_eq!(store.commit(&tenant, None, erase).await.unwrap(), Commit::Applied);
    assert_eq!(store.count(&tenant, &dirty).await.unwrap(), 0, "the marks that it bore are known");
    assert_eq!(held(&folder, "Annabel"), 0, "nor is there a copy from before");
}

#[tokio::test]
async fn marks_and_rows_never_part() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("sync.db")).await.unwrap();
    for round in 0..50_u32 {
        let mut batch = put(&format!("row/{}", round % 7));
        batch.puts[0].marks = (0..round % 4).map(|mark| Mark::new("m", format!("{mark}/{round}"))).collect();
        if round % 5 == 0 {
            batch.deletes = vec![Key::new(Table::Link, format!("row/{}", (round + 3) % 7))];
        }
        store.commit(&Tenant::default(), None, batch).await.unwrap();
    }
    const PARTED: &str = "
        SELECT (SELECT count(*) FROM mark) - (SELECT count(*) FROM stored_row, json_each(marks))
            + (SELECT count(*) FROM mark WHERE NOT EXISTS (
                SELECT 1 FROM stored_row AS r, json_each(r.marks) AS m
                WHERE r.key = mark.key AND m.value = mark.mark))";
    let parted: i64 =
        store.read(|connection| connection.query_row(PARTED, (), |row| row.get(0))).await.unwrap();
    assert_eq!(parted, 0);
}

#[tokio::test]
async fn a_writer_that_does_not_let_go_is_a_clean_error() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sync.db");
    let store = SqliteStore::open(&path).await.unwrap();
    execute(&store, "PRAGMA busy_timeout = 1").await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.commit(&Tenant::default(), None, put("a")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("another process keeps it locked"), "{error}");
    let rows = store.count(&Tenant::default(), &Scan::table(Table::Link, "")).await.unwrap();
    assert_eq!(rows, 0, "reads go on meanwhile");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.commit(&Tenant::default(), None, put("a")).await.unwrap(), Commit::Applied);
}
