//! How many token calls 10,000 callers cause who all come when the access token has expired.
//!
//! `cargo bench -p sync-benches --bench token`. The time is tokio's, paused.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use exact_client::{Account, DivisionId, HttpTransport};
use http::{Request, Response};
use sync_benches::{Answer, Office, TokioClock, client, office_app};

const CALLERS: i32 = 10_000;

/// Divisions without accounts.
#[derive(Debug)]
struct Empty;

impl Answer for Empty {
    fn answer(&self, _: &Request<Bytes>) -> Response<Bytes> {
        Response::new(Bytes::from_static(br#"{"d":[]}"#))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(expiry())
}

async fn expiry() -> Result<(), Box<dyn Error>> {
    let clock = TokioClock::starting("2026-11-23T08:00:00Z".parse()?);
    let office = Office::new(Empty, Duration::from_millis(200));
    let transport: Arc<dyn HttpTransport> = Arc::<Office<Empty>>::clone(&office);
    let client = client(transport, Arc::new(clock), office_app(), "first").await?;
    let before = office.token_calls();
    tokio::time::sleep(Duration::from_secs(605)).await;
    let start = Instant::now();
    // Each in a division of its own, so that nobody waits for a minute.
    let callers = (0..CALLERS).map(|division| {
        let accounts = client.division(DivisionId::new(division)).list::<Account>();
        tokio::spawn(async move { accounts.page(None).await })
    });
    for caller in futures_util::future::join_all(callers).await {
        caller??;
    }
    println!("token: {CALLERS} callers at the expiry of the access token");
    println!(
        "  token calls: {}; wanted exactly 1; all answered in {:.1?}",
        office.token_calls() - before,
        start.elapsed()
    );
    Ok(())
}
