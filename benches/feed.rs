//! Whether the memory of following a sync feed grows with its rows.
//!
//! Each size runs in a process of its own; the pages are made in it as they are asked for, which counts as its memory.
//! `cargo bench -p sync-benches --bench feed`: 10,000 and 100,000 accounts; with `SYNC_BENCH=large` 10,000 and 1,000,000.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

use std::error::Error;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use exact_client::{Account, DivisionId, FeedCursor, SystemClock};
use http::{Request, Response};
use sync_benches::{Answer, Office, accounts_page, client, office_app, peak_memory, scale};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Names how many rows this process is to read.
const SIZE: &str = "SYNC_BENCH_ROWS";
/// Rows of a page.
const PAGE: u32 = 1_000;
/// The claim in the README, in KiB.
const WANTED: u64 = 16 * 1024;

fn main() -> Result<()> {
    match std::env::var(SIZE) {
        Ok(size) => tokio::runtime::Runtime::new()?.block_on(read(size.parse()?)),
        Err(_) => compare(),
    }
}

fn compare() -> Result<()> {
    let (few, many) = scale((10_000, 100_000), (10_000, 1_000_000));
    println!("feed: the peak of reading a sync feed, page by page");
    let (less, more) = (measure(few)?, measure(many)?);
    println!("  difference: {} KiB; wanted less than {WANTED}", more.saturating_sub(less));
    Ok(())
}

/// The peak of a process that reads so many, in KiB.
fn measure(rows: u32) -> Result<u64> {
    let output = Command::new(std::env::current_exe()?).env(SIZE, rows.to_string()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let peak = String::from_utf8(output.stdout)?.trim().parse()?;
    println!("  {rows:>7} rows: {peak} KiB");
    Ok(peak)
}

/// A feed of so many rows, made page by page.
#[derive(Debug)]
struct Rows(u32);

impl Answer for Rows {
    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        // The reader goes on behind the highest timestamp, which is the number of its row.
        let query = request.uri().query().unwrap_or_default();
        let timestamp = query.split_once("Timestamp%20gt%20").map_or("0", |(_, rest)| rest);
        let digits = timestamp.split(|character: char| !character.is_ascii_digit()).next();
        let first: u32 = digits.and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let after = first + PAGE;
        let next = (after < self.0)
            .then(|| format!("https://start.exactonline.nl/api/v1/1/sync/CRM/Accounts?$skiptoken={after}"));
        let mut answer = Response::new(Bytes::from(accounts_page(first, PAGE, next.as_deref())));
        for name in ["x-ratelimit-limit", "x-ratelimit-minutely-limit"] {
            answer.headers_mut().insert(name, http::HeaderValue::from_static("1000000000"));
        }
        answer
    }
}

async fn read(rows: u32) -> Result<()> {
    let office = Office::new(Rows(rows), Duration::ZERO);
    let client = client(office, Arc::new(SystemClock::new()), office_app(), "first").await?;
    let mut feed = client.division(DivisionId::new(1)).follow::<Account>(FeedCursor::start(), None);
    let mut read = 0;
    while let Some(page) = feed.next_page().await? {
        read += page.items.len();
    }
    if read != usize::try_from(rows)? {
        return Err(format!("{read} of {rows} were read").into());
    }
    println!("{}", peak_memory().ok_or("the peak of memory is not known on this system")?);
    Ok(())
}
