//! `schema`: what a config file may say, for editors.

use serde_json::json;

use crate::config::Config;
use crate::error::Result;
use crate::output::Outcome;

pub(super) fn run() -> Result<Outcome> {
    let schema = Config::schema();
    Ok(Outcome::new(format!("{:#}", schema.as_value()), json!({ "schema": schema })))
}
