//! Health: when each flow last ran, what it holds, what waits.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::report::{Brake, FlowReport, RunReport};
use super::session::Session;
use super::{Engine, history};
use crate::error::{Error, Result};
use crate::flow::Division;
use crate::state::{Issue, Link, decode, plain};
use crate::store::{Key, Put, Scan, Table};

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
    /// The brake that stopped it.
    #[serde(default)]
    pub brake: Option<Brake>,
}

/// How a flow stands in a division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlowStatus {
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// Links that it keeps in agreement: those that have ended are not among them.
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
                let ended = Link::ended(&flow.name, division);
                let count = async |scan: Scan| inner.store.count(&inner.tenant, &scan).await;
                let all_links = count(Scan::table(Table::Link, &format!("{scope}/"))).await?;
                let last =
                    inner.store.get(&inner.tenant, &[key(&flow.name, division)]).await?.pop().flatten();
                all.push(FlowStatus {
                    flow: flow.name.clone(),
                    division,
                    links: all_links.saturating_sub(count(Scan::mark(ended.name, &ended.value)).await?),
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
    for flow in &report.flows {
        let errors =
            report.errors.iter().filter(|error| error.flow == flow.flow && error.division == flow.division);
        let errors = errors.map(|error| format!("{}; {}", error.message, error.remedy)).collect();
        batch.puts.push(last(session, flow, errors)?);
    }
    batch.puts.extend(history::end(session, report)?);
    session.commit(batch).await
}

/// Keeps why a run was given up, with what it had done by then.
pub(super) async fn keep_failed(session: &Session<'_>, flows: &[FlowReport], error: &Error) -> Result<()> {
    let mut batch = session.batch();
    for flow in flows {
        batch.puts.push(last(session, flow, vec![error.to_string()])?);
    }
    session.commit(batch).await
}

fn last(session: &Session<'_>, flow: &FlowReport, errors: Vec<String>) -> Result<Put> {
    let FlowReport { created, updated, failed, brake, .. } = *flow;
    let (at, created, updated) = (session.now(), created.total(), updated.total());
    Ok(plain(key(&flow.flow, flow.division), &LastRun { at, created, updated, failed, errors, brake })?)
}
