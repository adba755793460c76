//! Which flow a reference means, where a file has several of one preset.

use std::path::Path;

use agency::Config;

use super::office::KEY;

const BASE: &str = r#"
[store]
url = "sqlite:sync.db"
key_env = "SYNC_STORE_KEY"
[exact]
country = "nl"
client_id = "a"
client_secret_env = "S"
redirect_url = "https://example.com/callback"
divisions = [1, 2]
[crm]
kind = "pipedrive"
token_env = "S"
"#;

/// Companies, each with its divisions, and contacts.
fn config(companies: &[(&str, &str)], contacts: &str) -> Result<Config, String> {
    let of = |(name, divisions): &(&str, &str)| {
        format!("[[flow]]\npreset = \"companies\"\nname = \"{name}\"\ndivisions = {divisions}\n")
    };
    let companies: String = companies.iter().map(of).collect();
    let text = format!("{BASE}{companies}[[flow]]\npreset = \"contacts\"\n{contacts}");
    let env = |name: &str| Some(if name == "SYNC_STORE_KEY" { KEY } else { "secret" }.to_owned());
    Config::parse(&text, Path::new(""), &env).map_err(|error| error.to_string())
}

fn via(config: &Config) -> &str {
    let rule = config.flows.iter().find_map(|flow| flow.rule("Account")).unwrap();
    rule.via.as_deref().unwrap()
}

#[test]
fn a_reference_means_the_flow_that_covers_the_divisions_of_its_own() {
    let companies = [("north", "[1]"), ("south", "[2]")];
    assert_eq!(via(&config(&companies, "divisions = [1]").unwrap()), "north");
    assert_eq!(via(&config(&companies, "divisions = [2]").unwrap()), "south");
    let everywhere = [("north", "[1]"), ("everywhere", "[2, 1]")];
    assert_eq!(via(&config(&everywhere, "").unwrap()), "everywhere");
}

#[test]
fn a_reference_that_no_flow_or_several_could_mean_is_told_with_what_to_write() {
    let companies = [("north", "[1]"), ("south", "[2]")];
    let error = config(&companies, "").unwrap_err();
    assert!(error.contains("flow[2].divisions") && error.contains("north, south do not"), "{error}");
    let twice = [("north", "[1]"), ("all", "[]")];
    let error = config(&twice, "divisions = [1]").unwrap_err();
    assert!(error.contains("flow[2].fields.Account.via") && error.contains("via = \"north\""), "{error}");
    let named =
        |name: &str| config(&twice, &format!("divisions = [1]\n[flow.fields.Account]\nvia = \"{name}\""));
    assert_eq!(via(&named("all").unwrap()), "all");
    let error = named("nobody").unwrap_err();
    assert!(error.contains("there is no flow nobody") && error.contains("north, all"), "{error}");
    let error = config(&companies, "divisions = [1]\n[flow.fields.Account]\nvia = \"south\"").unwrap_err();
    assert!(error.contains("south does not cover every division of contacts"), "{error}");
}
