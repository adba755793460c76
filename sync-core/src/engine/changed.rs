//! Who changed the records of a question last, and when, as far as the vendors tell.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use crm_adapters::{RecordId, Value, View};
use serde::{Deserialize, Serialize};

use super::about::records;
use super::{Engine, Inner};
use crate::error::{Error, Result};
use crate::flow::{Flow, Side};
use crate::state::Issue;

/// The last change of a record, by a person or by a program: also by a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LastChange {
    /// When, where the vendor tells.
    pub at: Option<DateTime<Utc>>,
    /// By whom, in the vendor's words: a name in Exact, the id of a user in HubSpot, nothing in Pipedrive.
    pub by: Option<String>,
}

impl Engine {
    /// Who changed the records of an issue last, by side. A side that tells nothing, or has no record of it any more, is
    /// left out. Costs one call a side, and one for a schema that was not read yet.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store), and those of a read.
    pub async fn last_changes(&self, issue: &Issue) -> Result<BTreeMap<Side, LastChange>> {
        let inner = &self.inner;
        let mut changes = BTreeMap::new();
        let Some(flow) = inner.flows.iter().find(|flow| flow.name == issue.flow) else { return Ok(changes) };
        let about = records(inner, std::slice::from_ref(issue)).await?.pop().unwrap_or_default();
        for (side, id) in [(Side::Exact, about.exact), (Side::Crm, about.crm)] {
            let Some(id) = id else { continue };
            if let Some(change) = inner.last_change(flow, issue, side, id).await? {
                changes.insert(side, change);
            }
        }
        Ok(changes)
    }
}

impl Inner {
    async fn last_change(
        &self,
        flow: &Flow,
        issue: &Issue,
        side: Side,
        id: RecordId,
    ) -> Result<Option<LastChange>> {
        let Some(adapter) = self.adapter(side, issue.division) else { return Ok(None) };
        let of_side = |error| Error::of_side(side, error);
        let kind = flow.kinds.on(side);
        let told = adapter.capabilities(kind);
        let schema = adapter.schema(kind).await.map_err(of_side)?;
        let known = |name: Option<&'static str>| name.filter(|name| schema.get(name).is_some());
        let (at, by) = (known(told.changed_at), known(told.changed_by));
        let fields: Vec<String> = at.iter().chain(&by).map(|name| (*name).to_owned()).collect();
        if fields.is_empty() {
            return Ok(None);
        }
        let record = adapter.get(&View { kind, fields }, &[id]).await.map_err(of_side)?.pop();
        let held = |name: Option<&str>| record.as_ref()?.fields.get(name?).filter(|value| !value.is_empty());
        let at = match held(at) {
            Some(Value::Instant(at)) => Some(*at),
            _ => None,
        };
        let by = held(by).map(ToString::to_string);
        Ok((at.is_some() || by.is_some()).then_some(LastChange { at, by }))
    }
}
