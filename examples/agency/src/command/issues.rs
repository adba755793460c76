//! `issues`, `issues show` and `issues resolve`: open questions, what led to them, and their answers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::Table;
use crm_adapters::Fields;
use serde_json::{Value, json};
use sync_core::engine::{About, Engine, LastChange};
use sync_core::flow::Side;
use sync_core::state::{AuditLine, Issue, Subject};

use super::written::{self, moment, plain, scalar};
use crate::cli::Answer;
use crate::connect::{App, Divisions};
use crate::error::{Error, Result};
use crate::output::{Outcome, count, table};

pub(super) async fn list(app: &App) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let issues = engine.issues().await?;
    let about = engine.about(&issues).await?;
    let mut rows = table(["id", "record", "what", "field", "Exact", "CRM", "question", "answers"]);
    for (issue, about) in issues.iter().zip(&about) {
        rows.add_row([
            issue.id(),
            named(issue, about),
            word(issue)?,
            issue.field.clone().unwrap_or_default(),
            shown(issue.exact.as_ref()),
            shown(issue.crm.as_ref()),
            issue.message.clone(),
            issue.answers().join("\n"),
        ]);
    }
    let documents = issues.iter().zip(&about).map(|(issue, about)| document(issue, about));
    let documents = documents.collect::<Result<Vec<_>>>()?;
    let mut text = match issues.len() {
        0 => "No open questions.".to_owned(),
        many => format!(
            "{rows}\n{}. Answer with `issues resolve ID ANSWER`.",
            count(many as u64, "open question")
        ),
    };
    for flow in engine.status().await? {
        let Some(brake) = flow.last_run.and_then(|last| last.brake) else { continue };
        // Writing to a String cannot fail.
        let _ =
            write!(text, "\n{} of {} is stopped by a brake: {}.", flow.flow, flow.division, brake.reason());
    }
    Ok(Outcome::new(text, json!({ "issues": documents })))
}

pub(super) async fn show(app: &App, id: &str) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let found = engine.issues().await?.into_iter().find(|issue| issue.id() == id);
    let Some(issue) = found else {
        return Err(Error::failed("not_found", format!("there is no open issue {id}; see `issues`")));
    };
    let changes = engine.last_changes(&issue).await?;
    let written = written(&engine, &issue).await?;
    let about = engine.about(std::slice::from_ref(&issue)).await?.pop().unwrap_or_default();
    let mut document = document(&issue, &about)?;
    document["last_changes"] = json!(changes);
    document["written"] = written.iter().map(written::document).collect();
    Ok(Outcome::new(told(&issue, &about, &changes, &written), document))
}

/// What was written so far to the field that a question is about, or about its record.
async fn written(engine: &Engine, issue: &Issue) -> Result<Vec<AuditLine>> {
    let Subject::Link(link) = &issue.subject else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for mut line in engine.history(&link.to_string()).await?.into_iter().flat_map(|history| history.lines) {
        if let Some(field) = &issue.field {
            line.fields.retain(|write| write.rule == *field);
        }
        if !line.fields.is_empty() {
            lines.push(line);
        }
    }
    Ok(lines)
}

/// The record that a question is about, as people know it.
fn named(issue: &Issue, about: &About) -> String {
    let id = |id: &Option<crm_adapters::RecordId>| id.as_ref().map_or("none".to_owned(), ToString::to_string);
    let (exact, crm) = (id(&about.exact), id(&about.crm));
    let lines = [
        about.name.clone(),
        format!("{} of {}", issue.flow, issue.division),
        format!("Exact: {exact}"),
        format!("CRM: {crm}"),
    ];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn told(issue: &Issue, about: &About, changes: &BTreeMap<Side, LastChange>, written: &[AuditLine]) -> String {
    let mut text = format!("{}\n\n{}\n", named(issue, about), issue.message);
    let mut sides = table(["side", "has", "record changed", "by"]);
    for (side, held) in [(Side::Exact, &issue.exact), (Side::Crm, &issue.crm)] {
        let change = changes.get(&side).cloned().unwrap_or_default();
        let at = change.at.map(moment).unwrap_or_default();
        let by = change.by.unwrap_or_default();
        sides.add_row([written::side(side).to_owned(), shown(held.as_ref()), at, by]);
    }
    if let Some(base) = &issue.base {
        let base = if base.is_empty() { "nothing".to_owned() } else { base.to_string() };
        sides.add_row(["last agreed on".to_owned(), base, String::new(), String::new()]);
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{sides}");
    if !written.is_empty() {
        let _ = writeln!(text, "{}", history(written));
    }
    let _ = write!(text, "Answers: {}", issue.answers().join(", "));
    text
}

fn history(written: &[AuditLine]) -> Table {
    let mut rows = table(["written", "run", "to", "was", "became", "because"]);
    for line in written {
        for write in &line.fields {
            rows.add_row([
                moment(line.at),
                written::run(&line.run).to_owned(),
                written::side(line.side).to_owned(),
                write.from.to_string(),
                write.to.to_string(),
                write.why.to_string(),
            ]);
        }
    }
    rows
}

pub(super) async fn resolve(app: &App, ids: &[String], answer: &Answer) -> Result<Outcome> {
    if answer.link.is_some() && ids.len() > 1 {
        let message = "--link answers one question at a time";
        return Err(Error::config("--link", message, "give one ID"));
    }
    let engine = app.engine(Divisions::Stored, None).await?;
    for id in ids {
        engine.resolve_issue(id, answer.resolution()).await?;
    }
    let text = format!("{} answered. The next run carries it out.", count(ids.len() as u64, "question"));
    Ok(Outcome::new(text, json!({ "resolved": ids })))
}

fn document(issue: &Issue, about: &About) -> Result<Value> {
    Ok(json!({
        "id": issue.id(),
        "name": about.name,
        "exact_id": about.exact,
        "crm_id": about.crm,
        "flow": issue.flow,
        "division": issue.division,
        "kind": word(issue)?,
        "exact": issue.exact.as_ref().map(plain),
        "crm": issue.crm.as_ref().map(plain),
        "field": issue.field,
        "base": issue.base.as_ref().map(scalar),
        "answers": issue.answers(),
        "message": issue.message,
        "raised_at": issue.raised_at,
    }))
}

/// The kind as a script reads it.
fn word(issue: &Issue) -> Result<String> {
    let word =
        serde_json::to_value(issue.kind).map_err(|error| Error::failed("output", error.to_string()))?;
    Ok(word.as_str().unwrap_or_default().to_owned())
}

fn shown(fields: Option<&Fields>) -> String {
    let lines = fields.into_iter().flatten().filter(|(_, value)| !value.is_empty());
    lines.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}
