//! When a hand-off began: told in the config, else the moment of its first run, stored.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

use super::Inner;
use super::session::Session;
use crate::error::Result;
use crate::plan::Mapping;
use crate::state::{decode, plain};
use crate::store::{Key, Table};

#[derive(Debug, Serialize, Deserialize)]
struct Began {
    since: DateTime<Utc>,
}

/// Fills in since when a flow hands over; a run stores it where it is the first.
pub(super) async fn fill(session: &Session<'_>, mapping: &mut Mapping, keep: bool) -> Result<()> {
    recall(session.engine, mapping).await?;
    let key = key(mapping);
    let Some(start) = mapping.flow.start.as_mut().filter(|start| start.since.is_none()) else {
        return Ok(());
    };
    // CRMs tell moments in whole seconds: what is won in this one is not history.
    let began = Began { since: session.now().trunc_subsecs(0) };
    if keep {
        let mut batch = session.batch();
        batch.puts.push(plain(key, &began)?);
        session.commit(batch).await?;
    }
    start.since = Some(began.since);
    Ok(())
}

/// Fills in since when a flow hands over, where a run stored it.
pub(super) async fn recall(engine: &Inner, mapping: &mut Mapping) -> Result<()> {
    let key = key(mapping);
    let Some(start) = mapping.flow.start.as_mut().filter(|start| start.since.is_none()) else {
        return Ok(());
    };
    let row = engine.store.get(&engine.tenant, &[key]).await?.pop().flatten();
    start.since = row.as_ref().map(decode::<Began>).transpose()?.map(|began| began.since);
    Ok(())
}

fn key(mapping: &Mapping) -> Key {
    Key::new(Table::Meta, format!("{}/since", mapping.flow.name))
}
