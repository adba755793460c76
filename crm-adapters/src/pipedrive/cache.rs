//! The account's fields, read once and remembered.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::api::{Api, Call};
use super::entity::Entity;
use super::fields::Catalogue;
use super::wire::WireField;
use crate::clock::Clock;
use crate::error::Result;
use crate::http::Failure;
use crate::model::Kind;

/// What is not in a list this young is not worth another reading of it.
const YOUNG: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Cache {
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<Kind, Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    catalogue: Arc<Catalogue>,
    read_at: Duration,
}

impl Cache {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, kept: Mutex::default() }
    }

    /// The fields of a kind; read from the account the first time. Callers at the same time share one reading.
    pub(super) async fn get(&self, api: &Api, entity: &Entity) -> Result<Arc<Catalogue>> {
        let mut kept = self.kept.lock().await;
        if let Some(found) = kept.get(&entity.kind) {
            return Ok(Arc::clone(&found.catalogue));
        }
        self.read(api, entity, &mut kept).await
    }

    /// The fields of a kind, read anew unless somebody else has done so since `stale` was handed out.
    pub(super) async fn newer(
        &self,
        api: &Api,
        entity: &Entity,
        stale: &Arc<Catalogue>,
    ) -> Result<Arc<Catalogue>> {
        let mut kept = self.kept.lock().await;
        match kept.get(&entity.kind) {
            Some(found) if !Arc::ptr_eq(&found.catalogue, stale) => Ok(Arc::clone(&found.catalogue)),
            _ => self.read(api, entity, &mut kept).await,
        }
    }

    /// Whether the remembered fields are so old that a field or an option may have been added since.
    pub(super) async fn is_old(&self, kind: Kind) -> bool {
        let kept = self.kept.lock().await;
        kept.get(&kind).is_none_or(|found| self.clock.monotonic().saturating_sub(found.read_at) > YOUNG)
    }

    async fn read(
        &self,
        api: &Api,
        entity: &Entity,
        kept: &mut HashMap<Kind, Kept>,
    ) -> Result<Arc<Catalogue>> {
        let call = Call::list(entity.fields_path);
        let fields: Vec<WireField> = api.read_all(&call).await.map_err(Failure::into_read_error)?;
        let catalogue = Arc::new(Catalogue::new(entity, &fields));
        let fresh = Kept { catalogue: Arc::clone(&catalogue), read_at: self.clock.monotonic() };
        kept.insert(entity.kind, fresh);
        Ok(catalogue)
    }
}
