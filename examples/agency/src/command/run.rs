//! `run`: both systems into agreement.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use sync_core::ErrorKind;
use sync_core::engine::{Engine, Observer, RunOptions, RunReport};

use super::plan::sides;
use crate::config::Config;
use crate::connect::{App, Divisions};
use crate::error::{Error, Result};
use crate::output::{Outcome, count, table, thousands};
use crate::plan_file::PlanFile;
use crate::progress::Progress;

pub(super) async fn run(app: &App, config: &Config, yes: bool, plan: Option<&Path>) -> Result<Outcome> {
    let plan = match plan {
        Some(file) => {
            let engine = app.engine(Divisions::Stored, None).await?;
            Some(PlanFile::load(file, config, app, &engine).await?)
        }
        None => None,
    };
    let progress = Arc::new(Progress::new(app.clone()));
    let observer: Arc<dyn Observer> = Arc::clone(&progress) as _;
    let engine = app.engine(Divisions::Live, Some(observer)).await?;
    let report = tokio::select! {
        report = pass(app, &engine, yes, plan.as_ref()) => report?,
        _ = tokio::signal::ctrl_c() => {
            return Err(Error::failed("interrupted", "interrupted").remedy("nothing is lost: run again"));
        }
    };
    app.retire(&engine).await;
    progress.clear();
    let document =
        serde_json::to_value(&report).map_err(|error| Error::failed("output", error.to_string()))?;
    Ok(Outcome::new(text(&report), document).code(code(&report)))
}

/// One run; where another worker does the work already, its report says when to come back.
async fn pass(app: &App, engine: &Engine, yes: bool, plan: Option<&PlanFile>) -> Result<RunReport> {
    let report = match plan {
        Some(plan) => engine.run_plan(&plan.items, &plan.new_fields).await,
        None => engine.run_once(RunOptions { yes }).await,
    };
    match report {
        Err(error) if error.kind() == ErrorKind::Busy => {
            tracing::info!(%error, "nothing done");
            let mut report = RunReport::default();
            report.waiting = 1;
            report.resume_at = Some(app.clock().now() + TimeDelta::minutes(5));
            Ok(report)
        }
        report => Ok(report?),
    }
}

fn code(report: &RunReport) -> u8 {
    if !report.errors.is_empty() {
        1
    } else if report.needs_person() {
        3
    } else {
        0
    }
}

/// What a run did, for people.
#[must_use]
pub fn text(report: &RunReport) -> String {
    let mut rows =
        table(["flow", "division", "created", "updated", "linked", "questions", "refused", "waiting"]);
    for flow in &report.flows {
        rows.add_row([
            flow.flow.clone(),
            flow.division.to_string(),
            sides(flow.created),
            sides(flow.updated),
            thousands(flow.linked),
            thousands(flow.issues),
            thousands(flow.failed),
            thousands(flow.waiting),
        ]);
    }
    let mut lines = vec![rows.to_string()];
    lines.push(format!(
        "{}, {} to Exact, {} to the CRM.",
        count(report.writes(), "write"),
        count(report.calls.exact, "call"),
        count(report.calls.crm, "call")
    ));
    for flow in &report.flows {
        if let Some(brake) = flow.brake {
            lines.push(format!("{} in {} is stopped: {}.", flow.flow, flow.division, brake.reason()));
        }
    }
    for error in &report.errors {
        lines.push(format!("{} in {}: {}; {}.", error.flow, error.division, error.message, error.remedy));
    }
    if report.open_issues > 0 {
        lines.push(format!("{} for a person: see `issues`.", count(report.open_issues, "question")));
    }
    if let Some(at) = report.resume_at {
        lines.push(format!("{} left; run again from {at}.", count(report.waiting, "write")));
    }
    lines.join("\n")
}
