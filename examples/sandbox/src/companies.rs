//! Companies to begin with.

use std::path::Path;

use serde::Deserialize;

use crate::error::Error;

/// A company as a register lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Company {
    /// Its name.
    pub name: String,
    /// Its number at the Dutch chamber of commerce; empty when it has none.
    #[serde(default)]
    pub kvk: String,
}

impl Company {
    /// A company with this name and number.
    pub fn new(name: impl Into<String>, kvk: impl Into<String>) -> Self {
        Self { name: name.into(), kvk: kvk.into() }
    }

    /// Reads a file with a header line and the columns `name` and `kvk`.
    ///
    /// # Errors
    /// [`Error::Companies`] when the file is missing or not of that form.
    pub fn read_csv(path: impl AsRef<Path>) -> crate::Result<Vec<Self>> {
        let path = path.as_ref();
        let read = || csv::Reader::from_path(path)?.deserialize().collect::<Result<_, csv::Error>>();
        read().map_err(|source| Error::Companies { path: path.to_owned(), source })
    }
}

/// Where the companies are at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Load {
    /// As customers of the first division.
    #[default]
    Exact,
    /// As organizations, with their number in the custom field `KvK number`.
    Pipedrive,
    /// As companies, with their number in the property `exact_kvk_number`.
    HubSpot,
}
