//! Every resource that Exact's reference names, typed or not.
//!
//! The table is text of one line per resource, a quarter of a megabyte, and is taken apart when it is first asked
//! for. A program that never asks does not carry it: the linker drops what nothing refers to.

use std::sync::LazyLock;

use super::{Edm, Property, Resource, Verb};
use crate::entity;
use crate::error::{Error, Result};

/// Written by the generator from the metadata of Exact's reference.
static TABLE: &str = include_str!("catalogue.txt");

static RESOURCES: LazyLock<Vec<&'static Resource>> = LazyLock::new(|| TABLE.lines().map(resource).collect());

impl Resource {
    /// The resource at that path behind the division, such as `project/Projects`, for those that have no struct in
    /// this crate. Where there is a struct, its table is returned, which knows more.
    ///
    /// Which of its properties can be filtered and written is what Exact's reference says; it is a hint.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) where there is no such resource.
    pub fn named(path: &str) -> Result<&'static Self> {
        let found = RESOURCES.iter().find(|resource| resource.path == path);
        found.copied().ok_or_else(|| Error::config(format!("Exact has no resource {path}")))
    }

    /// All resources, in the order of their paths.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        RESOURCES.iter().copied()
    }
}

/// Reads a line: `path verbs key property…`, where a property is `Name:t`, `t` a letter of its type, followed by `*`
/// where it can be filtered by and `=` where it cannot be written.
fn resource(line: &'static str) -> &'static Resource {
    let mut words = line.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (path, verbs, key) = (word(), word(), word());
    if let Some(typed) = entity::TYPED.iter().find(|resource| resource.path == path) {
        return typed;
    }
    let verbs: Vec<Verb> = verbs.chars().filter_map(verb).collect();
    let properties: Vec<Property> = words.filter_map(property).collect();
    // The table is taken apart once in the life of a program.
    Box::leak(Box::new(Resource {
        path,
        feed: None,
        bulk: None,
        key,
        verbs: verbs.leak(),
        properties: properties.leak(),
    }))
}

fn verb(letter: char) -> Option<Verb> {
    match letter {
        'r' => Some(Verb::Read),
        'c' => Some(Verb::Create),
        'u' => Some(Verb::Update),
        'd' => Some(Verb::Delete),
        _ => None,
    }
}

fn property(word: &'static str) -> Option<Property> {
    let (name, facts) = word.split_once(':')?;
    let edm = match facts.chars().next()? {
        's' => Edm::Text,
        'g' => Edm::Guid,
        'f' => Edm::Boolean,
        '1' => Edm::Byte,
        '2' => Edm::Int16,
        '4' => Edm::Int32,
        '8' => Edm::Int64,
        'd' => Edm::Double,
        't' => Edm::Moment,
        'x' => Edm::Binary,
        _ => return None,
    };
    let mut property = Property::new(name, edm);
    if facts.contains('*') {
        property = property.filterable();
    }
    if !facts.contains('=') {
        property = property.created().updated();
    }
    Some(property)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn every_resource_of_the_reference_is_there_once_with_its_properties() {
        let paths: BTreeSet<_> = Resource::all().map(Resource::path).collect();
        assert_eq!((paths.len(), Resource::all().count()), (459, 459));
        for (line, resource) in TABLE.lines().zip(Resource::all()) {
            let properties = line.split(' ').skip(3).count();
            let typed = entity::TYPED.iter().any(|typed| typed.path == resource.path);
            assert!(typed || resource.properties.len() == properties, "{}", resource.path);
        }
    }

    #[test]
    fn a_resource_without_a_struct_is_known_by_its_path() {
        let projects = Resource::named("project/Projects").unwrap();
        assert!(projects.allows(Verb::Create));
        assert_eq!(projects.key(), "ID");
        assert_eq!(projects.property("StartDate").unwrap().edm(), Edm::Moment);
        assert_eq!(Resource::named("project/projects").unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn a_struct_knows_more_than_the_catalogue() {
        let accounts = Resource::named("crm/Accounts").unwrap();
        assert_eq!(accounts.feed(), Some("sync/CRM/Accounts"));
    }
}
