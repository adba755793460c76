//! What can go wrong with the sandbox itself.

use std::path::PathBuf;

/// Why the sandbox did not do what it was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An address could not be opened.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address as it was given.
        address: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The front that callers should come through gave no address.
    #[error("the front named by SANDBOX_FRONT gave no address")]
    Front {
        /// What happened.
        #[source]
        source: reqwest::Error,
    },
    /// The companies could not be read.
    #[error("cannot read companies from {path}")]
    Companies {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: csv::Error,
    },
    /// A person's action that the vendor's own screens would refuse, with the vendor's text.
    #[error("refused: {0}")]
    Refused(String),
}

/// A result of the sandbox.
pub type Result<T> = std::result::Result<T, Error>;
