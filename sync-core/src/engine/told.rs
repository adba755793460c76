//! What is said of records beside any feed, as by a webhook: believed once a read bears it out.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Change, RecordId};

use super::session::Session;
use super::{Engine, observe};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::Side;
use crate::state::{Feed, Observation, Seen};

impl Engine {
    /// Takes note of records of the CRM that are said to be deleted, or merged into others: of some vendors' no feed
    /// tells. A record that can still be read stays what it is, so that what is forged or told twice has no effect. Which
    /// record another one went into nobody tells a second time: that is believed where the one is gone and the other is
    /// there. A link follows its record at once; what else comes of it is for the next run.
    ///
    /// Costs the calls of one read, and none where the store knows nothing of these records.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) where there is no such flow, or its mapping does not fit;
    /// [`Side`](ErrorKind::Side) where the records cannot be read; [`Busy`](ErrorKind::Busy) while another worker holds
    /// the lease; [`Store`](ErrorKind::Store).
    pub async fn told(&self, flow: &str, changes: &[Change]) -> Result<()> {
        let session = Session::open(&self.inner).await?;
        let outcome = told(&session, flow, Said::of(changes)).await;
        session.close().await;
        outcome
    }
}

/// The records that are said to be gone, each with the one that it went into.
struct Said(BTreeMap<RecordId, Option<RecordId>>);

impl Said {
    fn of(changes: &[Change]) -> Self {
        let mut said = BTreeMap::new();
        for change in changes {
            match change {
                Change::Deleted(id) => {
                    said.entry(id.clone()).or_insert(None);
                }
                Change::Merged { into, from } => {
                    said.extend(
                        from.iter().filter(|id| *id != into).map(|id| (id.clone(), Some(into.clone()))),
                    );
                }
                _ => {}
            }
        }
        Self(said)
    }

    /// Every record that has to be looked at.
    fn ids(&self) -> Vec<RecordId> {
        let ids: BTreeSet<&RecordId> = self.0.keys().chain(self.0.values().flatten()).collect();
        ids.into_iter().cloned().collect()
    }

    /// Where a record is now: one that it went into may have gone on itself.
    fn now(&self, id: &RecordId) -> Option<RecordId> {
        let mut now = self.0.get(id)?.clone()?;
        for _ in 0..self.0.len() {
            match self.0.get(&now) {
                Some(Some(into)) => now = into.clone(),
                _ => break,
            }
        }
        Some(now)
    }

    /// What of it is so, where these can be read.
    fn borne_out(&self, found: &BTreeSet<RecordId>) -> Vec<Change> {
        let gone = self.0.keys().filter(|id| !found.contains(id));
        let change = |id: &RecordId| match self.now(id).filter(|into| found.contains(into)) {
            Some(into) => Change::Merged { into, from: vec![id.clone()] },
            None => Change::Deleted(id.clone()),
        };
        gone.map(change).collect()
    }
}

async fn told(session: &Session<'_>, flow: &str, mut said: Said) -> Result<()> {
    let engine = session.engine;
    let Some(flow) = engine.flows.iter().find(|known| known.name == flow) else {
        let message = format!("flow.{flow}: something is told of it and it was not added; add it");
        return Err(Error::new(ErrorKind::Config, message));
    };
    let feed = Feed::crm(&flow.name);
    let keys: Vec<_> = said.0.keys().map(|id| Observation::key(&feed, id)).collect();
    let rows = engine.store.get(&engine.tenant, &keys).await?;
    let mut known = BTreeSet::new();
    for row in rows.iter().flatten() {
        let seen = Seen::read(row)?;
        known.extend((!seen.observation.deleted).then_some(seen.id));
    }
    said.0.retain(|id, _| known.contains(id));
    if said.0.is_empty() {
        return Ok(());
    }
    let (mapping, _) = engine.resolve(flow).await?.map_err(Error::findings_of)?;
    let view = observe::view(&mapping, Side::Crm);
    let found = engine.crm.get(&view, &said.ids()).await.map_err(|error| Error::of_side(Side::Crm, error))?;
    let found = found.into_iter().map(|record| record.id).collect();
    let changes = said.borne_out(&found);
    observe::take(session, &mapping, &feed, &mapping.flow.divisions, changes).await?;
    Ok(())
}
