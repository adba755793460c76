//! One call to HubSpot: its turn, its answer, and what its failures mean.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::auth::Credential;
use super::limit::{Limiter, Permit};
use super::version::ApiVersion;
use super::wire::{WireList, WireProblem};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Retry};
use crate::http::{Answer, Effect, Failure, Request, Transport, decode, located, reading, repeated_cursor};
use crate::oauth::Tokens;

/// The shortest wait for a record that a big import has locked.
const LOCKED: Duration = Duration::from_secs(2);

/// A request, and whether the searches' own limit counts it.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) request: Request,
    pub(super) search: bool,
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { request: Request::get(path), search: false }
    }

    pub(super) fn post<T: Serialize>(path: impl Into<String>, body: &T) -> Result<Self> {
        Self::json(Method::POST, path, body)
    }

    pub(super) fn json<T: Serialize>(method: Method, path: impl Into<String>, body: &T) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(|error| {
            Error::new(ErrorKind::Invalid, "the request cannot be written as JSON").with_source(error)
        })?;
        Ok(Self { request: Request::json(method, path, body), search: false })
    }

    pub(super) fn searching(mut self) -> Self {
        self.search = true;
        self
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.request = self.request.query(name, value);
        self
    }
}

#[derive(Debug)]
pub(super) struct Api {
    pub(super) version: ApiVersion,
    transport: Transport,
    limiter: Limiter,
    credential: Credential,
    clock: Arc<dyn Clock>,
}

impl Api {
    pub(super) fn new(
        version: ApiVersion,
        transport: Transport,
        limiter: Limiter,
        credential: Credential,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { version, transport, limiter, credential, clock }
    }

    pub(super) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    pub(super) fn calls(&self) -> u64 {
        self.transport.calls()
    }

    pub(super) async fn connect(&self, code: &str) -> Result<Tokens> {
        self.credential.connect(&self.transport, code).await
    }

    /// Reads once, or again where the trouble passes.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T> {
        Ok(self.read_dated(call).await?.0)
    }

    /// Reads, and keeps the answer for what its headers tell.
    pub(super) async fn read_dated<T: DeserializeOwned>(&self, call: &Call) -> Result<(T, Answer)> {
        let answer = reading(self.clock.as_ref(), |attempt| self.attempt(call, attempt, None)).await;
        let answer = answer.map_err(Failure::into_read_error)?;
        let content = decode(&answer).map_err(|error| located(error, &call.request, &answer))?;
        Ok((content, answer))
    }

    /// Reads every page of a list. A cursor that comes back is an error, not an endless loop.
    pub(super) async fn read_all<T: DeserializeOwned>(&self, call: &Call) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut next = call.clone();
        loop {
            let page: WireList<T> = self.read(&next).await?;
            let after = page.next().map(str::to_owned);
            rows.extend(page.results);
            let Some(after) = after else { return Ok(rows) };
            if seen.contains(&after) {
                return Err(repeated_cursor(&call.request));
            }
            next = call.clone().query("after", after.clone());
            seen.push(after);
        }
    }

    /// Sends a write at most once, and never after `before`.
    pub(super) async fn write(&self, call: &Call, before: Option<Duration>) -> Result<Answer, Failure> {
        self.attempt(call, 1, before).await
    }

    /// One exchange; a second one where the first was turned away for an access token that has run out.
    async fn attempt(&self, call: &Call, number: u32, before: Option<Duration>) -> Result<Answer, Failure> {
        let token = self.credential.bearer(&self.transport).await.map_err(Failure::not_sent)?;
        match self.exchange(call, number, before, token.clone()).await {
            Err(failure)
                if failure.error.kind() == ErrorKind::Auth && self.credential.renews(&token).await =>
            {
                let token = self.credential.bearer(&self.transport).await.map_err(Failure::not_sent)?;
                self.exchange(call, number, before, token).await
            }
            answer => answer,
        }
    }

    async fn exchange(
        &self,
        call: &Call,
        attempt: u32,
        before: Option<Duration>,
        token: HeaderValue,
    ) -> Result<Answer, Failure> {
        let permit = self.permit(call, before).await?;
        if before.is_some_and(|before| self.clock.monotonic() >= before) {
            return Err(Failure::too_late(&call.request));
        }
        let mut request = call.request.clone();
        request.credential = Some((header::AUTHORIZATION, token));
        let answer = self.transport.send(&request, attempt).await?;
        drop(permit);
        self.limiter.learn(&answer);
        if answer.status.is_success() {
            return Ok(answer);
        }
        let failure = self.refusal(&answer);
        let error = located(failure.error, &call.request, &answer);
        Err(Failure { error, ..failure }.with_answer(answer))
    }

    async fn permit(&self, call: &Call, before: Option<Duration>) -> Result<Permit<'_>, Failure> {
        let permit = self.limiter.acquire(call, before).await;
        permit.map_err(|error| Failure::not_sent(error.with_operation(call.request.operation())))
    }

    /// What a status other than success means.
    fn refusal(&self, answer: &Answer) -> Failure {
        let problem = WireProblem::read(answer);
        let fail = |effect, kind| Failure::new(effect, problem.error(kind));
        let remedied = |kind, remedy: &str| Failure::not_sent(problem.error(kind).with_remedy(remedy));
        match answer.status.as_u16() {
            401 => {
                remedied(ErrorKind::Auth, "give a service key that is still valid, or connect HubSpot again")
            }
            402 => remedied(ErrorKind::Forbidden, "the HubSpot account is not paid: see its subscription"),
            403 => fail(Effect::NotSent, ErrorKind::Forbidden),
            404 | 410 => fail(Effect::Gone, ErrorKind::NotFound),
            408 => fail(Effect::Unknown, ErrorKind::Timeout),
            409 => fail(Effect::Refused, ErrorKind::Conflict),
            405 | 415 | 501 => fail(Effect::Refused, ErrorKind::Unsupported),
            423 => {
                let wait = answer.number("retry-after").map_or(LOCKED, Duration::from_secs).max(LOCKED);
                let error = problem.error(ErrorKind::Unavailable).with_retry(Retry::After(wait));
                Failure::not_sent(error.with_remedy("a big import holds the record; it goes on by itself"))
            }
            429 => Failure::not_sent(self.limiter.turned_away(answer, problem.policy_name.as_deref())),
            477 => Failure::not_sent(self.limiter.moved_away(answer)),
            500..=599 => {
                let error =
                    Error::new(ErrorKind::Unavailable, format!("answered with status {}", answer.status));
                Failure::new(Effect::Unknown, error)
            }
            400..=499 => problem.failure(),
            _ => remedied(
                ErrorKind::Config,
                "redirects are not followed: give the address that answers itself",
            ),
        }
    }
}

/// Whether a failed batch was refused as a whole for what is in it, so that its parts may still go through.
pub(super) fn is_whole_refusal(failure: &Failure) -> bool {
    let status = failure.answer.as_ref().map(|answer| answer.status);
    let content = [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::CONFLICT, StatusCode::LOCKED];
    status.is_some_and(|status| content.contains(&status))
}
