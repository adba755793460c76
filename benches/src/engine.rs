//! The engine under measurement: companies from Exact to Pipedrive, over counted collaborators.

use std::error::Error;
use std::sync::Arc;

use crm_adapters::Adapter;
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use exact_client::{App, Client, Country, DivisionId};
use sync_core::engine::Engine;
use sync_core::exact::{CallStore, ExactAdapter, PartStore};
use sync_core::flow::{Division, Preset, Vendor};
use sync_core::store::{Store, Tenant};

use crate::{CountingAdapter, CountingStore, Vendors};

/// An engine and what counts around it.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "a plain bundle")]
pub struct Load {
    /// The engine.
    pub engine: Engine,
    /// Its store.
    pub store: Arc<CountingStore>,
    /// Its CRM.
    pub crm: Arc<CountingAdapter>,
}

/// The engine that carries every company of Exact into an empty Pipedrive.
///
/// # Errors
/// Where the vendors do not take the credentials, or something does not fit together.
pub async fn engine(vendors: &Vendors, store: Arc<dyn Store>) -> Result<Load, Box<dyn Error>> {
    let store = Arc::new(CountingStore::new(store));
    let crm = Pipedrive::builder(ApiToken::new(vendors.text("pipedrive", "api_token")))
        .origin(vendors.text("pipedrive", "base_url").parse()?)
        .build()?;
    let crm = Arc::new(CountingAdapter::new(Arc::new(crm)));
    let exact = exact(vendors, &store).await?;
    let engine = Engine::builder(Arc::clone(&store) as Arc<dyn Store>, Arc::clone(&crm) as Arc<dyn Adapter>)
        .division(Division::new(vendors.division()), exact)
        .flow(Preset::Companies.flow(Vendor::Pipedrive))
        .create_fields(true)
        .build()?;
    Ok(Load { engine, store, crm })
}

/// The division in Exact, with a fresh grant and its calls counted in the engine's store.
async fn exact(vendors: &Vendors, store: &Arc<CountingStore>) -> Result<Arc<dyn Adapter>, Box<dyn Error>> {
    let app = App {
        client_id: vendors.text("exact", "client_id").to_owned(),
        client_secret: vendors.text("exact", "client_secret").into(),
        redirect_url: "https://example.com/callback".to_owned(),
    };
    let calls = CallStore::new(Arc::clone(store) as Arc<dyn Store>, Tenant::default());
    let client = Client::builder(app, Country::Nl)
        .origin(vendors.text("exact", "base_url").parse()?)
        .usage_store(Arc::new(calls))
        .build()?;
    client.import_refresh_token(vendors.text("exact", "refresh_token").into()).await?;
    let division = DivisionId::new(vendors.division().try_into()?);
    let divisions = client.divisions(division).await?;
    let moved = divisions.first().and_then(|division| division.division_move_date);
    let parts = PartStore::new(Arc::clone(store) as Arc<dyn Store>, Tenant::default());
    Ok(Arc::new(ExactAdapter::new(client, division, moved).parts_in(parts)))
}
