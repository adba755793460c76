//! Requests and replies as plain values, so that a vendor is a function from one to the other.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::Value;
use url::form_urlencoded;

/// One request, read completely.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    }

    /// Whether it is meant to change records. A call for tokens is a POST, and changes none.
    pub(crate) fn is_write(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD && !self.is_token_call()
    }

    pub(crate) fn is_token_call(&self) -> bool {
        let names = ["/api/oauth2/token", "/oauth/token"];
        names.contains(&self.path.as_str())
            || (self.path.starts_with("/oauth/") && self.path.ends_with("/token"))
    }

    pub(crate) fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

/// The decoded parts of a path.
pub(crate) fn path_segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", body.to_string())
    }

    pub(crate) fn html(status: StatusCode, body: &'static str) -> Self {
        Self::text(status, "text/html; charset=utf-8", body.to_owned())
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: String) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply.body = Bytes::from(body);
        reply
    }

    /// Adds a header; a value that no header can carry is left out.
    #[must_use]
    pub(crate) fn with_header(mut self, name: &'static str, value: impl ToString) -> Self {
        if let Ok(value) = HeaderValue::try_from(value.to_string()) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    pub(crate) fn is_json(&self) -> bool {
        self.headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("json"))
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        self.into_bytes().map(Body::from)
    }

    pub(crate) fn into_bytes(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// A moment as an HTTP date.
pub(crate) fn http_date(moment: DateTime<Utc>) -> String {
    moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
