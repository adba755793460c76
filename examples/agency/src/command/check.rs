//! `check`: config and mapping against both live systems.

use serde_json::json;
use sync_core::plan::Severity;

use crate::connect::{App, Divisions};
use crate::error::Result;
use crate::output::{Outcome, table};

pub(super) async fn run(app: &App) -> Result<Outcome> {
    let engine = app.engine(Divisions::Live, None).await?;
    let findings = engine.check().await?;
    let stops = findings.iter().any(|finding| finding.severity == Severity::Error);
    let mut rows = table(["", "where", "what, and what to do"]);
    for finding in &findings {
        let sign = if finding.severity == Severity::Error { "stops" } else { "note" };
        rows.add_row([sign, finding.path.as_str(), finding.message.as_str()]);
    }
    let verdict =
        if stops { "This cannot run yet." } else { "Both systems answer, and the mapping fits them." };
    let text = if findings.is_empty() { verdict.to_owned() } else { format!("{rows}\n{verdict}") };
    let code = if stops { 2 } else { 0 };
    Ok(Outcome::new(text, json!({ "ok": !stops, "findings": findings })).code(code))
}
