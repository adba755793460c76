//! The one error of this crate.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::cause::Cause;
use crate::id::DivisionId;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, and what to do about it.
///
/// `Display` is one line without the source; the source is in [`source`](std::error::Error::source). No secret and
/// no full body is ever in it. Cloning is cheap enough for one failed token refresh to answer every waiting caller.
#[derive(Clone)]
pub struct Error {
    repr: Box<Repr>,
}

#[derive(Clone)]
struct Repr {
    kind: ErrorKind,
    message: String,
    operation: Option<String>,
    division: Option<DivisionId>,
    entity: Option<&'static str>,
    status: Option<u16>,
    request_id: Option<String>,
    cause: Option<Cause>,
    remedy: Option<String>,
    retry: Retry,
    may_have_applied: bool,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What sort of trouble it is. Decide by this, never by text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The grant or the app's secret is wrong, revoked, lapsed or used elsewhere; [`Error::cause`] says which.
    /// A person is needed, unless [`Error::retry`] says otherwise. Refreshed once where that could help.
    Auth,
    /// The user is known, but this is not allowed: a right, a scope, a licence, a blocked division. Not retried.
    Forbidden,
    /// There is no such record or resource. Counts towards Exact's error limit. Not retried.
    NotFound,
    /// Exact refuses this content; the same content will be refused again. Not retried.
    Invalid,
    /// A limit is reached; [`Error::retry`] says when it lifts. Waits of up to a minute were made already.
    RateLimited,
    /// Exact is not reachable, down or broken for now. Reads were retried already.
    Unavailable,
    /// No answer in time. Reads were retried already.
    Timeout,
    /// The deadline for sending had passed before the first byte left. Nothing was sent.
    Unsent,
    /// The answer could not be understood, was too long, or pointed to another host.
    Decode,
    /// This resource does not allow it.
    Unsupported,
    /// A cursor is older than what Exact remembers: what happened in between cannot be known. Read from the start.
    Expired,
    /// A setting or an argument is wrong; no call was made.
    Config,
    /// The token store or the usage store failed.
    Store,
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
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::RateLimited | ErrorKind::Store => {
                Retry::Backoff
            }
            _ => Retry::Never,
        };
        Self {
            repr: Box::new(Repr {
                kind,
                message: message.into(),
                operation: None,
                division: None,
                entity: None,
                status: None,
                request_id: None,
                cause: None,
                remedy: None,
                retry,
                may_have_applied: false,
                source: None,
            }),
        }
    }

    /// The error of a [`TokenStore`](crate::TokenStore) or a [`UsageStore`](crate::UsageStore), for those who
    /// implement one.
    pub fn store(
        message: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorKind::Store, message).with_source(source)
    }

    /// An error of kind [`Auth`](ErrorKind::Auth) whose text and remedy come from its cause.
    pub(crate) fn auth(cause: Cause) -> Self {
        Self::new(ErrorKind::Auth, cause.describe()).with_cause(cause)
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    pub(crate) fn with_operation(mut self, operation: impl Into<String>) -> Self {
        self.repr.operation = Some(operation.into());
        self
    }

    pub(crate) fn with_division(mut self, division: Option<DivisionId>) -> Self {
        self.repr.division = division;
        self
    }

    pub(crate) fn with_entity(mut self, entity: &'static str) -> Self {
        self.repr.entity = Some(entity);
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.repr.status = Some(status);
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.repr.request_id = id;
        self
    }

    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.repr.message = message.into();
        self
    }

    /// Names the cause and takes over its remedy.
    pub(crate) fn with_cause(mut self, cause: Cause) -> Self {
        self.repr.remedy = Some(cause.remedy().to_owned());
        self.repr.cause = Some(cause);
        self
    }

    pub(crate) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.repr.remedy = Some(remedy.into());
        self
    }

    pub(crate) fn with_retry(mut self, retry: Retry) -> Self {
        self.repr.retry = retry;
        self
    }

    pub(crate) fn with_may_have_applied(mut self, may: bool) -> Self {
        self.repr.may_have_applied = may;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.repr.source = Some(Arc::from(source.into()));
        self
    }

    /// What sort of trouble it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.repr.kind
    }

    /// What exactly is behind an [`Auth`](ErrorKind::Auth) or [`Forbidden`](ErrorKind::Forbidden) error.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.repr.cause
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

    /// What happened: Exact's own messages where it gave some, one per line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.repr.message
    }

    /// The call it happened in, such as `GET crm/Accounts`.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.repr.operation.as_deref()
    }

    /// The division it happened in.
    #[must_use]
    pub fn division(&self) -> Option<DivisionId> {
        self.repr.division
    }

    /// The resource it is about, such as `crm/Accounts`.
    #[must_use]
    pub fn entity(&self) -> Option<&str> {
        self.repr.entity
    }

    /// The HTTP status, where there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.repr.status
    }

    /// Exact's id of the request, if it gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.repr.request_id.as_deref()
    }

    /// What a person can do.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.repr.remedy.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let repr = &self.repr;
        if let Some(operation) = &repr.operation {
            f.write_str(operation)?;
            if let Some(division) = repr.division {
                write!(f, " in division {division}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&repr.message.replace('\n', "; "))?;
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
            .field("cause", &self.repr.cause)
            .field("text", &format_args!("{self}"))
            .field("status", &self.repr.status)
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
