//! Answers, on a user's own account, what nobody can establish from outside: which resources a token reaches, which
//! fields a filter takes, which limits the headers name, and, where that is allowed, how Exact answers to writes.
//!
//! It reads, and writes only when it is [told so](Probe::with_writes): one account and one contact that carry
//! [`MARK`] in their names, and that it deletes again. The report holds no record and no name of the user's; please
//! send it to the authors of this crate.
//!
//! What Exact says when a limit is exceeded is not asked: that would take exceeding it.

mod reads;
mod writes;

use std::fmt;

pub use self::writes::MARK;

use self::reads::QUESTIONS;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::id::DivisionId;

/// A probe of one division, by one grant.
#[derive(Clone, Debug)]
pub struct Probe {
    client: Client,
    division: DivisionId,
    writes: bool,
}

/// What a probe found. `Display` is Markdown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How many divisions the grant reaches.
    pub divisions: usize,
    /// Each question that needs no write, with its answer.
    pub answers: Vec<Answer>,
    /// Each write, with its answer, in their order; empty where none was allowed.
    pub written: Vec<Written>,
    /// What could not be deleted again, for a person to delete. It is ended, so that nobody uses it.
    pub left: Vec<String>,
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

/// The answer to one write.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Written {
    /// What was sent, such as `PUT crm/Accounts, Name of 51 characters`.
    pub question: String,
    /// The status, where there was an answer.
    pub status: Option<u16>,
    /// What Exact said against it.
    pub refusal: Option<String>,
    /// What was seen afterwards, such as `stored: 50 characters`.
    pub found: String,
}

impl Probe {
    /// A probe of this division that only reads. Makes no call.
    #[must_use]
    pub fn new(client: Client, division: DivisionId) -> Self {
        Self { client, division, writes: false }
    }

    /// Also asks what needs writes: the status of a create, what it answers, whether a filter finds it at once, how a
    /// change is answered, how long texts may be. Choose a division for tests.
    #[must_use]
    pub fn with_writes(self) -> Self {
        Self { writes: true, ..self }
    }

    /// How many calls it makes at most, where nothing has to be repeated and there are at most 60 divisions.
    #[must_use]
    pub const fn calls(&self) -> usize {
        1 + QUESTIONS.len() + if self.writes { writes::CALLS } else { 0 }
    }

    /// What it is about to do, for a person to agree to.
    #[must_use]
    pub fn announcement(&self) -> String {
        let resources = QUESTIONS.iter().filter(|(_, _, filter)| filter.is_none()).count();
        let writes = if self.writes {
            format!(
                "It creates one account and one contact named \"{MARK}\", changes the account, and deletes both; what \
                 Exact does not let it delete it ends, and names in the report."
            )
        } else {
            "It writes nothing.".to_owned()
        };
        format!(
            "Reads at most one row's id of {resources} resources in division {}, in {} calls at most, of which at most \
             four refusals on one resource count as errors. {writes}",
            self.division,
            self.calls(),
        )
    }

    /// Asks every question. Costs [`calls`](Probe::calls) at most; a refusal is an answer, and is not repeated.
    ///
    /// # Errors
    /// [`Auth`](ErrorKind::Auth) where the grant does not work, [`RateLimited`](ErrorKind::RateLimited) where the
    /// day is spent, and [`Unavailable`](ErrorKind::Unavailable) or [`Timeout`](ErrorKind::Timeout) where Exact is
    /// not reached. Without writes nothing has to be cleaned up then; with them, its [`remedy`](Error::remedy) says
    /// where a record may stand.
    pub async fn run(&self) -> Result<Report> {
        let before = self.client.calls();
        let divisions = self.client.divisions(self.division).await?.len();
        let mut answers = Vec::new();
        for (resource, select, filter) in QUESTIONS {
            answers.push(self.ask(resource, select, filter).await?);
        }
        let (written, left) = if self.writes { self.write().await? } else { (Vec::new(), Vec::new()) };
        Ok(Report { divisions, answers, written, left, calls: self.client.calls() - before })
    }
}

/// Whether Exact refused the question, as opposed to the asker.
fn is_answer(error: &Error) -> bool {
    use ErrorKind::{Forbidden, Invalid, NotFound, Unsupported};
    matches!(error.kind(), Forbidden | Invalid | NotFound | Unsupported)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# What Exact Online answered\n")?;
        writeln!(f, "The grant reaches {} divisions. {} calls were made.\n", self.divisions, self.calls)?;
        writeln!(f, "| resource | filter | status | refusal | limits |\n|---|---|---|---|---|")?;
        for Answer { resource, filter, status, refusal, limits } in &self.answers {
            let (filter, limits) = (filter.unwrap_or_default(), limits.join(", "));
            let (status, refusal) = (number(*status), cell(refusal.as_deref()));
            writeln!(f, "| {resource} | {filter} | {status} | {refusal} | {limits} |")?;
        }
        if !self.written.is_empty() {
            writeln!(f, "\n| write | status | refusal | found |\n|---|---|---|---|")?;
        }
        for Written { question, status, refusal, found } in &self.written {
            let (status, refusal) = (number(*status), cell(refusal.as_deref()));
            writeln!(f, "| {question} | {status} | {refusal} | {found} |")?;
        }
        for left in &self.left {
            writeln!(f, "\nLeft behind, please delete it by hand: {left}")?;
        }
        Ok(())
    }
}

fn number(status: Option<u16>) -> String {
    status.map(|status| status.to_string()).unwrap_or_default()
}

fn cell(text: Option<&str>) -> String {
    text.unwrap_or_default().replace(['|', '\n'], " ")
}
