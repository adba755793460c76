//! `history`: what was written about one record, when, because of what, and what was lost by it. Asks the store alone.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sync_core::engine::LinkHistory;
use sync_core::state::AuditLine;

use super::written;
use crate::connect::{App, Divisions};
use crate::error::Result;
use crate::output::{Outcome, table};

pub(super) async fn run(app: &App, name: &str) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let links = engine.history(name).await?;
    let text: Vec<String> = links.iter().map(life).collect();
    let documents: Vec<_> = links.iter().map(document).collect();
    Ok(Outcome::new(text.join("\n"), json!({ "links": documents })))
}

fn document(link: &LinkHistory) -> Value {
    let LinkHistory { flow, division, link, about, lines, .. } = link;
    json!({
        "flow": flow,
        "division": division,
        "link": link,
        "name": about.name,
        "exact": about.exact,
        "crm": about.crm,
        "lines": lines.iter().map(written::document).collect::<Vec<_>>(),
    })
}

fn life(link: &LinkHistory) -> String {
    let id = |record: &Option<crm_adapters::RecordId>| {
        record.as_ref().map_or_else(|| "no longer there".to_owned(), ToString::to_string)
    };
    let mut text = format!(
        "{} ({} of division {}): {} in Exact, {} in the CRM (link {})\n",
        link.about.name,
        link.flow,
        link.division,
        id(&link.about.exact),
        id(&link.about.crm),
        link.link
    );
    let mut rows = table(["when", "run", "what", "field", "was", "became", "because"]);
    for line in &link.lines {
        let (when, run, what) = (written::moment(line.at), written::run(&line.run), what(line));
        if line.fields.is_empty() {
            rows.add_row([when.as_str(), run, &what, "", "", "", ""]);
        }
        for write in &line.fields {
            rows.add_row([
                when.clone(),
                run.to_owned(),
                what.clone(),
                write.field.clone(),
                write.from.to_string(),
                write.to.to_string(),
                write.why.to_string(),
            ]);
        }
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{rows}");
    text
}

fn what(line: &AuditLine) -> String {
    format!("{} in {}", line.action, written::side(line.side))
}
