//! The last stage: what an answer means.

use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{Reply, Request};
use crate::cause::Cause;
use crate::error::{Error, ErrorKind, Result};

/// The text of a server fault, as opposed to a refusal of the content, which Exact also sends as 500.
const FAULT: &str = "A problem has occurred.";
const LONGEST_TEXT: usize = 512;

/// Passes a success on, and turns everything else into an error.
pub(super) fn check(request: &Request, reply: Reply) -> Result<Reply> {
    let status = reply.status;
    if status.is_success() {
        let fits = match reply.content {
            Some(_) => !is_page(&reply.headers),
            None => is_json_or_empty(&reply.body),
        };
        return if fits { Ok(reply) } else { Err(login_page(request, &reply)) };
    }
    if status.is_redirection() {
        return Err(login_page(request, &reply));
    }
    let text = message(&reply.body);
    let error = match status {
        StatusCode::UNAUTHORIZED => {
            let cause = reply.reason().and_then(Cause::from_reason).unwrap_or(Cause::TokenRefused);
            Error::auth(cause)
        }
        StatusCode::FORBIDDEN => forbidden(&reply, &text),
        StatusCode::NOT_FOUND => {
            Error::new(ErrorKind::NotFound, said(&text, "there is no such record or resource"))
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            Error::new(ErrorKind::Unsupported, said(&text, "the resource does not allow it"))
        }
        StatusCode::INTERNAL_SERVER_ERROR if !text.is_empty() && !text.starts_with(FAULT) => {
            Error::new(ErrorKind::Invalid, text)
        }
        _ if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
            Error::new(ErrorKind::Unavailable, said(&text, &format!("Exact answered {}", status.as_u16())))
                .with_may_have_applied(!request.is_read())
        }
        _ => Error::new(ErrorKind::Invalid, said(&text, &format!("Exact answered {}", status.as_u16()))),
    };
    Err(error.with_status(status.as_u16()).with_request_id(reply.request_id()))
}

fn forbidden(reply: &Reply, text: &str) -> Error {
    // The header says less than the text: a division out of scope comes with `NoDivisionAccess` too.
    let cause = match Cause::from_forbidden(text) {
        Cause::RightMissing => reply.reason().and_then(Cause::from_reason).unwrap_or(Cause::RightMissing),
        named => named,
    };
    Error::new(ErrorKind::Forbidden, said(text, cause.describe())).with_cause(cause)
}

/// A redirect, or HTML instead of JSON, is the way to the login page.
fn login_page(request: &Request, reply: &Reply) -> Error {
    let executed = !request.is_read() && reply.status.is_success();
    Error::new(ErrorKind::Auth, "Exact answered with a page for people instead of data")
        .with_cause(Cause::TokenRefused)
        .with_status(reply.status.as_u16())
        .with_request_id(reply.request_id())
        .with_may_have_applied(executed)
}

/// Whether it is a page to look at. A file that is HTML itself comes as an attachment.
fn is_page(headers: &HeaderMap) -> bool {
    let starts = |name, with: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    starts(CONTENT_TYPE, "text/html") && !starts(CONTENT_DISPOSITION, "attachment")
}

fn is_json_or_empty(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()).is_none_or(|first| matches!(first, b'{' | b'['))
}

fn said(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

/// Exact's own messages, one per line; empty where the body has none.
pub(super) fn message(body: &[u8]) -> String {
    let Ok(wire) = serde_json::from_slice::<WireError>(body) else { return String::new() };
    let lines = wire.error.message.value.lines().map(str::trim).filter(|line| !line.is_empty());
    shortened(&lines.collect::<Vec<_>>().join("\n"))
}

/// The beginning of a body as text, for people; empty for HTML.
pub(crate) fn bounded_text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.starts_with('<') { String::new() } else { shortened(text) }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

#[derive(Deserialize)]
struct WireError {
    error: WireInner,
}

#[derive(Deserialize)]
struct WireInner {
    message: WireMessage,
}

#[derive(Deserialize)]
struct WireMessage {
    #[serde(default)]
    value: String,
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Method;

    use super::super::{Body, Target};
    use super::*;
    use crate::id::DivisionId;
    use crate::limit::Scope;

    fn request(method: Method) -> Request {
        let body = (method != Method::GET).then(|| Body {
            json: Bytes::new(),
            representation: false,
            send_before: None,
        });
        let target = Target::Path { path: String::new(), query: String::new() };
        Request { method, scope: Scope::Division(DivisionId::new(1)), endpoint: "crm/Accounts", target, body }
    }

    fn reply(status: u16, reason: Option<&str>, body: &str) -> Reply {
        let mut headers = HeaderMap::new();
        if let Some(reason) = reason {
            headers.insert("Reason", reason.parse().unwrap());
        }
        Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            content: None,
        }
    }

    fn said_by_exact(text: &str) -> String {
        format!(r#"{{"error":{{"code":"","message":{{"lang":"","value":"{text}"}}}}}}"#)
    }

    #[test]
    fn each_answer_has_its_kind_its_cause_and_says_whether_a_write_may_stand() {
        let business = said_by_exact(r"Verplicht: Naam\r\nOngeldig: Land");
        let fault = said_by_exact("A problem has occurred. The cause of this issue will be investigated.");
        let scope = said_by_exact("Forbidden - User division is not within division scope");
        let rights = said_by_exact("Forbidden - Application Scope Violated. Cannot read");
        let cases = [
            (500, None, business.as_str(), ErrorKind::Invalid, None, false),
            (500, None, fault.as_str(), ErrorKind::Unavailable, None, true),
            (500, None, "", ErrorKind::Unavailable, None, true),
            (503, None, "<html>", ErrorKind::Unavailable, None, true),
            (400, None, business.as_str(), ErrorKind::Invalid, None, false),
            (401, None, "<html>", ErrorKind::Auth, Some(Cause::TokenRefused), false),
            (403, None, scope.as_str(), ErrorKind::Forbidden, Some(Cause::DivisionOutOfScope), false),
            (
                403,
                Some("NoDivisionAccess"),
                scope.as_str(),
                ErrorKind::Forbidden,
                Some(Cause::DivisionOutOfScope),
                false,
            ),
            (403, None, rights.as_str(), ErrorKind::Forbidden, Some(Cause::ScopeMissing), false),
            (403, Some("LicenseExpired"), "", ErrorKind::Forbidden, Some(Cause::LicenceExpired), false),
            (403, Some("DivisionBlocked"), "", ErrorKind::Forbidden, Some(Cause::DivisionBlocked), false),
            (404, None, "", ErrorKind::NotFound, None, false),
            (405, None, "", ErrorKind::Unsupported, None, false),
            (302, None, "Object moved", ErrorKind::Auth, Some(Cause::TokenRefused), false),
            (200, None, "<html>", ErrorKind::Auth, Some(Cause::TokenRefused), true),
        ];
        for (status, reason, body, kind, cause, may) in cases {
            let error = check(&request(Method::POST), reply(status, reason, body)).unwrap_err();
            assert_eq!(
                (error.kind(), error.cause(), error.may_have_applied()),
                (kind, cause, may),
                "{status} {body}"
            );
            let read = check(&request(Method::GET), reply(status, reason, body)).unwrap_err();
            assert!(!read.may_have_applied(), "{status} {body}");
        }
    }

    #[test]
    fn several_messages_are_kept_apart() {
        let body = said_by_exact(r"Verplicht: Naam\r\nOngeldig: Land");
        let error = check(&request(Method::POST), reply(500, None, &body)).unwrap_err();
        assert_eq!(error.message(), "Verplicht: Naam\nOngeldig: Land");
        assert!(error.to_string().contains("Verplicht: Naam; Ongeldig: Land"));
    }

    #[test]
    fn empty_and_json_bodies_of_a_success_pass() {
        for body in ["", "  \r\n", "{}", "[1]"] {
            assert!(check(&request(Method::PUT), reply(204, None, body)).is_ok());
        }
    }
}
