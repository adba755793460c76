//! The program, as a shell script sees it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// A running program, ended when dropped.
struct Program {
    child: Child,
    ready: Value,
}

impl Program {
    fn start(flags: &[&str]) -> Self {
        let mut child = command(flags).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox"));
    command.args(flags);
    command
}

fn run(flags: &[&str]) -> Output {
    command(flags).output().unwrap()
}

fn companies() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let long = "x".repeat(98);
    write!(file, "name,kvk\n\"\"\"AAE\"\" Café, 't Hoekje B.V.\",17037842\n{long},24257403\n").unwrap();
    file
}

#[tokio::test]
async fn the_first_line_names_addresses_and_credentials_of_what_is_built() {
    let program = Program::start(&["--divisions", "2", "--seed", "7"]);
    let ready = &program.ready;
    for (vendor, member) in [
        ("exact", "base_url"),
        ("exact", "client_id"),
        ("exact", "client_secret"),
        ("exact", "refresh_token"),
        ("pipedrive", "base_url"),
        ("pipedrive", "api_token"),
        ("hubspot", "base_url"),
        ("hubspot", "token"),
    ] {
        assert!(ready[vendor][member].is_string(), "{vendor}.{member}");
    }
    assert_eq!(ready["exact"]["divisions"].as_array().unwrap().len(), 2);
    let request = reqwest::Client::new()
        .get(format!("{}/api/v1/users/me", ready["pipedrive"]["base_url"].as_str().unwrap()))
        .header("x-api-token", ready["pipedrive"]["api_token"].as_str().unwrap());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn companies_are_loaded_as_customers_of_the_first_division_whatever_their_names() {
    let file = companies();
    let program = Program::start(&["--companies", file.path().to_str().unwrap(), "--divisions", "2"]);
    let exact = &program.ready["exact"];
    let url = format!("{}/_sandbox/exact/accounts", exact["base_url"].as_str().unwrap());
    let list = |division: &Value| {
        let body = json!({ "division": division });
        let request = reqwest::Client::new().post(&url).json(&body);
        async move { request.send().await.unwrap().json::<Value>().await.unwrap()["accounts"].clone() }
    };
    let accounts = list(&exact["divisions"][0]).await;
    let mut names: Vec<&str> =
        accounts.as_array().unwrap().iter().map(|account| account["Name"].as_str().unwrap()).collect();
    names.sort_by_key(|name| name.len());
    assert_eq!((names[0], names[1].len()), ("\"AAE\" Café, 't Hoekje B.V.", 98));
    assert!(accounts.as_array().unwrap().iter().all(|account| account["Status"] == "C"));
    assert_eq!(list(&exact["divisions"][1]).await, json!([]));
}

#[tokio::test]
async fn companies_are_loaded_as_organizations_with_their_number_in_a_custom_field() {
    let file = companies();
    let program = Program::start(&["--companies", file.path().to_str().unwrap(), "--load", "pipedrive"]);
    let pipedrive = &program.ready["pipedrive"];
    let url = format!("{}/_sandbox/pipedrive/organizations", pipedrive["base_url"].as_str().unwrap());
    let body: Value = reqwest::Client::new().post(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(body["organizations"].as_array().unwrap().len(), 2);
    assert_eq!(body["organizations"][0]["custom_fields"]["KvK number"], "17037842");
}

#[tokio::test]
async fn companies_are_loaded_into_hubspot_with_their_number_in_a_property() {
    let file = companies();
    let program = Program::start(&["--companies", file.path().to_str().unwrap(), "--load", "hubspot"]);
    let hubspot = &program.ready["hubspot"];
    let request = reqwest::Client::new()
        .get(format!("{}/crm/objects/2026-09/companies", hubspot["base_url"].as_str().unwrap()))
        .query(&[("properties", "exact_kvk_number")])
        .bearer_auth(hubspot["token"].as_str().unwrap());
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["results"].as_array().unwrap().len(), 2);
    assert_eq!(body["results"][0]["properties"]["exact_kvk_number"], "17037842");
}

#[test]
fn a_seed_decides_every_random_choice() {
    let credentials = |seed: &str| {
        let mut ready = Program::start(&["--seed", seed]).ready.clone();
        for vendor in ["exact", "pipedrive", "hubspot"] {
            ready[vendor]["base_url"] = Value::Null;
        }
        ready
    };
    assert_eq!(credentials("7"), credentials("7"));
    assert_ne!(credentials("7"), credentials("8"));
}

#[test]
fn a_missing_file_or_a_taken_address_is_named() {
    let output = run(&["--companies", "nowhere.csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.csv"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--exact", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&address));
}

#[test]
fn unknown_flags_are_refused() {
    assert_eq!(run(&["--nonsense"]).status.code(), Some(2));
    assert_eq!(run(&["--limits", "some"]).status.code(), Some(2));
}
