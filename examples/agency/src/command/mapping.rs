//! `mapping`: what is kept in agreement and by which rules, as a document for the customer.

use std::fmt::Write;

use serde_json::json;
use sync_core::flow::{Create, Flow, IfEmpty, OnConflict, Owner};
use sync_core::plan::{Mapping, ResolvedRule};

use crate::connect::{App, Divisions};
use crate::error::Result;
use crate::output::Outcome;

pub(super) async fn run(app: &App) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let mappings = engine.mappings().await?;
    let markdown = document(&mappings);
    Ok(Outcome::new(markdown.as_str(), json!({ "markdown": markdown })))
}

/// The mapping in Markdown.
#[must_use]
pub fn document(mappings: &[Mapping]) -> String {
    let mut text = String::from("# What is kept in agreement\n");
    for mapping in mappings {
        text.push_str(&section(mapping));
    }
    text
}

fn section(mapping: &Mapping) -> String {
    let flow = &mapping.flow;
    let mut text = format!("\n## {}\n\n", flow.name);
    let _ = writeln!(text, "- {}", created(flow));
    let _ = writeln!(
        text,
        "- Two records are the same where they agree in {}. Equal names never link.",
        flow.identity.join(" or ")
    );
    if !flow.divisions.is_empty() {
        let divisions: Vec<String> = flow.divisions.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "- Administrations: {}.", divisions.join(", "));
    }
    if flow.when.is_some() {
        text.push_str("- Only records that meet the condition of this flow take part.\n");
    }
    let brakes = flow.brakes;
    let _ = writeln!(
        text,
        "- A run stops and asks before more than {} creates, {} deletions or {} emptied values.",
        brakes.creates, brakes.deletes, brakes.clears
    );
    text.push_str("\n| Exact Online | CRM | Whose value counts | Both changed it | It is emptied |\n|---|---|---|---|---|\n");
    for rule in &mapping.rules {
        text.push_str(&line(rule));
    }
    if !mapping.missing.is_empty() {
        let labels: Vec<String> = mapping.missing.iter().map(|field| format!("“{}”", field.label)).collect();
        let _ = writeln!(text, "\nThe first run creates these fields in the CRM: {}.", labels.join(", "));
    }
    text
}

fn created(flow: &Flow) -> &'static str {
    match flow.create {
        Create::Both => "What is new on one side is created on the other.",
        Create::Exact => "What is new in the CRM is created in Exact Online; nothing is created in the CRM.",
        Create::Crm => {
            "What is new in Exact Online is created in the CRM; nothing is created in Exact Online."
        }
        Create::None => "Nothing is created: only what stands on both sides is kept in agreement.",
    }
}

fn line(resolved: &ResolvedRule) -> String {
    let rule = &resolved.rule;
    let crm = match rule.crm.strip_prefix("custom:") {
        Some(label) => format!("{label} (custom field)"),
        None => rule.crm.clone(),
    };
    let owner = match rule.owner {
        Owner::Exact => "Exact Online",
        Owner::Crm => "CRM",
        Owner::Both => "the last change on either side",
    };
    let conflict = match (rule.owner, rule.on_conflict) {
        (Owner::Both, OnConflict::Exact) | (Owner::Exact, _) => "Exact Online wins",
        (Owner::Both, OnConflict::Crm) | (Owner::Crm, _) => "the CRM wins",
        (Owner::Both, OnConflict::Review) => "a person decides",
    };
    let empty = match &rule.if_empty {
        IfEmpty::Keep => "the other side keeps its value".to_owned(),
        IfEmpty::Clear => "the other side is emptied too".to_owned(),
        IfEmpty::Stop => "a person decides".to_owned(),
        IfEmpty::Default(value) => format!("the other side gets “{}”", cell(value)),
    };
    format!("| {} | {} | {owner} | {conflict} | {empty} |\n", cell(&rule.exact), cell(&crm))
}

/// Text that does not break a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
