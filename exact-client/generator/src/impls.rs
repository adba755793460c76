//! The text of an entity's traits, and of the constructor of a new one.

use std::fmt::Write;

use anyhow::{Context, Result};

use crate::names;
use crate::source::{Section, Source};

impl Source<'_> {
    /// The traits, and the constructor of a new one.
    pub(crate) fn impls(&self) -> Result<String> {
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
}
