//! One request: what it asks for, and the address it goes to.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use url::Url;

use super::Reply;
use crate::error::{Error, ErrorKind, Result};
use crate::id::DivisionId;
use crate::limit::Scope;
use crate::odata::DecodeError;

/// Where a request goes.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A path behind the division (or behind `api/v1/`), with an encoded query.
    Path { path: String, query: String },
    /// A whole address that Exact gave: the next page.
    Next(String),
    /// A whole address that Exact gave: a file, of so many bytes at most.
    File { link: String, longest: u64 },
}

/// What a write sends.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) json: Bytes,
    /// Ask for the stored record in the answer.
    pub(crate) representation: bool,
    /// The latest moment on the monotonic clock at which the first byte may leave.
    pub(crate) send_before: Option<Duration>,
}

/// What tells a new record from others, best first.
const REFERENCES: [&str; 6] = ["YourRef", "Code", "SearchCode", "OrderID", "Account", "ID"];

/// One request, before it has an address and a token.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) scope: Scope,
    /// The resource, which is what Exact's error limit counts by.
    pub(crate) endpoint: &'static str,
    pub(crate) target: Target,
    pub(crate) body: Option<Body>,
}

impl Request {
    pub(crate) fn read(scope: Scope, endpoint: &'static str, target: Target) -> Self {
        Self { method: Method::GET, scope, endpoint, target, body: None }
    }

    pub(crate) fn write(
        method: Method,
        scope: Scope,
        endpoint: &'static str,
        path: String,
        body: Body,
    ) -> Self {
        let target = Target::Path { path, query: String::new() };
        Self { method, scope, endpoint, target, body: Some(body) }
    }

    /// Whether repeating it changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    pub(crate) fn division(&self) -> Option<DivisionId> {
        match self.scope {
            Scope::Division(id) => Some(id),
            Scope::Me => None,
        }
    }

    /// The record it is about, as far as it names one: the key in its address, or a reference that a new record
    /// carries. Names and mail addresses are left out on purpose: this ends up in logs.
    pub(crate) fn record(&self) -> Option<String> {
        match &self.target {
            Target::Path { path, .. } => {
                if let Some((_, key)) = path.split_once('(') {
                    let key = key.trim_end_matches(')').trim_start_matches("guid").trim_matches('\'');
                    return Some(key.to_owned());
                }
            }
            Target::File { link, .. } => {
                let url = Url::parse(link).ok()?;
                return url.query_pairs().find(|(name, _)| name == "ID").map(|(_, id)| id.into_owned());
            }
            Target::Next(_) => {}
        }
        let body: serde_json::Value = serde_json::from_slice(&self.body.as_ref()?.json).ok()?;
        REFERENCES.iter().find_map(|name| {
            let value = body.get(name)?.as_str().filter(|value| !value.is_empty())?;
            Some(format!("{name} {value}"))
        })
    }

    /// The latest moment for its first byte, if there is one.
    pub(crate) fn send_before(&self) -> Option<Duration> {
        self.body.as_ref()?.send_before
    }

    /// The whole address. One that Exact gave is taken only if it lies on the same origin.
    pub(crate) fn url(&self, origin: &Url) -> Result<Url> {
        match &self.target {
            Target::Next(link) => own_url(link, origin, "the next page"),
            Target::File { link, .. } => {
                let mut url = own_url(link, origin, "the file")?;
                // Without it Exact may answer with a page that shows the file.
                if !url.query_pairs().any(|(name, _)| name == "Download") {
                    url.query_pairs_mut().append_pair("Download", "1");
                }
                Ok(url)
            }
            Target::Path { path, query } => {
                let mut url = origin.clone();
                match self.scope {
                    Scope::Division(division) => url.set_path(&format!("/api/v1/{division}/{path}")),
                    Scope::Me => url.set_path(&format!("/api/v1/{path}")),
                }
                url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
                Ok(url)
            }
        }
    }

    /// Says in an error where it happened.
    pub(crate) fn locate(&self, error: Error) -> Error {
        error
            .with_operation(format!("{} {}", self.method, self.endpoint))
            .with_division(self.division())
            .with_entity(self.endpoint)
    }

    /// The error for a body that does not fit. A write has been executed all the same.
    pub(crate) fn undecodable(&self, reply: &Reply, error: DecodeError) -> Error {
        let message = format!("the answer does not fit at {}", error.path());
        let error = Error::new(ErrorKind::Decode, message)
            .with_status(reply.status.as_u16())
            .with_request_id(reply.request_id())
            .with_may_have_applied(!self.is_read())
            .with_source(error.into_inner());
        self.locate(error)
    }
}

/// An address that Exact gave, if it is one of its own.
fn own_url(link: &str, origin: &Url, what: &str) -> Result<Url> {
    let url = Url::parse(link).map_err(|error| {
        Error::new(ErrorKind::Decode, format!("the address of {what} is no URL")).with_source(error)
    })?;
    if url.origin() != origin.origin() || !url.username().is_empty() {
        let host = url.host_str().unwrap_or_default();
        let message = format!("{what} lies on another origin ({host}), which never gets the token");
        return Err(Error::new(ErrorKind::Decode, message));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Url {
        Url::parse("https://start.exactonline.nl").unwrap()
    }

    #[test]
    fn a_next_page_on_another_origin_is_refused() {
        for next in [
            "https://start.exactonline.be/api/v1/1/crm/Accounts?$skiptoken=1",
            "http://start.exactonline.nl/api/v1/1/crm/Accounts",
            "https://start.exactonline.nl:8443/api/v1/1/crm/Accounts",
            "https://start.exactonline.nl@evil.example/x",
            "https://user@start.exactonline.nl/x",
            "/api/v1/1/crm/Accounts",
            "",
        ] {
            assert_eq!(
                own_url(next, &origin(), "the next page").unwrap_err().kind(),
                ErrorKind::Decode,
                "{next}"
            );
        }
    }

    #[test]
    fn a_next_page_on_the_same_origin_is_followed_letter_by_letter() {
        let next = "https://start.exactonline.nl/api/v1/1/crm/Accounts?$skiptoken=guid'1'&$select=ID%2CName";
        let url = own_url(next, &origin(), "the next page").unwrap();
        assert_eq!(url.query(), Some("$skiptoken=guid%271%27&$select=ID%2CName"));
    }
}
