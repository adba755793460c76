//! What must be true at the end, judged by the world itself and not by what the engine believes.

mod figures;
mod kept;
mod orders;
mod people;
mod undo;

pub(super) use undo::Before;

use sync_core::engine::LinkRow;
use sync_core::state::AuditLine;
use sync_core::store::{Scan, Store, Table, Tenant};

use super::history::History;
use super::sort::Sort;
use super::world::lock;
use crate::executor;

/// Whether a create was not answered, and its record found instead.
fn is_found(line: &AuditLine) -> bool {
    line.is_create() && line.action != AuditLine::CREATE
}

/// Checks every promise; notes what was met.
pub(super) fn check(history: &History) -> Result<(), String> {
    let audit = audit(history);
    let links = links(history);
    let asked = executor::run(history.engine().issues()).unwrap().unwrap();
    let mut world = lock(&history.world);
    for flow in &history.flows {
        if let Some(sort) = Sort::of(flow.kinds.exact) {
            kept::check(&world, (sort, flow), &audit, &links, &asked)?;
        }
    }
    people::check(&world, &links, &asked)?;
    let adopted = audit.iter().filter(|line| is_found(line)).count() as u64;
    world.events.insert("adopted", adopted);
    if world.trade.is_none() {
        return Ok(());
    }
    drop(world);
    let plan = executor::run(history.engine().plan(false)).unwrap().map_err(|error| error.to_string())?;
    let since = plan.flows.iter().find_map(|flow| flow.since).ok_or("nobody knows when orders began")?;
    let mut world = lock(&history.world);
    let met = orders::check(&world, &orders::Told { since, audit: &audit, links: &links, asked: &asked })?;
    figures::check(&world, &links)?;
    world.events.extend(met);
    Ok(())
}

fn audit(history: &History) -> Vec<AuditLine> {
    let scan = Scan::table(Table::Audit, "").limit(100_000);
    let rows = executor::run(history.store.scan(&Tenant::default(), &scan)).unwrap().unwrap();
    rows.iter().map(|row| serde_json::from_str(&row.value).unwrap()).collect()
}

fn links(history: &History) -> Vec<LinkRow> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let (links, next) = executor::run(history.engine().links(after.as_ref())).unwrap().unwrap();
        all.extend(links);
        match next {
            None => return all,
            next => after = next,
        }
    }
}
