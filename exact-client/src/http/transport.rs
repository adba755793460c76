//! The wire: one request out, one bounded answer in. Never follows a redirect, never repeats anything.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Body;
use crate::error::{Error, ErrorKind, Result};

/// How long a connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(20);

/// How to talk to Exact.
#[derive(Clone, Debug)]
pub(crate) struct TransportSettings {
    pub(crate) origin: Url,
    pub(crate) timeout: Duration,
    pub(crate) max_body: usize,
}

/// Talks to one origin.
pub(crate) struct Transport {
    http: reqwest::Client,
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
    pub(crate) fn new(settings: TransportSettings) -> Result<Self> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("exact-client/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .https_only(settings.origin.scheme() == "https")
            .connect_timeout(settings.timeout)
            // A write on a connection that the server is just closing has an unknown outcome: use young ones only.
            .pool_idle_timeout(IDLE)
            .timeout(settings.timeout)
            .build()
            .map_err(|error| Error::config("the HTTP client cannot be built").with_source(error))?;
        Ok(Self { http, settings })
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
        let mut request = self.request(method, url)?.header(AUTHORIZATION, bearer(token)?);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.json.clone());
            if body.representation {
                request = request.header("Prefer", "return=representation");
            }
        }
        self.run(request, repeatable).await
    }

    /// Sends a form that somebody else built, as the token endpoint takes it.
    pub(crate) async fn post_form(&self, form: http::Request<Vec<u8>>, timeout: Duration) -> Result<Reply> {
        let (parts, body) = form.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|error| Error::config("the token endpoint is no URL").with_source(error))?;
        let request = self.request(parts.method, url)?.headers(parts.headers).timeout(timeout).body(body);
        self.run(request, false).await
    }

    fn request(&self, method: Method, url: Url) -> Result<reqwest::RequestBuilder> {
        if url.origin() != self.settings.origin.origin() {
            return Err(Error::config("a request may only go to the configured origin"));
        }
        Ok(self.http.request(method, url).header(ACCEPT, "application/json"))
    }

    async fn run(&self, request: reqwest::RequestBuilder, repeatable: bool) -> Result<Reply> {
        let response = request.send().await.map_err(|error| failed(error, repeatable))?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = self.body(response).await.map_err(|error| {
            let executed = !repeatable && !status.is_client_error();
            error.with_status(status.as_u16()).with_may_have_applied(executed)
        })?;
        Ok(Reply { status, headers, body })
    }

    /// Reads the body piece by piece, so that an endless one costs a bounded amount of memory.
    async fn body(&self, mut response: reqwest::Response) -> Result<Bytes> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(error, true))? {
            if body.len() + chunk.len() > self.settings.max_body {
                let message = format!("the answer is longer than {} bytes", self.settings.max_body);
                return Err(Error::new(ErrorKind::Decode, message)
                    .with_remedy("raise the client's max_body, or ask for fewer properties"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("settings", &self.settings).finish_non_exhaustive()
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

/// Only a connection that never came about proves that nothing was sent.
fn failed(error: reqwest::Error, repeatable: bool) -> Error {
    let (kind, message) = if error.is_connect() {
        (ErrorKind::Unavailable, "no connection")
    } else if error.is_timeout() {
        (ErrorKind::Timeout, "no answer in time")
    } else {
        (ErrorKind::Unavailable, "the connection broke")
    };
    let sent = !repeatable && !error.is_connect() && !error.is_builder();
    Error::new(kind, message).with_may_have_applied(sent).with_source(error.without_url())
}
