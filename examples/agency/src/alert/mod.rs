//! What a person has to know, told once: to the log, and to any HTTP endpoint as JSON.

mod bell;
mod board;
mod health;
mod outbox;
mod post;
mod slate;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sync_core::flow::Division;

pub use self::bell::GrantBell;
pub(crate) use self::bell::{lapsed, missing};
pub(crate) use self::board::Board;
pub(crate) use self::health::Health;
pub(crate) use self::post::Post;

/// Whether something began, ended, or just happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Something is wrong, and a person is needed.
    Problem,
    /// It is not wrong any more.
    Recovered,
    /// Something happened that the config asked to be told of.
    Event,
}

/// One message. As JSON it is what Slack takes (`text`), with members of their own for n8n, Zapier and Make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alert {
    /// All of it in one line.
    pub text: String,
    /// Whether it began, ended, or just happened.
    pub status: Status,
    /// Whose data it is about.
    pub tenant: String,
    /// The cause, in one word that stays the same: `auth_revoked`, `brake_creates`, `issues` …
    pub cause: String,
    /// What it is about, such as `grant default` or `flow companies in 123456`.
    pub subject: String,
    /// What happened.
    pub message: String,
    /// What a person can do.
    pub remedy: Option<String>,
    /// When it was noticed.
    pub at: DateTime<Utc>,
    /// Of a recovery: when the problem was noticed.
    pub since: Option<DateTime<Utc>>,
    /// Of an event: the records that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// The records that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Details {
    /// Names the event. Where the endpoint's answer was lost, the same event comes again under the same name.
    pub id: String,
    /// The flow.
    pub flow: String,
    /// The administration.
    pub division: Division,
    /// What people call the record: a company's name, the title of an order, the number of an invoice.
    #[serde(default)]
    pub name: String,
    /// The record in Exact.
    pub exact_id: Option<String>,
    /// The record in the CRM.
    pub crm_id: Option<String>,
    /// What is known of it, by Exact's names: `Payment.Status`, `Payment.Outstanding`, `Delivery.Shipped` …
    pub figures: BTreeMap<String, String>,
}

/// A problem before it is known whether it was told already.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) cause: String,
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) remedy: String,
    /// How much of it there is, where that can grow in a way that is worth another message.
    pub(crate) amount: u64,
}

/// A message on its way to the endpoint.
#[derive(Debug)]
struct Letter {
    alert: Alert,
    /// Whether the endpoint cannot have heard of what it is about.
    news: bool,
}

impl Problem {
    pub(crate) fn new(cause: impl Into<String>, subject: impl Into<String>) -> Self {
        let (cause, subject) = (cause.into(), subject.into());
        Self { cause, subject, message: String::new(), remedy: String::new(), amount: 0 }
    }

    pub(crate) fn says(mut self, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        self.message = message.into();
        self.remedy = remedy.into();
        self
    }

    pub(crate) fn amount(mut self, amount: u64) -> Self {
        self.amount = amount;
        self
    }
}

impl Alert {
    fn problem(tenant: &str, problem: Problem, at: DateTime<Utc>) -> Self {
        let Problem { cause, subject, message, remedy, .. } = problem;
        let text = format!("[{tenant}] {subject}: {message}; {remedy}");
        let (status, tenant) = (Status::Problem, tenant.to_owned());
        Self {
            text,
            status,
            tenant,
            cause,
            subject,
            message,
            remedy: Some(remedy),
            at,
            since: None,
            details: None,
        }
    }

    fn recovery(of: &Self, at: DateTime<Utc>) -> Self {
        let message = format!("it works again (before: {})", of.message);
        Self {
            text: format!("[{}] {}: {message}", of.tenant, of.subject),
            status: Status::Recovered,
            message,
            remedy: None,
            at,
            since: Some(of.at),
            ..of.clone()
        }
    }

    fn event(tenant: &str, cause: &str, message: String, details: Details, at: DateTime<Utc>) -> Self {
        let subject = format!("flow {} in {}", details.flow, details.division);
        Self {
            text: format!("[{tenant}] {subject}: {message}"),
            status: Status::Event,
            tenant: tenant.to_owned(),
            cause: cause.to_owned(),
            subject,
            message,
            remedy: None,
            at,
            since: None,
            details: Some(details),
        }
    }
}
