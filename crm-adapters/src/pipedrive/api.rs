//! One call to Pipedrive: its price, its turn, its answer, and what its failures mean.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use serde::de::DeserializeOwned;

use super::auth::{Access, Way};
use super::limit::{Limiter, Permit};
use super::scope::scope;
use super::wire::{Envelope, Problem};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Answer, Effect, Failure, Request, decode, is_json, located, reading, repeated_cursor};

/// The price of one write, in API tokens.
pub(super) const WRITE_COST: u64 = 5;
pub(super) const LIST_COST: u64 = 10;
pub(super) const GET_COST: u64 = 1;
pub(super) const DELETE_COST: u64 = 3;
pub(super) const SEARCH_COST: u64 = 20;

/// The rows of one page.
const PAGE: usize = 500;

/// A request and its price.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) request: Request,
    /// In API tokens, whatever comes back.
    pub(super) cost: u64,
    /// Whether it counts against the searches' own limit too.
    pub(super) search: bool,
    /// The parameter that asks for another page.
    next_page: &'static str,
}

impl Call {
    fn new(request: Request, cost: u64) -> Self {
        Self { request, cost, search: false, next_page: "cursor" }
    }

    pub(super) fn list(path: &str) -> Self {
        Self::new(Request::get(path).query("limit", PAGE.to_string()), LIST_COST)
    }

    /// A list of version 1, at twice the price.
    pub(super) fn list_v1(path: &str) -> Self {
        Self::new(Request::get(path), 2 * LIST_COST)
    }

    /// A list at half the price.
    pub(super) fn small_list(path: &str) -> Self {
        Self { cost: LIST_COST / 2, ..Self::list(path) }
    }

    /// With pages that are asked for by position.
    pub(super) fn by_position(self) -> Self {
        Self { next_page: "start", ..self }
    }

    pub(super) fn one(path: String, cost: u64) -> Self {
        Self::new(Request::get(path), cost)
    }

    pub(super) fn search(path: &str) -> Self {
        Self { cost: SEARCH_COST, search: true, ..Self::list(path) }
    }

    pub(super) fn write(method: Method, path: impl Into<String>, body: Vec<u8>) -> Self {
        Self::new(Request::json(method, path, body), WRITE_COST)
    }

    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new(Request::new(Method::DELETE, path), DELETE_COST)
    }

    /// The same at another price.
    pub(super) fn costing(self, cost: u64) -> Self {
        Self { cost, ..self }
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.request = self.request.query(name, value);
        self
    }
}

/// An answer's content beside its headers.
#[derive(Debug)]
pub(super) struct Reply<T> {
    pub(super) data: T,
    pub(super) next_cursor: Option<String>,
    pub(super) answer: Answer,
}

#[derive(Debug)]
pub(super) struct Api {
    access: Access,
    limiter: Limiter,
    clock: Arc<dyn Clock>,
}

impl Api {
    pub(super) fn new(access: Access, limiter: Limiter, clock: Arc<dyn Clock>) -> Self {
        Self { access, limiter, clock }
    }

    pub(super) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub(super) fn calls(&self) -> u64 {
        self.access.calls()
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    /// Reads once, or again where the trouble passes.
    pub(super) async fn read<T: DeserializeOwned + Default>(&self, call: &Call) -> Result<Reply<T>, Failure> {
        let answer = reading(self.clock.as_ref(), |attempt| self.attempt(call, attempt, None)).await?;
        content(&call.request, answer).map_err(|error| Failure::new(Effect::Unknown, error))
    }

    /// Reads every page of a list. A cursor that comes back is an error, not an endless loop.
    pub(super) async fn read_all<T: DeserializeOwned + Send>(&self, call: &Call) -> Result<Vec<T>, Failure> {
        self.read_pages(call, std::convert::identity).await
    }

    /// The same, where the rows stand somewhere within a page.
    pub(super) async fn read_pages<P: DeserializeOwned + Default + Send, T: Send>(
        &self,
        call: &Call,
        rows_of: impl Fn(P) -> Vec<T> + Send + Sync,
    ) -> Result<Vec<T>, Failure> {
        let mut rows = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut next = call.clone();
        loop {
            let page: Reply<P> = self.read(&next).await?;
            rows.extend(rows_of(page.data));
            let Some(cursor) = page.next_cursor else { return Ok(rows) };
            if seen.contains(&cursor) {
                return Err(Failure::new(Effect::Unknown, repeated_cursor(&call.request)));
            }
            next = call.clone().query(call.next_page, cursor.clone());
            seen.push(cursor);
        }
    }

    /// Sends a write at most once, and never after `before`.
    pub(super) async fn write(&self, call: &Call, before: Option<Duration>) -> Result<Answer, Failure> {
        self.attempt(call, 1, before).await
    }

    /// One exchange; a second one where the first was turned away for an access token that can be renewed.
    async fn attempt(&self, call: &Call, number: u32, before: Option<Duration>) -> Result<Answer, Failure> {
        let way = self.access.way().await.map_err(Failure::not_sent)?;
        match self.exchange(call, number, before, &way).await {
            Err(failure) if failure.error.kind() == ErrorKind::Auth && self.access.renews(&way).await => {
                let way = self.access.way().await.map_err(Failure::not_sent)?;
                self.exchange(call, number, before, &way).await
            }
            answer => answer,
        }
    }

    async fn exchange(
        &self,
        call: &Call,
        attempt: u32,
        before: Option<Duration>,
        way: &Way<'_>,
    ) -> Result<Answer, Failure> {
        let permit = self.permit(call, before).await?;
        if before.is_some_and(|before| self.clock.monotonic() >= before) {
            return Err(Failure::too_late(&call.request));
        }
        let answer = way.send(&call.request, attempt).await?;
        drop(permit);
        self.limiter.learn(&answer);
        if answer.status.is_success() {
            return Ok(answer);
        }
        let failure = self.refusal(&call.request, &answer);
        let error = located(failure.error, &call.request, &answer);
        Err(Failure { error, ..failure }.with_answer(answer))
    }

    async fn permit(&self, call: &Call, before: Option<Duration>) -> Result<Permit<'_>, Failure> {
        let permit = self.limiter.acquire(call, before).await;
        permit.map_err(|error| Failure::not_sent(error.with_operation(call.request.operation())))
    }

    /// What a status other than success means. Content type first, then status, then body.
    fn refusal(&self, request: &Request, answer: &Answer) -> Failure {
        let problem = Problem::read(answer);
        let fail = |effect, kind| Failure::new(effect, Error::new(kind, problem.to_string()));
        let remedied = |effect, kind, remedy: &str| {
            Failure::new(effect, Error::new(kind, problem.to_string()).with_remedy(remedy))
        };
        match answer.status {
            StatusCode::UNAUTHORIZED => remedied(
                Effect::NotSent,
                ErrorKind::Auth,
                "give the API token that Pipedrive shows under Personal preferences, API, or connect Pipedrive again",
            ),
            StatusCode::PAYMENT_REQUIRED => remedied(
                Effect::NotSent,
                ErrorKind::Forbidden,
                "the Pipedrive account is not open: see its subscription",
            ),
            StatusCode::FORBIDDEN if !is_json(answer) => Failure::not_sent(self.limiter.shut_out()),
            StatusCode::FORBIDDEN => remedied(Effect::NotSent, ErrorKind::Forbidden, &allowed_by(request)),
            StatusCode::TOO_MANY_REQUESTS => Failure::not_sent(self.limiter.turned_away(answer)),
            StatusCode::NOT_FOUND | StatusCode::GONE => fail(Effect::Gone, ErrorKind::NotFound),
            StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::NOT_IMPLEMENTED => fail(Effect::Refused, ErrorKind::Unsupported),
            StatusCode::CONFLICT => fail(Effect::Refused, ErrorKind::Conflict),
            StatusCode::REQUEST_TIMEOUT => fail(Effect::Unknown, ErrorKind::Timeout),
            status if status.is_server_error() => fail(Effect::Unknown, ErrorKind::Unavailable),
            status if status.is_client_error() => fail(Effect::Refused, ErrorKind::Invalid),
            _ => remedied(
                Effect::NotSent,
                ErrorKind::Config,
                "redirects are not followed: give the address that answers itself",
            ),
        }
    }
}

/// What may be missing where a call is forbidden.
fn allowed_by(request: &Request) -> String {
    let scope = scope(request).map_or_else(String::new, |scope| format!(", or its app the scope {scope}"));
    format!("give the token's user the right{scope}, or see the limits of the Pipedrive plan")
}

/// The content of a successful answer, for a read.
pub(super) fn content<T: DeserializeOwned + Default>(request: &Request, answer: Answer) -> Result<Reply<T>> {
    let envelope: Envelope<T> = match decode(&answer) {
        Ok(envelope) => envelope,
        Err(error) => return Err(located(error, request, &answer)),
    };
    if envelope.success == Some(false) {
        let error = Error::new(ErrorKind::Invalid, Problem::read(&answer).to_string());
        return Err(located(error, request, &answer));
    }
    let next_cursor = envelope.next_cursor();
    Ok(Reply { data: envelope.data.unwrap_or_default(), next_cursor, answer })
}
