//! When a hand-off began: told in the config, else the moment of its first run, stored.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

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
    let key = Key::new(Table::Meta, format!("{}/since", mapping.flow.name));
    let Some(start) = mapping.flow.start.as_mut().filter(|start| start.since.is_none()) else {
        return Ok(());
    };
    let engine = session.engine;
    let row = engine.store.get(&engine.tenant, std::slice::from_ref(&key)).await?.pop().flatten();
    let began = match row.as_ref().map(decode::<Began>).transpose()? {
        Some(began) => began,
        None => {
            // CRMs tell moments in whole seconds: what is won in this one is not history.
            let began = Began { since: session.now().trunc_subsecs(0) };
            if keep {
                let mut batch = session.batch();
                batch.puts.push(plain(key, &began)?);
                session.commit(batch).await?;
            }
            began
        }
    };
    start.since = Some(began.since);
    Ok(())
}
