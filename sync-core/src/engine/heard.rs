//! Reading no more of Exact than what was heard calls for.

use std::collections::BTreeMap;

use crm_adapters::{Change, RecordId, View};

use super::derive::Ground;
use super::observe;
use crate::error::{Error, Result};
use crate::flow::Side;
use crate::state::{LinkState, Observation, Seen};
use crate::store::{Scan, Table};

impl Ground<'_> {
    /// Observes Exact: its feed, where something was heard of this division or where something could be new in it; else
    /// only those records that the CRM is about to write to. Returns how many records were new or changed.
    pub(super) async fn observe_exact(&self) -> Result<u64> {
        let feed = self.feed(Side::Exact);
        let heard = self.session.engine.heard.as_ref().is_none_or(|heard| heard.contains(&self.division));
        if !heard
            && self.was_read(&feed).await?
            && self.nothing_is_open().await?
            && let Some(targets) = self.targets().await?
        {
            return self.read_anew(&targets).await;
        }
        observe::feed(self.session, self.mapping, &feed, &[self.division]).await
    }

    /// Whether no write waits for its answer: what an unanswered create made, the feed tells.
    async fn nothing_is_open(&self) -> Result<bool> {
        let engine = self.session.engine;
        let prefix = format!("{}/{}/", self.mapping.flow.name, self.division);
        let open = Scan::table(Table::Intent, &prefix).limit(1);
        Ok(engine.store.scan(&engine.tenant, &open).await?.is_empty())
    }

    /// The records of Exact that what changed in the CRM may be written to; `None` where a change may belong to none of
    /// those that are known.
    async fn targets(&self) -> Result<Option<Vec<RecordId>>> {
        let engine = self.session.engine;
        let mut targets = Vec::new();
        let mut scan = self.dirty(Side::Crm);
        loop {
            let rows = engine.store.scan(&engine.tenant, &scan).await?;
            let page = rows.iter().map(Seen::read).collect::<Result<Vec<_>, _>>()?;
            let links = self.links_of(Side::Crm, page.iter().map(|seen| &seen.id)).await?;
            let mut loose = Vec::new();
            for (seen, link) in page.into_iter().zip(links) {
                match link {
                    Some(link) => targets.extend(link.exact.filter(|_| link.state == LinkState::Live)),
                    None if self.takes_part(Side::Crm, &seen) => loose.push(seen),
                    None => {}
                }
            }
            let elsewhere = self.linked_elsewhere(&loose).await?;
            if loose.iter().any(|seen| !seen.observation.deleted && !elsewhere.contains(&seen.id)) {
                return Ok(None);
            }
            match rows.last() {
                Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
                _ => break,
            }
        }
        // Into what was handed over, nothing is written any more.
        Ok(Some(if self.mapping.flow.hands_over() { Vec::new() } else { targets }))
    }

    /// Reads what may be written to, as far as it can be: figures are Exact's own and come with its feeds.
    async fn read_anew(&self, targets: &[RecordId]) -> Result<u64> {
        let engine = self.session.engine;
        let Some(adapter) = engine.adapter(Side::Exact, self.division).filter(|_| !targets.is_empty()) else {
            return Ok(0);
        };
        let writable = self.mapping.rules.iter().filter(|resolved| resolved.exact.writable);
        let fields = writable.map(|resolved| resolved.rule.exact.clone()).collect();
        let view = View { kind: self.mapping.flow.kinds.exact, fields };
        let found = adapter.get(&view, targets).await.map_err(|error| Error::of_side(Side::Exact, error))?;
        let feed = self.feed(Side::Exact);
        let keys: Vec<_> = found.iter().map(|record| Observation::key(&feed, &record.id)).collect();
        let known = self.rows(&keys).await?;
        let known = known.iter().flatten().map(Seen::read).collect::<Result<Vec<_>, _>>()?;
        let known: BTreeMap<_, _> = known.into_iter().map(|seen| (seen.id, seen.observation)).collect();
        let whole = found.into_iter().filter_map(|mut record| {
            let known = known.get(&record.id)?;
            let mut fields = known.fields.clone();
            fields.merge(record.fields);
            record.fields = fields;
            record.revision = record.revision.or(known.revision);
            Some(Change::Present(record))
        });
        observe::take(self.session, self.mapping, &feed, &[self.division], whole.collect()).await
    }
}
