//! The metadata of Exact's reference, as far as it is used.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// All resources, by their path behind the division.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) resources: BTreeMap<String, Resource>,
}

#[derive(Debug, Deserialize)]
struct Document {
    resources: Vec<Resource>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Resource {
    path: String,
    /// Unknown for those that only a client library names.
    pub(crate) methods: Option<Vec<String>>,
    pub(crate) key: Option<String>,
    mandatory: Option<Vec<String>>,
    #[serde(rename = "props")]
    pub(crate) properties: Vec<Property>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Property {
    #[serde(rename = "n")]
    pub(crate) name: String,
    #[serde(rename = "t")]
    edm: String,
    #[serde(rename = "w")]
    pub(crate) written: Option<String>,
    #[serde(rename = "f", default)]
    filterable: u8,
    #[serde(rename = "d")]
    pub(crate) note: Option<String>,
}

impl Metadata {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let document: Document = serde_json::from_str(&text)?;
        let resources = document.resources.into_iter().map(|resource| {
            let path = resource.path.trim_start_matches("/api/v1/").trim_start_matches("{division}/");
            (path.to_owned(), resource)
        });
        Ok(Self { resources: resources.collect() })
    }

    pub(crate) fn resource(&self, path: &str) -> Result<&Resource> {
        self.resources.get(path).with_context(|| format!("the metadata has no {path}"))
    }
}

impl Resource {
    pub(crate) fn has(&self, property: &str) -> bool {
        self.property(property).is_some()
    }

    pub(crate) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    pub(crate) fn allows(&self, method: &str) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.iter().any(|known| known == method))
    }

    /// What the reference flags as mandatory.
    pub(crate) fn mandatory(&self) -> Vec<String> {
        self.mandatory.clone().unwrap_or_default()
    }

    /// Whether the reference lists what may be filtered.
    pub(crate) fn lists_filters(&self) -> bool {
        self.properties.iter().any(Property::is_filterable)
    }
}

impl Property {
    /// The Edm type without its prefix; a question mark says that it was guessed.
    pub(crate) fn edm(&self) -> Option<&str> {
        Some(self.edm.strip_prefix("Edm.")?.trim_end_matches('?'))
    }

    pub(crate) fn is_filterable(&self) -> bool {
        self.filterable == 1
    }

    pub(crate) fn is_obsolete(&self) -> bool {
        self.note.as_ref().is_some_and(|note| note.starts_with("Obsolete"))
    }
}
