//! Which record a question is about, for people: its name, and its id on each side.

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
            let mut page_of = records(inner, page).await?;
            for (issue, about) in page.iter().zip(&mut page_of) {
                about.name = name(inner, (&issue.flow, issue.division), about).await?;
            }
            all.append(&mut page_of);
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

/// What a record is called on the first side that tells.
pub(super) async fn name(
    engine: &Inner,
    (flow, division): (&str, Division),
    about: &About,
) -> Result<String> {
    let Some(known) = engine.flows.iter().find(|known| known.name == flow) else { return Ok(String::new()) };
    for side in [Side::Exact, Side::Crm] {
        let Some(id) = about.record(side) else { continue };
        let key = Observation::key(&Feed::of(flow, side, division), id);
        let row = engine.store.get(&engine.tenant, &[key]).await?.pop().flatten();
        let seen = row.as_ref().map(Seen::read).transpose()?;
        if let Some(name) = seen.and_then(|seen| known.label(side, seen.fields())) {
            return Ok(name);
        }
    }
    Ok(String::new())
}
