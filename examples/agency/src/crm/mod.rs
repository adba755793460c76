//! The CRM: a token of the config, or a consent to an app whose tokens are kept in the store.

mod tokens;

use std::sync::Arc;

use crm_adapters::hubspot::webhook::Hint;
use crm_adapters::hubspot::{HubSpot, ServiceKey};
use crm_adapters::oauth::{OAuthApp, TokenStore as _, Tokens};
use crm_adapters::pipedrive::webhook::{Repaired, Subscription};
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Adapter, Clock, HttpClient, Kind, Retry};
use secrecy::{ExposeSecret, SecretString};
use sync_core::flow::{Side, Vendor};
use sync_core::store::{Store, Tenant};
use tokio::sync::OnceCell;
use url::Url;

pub(crate) use self::tokens::CrmTokens;
use crate::config::{Config, CrmAccess, CrmConfig};
use crate::error::{Error, Result};

/// What the presets read and write in HubSpot; the app's page must have the same.
const SCOPES: [&str; 16] = [
    "oauth",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.invoices.read",
    "crm.objects.invoices.write",
    "crm.objects.line_items.read",
    "crm.objects.line_items.write",
    "crm.schemas.companies.write",
    "crm.schemas.contacts.write",
    "crm.schemas.deals.write",
    "crm.schemas.line_items.read",
    "e-commerce",
];

/// The CRM, and the way to a consent where it needs one.
#[derive(Clone, Debug)]
pub(crate) struct Crm {
    pub(crate) adapter: Arc<dyn Adapter>,
    vendor: Known,
    door: Option<Door>,
    /// HubSpot's number of the account, once it was asked for.
    portal: Arc<OnceCell<Option<u64>>>,
}

/// Where a consent comes in.
#[derive(Clone, Debug)]
struct Door {
    app: OAuthApp,
    tokens: Arc<CrmTokens>,
}

#[derive(Clone, Debug)]
enum Known {
    Pipedrive(Arc<Pipedrive>),
    HubSpot(Arc<HubSpot>),
}

impl Crm {
    /// Prepares the adapter. Makes no call.
    pub(crate) fn open(
        config: &Config,
        store: &Arc<dyn Store>,
        tenant: &Tenant,
        clock: &Arc<dyn Clock>,
        http: Option<HttpClient>,
    ) -> Result<Self> {
        let crm = &config.crm;
        let tokens = || Arc::new(CrmTokens::new(Arc::clone(store), tenant.clone(), config));
        let (adapter, vendor): (Arc<dyn Adapter>, Known) = match crm.vendor {
            Vendor::Pipedrive => {
                let mut builder = match &crm.access {
                    CrmAccess::Token(token) => Pipedrive::builder(ApiToken::new(token.expose_secret())),
                    CrmAccess::App { app, .. } => Pipedrive::with_grant(app.clone(), tokens()),
                };
                if let Some(origin) = &crm.origin {
                    builder = builder.origin(origin.clone());
                }
                if let Some(http) = http {
                    builder = builder.http_client(http);
                }
                let builder = builder.clock(Arc::clone(clock)).timeout(config.engine.timeout);
                let adapter = Arc::new(builder.build().map_err(at_crm)?);
                (Arc::clone(&adapter) as _, Known::Pipedrive(adapter))
            }
            Vendor::HubSpot => {
                let mut builder = match &crm.access {
                    CrmAccess::Token(token) => HubSpot::builder(ServiceKey::new(token.expose_secret())),
                    CrmAccess::App { app, .. } => HubSpot::with_grant(app.clone(), tokens()),
                };
                if let Some(origin) = &crm.origin {
                    builder = builder.origin(origin.clone());
                }
                if let Some(http) = http {
                    builder = builder.http_client(http);
                }
                let builder = builder.clock(Arc::clone(clock)).timeout(config.engine.timeout);
                let adapter = Arc::new(builder.build().map_err(at_crm)?);
                (Arc::clone(&adapter) as _, Known::HubSpot(adapter))
            }
            other => {
                let message = format!("{other:?} is no CRM that is built in");
                return Err(Error::config("crm.kind", message, "use \"pipedrive\" or \"hubspot\""));
            }
        };
        let door = match &crm.access {
            CrmAccess::Token(_) => None,
            CrmAccess::App { app, .. } => Some(Door { app: app.clone(), tokens: tokens() }),
        };
        Ok(Self { adapter, vendor, door, portal: Arc::default() })
    }

    /// Makes sure that Pipedrive tells what happens. Other CRMs are told of it by people.
    pub(crate) async fn repair_pipedrive(&self, wanted: &Subscription) -> Result<Repaired> {
        match &self.vendor {
            Known::Pipedrive(crm) => Ok(crm.repair_webhook(wanted).await?),
            Known::HubSpot(_) => Ok(Repaired::Intact),
        }
    }

    /// What a body that HubSpot sent hints at. None where the CRM is another one.
    pub(crate) fn hints_of_hubspot(&self, body: &[u8]) -> Option<Result<Vec<Hint>>> {
        match &self.vendor {
            Known::HubSpot(crm) => Some(crm.hints(body).map_err(Error::from)),
            Known::Pipedrive(_) => None,
        }
    }

    /// HubSpot's number of the account, where it tells. One call, and one more each time after it went unanswered.
    pub(crate) async fn portal(&self) -> Option<u64> {
        let Known::HubSpot(crm) = &self.vendor else { return None };
        let ask = async || match crm.account().await {
            Ok(account) => Ok(Some(account.portal_id)),
            Err(error) => {
                tracing::warn!(%error, "events of other accounts of HubSpot are not told from those of this one");
                if error.retry() == Retry::Never { Ok(None) } else { Err(()) }
            }
        };
        self.portal.get_or_try_init(ask).await.copied().unwrap_or_default()
    }

    fn door(&self) -> Result<&Door> {
        self.door.as_ref().ok_or_else(|| {
            let remedy = "use the token as it is, or replace crm.token_env by [crm.oauth]";
            Error::config("crm.oauth", "the CRM is configured with a token, which needs no consent", remedy)
        })
    }

    /// The address at which a person consents; `state` comes back with the code.
    pub(crate) fn consent_url(&self, state: &str) -> Result<Url> {
        let door = self.door()?;
        let url = match &self.vendor {
            Known::Pipedrive(_) => Pipedrive::authorize_url(&door.app, state),
            Known::HubSpot(_) => HubSpot::authorize_url(&door.app, &SCOPES, state),
        };
        url.map_err(at_crm)
    }

    /// Exchanges the code of a consent for tokens, which are stored, sealed. One call.
    pub(crate) async fn connect(&self, code: &str) -> Result<()> {
        self.door()?;
        let connected = match &self.vendor {
            Known::Pipedrive(crm) => crm.connect(code).await,
            Known::HubSpot(crm) => crm.connect(code).await,
        };
        Ok(connected.map(drop)?)
    }

    /// Stores a consent that was given elsewhere, once it was proved by a renewal and a read; else the former one stays.
    pub(crate) async fn import(&self, refresh_token: SecretString) -> Result<()> {
        let door = self.door()?;
        let former = door.tokens.load().await?;
        let tokens = Tokens {
            // It is renewed before it is ever sent.
            access_token: SecretString::from("unknown"),
            refresh_token,
            expires_at: chrono::DateTime::UNIX_EPOCH,
            portal_id: None,
            api_domain: former.as_ref().and_then(|former| former.api_domain.clone()),
        };
        door.tokens.save(&tokens).await?;
        if let Err(error) = self.adapter.schema(Kind::Company).await {
            match former {
                Some(former) => door.tokens.save(&former).await?,
                None => door.tokens.forget().await?,
            }
            return Err(Error::from(error).of(Side::Crm));
        }
        Ok(())
    }
}

fn at_crm(error: crm_adapters::Error) -> Error {
    Error::from(error).at("crm")
}

/// What a row of tokens is named after.
pub(crate) fn name(crm: &CrmConfig) -> String {
    let vendor = match crm.vendor {
        Vendor::Pipedrive => "pipedrive",
        Vendor::HubSpot => "hubspot",
        _ => "crm",
    };
    match &crm.access {
        CrmAccess::Token(_) => vendor.to_owned(),
        CrmAccess::App { client_id, .. } => format!("{vendor}/{client_id}"),
    }
}
