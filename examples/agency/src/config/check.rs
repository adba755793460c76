//! From what is written to what is meant: every value held against what the program can do.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crm_adapters::oauth::OAuthApp;
use exact_client::Country;
use exact_client::{Vault, VaultKey};
use secrecy::SecretString;
use sync_core::flow::{Division, Vendor};
use sync_core::store::Tenant;
use url::{Host, Url};

use super::{
    Config, CrmAccess, CrmConfig, EngineConfig, ExactConfig, GrantConfig, StoreConfig, file, flow, serve,
};
use crate::error::{Error, Result};

pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) fn config(file: file::File, folder: &Path, env: Env<'_>) -> Result<Config> {
    let tenant = tenant(file.tenant)?;
    let store = store(file.store, folder, env)?;
    let exact = exact(file.exact, env)?;
    let crm = crm(file.crm, env)?;
    let engine = engine(&file.engine)?;
    let keep_days = keep_days(&file.privacy)?;
    let every: Vec<Option<u64>> = file.flow.iter().map(|flow| flow.every_minutes).collect();
    let flows = flow::flows(file.flow, file.brakes, &exact, crm.vendor)?;
    let names = flows.iter().map(|flow| flow.name.clone()).zip(every);
    let serve = serve::serve(file.serve, names, env)?;
    let alerts = serve::alerts(file.alerts, &flows, env)?;
    Ok(Config { tenant, store, exact, crm, engine, keep_days, flows, serve, alerts })
}

fn tenant(name: Option<String>) -> Result<Tenant> {
    let Some(name) = name else { return Ok(Tenant::default()) };
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Error::config("tenant", "it is empty", "give the customer a name, or leave it out"));
    }
    Ok(Tenant::new(name))
}

fn store(store: file::Store, folder: &Path, env: Env<'_>) -> Result<StoreConfig> {
    let kind = store.url.split_once(':').map_or("", |(kind, _)| kind);
    match kind {
        "sqlite" if store.url.len() > "sqlite:".len() => {}
        "postgres" | "postgresql" if cfg!(feature = "postgres") => {}
        "postgres" | "postgresql" => {
            return Err(Error::config(
                "store.url",
                "this build has no PostgreSQL store",
                "use \"sqlite:FILE\", or build with `--features postgres`",
            ));
        }
        _ => {
            return Err(Error::config(
                "store.url",
                "it names no known kind of store",
                "use \"sqlite:FILE\" or \"postgres://HOST/DATABASE\"",
            ));
        }
    }
    let current = vault_key("store.key_env", &store.key_env, env)?;
    let previous = store.previous_key_envs.iter().enumerate();
    let previous = previous.map(|(at, name)| vault_key(&format!("store.previous_key_envs[{at}]"), name, env));
    let vault = Arc::new(Vault::new(current, previous.collect::<Result<_>>()?));
    Ok(StoreConfig { url: store.url.into(), folder: folder.to_owned(), vault })
}

fn vault_key(path: &str, name: &str, env: Env<'_>) -> Result<VaultKey> {
    let text =
        variable(path, name, "32 random bytes in base64, as `openssl rand -base64 32` makes them", env)?;
    VaultKey::from_base64(&text).map_err(|_| {
        Error::config(
            path,
            format!("the variable {name} does not hold 32 bytes in base64"),
            "make a key with `openssl rand -base64 32`",
        )
    })
}

/// The value of a variable of the environment. Never repeated in a message.
pub(super) fn variable(path: &str, name: &str, holds: &str, env: Env<'_>) -> Result<String> {
    if name.is_empty() {
        return Err(Error::config(path, "it is empty", format!("name the variable that holds {holds}")));
    }
    env(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).ok_or_else(|| {
        Error::config(path, format!("the variable {name} is not set"), format!("set it to {holds}"))
    })
}

fn exact(exact: file::Exact, env: Env<'_>) -> Result<ExactConfig> {
    let country = Country::from_code(&exact.country).ok_or_else(|| {
        Error::config(
            "exact.country",
            format!("`{}` is no country of Exact Online", exact.country),
            "use nl, be, de, uk, fr, es or us",
        )
    })?;
    let origin = exact.base_url.as_deref().map(|text| origin("exact.base_url", text)).transpose()?;
    let redirect_url = Url::parse(&exact.redirect_url)
        .ok()
        .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| {
            Error::config("exact.redirect_url", "it is no URL", "use the one that the app is registered with")
        })?;
    Ok(ExactConfig {
        country,
        origin,
        redirect_url,
        redirect_text: exact.redirect_url.clone(),
        grants: grants(&exact, env)?,
        lengths: exact.lengths,
    })
}

fn grants(exact: &file::Exact, env: Env<'_>) -> Result<Vec<GrantConfig>> {
    let single = file::Grant {
        name: "default".to_owned(),
        divisions: exact.divisions.clone(),
        client_id: None,
        client_secret_env: None,
    };
    let (section, written) = match exact.grant.as_slice() {
        [] => ("exact", std::slice::from_ref(&single)),
        several => ("exact.grant", several),
    };
    let mut grants: Vec<GrantConfig> = Vec::new();
    for (at, grant) in written.iter().enumerate() {
        let path = if section == "exact" { section.to_owned() } else { format!("{section}[{at}]") };
        let grant = grant_of(exact, grant, &path, env)?;
        if grants.iter().any(|other| other.name == grant.name) {
            return Err(Error::config(
                format!("{path}.name"),
                format!("two grants are called {}", grant.name),
                "give one of them another name",
            ));
        }
        let twice = |division: &&Division| grants.iter().any(|other| other.divisions.contains(division));
        if let Some(division) = grant.divisions.iter().find(twice) {
            return Err(Error::config(
                format!("{path}.divisions"),
                format!("division {division} belongs to another grant already"),
                "name each division once",
            ));
        }
        grants.push(grant);
    }
    let reached = |division: &&u32| {
        grants.iter().any(|grant| grant.divisions.iter().any(|reached| reached.get() == **division))
    };
    match exact.divisions.iter().find(|division| !reached(division)) {
        Some(division) => Err(Error::config(
            "exact.divisions",
            format!("no grant reaches division {division}"),
            "add it to the divisions of a grant",
        )),
        None => Ok(grants),
    }
}

fn grant_of(exact: &file::Exact, grant: &file::Grant, path: &str, env: Env<'_>) -> Result<GrantConfig> {
    if grant.name.is_empty() || !grant.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        return Err(Error::config(
            format!("{path}.name"),
            format!("`{}` is no name of a grant", grant.name),
            "use letters, digits, `-` and `_`",
        ));
    }
    let divisions: Vec<Division> = grant.divisions.iter().copied().map(Division::new).collect();
    if divisions.is_empty() {
        return Err(Error::config(
            format!("{path}.divisions"),
            "no division is named",
            "name the administrations to sync, as in divisions = [123456]",
        ));
    }
    for (at, division) in divisions.iter().enumerate() {
        if division.get() == 0 || i32::try_from(division.get()).is_err() {
            return Err(Error::config(
                format!("{path}.divisions[{at}]"),
                format!("{division} is no division"),
                "use the code that stands in Exact's address",
            ));
        }
        if divisions[..at].contains(division) {
            return Err(Error::config(
                format!("{path}.divisions[{at}]"),
                format!("division {division} stands there twice"),
                "name each division once",
            ));
        }
    }
    let client_id = grant.client_id.clone().or_else(|| exact.client_id.clone()).unwrap_or_default();
    if client_id.trim().is_empty() {
        let message = "the app's client id is missing";
        return Err(Error::config(format!("{path}.client_id"), message, "copy it from Exact's App Center"));
    }
    let env_path = format!("{path}.client_secret_env");
    let name = grant.client_secret_env.clone().or_else(|| exact.client_secret_env.clone());
    let secret = variable(&env_path, &name.unwrap_or_default(), "the app's client secret", env)?;
    Ok(GrantConfig {
        name: grant.name.clone(),
        client_id,
        client_secret: SecretString::from(secret),
        divisions,
    })
}

fn crm(crm: file::Crm, env: Env<'_>) -> Result<CrmConfig> {
    let (vendor, holds) = match crm.kind.as_str() {
        "pipedrive" => (Vendor::Pipedrive, "the API token of a Pipedrive user"),
        "hubspot" => (Vendor::HubSpot, "a service key of the HubSpot account"),
        other => {
            return Err(Error::config(
                "crm.kind",
                format!("`{other}` is no CRM that is built in"),
                "use \"pipedrive\" or \"hubspot\"",
            ));
        }
    };
    let access = match (crm.oauth, crm.token_env) {
        (Some(_), Some(_)) => {
            let message = "there is a token, too, and only one of the two can be used";
            return Err(Error::config("crm.oauth", message, "remove crm.token_env, or [crm.oauth]"));
        }
        (Some(oauth), None) => crm_app(oauth, env)?,
        (None, token) => {
            let token = variable("crm.token_env", &token.unwrap_or_default(), holds, env)?;
            CrmAccess::Token(SecretString::from(token))
        }
    };
    Ok(CrmConfig {
        vendor,
        origin: crm.base_url.as_deref().map(|text| origin("crm.base_url", text)).transpose()?,
        access,
        create_fields: crm.create_fields,
    })
}

fn crm_app(oauth: file::CrmOauth, env: Env<'_>) -> Result<CrmAccess> {
    if oauth.client_id.trim().is_empty() {
        let message = "the app's client id is missing";
        return Err(Error::config("crm.oauth.client_id", message, "copy it from the app's page"));
    }
    let redirect = Url::parse(&oauth.redirect_url).ok().filter(|url| {
        url.has_host() && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)))
    });
    let redirect = redirect.ok_or_else(|| {
        let remedy = "use the https address that the app is registered with";
        Error::config("crm.oauth.redirect_url", "it is no address that a consent may come back to", remedy)
    })?;
    let holds = "the app's client secret";
    let secret = variable("crm.oauth.client_secret_env", &oauth.client_secret_env, holds, env)?;
    let app = OAuthApp::new(oauth.client_id.as_str(), secret, redirect);
    Ok(CrmAccess::App { client_id: oauth.client_id, app })
}

/// A vendor's origin: secrets go to it, so it is https, or on this machine.
fn origin(path: &str, text: &str) -> Result<Url> {
    let wrong = |message: &str, remedy: &str| Error::config(path, message, remedy);
    let url = Url::parse(text)
        .ok()
        .filter(Url::has_host)
        .ok_or_else(|| wrong("it is no URL", "write it like \"https://host\""))?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("it has more than a host and a port", "leave out the path: the program adds it"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            Err(wrong("plain http would send secrets in the clear", "use https; http is for loopback only"))
        }
        _ => Err(wrong("it is neither https nor http", "write it like \"https://host\"")),
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn engine(engine: &file::Engine) -> Result<EngineConfig> {
    let seconds = |name: &str, value: u64, most: u64| {
        if (1..=most).contains(&value) {
            return Ok(Duration::from_secs(value));
        }
        let path = format!("engine.{name}");
        Err(Error::config(path, format!("{value} seconds make no sense"), format!("use 1 to {most}")))
    };
    Ok(EngineConfig {
        settle: seconds("settle_seconds", engine.settle_seconds, 3_600)?,
        timeout: seconds("timeout_seconds", engine.timeout_seconds, 600)?,
        lease: seconds("lease_seconds", engine.lease_seconds, 3_600)?,
    })
}

fn keep_days(privacy: &file::Privacy) -> Result<u32> {
    let days = privacy.keep_days;
    if (1..=36_500).contains(&days) {
        return Ok(days);
    }
    Err(Error::config("privacy.keep_days", format!("{days} days make no sense"), "use 1 to 36500"))
}
