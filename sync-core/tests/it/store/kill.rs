//! A process that is killed while it commits: what it was told is applied is there, and no half of a batch is.
//!
//! `KILLS=1000 cargo test -p sync-core --test it kill` kills more often than the few times of every day.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use sync_core::store::{Batch, Expect, Key, Mark, Put, Scan, SqliteStore, Store, Table, Tenant};
use tempfile::TempDir;
use uuid::Uuid;

const ROWS: usize = 50;
/// Set for the process that is to be killed: the file it commits to.
const CHILD: &str = "SYNC_CORE_KILL_CHILD";
const MINUTE: Duration = Duration::from_secs(60);

fn batch(round: u64) -> Batch {
    let puts = (0..ROWS).map(|row| Put {
        key: Key::new(Table::Link, format!("{round:08}/{row}")),
        value: format!("\"{}\"", "x".repeat(200)),
        marks: vec![Mark::new("round", format!("{round:08}"))],
        expect: Expect::Absent,
    });
    Batch { puts: puts.collect(), ..Batch::new(Uuid::from_u64_pair(1, round)) }
}

/// Commits rounds for ever, saying each that it was told is applied. Takes over the lease of its predecessor.
async fn commit_for_ever(path: &Path) {
    let store = SqliteStore::open(path).await.unwrap();
    let tenant = Tenant::default();
    let me = std::process::id().to_string();
    let lease = store.acquire(&tenant, "sync", &me, MINUTE).await.unwrap().expect("the dead hold nothing");
    let mut out = std::io::stdout();
    let rows = store.count(&tenant, &Scan::table(Table::Link, "")).await.unwrap();
    for round in rows / ROWS as u64.. {
        store.commit(&tenant, Some(&lease), batch(round)).await.unwrap();
        writeln!(out, "applied {round}").unwrap();
        out.flush().unwrap();
    }
}

/// Starts the child, lets it apply some rounds, kills it, and answers with the last round it was told of.
fn run_and_kill(path: &Path, rounds: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["store::kill::a_killed_process", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut applied = lines.filter_map(|line| line.rsplit_once("applied ")?.1.parse().ok());
    let mut last: Option<u64> = applied.by_ref().take(rounds).last();
    child.kill().unwrap();
    child.wait().unwrap();
    last = applied.last().or(last);
    last.expect("the child applied something")
}

#[test]
fn a_killed_process_loses_nothing_acknowledged_and_leaves_no_half_batch() {
    if let Some(path) = std::env::var_os(CHILD) {
        return sync_core::testing::block_on(commit_for_ever(Path::new(&path)));
    }
    let kills = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(6);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sync.db");
    for kill in 0..kills {
        let acknowledged = run_and_kill(&path, 1 + kill % 5);
        sync_core::testing::block_on(async {
            let store = SqliteStore::open(&path).await.unwrap();
            let tenant = Tenant::default();
            let rows = store.count(&tenant, &Scan::table(Table::Link, "")).await.unwrap();
            let marks = store.count(&tenant, &Scan::mark("round", "")).await.unwrap();
            assert_eq!(rows % ROWS as u64, 0, "no half batch");
            assert_eq!(marks, rows, "marks go with their rows");
            let rounds = rows / ROWS as u64;
            assert!(rounds > acknowledged, "{rounds} rounds are there, {acknowledged} was acknowledged");
            for round in 0..rounds + 2 {
                let known = store.committed(&tenant, batch(round).id).await.unwrap();
                assert_eq!(known, round < rounds, "round {round}: committed() is right");
            }
        });
    }
}

/// Says `held` once it holds the lease, then waits to be told to go.
async fn hold(path: &Path) {
    let store = SqliteStore::open(path).await.unwrap();
    let lease = store.acquire(&Tenant::default(), "sync", "child", Duration::ZERO).await.unwrap();
    println!("held {}", lease.unwrap().fence);
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn a_lease_of_another_process_is_respected_until_that_process_is_gone() {
    if let Some(path) = std::env::var_os(CHILD) {
        return sync_core::testing::block_on(hold(Path::new(&path)));
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sync.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["store::kill::a_lease_of_another_process", "--nocapture", "--test-threads=1"])
        .env(CHILD, &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let fence = lines.find_map(|line| line.rsplit_once("held ")?.1.parse::<u64>().ok()).unwrap();
    sync_core::testing::block_on(async {
        let store = SqliteStore::open(&path).await.unwrap();
        let tenant = Tenant::default();
        let held = store.acquire(&tenant, "sync", "parent", MINUTE).await.unwrap();
        assert_eq!(held, None, "its time is over, but its process lives");
        let write = Batch { puts: batch(0).puts, ..Batch::new(Uuid::new_v4()) };
        store.commit(&tenant, None, write).await.expect("writing without a lease is free to all");
        child.kill().unwrap();
        child.wait().unwrap();
        let lease = store.acquire(&tenant, "sync", "parent", MINUTE).await.unwrap().unwrap();
        assert!(lease.fence > fence, "the fence rises");
    });
}
