//! A view against the account's fields, and records read through it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;

use super::Pipedrive;
use super::api::{Call, Reply};
use super::entity::{Entity, Version};
use super::fields::Catalogue;
use super::map::{Lens, Reading};
use super::wire::{WireRecord, is_schema_mismatch};
use crate::error::Result;
use crate::http::Failure;
use crate::model::{Kind, View};

impl Pipedrive {
    /// Reads with the custom fields of a view; where the remembered fields are not the account's any more, once again
    /// with those that are.
    pub(super) async fn read_narrowed<T>(
        &self,
        entity: &Entity,
        view: &View,
        call: &Call,
    ) -> Result<Reply<T>, Failure>
    where
        T: DeserializeOwned + Default,
        for<'a> &'a T: IntoIterator<Item = &'a WireRecord>,
    {
        let lens = self.lens(entity, view).await.map_err(Failure::not_sent)?;
        let reply: Result<Reply<T>, Failure> = self.api.read(&lens.narrow(call)).await;
        let misfits = match &reply {
            Ok(reply) => reply.data.into_iter().any(|wire| lens.lens.lacks(wire)),
            Err(failure) => is_schema_mismatch(failure),
        };
        if !misfits || (reply.is_ok() && !self.cache.is_old(entity.kind).await) {
            return reply;
        }
        self.cache.newer(&self.api, entity, &lens.catalogue).await.map_err(Failure::not_sent)?;
        let newer = self.lens(entity, view).await.map_err(Failure::not_sent)?;
        match reply {
            Ok(reply) if newer.lens.custom_fields() == lens.lens.custom_fields() => Ok(reply),
            _ => self.api.read(&newer.narrow(call)).await,
        }
    }

    /// The fields of a kind, with the company's lists that these fields choose from.
    pub(super) async fn catalogue(
        &self,
        entity: &Entity,
        names: impl IntoIterator<Item = &String> + Clone,
    ) -> Result<Arc<Catalogue>> {
        let mut catalogue = self.cache.get(&self.api, entity).await?;
        while let Some(list) = catalogue.unread(names.clone().into_iter()) {
            catalogue = self.cache.with(&self.api, entity, list).await?;
        }
        Ok(catalogue)
    }

    /// A view against the account's fields. One that is not among the remembered fields may have been made since.
    pub(super) async fn lens(&self, entity: &Entity, view: &View) -> Result<Resolved> {
        let catalogue = self.cache.get(&self.api, entity).await?;
        if let Some(known) = self.lenses.get(&catalogue, view) {
            return Ok(known);
        }
        let resolved = self.resolve(entity, view).await?;
        self.lenses.keep(view, resolved.clone());
        Ok(resolved)
    }

    async fn resolve(&self, entity: &Entity, view: &View) -> Result<Resolved> {
        let catalogue = self.catalogue(entity, &view.fields).await?;
        match Lens::new(&catalogue, view) {
            Err(_) if self.cache.is_old(entity.kind).await => {
                self.cache.newer(&self.api, entity, &catalogue).await?;
                let catalogue = self.catalogue(entity, &view.fields).await?;
                Ok(Resolved::new(Lens::new(&catalogue, view)?, catalogue, entity))
            }
            lens => Ok(Resolved::new(lens?, catalogue, entity)),
        }
    }

    /// Maps records; where one has an option that the remembered fields lack, they are read anew, now and then.
    pub(super) async fn readings(
        &self,
        entity: &Entity,
        view: &View,
        wires: &[WireRecord],
    ) -> Result<Vec<Reading>> {
        let mut lens = self.lens(entity, view).await?;
        let mut readings = lens.read_all(wires)?;
        let unknown = readings.iter().any(|reading| reading.unknown_option);
        if unknown && self.cache.is_old(entity.kind).await {
            self.cache.newer(&self.api, entity, &lens.catalogue).await?;
            lens = self.lens(entity, view).await?;
            readings = lens.read_all(wires)?;
        }
        self.add_parts(&lens.lens, wires, &mut readings).await?;
        Ok(readings)
    }
}

/// The last view of each kind, resolved: a run looks through the same one all the time.
#[derive(Debug, Default)]
pub(super) struct Lenses(Mutex<HashMap<Kind, (View, Resolved)>>);

impl Lenses {
    fn get(&self, catalogue: &Arc<Catalogue>, view: &View) -> Option<Resolved> {
        let kept = self.kept();
        let (of, resolved) = kept.get(&view.kind)?;
        (of == view && Arc::ptr_eq(&resolved.catalogue, catalogue)).then(|| resolved.clone())
    }

    fn keep(&self, view: &View, resolved: Resolved) {
        self.kept().insert(view.kind, (view.clone(), resolved));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Kind, (View, Resolved)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A view and the fields that it was resolved against.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) catalogue: Arc<Catalogue>,
    lens: Arc<Lens>,
    version: Version,
}

impl Resolved {
    fn new(lens: Lens, catalogue: Arc<Catalogue>, entity: &Entity) -> Self {
        Self { catalogue, lens: Arc::new(lens), version: entity.version }
    }

    fn narrow(&self, call: &Call) -> Call {
        match self.lens.custom_fields().filter(|_| self.version == Version::V2) {
            Some(keys) => call.clone().query("custom_fields", keys),
            None => call.clone(),
        }
    }

    pub(super) fn read(&self, wire: &WireRecord) -> Result<Reading> {
        self.lens.read(wire)
    }

    fn read_all(&self, wires: &[WireRecord]) -> Result<Vec<Reading>> {
        wires.iter().map(|wire| self.read(wire)).collect()
    }
}
