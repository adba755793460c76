//! What only the SQLite store promises.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use sync_core::store::{
    Batch, Expect, Key, Put, Scan, SqliteStore, Store, StoreError, StoreErrorKind, Table, Tenant, open,
};
use tempfile::TempDir;
use uuid::Uuid;

fn put(id: &str) -> Batch {
    let put = Put { key: Key::new(Table::Link, id), value: "{}".into(), marks: vec![], expect: Expect::Any };
    Batch { puts: vec![put], ..Batch::new(Uuid::new_v4()) }
}

fn refused<T>(answer: Result<T, StoreError>, kind: StoreErrorKind, says: &str) {
    let Err(error) = answer else { panic!("expected {kind:?}: {says}") };
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

fn execute(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sync.db");
    SqliteStore::open(&path).await.unwrap().close().await.unwrap();
    execute(&path, "INSERT INTO schema_version (version) VALUES (99)");
    refused(SqliteStore::open(&path).await, StoreErrorKind::Config, "newer version");
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("theirs.db");
    execute(&path, "CREATE TABLE customers (name TEXT)");
    refused(SqliteStore::open(&path).await, StoreErrorKind::Config, "another program");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("letter.txt");
    let letter = "Dear Sir or Madam, ".repeat(100);
    std::fs::write(&path, &letter).unwrap();
    refused(SqliteStore::open(&path).await, StoreErrorKind::Corrupt, "not a SQLite database");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

#[tokio::test]
async fn a_damaged_file_is_a_clean_error() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sync.db");
    let store = SqliteStore::open(&path).await.unwrap();
    for row in 0..200 {
        store.commit(&Tenant::default(), None, put(&format!("row/{row}"))).await.unwrap();
    }
    store.close().await.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8_192..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let read = async {
        let store = SqliteStore::open(&path).await?;
        store.scan(&Tenant::default(), &Scan::table(Table::Link, "")).await
    };
    refused(read.await, StoreErrorKind::Corrupt, "damaged");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named_with_its_remedy() {
    let folder = TempDir::new().unwrap();
    refused(
        SqliteStore::open(folder.path().join("none/sync.db")).await,
        StoreErrorKind::Config,
        "its folder does not exist: create it",
    );
    refused(SqliteStore::open(folder.path()).await, StoreErrorKind::Config, "check the path");
}

#[cfg(unix)]
#[tokio::test]
async fn its_files_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("sync.db")).await.unwrap();
    store.commit(&Tenant::default(), None, put("a")).await.unwrap();
    store.acquire(&Tenant::default(), "sync", "me", Duration::from_secs(9)).await.unwrap().unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_at_once_from_many_sides_migrates_once() {
    for _ in 0..10 {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("sync.db");
        let opened = (0..8).map(|_| tokio::spawn(SqliteStore::open(path.clone())));
        for store in futures_util::future::join_all(opened).await {
            store.unwrap().unwrap();
        }
        let file = Connection::open(&path).unwrap();
        let steps = file.query_row("SELECT count(*) FROM schema_version", (), |row| row.get::<_, i64>(0));
        assert_eq!(steps.unwrap(), 2);
    }
}

#[tokio::test]
async fn an_address_names_its_store() {
    let folder = TempDir::new().unwrap();
    let store = open("sqlite:sync.db", folder.path()).await.unwrap();
    store.commit(&Tenant::default(), None, put("a")).await.unwrap();
    assert!(folder.path().join("sync.db").exists(), "a path is relative to the folder");
    for url in ["mysql://user:secret@host", "sqlite:", "", "sync.db"] {
        let error = open(url, folder.path()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Config, "{url}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    #[cfg(not(feature = "postgres"))]
    refused(open("postgres://h/db", folder.path()).await, StoreErrorKind::Config, "no PostgreSQL store");
}
