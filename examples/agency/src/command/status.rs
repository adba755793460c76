//! `status`: health, budgets, last runs. Asks the store alone.

use serde_json::json;
use sync_core::engine::LastRun;

use super::grant;
use super::written::{self, moment};
use crate::budget::budgets;
use crate::connect::{App, Divisions};
use crate::error::Result;
use crate::output::{Outcome, table, thousands};

/// How many of the last runs are shown.
const LAST_RUNS: usize = 10;

pub(super) async fn run(app: &App) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let flows = engine.status().await?;
    let now = app.clock().now();
    let mut rows = table(["flow", "division", "links", "questions", "unanswered", "last run", "it said"]);
    for flow in &flows {
        let last = flow.last_run.as_ref();
        rows.add_row([
            flow.flow.clone(),
            flow.division.to_string(),
            thousands(flow.links),
            thousands(flow.issues),
            thousands(flow.unanswered),
            last.map(|last| moment(last.at)).unwrap_or_default(),
            last.map(said).unwrap_or_default(),
        ]);
    }
    let mut grants = Vec::new();
    let mut health = table(["grant", "state", "lapses unless used", "what to do"]);
    for it in app.grants() {
        let stored = it.client.grant().await?;
        grants.push(grant::document(it, stored.as_ref(), now));
        let (state, remedy) = stored.as_ref().map_or(("missing", None), |stored| grant::state(stored.state));
        let lapse = stored.as_ref().map(|stored| format!("in {} days", (stored.lapses_at - now).num_days()));
        health.add_row([
            it.config.name.as_str(),
            state,
            &lapse.unwrap_or_default(),
            remedy.unwrap_or_default(),
        ]);
    }
    let budgets = budgets(app).await?;
    let mut used = table(["division", "calls used today", "a day", "a minute"]);
    for budget in &budgets {
        used.add_row([
            budget.division.to_string(),
            thousands(budget.day_used),
            thousands(budget.day_limit),
            thousands(budget.minute_limit),
        ]);
    }
    let runs = engine.past_runs(LAST_RUNS).await?;
    let mut past = table(["run that wrote", "began", "ended", "created", "changed"]);
    for run in &runs {
        past.add_row([
            written::run(&run.id).to_owned(),
            moment(run.began),
            run.ended.map(moment).unwrap_or_default(),
            thousands(run.created),
            thousands(run.updated),
        ]);
    }
    let open: u64 = flows.iter().map(|flow| flow.issues).sum();
    let text = format!("{rows}\n{past}\n{health}\n{used}");
    Ok(Outcome::new(
        text,
        json!({ "flows": flows, "runs": runs, "grants": grants, "budgets": budgets, "open_issues": open }),
    ))
}

/// What kept the last run of a flow from finishing.
fn said(last: &LastRun) -> String {
    let brake = last.brake.map(|brake| format!("stopped by a brake: {}", brake.reason()));
    last.errors.iter().cloned().chain(brake).collect::<Vec<_>>().join("\n")
}
