//! The config file as it is written: every section and key there is. Unknown ones are errors.

use std::collections::BTreeMap;

use serde::Deserialize;
use sync_core::flow::{Brakes, Condition, Create, RuleChange, WithoutIdentity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) tenant: Option<String>,
    pub(super) store: Store,
    pub(super) exact: Exact,
    pub(super) crm: Crm,
    #[serde(default)]
    pub(super) engine: Engine,
    #[serde(default)]
    pub(super) brakes: Brakes,
    #[serde(default)]
    pub(super) serve: Serve,
    #[serde(default)]
    pub(super) alerts: Alerts,
    #[serde(default)]
    pub(super) flow: Vec<Flow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Store {
    pub(super) url: String,
    pub(super) key_env: String,
    #[serde(default)]
    pub(super) previous_key_envs: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exact {
    pub(super) country: String,
    pub(super) base_url: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret_env: Option<String>,
    pub(super) redirect_url: String,
    #[serde(default)]
    pub(super) divisions: Vec<u32>,
    #[serde(default)]
    pub(super) grant: Vec<Grant>,
    /// How long a text may be, by Exact's property name, where Exact takes other lengths than assumed.
    #[serde(default)]
    pub(super) lengths: BTreeMap<String, usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    pub(super) name: String,
    pub(super) divisions: Vec<u32>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret_env: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Crm {
    pub(super) kind: String,
    pub(super) base_url: Option<String>,
    pub(super) token_env: Option<String>,
    /// Known, and not built in yet: its content is not looked at.
    pub(super) oauth: Option<toml::Table>,
    #[serde(default)]
    pub(super) create_fields: bool,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Engine {
    pub(super) settle_seconds: u64,
    pub(super) timeout_seconds: u64,
    pub(super) lease_seconds: u64,
}

impl Default for Engine {
    fn default() -> Self {
        Self { settle_seconds: 120, timeout_seconds: 30, lease_seconds: 60 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Serve {
    pub(super) every_minutes: u64,
    pub(super) grace_seconds: u64,
    pub(super) listen: Option<String>,
    pub(super) exact_secret_env: Option<String>,
    pub(super) pipedrive_user: Option<String>,
    pub(super) pipedrive_password_env: Option<String>,
    pub(super) hubspot_secret_env: Option<String>,
    pub(super) hubspot_target_url: Option<String>,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            every_minutes: 15,
            grace_seconds: 30,
            listen: None,
            exact_secret_env: None,
            pipedrive_user: None,
            pipedrive_password_env: None,
            hubspot_secret_env: None,
            hubspot_target_url: None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Alerts {
    /// An endpoint's address is often all that it takes to write there: a secret.
    pub(super) url_env: Option<String>,
    pub(super) budget_percent: u64,
    pub(super) events: Vec<String>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { url_env: None, budget_percent: 80, events: Vec::new() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flow {
    pub(super) preset: String,
    pub(super) name: Option<String>,
    /// Instead of `serve.every_minutes`.
    pub(super) every_minutes: Option<u64>,
    pub(super) create: Option<Create>,
    #[serde(rename = "match")]
    pub(super) identity: Option<Vec<String>>,
    pub(super) without_identity: Option<WithoutIdentity>,
    #[serde(default)]
    pub(super) divisions: Vec<u32>,
    pub(super) create_in: Option<u32>,
    pub(super) when: Option<Condition>,
    /// Belongs to hand-offs; a mirror has no start.
    pub(super) since: Option<toml::Value>,
    /// Belongs to hand-offs, too.
    pub(super) prefix: Option<String>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, RuleChange>,
}
