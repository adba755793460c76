//! The wire: one request out, one bounded answer in, to one origin.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Body;
use crate::error::{Error, ErrorKind, Result};

/// Carries a request to Exact and its answer back. The default is reqwest; implement it for another HTTP library, a
/// proxy of your own, or a test that needs no socket.
///
/// # Contract
/// - One request, one answer: nothing is repeated, no redirect is followed, no cookie is kept.
/// - An answer longer than [`max_body`](Outgoing::max_body) is [`TooLong`](TransportError::TooLong), found out before
///   it is held in memory.
/// - [`NotSent`](TransportError::NotSent) only where it is certain that no byte left: the client repeats writes then.
/// - Dropping the future ends the exchange.
#[async_trait]
pub trait HttpTransport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request. It is complete: address, token, headers and body are in it, so never log it.
    ///
    /// # Errors
    /// See [`TransportError`].
    async fn send(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, TransportError>;
}

const _: Option<&dyn HttpTransport> = None;

/// A request on its way out.
#[non_exhaustive]
pub struct Outgoing {
    /// The request. Its address lies on the client's origin.
    pub request: http::Request<Bytes>,
    /// How long the exchange may take, in real time.
    pub timeout: Duration,
    /// How long the answer's body may be, in bytes after decompression.
    pub max_body: usize,
}

/// Without the token and the body.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("method", self.request.method()).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransportError {
    /// No byte left this machine.
    NotSent(Source),
    /// There was no whole answer in time.
    Timeout(Source),
    /// The connection broke on the way.
    Broken(Source),
    /// The answer with this status is longer than allowed.
    TooLong(StatusCode),
}

/// What is behind a [`TransportError`].
type Source = Box<dyn std::error::Error + Send + Sync>;

/// How to talk to Exact.
#[derive(Clone, Debug)]
pub(crate) struct TransportSettings {
    pub(crate) origin: Url,
    pub(crate) timeout: Duration,
    pub(crate) max_body: usize,
}

/// Talks to one origin.
#[derive(Debug)]
pub(crate) struct Transport {
    http: Arc<dyn HttpTransport>,
    settings: TransportSettings,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Transport {
    pub(crate) fn new(settings: TransportSettings, http: Arc<dyn HttpTransport>) -> Self {
        Self { http, settings }
    }

    pub(crate) fn origin(&self) -> &Url {
        &self.settings.origin
    }

    /// Sends a request with the token, to the pinned origin and nowhere else.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        token: &SecretString,
        body: Option<&Body>,
    ) -> Result<Reply> {
        let repeatable = method == Method::GET;
        let mut request = http::Request::new(Bytes::new());
        *request.method_mut() = method;
        request.headers_mut().insert(AUTHORIZATION, bearer(token)?);
        if let Some(body) = body {
            if !body.json.is_empty() {
                request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            if body.representation {
                request.headers_mut().insert("prefer", HeaderValue::from_static("return=representation"));
            }
            *request.body_mut() = body.json.clone();
        }
        self.run(request, &url, repeatable, self.settings.timeout).await
    }

    /// Sends a form that somebody else built, as the token endpoint takes it.
    pub(crate) async fn post_form(&self, form: http::Request<Vec<u8>>, timeout: Duration) -> Result<Reply> {
        let url = Url::parse(&form.uri().to_string())
            .map_err(|error| Error::config("the token endpoint is no URL").with_source(error))?;
        self.run(form.map(Bytes::from), &url, false, timeout).await
    }

    async fn run(
        &self,
        mut request: http::Request<Bytes>,
        url: &Url,
        repeatable: bool,
        timeout: Duration,
    ) -> Result<Reply> {
        if url.origin() != self.settings.origin.origin() {
            return Err(Error::config("a request may only go to the configured origin"));
        }
        *request.uri_mut() = url.as_str().parse().map_err(|error: http::uri::InvalidUri| {
            Error::config("the address is no URL").with_source(error)
        })?;
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let outgoing = Outgoing { request, timeout, max_body: self.settings.max_body };
        let response = self.http.send(outgoing).await.map_err(|error| self.failed(error, repeatable))?;
        let (parts, body) = response.into_parts();
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }

    /// Only a request of which no byte left is known not to have been executed.
    fn failed(&self, error: TransportError, repeatable: bool) -> Error {
        let (kind, message, sent, source) = match error {
            TransportError::NotSent(source) => (ErrorKind::Unavailable, "no connection", false, source),
            TransportError::Timeout(source) => (ErrorKind::Timeout, "no answer in time", true, source),
            TransportError::Broken(source) => (ErrorKind::Unavailable, "the connection broke", true, source),
            TransportError::TooLong(status) => return self.too_long(status, repeatable),
        };
        Error::new(kind, message).with_may_have_applied(sent && !repeatable).with_source(source)
    }

    fn too_long(&self, status: StatusCode, repeatable: bool) -> Error {
        Error::new(ErrorKind::Decode, format!("the answer is longer than {} bytes", self.settings.max_body))
            .with_remedy("raise the client's max_body, or ask for fewer properties")
            .with_status(status.as_u16())
            .with_may_have_applied(!repeatable && !status.is_client_error())
    }
}

impl Reply {
    /// What Exact says beside the status, mostly of a 403.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.header("reason")
    }

    pub(crate) fn request_id(&self) -> Option<String> {
        let names = ["x-request-id", "request-id", "x-correlation-id"];
        names.into_iter().find_map(|name| self.header(name)).map(str::to_owned)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| {
        Error::new(ErrorKind::Auth, "the access token holds characters that no header can carry")
    })?;
    value.set_sensitive(true);
    Ok(value)
}
