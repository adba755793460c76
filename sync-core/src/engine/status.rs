//! Health: when each flow last ran, what it holds, what waits.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::report::{FlowReport, RunReport};
use super::session::Session;
use super::{Engine, history};
use crate::error::Result;
use crate::flow::Division;
use crate::state::{Issue, decode, plain};
use crate::store::{Key, Scan, Table};

/// The last run of a flow in a division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LastRun {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Records created, on both sides.
    pub created: u64,
    /// Records changed, on both sides.
    pub updated: u64,
    /// Writes that were refused.
    pub failed: u64,
    /// What kept it from finishing, each in one line.
    pub errors: Vec<String>,
}

/// How a flow stands in a division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlowStatus {
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// Links that it keeps.
    pub links: u64,
    /// Questions that wait for a person.
    pub issues: u64,
    /// Writes whose effect is unknown.
    pub unanswered: u64,
    /// Its last run, where there was one.
    pub last_run: Option<LastRun>,
}

impl Engine {
    /// How every flow stands in every division. Asks the store alone.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    pub async fn status(&self) -> Result<Vec<FlowStatus>> {
        let inner = &self.inner;
        let mut all = Vec::new();
        for flow in &inner.flows {
            for division in inner.divisions(flow) {
                let scope = format!("{}/{division}", flow.name);
                let count = async |scan: Scan| inner.store.count(&inner.tenant, &scan).await;
                let last =
                    inner.store.get(&inner.tenant, &[key(&flow.name, division)]).await?.pop().flatten();
                all.push(FlowStatus {
                    flow: flow.name.clone(),
                    division,
                    links: count(Scan::table(Table::Link, &format!("{scope}/"))).await?,
                    issues: count(Scan::mark(Issue::OPEN, &Issue::scope(&flow.name, division))).await?,
                    unanswered: count(Scan::table(Table::Intent, &format!("{scope}/"))).await?,
                    last_run: last.as_ref().map(decode).transpose()?,
                });
            }
        }
        Ok(all)
    }
}

fn key(flow: &str, division: Division) -> Key {
    Key::new(Table::Meta, format!("{flow}/last/{division}"))
}

/// Keeps what a run did for the next look.
pub(super) async fn keep(session: &Session<'_>, report: &RunReport) -> Result<()> {
    let mut batch = session.batch();
    let at = session.now();
    for flow in &report.flows {
        let FlowReport { created, updated, failed, division, .. } = flow;
        let errors =
            report.errors.iter().filter(|error| error.flow == flow.flow && error.division == *division);
        let last = LastRun {
            at,
            created: created.total(),
            updated: updated.total(),
            failed: *failed,
            errors: errors.map(|error| format!("{}; {}", error.message, error.remedy)).collect(),
        };
        batch.puts.push(plain(key(&flow.flow, *division), &last)?);
    }
    batch.puts.extend(history::end(session, report)?);
    session.commit(batch).await
}
