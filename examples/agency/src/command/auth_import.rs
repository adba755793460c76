//! `auth import`: a grant without a browser.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::grant;
use crate::connect::{App, Grant};
use crate::error::{Error, Result};
use crate::output::Outcome;

/// Refuses a variable that is not set, before anything is opened.
pub(super) fn refuse_missing(variable: &str) -> Result<()> {
    refresh_token(variable).map(drop)
}

pub(super) fn refresh_token(variable: &str) -> Result<SecretString> {
    let token = std::env::var(variable).map(|token| token.trim().to_owned()).unwrap_or_default();
    if token.is_empty() {
        let message = format!("the variable {variable} is not set");
        return Err(Error::config("--refresh-token-env", message, "set it to the refresh token"));
    }
    Ok(SecretString::from(token))
}

pub(super) async fn run(app: &App, variable: &str, name: Option<&str>) -> Result<Outcome> {
    let grant = app.grant(name)?;
    let begun = app.clock().now();
    let stored = match grant.client.import_refresh_token(refresh_token(variable)?).await {
        Ok(stored) => stored,
        Err(error) => return Err(failed(grant, begun, error.into()).await),
    };
    app.refuse_shared_grants().await?;
    grant::refuse_out_of_scope(grant, &stored)?;
    let user = stored.user.as_ref().map_or("", |user| user.name.as_str());
    let text = format!(
        "The grant {} of {user} is stored. The refresh token is used up: this program alone has its successor.",
        grant.config.name
    );
    let document = grant::document(grant, Some(&stored), app.clock().now());
    Ok(Outcome::new(text, json!({ "grant": document })))
}

/// Says so where the token was taken all the same: it is used up, and importing it again would be refused.
async fn failed(grant: &Grant, begun: DateTime<Utc>, error: Error) -> Error {
    match grant.client.grant().await {
        Ok(Some(stored)) if stored.obtained_at >= begun => error.remedy(
            "the grant is stored all the same and its refresh token used up: do not import it again, see `auth status`",
        ),
        _ => error,
    }
}
