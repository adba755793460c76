//! How Exact says no.

use axum::http::StatusCode;
use serde_json::json;

use crate::http::Reply;

/// A request that is not carried out.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// Empty for an answer without a body.
    message: String,
    reason: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), reason: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn syntax() -> Self {
        Self::bad_request("Bad Request - Error in query syntax.")
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// A business rule is broken: status 500, and the texts in the user's language.
    pub(super) fn business(messages: &[String]) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, messages.join("\r\n"))
    }

    pub(super) fn forbidden(message: &str, reason: &str) -> Self {
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        Self { status: StatusCode::FORBIDDEN, message: message.to_owned(), reason }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn into_reply(self) -> Reply {
        let reply = if self.message.is_empty() {
            Reply::empty(self.status)
        } else {
            let error = json!({ "error": { "code": "", "message": { "lang": "", "value": self.message } } });
            Reply::json(self.status, &error)
        };
        match self.reason {
            Some(reason) => reply.with_header("reason", reason),
            None => reply,
        }
    }
}
