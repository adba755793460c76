//! Reading no more of Exact than what was heard calls for.

use std::collections::BTreeSet;

use crm_adapters::{RecordId, Wanted};

use super::derive::Ground;
use super::observe;
use crate::error::Result;
use crate::flow::{FieldRule, Side};
use crate::plan::Mapping;
use crate::state::{Feed, Link, LinkState, Seen};
use crate::store::{Scan, Table};

/// Records of Exact that may be written to, and the fields of them that may be.
#[derive(Debug, Default)]
struct Targets {
    ids: Vec<RecordId>,
    fields: BTreeSet<String>,
}

impl Targets {
    /// Adds what a link's record in the CRM may write: what it holds otherwise than was agreed on last, or everything where
    /// a person answered a question about it.
    fn add(&mut self, mapping: &Mapping, link: &Link, crm: &Seen) {
        let Some(exact) = &link.exact else { return };
        let moved = |rule: &FieldRule| {
            let agreed = link.base.get(&rule.exact).map(|base| &base.crm);
            !link.answers.is_empty() || agreed.is_none() || agreed != crm.fields().get(&rule.crm)
        };
        let writable = mapping.rules.iter().filter(|resolved| resolved.exact.writable);
        let fields: Vec<_> = writable.map(|resolved| &resolved.rule).filter(|rule| moved(rule)).collect();
        if !fields.is_empty() {
            self.ids.push(exact.clone());
            self.fields.extend(fields.into_iter().map(|rule| rule.exact.clone()));
        }
    }
}

impl Ground<'_> {
    /// Observes Exact: its feeds, or where somebody listens and nothing unknown could be new in them, what was heard of, and
    /// those records that the CRM is about to write to. Returns how many records were new or changed.
    pub(super) async fn observe_exact(&self) -> Result<u64> {
        let (feed, divisions) = (self.feed(Side::Exact), [self.division]);
        if let Some(heard) = &self.session.engine.heard
            && self.was_read(&feed).await?
            && self.nothing_is_open().await?
            && let Some(targets) = self.targets().await?
        {
            let news = match heard.contains(&self.division) {
                true => observe::news(self.session, self.mapping, &feed, &divisions).await?,
                false => 0,
            };
            return Ok(news + self.refresh(&feed, targets).await?);
        }
        observe::feed(self.session, self.mapping, &feed, &divisions).await
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
    async fn targets(&self) -> Result<Option<Targets>> {
        let engine = self.session.engine;
        let mut targets = Targets::default();
        if self.mapping.flow.hands_over() || self.mapping.flow.rolls_up() {
            // An order is looked for by the deal's id before it is made, and nothing is written into it afterwards; nor
            // into what is shown of many records.
            return Ok(Some(targets));
        }
        let mut scan = self.dirty(Side::Crm);
        loop {
            let rows = engine.store.scan(&engine.tenant, &scan).await?;
            let page = rows.iter().map(Seen::read).collect::<Result<Vec<_>, _>>()?;
            let links = self.links_of(Side::Crm, page.iter().map(|seen| &seen.id)).await?;
            let mut loose = Vec::new();
            for (seen, link) in page.into_iter().zip(links) {
                match link {
                    Some(link) if link.state == LinkState::Live => targets.add(self.mapping, &link, &seen),
                    Some(_) => {}
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
        Ok(Some(targets))
    }

    /// Asks once more for what may be written to, and for no more of it: figures are Exact's own and come with its feeds.
    async fn refresh(&self, feed: &Feed, targets: Targets) -> Result<u64> {
        if targets.ids.is_empty() {
            return Ok(0);
        }
        let Targets { ids, fields } = targets;
        let fields: Vec<String> = fields.into_iter().collect();
        observe::refresh(
            self.session,
            self.mapping,
            feed,
            &[self.division],
            Wanted { ids: &ids, fields: &fields },
        )
        .await
    }
}
