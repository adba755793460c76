//! What a command ends with when it does not succeed: one line for a person, and an exit code for a script.

use std::fmt;
use std::path::Path;

use serde::Serialize;
use sync_core::flow::Side;

/// The result of a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Error {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip)]
    config: bool,
    #[serde(skip)]
    side: Option<Side>,
}

impl Error {
    /// The config is wrong at `path`; exit code 2. No call was made because of it.
    pub fn config(path: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            kind: "config".to_owned(),
            path: Some(path.into()).filter(|path: &String| !path.is_empty()),
            message: message.into(),
            remedy: Some(remedy.into()),
            config: true,
            side: None,
        }
    }

    /// The command could not finish; exit code 1.
    pub fn failed(kind: impl Into<String>, message: impl Into<String>) -> Self {
        let (kind, message) = (kind.into(), message.into());
        Self { kind, path: None, message, remedy: None, config: false, side: None }
    }

    /// Says which side failed.
    #[must_use]
    pub(crate) fn of(mut self, side: Side) -> Self {
        self.side = Some(side);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Says where in the config it comes from.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Says which of several config files is meant.
    #[must_use]
    pub(crate) fn in_file(mut self, file: &Path) -> Self {
        self.message = format!("{} (in {})", self.message, file.display());
        self
    }

    /// The exit code: 2 where the config is wrong, else 1.
    #[must_use]
    pub fn code(&self) -> u8 {
        if self.config { 2 } else { 1 }
    }

    /// What sort of trouble it is, in one word.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether the vendor knows who asks and says no: nothing gets better by asking again.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.kind(), "auth" | "forbidden")
    }

    /// The side that failed, where one did.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        self.side
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do, where that is known apart from the message.
    #[must_use]
    pub fn what_to_do(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    /// An engine, a store or a side says that the config is wrong.
    fn refused_config(message: String) -> Self {
        Self { config: true, ..Self::failed("config", message) }
    }
}

/// Where, what, what to do: one line.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl From<sync_core::Error> for Error {
    fn from(error: sync_core::Error) -> Self {
        let own = match (error.kind(), error.of_adapter()) {
            (sync_core::ErrorKind::Config, _) => Self::refused_config(error.to_string()),
            (_, Some(cause)) => Self::failed(cause.kind().to_string(), error.to_string()),
            (kind, None) => Self::failed(kind.to_string(), error.to_string()),
        };
        Self { side: error.side(), ..own }
    }
}

impl From<sync_core::store::StoreError> for Error {
    fn from(error: sync_core::store::StoreError) -> Self {
        match error.kind() {
            sync_core::store::StoreErrorKind::Config => Self::refused_config(error.to_string()),
            _ => Self::failed("store", error.to_string()),
        }
    }
}

impl From<exact_client::Error> for Error {
    fn from(error: exact_client::Error) -> Self {
        let own = Self::failed(word(&error.kind()), with_source(&error)).of(Side::Exact);
        match error.kind() {
            exact_client::ErrorKind::Config => Self { config: true, ..own },
            _ if is_of_another_key(&error) => own.at("store.previous_key_envs"),
            _ => own,
        }
    }
}

/// Whether a stored secret needs a key that the config does not name.
fn is_of_another_key(error: &exact_client::Error) -> bool {
    let source = std::error::Error::source(error);
    let source = source.and_then(|source| source.downcast_ref::<exact_client::Error>());
    source.is_some_and(|error| error.kind() == exact_client::ErrorKind::Config)
}

impl From<crm_adapters::Error> for Error {
    fn from(error: crm_adapters::Error) -> Self {
        let own = Self::failed(error.kind().to_string(), with_source(&error)).of(Side::Crm);
        match error.kind() {
            crm_adapters::ErrorKind::Config => Self { config: true, ..own },
            _ => own,
        }
    }
}

/// A kind as a script reads it: `RateLimited` is `rate_limited`.
pub(crate) fn word(kind: &impl fmt::Debug) -> String {
    let mut word = String::new();
    for c in format!("{kind:?}").chars() {
        if c.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

/// The message with those of its causes, which the libraries keep apart.
fn with_source(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text} ({cause_text})");
        }
        source = cause.source();
    }
    text
}
