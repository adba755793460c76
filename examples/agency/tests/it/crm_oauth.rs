//! The CRM by a consent to an app: given in the browser or brought along, kept sealed, renewed, refused.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use super::office::{Done, Office};

const CALLBACK: &str = "https://example.com/crm";

/// An office whose CRM is entered by an app, with no consent yet.
async fn office(crm: &str) -> Office {
    let mut office = Office::open(2).await;
    let (url, id, secret) = match crm {
        "pipedrive" => {
            let crm = office.sandbox.pipedrive();
            (crm.base_url(), crm.client_id(), crm.client_secret())
        }
        _ => {
            let crm = office.sandbox.hubspot();
            (crm.base_url(), crm.client_id(), crm.client_secret())
        }
    };
    let access = format!(
        "oauth = {{ client_id = \"{id}\", client_secret_env = \"CRM_SECRET\", redirect_url = \"{CALLBACK}\" }}"
    );
    let config = office.config().replacen("token_env = \"CRM_TOKEN\"", &access, 1);
    let config = config.replacen("\"pipedrive\"", &format!("\"{crm}\""), 1);
    office.write(&config.replacen(&office.sandbox.pipedrive().base_url(), &url, 1));
    office.env.remove("CRM_TOKEN");
    office.env.insert("CRM_SECRET", secret);
    office.env.insert("CRM_URL", url);
    office.run(&["auth", "import", "--refresh-token-env", "REFRESH"]).await.expect(0);
    office
}

/// Logs in, and pastes the address that the browser ended at, changed by `change`.
async fn login(office: &Office, change: impl Fn(String) -> String) -> Done {
    let mut command = office.command(&["auth", "login", "--crm"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let (address, rest) = tokio::task::spawn_blocking(move || {
        let address = lines.find(|line| line.starts_with("http")).unwrap();
        (address, lines)
    })
    .await
    .unwrap();
    // The vendor's own page stands in the sandbox.
    let query = address.split_once("/oauth/").unwrap().1;
    let page = format!("{}/oauth/{query}", office.env["CRM_URL"]);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let back = http.get(page).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", change(back)).unwrap();
    drop(stdin);
    tokio::task::spawn_blocking(move || {
        let output = child.wait_with_output().unwrap();
        Done {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: rest.collect::<Vec<_>>().join("\n"),
        }
    })
    .await
    .unwrap()
}

fn files(office: &Office) -> String {
    let files = std::fs::read_dir(office.folder.path()).unwrap();
    files
        .map(|file| String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_in_the_browser_is_kept_sealed_and_runs_go_by_it_with_either_crm() {
    for crm in ["pipedrive", "hubspot"] {
        let office = office(crm).await;
        let without = office.run(&["run"]).await.expect(1);
        assert!(without.stderr.contains("not connected yet"), "{crm}: {without:?}");
        let done = login(&office, |address| address).await.expect(0);
        assert!(done.stdout.contains("is stored"), "{crm}: {done:?}");
        office.run(&["run"]).await.expect(0);
        let again = office.run(&["run", "--json"]).await.expect(0).json();
        assert_eq!(again["flows"][0]["created"]["crm"], 0, "{crm}: {again}");
        let held = match crm {
            "pipedrive" => office.sandbox.pipedrive().organizations().len(),
            _ => office.sandbox.hubspot().records("companies").len(),
        };
        assert_eq!(held, 2, "{crm}");
        let text = files(&office);
        assert!(!text.contains("access_token") && !text.contains("refresh_token"), "{crm}: it is sealed");
        assert!(!text.contains(&office.env["CRM_SECRET"]), "{crm}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_another_question_or_without_a_code_stores_nothing() {
    let office = office("pipedrive").await;
    type Change = fn(String) -> String;
    let changes: [(Change, &str); 3] = [
        (|address| address.replace("state=", "state=x"), "another question"),
        (|address| address.replace("code=", "error=denied&ignored="), "no code"),
        (|_| "lunch".to_owned(), "no address"),
    ];
    for (change, told) in changes {
        let done = login(&office, change).await.expect(1);
        assert!(done.stderr.contains(told), "{told}: {done:?}");
    }
    office.run(&["run"]).await.expect(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_brought_along_is_proved_first_and_a_wrong_one_leaves_the_former() {
    let mut office = office("hubspot").await;
    login(&office, |address| address).await.expect(0);
    let right = office.sandbox.hubspot().refresh_token().unwrap();
    office.env.insert("CRM_REFRESH", "made up".to_owned());
    let import = ["auth", "import", "--crm", "--refresh-token-env", "CRM_REFRESH"];
    let wrong = office.run(&import).await.expect(1);
    assert!(!wrong.stderr.contains("made up"), "{wrong:?}");
    office.run(&["run"]).await.expect(0);
    office.env.insert("CRM_REFRESH", right);
    office.run(&import).await.expect(0);
    office.run(&["run"]).await.expect(0);
    let other = Office::ready(0).await;
    let token = other.run(&["auth", "login", "--crm"]).await.expect(2);
    assert!(token.stderr.contains("crm.oauth"), "{token:?}");
}
