//! On a server: `.ci/postgres cargo test -p sync-core --features postgres --test it postgres`.

use std::error::Error;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sync_core::store::{
    Batch, Commit, Expect, Key, Mark, PostgresStore, Put, Scan, Store, StoreError, StoreErrorKind, Table,
    Tenant, open,
};
use sync_core::testing::async_trait;
use sync_core::testing::store::StorePlace;
use uuid::Uuid;

/// A schema of its own, gone with its test.
#[derive(Debug)]
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    pub(crate) fn new() -> Self {
        let server = std::env::var("SYNC_TEST_POSTGRES").expect(
            "SYNC_TEST_POSTGRES names a server: `.ci/postgres COMMAND` starts one and runs the command with it",
        );
        let schema = Self { server, name: format!("test_{}", Uuid::new_v4().simple()) };
        schema.sql(&format!("CREATE SCHEMA {}", schema.name));
        schema
    }

    /// Its address. Its connections bear its name.
    fn url(&self) -> String {
        let Self { server, name } = self;
        format!("{server}&application_name={name}&options=-csearch_path%3D{name}")
    }

    fn sql(&self, statement: &str) -> String {
        let psql = Command::new("psql").args([&self.server, "-qAtc", statement]).output().unwrap();
        assert!(psql.status.success(), "{statement}: {}", String::from_utf8_lossy(&psql.stderr));
        String::from_utf8(psql.stdout).unwrap().trim().to_owned()
    }

    fn end_sessions(&self) {
        let of = format!("FROM pg_stat_activity WHERE application_name = '{}'", self.name);
        self.sql(&format!("SELECT pg_terminate_backend(pid) {of}"));
    }

    /// How many rows and entries of indexes were read so far by sessions that have ended; waits for the last to end.
    fn reads(&self) -> u64 {
        let name = &self.name;
        let open = format!("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'");
        while self.sql(&open) != "0" {}
        let of = format!("WHERE schemaname = '{name}' AND relname IN ('sync_row', 'sync_mark')");
        let tables = format!("SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables {of}");
        let indexes = format!("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes {of}");
        self.sql(&format!("SELECT ({tables}) + ({indexes})")).parse().unwrap()
    }

    /// At 200 random moments of some seconds.
    fn end_sessions_again_and_again(&self) {
        let of = format!("FROM pg_stat_activity WHERE application_name = '{}'", self.name);
        self.sql(&format!(
            "DO $$ BEGIN FOR time IN 1..200 LOOP PERFORM pg_sleep(random() * 0.05); \
             PERFORM pg_stat_clear_snapshot(); PERFORM pg_terminate_backend(pid) {of}; END LOOP; END $$"
        ));
    }

    pub(crate) async fn connect(&self) -> PostgresStore {
        PostgresStore::connect(&self.url()).await.unwrap()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.end_sessions();
        self.sql(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}

#[async_trait]
impl StorePlace for Schema {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.connect().await)
    }
}

sync_core::store_conformance!(Schema::new);

fn batch(rows: usize) -> Batch {
    let id = Uuid::new_v4();
    let puts = (0..rows).map(|row| Put {
        key: Key::new(Table::Link, format!("{id}/{row}")),
        value: format!("\"{}\"", "x".repeat(200)),
        marks: vec![Mark::new("batch", format!("{id}/{row}"))],
        expect: Expect::Absent,
    });
    Batch { puts: puts.collect(), ..Batch::new(id) }
}

/// Asks again while the connection is broken.
async fn answer<T, F: Future<Output = Result<T, StoreError>>>(ask: impl Fn() -> F) -> T {
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_leaves_no_half_batch_and_the_store_tells_which() {
    let schema = Arc::new(Schema::new());
    let store = schema.connect().await;
    let tenant = Tenant::default();
    let breaking = Arc::clone(&schema);
    let breaking = tokio::task::spawn_blocking(move || breaking.end_sessions_again_and_again());
    let (mut applied, mut refused) = (0, 0);
    while !breaking.is_finished() {
        let batch = batch(500);
        let (id, rows) = (batch.id, batch.puts.len() as u64);
        let committed = store.commit(&tenant, None, batch).await;
        let known = answer(|| store.committed(&tenant, id)).await;
        for scan in [Scan::table(Table::Link, &format!("{id}/")), Scan::mark("batch", &format!("{id}/"))] {
            let found = answer(|| store.count(&tenant, &scan)).await;
            assert_eq!(found, if known { rows } else { 0 }, "{committed:?}");
        }
        match committed {
            Ok(committed) => assert_eq!((committed, known), (Commit::Applied, true)),
            Err(error) if error.kind() == StoreErrorKind::Unavailable => assert!(!known, "{error:?}"),
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unknown, "{error:?}"),
        }
        if known { applied += 1 } else { refused += 1 }
    }
    assert!(applied > 0 && refused > 0, "{applied} were applied, {refused} broken off");
}

#[tokio::test]
async fn sixteen_programs_that_start_at_once_bring_the_schema_about_once() {
    let schema = Schema::new();
    let stores = (0..16).map(|_| schema.connect());
    futures_util::future::join_all(stores).await;
    assert_eq!(schema.sql(&format!("SELECT version FROM {}.sync_schema", schema.name)), "1");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let schema = Schema::new();
    schema.connect().await.close().await;
    schema.sql(&format!("INSERT INTO {}.sync_schema VALUES (99)", schema.name));
    let error = PostgresStore::connect(&schema.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Config);
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[tokio::test]
async fn a_lease_that_is_kept_is_nobody_elses_for_longer_than_it_lasts_and_lapses_when_it_is_not() {
    const TTL: Duration = Duration::from_millis(400);
    let schema = Schema::new();
    let (here, there) = (schema.connect().await, schema.connect().await);
    let tenant = Tenant::default();
    let mine = here.acquire(&tenant, "sync", "here", TTL).await.unwrap().unwrap();
    let taken = async {
        let begun = Instant::now();
        loop {
            if let Some(theirs) = there.acquire(&tenant, "sync", "there", TTL).await.unwrap() {
                return (theirs, begun.elapsed());
            }
        }
    };
    tokio::pin!(taken);
    tokio::select! {
        lost = here.keep(&mine, TTL) => panic!("{lost:?}"),
        (theirs, after) = &mut taken => panic!("{theirs:?} after {after:?}"),
        () = tokio::time::sleep(3 * TTL) => {}
    }
    let (theirs, after) = taken.await;
    assert!(theirs.fence > mine.fence && after > 3 * TTL, "{theirs:?} after {after:?}");
    assert!(here.keep(&mine, TTL).await.is_ok(), "whoever keeps it is told that it is lost");
}

#[tokio::test]
async fn a_commit_is_on_disk_when_it_returns_whatever_the_default_of_the_server() {
    let schema = Schema::new();
    schema.connect().await.close().await;
    let name = &schema.name;
    schema.sql(&format!(
        "CREATE TABLE {name}.seen (setting text);
         CREATE FUNCTION {name}.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO {name}.seen
             SELECT current_setting('synchronous_commit') || ' ' || current_setting('transaction_isolation');
             RETURN NEW;
         END $$;
         CREATE TRIGGER see BEFORE INSERT ON {name}.sync_row FOR EACH ROW EXECUTE FUNCTION {name}.see();"
    ));
    let defaults = "%20-csynchronous_commit%3Doff%20-cdefault_transaction_isolation%3Dserializable";
    let store = PostgresStore::connect(&(schema.url() + defaults)).await.unwrap();
    assert_eq!(store.commit(&Tenant::default(), None, batch(1)).await.unwrap(), Commit::Applied);
    assert_eq!(schema.sql(&format!("SELECT setting FROM {name}.seen")), "on read committed");
}

#[tokio::test]
async fn a_call_reads_what_it_is_about_whatever_the_server_believes_of_a_tenant() {
    let schema = Schema::new();
    let store = schema.connect().await;
    let tables = ["sync_row", "sync_mark"].map(|table| format!("{}.{table}", schema.name));
    for table in &tables {
        schema.sql(&format!("ALTER TABLE {table} SET (autovacuum_enabled = false)"));
    }
    // All that the server ever learns is a small tenant that comes first.
    store.commit(&Tenant::default(), None, batch(100)).await.unwrap();
    schema.sql(&format!("ANALYZE {}", tables.join(", ")));
    let tenant = Tenant::new("large");
    for _ in 0..20 {
        store.commit(&tenant, None, batch(500)).await.unwrap();
    }
    let mut some = batch(50);
    store.commit(&tenant, None, some.clone()).await.unwrap();
    store.close().await;
    let before = schema.reads();

    let store = schema.connect().await;
    // More often than the server plans a statement anew for its values.
    for round in 0..8 {
        let keys: Vec<Key> = some.keys().cloned().collect();
        assert_eq!(store.get(&tenant, &keys).await.unwrap().iter().flatten().count(), 50);
        let marks: Vec<Mark> = some.puts.iter().flat_map(|put| put.marks.clone()).collect();
        assert_eq!(store.marked(&tenant, &marks).await.unwrap().len(), 50);
        let page = Scan::mark(marks[0].name, "").limit(50);
        assert_eq!(store.scan(&tenant, &page).await.unwrap().len(), 50);
        let page = Scan::table(Table::Link, "").limit(50);
        assert_eq!(store.scan(&tenant, &page).await.unwrap().len(), 50);
        for put in &mut some.puts {
            put.expect = Expect::Any;
            put.marks = vec![Mark::new("round", format!("{round}/{}", put.key.id))];
        }
        some.id = Uuid::new_v4();
        assert_eq!(store.commit(&tenant, None, some.clone()).await.unwrap(), Commit::Applied);
    }
    let deletes = some.keys().cloned().collect();
    let gone = Batch { deletes, ..Batch::new(Uuid::new_v4()) };
    assert_eq!(store.commit(&tenant, None, gone).await.unwrap(), Commit::Applied);
    store.close().await;
    let read = schema.reads() - before;
    assert!(read < 40_000, "{read} were read in 8 rounds, each about 50 rows of 10,000: 12,500 are enough");
}

#[tokio::test]
async fn what_is_erased_is_vacuumed_at_once() {
    let schema = Schema::new();
    let store = schema.connect().await;
    let tenant = Tenant::default();
    let written = batch(5);
    let keys: Vec<Key> = written.keys().cloned().collect();
    store.commit(&tenant, None, written).await.unwrap();
    let erasing = Batch { deletes: keys, erase: true, ..Batch::new(Uuid::new_v4()) };
    assert_eq!(store.commit(&tenant, None, erasing).await.unwrap(), Commit::Applied);
    let of = format!("FROM pg_stat_user_tables WHERE schemaname = '{}' AND vacuum_count = 1", schema.name);
    let vacuumed = schema.sql(&format!("SELECT string_agg(relname, ' ' ORDER BY relname) {of}"));
    assert_eq!(vacuumed, "sync_mark sync_row");
}

#[tokio::test]
async fn an_address_names_a_server_and_an_error_never_tells_its_password() {
    let schema = Schema::new();
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(&schema.url(), folder.path()).await.unwrap();
    assert_eq!(store.commit(&Tenant::default(), None, batch(1)).await.unwrap(), Commit::Applied);
    let nobody = schema.server.replacen("sync@", "nobody:hush@", 1);
    let nowhere = schema.server.replacen("/postgres?", "/nowhere?", 1);
    let table = [
        (nobody.as_str(), StoreErrorKind::Config, "check user and password"),
        (&nowhere, StoreErrorKind::Config, "create it"),
        ("postgres://u:hush@127.0.0.1:1/db", StoreErrorKind::Unavailable, "check host and port"),
        ("postgres://u:hush@[", StoreErrorKind::Config, "postgres://USER:PASSWORD@HOST"),
        ("postgres://u:hush@h/db?sslmode=hush", StoreErrorKind::Config, "postgres://USER:PASSWORD@HOST"),
    ];
    for (url, kind, remedy) in table {
        let error: StoreError = open(url, folder.path()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{url}: {error:?}");
        assert!(error.to_string().contains(remedy), "{url}: {error}");
        let mut told = format!("{error:?}");
        let mut cause: Option<&dyn Error> = Some(&error);
        while let Some(error) = cause {
            told += &error.to_string();
            cause = error.source();
        }
        assert!(!told.replace("sslmode", "").contains("hush") || url.contains("sslmode"), "{url}: {told}");
    }
}
