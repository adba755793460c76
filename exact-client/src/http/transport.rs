//! The wire: one request out, one bounded answer in, to one origin. A file's content alone comes as it is read.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
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

    /// Sends a request for a file, and answers as soon as the headers are there. The timeout is that of the headers and
    /// then of each piece; the caller counts the bytes, and drops the body where there are too many.
    ///
    /// Without an implementation of one's own the whole file is held in memory, as [`send`](HttpTransport::send) does.
    ///
    /// # Errors
    /// See [`TransportError`]; so do the pieces. A body that ends too early is [`Broken`](TransportError::Broken).
    async fn stream(&self, outgoing: Outgoing) -> Result<http::Response<BodyStream>, TransportError> {
        let answer = self.send(outgoing).await?;
        Ok(answer.map(|body| stream::once(async move { Ok(body) }).boxed()))
    }
}

/// The body of an answer, piece by piece, after decompression.
pub type BodyStream = BoxStream<'static, Result<Bytes, TransportError>>;

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
    /// All of it, unless it is a file's content.
    pub(crate) body: Bytes,
    /// The content of a file, still to be read.
    pub(crate) content: Option<Content>,
}

/// The content of a file on its way in.
pub(crate) struct Content(pub(crate) BodyStream);

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content")
    }
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

    /// Asks for a file. What is no success is read like any answer.
    pub(crate) async fn open(&self, url: &Url, token: &SecretString, longest: u64) -> Result<Reply> {
        let mut request = http::Request::new(Bytes::new());
        request.headers_mut().insert(AUTHORIZATION, bearer(token)?);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("*/*"));
        let max_body = usize::try_from(longest).unwrap_or(usize::MAX).max(self.settings.max_body);
        let outgoing = self.outgoing(request, url, self.settings.timeout, max_body)?;
        let answer = self.http.stream(outgoing).await.map_err(|error| self.failed(error, true))?;
        let (parts, body) = answer.into_parts();
        let (status, headers) = (parts.status, parts.headers);
        if status.is_success() {
            return Ok(Reply { status, headers, body: Bytes::new(), content: Some(Content(body)) });
        }
        Ok(Reply { status, headers, body: self.beginning(body).await?, content: None })
    }

    /// As much of a refusal as an answer may have.
    async fn beginning(&self, mut body: BodyStream) -> Result<Bytes> {
        let mut text = BytesMut::new();
        while let Some(piece) = body.try_next().await.map_err(|error| self.failed(error, true))? {
            text.extend_from_slice(&piece);
            if text.len() > self.settings.max_body {
                text.truncate(self.settings.max_body);
                break;
            }
        }
        Ok(text.freeze())
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
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let outgoing = self.outgoing(request, url, timeout, self.settings.max_body)?;
        let response = self.http.send(outgoing).await.map_err(|error| self.failed(error, repeatable))?;
        let (parts, body) = response.into_parts();
        Ok(Reply { status: parts.status, headers: parts.headers, body, content: None })
    }

    /// A request on its way to the origin, and to nowhere else.
    fn outgoing(
        &self,
        mut request: http::Request<Bytes>,
        url: &Url,
        timeout: Duration,
        max_body: usize,
    ) -> Result<Outgoing> {
        if url.origin() != self.settings.origin.origin() {
            return Err(Error::config("a request may only go to the configured origin"));
        }
        *request.uri_mut() = url.as_str().parse().map_err(|error: http::uri::InvalidUri| {
            Error::config("the address is no URL").with_source(error)
        })?;
        Ok(Outgoing { request, timeout, max_body })
    }

    /// Only a request of which no byte left is known not to have been executed.
    fn failed(&self, error: TransportError, repeatable: bool) -> Error {
        match error {
            TransportError::TooLong(status) => self.too_long(status, repeatable),
            other => broken(other, repeatable),
        }
    }

    fn too_long(&self, status: StatusCode, repeatable: bool) -> Error {
        Error::new(ErrorKind::Decode, format!("the answer is longer than {} bytes", self.settings.max_body))
            .with_remedy("raise the client's max_body, or ask for fewer properties")
            .with_status(status.as_u16())
            .with_may_have_applied(!repeatable && !status.is_client_error())
    }
}

/// What a failure on the wire means.
pub(crate) fn broken(error: TransportError, repeatable: bool) -> Error {
    let (kind, message, sent, source) = match error {
        TransportError::NotSent(source) => (ErrorKind::Unavailable, "no connection", false, source),
        TransportError::Timeout(source) => (ErrorKind::Timeout, "no answer in time", true, source),
        TransportError::Broken(source) => (ErrorKind::Unavailable, "the connection broke", true, source),
        TransportError::TooLong(status) => {
            return Error::new(ErrorKind::Decode, "the answer is too long").with_status(status.as_u16());
        }
    };
    Error::new(kind, message).with_may_have_applied(sent && !repeatable).with_source(source)
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

    /// What Exact's clock showed when it answered.
    pub(crate) fn date(&self) -> Option<DateTime<Utc>> {
        date(&self.headers)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The moment that the headers of an answer name.
pub(crate) fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(DATE)?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(date).ok()?.to_utc())
}

fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| {
        Error::new(ErrorKind::Auth, "the access token holds characters that no header can carry")
    })?;
    value.set_sensitive(true);
    Ok(value)
}
