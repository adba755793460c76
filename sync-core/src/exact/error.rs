//! The client's error in the words of the adapters.

use std::time::Duration;

use crm_adapters::{Error, ErrorKind, Retry};
use exact_client::ErrorKind as Exact;

/// Translates an error; nothing that a person needs is lost.
pub(super) fn neutral(error: exact_client::Error) -> Error {
    let mut neutral = Error::new(kind(error.kind()), error.message().replace('\n', "; "))
        .with_retry(retry(&error))
        .with_may_have_applied(error.may_have_applied());
    if let Some(operation) = error.operation() {
        let place = error.division().map(|division| format!(" in division {division}")).unwrap_or_default();
        neutral = neutral.with_operation(format!("{operation}{place}"));
    }
    if let Some(id) = error.request_id() {
        neutral = neutral.with_request_id(id);
    }
    if let Some(remedy) = error.remedy() {
        neutral = neutral.with_remedy(remedy);
    }
    neutral.with_source(error)
}

fn kind(kind: Exact) -> ErrorKind {
    match kind {
        Exact::Auth => ErrorKind::Auth,
        Exact::Forbidden => ErrorKind::Forbidden,
        Exact::NotFound => ErrorKind::NotFound,
        Exact::Invalid => ErrorKind::Invalid,
        // A deadline passes only while a limit is waited for.
        Exact::RateLimited | Exact::Unsent => ErrorKind::RateLimited,
        Exact::Timeout => ErrorKind::Timeout,
        Exact::Decode => ErrorKind::Decode,
        Exact::Unsupported => ErrorKind::Unsupported,
        Exact::Config => ErrorKind::Config,
        _ => ErrorKind::Unavailable,
    }
}

fn retry(error: &exact_client::Error) -> Retry {
    match error.retry() {
        exact_client::Retry::After(wait) => Retry::After(wait),
        exact_client::Retry::At(moment) => Retry::At(moment),
        exact_client::Retry::Backoff => Retry::Backoff,
        _ if error.kind() == Exact::Unsent => Retry::After(Duration::ZERO),
        _ => Retry::Never,
    }
}
