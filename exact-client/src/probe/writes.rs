//! The questions that need a write, asked with records that are deleted again.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Map, Value, json};

use super::{Probe, Written, is_answer};
use crate::division::DivisionApi;
use crate::entity::{Account, Contact, Entity};
use crate::error::Result;
use crate::http::{Body, Reply, Request};
use crate::id::Guid;
use crate::limit::{Scope, counts};
use crate::odata::{Row, Value as Stored};

/// What the name of every record that a probe makes begins with.
pub const MARK: &str = "PROBE, may be deleted";

/// The most calls that all questions take: the account, looking for it, two changes and when they were made, the texts as
/// long as is believed, each text longer and a look, the contact, two deletes, two ends.
pub(super) const CALLS: usize = 7 + 2 * TEXTS.len() + 5;

/// The texts whose length is asked for: what is believed stands in the table of properties. Those that Exact checks
/// otherwise too, such as numbers of a register, are left out.
const TEXTS: [&str; 6] = ["Name", "AddressLine1", "City", "Phone", "Postcode", "SearchCode"];

/// How many answers that count as errors are risked on a resource, of the five at which the client stops.
const RISKED: usize = 2;

/// A record of the probe: where it is.
#[derive(Clone, Copy)]
struct Made {
    resource: &'static str,
    id: Guid,
}

/// The writes so far.
struct Writes<'a> {
    division: DivisionApi,
    probe: &'a Probe,
    written: Vec<Written>,
    made: Vec<Made>,
    /// When Exact answered the last change, by its own clock.
    answered: Option<DateTime<Utc>>,
}

impl Probe {
    /// Asks with records of its own, and clears them away whatever happened.
    pub(super) async fn write(&self) -> Result<(Vec<Written>, Vec<String>)> {
        let division = self.client.division(self.division);
        let mut writes =
            Writes { division, probe: self, written: Vec::new(), made: Vec::new(), answered: None };
        let asked = writes.ask().await;
        let left = writes.clear().await;
        match asked {
            Ok(()) => Ok((writes.written, left)),
            Err(error) if left.is_empty() && !error.may_have_applied() => Err(error),
            Err(error) => {
                let remedy = format!(
                    "look for records whose name begins with \"{MARK}\" and delete them; then try again"
                );
                Err(error.with_remedy(remedy))
            }
        }
    }
}

impl Writes<'_> {
    async fn ask(&mut self) -> Result<()> {
        let Some(account) = self.create(Account::RESOURCE.path(), &json!({ "Name": MARK }), false).await?
        else {
            return Ok(());
        };
        let found = self.look(account, &TEXTS).await?.is_some();
        self.found(if found { "a filter finds it at once" } else { "a filter does not find it yet" });
        for representation in [false, true] {
            let remark = json!({ "Remarks": format!("changed, representation {representation}") });
            self.change(account, &remark, representation, "Remarks").await?;
            self.ask_moment(account).await?;
        }
        self.ask_lengths(account).await?;
        let contact = json!({ "Account": account, "LastName": MARK });
        self.create(Contact::RESOURCE.path(), &contact, true).await?;
        Ok(())
    }

    /// Whether the moment at which a change is said to have been made is that of its answer. An edit that a person made
    /// after a change is told from the change by it.
    async fn ask_moment(&mut self, account: Guid) -> Result<()> {
        let Some(answered) = self.answered.take() else { return Ok(()) };
        let Some(Stored::Moment(modified)) =
            self.look(account, &["Modified"]).await?.as_ref().and_then(|row| row.get("Modified")).cloned()
        else {
            return Ok(());
        };
        let late = (modified.to_utc() - answered).num_milliseconds();
        self.found(&format!("Modified minus the Date of the answer: {late} ms"));
        Ok(())
    }

    /// Whether texts may be as long as is believed, and not longer.
    async fn ask_lengths(&mut self, account: Guid) -> Result<()> {
        let texts = Account::RESOURCE.select(TEXTS)?;
        let texts = texts.iter().filter_map(|text| Some((text.name(), usize::from(text.max_length()?))));
        let texts: Vec<_> = texts.collect();
        let all: Map<String, Value> =
            texts.iter().map(|(name, length)| ((*name).to_owned(), marked(*length).into())).collect();
        let question: Vec<_> = texts.iter().map(|(name, length)| format!("{name} of {length}")).collect();
        self.change(account, &Value::Object(all), false, &question.join(", ")).await?;
        let mut refused = 0;
        for (name, believed) in texts {
            let length = believed + 1;
            let change = json!({ name: marked(length) });
            let question = format!("{name} of {length} characters");
            match self.change(account, &change, false, &question).await? {
                Some(status) if (200..300).contains(&status) => {
                    let stored =
                        match self.look(account, &TEXTS).await?.as_ref().and_then(|row| row.get(name)) {
                            Some(Stored::Text(text)) => text.chars().count(),
                            _ => 0,
                        };
                    self.found(&format!("stored: {stored} characters"));
                }
                status => refused += usize::from(status.is_some_and(counts)),
            }
            if refused >= RISKED {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Makes a record; `None` where Exact refuses it.
    async fn create(
        &mut self,
        resource: &'static str,
        new: &Value,
        representation: bool,
    ) -> Result<Option<Guid>> {
        let request = self.request(Method::POST, resource, None, new, representation);
        let Some(reply) = self.send(&request, &question(&request, representation, "")).await? else {
            return Ok(None);
        };
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let record = body.get("d").and_then(Value::as_object);
        let id = record.and_then(|record| record.get("ID")?.as_str()?.parse().ok());
        let filled = record.map_or(0, |record| {
            record.iter().filter(|(name, value)| !value.is_null() && !name.starts_with("__")).count()
        });
        self.found(&format!("the answer fills {filled} properties"));
        self.made.extend(id.map(|id| Made { resource, id }));
        match id {
            Some(id) => Ok(Some(id)),
            None => Err(crate::division::no_body(&request)),
        }
    }

    /// Changes the account, and says which status that had.
    async fn change(
        &mut self,
        id: Guid,
        change: &Value,
        representation: bool,
        what: &str,
    ) -> Result<Option<u16>> {
        let request = self.request(Method::PUT, Account::RESOURCE.path(), Some(id), change, representation);
        let reply = self.send(&request, &question(&request, representation, what)).await?;
        self.answered = reply.as_ref().and_then(Reply::date);
        if let Some(reply) = &reply {
            self.found(if reply.body.is_empty() { "the answer is empty" } else { "the answer has a body" });
        }
        Ok(self.written.last().and_then(|written| written.status))
    }

    /// The account as it is stored.
    async fn look(&self, id: Guid, properties: &[&str]) -> Result<Option<Row>> {
        let accounts = self.division.resource(Account::RESOURCE);
        let it = accounts.equals(Account::RESOURCE.key(), &Stored::Guid(id))?;
        Ok(accounts.list(properties)?.filter(&it).page(None).await?.items.into_iter().next())
    }

    /// Deletes what was made, last first; what cannot be deleted is ended, and named.
    async fn clear(&mut self) -> Vec<String> {
        let mut left = Vec::new();
        for Made { resource, id } in std::mem::take(&mut self.made).into_iter().rev() {
            let delete = self.request(Method::DELETE, resource, Some(id), &Value::Null, false);
            if matches!(self.send(&delete, &question(&delete, false, "")).await, Ok(Some(_))) {
                continue;
            }
            let end = json!({ "EndDate": self.probe.client.now().format("%Y-%m-%d").to_string() });
            let end = self.request(Method::PUT, resource, Some(id), &end, false);
            let ended = self.send(&end, &question(&end, false, "EndDate")).await;
            let state = if matches!(ended, Ok(Some(_))) { "ended" } else { "as it was made" };
            left.push(format!("{resource} {id}, {state}"));
        }
        left
    }

    fn request(
        &self,
        method: Method,
        resource: &'static str,
        id: Option<Guid>,
        content: &Value,
        representation: bool,
    ) -> Request {
        let path = id.map_or_else(|| resource.to_owned(), |id| format!("{resource}(guid'{id}')"));
        let json = if content.is_null() { Bytes::new() } else { Bytes::from(content.to_string()) };
        let body = Body { json, representation, send_before: None };
        Request::write(method, Scope::Division(self.division.id()), resource, path, body)
    }

    /// Sends a write and notes its answer; `None` where Exact refused it.
    async fn send(&mut self, request: &Request, question: &str) -> Result<Option<Reply>> {
        let answer = self.probe.client.pipeline().send(request).await;
        let (status, refusal) = match &answer {
            Ok(reply) => (Some(reply.status.as_u16()), None),
            Err(error) => (error.status(), Some(error.message().to_owned())),
        };
        self.written.push(Written { question: question.to_owned(), status, refusal, found: String::new() });
        match answer {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if is_answer(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes what was seen after the last write.
    fn found(&mut self, what: &str) {
        let Some(last) = self.written.last_mut() else { return };
        if !last.found.is_empty() {
            last.found.push_str("; ");
        }
        last.found.push_str(what);
    }
}

fn question(request: &Request, representation: bool, what: &str) -> String {
    let prefer = if representation { " with Prefer" } else { "" };
    let what = if what.is_empty() { String::new() } else { format!(", {what}") };
    format!("{} {}{prefer}{what}", request.method, request.endpoint)
}

/// A text of so many characters that begins with the mark as far as that fits.
fn marked(length: usize) -> String {
    MARK.chars().chain(std::iter::repeat('x')).take(length).collect()
}
