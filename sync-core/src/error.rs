//! The one error of the engine.

use std::fmt;

use crate::flow::Side;
use crate::plan::{Finding, Severity};
use crate::store::{StoreError, StoreErrorKind};

/// The result of an engine call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a whole call failed. What befalls one record or one division is no error but part of the report.
#[derive(Debug, thiserror::Error)]
#[error("{}", .repr.message)]
pub struct Error {
    repr: Box<Repr>,
}

#[derive(Debug)]
struct Repr {
    kind: ErrorKind,
    message: String,
    findings: Vec<Finding>,
    side: Option<Side>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What sort of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration or the mapping is wrong; [`Error::findings`] has every reason. Nothing was written.
    Config,
    /// Another worker holds the lease of this tenant; it ends by itself when that worker does.
    Busy,
    /// The store failed. Nothing is lost: the next run goes on from the last commit.
    Store,
    /// A side could not be reached or refused. Nothing is lost.
    Side,
    /// There is no such issue, link or record, or the answer does not fit it.
    NotFound,
    /// A plan, or an answer, no longer fits what stands on both sides. Nothing was written.
    Moved,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let (message, findings) = (message.into(), Vec::new());
        Self { repr: Box::new(Repr { kind, message, findings, side: None, source: None }) }
    }

    /// What a call to that side ended with.
    pub(crate) fn of_side(side: Side, error: crm_adapters::Error) -> Self {
        let kind =
            if error.kind() == crm_adapters::ErrorKind::Config { ErrorKind::Config } else { ErrorKind::Side };
        let mut own = Self::new(kind, error.to_string()).with_source(error);
        own.repr.side = Some(side);
        own
    }

    pub(crate) fn findings_of(findings: Vec<Finding>) -> Self {
        let wrong = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let message = wrong.map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let mut error = Self::new(ErrorKind::Config, message);
        error.repr.findings = findings;
        error
    }

    fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.repr.source = Some(source.into());
        self
    }

    /// What sort of trouble it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.repr.kind
    }

    /// What is wrong with the mapping, where that is the reason.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.repr.findings
    }

    /// The side whose adapter failed, where one did.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        self.repr.side
    }

    /// What the adapter failed with, where one did.
    #[must_use]
    pub fn of_adapter(&self) -> Option<&crm_adapters::Error> {
        self.cause()?.downcast_ref()
    }

    /// The cause, where there is one.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.repr.source.as_deref()
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let kind = if error.kind() == StoreErrorKind::Config { ErrorKind::Config } else { ErrorKind::Store };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Config => "config",
            Self::Busy => "busy",
            Self::Store => "store",
            Self::Side => "side",
            Self::NotFound => "not_found",
            Self::Moved => "moved",
        })
    }
}
