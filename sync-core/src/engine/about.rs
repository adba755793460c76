//! Which record a question, a history or an event is about, for people: its name, and its id on each side.

use crm_adapters::RecordId;
use serde::Serialize;

use super::{Engine, Inner};
use crate::error::Result;
use crate::flow::{Division, Side};
use crate::state::{Feed, Issue, Link, Observation, Seen, Subject, decode};
use crate::store::Key;

/// How many questions are looked up at once.
const PAGE: usize = 200;

/// A record as people know it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct About {
    /// Its name or, of what has none, its title or number, as last seen; empty where nothing is known of it any more.
    pub name: String,
    /// The record in Exact.
    pub exact: Option<RecordId>,
    /// The record in the CRM.
    pub crm: Option<RecordId>,
}

impl About {
    fn record(&self, side: Side) -> Option<&RecordId> {
        match side {
            Side::Exact => self.exact.as_ref(),
            Side::Crm => self.crm.as_ref(),
        }
    }
}

impl Engine {
    /// The record that each of some issues is about, in their order. Asks the store alone.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    pub async fn about(&self, issues: &[Issue]) -> Result<Vec<About>> {
        let inner = &self.inner;
        let mut all = Vec::with_capacity(issues.len());
        for page in issues.chunks(PAGE) {
            let mut about = records(inner, page).await?;
            let places = page.iter().map(|issue| (issue.flow.as_str(), issue.division));
            name(inner, places.zip(&mut about).collect()).await?;
            all.append(&mut about);
        }
        Ok(all)
    }
}

/// The records that some issues are about, without their names.
pub(super) async fn records(engine: &Inner, issues: &[Issue]) -> Result<Vec<About>> {
    let key = |issue: &Issue| match &issue.subject {
        Subject::Link(id) => Some(Link::key_of(&issue.flow, issue.division, *id)),
        Subject::Record(..) => None,
    };
    let keys: Vec<Key> = issues.iter().filter_map(key).collect();
    let mut links = engine.store.get(&engine.tenant, &keys).await?.into_iter();
    let mut all = Vec::with_capacity(issues.len());
    for issue in issues {
        all.push(match &issue.subject {
            Subject::Record(Side::Exact, id) => About { exact: Some(id.clone()), ..About::default() },
            Subject::Record(Side::Crm, id) => About { crm: Some(id.clone()), ..About::default() },
            Subject::Link(_) => {
                let link = links.next().flatten().as_ref().map(decode::<Link>).transpose()?;
                link.map_or_else(About::default, |Link { exact, crm, .. }| About {
                    exact,
                    crm,
                    ..About::default()
                })
            }
        });
    }
    Ok(all)
}

/// Fills in what records of a flow and a division are called, on the first side that tells.
pub(super) async fn name(engine: &Inner, mut all: Vec<((&str, Division), &mut About)>) -> Result<()> {
    for side in [Side::Exact, Side::Crm] {
        let wanted = |((flow, division), about): &((&str, Division), &mut About)| {
            let id = about.record(side).filter(|_| about.name.is_empty())?;
            Some(Observation::key(&Feed::of(flow, side, *division), id))
        };
        let keys: Vec<Option<Key>> = all.iter().map(wanted).collect();
        let known: Vec<Key> = keys.iter().flatten().cloned().collect();
        let mut rows = engine.store.get(&engine.tenant, &known).await?.into_iter();
        for (((flow, _), about), _) in all.iter_mut().zip(keys).filter(|(_, key)| key.is_some()) {
            let Some(seen) = rows.next().flatten().as_ref().map(Seen::read).transpose()? else { continue };
            let flow = engine.flows.iter().find(|known| known.name == *flow);
            about.name = flow.and_then(|flow| flow.label(side, seen.fields())).unwrap_or_default();
        }
    }
    Ok(())
}
