//! The account's fields, read once and remembered.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::api::{Api, Call};
use super::association::{AssociationType, LABELLED};
use super::entity::{Entities, Entity};
use super::fields::{Account, Catalogue, OWNER};
use super::wire::{WireLabel, WireList, WireOwner, WirePipeline, WireProperty, WireSchema};
use crate::clock::Clock;
use crate::error::{ErrorKind, Result};
use crate::model::Kind;

/// What is not in a list this young is not worth another reading of it.
const YOUNG: Duration = Duration::from_secs(60);
const OWNERS: &str = "500";

#[derive(Debug)]
pub(super) struct Cache {
    clock: Arc<dyn Clock>,
    entities: Entities,
    kept: RwLock<HashMap<Kind, Kept>>,
    /// Callers at the same time share one reading.
    reading: Mutex<()>,
}

#[derive(Clone, Debug)]
struct Kept {
    catalogue: Arc<Catalogue>,
    account: Arc<Account>,
    read_at: Duration,
}

impl Cache {
    pub(super) fn new(clock: Arc<dyn Clock>, entities: Entities) -> Self {
        Self { clock, entities, kept: RwLock::default(), reading: Mutex::default() }
    }

    pub(super) fn entities(&self) -> &Entities {
        &self.entities
    }

    /// The fields of a kind as far as they were read. Makes no call.
    pub(super) fn known(&self, kind: Kind) -> Option<Arc<Catalogue>> {
        Some(self.kept(kind)?.catalogue)
    }

    /// The fields of a kind; read from the account the first time.
    pub(super) async fn get(&self, api: &Api, entity: &Entity) -> Result<Arc<Catalogue>> {
        if let Some(known) = self.known(entity.kind) {
            return Ok(known);
        }
        let _reading = self.reading.lock().await;
        match self.known(entity.kind) {
            Some(known) => Ok(known),
            None => self.read(api, entity).await,
        }
    }

    /// The fields of a kind, read anew unless somebody else has done so since `stale` was handed out.
    pub(super) async fn newer(
        &self,
        api: &Api,
        entity: &Entity,
        stale: &Arc<Catalogue>,
    ) -> Result<Arc<Catalogue>> {
        let _reading = self.reading.lock().await;
        match self.known(entity.kind) {
            Some(known) if !Arc::ptr_eq(&known, stale) => Ok(known),
            _ => self.read(api, entity).await,
        }
    }

    /// The fields of a kind after properties were made: these alone are read anew. Costs one call.
    pub(super) async fn with_made(&self, api: &Api, entity: &Entity) -> Result<Arc<Catalogue>> {
        let _reading = self.reading.lock().await;
        let Some(kept) = self.kept(entity.kind) else { return self.read(api, entity).await };
        let properties = properties(api, entity).await?;
        Ok(self.keep(entity, Account { properties, ..Account::clone(&kept.account) }))
    }

    /// Whether the remembered fields are so old that a field or an option may have been added since.
    pub(super) fn is_old(&self, kind: Kind) -> bool {
        let kept = self.kept(kind);
        kept.is_none_or(|kept| self.clock.monotonic().saturating_sub(kept.read_at) > YOUNG)
    }

    fn kept(&self, kind: Kind) -> Option<Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned()
    }

    /// At most six calls, however many records there are; one more for a custom object.
    async fn read(&self, api: &Api, entity: &Entity) -> Result<Arc<Catalogue>> {
        let properties = properties(api, entity).await?;
        let has = |name: &str| properties.iter().any(|property| property.name == name);
        let pipelines = if has("dealstage") || has("hs_pipeline_stage") {
            let call = Call::get(api.version.pipelines(&entity.object));
            extra::<WireList<WirePipeline>>(api, &call).await?.results
        } else {
            Vec::new()
        };
        let owners = if has(OWNER) { self.owners(api).await? } else { Vec::new() };
        let associations = self.associations(api, entity).await?;
        let required = if entity.custom {
            extra::<WireSchema>(api, &Call::get(api.version.schema(&entity.object)))
                .await?
                .required_properties
        } else {
            Vec::new()
        };
        Ok(self.keep(entity, Account { properties, pipelines, owners, associations, required }))
    }

    fn keep(&self, entity: &Entity, account: Account) -> Arc<Catalogue> {
        let catalogue = Arc::new(Catalogue::new(entity, &account));
        let read_at = self.clock.monotonic();
        let fresh = Kept { catalogue: Arc::clone(&catalogue), account: Arc::new(account), read_at };
        self.kept.write().unwrap_or_else(PoisonError::into_inner).insert(entity.kind, fresh);
        catalogue
    }

    async fn owners(&self, api: &Api) -> Result<Vec<WireOwner>> {
        let call = Call::get(api.version.owners()).query("limit", OWNERS);
        tolerated(&call, api.read_all(&call).await)
    }

    /// Every kind can be pointed to; labels are read for those that people label.
    async fn associations(
        &self,
        api: &Api,
        entity: &Entity,
    ) -> Result<Vec<(Kind, String, Vec<AssociationType>)>> {
        let mut found = Vec::new();
        for other in self.entities.iter() {
            let mut types = Vec::new();
            if LABELLED.contains(&other.kind) {
                let path = api.version.associations(&entity.object, &other.object) + "/labels";
                let labels: WireList<WireLabel> = extra(api, &Call::get(path)).await?;
                types = labels.results.into_iter().map(AssociationType::from).collect();
            }
            found.push((other.kind, other.object.clone(), types));
        }
        Ok(found)
    }
}

async fn properties(api: &Api, entity: &Entity) -> Result<Vec<WireProperty>> {
    let list: WireList<WireProperty> = api.read(&Call::get(api.version.properties(&entity.object))).await?;
    Ok(list.results)
}

/// Reads what is good to know: an account whose key may not read it is served without.
async fn extra<T: DeserializeOwned + Default>(api: &Api, call: &Call) -> Result<T> {
    tolerated(call, api.read(call).await)
}

fn tolerated<T: Default>(call: &Call, result: Result<T>) -> Result<T> {
    match result {
        Err(error)
            if matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Invalid) =>
        {
            tracing::warn!(%error, operation = %call.request.operation(), "left out, since HubSpot does not tell");
            Ok(T::default())
        }
        result => result,
    }
}
