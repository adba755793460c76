use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tracing::{Instrument, Span, field};
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::http::client::own;
use crate::http::{Effect, Failure, HttpClient};

/// The longest answer that is read, in bytes after decompression.
const MAX_BODY: usize = 16 * 1024 * 1024;
const REQUEST_IDS: [&str; 3] = ["x-request-id", "x-correlation-id", "cf-ray"];

/// Sends requests to one origin, once each.
pub(crate) struct Transport {
    client: reqwest::Client,
    origin: Url,
    timeout: Duration,
    credential: Option<(HeaderName, HeaderValue)>,
    calls: AtomicU64,
}

/// What a transport is made of.
pub(crate) struct TransportOptions {
    pub(crate) origin: Url,
    /// What every request carries; without it each request brings its own.
    pub(crate) credential: Option<(HeaderName, HeaderValue)>,
    pub(crate) timeout: Duration,
    /// Shared with others; its own without.
    pub(crate) http: Option<HttpClient>,
}

/// One request, without its origin.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Body>,
    /// A credential of its own, beside the transport's.
    pub(crate) credential: Option<(HeaderName, HeaderValue)>,
}

/// What a request carries.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Body {
    content_type: &'static str,
    bytes: Vec<u8>,
}

/// Its length only: it may hold a customer's values, or a secret.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes of {})", self.bytes.len(), self.content_type)
    }
}

impl Request {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: Vec::new(), body: None, credential: None }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn json(method: Method, path: impl Into<String>, body: Vec<u8>) -> Self {
        let body = Body { content_type: "application/json", bytes: body };
        Self { body: Some(body), ..Self::new(method, path) }
    }

    /// A form, as token endpoints want it.
    pub(crate) fn form(path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let bytes = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let body = Body { content_type: "application/x-www-form-urlencoded", bytes: bytes.into_bytes() };
        Self { body: Some(body), ..Self::new(Method::POST, path) }
    }

    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Method and path, for messages. The query stays out: it may hold a customer's values.
    pub(crate) fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A header that holds a whole number, perhaps with a fraction that is left out.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().split('.').next()?.parse().ok()
    }

    /// The vendor's time when it answered.
    pub(crate) fn date(&self) -> Option<DateTime<Utc>> {
        let date = DateTime::parse_from_rfc2822(self.header("date")?).ok()?;
        Some(date.with_timezone(&Utc))
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        REQUEST_IDS.iter().find_map(|name| self.header(name))
    }
}

impl Transport {
    pub(crate) fn new(options: TransportOptions) -> Result<Self> {
        let TransportOptions { origin, credential, timeout, http } = options;
        let client = match http {
            Some(http) => http.to(&origin),
            None => own(&origin, timeout)?,
        };
        Ok(Self { client, origin, timeout, credential, calls: AtomicU64::new(0) })
    }

    /// How many requests were sent.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// Dropped half-way, the request may or may not take effect.
    pub(crate) async fn send(&self, request: &Request, attempt: u32) -> Result<Answer, Failure> {
        let span = tracing::debug_span!(
            "crm_request",
            operation = %request.operation(),
            attempt,
            status = field::Empty,
            request_id = field::Empty,
        );
        self.exchange(request).instrument(span).await
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, Failure> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let sent = self.prepare(request).send().await;
        let response = sent.map_err(|error| lost(request, error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut answer = Answer { status, headers, body: Vec::new() };
        Span::current().record("status", status.as_u16());
        if let Some(id) = answer.request_id() {
            Span::current().record("request_id", id);
        }
        match read_body(response).await {
            Ok(body) => answer.body = body,
            // The status says enough of a failure; only a success needs its body.
            Err(_) if !status.is_success() => {}
            Err(error) => {
                return Err(Failure::new(Effect::Unknown, error.with_operation(request.operation())));
            }
        }
        Ok(answer)
    }

    fn prepare(&self, request: &Request) -> reqwest::RequestBuilder {
        let mut url = self.origin.clone();
        url.set_path(&request.path);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let builder = self.client.request(request.method.clone(), url).timeout(self.timeout);
        let builder = builder.header(header::ACCEPT, "application/json");
        let credentials = self.credential.iter().chain(&request.credential);
        let builder = credentials.fold(builder, |builder, (name, value)| builder.header(name, value));
        match &request.body {
            Some(body) => builder.header(header::CONTENT_TYPE, body.content_type).body(body.bytes.clone()),
            None => builder,
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("origin", &self.origin.as_str()).finish_non_exhaustive()
    }
}

/// A request without an answer. Only a connection that never stood proves that nothing was sent.
fn lost(request: &Request, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let (effect, kind, message) = if error.is_connect() {
        (Effect::NotSent, ErrorKind::Unavailable, "no connection".to_owned())
    } else if error.is_timeout() {
        (Effect::Unknown, ErrorKind::Timeout, "no answer in time".to_owned())
    } else if error.is_builder() {
        (Effect::NotSent, ErrorKind::Config, "the request cannot be built".to_owned())
    } else {
        (Effect::Unknown, ErrorKind::Unavailable, "the connection was lost".to_owned())
    };
    Failure::new(effect, Error::new(kind, message).with_operation(request.operation()).with_source(error))
}

async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken_off)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Error::new(ErrorKind::Decode, format!("the answer is longer than {MAX_BODY} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken_off(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let (kind, message) = if error.is_timeout() {
        (ErrorKind::Timeout, "the answer did not end in time")
    } else {
        (ErrorKind::Unavailable, "the answer broke off")
    };
    Error::new(kind, message).with_source(error)
}
