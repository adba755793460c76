//! Grants: imported, asked for, refused.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use sandbox::{Fault, Trouble};

use super::office::Office;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_refreshes_once_and_knows_user_and_divisions() {
    let office = Office::open(0).await;
    let missing = office.run(&["auth", "status", "--json"]).await.expect(1).json();
    assert_eq!(missing["grants"][0]["state"], "missing");
    let done = office.run(&["auth", "import", "--refresh-token-env", "REFRESH", "--json"]).await.expect(0);
    let grant = &done.json()["grant"];
    assert_eq!(grant["state"], "ready", "{grant}");
    assert!(grant["user"]["name"].is_string(), "{grant}");
    assert_eq!(grant["divisions"][0]["division"], office.division(), "{grant}");
    assert_eq!(grant["divisions"][0]["configured"], true, "{grant}");
    let stats = office.sandbox.exact().stats();
    assert_eq!((stats.token_calls, stats.requests), (1, 3), "one token call, Me, Divisions");
    let status = office.run(&["auth", "status", "--json"]).await.expect(0).json();
    assert!(status["grants"][0]["days_to_lapse"].as_i64().unwrap() >= 29, "{status}");
    assert_eq!(office.sandbox.exact().stats().requests, 3, "the status asks the store alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_any_output_or_file() {
    let mut office = Office::open(1).await;
    office.env.insert("RUST_LOG", "trace".to_owned());
    let mut seen = String::new();
    for arguments in [
        vec!["auth", "import", "--refresh-token-env", "REFRESH"],
        vec!["auth", "import", "--refresh-token-env", "REFRESH", "--json"],
        vec!["run", "--json"],
        vec!["status"],
    ] {
        let done = office.run(&arguments).await;
        seen.push_str(&done.stdout);
        seen.push_str(&done.stderr);
    }
    for file in std::fs::read_dir(office.folder.path()).unwrap() {
        seen.push_str(&String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()));
    }
    for (name, secret) in &office.env {
        if *name != "RUST_LOG" {
            assert!(!seen.contains(secret.as_str()), "{name} is told");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_its_own_cause_and_remedy() {
    let mut office = Office::ready(0).await;
    // The token was used by the import above.
    let reused = office.run(&["auth", "import", "--refresh-token-env", "REFRESH"]).await.expect(1);
    assert!(reused.stderr.contains("give consent again"), "{reused:?}");
    office.run(&["run"]).await.expect(0);
    office.env.insert("REFRESH", "made-up".to_owned());
    let made_up = office.run(&["auth", "import", "--refresh-token-env", "REFRESH", "--json"]).await.expect(1);
    assert_eq!(made_up.json()["error"]["kind"], "auth", "{made_up:?}");

    office.sandbox.exact().block_user(true);
    let blocked = office.run(&["run", "--json"]).await.expect(1);
    assert!(blocked.stderr.contains("unblock the user"), "{blocked:?}");
    office.sandbox.exact().block_user(false);

    office.sandbox.exact().set_scope(office.division(), false).unwrap();
    let outside = office.run(&["run"]).await.expect(1);
    assert!(outside.stderr.contains("not within division scope"), "{outside:?}");
    office.sandbox.exact().set_scope(office.division(), true).unwrap();

    office.env.insert("CRM_TOKEN", "0".repeat(40));
    let token = office.run(&["run", "--json"]).await.expect(1);
    assert!(token.json().to_string().to_lowercase().contains("token"), "{token:?}");
    office.env.insert("CRM_TOKEN", office.sandbox.pipedrive().api_token());
    office.run(&["run"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_fails_after_its_token_was_taken_says_that_the_grant_is_there() {
    let office = Office::open(0).await;
    let refused = Trouble::Status { status: 403, retry_after_seconds: None };
    office.sandbox.exact().inject(Fault::new(refused).on("GET", "current/Me"));
    let done = office.run(&["auth", "import", "--refresh-token-env", "REFRESH"]).await.expect(1);
    assert!(done.stderr.contains("the grant is stored all the same"), "{done:?}");
    office.run(&["run"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_division_out_of_scope_is_refused_at_import() {
    let office = Office::open(0).await;
    let config = office.config();
    let divisions = format!("divisions = [{}", office.division());
    office.write(&config.replacen(&divisions, &format!("{divisions}, 999999"), 1));
    let done = office.run(&["auth", "import", "--refresh-token-env", "REFRESH"]).await.expect(1);
    assert!(done.stderr.contains("999999") && done.stderr.contains("exact.divisions"), "{done:?}");
    assert!(done.stderr.contains("take it out of the config"), "{done:?}");
    let status = office.run(&["auth", "status", "--json"]).await.expect(1).json();
    assert_eq!(status["grants"][0]["out_of_scope"][0], 999_999, "{status}");
    office.write(&config);
    office.run(&["run"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_grants_one_that_is_not_there_stops_its_own_divisions_alone() {
    let office = Office::open(3).await;
    let &[first, second] = office.sandbox.exact().divisions() else { panic!("two divisions") };
    let grants = format!(
        "[[exact.grant]]\nname = \"one\"\ndivisions = [{first}]\n[[exact.grant]]\nname = \"two\"\ndivisions = [{second}]\n[crm]"
    );
    let config = office.config().replacen(&format!("divisions = [{first}]"), "", 1);
    office.write(&config.replacen("[crm]", &grants, 1));
    let nobody = office.run(&["run", "--json"]).await.expect(1);
    assert!(nobody.stderr.contains("the grant one is not stored yet"), "{nobody:?}");
    office.run(&["auth", "import", "--grant", "one", "--refresh-token-env", "REFRESH"]).await.expect(0);
    let report = office.run(&["run", "--json"]).await.expect(1).json();
    let created: Vec<_> =
        report["flows"].as_array().unwrap().iter().map(|flow| &flow["created"]["crm"]).collect();
    assert_eq!(created, [3, 0], "{report}");
    let errors = report["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["division"]), (1, &second.into()), "{report}");
    assert!(errors[0]["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_named_with_its_remedy_and_the_former_one_opens() {
    let mut office = Office::ready(0).await;
    office.env.insert("FORMER", office.env["SYNC_STORE_KEY"].clone());
    office.env.insert("SYNC_STORE_KEY", format!("{}=", "Q".repeat(43)));
    let done = office.run(&["run"]).await.expect(1);
    assert!(done.stderr.starts_with("error: store.previous_key_envs: "), "{done:?}");
    assert!(done.stderr.contains("add the former key"), "{done:?}");
    let config = office.config();
    office.write(&config.replacen("[store]", "[store]\nprevious_key_envs = [\"FORMER\"]", 1));
    office.run(&["run"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_through_the_browser_stores_the_grant() {
    let office = Office::open(0).await;
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let callback = format!("http://127.0.0.1:{port}/back/here");
    office.write(&office.config().replacen("https://example.com/callback", &callback, 1));
    let mut child =
        office.command(&["auth", "login"]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let (address, lines) = tokio::task::spawn_blocking(move || {
        let address = lines.find(|line| line.starts_with("http"));
        (address, lines)
    })
    .await
    .unwrap();
    // The sandbox's user consents at once and is sent back.
    let page = reqwest::get(address.expect("an address is shown")).await.unwrap();
    assert!(page.text().await.unwrap().contains("close this window"));
    let (status, text) = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        (child.wait().unwrap(), text)
    })
    .await
    .unwrap();
    assert!(status.success(), "{text} {:?}", lines.collect::<Vec<_>>());
    assert!(text.contains("is stored"), "{text}");
    office.run(&["auth", "status"]).await.expect(0);
}
