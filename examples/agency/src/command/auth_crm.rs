//! `auth login --crm` and `auth import --crm`: access to the CRM by a consent to an app.

use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::auth_import::refresh_token;
use super::auth_login::paste;
use crate::connect::App;
use crate::error::{Error, Result};
use crate::output::Outcome;

pub(super) async fn login(app: &App) -> Result<Outcome> {
    let state = Uuid::new_v4().simple().to_string();
    let address = paste(&app.consent_url(&state)?)?;
    app.connect_crm(&code(&address, &state)?).await?;
    Ok(done())
}

pub(super) async fn import(app: &App, variable: &str) -> Result<Outcome> {
    app.import_crm(refresh_token(variable)?).await?;
    Ok(done())
}

fn done() -> Outcome {
    Outcome::new("The consent of the CRM is stored.", json!({ "crm": { "state": "ready" } }))
}

/// The code in the address that the browser ended at, where it answers our question.
fn code(address: &str, state: &str) -> Result<String> {
    let wrong = |message: &str| Error::failed("callback", message).remedy("run `auth login --crm` again");
    let url = Url::parse(address.trim()).map_err(|_| wrong("that is no address"))?;
    let value = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
    if value("state").as_deref() != Some(state) {
        return Err(wrong("the address answers another question than this one"));
    }
    value("code").map(Into::into).ok_or_else(|| wrong("the address has no code: the consent was not given"))
}
