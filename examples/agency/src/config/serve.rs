//! `[serve]` and `[alerts]`.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crm_adapters::{Kind, hubspot, pipedrive};
use exact_client::Webhooks;
use secrecy::{ExposeSecret, SecretString};
use sync_core::flow::Flow;
use url::Url;

use super::check::{Env, is_loopback, variable};
use super::file;
use crate::error::{Error, Result};

/// The longest interval between two passes: what a grant lives without one.
const LONGEST_INTERVAL: u64 = 31 * 24 * 60;

/// What `serve` does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServeConfig {
    /// How often each flow has a pass.
    pub intervals: BTreeMap<String, Duration>,
    /// How often everything is looked at, whatever was heard, where webhooks tell of Exact.
    pub full_look: Duration,
    /// How often payments are asked for there.
    pub payments: Duration,
    /// How long a pass in hand may go on once the process is to stop.
    pub grace: Duration,
    /// Where webhooks come in; without it nowhere.
    pub listen: Option<SocketAddr>,
    /// Under which the vendors reach it: subscriptions are then made and kept up.
    pub public_url: Option<Url>,
    /// Tells Exact's webhooks from anybody's.
    pub exact: Option<Webhooks>,
    /// Tells Pipedrive's webhooks from anybody's.
    pub pipedrive: Option<pipedrive::webhook::Verifier>,
    /// Tells HubSpot's webhooks from anybody's.
    pub hubspot: Option<hubspot::webhook::Verifier>,
}

/// Who is told what.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AlertsConfig {
    /// Where messages go besides the log.
    pub endpoint: Option<Endpoint>,
    /// From which share of a day's calls on somebody is told, in percent.
    pub budget_percent: u64,
    /// What is told besides problems.
    pub events: Vec<BusinessEvent>,
}

/// Something in the business that no-code tools may hang on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BusinessEvent {
    /// An order was created in Exact.
    OrderCreated,
    /// An invoice, or all invoices of an order, were paid.
    InvoicePaid,
    /// The term of an invoice ran out without its money.
    InvoiceOverdue,
    /// Something of an order was delivered.
    Shipped,
}

impl BusinessEvent {
    pub(super) const NAMES: [(&str, Self); 4] = [
        ("order created", Self::OrderCreated),
        ("invoice paid", Self::InvoicePaid),
        ("invoice overdue", Self::InvoiceOverdue),
        ("shipped", Self::Shipped),
    ];

    /// As messages name it.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            Self::OrderCreated => "order_created",
            Self::InvoicePaid => "invoice_paid",
            Self::InvoiceOverdue => "invoice_overdue",
            Self::Shipped => "shipped",
        }
    }

    /// Its place in the life of an order: of what is learned at once, the earlier is told first.
    pub(crate) fn place(self) -> u8 {
        match self {
            Self::OrderCreated => 1,
            Self::Shipped => 2,
            Self::InvoiceOverdue => 3,
            Self::InvoicePaid => 4,
        }
    }

    /// Whether a flow of that kind of Exact's tells of it.
    fn is_told_by(self, kind: Kind) -> bool {
        match self {
            Self::OrderCreated | Self::Shipped => kind == Kind::Order,
            Self::InvoicePaid | Self::InvoiceOverdue => {
                matches!(kind, Kind::Order | Kind::Billing | Kind::Invoice)
            }
        }
    }
}

/// The address of an endpoint. `Debug` shows nothing of it: whoever knows it can write there.
#[derive(Clone)]
pub struct Endpoint(SecretString);

impl Endpoint {
    pub(crate) fn url(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

impl ServeConfig {
    /// How often everything is looked at at the least: where nobody tells of Exact, with each pass.
    pub(crate) fn whole(&self) -> Duration {
        if self.exact.is_some() { self.full_look } else { Duration::ZERO }
    }
}

pub(super) fn serve(
    serve: file::Serve,
    flows: impl Iterator<Item = (String, Option<u64>)>,
    env: Env<'_>,
) -> Result<ServeConfig> {
    let standard = interval("serve.every_minutes", serve.every_minutes)?;
    let of_flow = |(at, (flow, every)): (usize, (String, Option<u64>))| {
        let every = every.map(|every| interval(&format!("flow[{at}].every_minutes"), every)).transpose()?;
        Ok((flow, every.unwrap_or(standard)))
    };
    let listen = serve.listen.as_deref().map(|text| {
        text.parse().map_err(|_| {
            let remedy = "write it like \"127.0.0.1:8080\", behind whatever ends TLS";
            Error::config("serve.listen", "it is no address with a port", remedy)
        })
    });
    if serve.grace_seconds > 3_600 {
        let message = format!("{} seconds make no sense", serve.grace_seconds);
        return Err(Error::config("serve.grace_seconds", message, "use 0 to 3600"));
    }
    let config = ServeConfig {
        intervals: flows.enumerate().map(of_flow).collect::<Result<_>>()?,
        full_look: interval("serve.full_look_minutes", serve.full_look_minutes)?,
        payments: interval("serve.payments_minutes", serve.payments_minutes)?,
        grace: Duration::from_secs(serve.grace_seconds),
        listen: listen.transpose()?,
        public_url: serve.public_url.as_deref().map(public_url).transpose()?,
        exact: exact(&serve, env)?,
        pipedrive: pipedrive(&serve, env)?,
        hubspot: hubspot(&serve, env)?,
    };
    let receives = config.exact.is_some() || config.pipedrive.is_some() || config.hubspot.is_some();
    match config.listen {
        None if receives || config.public_url.is_some() => {
            let message = "webhooks have a secret and nowhere to come in";
            Err(Error::config("serve.listen", message, "add it, as in listen = \"127.0.0.1:8080\""))
        }
        _ => Ok(config),
    }
}

fn public_url(text: &str) -> Result<Url> {
    let url = Url::parse(text).ok().filter(|url| {
        url.has_host()
            && url.query().is_none()
            && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)))
    });
    url.ok_or_else(|| {
        let message = "it is no address that the vendors can post to";
        Error::config("serve.public_url", message, "write it like \"https://sync.example.com\"")
    })
}

fn interval(path: &str, minutes: u64) -> Result<Duration> {
    if (1..=LONGEST_INTERVAL).contains(&minutes) {
        return Ok(Duration::from_secs(minutes * 60));
    }
    let remedy = format!("use 1 to {LONGEST_INTERVAL}");
    Err(Error::config(path, format!("{minutes} minutes make no sense"), remedy))
}

fn exact(serve: &file::Serve, env: Env<'_>) -> Result<Option<Webhooks>> {
    let Some(name) = &serve.exact_secret_env else { return Ok(None) };
    let holds = "the webhook secret of the app's registration, which is not the client secret";
    let secret = variable("serve.exact_secret_env", name, holds, env)?;
    Ok(Some(Webhooks::new(secret.into())))
}

fn pipedrive(serve: &file::Serve, env: Env<'_>) -> Result<Option<pipedrive::webhook::Verifier>> {
    let (user, name) = match (&serve.pipedrive_user, &serve.pipedrive_password_env) {
        (None, None) => return Ok(None),
        (Some(user), Some(name)) => (user, name),
        (Some(_), None) => return Err(missing("serve.pipedrive_password_env", "the webhook's password")),
        (None, Some(_)) => return Err(missing("serve.pipedrive_user", "the webhook's user")),
    };
    let path = "serve.pipedrive_password_env";
    let password = variable(path, name, "the password that the webhook was made with", env)?;
    let verifier = pipedrive::webhook::Verifier::new(user, password);
    verifier.map(Some).map_err(|error| Error::from(error).at("serve.pipedrive_user"))
}

fn hubspot(serve: &file::Serve, env: Env<'_>) -> Result<Option<hubspot::webhook::Verifier>> {
    let (url, name) = match (&serve.hubspot_target_url, &serve.hubspot_secret_env) {
        (None, None) => return Ok(None),
        (Some(url), Some(name)) => (url, name),
        (Some(_), None) => return Err(missing("serve.hubspot_secret_env", "the app's client secret")),
        (None, Some(_)) => return Err(missing("serve.hubspot_target_url", "the target address")),
    };
    let secret = variable("serve.hubspot_secret_env", name, "the client secret of the HubSpot app", env)?;
    Ok(Some(hubspot::webhook::Verifier::new(secret, url)))
}

fn missing(path: &str, what: &str) -> Error {
    Error::config(path, format!("{what} is missing"), "add it, or remove its companion")
}

pub(super) fn alerts(alerts: file::Alerts, flows: &[Flow], env: Env<'_>) -> Result<AlertsConfig> {
    if !(1..=100).contains(&alerts.budget_percent) {
        let message = format!("{} is no percentage", alerts.budget_percent);
        return Err(Error::config("alerts.budget_percent", message, "use 1 to 100"));
    }
    let events = alerts.events.iter().enumerate().map(|(at, name)| {
        let path = format!("alerts.events[{at}]");
        let known = BusinessEvent::NAMES.into_iter().find(|(known, _)| known == name);
        let Some((_, event)) = known else {
            let names = BusinessEvent::NAMES.map(|(name, _)| format!("\"{name}\"")).join(", ");
            let message = format!("`{name}` is no event that is told");
            return Err(Error::config(path, message, format!("use one of {names}")));
        };
        if !flows.iter().any(|flow| event.is_told_by(flow.kinds.exact)) {
            let remedy = "add [[flow]] with preset = \"orders\", or remove the event";
            return Err(Error::config(path, format!("no flow tells of `{name}`"), remedy));
        }
        Ok(event)
    });
    Ok(AlertsConfig {
        endpoint: alerts.url_env.map(|name| endpoint(&name, env)).transpose()?,
        budget_percent: alerts.budget_percent,
        events: events.collect::<Result<_>>()?,
    })
}

/// Its address is never repeated in a message.
fn endpoint(name: &str, env: Env<'_>) -> Result<Endpoint> {
    let path = "alerts.url_env";
    let text = variable(path, name, "the address that takes alerts", env)?;
    let wrong =
        |message: &str| Error::config(path, message, "set it to an https address; http is for loopback only");
    let url = Url::parse(&text).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| wrong(&format!("the variable {name} holds no address")))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => return Err(wrong(&format!("the address in {name} would be called in the clear"))),
    }
    Ok(Endpoint(SecretString::from(url.to_string())))
}
