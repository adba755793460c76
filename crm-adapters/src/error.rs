//! The one error of this crate.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// The result of an adapter call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong on a side, where, and what to do about it.
///
/// `Display` is one line without the cause; the cause is in [`source`](std::error::Error::source). No secret and
/// no full body is ever in it.
pub struct Error {
    repr: Box<Repr>,
}

struct Repr {
    kind: ErrorKind,
    message: String,
    operation: Option<String>,
    field: Option<String>,
    remedy: Option<String>,
    request_id: Option<String>,
    retry: Retry,
    may_have_applied: bool,
    source: Option<Source>,
}

/// What sort of trouble it is. Decide by this, never by text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The credentials are wrong, revoked or expired. A person is needed.
    Auth,
    /// The credentials are right, but this is not allowed: a right, a scope, a licence, an unpaid account.
    Forbidden,
    /// The record does not exist.
    NotFound,
    /// The vendor refuses this content; the same content will be refused again.
    Invalid,
    /// The record stands against another one: a duplicate of something unique.
    Conflict,
    /// A limit is reached; [`Retry`] says when it lifts.
    RateLimited,
    /// The vendor is down or broken for now.
    Unavailable,
    /// No answer in time.
    Timeout,
    /// The answer could not be understood.
    Decode,
    /// This adapter cannot do that.
    Unsupported,
    /// The configuration is wrong; no call was made.
    Config,
}

/// As a script reads it, such as `rate_limited`.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auth => "auth",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Decode => "decode",
            Self::Unsupported => "unsupported",
            Self::Config => "config",
        })
    }
}

/// Whether and when the same call may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Not until somebody changes something.
    Never,
    /// After this long.
    After(Duration),
    /// From this moment on.
    At(DateTime<Utc>),
    /// After a while that grows with every attempt.
    Backoff,
}

impl Error {
    /// An error that says what happened; add where and what to do with the `with_*` methods.
    ///
    /// The retry hint starts as [`Retry::Backoff`] for [`Unavailable`](ErrorKind::Unavailable),
    /// [`Timeout`](ErrorKind::Timeout) and [`RateLimited`](ErrorKind::RateLimited), as [`Retry::Never`] for the rest.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::RateLimited => Retry::Backoff,
            _ => Retry::Never,
        };
        Self {
            repr: Box::new(Repr {
                kind,
                message: message.into(),
                operation: None,
                field: None,
                remedy: None,
                request_id: None,
                retry,
                may_have_applied: false,
                source: None,
            }),
        }
    }

    /// Names the operation, such as `POST /api/v2/organizations`. Never with a secret in it.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<String>) -> Self {
        self.repr.operation = Some(operation.into());
        self
    }

    /// Names the field it is about.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.repr.field = Some(field.into());
        self
    }

    /// Says what a person can do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.repr.remedy = Some(remedy.into());
        self
    }

    /// Keeps the vendor's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.repr.request_id = Some(id.into());
        self
    }

    /// Replaces the retry hint.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.repr.retry = retry;
        self
    }

    /// Marks a write whose effect is unknown.
    #[must_use]
    pub fn with_may_have_applied(mut self, may: bool) -> Self {
        self.repr.may_have_applied = may;
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.repr.source = Some(source.into());
        self
    }

    /// The same error once more, without its cause: for each record of a batch that failed as a whole.
    #[cfg(feature = "hubspot")]
    pub(crate) fn again(&self) -> Self {
        let repr = &self.repr;
        Self {
            repr: Box::new(Repr {
                kind: repr.kind,
                message: repr.message.clone(),
                operation: repr.operation.clone(),
                field: repr.field.clone(),
                remedy: repr.remedy.clone(),
                request_id: repr.request_id.clone(),
                retry: repr.retry,
                may_have_applied: repr.may_have_applied,
                source: None,
            }),
        }
    }

    /// What sort of trouble it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.repr.kind
    }

    /// What happened, in one sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.repr.message
    }

    /// The call it happened in.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.repr.operation.as_deref()
    }

    /// The field it is about.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.repr.field.as_deref()
    }

    /// What a person can do.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.repr.remedy.as_deref()
    }

    /// The vendor's id of the request, if it gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.repr.request_id.as_deref()
    }

    /// Whether and when the same call may work.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.repr.retry
    }

    /// Whether a write may have taken effect all the same. Look before writing again.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        self.repr.may_have_applied
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let repr = &self.repr;
        if let Some(operation) = &repr.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(field) = &repr.field {
            write!(f, "field {field}: ")?;
        }
        f.write_str(&repr.message)?;
        if let Some(id) = &repr.request_id {
            write!(f, " (request {id})")?;
        }
        if let Some(remedy) = &repr.remedy {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.repr.kind)
            .field("text", &format_args!("{self}"))
            .field("retry", &self.repr.retry)
            .field("may_have_applied", &self.repr.may_have_applied)
            .field("source", &self.repr.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.repr.source.as_deref().map(|source| source as _)
    }
}
