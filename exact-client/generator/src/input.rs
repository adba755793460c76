//! What the metadata does not know, written by hand: one file per entity, and one for what holds in all of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

const COMMON: &str = "common.toml";

#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) common: Common,
    pub(crate) entities: Vec<Entity>,
}

/// What holds for a property of that name wherever it stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Common {
    /// Properties that no struct has.
    pub(crate) skip: Vec<String>,
    /// Dates that are moments; all others are calendar days.
    pub(crate) moments: Vec<String>,
    /// Text that is padded, with the attribute that says how; an empty one where nobody knows.
    pub(crate) codes: BTreeMap<String, String>,
    /// The resource that ids of these names point to.
    pub(crate) links: BTreeMap<String, Vec<String>>,
    /// Descriptions.
    pub(crate) docs: BTreeMap<String, String>,
}

/// One entity.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entity {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) docs: String,
    /// The page of Exact's reference.
    pub(crate) page: Option<String>,
    pub(crate) feed: Option<String>,
    pub(crate) bulk: Option<String>,
    /// What is allowed, where the metadata is wrong.
    pub(crate) methods: Option<Vec<String>>,
    /// Whether only the properties named here become fields.
    #[serde(default)]
    pub(crate) only_listed: bool,
    #[serde(default)]
    pub(crate) skip: Vec<String>,
    /// Dates that are moments, besides the common ones.
    #[serde(default)]
    pub(crate) moments: Vec<String>,
    /// What can be filtered by. Without it: what the metadata lists, or everything where it lists nothing.
    pub(crate) filter: Option<Vec<String>>,
    /// What the bulk twin can be filtered by. Without it: the same.
    pub(crate) bulk_filter: Option<Vec<String>>,
    /// What the constructor of a new one asks for. Without it: what the reference flags as mandatory.
    pub(crate) required: Option<Vec<String>>,
    /// The property of a feed row that says which record it is about; the key where it is left out, none if empty.
    pub(crate) record: Option<String>,
    /// Whether there is a struct for a new one although it cannot be created by itself: lines.
    #[serde(default)]
    pub(crate) created_within: bool,
    /// Collections, by property, with the entity that each holds.
    #[serde(default)]
    pub(crate) lines: BTreeMap<String, String>,
    /// Where it is an action: what its answer says.
    pub(crate) action: Option<Action>,
    #[serde(default)]
    pub(crate) properties: BTreeMap<String, Facts>,
}

/// How an action answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Action {
    /// Properties that hold what went wrong.
    pub(crate) complaints: Vec<String>,
    /// A Rust condition on the answer (`self`) under which something was done although there are complaints.
    pub(crate) done_in_part: String,
    /// Further properties that are answers and never sent.
    #[serde(default)]
    pub(crate) answers: Vec<String>,
}

/// What is known of one property.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Facts {
    /// Its Rust type.
    pub(crate) r#type: Option<String>,
    pub(crate) doc: Option<String>,
    /// `P` if it can be sent with a new one, `U` with a change.
    pub(crate) write: Option<String>,
    /// Longest text.
    pub(crate) max: Option<u16>,
    /// Sent and never delivered.
    pub(crate) never_read: bool,
    /// The resource it points to.
    pub(crate) links: Option<String>,
}

impl Inputs {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut files: Vec<_> = fs::read_dir(folder)?.collect::<std::io::Result<_>>()?;
        files.sort_by_key(fs::DirEntry::path);
        let mut entities = Vec::new();
        for file in files.iter().filter(|file| file.file_name() != COMMON) {
            let text = fs::read_to_string(file.path())?;
            entities.push(toml::from_str(&text).with_context(|| file.path().display().to_string())?);
        }
        let common = toml::from_str(&fs::read_to_string(folder.join(COMMON))?).context(COMMON)?;
        Ok(Self { common, entities })
    }
}
