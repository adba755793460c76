//! `mapping`: what is kept in agreement and by which rules, as a document for the customer.

use serde_json::json;
use sync_core::plan::Mapping;

use crate::connect::{App, Divisions};
use crate::error::Result;
use crate::output::Outcome;

pub(super) async fn run(app: &App) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let mappings = engine.mappings().await?;
    let sections: Vec<String> = mappings.iter().map(Mapping::document).collect();
    let markdown = format!("# What is kept in agreement\n\n{}", sections.join("\n"));
    Ok(Outcome::new(markdown.as_str(), json!({ "markdown": markdown })))
}
