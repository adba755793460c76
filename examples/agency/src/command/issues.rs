//! `issues` and `issues resolve`: open questions, and their answers.

use crm_adapters::{Fields, Value as FieldValue};
use serde_json::{Map, Value, json};
use sync_core::state::Issue;

use crate::cli::Answer;
use crate::connect::{App, Divisions};
use crate::error::{Error, Result};
use crate::output::{Outcome, count, table};

pub(super) async fn list(app: &App) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let issues = engine.issues().await?;
    let mut rows = table(["id", "what", "field", "Exact", "CRM", "question", "answers"]);
    for issue in &issues {
        rows.add_row([
            issue.id(),
            word(issue)?,
            issue.field.clone().unwrap_or_default(),
            shown(issue.exact.as_ref()),
            shown(issue.crm.as_ref()),
            issue.message.clone(),
            issue.answers().join("\n"),
        ]);
    }
    let documents = issues.iter().map(document).collect::<Result<Vec<_>>>()?;
    let text = match issues.len() {
        0 => "No open questions.".to_owned(),
        many => format!(
            "{rows}\n{}. Answer with `issues resolve ID ANSWER`.",
            count(many as u64, "open question")
        ),
    };
    Ok(Outcome::new(text, json!({ "issues": documents })))
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

fn document(issue: &Issue) -> Result<Value> {
    Ok(json!({
        "id": issue.id(),
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

/// Fields without their types: names and texts.
fn plain(fields: &Fields) -> Value {
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), scalar(value))).collect::<Map<_, _>>())
}

fn scalar(value: &FieldValue) -> Value {
    match value {
        FieldValue::Null => Value::Null,
        FieldValue::Bool(yes) => json!(yes),
        other => json!(other.to_string()),
    }
}

fn shown(fields: Option<&Fields>) -> String {
    let lines = fields.into_iter().flatten().filter(|(_, value)| !value.is_empty());
    lines.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}
