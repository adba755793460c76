//! One customer: a config, and a grant under it.

use std::path::Path;

use agency::{Config, ConnectOptions, connect};
use serde_json::Value;

use crate::Result;

pub(crate) const USER: &str = "pipedrive";
pub(crate) const PASSWORD: &str = "open sesame";
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// What `agency serve` does by itself, with the webhooks of both vendors.
pub(crate) fn config(number: usize, credentials: &Value, address: &str, folder: &Path) -> Result<Config> {
    let of = |vendor: &str, name: &str| credentials[vendor][name].as_str().unwrap_or_default().to_owned();
    let text = format!(
        r#"
tenant = "customer-{number}"

[store]
url = "sqlite:{number}.db"
key_env = "KEY"

[exact]
country = "nl"
base_url = "{}"
client_id = "{}"
client_secret_env = "SECRET"
redirect_url = "https://example.com/callback"
divisions = [{}]

[crm]
kind = "pipedrive"
base_url = "{}"
token_env = "TOKEN"
create_fields = true

[serve]
listen = "{address}"
public_url = "http://{address}"
exact_secret_env = "PASSWORD"
pipedrive_user = "{USER}"
pipedrive_password_env = "PASSWORD"

[[flow]]
preset = "companies"
[[flow]]
preset = "contacts"
[[flow]]
preset = "products"
[[flow]]
preset = "orders"
"#,
        of("exact", "base_url"),
        of("exact", "client_id"),
        credentials["exact"]["divisions"][0],
        of("pipedrive", "base_url"),
    );
    let env = |name: &str| {
        Some(match name {
            "KEY" => KEY.to_owned(),
            "SECRET" => of("exact", "client_secret"),
            "TOKEN" => of("pipedrive", "api_token"),
            _ => PASSWORD.to_owned(),
        })
    };
    Ok(Config::parse(&text, folder, &env)?)
}

/// Gives consent.
pub(crate) async fn consent(config: &Config, options: &ConnectOptions, credentials: &Value) -> Result<()> {
    let app = connect(config, options.clone()).await?;
    let token = credentials["exact"]["refresh_token"].as_str().unwrap_or_default();
    app.grant(None)?.client.import_refresh_token(token.into()).await?;
    app.finish().await;
    Ok(())
}
