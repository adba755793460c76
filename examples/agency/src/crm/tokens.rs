//! The CRM's tokens in the engine's store, sealed like Exact's grants.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use crm_adapters::oauth::{TokenStore, Tokens};
use crm_adapters::{Error, ErrorKind, Result, async_trait};
use exact_client::Vault;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sync_core::store::{Batch, Commit, Expect, Key, Put, Store, Table, Tenant};
use url::Url;
use uuid::Uuid;

use crate::config::Config;

/// One tenant's consent to one app.
pub(crate) struct CrmTokens {
    store: Arc<dyn Store>,
    tenant: Tenant,
    vault: Arc<Vault>,
    key: Key,
}

impl fmt::Debug for CrmTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrmTokens").field("key", &self.key.id).finish_non_exhaustive()
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content {
    access_token: String,
    refresh_token: String,
    expires_at: DateTime<Utc>,
    portal_id: Option<u64>,
    api_domain: Option<Url>,
}

/// What stands in a row.
#[derive(Serialize, Deserialize)]
struct Sealed {
    sealed: String,
}

impl CrmTokens {
    pub(super) fn new(store: Arc<dyn Store>, tenant: Tenant, config: &Config) -> Self {
        let key = Key::new(Table::Grant, format!("crm/{}", super::name(&config.crm)));
        Self { store, tenant, vault: Arc::clone(&config.store.vault), key }
    }

    /// A row that is copied to another tenant or app does not open there.
    fn context(&self) -> String {
        format!("{}/{}", self.tenant, self.key.id)
    }

    pub(super) async fn forget(&self) -> Result<()> {
        self.commit(Batch { deletes: vec![self.key.clone()], ..Batch::new(Uuid::new_v4()) }).await
    }

    async fn commit(&self, batch: Batch) -> Result<()> {
        match self.store.commit(&self.tenant, None, batch).await {
            Ok(Commit::Applied) => Ok(()),
            Ok(_) => Err(trouble("the CRM's tokens were not stored")),
            Err(error) => Err(trouble("the CRM's tokens cannot be stored").with_source(error)),
        }
    }
}

fn trouble(what: &str) -> Error {
    Error::new(ErrorKind::Unavailable, what).with_remedy("see to the store; nothing was sent")
}

#[async_trait]
impl TokenStore for CrmTokens {
    async fn load(&self) -> Result<Option<Tokens>> {
        let row = self.store.get(&self.tenant, std::slice::from_ref(&self.key)).await;
        let row = row.map_err(|error| trouble("the CRM's tokens cannot be read").with_source(error))?;
        let Some(row) = row.into_iter().flatten().next() else { return Ok(None) };
        let damaged = |error| trouble("the row of the CRM's tokens is damaged").with_source(error);
        let sealed: Sealed = serde_json::from_str(&row.value).map_err(damaged)?;
        let bytes = self.vault.open(&self.context(), &sealed.sealed).map_err(|error| {
            Error::new(ErrorKind::Auth, "the CRM's tokens do not open with the key of the store")
                .with_remedy("add the former key to store.previous_key_envs, or run `auth login --crm`")
                .with_source(error)
        })?;
        let content: Content = serde_json::from_slice(&bytes).map_err(damaged)?;
        Ok(Some(Tokens {
            access_token: SecretString::from(content.access_token),
            refresh_token: SecretString::from(content.refresh_token),
            expires_at: content.expires_at,
            portal_id: content.portal_id,
            api_domain: content.api_domain,
        }))
    }

    async fn save(&self, tokens: &Tokens) -> Result<()> {
        let content = Content {
            access_token: tokens.access_token.expose_secret().to_owned(),
            refresh_token: tokens.refresh_token.expose_secret().to_owned(),
            expires_at: tokens.expires_at,
            portal_id: tokens.portal_id,
            api_domain: tokens.api_domain.clone(),
        };
        let unwritable = |error| trouble("the CRM's tokens cannot be written").with_source(error);
        let bytes = serde_json::to_vec(&content).map_err(unwritable)?;
        let sealed = self.vault.seal(&self.context(), &bytes);
        let sealed =
            sealed.map_err(|error| trouble("the CRM's tokens cannot be sealed").with_source(error))?;
        let value = serde_json::to_string(&Sealed { sealed }).map_err(unwritable)?;
        let put = Put { key: self.key.clone(), value, marks: Vec::new(), expect: Expect::Any };
        self.commit(Batch { puts: vec![put], ..Batch::new(Uuid::new_v4()) }).await
    }
}
