//! What is known of an entity: the input, and what the metadata says beside it.

use anyhow::{Context, Result, bail};

use crate::input::{Entity, Facts, Inputs};
use crate::metadata::{Metadata, Property, Resource};
use crate::names;

/// An entity together with what the metadata says of it and of its two twins.
pub(crate) struct Source<'a> {
    pub(crate) entity: &'a Entity,
    pub(crate) inputs: &'a Inputs,
    plain: &'a Resource,
    feed: Option<&'a Resource>,
    bulk: Option<&'a Resource>,
}

/// The sections of the `entity!` macro.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Write,
    Create,
    Change,
    Read,
}

impl<'a> Source<'a> {
    pub(crate) fn new(entity: &'a Entity, inputs: &'a Inputs, metadata: &'a Metadata) -> Result<Self> {
        let twin = |path: &Option<String>| path.as_ref().map(|path| metadata.resource(path)).transpose();
        let source = Self {
            entity,
            inputs,
            plain: metadata.resource(&entity.path)?,
            feed: twin(&entity.feed)?,
            bulk: twin(&entity.bulk)?,
        };
        if let Some(unknown) = entity.properties.keys().find(|name| source.property(name).is_none()) {
            bail!("{} has no property {unknown}", entity.path);
        }
        Ok(source)
    }

    /// The structs that the file declares, the entity first.
    pub(crate) fn structs(&self) -> Vec<String> {
        let name = &self.entity.name;
        let new = self.has_new().then(|| format!("New{name}"));
        let patch = self.allows("PUT").then(|| format!("{name}Patch"));
        [Some(name.clone()), new, patch].into_iter().flatten().collect()
    }

    /// The properties that become fields: those of the plain list, then what only the feed has.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &'a Property> {
        let feed = self.feed.into_iter().flat_map(|feed| &feed.properties);
        let more = feed.filter(|property| !self.plain.has(&property.name));
        self.plain.properties.iter().chain(more).filter(|property| self.is_wanted(property))
    }

    fn is_wanted(&self, property: &Property) -> bool {
        let name = &property.name;
        if self.entity.lines.contains_key(name) {
            return false;
        }
        if self.entity.only_listed || self.facts(name).is_some() {
            return self.facts(name).is_some();
        }
        let skipped = self.entity.skip.contains(name) || self.inputs.common.skip.contains(name);
        let plain = property.edm().is_some_and(|edm| edm != "Binary");
        plain && !skipped && !property.is_obsolete()
    }

    pub(crate) fn section(&self, property: &'a Property) -> Section {
        let written = self.written(property);
        let (new, patch) =
            (self.has_new() && written.contains('P'), self.allows("PUT") && written.contains('U'));
        match (new, patch) {
            (true, true) => Section::Write,
            (true, false) if self.allows("PUT") => Section::Create,
            (true, false) => Section::Write,
            (false, true) => Section::Change,
            (false, false) => Section::Read,
        }
    }

    /// `P`, `U`, both or neither.
    fn written(&self, property: &'a Property) -> &'a str {
        let name = &property.name;
        if let Some(write) = self.facts(name).and_then(|facts| facts.write.as_deref()) {
            return write;
        }
        if let Some(action) = &self.entity.action {
            let answer = name == "Division"
                || name.ends_with("Success")
                || action.complaints.contains(name)
                || action.answers.contains(name);
            return if answer { "" } else { "P" };
        }
        if self.key().ok() == Some(name) || self.is_look_up(name) {
            return "";
        }
        property.written.as_deref().unwrap_or_default()
    }

    /// A name, description or code beside the id that it belongs to is read-only, whatever the reference says.
    fn is_look_up(&self, name: &str) -> bool {
        ["FullName", "Name", "Description", "Code"].iter().any(|end| {
            name.strip_suffix(end)
                .and_then(|stem| self.plain.property(stem))
                .is_some_and(|stem| stem.edm() == Some("Guid"))
        })
    }

    pub(crate) fn ty(&self, property: &Property) -> Result<String> {
        if let Some(ty) = self.facts(&property.name).and_then(|facts| facts.r#type.clone()) {
            return Ok(ty);
        }
        let name = &property.name;
        let moments = [&self.entity.moments, &self.inputs.common.moments];
        let ty = match property.edm() {
            Some("Guid") => "Guid",
            Some("String") if self.inputs.common.codes.contains_key(&self.code_name(name)) => "Code",
            Some("String") => "String",
            Some("Binary") => "Binary",
            Some("Double") => "Decimal",
            Some("Boolean") => "bool",
            Some("Byte") => "u8",
            Some("Int16") => "i16",
            Some("Int32") => "i32",
            Some("Int64") => "i64",
            Some("DateTime") if moments.iter().any(|moments| moments.contains(name)) => "WallTime",
            Some("DateTime") => "NaiveDate",
            other => bail!("{name} has the type {other:?}, for which there is no Rust type"),
        };
        Ok(ty.to_owned())
    }

    /// The name by which the common codes know a property: `Accounts.Code` for a `Code`, which is no code elsewhere.
    pub(crate) fn code_name(&self, name: &str) -> String {
        if name == "Code" { format!("{}.Code", self.entity.name) } else { name.to_owned() }
    }

    pub(crate) fn is_filterable(&self, property: &Property) -> bool {
        if self.entity.path.starts_with("sync/") || !self.plain.has(&property.name) || !self.allows("GET") {
            return property.name == "Timestamp" && self.feed.is_some();
        }
        match &self.entity.filter {
            Some(names) => names.contains(&property.name),
            None if self.plain.lists_filters() => property.is_filterable(),
            None => property.edm().is_some_and(|edm| edm != "Binary"),
        }
    }

    pub(crate) fn is_bulk_filterable(&self, property: &Property) -> bool {
        self.bulk.is_none()
            || self.key().ok() == Some(&property.name)
            || self.entity.bulk_filter.as_ref().is_none_or(|names| names.contains(&property.name))
    }

    /// The attributes that say through which doors it is not delivered.
    pub(crate) fn doors(&self, name: &str) -> impl Iterator<Item = &'static str> {
        let (feed, bulk) = (self.feed, self.bulk);
        let only = !self.plain.has(name);
        let lacks = move |twin: Option<&Resource>| twin.is_some_and(|twin| !twin.has(name));
        let attributes = [
            only.then_some("feed_only"),
            (!only && lacks(feed)).then_some("not_in_feed"),
            (!only && lacks(bulk)).then_some("not_in_bulk"),
        ];
        attributes.into_iter().flatten()
    }

    pub(crate) fn links(&self, property: &Property) -> Option<&str> {
        if property.edm() != Some("Guid") || self.key().ok() == Some(&property.name) {
            return None;
        }
        if let Some(links) = self.facts(&property.name).and_then(|facts| facts.links.as_deref()) {
            return Some(links).filter(|links| !links.is_empty());
        }
        let (path, _) = self.inputs.common.links.iter().find(|(_, names)| names.contains(&property.name))?;
        Some(path)
    }

    pub(crate) fn doc(&self, property: &Property) -> String {
        let name = &property.name;
        if let Some(doc) = self.facts(name).and_then(|facts| facts.doc.clone()) {
            return doc;
        }
        if self.key().ok() == Some(name) && property.edm() == Some("Guid") {
            return "The id.".to_owned();
        }
        if let Some(doc) = self.inputs.common.docs.get(name) {
            return doc.clone();
        }
        let note = property.note.as_deref().map(note).filter(|note| !note.is_empty());
        note.unwrap_or_else(|| format!("{}.", names::sentence(name)))
    }

    pub(crate) fn verbs(&self) -> Vec<&'static str> {
        let verbs = [("GET", "Read"), ("POST", "Create"), ("PUT", "Update"), ("DELETE", "Delete")];
        let within = |method| method == "POST" && self.entity.created_within;
        let allowed = verbs.into_iter().filter(|(method, _)| self.allows(method) && !within(*method));
        allowed.map(|(_, verb)| verb).collect()
    }

    /// Whether the resource itself allows a method. A feed that has no other resource is no list.
    pub(crate) fn allows(&self, method: &str) -> bool {
        match &self.entity.methods {
            Some(methods) => methods.iter().any(|known| known == method),
            None => !self.entity.path.starts_with("sync/") && self.plain.allows(method),
        }
    }

    pub(crate) fn has_new(&self) -> bool {
        self.allows("POST") || self.entity.created_within
    }

    pub(crate) fn required(&self) -> Vec<String> {
        self.entity.required.clone().unwrap_or_else(|| self.plain.mandatory())
    }

    pub(crate) fn is_required(&self, name: &str) -> bool {
        self.has_new() && self.required().iter().any(|required| required == name)
    }

    pub(crate) fn key(&self) -> Result<&'a str> {
        self.plain.key.as_deref().context("the metadata names no key")
    }

    pub(crate) fn facts(&self, name: &str) -> Option<&'a Facts> {
        self.entity.properties.get(name)
    }

    pub(crate) fn property(&self, name: &str) -> Option<&'a Property> {
        self.plain.property(name).or_else(|| self.feed?.property(name))
    }
}

/// A note of the metadata as a sentence: without an end that was cut off.
fn note(note: &str) -> String {
    let note = note.trim();
    let whole = match note.strip_suffix("...") {
        Some(cut) => cut.rsplit_once(". ").map_or(cut, |(whole, _)| whole),
        None => note,
    };
    let escaped =
        whole.trim().trim_end_matches('.').replace('[', "\\[").replace(']', "\\]").replace('<', "\\<");
    let mut letters = escaped.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
