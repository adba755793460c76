//! What reading a page of 1,000 accounts costs, over serde_json alone into the same structs.
//!
//! `cargo bench -p sync-benches --bench decode`. With `SYNC_BENCH=large` it runs ten times as often.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use exact_client::{Account, DivisionId, SystemClock};
use http::{Request, Response};
use serde::Deserialize;
use sync_benches::{Answer, Office, accounts_page, client, office_app, scale};

const ROWS: u32 = 1_000;

/// The envelope as it would be written by hand.
#[derive(Deserialize)]
struct Wrapped {
    d: Results,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Account>,
}

/// Always the same page.
#[derive(Debug)]
struct OnePage(Bytes);

impl Answer for OnePage {
    fn answer(&self, _: &Request<Bytes>) -> Response<Bytes> {
        let mut answer = Response::new(self.0.clone());
        for name in ["x-ratelimit-limit", "x-ratelimit-minutely-limit"] {
            answer.headers_mut().insert(name, http::HeaderValue::from_static("1000000000"));
        }
        answer
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let page = Bytes::from(accounts_page(1, ROWS, None));
    let office = Office::new(OnePage(page.clone()), Duration::ZERO);
    let client = client(office, Arc::new(SystemClock::new()), office_app(), "first").await?;
    let feed = client.division(DivisionId::new(1)).feed::<Account>(0);
    let (mut bare, mut whole) = (Duration::MAX, Duration::MAX);
    // By turns, so that both meet the same machine.
    for _ in 0..scale(100, 1_000) {
        let start = Instant::now();
        let wrapped: Wrapped = serde_json::from_slice(&page)?;
        bare = bare.min(start.elapsed());
        let rows = wrapped.d.results.len();
        drop(black_box(wrapped));

        let start = Instant::now();
        let read = feed.page(None).await?;
        whole = whole.min(start.elapsed());
        assert_eq!((rows, read.items.len()), (ROWS as usize, ROWS as usize));
        drop(black_box(read));
    }
    let ratio = whole.as_nanos() * 100 / bare.as_nanos().max(1);
    println!("decode: a page of {ROWS} accounts, {} KiB, all properties", page.len() / 1024);
    println!("  serde_json alone: {bare:.1?}");
    println!("  the whole call:   {whole:.1?}, its answer without a socket");
    println!("  over serde_json: {}.{:02}; wanted at most 1.30", ratio / 100, ratio % 100);
    Ok(())
}
