//! `export` and `forget`: what the store holds of one record.

use serde_json::json;

use crate::connect::{App, Divisions};
use crate::error::{Error, Result};
use crate::output::{Outcome, count};

pub(super) async fn export(app: &App, record: &str, flow: Option<&str>) -> Result<Outcome> {
    let export = app.engine(Divisions::Stored, None).await?.export(record, flow).await?;
    let value = serde_json::to_value(&export).map_err(|error| Error::failed("store", error.to_string()))?;
    let text = serde_json::to_string_pretty(&value).unwrap_or_default();
    Ok(Outcome::new(text, json!({ "export": value })))
}

pub(super) async fn forget(app: &App, record: &str, flow: Option<&str>) -> Result<Outcome> {
    let emptied = app.engine(Divisions::Stored, None).await?.forget(record, flow).await?;
    let text =
        format!("{record} is forgotten: {} emptied. Neither system was written to.", count(emptied, "row"));
    Ok(Outcome::new(text, json!({ "forgotten": { "record": record, "rows": emptied } })))
}
