//! Whether Exact's limits are used up and never broken, and what asking for a place costs.
//!
//! `cargo bench -p sync-benches --bench limiter`: 50 divisions for one hour; with `SYNC_BENCH=large` 1,000 divisions for
//! ten hours. The time is tokio's, paused: it goes on whenever nobody has work to do. The vendor is the sandbox in this
//! process, without sockets.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use exact_client::{
    Account, App, Client, Clock, DivisionApi, DivisionId, Entity, ErrorKind, HttpTransport, Outgoing,
    TransportError,
};
use http::{Request, Response, StatusCode};
use sandbox::{Limits, Sandbox};
use sync_benches::{Answer, Office, TokioClock, client, office_app, scale};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How long an answer takes.
const LATENCY: Duration = Duration::from_millis(80);
/// Callers in each division.
const CALLERS: u32 = 4;
const DECISIONS: u32 = 100_000;

fn main() -> Result<()> {
    let (divisions, hours) = scale((50, 1), (1_000, 10));
    paused(minutes(divisions, hours))?;
    paused(one_day())?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(decision())
}

fn paused(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(work)
}

/// The sandbox without sockets, and what its counter saw in each minute.
#[derive(Debug)]
struct Counter {
    sandbox: Sandbox,
    clock: TokioClock,
    start: DateTime<Utc>,
    /// Calls that the vendor let through, by division and minute since the start.
    minutes: Mutex<HashMap<(String, i64), u64>>,
    refused: AtomicU32,
    calls: AtomicU64,
}

impl Counter {
    async fn start(divisions: u32, limits: Limits, start: DateTime<Utc>) -> Result<Arc<Self>> {
        let vendor_clock = sandbox::Clock::virtual_at(start);
        let sandbox =
            Sandbox::builder().clock(vendor_clock).divisions(divisions).limits(limits).start().await?;
        // More than 60 divisions come in pages, whose links name the vendor's own origin.
        let origin = "https://start.exactonline.nl".to_owned();
        sandbox.exact().configure(|settings| settings.public_url = Some(origin));
        Ok(Arc::new(Self {
            sandbox,
            clock: TokioClock::starting(start),
            start,
            minutes: Mutex::default(),
            refused: AtomicU32::new(0),
            calls: AtomicU64::new(0),
        }))
    }

    async fn client(self: &Arc<Self>) -> Result<Client> {
        let exact = self.sandbox.exact();
        let app = App {
            client_id: exact.client_id(),
            client_secret: exact.client_secret().into(),
            redirect_url: "https://example.com/callback".to_owned(),
        };
        let transport: Arc<dyn HttpTransport> = Arc::<Self>::clone(self);
        Ok(client(transport, Arc::new(self.clock), app, exact.refresh_token()).await?)
    }

    fn divisions(&self) -> Result<Vec<DivisionId>> {
        let codes = self.sandbox.exact().divisions().iter();
        codes.map(|code| Ok(DivisionId::new(i32::try_from(*code)?))).collect()
    }

    fn count(&self, request: &Request<Bytes>, status: StatusCode) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        let Some(division) = request.uri().path().strip_prefix("/api/v1/") else { return };
        let division = division.split('/').next().unwrap_or_default();
        // The calls for the user belong to no division.
        if division == "current" {
            return;
        }
        let division = division.to_owned();
        let minute = (self.clock.now() - self.start).num_minutes();
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        *minutes.entry((division, minute)).or_default() += 1;
    }
}

#[async_trait]
impl HttpTransport for Counter {
    async fn send(&self, outgoing: Outgoing) -> std::result::Result<Response<Bytes>, TransportError> {
        tokio::time::sleep(LATENCY / 2).await;
        let behind = self.clock.monotonic().saturating_sub(self.sandbox.clock().monotonic());
        self.sandbox.clock().advance(behind);
        let head = Request::builder().uri(outgoing.request.uri().clone()).body(Bytes::new());
        let answer = self.sandbox.exact().answer(outgoing.request).await;
        let answer = answer.ok_or_else(|| TransportError::Broken("the sandbox hung up".into()))?;
        if let Ok(head) = head {
            self.count(&head, answer.status());
        }
        tokio::time::sleep(LATENCY / 2).await;
        Ok(answer)
    }
}

/// Many divisions, each with more work than its minutes allow, and no limit of the day.
async fn minutes(divisions: u32, hours: i64) -> Result<()> {
    let began = Instant::now();
    let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse()?;
    let end = start + TimeDelta::hours(hours);
    let mut limits = Limits::vendor();
    limits.exact.day = u32::MAX;
    let counter = Counter::start(divisions, limits, start).await?;
    let client = counter.client().await?;
    let mut work = Vec::new();
    for division in counter.divisions()? {
        for _ in 0..CALLERS {
            work.push(tokio::spawn(keep_busy(client.division(division), counter.clock, end)));
        }
    }
    for work in work {
        work.await??;
    }
    let minutes = counter.minutes.lock().unwrap_or_else(PoisonError::into_inner);
    let allowed = u64::from(limits.exact.minute);
    let whole = |minute: i64| (0..hours * 60).contains(&minute);
    let used = minutes.iter().filter(|((_, minute), _)| whole(*minute)).map(|(_, calls)| *calls);
    let (sum, least) = (used.clone().sum::<u64>(), used.min().unwrap_or_default());
    let windows = u64::from(divisions) * u64::try_from(hours)? * 60;
    println!("limiter: {divisions} divisions, {hours} hours, {CALLERS} callers each, day limit lifted");
    println!(
        "  calls: {}; 429: {}; wanted 0",
        counter.calls.load(Ordering::Relaxed),
        counter.refused.load(Ordering::Relaxed)
    );
    println!("  of all minutes used: {}; wanted at least 97 %", percent(sum, windows * allowed));
    println!("  of the worst minute used: {}", percent(least, allowed));
    println!("  simulated in {:.1?}", began.elapsed());
    Ok(())
}

/// Reads again and again until then.
async fn keep_busy(division: DivisionApi, clock: TokioClock, end: DateTime<Utc>) -> exact_client::Result<()> {
    let accounts = division.resource(Account::RESOURCE).feed(0, ["Name"])?;
    while clock.now() < end {
        accounts.page(None).await?;
    }
    Ok(())
}

fn percent(part: u64, whole: u64) -> String {
    let permille = part * 1_000 / whole.max(1);
    format!("{}.{} %", permille / 10, permille % 10)
}

/// One division with the vendor's own limits and more work than a day allows.
async fn one_day() -> Result<()> {
    let counter = Counter::start(1, Limits::vendor(), "2026-11-23T08:00:00Z".parse()?).await?;
    let client = counter.client().await?;
    let division = counter.divisions()?[0];
    let accounts = client.division(division).resource(Account::RESOURCE).feed(0, ["Name"])?;
    let error = loop {
        if let Err(error) = accounts.page(None).await {
            break error;
        }
    };
    if error.kind() != ErrorKind::RateLimited {
        return Err(error.into());
    }
    let minutes = counter.minutes.lock().unwrap_or_else(PoisonError::into_inner);
    let of_division = minutes.iter().filter(|((code, _), _)| *code == division.to_string());
    let calls: u64 = of_division.map(|(_, calls)| calls).sum();
    println!("limiter: one division until its day is spent");
    println!("  calls: {calls}; wanted exactly 5000; 429: {}", counter.refused.load(Ordering::Relaxed));
    println!("  stopped at {}: {error}", counter.clock.now().format("%H:%M UTC"));
    Ok(())
}

/// Announces limits that nobody reaches.
#[derive(Debug)]
struct Unlimited;

impl Answer for Unlimited {
    fn answer(&self, _: &Request<Bytes>) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::from_static(br#"{"d":[]}"#));
        for name in ["x-ratelimit-limit", "x-ratelimit-minutely-limit"] {
            answer.headers_mut().insert(name, http::HeaderValue::from_static("1000000000"));
        }
        answer
    }
}

/// What one place costs in time.
async fn decision() -> Result<()> {
    let office = Office::new(Unlimited, Duration::ZERO);
    let clock = Arc::new(exact_client::SystemClock::new());
    let client = client(office, clock, office_app(), "first").await?;
    let division = DivisionId::new(1);
    client.division(division).resource(Account::RESOURCE).feed(0, ["Name"])?.page(None).await?;
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..DECISIONS {
            drop(client.permit(division, "crm/Accounts").await?);
        }
        best = best.min(start.elapsed());
    }
    println!("limiter: asking for a place and giving it back");
    println!("  {} ns; wanted less than 1000", best.as_nanos() / u128::from(DECISIONS));
    Ok(())
}
