//! What the crate believes of Exact's properties against the metadata of Exact's reference.

use std::collections::BTreeMap;

use exact_client::{Edm, Resource};
use serde::Deserialize;

#[derive(Deserialize)]
struct Metadata {
    resources: Vec<Described>,
}

#[derive(Deserialize)]
struct Described {
    path: String,
    #[serde(rename = "props")]
    properties: Vec<DescribedProperty>,
}

#[derive(Deserialize)]
struct DescribedProperty {
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "t")]
    edm: String,
}

type Types = BTreeMap<String, BTreeMap<String, String>>;

fn metadata() -> Option<Types> {
    let path = std::env::var_os("EXACT_METADATA")?;
    let text = std::fs::read_to_string(path).unwrap();
    let metadata: Metadata = serde_json::from_str(&text).unwrap();
    let types = metadata.resources.into_iter().map(|resource| {
        let path = resource.path.trim_start_matches("/api/v1/").trim_start_matches("{division}/").to_owned();
        let types = resource.properties.into_iter().map(|property| (property.name, property.edm));
        (path, types.collect())
    });
    Some(types.collect())
}

/// The metadata is no part of the repository; `EXACT_METADATA` names its file.
#[test]
fn every_property_exists_in_the_metadata_with_its_type_at_each_door() {
    let Some(metadata) = metadata() else {
        println!("SKIPPED: EXACT_METADATA is not set, so no property was compared with the metadata");
        return;
    };
    let mut compared = 0;
    let mut wrong = Vec::new();
    for resource in Resource::all() {
        for property in resource.properties() {
            for path in doors(resource, property.name(), &metadata) {
                compared += 1;
                let described = metadata.get(path).and_then(|types| types.get(property.name()));
                // None is known better so far; one that is would be named here, with the reason.
                if !described.is_some_and(|described| fits(property.edm(), described)) {
                    wrong.push(format!(
                        "{path}.{}: {:?} against {described:?}",
                        property.name(),
                        property.edm()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 12_000, "only {compared} properties were compared");
    println!("{compared} properties of {} resources fit", Resource::all().count());
}

/// The paths at which a property is read or written.
fn doors<'a>(resource: &'a Resource, name: &str, metadata: &Types) -> Vec<&'a str> {
    let property = resource.property(name).unwrap();
    let twins = [(resource.feed(), property.is_in_feed()), (resource.bulk(), property.is_in_bulk())];
    let twins = twins.into_iter().filter(|(_, is_there)| *is_there).filter_map(|(path, _)| path);
    let plain = Some(resource.path()).filter(|_| property.is_in_list() || property.is_writable());
    let doors: Vec<_> = plain.into_iter().chain(twins).collect();
    assert!(!doors.is_empty(), "{}.{name} is nowhere", resource.path());
    assert!(doors.iter().all(|path| metadata.contains_key(*path)), "{doors:?}");
    doors
}

fn fits(edm: Edm, described: &str) -> bool {
    match edm {
        Edm::Lines => !described.starts_with("Edm."),
        _ => described.trim_end_matches('?') == edm.name(),
    }
}
