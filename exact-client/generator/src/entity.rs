//! The text of an entity's file.

use std::fmt::Write;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::input::{Entity, Facts, Inputs};
use crate::metadata::{Metadata, Property, Resource};
use crate::names;

const NOTICE: &str = "// Written by the entity-generator; change its input and run it again.\n\n";
const REFERENCE: &str = "https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=";

/// An entity together with what the metadata says of it and of its two twins.
struct Source<'a> {
    entity: &'a Entity,
    inputs: &'a Inputs,
    plain: &'a Resource,
    feed: Option<&'a Resource>,
    bulk: Option<&'a Resource>,
}

/// The sections of the `entity!` macro.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Write,
    Create,
    Change,
    Read,
}

pub(crate) fn write(entity: &Entity, inputs: &Inputs, metadata: &Metadata) -> Result<String> {
    formatted(&Source::new(entity, inputs, metadata)?.file()?)
}

/// The module list: every entity, and the table of all of them.
pub(crate) fn write_list(inputs: &Inputs, metadata: &Metadata) -> Result<String> {
    let mut text = format!("//! One file of data per entity.\n\n{NOTICE}");
    let mut names: Vec<(String, Vec<String>)> = Vec::new();
    for entity in &inputs.entities {
        names.push((names::field(&entity.name), Source::new(entity, inputs, metadata)?.structs()));
    }
    names.sort();
    for (module, _) in &names {
        writeln!(text, "mod {module};")?;
    }
    text.push('\n');
    for (module, structs) in &names {
        match structs.as_slice() {
            [one] => writeln!(text, "pub use {module}::{one};")?,
            many => writeln!(text, "pub use {module}::{{{}}};", many.join(", "))?,
        }
    }
    text.push_str("\nuse super::Entity;\nuse crate::odata::Resource;\n\n");
    text.push_str("/// Every resource that has a struct.\n");
    text.push_str("pub(crate) static TYPED: &[&Resource] = &[\n");
    for (_, structs) in &names {
        writeln!(text, "    {}::RESOURCE,", structs.first().context("an entity without a struct")?)?;
    }
    text.push_str("];\n");
    formatted(&text)
}

/// As rustfmt has it, by the configuration of the workspace.
fn formatted(text: &str) -> Result<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt is not there")?;
    rustfmt.stdin.take().context("rustfmt takes no text")?.write_all(text.as_bytes())?;
    let output = rustfmt.wait_with_output()?;
    if !output.status.success() {
        bail!("rustfmt refuses what was written:\n{text}");
    }
    Ok(String::from_utf8(output.stdout)?)
}

impl<'a> Source<'a> {
    fn new(entity: &'a Entity, inputs: &'a Inputs, metadata: &'a Metadata) -> Result<Self> {
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
    fn structs(&self) -> Vec<String> {
        let name = &self.entity.name;
        let new = self.has_new().then(|| format!("New{name}"));
        let patch = self.allows("PUT").then(|| format!("{name}Patch"));
        [Some(name.clone()), new, patch].into_iter().flatten().collect()
    }

    fn file(&self) -> Result<String> {
        let mut text = String::from(NOTICE);
        let body = self.declaration()? + &self.impls()?;
        text.push_str(&self.uses(&body));
        text.push('\n');
        text.push_str(&body);
        Ok(text)
    }

    fn uses(&self, body: &str) -> String {
        let uses = |name: &str| {
            let ends = [">", ";", " [", ")", ","];
            ends.iter().any(|end| {
                body.contains(&format!(": {name}{end}")) || body.contains(&format!("= {name}{end}"))
            })
        };
        let mut text = String::new();
        for (name, line) in
            [("NaiveDate", "use chrono::NaiveDate;\n"), ("Decimal", "use rust_decimal::Decimal;\n")]
        {
            if uses(name) {
                text.push_str(line);
            }
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let own = self.entity.lines.values().flat_map(|line| [line.clone(), format!("New{line}")]);
        let codes = self.entity.properties.values().filter_map(|facts| facts.r#type.clone());
        let known = ["Binary", "Guid", "Code", "WallTime", "NaiveDate", "Decimal", "String", "bool"];
        let mut codes: Vec<String> = codes
            .filter(|name| {
                !known.contains(&name.as_str()) && name.starts_with(char::is_uppercase) && uses(name)
            })
            .chain(own)
            .collect();
        codes.sort();
        codes.dedup();
        text.push_str("use crate::entity::macros::entity;\n");
        text.push_str(&import("crate::entity", &codes));
        if uses("Guid") {
            text.push_str("use crate::id::Guid;\n");
        }
        let odata: Vec<String> =
            ["Binary", "Code", "WallTime"].into_iter().filter(|name| uses(name)).map(str::to_owned).collect();
        text.push_str(&import("crate::odata", &odata));
        text
    }

    fn declaration(&self) -> Result<String> {
        let entity = self.entity;
        let mut text = String::from("entity! {\n");
        for line in entity.docs.trim().lines() {
            writeln!(text, "{}", format!("    /// {line}").trim_end())?;
        }
        if let Some(page) = &entity.page {
            writeln!(text, "    ///\n    /// [Reference]({REFERENCE}{page})")?;
        }
        write!(text, "    {} at \"{}\"", entity.name, entity.path)?;
        for (door, path) in [("feed", &entity.feed), ("bulk", &entity.bulk)] {
            if let Some(path) = path {
                write!(text, " {door} \"{path}\"")?;
            }
        }
        writeln!(text, " key \"{}\";", self.key()?)?;
        writeln!(text, "    verbs [{}];", self.verbs().join(", "))?;
        if self.has_new() {
            writeln!(text, "    new New{};", entity.name)?;
        }
        if self.allows("PUT") {
            writeln!(text, "    patch {}Patch;", entity.name)?;
        }
        for (name, section) in [
            ("write", Section::Write),
            ("create", Section::Create),
            ("change", Section::Change),
            ("read", Section::Read),
        ] {
            let mut lines = String::new();
            for property in self.properties() {
                if self.section(property) == section {
                    lines.push_str(&self.line(property)?);
                }
            }
            if !lines.is_empty() || section == Section::Read {
                write!(text, "    {name} {{\n{lines}    }}\n")?;
            }
        }
        if entity.lines.is_empty() {
            text.push_str("}\n");
            return Ok(text);
        }
        text.push_str("    lines {\n");
        for (property, line) in &entity.lines {
            let doc = self.doc(self.property(property).context("no such lines")?);
            writeln!(
                text,
                "        /// {doc}\n        {} \"{property}\": {line}, New{line};",
                names::field(property)
            )?;
        }
        text.push_str("    }\n}\n");
        Ok(text)
    }

    /// The traits, and the constructor of a new one.
    fn impls(&self) -> Result<String> {
        let (entity, name) = (self.entity, &self.entity.name);
        let mut text = String::new();
        let key = self.property(self.key()?).context("the key is no property")?;
        if self.allows("GET") {
            writeln!(
                text,
                "\nimpl crate::entity::Read for {name} {{\n    type Key = {};\n}}",
                self.ty(key)?
            )?;
        }
        if let Some(path) = &entity.feed {
            let record = entity.record.as_deref().unwrap_or(self.key()?);
            let id =
                if record.is_empty() { "None".to_owned() } else { format!("self.{}", names::field(record)) };
            writeln!(
                text,
                "\nimpl crate::entity::Feed for {name} {{\n    const FEED: &'static str = \"{path}\";\n{}\n    fn timestamp(&self) \
                 -> Option<i64> {{\n        self.timestamp\n    }}\n\n    fn record_id(&self) -> Option<Guid> \
                 {{\n        {id}\n    }}\n}}",
                if path == "sync/Deleted" {
                    "    const REMEMBERED_DAYS: Option<u16> = Some(59);\n"
                } else {
                    ""
                },
            )?;
        }
        if let Some(path) = &entity.bulk {
            writeln!(
                text,
                "\nimpl crate::entity::Bulk for {name} {{\n    const BULK: &'static str = \"{path}\";\n}}"
            )?;
        }
        if let Some(action) = &entity.action {
            text.push_str(&self.action(action)?);
        } else if self.allows("POST") && !entity.created_within {
            writeln!(text, "\nimpl crate::entity::Create for {name} {{\n    type New = New{name};\n}}")?;
        }
        if self.allows("PUT") {
            writeln!(text, "\nimpl crate::entity::Update for {name} {{\n    type Patch = {name}Patch;\n}}")?;
        }
        if self.allows("DELETE") {
            writeln!(text, "\nimpl crate::entity::Delete for {name} {{}}")?;
        }
        if self.has_new() {
            text.push_str(&self.constructor()?);
        }
        Ok(text)
    }

    fn action(&self, action: &crate::input::Action) -> Result<String> {
        let name = &self.entity.name;
        let complaints: Vec<String> =
            action.complaints.iter().map(|property| format!("&self.{}", names::field(property))).collect();
        let mut text = String::new();
        writeln!(text, "\nimpl crate::entity::Action for {name} {{")?;
        writeln!(text, "    type New = New{name};\n")?;
        writeln!(text, "    fn complaints(&self) -> Vec<&str> {{")?;
        writeln!(text, "        crate::entity::said([{}])\n    }}\n", complaints.join(", "))?;
        writeln!(text, "    fn done_in_part(&self) -> bool {{\n        {}\n    }}\n}}", action.done_in_part)?;
        Ok(text)
    }

    fn constructor(&self) -> Result<String> {
        let required = self.required();
        if required.is_empty() {
            return Ok(String::new());
        }
        let mut arguments = Vec::new();
        let mut fields = String::new();
        for name in &required {
            let field = names::field(name);
            if let Some(line) = self.entity.lines.get(name) {
                arguments.push(format!("{field}: Vec<New{line}>"));
                writeln!(fields, "            {field},")?;
                continue;
            }
            let property = self.property(name).context("a required property is missing")?;
            let ty = self.ty(property)?;
            let generous = matches!(ty.as_str(), "String" | "Code");
            let value = if generous { format!("{field}.into()") } else { field.clone() };
            let value = if value == field {
                format!("{field}: Some({field})")
            } else {
                format!("{field}: Some({value})")
            };
            arguments.push(if generous {
                format!("{field}: impl Into<{ty}>")
            } else {
                format!("{field}: {ty}")
            });
            writeln!(fields, "            {value},")?;
        }
        let name = &self.entity.name;
        let signature = format!("    pub fn new({}) -> Self {{", arguments.join(", "));
        let rest = if self.new_fields() > required.len() { "            ..Self::default()\n" } else { "" };
        Ok(format!(
            "\nimpl New{name} {{\n    /// With all that Exact insists on.\n    #[must_use]\n{signature}\n        Self \
             {{\n{fields}{rest}        }}\n    }}\n}}\n"
        ))
    }

    fn new_fields(&self) -> usize {
        let sections = self.properties().map(|property| self.section(property));
        sections.filter(|section| matches!(section, Section::Write | Section::Create)).count()
            + self.entity.lines.len()
    }

    /// One property, as a line of the macro.
    fn line(&self, property: &Property) -> Result<String> {
        let mut attributes = Vec::new();
        let facts = self.facts(&property.name);
        if self.is_filterable(property) {
            attributes.push(
                if self.is_bulk_filterable(property) { "filterable" } else { "filterable_plain" }.to_owned(),
            );
        }
        if self.is_required(&property.name) {
            attributes.push("required".to_owned());
        }
        if let Some(max) = facts.and_then(|facts| facts.max) {
            attributes.push(format!("max({max})"));
        }
        let padding = self.inputs.common.codes.get(&self.code_name(&property.name));
        if let Some(padding) = padding.filter(|padding| !padding.is_empty())
            && self.ty(property)? == "Code"
        {
            attributes.push(padding.clone());
        }
        if let Some(path) = self.links(property) {
            attributes.push(format!("links(\"{path}\")"));
        }
        if facts.is_some_and(|facts| facts.never_read) {
            attributes.push("never_read".to_owned());
        } else {
            attributes.extend(self.doors(&property.name).map(str::to_owned));
        }
        let attributes =
            if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
        Ok(format!(
            "        /// {}\n        {} {} \"{}\": {}{attributes};\n",
            self.doc(property),
            names::constant(&property.name),
            names::field(&property.name),
            property.name,
            self.ty(property)?,
        ))
    }

    /// The properties that become fields: those of the plain list, then what only the feed has.
    fn properties(&self) -> impl Iterator<Item = &'a Property> {
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

    fn section(&self, property: &'a Property) -> Section {
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

    fn ty(&self, property: &Property) -> Result<String> {
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
    fn code_name(&self, name: &str) -> String {
        if name == "Code" { format!("{}.Code", self.entity.name) } else { name.to_owned() }
    }

    fn is_filterable(&self, property: &Property) -> bool {
        if self.entity.path.starts_with("sync/") || !self.plain.has(&property.name) || !self.allows("GET") {
            return property.name == "Timestamp" && self.feed.is_some();
        }
        match &self.entity.filter {
            Some(names) => names.contains(&property.name),
            None if self.plain.lists_filters() => property.is_filterable(),
            None => property.edm().is_some_and(|edm| edm != "Binary"),
        }
    }

    fn is_bulk_filterable(&self, property: &Property) -> bool {
        self.bulk.is_none()
            || self.key().ok() == Some(&property.name)
            || self.entity.bulk_filter.as_ref().is_none_or(|names| names.contains(&property.name))
    }

    /// The attributes that say through which doors it is not delivered.
    fn doors(&self, name: &str) -> impl Iterator<Item = &'static str> {
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

    fn links(&self, property: &Property) -> Option<&str> {
        if property.edm() != Some("Guid") || self.key().ok() == Some(&property.name) {
            return None;
        }
        if let Some(links) = self.facts(&property.name).and_then(|facts| facts.links.as_deref()) {
            return Some(links).filter(|links| !links.is_empty());
        }
        let (path, _) = self.inputs.common.links.iter().find(|(_, names)| names.contains(&property.name))?;
        Some(path)
    }

    fn doc(&self, property: &Property) -> String {
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

    fn verbs(&self) -> Vec<&'static str> {
        let verbs = [("GET", "Read"), ("POST", "Create"), ("PUT", "Update"), ("DELETE", "Delete")];
        let within = |method| method == "POST" && self.entity.created_within;
        let allowed = verbs.into_iter().filter(|(method, _)| self.allows(method) && !within(*method));
        allowed.map(|(_, verb)| verb).collect()
    }

    /// Whether the resource itself allows a method. A feed that has no other resource is no list.
    fn allows(&self, method: &str) -> bool {
        match &self.entity.methods {
            Some(methods) => methods.iter().any(|known| known == method),
            None => !self.entity.path.starts_with("sync/") && self.plain.allows(method),
        }
    }

    fn has_new(&self) -> bool {
        self.allows("POST") || self.entity.created_within
    }

    fn required(&self) -> Vec<String> {
        self.entity.required.clone().unwrap_or_else(|| self.plain.mandatory())
    }

    fn is_required(&self, name: &str) -> bool {
        self.has_new() && self.required().iter().any(|required| required == name)
    }

    fn key(&self) -> Result<&'a str> {
        self.plain.key.as_deref().context("the metadata names no key")
    }

    fn facts(&self, name: &str) -> Option<&'a Facts> {
        self.entity.properties.get(name)
    }

    fn property(&self, name: &str) -> Option<&'a Property> {
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

fn import(module: &str, names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("use {module}::{one};\n"),
        many => format!("use {module}::{{{}}};\n", many.join(", ")),
    }
}
