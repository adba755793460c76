//! `plan`: what a run would write, and its price.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use sync_core::engine::{Observer, PerSide, PlanReport};

use super::written;
use crate::config::Config;
use crate::connect::{App, Divisions};
use crate::error::{Error, Result};
use crate::output::{Outcome, count, table, thousands};
use crate::plan_file::PlanFile;
use crate::progress::Progress;

pub(super) async fn run(app: &App, config: &Config, full: bool, save: Option<&Path>) -> Result<Outcome> {
    let progress = Arc::new(Progress::new(app.clone()));
    let observer: Arc<dyn Observer> = Arc::clone(&progress) as _;
    let engine = app.engine(Divisions::Live, Some(observer)).await?;
    let full = full || save.is_some();
    let report = engine.plan(full).await?;
    progress.clear();
    let mut text = text(&report);
    if let Some(file) = save {
        PlanFile::save(file, config, app, &engine, &report).await?;
        text.push_str(&format!("\nSaved to {0}; `run --plan {0}` carries it out.", file.display()));
    }
    Ok(Outcome::new(text, document(&report, full)?))
}

fn document(report: &PlanReport, full: bool) -> Result<Value> {
    let mut document =
        serde_json::to_value(report).map_err(|error| Error::failed("output", error.to_string()))?;
    if full && let Some(members) = document.as_object_mut() {
        // There, and empty, rather than absent where there is nothing to write.
        members.entry("items").or_insert_with(|| json!([]));
    }
    Ok(document)
}

/// What a run would do, for people.
#[must_use]
pub fn text(report: &PlanReport) -> String {
    let mut rows = table(["flow", "division", "create", "update", "link", "waiting", "questions", "brake"]);
    for flow in &report.flows {
        rows.add_row([
            flow.flow.clone(),
            flow.division.to_string(),
            sides(flow.create),
            sides(flow.update),
            thousands(flow.link),
            thousands(flow.waiting),
            thousands(flow.issues),
            flow.brake.map(|brake| brake.reason().to_owned()).unwrap_or_default(),
        ]);
    }
    let mut text = format!(
        "{rows}\nThis takes {} to Exact and {} to the CRM, {} and {} of a day's budget.",
        count(report.calls.exact, "call"),
        count(report.calls.crm, "call"),
        minutes(report.minutes),
        share(report.day_share),
    );
    for part in [fields(report), items(report)].iter().flatten() {
        text.push('\n');
        text.push_str(part);
    }
    text
}

#[expect(clippy::float_arithmetic, reason = "an estimate for people")]
fn minutes(of: f64) -> String {
    match of {
        ..1.0 => "less than a minute".to_owned(),
        ..120.0 => format!("about {of:.0} minutes"),
        _ => format!("about {:.0} hours", of / 60.0),
    }
}

#[expect(clippy::float_arithmetic, reason = "an estimate for people")]
fn share(of: f64) -> String {
    let percent = of * 100.0;
    if percent < 0.1 { "less than 0.1 %".to_owned() } else { format!("{percent:.1} %") }
}

/// The fields that would be created, where there are any.
fn fields(report: &PlanReport) -> Option<String> {
    let mut rows = table(["flow", "new field of the CRM", "holds"]);
    for field in &report.new_fields {
        rows.add_row([&field.flow, &field.label, &field.holds]);
    }
    (!report.new_fields.is_empty()).then(|| rows.to_string())
}

/// Every write and every question, where there are any.
fn items(report: &PlanReport) -> Option<String> {
    let mut rows = table(["side", "what", "name", "field", "from", "to", "why"]);
    for item in &report.items {
        let fields = item.fields.iter().map(|(name, field)| {
            let from = field.from_named.as_ref().unwrap_or(&field.from);
            let to = field.to_named.as_ref().unwrap_or(&field.to);
            [name.as_str(), from, to, &field.why]
        });
        // What is said of the whole record comes behind its fields.
        let whole = item.message.iter().map(|message| ["", "", "", message.as_str()]);
        let nothing = (item.fields.is_empty() && item.message.is_none()).then_some([""; 4]);
        for (at, [name, from, to, why]) in fields.chain(whole).chain(nothing).enumerate() {
            let once = |text| if at == 0 { text } else { "" };
            let [side, action, record] = [written::side(item.side), &item.action, &item.name].map(once);
            rows.add_row([side, action, record, name, from, to, why]);
        }
    }
    (!report.items.is_empty()).then(|| rows.to_string())
}

/// `Exact 3, CRM 4`, without what is zero.
pub(super) fn sides(number: PerSide) -> String {
    let parts = [("Exact", number.exact), ("CRM", number.crm)];
    let parts = parts.into_iter().filter(|(_, number)| *number > 0);
    parts.map(|(side, number)| format!("{side} {}", thousands(number))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_remark_on_a_record_is_shown_beside_its_fields() {
        let item = json!({ "flow": "orders", "division": 1, "link": null, "side": "exact", "id": null, "name": "Ten",
            "action": "create", "message": "line 1: 77 where the list price is 100",
            "fields": { "Description": { "from": "", "to": "Ten pieces", "why": "new there" } } });
        let mut report = PlanReport::default();
        report.items.push(serde_json::from_value(item).unwrap());
        let text = items(&report).unwrap();
        assert!(text.contains("Ten pieces") && text.contains("list price is 100"), "{text}");
    }

    #[test]
    fn a_record_that_a_field_names_is_shown_by_its_name_too() {
        let item = json!({ "flow": "contacts", "division": 1, "link": null, "side": "crm", "id": null, "name": "Jan",
            "action": "create",
            "fields": { "org_id": { "from": "", "to": "17", "to_named": "Bakker (17)", "why": "new there" } } });
        let mut report = PlanReport::default();
        report.items.push(serde_json::from_value(item).unwrap());
        let text = items(&report).unwrap();
        assert!(text.contains("Bakker (17)"), "{text}");
    }
}
