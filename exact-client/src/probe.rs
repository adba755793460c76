//! Answers, on a user's own account, what nobody can establish from outside: which resources a token reaches, which
//! fields a filter takes, and which limits the headers name.
//!
//! It reads and never writes. The report holds no record and no name; please send it to the authors of this crate.
//! How Exact answers a create, and how long texts may be, cannot be seen by reading and is not asked.

use std::fmt;

use http::HeaderMap;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Request, Target};
use crate::id::DivisionId;
use crate::limit::Scope;

/// A filter that no record meets: what counts is whether it is taken.
const QUESTIONS: [(&str, &str, Option<&str>); 19] = [
    ("crm/Accounts", "ID", None),
    ("crm/Accounts", "ID", Some("ChamberOfCommerce eq 'probe'")),
    ("crm/Accounts", "ID", Some("VATNumber eq 'probe'")),
    ("crm/Accounts", "ID", Some("SearchCode eq 'probe'")),
    ("crm/Accounts", "ID", Some("Email eq 'probe'")),
    ("crm/Contacts", "ID", None),
    ("crm/Contacts", "ID", Some("Email eq 'probe'")),
    ("crm/Addresses", "ID", None),
    ("logistics/Items", "ID", None),
    ("logistics/Items", "ID", Some("Code eq 'probe'")),
    ("salesorder/SalesOrders", "OrderID", None),
    ("salesorder/SalesOrders", "OrderID", Some("YourRef eq 'probe'")),
    ("crm/Quotations", "QuotationID", None),
    ("crm/Quotations", "QuotationID", Some("YourRef eq 'probe'")),
    ("salesinvoice/SalesInvoices", "InvoiceID", None),
    ("cashflow/Receivables", "ID", None),
    ("documents/Documents", "ID", None),
    ("webhooks/WebhookSubscriptions", "ID", None),
    ("sync/CRM/Accounts", "ID", None),
];

/// A probe of one division, by one grant.
#[derive(Clone, Debug)]
pub struct Probe {
    client: Client,
    division: DivisionId,
}

/// What a probe found. `Display` is Markdown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How many divisions the grant reaches.
    pub divisions: usize,
    /// Each question, with its answer.
    pub answers: Vec<Answer>,
    /// The calls that were made.
    pub calls: u64,
}

/// The answer to one question.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// The resource that was asked.
    pub resource: &'static str,
    /// The condition that was asked for.
    pub filter: Option<&'static str>,
    /// The status, where there was an answer.
    pub status: Option<u16>,
    /// What Exact said against it.
    pub refusal: Option<String>,
    /// The limits that the headers of a success named, such as `X-RateLimit-Limit: 5000`.
    pub limits: Vec<String>,
}

impl Probe {
    /// A probe of this division. Makes no call.
    #[must_use]
    pub fn new(client: Client, division: DivisionId) -> Self {
        Self { client, division }
    }

    /// How many calls it makes at most, where nothing has to be repeated and there are at most 60 divisions.
    #[must_use]
    pub const fn calls() -> usize {
        1 + QUESTIONS.len()
    }

    /// What it is about to do, for a person to agree to.
    #[must_use]
    pub fn announcement(&self) -> String {
        format!(
            "Reads at most one row's id of {} resources in division {}, in {} calls. It writes nothing, and at most \
             four refusals on one resource count as errors.",
            QUESTIONS.iter().filter(|(_, _, filter)| filter.is_none()).count(),
            self.division,
            Self::calls(),
        )
    }

    /// Asks every question. Costs [`calls`](Probe::calls); a refusal is an answer, and is not repeated.
    ///
    /// # Errors
    /// [`Auth`](ErrorKind::Auth) where the grant does not work, [`RateLimited`](ErrorKind::RateLimited) where the
    /// day is spent, and [`Unavailable`](ErrorKind::Unavailable) or [`Timeout`](ErrorKind::Timeout) where Exact is
    /// not reached. Nothing has to be cleaned up then.
    pub async fn run(&self) -> Result<Report> {
        let before = self.client.calls();
        let divisions = self.client.divisions(self.division).await?.len();
        let mut answers = Vec::new();
        for (resource, select, filter) in QUESTIONS {
            answers.push(self.ask(resource, select, filter).await?);
        }
        Ok(Report { divisions, answers, calls: self.client.calls() - before })
    }

    async fn ask(
        &self,
        resource: &'static str,
        select: &str,
        filter: Option<&'static str>,
    ) -> Result<Answer> {
        let condition = filter.map(|filter| format!("&$filter={}", filter.replace(' ', "%20")));
        let query = format!("$select={select}&$top=1{}", condition.unwrap_or_default());
        let target = Target::Path { path: resource.to_owned(), query };
        let request = Request::read(Scope::Division(self.division), resource, target);
        let (status, refusal, limits) = match self.client.pipeline().send(&request).await {
            Ok(reply) => (Some(reply.status.as_u16()), None, limits(&reply.headers)),
            Err(error) if is_answer(&error) => (error.status(), Some(error.message().to_owned()), Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(Answer { resource, filter, status, refusal, limits })
    }
}

/// Whether Exact refused the question, as opposed to the asker.
fn is_answer(error: &Error) -> bool {
    use ErrorKind::{Forbidden, Invalid, NotFound, Unsupported};
    matches!(error.kind(), Forbidden | Invalid | NotFound | Unsupported)
}

/// The limits themselves, without what is used of them.
fn limits(headers: &HeaderMap) -> Vec<String> {
    let limit = |name: &str| Some(format!("{name}: {}", headers.get(name)?.to_str().ok()?));
    ["X-RateLimit-Limit", "X-RateLimit-Minutely-Limit"].into_iter().filter_map(limit).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# What Exact Online answered\n")?;
        writeln!(f, "The grant reaches {} divisions. {} calls were made.\n", self.divisions, self.calls)?;
        writeln!(f, "| resource | filter | status | refusal | limits |\n|---|---|---|---|---|")?;
        for answer in &self.answers {
            let status = answer.status.map(|status| status.to_string()).unwrap_or_default();
            let refusal = answer.refusal.as_deref().unwrap_or_default().replace(['|', '\n'], " ");
            let (filter, limits) = (answer.filter.unwrap_or_default(), answer.limits.join(", "));
            writeln!(f, "| {} | {filter} | {status} | {refusal} | {limits} |", answer.resource)?;
        }
        Ok(())
    }
}
