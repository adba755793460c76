//! A working day of a mid-size customer, on a virtual clock and within the vendors' limits: what it costs in calls, and how
//! long a change is on its way.
//!
//! When a flow has a pass, and how far it looks, is decided by `agency serve`'s own schedule in its standard rhythm: every
//! quarter of an hour, eight minutes where it shows what is paid, at everything each hour, and sooner where something was
//! heard of. What is heard is told by the bench,
//! one in a hundred not at all; the receiver of webhooks itself takes no part.
//!
//! `cargo bench -p sync-benches --bench working_day`; with `SYNC_BENCH=large` the customer has 8,000 companies, 12,000
//! contacts and 3,000 products.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]
#![expect(clippy::float_arithmetic, reason = "ratios are printed, not calculated with")]

mod office;
mod people;
mod tally;

use std::time::Duration;

use agency::serve::{Look, Place, Rhythm, Schedule};
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sync_benches::{Measure, scale};
use sync_core::flow::Preset;

use office::{FLOWS, Office, Result};
use people::{People, Size, day};
use tally::Calls;

/// One in so many webhooks is lost.
const LOST: u32 = 100;

/// What `[serve]` has where nobody says otherwise: of flows that show what is paid, and of the others.
const PAID: Rhythm = Rhythm { news: TimeDelta::minutes(8), ..OTHERS };
const OTHERS: Rhythm =
    Rhythm { every: TimeDelta::minutes(15), news: TimeDelta::minutes(15), whole: TimeDelta::minutes(60) };

const SMALL: Size = Size {
    companies: 400,
    contacts: 600,
    products: 150,
    invoices: 150,
    payments: 60,
    orders: 40,
    deliveries: 30,
    edits: 400,
};
const LARGE: Size = Size { companies: 8_000, contacts: 12_000, products: 3_000, ..SMALL };

fn main() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<()> {
    let size = scale(SMALL, LARGE);
    println!(
        "working_day: 2 divisions, {} companies, {} contacts, {} products; {} invoices, {} payments, {} orders, {} deliveries, {} edits in the CRM",
        size.companies,
        size.contacts,
        size.products,
        size.invoices,
        size.payments,
        size.orders,
        size.deliveries,
        size.edits
    );
    let office = Office::open().await?;
    let mut people = People::new(&office);
    let measure = Measure::start();
    people.open_shop(&size)?;
    settle(&office).await?;
    people.learn().await?;
    println!("  before: everything linked in {:.0} s of real time", measure.wall().as_secs_f64());
    let start: DateTime<Utc> = "2026-11-23T00:00:00Z".parse()?;
    office.clock.advance((start - office.clock.now()).to_std()?);
    let before = (office.calls(), office.reads());
    let passes = working_day(&office, &mut people, &size, start).await?;
    print(&office, before, passes);
    Ok(())
}

/// Runs until everything is in agreement.
async fn settle(office: &Office) -> Result<()> {
    loop {
        let report = office.pass(&FLOWS, Look::Everywhere).await?;
        if report.writes() == 0 && report.waiting == 0 {
            return Ok(());
        }
        let resume = report.resume_at.unwrap_or_else(|| office.clock.now());
        office
            .clock
            .advance((resume - office.clock.now()).to_std().unwrap_or_default() + Duration::from_secs(60));
    }
}

/// Lives through the day; returns how many passes of a flow it took.
async fn working_day(
    office: &Office,
    people: &mut People<'_>,
    size: &Size,
    start: DateTime<Utc>,
) -> Result<usize> {
    let mut rng = StdRng::seed_from_u64(11);
    let mut deeds = day(size, start);
    let rhythm = |flow| if matches!(flow, Preset::Companies | Preset::Orders) { PAID } else { OTHERS };
    let mut schedule = Schedule::new(FLOWS.map(|flow| (flow.as_str().to_owned(), rhythm(flow))), start);
    let mut passes = 0;
    let end = start + TimeDelta::days(1) - TimeDelta::minutes(1);
    loop {
        let now = office.clock.now();
        while let Some((at, deed)) = deeds.front().copied().filter(|(at, _)| *at <= now) {
            deeds.pop_front();
            let Some(place) = people.act(deed, at)? else {
                // Nothing is there yet to ship, or to be paid.
                deeds.push_front((at.max(now) + TimeDelta::minutes(5), deed));
                deeds.make_contiguous().sort_by_key(|(at, _)| *at);
                continue;
            };
            if !rng.random_ratio(1, LOST) {
                if let (Place::Exact(division), Some(topic)) = (place, deed.topic()) {
                    office.hear(division, &topic)?;
                }
                for flow in deed.concerns() {
                    schedule.hear(flow.as_str(), place, now);
                }
            }
        }
        match schedule.due(now) {
            Some(due) => {
                let (flows, look) = &due;
                let presets: Vec<Preset> =
                    FLOWS.into_iter().filter(|flow| flows.iter().any(|due| due == flow.as_str())).collect();
                let report = office.pass(&presets, *look).await?;
                passes += flows.len();
                let (now, dice) = (office.clock.now(), rng.random_range(0..=1_000));
                let complete = report.resume_at.is_none();
                schedule.ended(&due, complete, now, report.resume_at, dice);
            }
            None => {
                let next = schedule.next().into_iter().chain(deeds.front().map(|(at, _)| *at)).min();
                let Some(next) = next.filter(|next| *next < end) else { return Ok(passes) };
                office.clock.advance((next - now).to_std()?);
            }
        }
    }
}

fn print(office: &Office, (before, reads): ((Vec<Calls>, Calls), u64), passes: usize) {
    println!("  passes of a flow: {passes}");
    let (exact, crm) = office.calls();
    let exact = exact.into_iter().zip(before.0).map(|(now, then)| now.since(then));
    let whole = exact.fold(Calls::default(), Calls::and).with_reads(office.reads() - reads);
    for (name, calls) in [("Exact, both divisions", whole), ("Pipedrive", crm.since(before.1))] {
        println!(
            "  {name}: {} calls: {} pages with changes and {} writes (the floor, {}), {} reads behind them, {} looks and readings back, {} empty polls",
            calls.total(),
            calls.pages,
            calls.writes,
            calls.floor(),
            calls.details,
            calls.around,
            calls.empty
        );
        let over = per(calls.total() - calls.empty, calls.floor()) - 1.0;
        println!("    over the floor without empty polls: {:.0} %; wanted at most 10 %", over * 100.0);
    }
    for (name, share) in ["first division", "second division", "Pipedrive"].iter().zip(office.day_shares()) {
        println!("  share of the day used, {name}: {:.1} %; wanted below 25 %", share * 100.0);
    }
    let ages = office.ages.sorted();
    let at = |thousandths: usize| {
        let age = ages.get((ages.len() * thousandths / 1_000).min(ages.len().saturating_sub(1)));
        age.copied().unwrap_or_default().num_seconds()
    };
    println!(
        "  age of a change when it came through: median {} s, p99 {} s, the oldest {} s; wanted p99 below 600 s",
        at(500),
        at(990),
        at(1_000)
    );
    println!("  changes that came through: {}; still on their way: {}", ages.len(), office.ages.waiting());
}

#[expect(clippy::cast_precision_loss, reason = "counts far below the limits of a float")]
fn per(count: u64, of: u64) -> f64 {
    count as f64 / of.max(1) as f64
}
