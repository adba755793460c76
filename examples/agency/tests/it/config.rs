//! Wrong configs: exit code 2, one line with the path and the remedy, and no call.

use std::path::Path;

use super::office::{KEY, Office};

/// What is replaced in a right config, by what; where the message points, and what it tells to do.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("[store]", "[stroe]", "stroe", "correct the key, or remove it"),
    ("[store]", "[store]\nurll = 1", "store.urll", "correct the key, or remove it"),
    ("country = \"nl\"", "country = \"lu\"", "exact.country", "use nl, be, de, uk, fr, es or us"),
    ("country = \"nl\"", "", "exact", "missing field `country`"),
    ("country = \"nl\"", "country = nl", "", "line"),
    ("divisions = [", "divisions = [\"a\", ", "exact.divisions[0]", "expected u32"),
    ("divisions = [", "divisions = [] # ", "exact.divisions", "name the administrations"),
    ("divisions = [", "divisions = [0, ", "exact.divisions[0]", "use the code"),
    ("client_id = \"", "client_id = \"\" # ", "exact.client_id", "App Center"),
    ("redirect_url = \"https", "redirect_url = \"nowhere", "exact.redirect_url", "registered with"),
    ("key_env = \"SYNC_STORE_KEY\"", "key_env = \"NOT_THERE\"", "store.key_env", "NOT_THERE is not set"),
    ("key_env = \"SYNC_STORE_KEY\"", "key_env = \"CRM_TOKEN\"", "store.key_env", "openssl rand -base64 32"),
    ("token_env = \"CRM_TOKEN\"", "token_env = \"NOT_THERE\"", "crm.token_env", "NOT_THERE is not set"),
    ("token_env = \"CRM_TOKEN\"", "", "crm.token_env", "name the variable"),
    ("\"EXACT_CLIENT_SECRET\"", "\"NOT_THERE\"", "exact.client_secret_env", "NOT_THERE is not set"),
    #[cfg(not(feature = "postgres"))]
    ("url = \"sqlite:sync.db\"", "url = \"postgres://u:hush@h/db\"", "store.url", "use \"sqlite:FILE\""),
    #[cfg(feature = "postgres")]
    ("url = \"sqlite:sync.db\"", "url = \"postgres://u:hush@[\"", "store.url", "postgres://USER:PASSWORD"),
    ("url = \"sqlite:sync.db\"", "url = \"sync.db\"", "store.url", "use \"sqlite:FILE\""),
    ("url = \"sqlite:sync.db\"", "url = \"sqlite:none/sync.db\"", "store.url", "create it"),
    ("kind = \"pipedrive\"", "kind = \"salesforce\"", "crm.kind", "use \"pipedrive\" or \"hubspot\""),
    (
        "[engine]",
        "[crm.oauth]\nclient_id = \"a\"\nclient_secret_env = \"B\"\nredirect_url = \"https://c.nl\"\n[engine]",
        "crm.oauth",
        "remove crm.token_env",
    ),
    (
        "token_env = \"CRM_TOKEN\"",
        "oauth = { client_id = \"a\", client_secret_env = \"B\", redirect_url = \"http://c.nl\" }",
        "crm.oauth.redirect_url",
        "https",
    ),
    ("settle_seconds = 1", "settle_seconds = 0", "engine.settle_seconds", "use 1 to"),
    ("settle_seconds = 1", "settle_seconds = -1", "engine.settle_seconds", "expected u64"),
    ("[engine]", "[serve]\nevery_minutes = 0\n[engine]", "serve.every_minutes", "use 1 to"),
    ("[engine]", "[serve]\nevery = 5\n[engine]", "serve.every", "correct the key"),
    ("[engine]", "[serve]\nlisten = \"8080\"\n[engine]", "serve.listen", "127.0.0.1:8080"),
    ("[engine]", "[serve]\nexact_secret_env = \"REFRESH\"\n[engine]", "serve.listen", "add it"),
    (
        "[engine]",
        "[serve]\nexact_secret_env = \"NOT_THERE\"\n[engine]",
        "serve.exact_secret_env",
        "is not set",
    ),
    ("[engine]", "[serve]\npipedrive_user = \"me\"\n[engine]", "serve.pipedrive_password_env", "add it"),
    ("[engine]", "[serve]\nhubspot_secret_env = \"REFRESH\"\n[engine]", "serve.hubspot_target_url", "add it"),
    ("[engine]", "[alerts]\nurl_env = \"REFRESH\"\n[engine]", "alerts.url_env", "https address"),
    ("[engine]", "[alerts]\nbudget_percent = 0\n[engine]", "alerts.budget_percent", "use 1 to 100"),
    (
        "[engine]",
        "[serve]\npublic_url = \"http://c.nl\"\nlisten = \"127.0.0.1:0\"\n[engine]",
        "serve.public_url",
        "https://sync",
    ),
    ("[engine]", "[privacy]\nkeep_days = 0\n[engine]", "privacy.keep_days", "use 1 to 36500"),
    ("[engine]", "[alerts]\nevents = [\"lunch\"]\n[engine]", "alerts.events[0]", "order created"),
    ("[engine]", "[alerts]\nevents = [\"shipped\"]\n[engine]", "alerts.events[0]", "preset = \"orders\""),
    ("[[flow]]", "[[flow]]\nevery_minutes = 99999", "flow[0].every_minutes", "use 1 to"),
    ("preset = \"companies\"", "preset = \"orders\"", "flow[0]", "preset = \"companies\""),
    ("preset = \"companies\"", "preset = \"invoices\"", "flow[0].preset", "Pipedrive has no invoices"),
    ("preset = \"companies\"", "preset = \"quotations\"", "flow[0]", "add `when`"),
    (
        "preset = \"companies\"",
        "preset = \"companies\"\nprice = \"review\"",
        "flow[0].price",
        "belongs to orders",
    ),
    (
        "preset = \"companies\"",
        "preset = \"companies\"\nprefix = \"D\"",
        "flow[0].prefix",
        "belongs to orders",
    ),
    (
        "preset = \"companies\"",
        "preset = \"dealss\"",
        "flow[0].preset",
        "use one of companies, contacts, products, quotations, orders",
    ),
    ("[[flow]]", "[[flow]]\npreset = \"companies\"\n[[flow]]", "flow[1].name", "another `name`"),
    ("[[flow]]", "[[flow]]\ncreate = \"all\"", "flow[0].create", "both"),
    ("[[flow]]", "[[flow]]\nmatch = []", "flow[0].match", "leave it out"),
    ("[[flow]]", "[[flow]]\nmatch = [\"Fax\"]", "flow[0]", "[flow.fields.Fax]"),
    ("[[flow]]", "[[flow]]\ndivisions = [7]", "flow[0].divisions", "add it there"),
    ("[[flow]]", "[[flow]]\ncreate_in = 7", "flow[0].create_in", "add it there"),
    ("[[flow]]", "[[flow]]\nsince = \"2026-12-01\"", "flow[0].since", "remove it"),
    ("[[flow]]", "[[flow]]\nname = \"Big Ones\"", "flow[0]", "lower-case letters"),
    ("[[flow]]", "[[flow]]\nwhen = { crm = \"a\" }", "flow[0].when", "use is, is_not"),
    ("[[flow]]", "[[flow]]\nfields.Fax.owner = \"exact\"", "flow[0].fields.Fax", "add `crm`"),
    ("[[flow]]", "[[flow]]\nfields.Phone.owner = \"me\"", "flow[0].fields.Phone.owner", "exact"),
    ("[[flow]]", "[[flow]]\nfields.Phone.colour = \"red\"", "flow[0].fields.Phone.colour", "correct the key"),
    ("[[flow]]", "[[flow]]\nfields.Fax.crm = \"name\"", "flow[0]", "map each CRM field once"),
    ("[[flow]]", "[[flow]]\nfields.Fax.crm = \"street:a\"", "flow[0]", "is not made of different fields"),
    (
        "[[flow]]",
        "[[flow]]\nnew_in_exact.Status = []",
        "flow[0].new_in_exact.Status",
        "write a text, a number",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_config_ends_with_2_one_line_and_no_call() {
    let office = Office::open(1).await;
    let right = office.config_with("sqlite:sync.db");
    for (what, by, path, says) in WRONG {
        assert!(right.contains(what), "{what}");
        let case = format!("{what} → {by}");
        office.write(&right.replacen(what, by, 1));
        let done = office.run(&["run", "--json"]).await;
        assert_eq!(done.code, 2, "{case}: {done:?}");
        let line = done.stderr.trim_end();
        assert_eq!(line.lines().count(), 1, "{case}: {line}");
        assert!(line.starts_with(&format!("error: {path}")), "{case}: {line}");
        assert!(line.contains(says), "{case}: {line}");
        assert!(!line.contains("hush"), "{case}: {line}");
        let document = done.json();
        assert_eq!(document["error"]["kind"], "config", "{case}: {document}");
    }
    assert_eq!(office.requests(), 0, "nothing reached a vendor");
    office.write(&right);
    assert!(!office.path("sync.db").exists(), "and nothing was stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_for_loopback_only() {
    let office = Office::open(0).await;
    let right = office.config();
    for (section, base) in
        [("exact", office.sandbox.exact().base_url()), ("crm", office.sandbox.pipedrive().base_url())]
    {
        for (other, says) in [
            ("http://example.com", "use https; http is for loopback only"),
            ("http://127.0.0.1.example.com:9001", "use https; http is for loopback only"),
            ("https://example.com/api/v1", "leave out the path"),
            ("https://user@example.com", "leave out the path"),
            ("ftp://127.0.0.1", "write it like"),
            ("127.0.0.1:9001", "write it like"),
        ] {
            office.write(&right.replacen(&base, other, 1));
            let done = office.run(&["check"]).await.expect(2);
            let line = done.stderr;
            assert!(line.starts_with(&format!("error: {section}.base_url: ")), "{other}: {line}");
            assert!(line.contains(says), "{other}: {line}");
        }
    }
    assert_eq!(office.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_that_is_not_there_is_named() {
    let office = Office::open(0).await;
    std::fs::remove_file(office.path("sync.toml")).unwrap();
    let done = office.run(&["run"]).await.expect(2);
    assert!(done.stderr.contains("sync.toml") && done.stderr.contains("--config"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_command_line_ends_with_2_and_no_call() {
    let office = Office::ready(0).await;
    let before = office.requests();
    for arguments in [
        vec![],
        vec!["sync"],
        vec!["run", "--force"],
        vec!["issues", "resolve"],
        vec!["issues", "resolve", "a"],
        vec!["issues", "resolve", "a", "--create", "--skip"],
        vec!["issues", "resolve", "a", "--take", "left"],
        vec!["issues", "resolve", "a", "--link", "one"],
        vec!["issues", "resolve", "a", "b", "--link", "one", "two"],
        vec!["auth", "import"],
        vec!["auth", "import", "--refresh-token-env", "NOT_THERE"],
        vec!["auth", "import", "--refresh-token-env", "REFRESH", "--grant", "other"],
        vec!["links", "export"],
    ] {
        office.run(&arguments).await.expect(2);
        let mut with_json = arguments.clone();
        with_json.push("--json");
        let document = office.run(&with_json).await.expect(2).json();
        assert_eq!(document["error"]["kind"], "config", "{arguments:?}: {document}");
    }
    let lacking = office.run(&["links", "export", "--json"]).await.expect(2).json();
    assert!(
        lacking["error"]["message"].as_str().unwrap().contains("<FILE"),
        "what lacks is named: {lacking}"
    );
    assert_eq!(office.requests(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn global_flags_stand_anywhere_and_the_version_is_told() {
    let office = Office::open(0).await;
    let config = office.path("sync.toml");
    let config = config.to_str().unwrap();
    for arguments in [["--config", config, "--json", "status"], ["--json", "status", "--config", config]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_agency"));
        command.env_clear().envs(&office.env).args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    office.run(&["--version"]).await.expect(0);
    office.run(&["--help"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_grants_need_their_own_divisions_and_names() {
    let office = Office::open(0).await;
    let right = office.config();
    let divisions = format!("divisions = [{}]", office.division());
    let grants =
        |grants: &str| right.replacen(&divisions, "", 1).replacen("[crm]", &format!("{grants}\n[crm]"), 1);
    for (text, path, says) in [
        (
            "[[exact.grant]]\nname = \"a\"\ndivisions = []",
            "exact.grant[0].divisions",
            "name the administrations",
        ),
        ("[[exact.grant]]\nname = \"a b\"\ndivisions = [1]", "exact.grant[0].name", "letters"),
        (
            "[[exact.grant]]\nname = \"a\"\ndivisions = [1]\n[[exact.grant]]\nname = \"a\"\ndivisions = [2]",
            "exact.grant[1].name",
            "another name",
        ),
        (
            "[[exact.grant]]\nname = \"a\"\ndivisions = [1]\n[[exact.grant]]\nname = \"b\"\ndivisions = [1]",
            "exact.grant[1].divisions",
            "name each division once",
        ),
    ] {
        office.write(&grants(text));
        let done = office.run(&["status"]).await.expect(2);
        assert!(
            done.stderr.starts_with(&format!("error: {path}: ")) && done.stderr.contains(says),
            "{done:?}"
        );
    }
    office.write(&grants(
        "[[exact.grant]]\nname = \"a\"\ndivisions = [1]\n[[exact.grant]]\nname = \"b\"\ndivisions = [2]",
    ));
    let document = office.run(&["status", "--json"]).await.expect(0).json();
    assert_eq!(document["grants"].as_array().unwrap().len(), 2);
    let done = office.run(&["auth", "import", "--refresh-token-env", "REFRESH"]).await.expect(2);
    assert!(done.stderr.contains("--grant") && done.stderr.contains("a, b"), "{done:?}");
    assert_eq!(office.requests(), 0);
}

#[test]
fn the_example_config_is_right() {
    let text = include_str!("../../sync.example.toml");
    let env = |name: &str| Some(if name == "SYNC_STORE_KEY" { KEY.to_owned() } else { "secret".to_owned() });
    let config = agency::Config::parse(text, Path::new(""), &env).unwrap();
    assert_eq!(config.flows.len(), 1);
    assert!(!format!("{config:?}").contains("secret"), "and no debug output shows a secret");
    // What is commented out is right as well.
    let keys =
        ["tenant", "base_url", "lengths", "match", "without_identity", "create_in", "when", "new_in_exact"];
    let uncommented = |line: &str| match line.strip_prefix("# ") {
        Some(key) if keys.iter().any(|name| key.starts_with(name)) => format!("{key}\n"),
        _ => format!("{line}\n"),
    };
    let all: String = text.lines().map(uncommented).collect();
    agency::Config::parse(&all, Path::new(""), &env).unwrap();
}
