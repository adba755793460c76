//! The table of all resources, one line each, as `odata/catalogue.rs` of exact-client reads it.

use std::fmt::Write;

use anyhow::{Result, bail};

use crate::metadata::{Metadata, Property, Resource};

pub(crate) fn write(metadata: &Metadata) -> Result<String> {
    let mut text = String::new();
    for (path, resource) in &metadata.resources {
        write!(text, "{path} {} {}", verbs(resource), resource.key.as_deref().unwrap_or("-"))?;
        let is_feed = path.starts_with("sync/");
        let all = !is_feed && !resource.lists_filters();
        for property in &resource.properties {
            let Some(letter) = letter(property)? else { continue };
            write!(text, " {}:{letter}", property.name)?;
            let by_timestamp = is_feed && property.name == "Timestamp";
            if all || by_timestamp || (!is_feed && property.is_filterable()) {
                text.push('*');
            }
            if property.written.as_deref() == Some("") {
                text.push('=');
            }
        }
        text.push('\n');
    }
    Ok(text)
}

fn verbs(resource: &Resource) -> String {
    let verbs = [("GET", 'r'), ("POST", 'c'), ("PUT", 'u'), ("DELETE", 'd')];
    verbs.iter().filter(|(method, _)| resource.allows(method)).map(|(_, letter)| letter).collect()
}

/// Collections and nested types are left out: they are resources of their own.
fn letter(property: &Property) -> Result<Option<char>> {
    let Some(edm) = property.edm() else { return Ok(None) };
    Ok(Some(match edm {
        "String" => 's',
        "Guid" => 'g',
        "Boolean" => 'f',
        "Byte" => '1',
        "Int16" => '2',
        "Int32" => '4',
        "Int64" => '8',
        "Double" => 'd',
        "DateTime" => 't',
        "Binary" => 'x',
        other => bail!("{} has the unknown type {other}", property.name),
    }))
}
