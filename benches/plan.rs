//! How many records a second the pure plan decides on, on one core.
//!
//! `cargo bench -p sync-benches --bench plan`. With `SYNC_BENCH=large` it runs ten times as long.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench whose world cannot be set up has nothing to say")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use crm_adapters::{Field, FieldType, Fields, Schema, Value};
use sync_benches::scale;
use sync_core::flow::{Combine, Preset, Side, Vendor};
use sync_core::plan::{Mapping, References, creation, merge};
use sync_core::state::Link;

/// The claim in the README.
const WANTED: u128 = 200_000;
/// As many as the engine plans at once: it reads and decides page by page.
const RECORDS: usize = 500;

/// One linked company: what both sides hold now, and what they agreed on.
struct Pair {
    link: Link,
    exact: Fields,
    crm: Fields,
}

/// Makes the pair of that number.
type Make = fn(&Mapping, usize) -> Pair;

fn main() {
    let mapping = mapping();
    let cases: [(&str, Make); 4] = [
        ("in agreement", agreed),
        ("one field changed", changed),
        ("a conflict", conflicting),
        ("as in a day's run", mixed),
    ];
    println!("plan: pure decisions on one core, {} mapped fields a record", mapping.rules.len());
    let mut slowest = u128::MAX;
    for (name, pair) in cases {
        let pairs: Vec<Pair> = (0..RECORDS).map(|at| pair(&mapping, at)).collect();
        slowest = slowest.min(rate(name, || {
            for Pair { link, exact, crm } in &pairs {
                black_box(merge(&mapping, &References::default(), link, exact, crm));
            }
        }));
    }
    let pairs: Vec<Pair> = (0..RECORDS).map(|at| agreed(&mapping, at)).collect();
    slowest = slowest.min(rate("a new company", || {
        for Pair { link, exact, .. } in &pairs {
            let _ = black_box(creation(&mapping, &References::default(), link, Side::Crm, exact));
        }
    }));
    println!("  slowest of these: {slowest} records/s; wanted at least {WANTED}");
}

/// Runs rounds of [`RECORDS`] for a while; prints and returns records per second of the best round.
fn rate(name: &str, mut round: impl FnMut()) -> u128 {
    let until = Instant::now() + Duration::from_millis(200) * scale(1, 10);
    let mut best = Duration::MAX;
    while Instant::now() < until {
        let start = Instant::now();
        round();
        best = best.min(start.elapsed());
    }
    let rate = u128::try_from(RECORDS).unwrap() * 1_000_000_000 / best.as_nanos().max(1);
    println!("  {name:<20} {rate:>9} records/s");
    rate
}

/// The preset for companies, with every field of it in the CRM. All of them hold text, of which nothing can be added up.
fn mapping() -> Mapping {
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    flow.rules.iter_mut().for_each(|rule| rule.combine = Combine::First);
    let schema = |side| {
        let text = |name: String| Field::new(name.clone(), name, FieldType::Text);
        Schema::new(flow.fields(side).into_iter().map(text))
    };
    Mapping::resolve(flow.clone(), &schema(Side::Exact), &schema(Side::Crm), false).unwrap().0
}

fn agreed(mapping: &Mapping, at: usize) -> Pair {
    let (mut exact, mut crm) = (Fields::new(), Fields::new());
    let mut base = serde_json::Map::new();
    for resolved in &mapping.rules {
        let value = value(&resolved.rule.exact, at);
        base.insert(resolved.rule.exact.clone(), serde_json::json!({"exact": value, "crm": value}));
        exact.set(&*resolved.rule.exact, value.clone());
        crm.set(&*resolved.rule.crm, value);
    }
    exact.set("Status", "C");
    let id = format!("00000000-0000-4000-8000-{at:012}");
    if let Some(key) = &mapping.flow.sync_key {
        crm.set(key.as_str(), format!("1:{id}"));
    }
    let link = serde_json::json!({
        "id": id, "flow": mapping.flow.name, "division": 1, "exact": id, "crm": at.to_string(), "base": base, "state": "live",
    });
    Pair { link: serde_json::from_value(link).unwrap(), exact, crm }
}

fn value(property: &str, at: usize) -> Value {
    match property {
        "Name" => Value::text(format!("Bouwbedrijf Van den Heuvel & Zonen {at} B.V.")),
        "ChamberOfCommerce" => Value::text(format!("{at:08}")),
        "VATNumber" => Value::text(format!("NL{at:09}B01")),
        "Email" => Value::text(format!("info@bedrijf{at}.nl")),
        "Website" => Value::text(format!("https://www.bedrijf{at}.nl")),
        "Phone" => Value::text(format!("+31 20 {at:07}")),
        other => Value::text(format!("{other} {at}")),
    }
}

fn changed(mapping: &Mapping, at: usize) -> Pair {
    let mut pair = agreed(mapping, at);
    pair.crm.set("website", "https://nieuw.example.nl");
    pair
}

fn conflicting(mapping: &Mapping, at: usize) -> Pair {
    let mut pair = changed(mapping, at);
    pair.exact.set("Website", "https://anders.example.nl");
    pair
}

/// Ninety in a hundred agree, nine have one change, one has a conflict.
fn mixed(mapping: &Mapping, at: usize) -> Pair {
    match at % 100 {
        0 => conflicting(mapping, at),
        1..=9 => changed(mapping, at),
        _ => agreed(mapping, at),
    }
}
