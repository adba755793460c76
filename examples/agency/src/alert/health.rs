//! From what passes and budgets say to alerts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use sync_core::engine::{Brake, FlowReport, RunError, RunReport};
use sync_core::flow::{Division, Side};
use sync_core::store::{Key, Table};

use super::bell::{ends_with_success, is_met_meanwhile, place};
use super::{Alert, Board, Problem};
use crate::budget::budgets;
use crate::connect::{App, exact_id};
use crate::error::{Error, Result};
use crate::serve::{Rhythm, memory};

/// So many intervals after it was due a look at everything is missed: it was tried meanwhile, in vain.
const INTERVALS: i32 = 2;

/// Judges the flows of one tenant.
#[derive(Debug)]
pub(crate) struct Health {
    app: App,
    board: Arc<Board>,
    budget_percent: u64,
    flows: Mutex<BTreeMap<String, Pulse>>,
}

/// When a flow last looked at everything without trouble: a pass that looks at less may not meet what is wrong.
#[derive(Debug)]
struct Pulse {
    rhythm: Rhythm,
    /// In whichever process; until then, when it was first to look. Kept in the store.
    succeeded: DateTime<Utc>,
    /// By when a pass of this process had its chance: while none ran, nothing was tried.
    tried: DateTime<Utc>,
    /// What the last pass failed with.
    trouble: Option<Trouble>,
}

#[derive(Debug)]
struct Trouble {
    at: DateTime<Utc>,
    message: String,
    remedy: String,
    /// Whether a grant or the CRM was told of as its cause.
    told: bool,
}

/// What a pass of a flow failed with.
#[derive(Debug)]
struct Failure<'a> {
    side: Option<Side>,
    division: Option<Division>,
    kind: &'a str,
    message: &'a str,
    remedy: &'a str,
}

impl Health {
    /// Of these flows with their rhythms. The clock of one that is new starts now, that of the others where it stood.
    pub(crate) async fn open(
        app: App,
        board: Arc<Board>,
        budget_percent: u64,
        flows: impl IntoIterator<Item = (String, Rhythm)>,
    ) -> Result<Self> {
        let now = board.now();
        let (mut pulses, mut new) = (BTreeMap::new(), Vec::new());
        for (flow, rhythm) in flows {
            let known = memory::read(&app, &key(&flow)).await?;
            if known.is_none() {
                new.push(memory::row(key(&flow), &now)?);
            }
            let succeeded = known.map_or(now, |at: DateTime<Utc>| at.min(now));
            pulses.insert(flow, Pulse { rhythm, succeeded, tried: now + rhythm.every, trouble: None });
        }
        if !new.is_empty() {
            memory::write_all(&app, new).await?;
        }
        Ok(Self { app, board, budget_percent, flows: Mutex::new(pulses) })
    }

    /// A pass of these flows came to an end, with a report or without: over everything, or over what was heard of.
    pub(crate) async fn after(
        &self,
        flows: &[String],
        heard: Option<&BTreeSet<Division>>,
        pass: &Result<RunReport>,
    ) {
        match pass {
            Ok(report) => self.reported(flows, heard, report).await,
            Err(error) => self.failed(flows, error),
        }
        self.look().await;
    }

    async fn reported(&self, flows: &[String], heard: Option<&BTreeSet<Division>>, report: &RunReport) {
        for flow in &report.flows {
            self.brake(flow);
            self.issues(flow);
        }
        let mut succeeded = Vec::new();
        for flow in flows {
            match report.errors.iter().find(|error| error.flow == *flow) {
                Some(error) => {
                    let failure = Failure {
                        side: Some(error.side),
                        division: Some(error.division),
                        kind: &error.kind,
                        message: what(error),
                        remedy: &error.remedy,
                    };
                    self.trouble(flow, &failure);
                }
                None if heard.is_none() => succeeded.push(flow.as_str()),
                None => {}
            }
        }
        self.recovered(heard, report);
        if let Err(error) = self.passed(&succeeded).await {
            tracing::warn!(%error, "a restart will not know that these flows were looked at: {succeeded:?}");
        }
    }

    /// These flows looked at everything without trouble.
    async fn passed(&self, flows: &[&str]) -> Result<()> {
        let now = self.board.now();
        flows.iter().for_each(|flow| self.succeeded(flow, now));
        if flows.is_empty() {
            return Ok(());
        }
        let rows = flows.iter().map(|flow| memory::row(key(flow), &now)).collect::<Result<_>>()?;
        memory::write_all(&self.app, rows).await
    }

    /// What was read without an error can be read again.
    fn recovered(&self, heard: Option<&BTreeSet<Division>>, report: &RunReport) {
        let read = |flow: &&FlowReport| flow.brake != Some(Brake::Mapping);
        let failed = |side, division| {
            report.errors.iter().any(|error| error.side == side && error.division == division)
        };
        let well = |side| {
            let flows = report.flows.iter().filter(read).map(|flow| flow.division);
            flows.filter(|division| !failed(side, *division)).collect::<Vec<Division>>()
        };
        let (mut exact, crm) = (well(Side::Exact), well(Side::Crm));
        exact.retain(|division| heard.is_none_or(|heard| heard.contains(division)));
        self.board.recover(|alert| {
            (ends_with_success(alert) && self.is_of_grant(alert, |division| exact.contains(&division)))
                || (alert.cause == "crm_refused" && !crm.is_empty())
        });
        // Where it still were so, this process would have met it by now.
        self.board.recover_unmet(|alert| {
            is_met_meanwhile(alert) && self.is_of_grant(alert, |division| exact.contains(&division))
        });
    }

    fn failed(&self, flows: &[String], error: &Error) {
        let failure = Failure {
            side: error.side(),
            division: None,
            kind: error.kind(),
            message: error.message(),
            remedy: error.what_to_do().unwrap_or("see the log; nothing is lost"),
        };
        flows.iter().for_each(|flow| self.trouble(flow, &failure));
    }

    /// Another process does this tenant's passes: what it left in the store counts.
    pub(crate) async fn learn(&self) -> Result<()> {
        let flows: Vec<String> = self.pulses().keys().cloned().collect();
        for flow in flows {
            if let Some(at) = memory::read(&self.app, &key(&flow)).await? {
                self.succeeded(&flow, at);
            }
        }
        Ok(())
    }

    fn brake(&self, flow: &FlowReport) {
        let subject = lane(flow);
        let pulled = flow.brake.map(|brake| (format!("brake_{}", crate::error::word(&brake)), brake));
        self.board.recover(|alert| {
            alert.cause.starts_with("brake_")
                && alert.subject == subject
                && pulled.as_ref().is_none_or(|(cause, _)| *cause != alert.cause)
        });
        if let Some((cause, brake)) = pulled {
            let (what, remedy) = brake.reason().split_once("; ").unwrap_or((brake.reason(), "see `plan`"));
            self.board.raise(Problem::new(cause, subject).says(format!("it is stopped: {what}"), remedy));
        }
    }

    fn issues(&self, flow: &FlowReport) {
        let subject = lane(flow);
        if flow.issues == 0 {
            self.board.recover(|alert| alert.cause == "issues" && alert.subject == subject);
        } else {
            let what = format!("{} for a person", crate::output::count(flow.issues, "question"));
            let problem = Problem::new("issues", subject).says(what, "see `issues`, and answer them");
            self.board.raise(problem.amount(flow.issues));
        }
    }

    /// Whether somebody is told of the cause already: Exact's refusals are told by the grant, the CRM's here, and a
    /// spent day is a budget's.
    fn is_told(&self, failure: &Failure<'_>) -> bool {
        match (failure.kind, failure.side) {
            ("auth" | "forbidden", Some(Side::Crm)) => {
                let problem = Problem::new("crm_refused", "crm").says(failure.message, failure.remedy);
                self.board.raise(problem);
                true
            }
            ("auth" | "forbidden", _) => self.board.is_open(|alert| {
                let concerned = |division| failure.division.is_none_or(|of| of == division);
                ends_with_success(alert) && self.is_of_grant(alert, concerned)
            }),
            ("rate_limited", _) => self.board.is_open(|alert| alert.cause == "budget"),
            _ => false,
        }
    }

    /// Whether an alert is about a grant that reaches one of these divisions; where it names one, about that one.
    fn is_of_grant(&self, alert: &Alert, divisions: impl Fn(Division) -> bool) -> bool {
        self.app.grants().iter().any(|grant| {
            let mut reached = grant.config.divisions.iter().filter(|division| divisions(**division));
            reached.any(|division| {
                alert.subject == place(&grant.config.name, None)
                    || alert.subject == place(&grant.config.name, Some(exact_id(*division)))
            })
        })
    }

    fn succeeded(&self, flow: &str, at: DateTime<Utc>) {
        if let Some(pulse) = self.pulses().get_mut(flow).filter(|pulse| pulse.succeeded <= at) {
            (pulse.succeeded, pulse.trouble) = (at, None);
        }
    }

    fn trouble(&self, flow: &str, failure: &Failure<'_>) {
        let (message, remedy) = (failure.message.to_owned(), failure.remedy.to_owned());
        let trouble = Trouble { at: self.board.now(), message, remedy, told: self.is_told(failure) };
        if let Some(pulse) = self.pulses().get_mut(flow) {
            pulse.trouble = Some(trouble);
        }
    }

    /// Looks at what goes by without a pass: flows that are late, budgets.
    pub(crate) async fn look(&self) {
        self.late();
        if let Err(error) = self.budgets().await {
            tracing::warn!(%error, "the budgets cannot be read");
        }
        self.board.keep().await;
    }

    fn late(&self) {
        let now = self.board.now();
        let mut recovered = Vec::new();
        let flows = self.pulses();
        for (flow, pulse) in &*flows {
            let subject = format!("flow {flow}");
            if now < pulse.due() {
                recovered.push(subject);
                continue;
            }
            if now < pulse.late() || pulse.is_explained(now) {
                continue;
            }
            let (why, remedy) = pulse
                .trouble
                .as_ref()
                .map_or(("no pass came to its end", "see `status` and the log"), |trouble| {
                    (trouble.message.as_str(), trouble.remedy.as_str())
                });
            let at = pulse.succeeded.format("%Y-%m-%d %H:%M UTC");
            let what = format!("no successful pass since {at}: {why}");
            self.board.raise(Problem::new("no_pass", subject).says(what, remedy));
        }
        drop(flows);
        self.board.recover(|alert| alert.cause == "no_pass" && recovered.contains(&alert.subject));
    }

    /// When the first flow becomes late, unless a pass comes before.
    pub(crate) fn next_late(&self) -> Option<DateTime<Utc>> {
        let now = self.board.now();
        self.pulses().values().map(Pulse::late).filter(|late| *late > now).min()
    }

    fn pulses(&self) -> MutexGuard<'_, BTreeMap<String, Pulse>> {
        self.flows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn budgets(&self) -> Result<()> {
        for budget in budgets(&self.app).await? {
            let subject = format!("Exact, division {}", budget.division);
            let remedy =
                "the sync goes on at midnight UTC; see what else uses the app, or ask for a higher limit";
            self.budget(subject, (budget.day_used, budget.day_limit), "calls", remedy);
        }
        let crm = self.app.crm().usage();
        if let (Some(limit), Some(left)) = (crm.day_limit, crm.day_left) {
            let remedy = "the sync goes on when the CRM's next day begins; see what else uses the account, or ask for a higher limit";
            // Pipedrive counts tokens, HubSpot calls.
            let used = limit.saturating_sub(left);
            self.budget("crm".to_owned(), (used, limit), "calls or tokens", remedy);
        }
        Ok(())
    }

    fn budget(&self, subject: String, (used, limit): (u64, u64), unit: &str, remedy: &str) {
        if used.saturating_mul(100) < limit.saturating_mul(self.budget_percent) {
            self.board.recover(|alert| alert.cause == "budget" && alert.subject == subject);
            return;
        }
        let count = crate::output::thousands;
        let what = format!("{} of {} {unit} of this day are used", count(used), count(limit));
        self.board.raise(Problem::new("budget", subject).says(what, remedy));
    }
}

impl Pulse {
    /// When a look at everything is missed.
    fn due(&self) -> DateTime<Utc> {
        self.succeeded + self.rhythm.everywhere() + self.rhythm.every * INTERVALS
    }

    /// When somebody is told that it is overdue: once a pass of this process failed, or had its chance to come.
    fn late(&self) -> DateTime<Utc> {
        if self.trouble.is_some() { self.due() } else { self.due().max(self.tried) }
    }

    /// Whether the cause was told already. Once that is over, the next pass shows whether all is well.
    fn is_explained(&self, now: DateTime<Utc>) -> bool {
        self.trouble.as_ref().is_some_and(|trouble| trouble.told && now < trouble.at + self.rhythm.every * 2)
    }
}

/// What happened, without the remedy that stands at its end as well.
fn what(error: &RunError) -> &str {
    let what = error.message.strip_suffix(&error.remedy);
    what.and_then(|what| what.strip_suffix("; ")).unwrap_or(&error.message)
}

fn lane(flow: &FlowReport) -> String {
    format!("flow {} in {}", flow.flow, flow.division)
}

/// Where it stands when a flow last looked at everything without trouble.
fn key(flow: &str) -> Key {
    Key::new(Table::Meta, format!("@serve/passed/{flow}"))
}
