//! The JSON Schema of the config: held against the configs of the repository by a validator of others.

use std::sync::LazyLock;

use agency::Config;
use jsonschema::Validator;
use serde_json::Value;

use super::mappings::Mapping;

const CHECKED_IN: &str = include_str!("../../sync.schema.json");
const EXAMPLE: &str = include_str!("../../sync.example.toml");
pub(super) const OF_HUBSPOT: &str = include_str!("../../sync.hubspot.example.toml");
pub(super) const OF_PIPEDRIVE: &str = include_str!("../../sync.pipedrive.example.toml");

fn validator() -> Validator {
    jsonschema::validator_for(Config::schema().as_value()).unwrap()
}

fn read(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

/// Holds a config that the program took against the schema: every config of these tests comes by here.
#[track_caller]
pub(crate) fn accepts(config: &str) {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(validator);
    let config = read(config);
    let wrong = VALIDATOR.iter_errors(&config).map(|error| format!("{}: {error}", error.instance_path()));
    assert_eq!(wrong.collect::<Vec<_>>(), [""; 0], "{config:#}");
}

#[test]
fn the_schema_that_is_checked_in_is_the_one_of_the_program() {
    let written: Value = serde_json::from_str(CHECKED_IN).unwrap();
    assert_eq!(
        &written,
        Config::schema().as_value(),
        "write it anew: cargo run -p agency -- schema > examples/agency/sync.schema.json"
    );
}

#[test]
fn the_schema_takes_the_examples_and_each_of_their_commented_keys() {
    for text in [EXAMPLE, OF_HUBSPOT, OF_PIPEDRIVE] {
        accepts(text);
        accepts(&uncommented(text));
    }
}

#[test]
fn the_schema_takes_what_the_documentation_shows() {
    let pages = [include_str!("../../README.md"), include_str!("../../../../README.md")];
    let snippets = pages.iter().flat_map(|page| page.split("```toml\n").skip(1));
    let snippets: Vec<&str> = snippets.map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!snippets.is_empty());
    let head = EXAMPLE.split("[[flow]]").next().unwrap();
    for snippet in snippets {
        accepts(&format!("{head}\n[[flow]]\npreset = \"orders\"\n\n{snippet}"));
    }
}

/// The example with every line that is a key or a section behind `# `.
fn uncommented(text: &str) -> String {
    let code = |line: &str| {
        line.starts_with('[') || line.split_once('=').is_some_and(|(key, _)| !key.trim().contains(' '))
    };
    let lines = text.lines().map(|line| line.strip_prefix("# ").filter(|rest| code(rest)).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_schema_refuses_what_no_config_says() {
    let validator = validator();
    let good = read(EXAMPLE);
    assert!(validator.is_valid(&good));
    let changed = |pointer: &str, value: Value| {
        let mut config = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = config.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.insert(key.to_owned(), value);
        config
    };
    for (pointer, value) in [
        ("/exact/country", "xx".into()),
        ("/exact/divisions", "123456".into()),
        ("/crm/kind", "salesforce".into()),
        ("/crm/colour", "red".into()),
        ("/engine/settle_seconds", 0.into()),
        ("/alerts/budget_percent", 101.into()),
        ("/flow/0/preset", "suppliers".into()),
        ("/flow/0/name", "Two Words".into()),
        ("/flow/0/create", "always".into()),
        ("/flow/0/when", serde_json::json!({ "crm": "value" })),
        ("/flow/0/when", serde_json::json!({ "crm": "value", "in": vec![1; 1_001] })),
        ("/flow/0/when", serde_json::json!({ "any": [] })),
        ("/flow/0/new_in_exact", serde_json::json!({ "Status": ["C"] })),
        ("/flow/0/fields", serde_json::json!({ "Phone": { "transform": vec!["upper"; 9] } })),
        ("/flow/0/when", serde_json::json!({ "crm": "value", "is": 1, "at_least": 2 })),
        ("/flow/0/when", serde_json::json!({ "all": [{ "crm": "value", "equals": 1 }] })),
        ("/flow/1", serde_json::json!({ "name": "no preset" })),
    ] {
        if pointer == "/flow/1" {
            let mut config = good.clone();
            config["flow"].as_array_mut().unwrap().push(value);
            assert!(!validator.is_valid(&config), "{pointer}");
        } else {
            assert!(!validator.is_valid(&changed(pointer, value.clone())), "{pointer} = {value}");
        }
    }
}

#[test]
fn the_schema_refuses_the_malformed_mappings_of_the_corpus_and_no_other() {
    let validator = validator();
    let head = EXAMPLE.split("[[flow]]").next().unwrap();
    let told = |mapping: &Mapping| validator.is_valid(&read(&format!("{head}\n{}", mapping.text)));
    let wrong = Mapping::all().into_iter().filter(|mapping| told(mapping) == mapping.is_malformed());
    assert_eq!(wrong.map(|mapping| mapping.name).collect::<Vec<_>>(), [""; 0]);
}
