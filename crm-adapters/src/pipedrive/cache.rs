//! The account's fields and lists, read once and remembered.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::api::{Api, Call};
use super::entity::{Entity, List};
use super::fields::{Catalogue, Choice, Lists};
use super::lists;
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
    kept: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    kinds: HashMap<Kind, Kept>,
    lists: Lists,
}

#[derive(Clone, Debug)]
struct Kept {
    catalogue: Arc<Catalogue>,
    fields: Vec<WireField>,
    read_at: Duration,
}

impl Cache {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, kept: Mutex::default() }
    }

    /// The fields of a kind; read from the account the first time. Callers at the same time share one reading.
    pub(super) async fn get(&self, api: &Api, entity: &Entity) -> Result<Arc<Catalogue>> {
        let mut known = self.kept.lock().await;
        if let Some(found) = known.kinds.get(&entity.kind) {
            return Ok(Arc::clone(&found.catalogue));
        }
        self.read(api, entity, &mut known).await
    }

    /// The fields of a kind, read anew unless somebody else has done so since `stale` was handed out.
    pub(super) async fn newer(
        &self,
        api: &Api,
        entity: &Entity,
        stale: &Arc<Catalogue>,
    ) -> Result<Arc<Catalogue>> {
        let mut known = self.kept.lock().await;
        match known.kinds.get(&entity.kind) {
            Some(found) if !Arc::ptr_eq(&found.catalogue, stale) => Ok(Arc::clone(&found.catalogue)),
            _ => {
                known.lists.clear();
                self.read(api, entity, &mut known).await
            }
        }
    }

    /// The fields of a kind with one more of the company's lists.
    pub(super) async fn with(&self, api: &Api, entity: &Entity, list: List) -> Result<Arc<Catalogue>> {
        let mut known = self.kept.lock().await;
        ensure(api, &mut known.lists, list).await?;
        let Known { kinds, lists } = &mut *known;
        if let Some(kept) = kinds.get_mut(&entity.kind) {
            kept.catalogue = Arc::new(Catalogue::new(entity, &kept.fields, lists));
            return Ok(Arc::clone(&kept.catalogue));
        }
        self.read(api, entity, &mut known).await
    }

    /// One of the company's lists.
    pub(super) async fn list(&self, api: &Api, list: List) -> Result<Arc<Vec<Choice>>> {
        ensure(api, &mut self.kept.lock().await.lists, list).await
    }

    /// Whether the remembered fields are so old that a field or an option may have been added since.
    pub(super) async fn is_old(&self, kind: Kind) -> bool {
        let known = self.kept.lock().await;
        known
            .kinds
            .get(&kind)
            .is_none_or(|found| self.clock.monotonic().saturating_sub(found.read_at) > YOUNG)
    }

    async fn read(&self, api: &Api, entity: &Entity, known: &mut Known) -> Result<Arc<Catalogue>> {
        let fields: Vec<WireField> = match entity.fields_path {
            Some(path) => api.read_all(&Call::list(path)).await.map_err(Failure::into_read_error)?,
            None => Vec::new(),
        };
        for list in entity.lists {
            ensure(api, &mut known.lists, *list).await?;
        }
        let catalogue = Arc::new(Catalogue::new(entity, &fields, &known.lists));
        let read_at = self.clock.monotonic();
        known.kinds.insert(entity.kind, Kept { catalogue: Arc::clone(&catalogue), fields, read_at });
        Ok(catalogue)
    }
}

async fn ensure(api: &Api, lists: &mut Lists, list: List) -> Result<Arc<Vec<Choice>>> {
    if let Some(known) = lists.get(&list) {
        return Ok(Arc::clone(known));
    }
    let read = Arc::new(lists::read(api, list).await?);
    lists.insert(list, Arc::clone(&read));
    Ok(read)
}
