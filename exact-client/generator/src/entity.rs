//! The text of an entity's file.

use std::fmt::Write;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::input::{Entity, Inputs};
use crate::metadata::{Metadata, Property};
use crate::names;
use crate::source::{Section, Source};

const NOTICE: &str = "// Written by the entity-generator; change its input and run it again.\n\n";
const REFERENCE: &str = "https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=";

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

impl Source<'_> {
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
}

fn import(module: &str, names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("use {module}::{one};\n"),
        many => format!("use {module}::{{{}}};\n", many.join(", ")),
    }
}
