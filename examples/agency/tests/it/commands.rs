//! The commands in the order in which one meets them, and the documents that scripts read.

use std::collections::BTreeSet;
use std::process::Stdio;

use sandbox::{Fault, Trouble};
use serde_json::{Value, json};

use super::office::{Done, Office};

/// The members of a document, by name.
fn members(document: &Value) -> Vec<&str> {
    document.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_come_into_agreement_and_a_second_run_writes_nothing() {
    let office = Office::ready(3).await;
    let division = office.division();
    let plan = office.run(&["plan", "--json"]).await.expect(0).json();
    assert_eq!(members(&plan), ["calls", "day_share", "fingerprint", "flows", "minutes", "new_fields"]);
    let new = plan["new_fields"].as_array().unwrap();
    assert!(new.contains(&json!({"flow": "companies", "label": "KvK number", "holds": "text"})), "{plan}");
    let flow = &plan["flows"][0];
    let expected = json!({"flow": "companies", "division": division, "create": {"exact": 0, "crm": 3},
        "update": {"exact": 0, "crm": 0}, "link": 0, "waiting": 0, "issues": 0, "brake": null});
    assert_eq!(*flow, expected);
    assert_eq!(office.writes(), 0, "a plan writes nothing");

    let run = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(members(&run), ["calls", "errors", "flows", "open_issues", "resume_at", "waiting"]);
    let flow = &run["flows"][0];
    assert_eq!((&flow["flow"], &flow["division"]), (&json!("companies"), &json!(division)));
    assert_eq!(flow["created"], json!({"exact": 0, "crm": 3}));
    assert_eq!(flow["updated"], json!({"exact": 0, "crm": 0}));
    for (name, value) in [("linked", 0), ("issues", 0), ("failed", 0), ("waiting", 0)] {
        assert_eq!(flow[name], value, "{name}: {run}");
    }
    assert_eq!(office.sandbox.pipedrive().organizations().len(), 3);

    let writes = office.writes();
    let again = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(again["flows"][0]["created"], json!({"exact": 0, "crm": 0}), "{again}");
    assert_eq!(office.writes(), writes, "a second run writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_costs_one_exact_call_per_feed_and_one_for_the_divisions() {
    let office = Office::ready(3).await;
    office.run(&["run"]).await.expect(0);
    office.sandbox.exact().reset_stats();
    office.run(&["run"]).await.expect(0);
    let stats = office.sandbox.exact().stats();
    assert_eq!(stats.requests_of("sync/CRM/Accounts"), 1, "{stats:?}");
    assert_eq!(stats.requests_of("sync/Deleted"), 1, "{stats:?}");
    assert_eq!(stats.requests_of("sync/Cashflow/PaymentTerms"), 1, "what is owed: {stats:?}");
    assert_eq!(stats.requests_of("sync/CRM/Addresses"), 1, "where invoices and goods go: {stats:?}");
    assert_eq!(stats.requests_of("system/Divisions"), 1, "{stats:?}");
    assert_eq!(stats.requests, 5, "{stats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_stops_a_run_with_3_and_yes_passes_it() {
    let office = Office::ready(3).await;
    office.write(&format!("{}\n[brakes]\ncreates = 2\n", office.config()));
    let plan = office.run(&["plan", "--json"]).await.expect(0).json();
    assert_eq!(plan["flows"][0]["brake"], "creates", "{plan}");
    let stopped = office.run(&["run", "--json"]).await.expect(3).json();
    assert_eq!(stopped["flows"][0]["brake"], "creates", "{stopped}");
    assert!(office.sandbox.pipedrive().organizations().is_empty());
    let told = office.run(&["run"]).await.expect(3);
    assert!(told.stdout.contains("--yes"), "{told:?}");
    for asked in ["issues", "status"] {
        let told = office.run(&[asked]).await.expect(0).stdout;
        assert!(told.contains("stopped by a brake"), "{asked}: {told}");
    }
    office.run(&["run", "--yes"]).await.expect(0);
    assert!(!office.run(&["issues"]).await.expect(0).stdout.contains("brake"));
    assert_eq!(office.sandbox.pipedrive().organizations().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_plan_names_every_write_and_its_reason() {
    let office = Office::ready(1).await;
    let plan = office.run(&["plan", "--full", "--json"]).await.expect(0).json();
    let item = &plan["items"][0];
    assert_eq!((&item["side"], &item["action"]), (&json!("crm"), &json!("create")), "{plan}");
    let field = &item["fields"]["name"];
    assert_eq!(field["to"], "Bakkerij nummer 0", "{item}");
    assert_eq!(members(field), ["from", "to", "why"]);
    office.run(&["run"]).await.expect(0);
    let empty = office.run(&["plan", "--full", "--json"]).await.expect(0).json();
    assert_eq!(empty["items"], json!([]), "{empty}");
    assert!(office.run(&["plan", "--full"]).await.expect(0).stdout.contains("companies"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_shown_answered_and_carried_out() {
    let office = Office::ready(1).await;
    office.run(&["run"]).await.expect(0);
    let (exact, pipedrive) = (office.sandbox.exact(), office.sandbox.pipedrive());
    let account = exact.accounts(office.division()).unwrap().remove(0);
    let id = account["ID"].as_str().unwrap().parse().unwrap();
    let organization = pipedrive.organizations()[0]["id"].as_i64().unwrap();
    exact.edit_account(office.division(), id, json!({"City": "Breda"})).unwrap();
    pipedrive.edit_organization(organization, json!({"City": "Tilburg"})).unwrap();
    let run = office.run(&["run", "--json"]).await.expect(3).json();
    assert_eq!(run["open_issues"], 1, "{run}");

    let issues = office.run(&["issues", "--json"]).await.expect(0).json();
    let issue = &issues["issues"][0];
    for (name, value) in [("flow", json!("companies")), ("kind", json!("conflict")), ("field", json!("City"))]
    {
        assert_eq!(issue[name], value, "{issue}");
    }
    assert_eq!(issue["division"], office.division());
    assert!(
        issue["exact"].to_string().contains("Breda") && issue["crm"].to_string().contains("Tilburg"),
        "{issue}"
    );
    let known = json!([account["Name"], account["ID"], organization.to_string()]);
    assert_eq!(json!([issue["name"], issue["exact_id"], issue["crm_id"]]), known, "{issue}");
    assert!(issue["answers"].as_array().unwrap().contains(&json!("--take exact")), "{issue}");
    assert!(issue["message"].is_string(), "{issue}");
    let listed = office.run(&["issues"]).await.expect(0).stdout;
    assert!(listed.contains("Tilburg") && listed.contains(account["Name"].as_str().unwrap()), "{listed}");

    let id = issue["id"].as_str().unwrap();
    let shown = office.run(&["issues", "show", id, "--json"]).await.expect(0).json();
    assert_eq!((&shown["message"], &shown["base"]), (&issue["message"], &issue["base"]), "{shown}");
    assert_eq!(shown["last_changes"]["exact"]["by"], account["ModifierFullName"], "{shown}");
    for side in ["exact", "crm"] {
        assert!(shown["last_changes"][side]["at"].is_string(), "{side}: {shown}");
    }
    let told = office.run(&["issues", "show", id]).await.expect(0).stdout;
    let words = ["Name", "ID", "ModifierFullName"].map(|name| account[name].as_str().unwrap());
    for known in words.into_iter().chain(["Breda", "Tilburg", "--take exact"]) {
        assert!(told.contains(known), "{known}: {told}");
    }
    office.run(&["issues", "show", "none"]).await.expect(1);
    let unfit = office.run(&["issues", "resolve", id, "--create"]).await.expect(1);
    assert!(unfit.stderr.contains("--take exact"), "the answers that fit are told: {unfit:?}");
    office.run(&["issues", "resolve", "none", "--skip"]).await.expect(1);
    let resolved = office.run(&["issues", "resolve", id, "--take", "exact", "--json"]).await.expect(0).json();
    assert_eq!(resolved, json!({"resolved": [id]}));
    let run = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(run["flows"][0]["updated"], json!({"exact": 0, "crm": 1}), "{run}");
    assert_eq!(pipedrive.find_organizations("City", &json!("Breda")).len(), 1);
    assert_eq!(office.run(&["issues", "--json"]).await.expect(0).json(), json!({"issues": []}));
}

/// Whether nobody but its owner reads a file.
fn is_private(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o077 == 0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_identity_map_goes_out_and_into_an_empty_store() {
    let office = Office::ready(5).await;
    office.run(&["run"]).await.expect(0);
    let file = office.path("links.csv");
    let file = file.to_str().unwrap();
    let exported = office.run(&["links", "export", file, "--json"]).await.expect(0).json();
    assert_eq!(exported["exported"], 5);
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.lines().next(), Some("flow,division,exact_id,crm_id"));
    assert_eq!((text.lines().count(), is_private(file.as_ref())), (6, true));
    let known = office.run(&["links", "import", file, "--json"]).await.expect(0).json();
    assert_eq!(known, json!({"lines": 5, "imported": 0}), "what is known changes nothing");

    office.write(&format!("tenant = \"other\"\n{}", office.config()));
    let imported = office.run(&["links", "import", file, "--json"]).await.expect(0).json();
    assert_eq!(imported, json!({"lines": 5, "imported": 5}));
    for (content, says) in [
        ("flow,division\ncompanies,1\n", "columns flow,division,exact_id,crm_id"),
        ("flow,division,exact_id,crm_id\nother,1,a,b\n", "no flow other"),
        ("flow,division,exact_id,crm_id\ncompanies,x,a,b\n", "line: 2"),
    ] {
        std::fs::write(file, content).unwrap();
        let done = office.run(&["links", "import", file]).await.expect(1);
        assert!(done.stderr.contains(says), "{done:?}");
    }
    office.run(&["links", "import", "/none/links.csv"]).await.expect(1);
    office.run(&["links", "export", "/none/links.csv"]).await.expect(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_writes_nothing_and_ends_with_2_where_the_config_names_a_field_that_is_not_there() {
    let office = Office::ready(1).await;
    let good = office.run(&["check", "--json"]).await.expect(0).json();
    assert_eq!(good["ok"], true, "{good}");
    assert!(good["findings"].to_string().contains("KvK number"), "what is missing is named: {good}");
    let config = office.config().replacen("create_fields = true", "create_fields = false", 1);
    office.write(&format!("{config}\n[flow.fields.Phone]\ncrm = \"custom:Telefoon\"\n"));
    let wrong = office.run(&["check", "--json"]).await.expect(2).json();
    assert_eq!(wrong["ok"], false, "{wrong}");
    assert!(wrong["findings"].to_string().contains("Telefoon"), "{wrong}");
    let run = office.run(&["run"]).await.expect(2);
    assert!(run.stderr.contains("Telefoon"), "{run:?}");
    assert_eq!(office.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_without_any_identity_field_ends_with_2_and_says_what_to_map() {
    let office = Office::ready(1).await;
    office.write(&office.config().replacen("create_fields = true", "create_fields = false", 1));
    let done = office.run(&["run"]).await.expect(2);
    assert!(done.stderr.contains("map KvK or VAT number, or set create_fields"), "{done:?}");
    assert_eq!(office.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mapping_is_a_document_and_the_status_asks_the_store_alone() {
    let office = Office::ready(2).await;
    let mapping = office.run(&["mapping"]).await.expect(0).stdout;
    assert!(mapping.starts_with("# ") && mapping.contains("| ChamberOfCommerce | KvK number |"), "{mapping}");
    let document = office.run(&["mapping", "--json"]).await.expect(0).json();
    assert_eq!(document["markdown"].as_str().unwrap().trim_end(), mapping.trim_end());
    office.run(&["run"]).await.expect(0);
    let before = office.requests();
    let status = office.run(&["status", "--json"]).await.expect(0).json();
    assert_eq!(status["flows"][0]["links"], 2, "{status}");
    assert!(status["flows"][0]["last_run"]["at"].is_string(), "{status}");
    assert_eq!(status["grants"][0]["state"], "ready", "{status}");
    let counted = office.sandbox.exact().stats().requests_of("{division}");
    assert_eq!(status["budgets"][0]["day_used"], counted, "{status}");
    office.run(&["status"]).await.expect(0);
    office.run(&["issues"]).await.expect(0);
    assert_eq!(office.requests(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_grant_nothing_is_asked_and_the_remedy_is_told() {
    let office = Office::open(1).await;
    for command in ["run", "plan", "check"] {
        let done = office.run(&[command, "--json"]).await.expect(1);
        assert_eq!(done.json()["error"]["kind"], "auth", "{done:?}");
        assert!(done.stderr.contains("auth login"), "{done:?}");
    }
    assert_eq!(office.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_run_from_finishing_is_told_and_the_next_run_goes_on() {
    let office = Office::ready(3).await;
    office.run(&["run"]).await.expect(0);
    office
        .sandbox
        .exact()
        .create_account(office.division(), json!({"Name": "Nieuw", "Status": "C"}))
        .unwrap();
    office.sandbox.exact().inject(Fault::new(Trouble::Html).on("GET", "sync/CRM/Accounts"));
    let done = office.run(&["run", "--json"]).await.expect(1);
    let error = &done.json()["errors"][0];
    assert_eq!(members(error), ["division", "flow", "kind", "message", "remedy", "side"], "{error}");
    assert_eq!(
        (&error["flow"], &error["division"]),
        (&json!("companies"), &json!(office.division())),
        "{error}"
    );
    let run = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(run["flows"][0]["created"], json!({"exact": 0, "crm": 1}), "{run}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells_why_the_last_run_came_to_nothing() {
    let office = Office::ready(1).await;
    office.run(&["run"]).await.expect(0);
    office.sandbox.pipedrive().inject(Fault::new(Trouble::Status { status: 401, retry_after_seconds: None }));
    let failed = office.run(&["run", "--json"]).await.expect(1).json();
    let status = office.run(&["status", "--json"]).await.expect(0).json();
    let told = status["flows"][0]["last_run"]["errors"][0].as_str().unwrap();
    assert!(told.contains("401"), "{failed} {status}");
    office.run(&["run"]).await.expect(0);
    let status = office.run(&["status", "--json"]).await.expect(0).json();
    assert_eq!(status["flows"][0]["last_run"]["errors"], json!([]), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_take_turns_and_create_nothing_twice() {
    let office = Office::ready(40).await;
    let (one, other) = tokio::join!(office.run(&["run", "--json"]), office.run(&["run", "--json"]));
    let created = |done: Done| done.expect(0).json()["flows"][0]["created"]["crm"].as_u64().unwrap();
    assert_eq!(created(one) + created(other), 40);
    assert_eq!(office.sandbox.pipedrive().organizations().len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_an_answer_longer_than_its_lease_lasts_keeps_it() {
    let office = Office::ready(3).await;
    office.write(&office.config().replacen("[engine]", "[engine]\ntimeout_seconds = 3", 1));
    let crm = office.sandbox.pipedrive();
    crm.inject(Fault::new(Trouble::HangBefore).on("GET", "organizations"));
    let asked = || crm.stats().endpoints.get("GET /api/v2/organizations").is_some_and(|it| it.requests > 0);
    let other = async {
        while !asked() {
            tokio::task::yield_now().await;
        }
        office.run(&["run", "--json"]).await
    };
    let (one, other) = tokio::join!(office.run(&["run", "--json"]), other);
    let created = |done: Done| done.expect(0).json()["flows"][0]["created"]["crm"].as_u64();
    assert_eq!((created(one), created(other)), (Some(3), Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_finished_by_the_next_one_without_a_duplicate() {
    const COMPANIES: usize = 60;
    let office = Office::ready(COMPANIES).await;
    office.write(&office.config().replacen("[engine]", "[engine]\ntimeout_seconds = 1", 1));
    for writes in [1, 25] {
        let mut child = office.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while office.sandbox.pipedrive().organizations().len() < writes {
            assert!(child.try_wait().unwrap().is_none(), "it is killed before it is done");
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let run = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(run["waiting"], 0, "{run}");
    let names: BTreeSet<String> =
        office.sandbox.pipedrive().organizations().iter().map(|it| it["name"].to_string()).collect();
    assert_eq!(names.len(), COMPANIES, "every company arrived");
    assert_eq!(office.sandbox.pipedrive().organizations().len(), COMPANIES, "and none of them twice");
    let again = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(again["flows"][0]["created"], json!({"exact": 0, "crm": 0}), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_exported_then_forgotten_and_no_run_reads_it_again() {
    let office = Office::ready(2).await;
    office.run(&["run"]).await.expect(0);
    let accounts = office.sandbox.exact().accounts(office.division()).unwrap();
    let (id, name) = (accounts[0]["ID"].as_str().unwrap(), accounts[0]["Name"].as_str().unwrap());
    let export = office.run(&["export", id, "--json"]).await.expect(0).json();
    assert!(export["export"]["rows"].to_string().contains(name), "{export}");
    let forgotten = office.run(&["forget", id, "--json"]).await.expect(0).json();
    assert!(forgotten["forgotten"]["rows"].as_u64().unwrap() >= 3, "{forgotten}");
    let left = office.run(&["export", id, "--json"]).await.expect(0).json();
    assert!(!left.to_string().contains(name), "{left}");
    let before = office.writes();
    office.run(&["run"]).await.expect(0);
    assert_eq!(office.writes(), before);
    let unknown = office.run(&["forget", "nobody"]).await.expect(1);
    assert!(unknown.stderr.contains("the store knows no record nobody"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_can_be_read_in_the_history_of_a_record_and_taken_back() {
    let office = Office::ready(2).await;
    office.run(&["run"]).await.expect(0);
    let status = office.run(&["status", "--json"]).await.expect(0).json();
    let run = status["runs"][0]["id"].as_str().unwrap().to_owned();
    let id = office.sandbox.pipedrive().organizations()[0]["id"].to_string();
    let life = office.run(&["history", &id, "--json"]).await.expect(0).json();
    let line = &life["links"][0]["lines"][0];
    assert_eq!(
        (line["action"].as_str(), line["run"].as_str()),
        (Some("create"), Some(run.as_str())),
        "{life}"
    );
    let told = office.run(&["history", &id]).await.expect(0);
    assert!(told.stdout.contains("create in CRM"), "{told:?}");

    let undo = office.run(&["undo", &run, "--json"]).await.expect(0).json();
    assert_eq!((&undo["retired"], &undo["restored"]), (&json!(2), &json!(0)), "{undo}");
    assert_eq!(office.sandbox.pipedrive().organizations().len(), 2, "not before the next run");
    let plan = office.run(&["plan", "--full", "--json"]).await.expect(0).json();
    assert_eq!(plan["items"][0]["action"], "archive", "{plan}");
    office.run(&["run"]).await.expect(0);
    assert!(office.sandbox.pipedrive().organizations().is_empty());
    let again = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(again["flows"][0]["created"], json!({"exact": 0, "crm": 0}), "never created again: {again}");
    office.run(&["undo", "nobody"]).await.expect(1);
    office.run(&["history", "nobody"]).await.expect(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_carried_out_as_it_is_and_refused_once_it_is_edited_or_no_longer_fits() {
    let office = Office::ready(2).await;
    let file = office.path("plan.json");
    let name = file.to_str().unwrap();
    std::fs::write(&file, "an earlier one, for everybody to read").unwrap();
    office.run(&["plan", "--save", name]).await.expect(0);
    assert!(is_private(&file));
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.contains("Bakkerij nummer 0"), "a person can read it: {written}");

    for (from, to, told) in [
        ("Bakkerij nummer 0", "Bakkerij nummer 9", "it was edited"),
        ("\"version\": 2", "\"version\": 1", "it is of version 1"),
        ("\"items\"", "\"item\"", "unknown field `item`"),
        ("{", "", "expected"),
    ] {
        std::fs::write(&file, written.replacen(from, to, 1)).unwrap();
        let refused = office.run(&["run", "--plan", name]).await.expect(2);
        assert!(refused.stderr.contains(told), "{told}: {refused:?}");
    }
    std::fs::write(&file, &written).unwrap();
    office.write(
        &office.config().replace("preset = \"companies\"", "preset = \"companies\"\ncreate = \"crm\""),
    );
    let other = office.run(&["run", "--plan", name]).await.expect(2);
    assert!(other.stderr.contains("it was made for another mapping"), "{other:?}");
    office.write(&office.config());
    assert_eq!(office.writes(), 0);

    let run = office.run(&["run", "--plan", name, "--json"]).await.expect(0).json();
    assert_eq!(run["flows"][0]["created"], json!({"exact": 0, "crm": 2}), "{run}");
    let again = office.run(&["run", "--plan", name]).await.expect(1);
    assert!(again.stderr.contains("changed since the plan was made"), "{again:?}");
    office.run(&["run", "--plan", "nowhere.json"]).await.expect(2);
}
