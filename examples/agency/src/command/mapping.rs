//! `mapping`: what is kept in agreement and by which rules, as a document for the customer, with values of their own.

use serde_json::json;

use crate::config::Config;
use crate::connect::{App, Divisions};
use crate::error::Result;
use crate::output::Outcome;

pub(super) async fn run(app: &App, config: &Config) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let mut markdown = format!(
        "# What is kept in agreement\n\nOf {}: between Exact Online and {}, as configured on {}.\n",
        app.tenant(),
        config.crm.vendor,
        app.clock().now().format("%-d %B %Y"),
    );
    let mappings = engine.mappings().await?;
    for (mapping, samples) in mappings.iter().zip(engine.samples(&mappings).await?) {
        markdown.push('\n');
        markdown.push_str(&mapping.document(&samples));
    }
    markdown.push_str(&format!(
        "\n## What is kept\n\nWhat was written, when, why and over which value is kept for {} days, and can be taken back run by run. A question that nobody answered holds back its own field or record, and nothing else.\n",
        app.keep_days()
    ));
    Ok(Outcome::new(markdown.as_str(), json!({ "markdown": markdown })))
}
