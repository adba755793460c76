//! The config: read, checked, and every secret fetched, before anything else happens.

mod check;
mod file;
mod flow;
mod references;
mod serve;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crm_adapters::oauth::OAuthApp;
use exact_client::Country;
use exact_client::Vault;
use schemars::generate::SchemaSettings;
use secrecy::SecretString;
use sync_core::flow::{Division, Flow, Vendor};
use sync_core::store::Tenant;
use url::Url;

pub(crate) use self::check::is_loopback;
pub use self::serve::{AlertsConfig, BusinessEvent, Endpoint, ServeConfig};
use crate::error::{Error, Result};

/// A config that was found right. Made by [`Config::load`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Config {
    /// Whose data it is.
    pub tenant: Tenant,
    /// Where the engine keeps what it knows.
    pub store: StoreConfig,
    /// Exact Online.
    pub exact: ExactConfig,
    /// The CRM.
    pub crm: CrmConfig,
    /// How long to wait for what.
    pub engine: EngineConfig,
    /// For so many days the audit keeps a line.
    pub keep_days: u32,
    /// What is kept in agreement, with its brakes.
    pub flows: Vec<Flow>,
    /// What `serve` does.
    pub serve: ServeConfig,
    /// Who is told what.
    pub alerts: AlertsConfig,
}

/// Where the engine keeps what it knows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoreConfig {
    /// Its address, with the password where it has one.
    pub url: SecretString,
    /// What the address is relative to: the folder of the config file.
    pub folder: PathBuf,
    /// The keys for what is secret in it.
    pub vault: Arc<Vault>,
}

/// Exact Online.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExactConfig {
    /// The country.
    pub country: Country,
    /// Instead of the country's own.
    pub origin: Option<Url>,
    /// Where consent comes back to.
    pub redirect_url: Url,
    /// The redirect URL letter by letter, as it is registered.
    pub redirect_text: String,
    /// One for each consent.
    pub grants: Vec<GrantConfig>,
    /// How long texts may be, by property, where that differs from what is assumed.
    pub lengths: BTreeMap<String, usize>,
}

/// One consent of one Exact user to one app.
#[derive(Clone)]
#[non_exhaustive]
pub struct GrantConfig {
    /// Its name; `default` where there is one.
    pub name: String,
    /// The app.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: SecretString,
    /// The divisions that it is to reach.
    pub divisions: Vec<Division>,
}

impl fmt::Debug for GrantConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantConfig")
            .field("name", &self.name)
            .field("client_id", &self.client_id)
            .field("divisions", &self.divisions)
            .finish_non_exhaustive()
    }
}

/// The CRM.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CrmConfig {
    /// Whose it is.
    pub vendor: Vendor,
    /// Instead of the vendor's own.
    pub origin: Option<Url>,
    /// How it is entered.
    pub access: CrmAccess,
    /// Whether missing custom fields may be created.
    pub create_fields: bool,
}

/// How the CRM is entered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CrmAccess {
    /// With Pipedrive's API token, or HubSpot's service key.
    Token(SecretString),
    /// With a consent to an app, whose tokens are kept in the store.
    App {
        /// The app's id.
        client_id: String,
        /// The app.
        app: OAuthApp,
    },
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EngineConfig {
    /// How long an unanswered create may still land.
    pub settle: Duration,
    /// One request.
    pub timeout: Duration,
    /// How long a dead worker is believed alive.
    pub lease: Duration,
}

impl Config {
    /// Reads and checks a config file; secrets come from the variables of the environment that it names. No call.
    ///
    /// # Errors
    /// The first thing that is wrong: what, where, what to do. Exit code 2.
    pub fn load(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::config("", format!("cannot read {name}: {error}"), "name the config file with --config")
        })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(&text, &folder, &|variable| std::env::var(variable).ok())
    }

    /// Checks the text of a config; paths are relative to `folder`, secrets come from `env`. No call.
    ///
    /// # Errors
    /// Those of [`load`](Config::load).
    pub fn parse(text: &str, folder: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        check::config(read(text)?, folder, env)
    }

    /// The JSON Schema of a config file, for editors: what is there, what it means, which values it takes.
    #[must_use]
    pub fn schema() -> schemars::Schema {
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<file::File>()
    }

    /// All divisions, in the order of the grants.
    pub fn divisions(&self) -> impl Iterator<Item = Division> {
        self.exact.grants.iter().flat_map(|grant| grant.divisions.iter().copied())
    }
}

fn read(text: &str) -> Result<file::File> {
    let remedy = "see sync.example.toml for every key";
    let wrong = |path: &str, error: &toml::de::Error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
        let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
        let message = error.message().replace('\n', " ");
        let remedy = match message.split_once(", expected") {
            Some(_) if message.starts_with("unknown field") => "correct the key, or remove it",
            _ if message.starts_with("missing field") => "add it",
            _ => remedy,
        };
        Error::config(path, format!("{message}{line}"), remedy)
    };
    let document = toml::Deserializer::parse(text).map_err(|error| wrong("", &error))?;
    serde_path_to_error::deserialize(document).map_err(|error| {
        let path = error.path().to_string();
        wrong(path.trim_matches('.'), error.inner())
    })
}
