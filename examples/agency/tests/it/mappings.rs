//! Wrong mappings, one a file in `tests/mappings`: what `check` says of each.
//!
//! The first line of a file is `# stops PATH: part of the message`, or `notes` for what does not stop a flow, or `malformed`
//! for what is no mapping at all and is refused by the config's JSON Schema too. `# with hubspot` on the second asks
//! HubSpot instead of Pipedrive.

use std::path::Path;

use sandbox::{Limits, Sandbox};
use serde_json::{Value, json};
use sync_core::flow::Preset;

use super::office::Office;
use super::schema::{OF_HUBSPOT, OF_PIPEDRIVE};

/// Custom fields of companies in the CRM: label, Pipedrive's type, HubSpot's type and form.
const FIELDS: [(&str, &str, &str, &str); 12] = [
    ("KvK number", "varchar", "string", "text"),
    ("VAT number", "varchar", "string", "text"),
    ("Exact ID", "varchar", "string", "text"),
    ("Telefoon", "varchar", "string", "text"),
    ("Tekst", "varchar", "string", "text"),
    ("Verhaal", "text", "string", "textarea"),
    ("Bedrag", "double", "number", "number"),
    ("Datum", "date", "date", "date"),
    ("Moment", "varchar", "datetime", "date"),
    ("Akkoord", "varchar", "bool", "booleancheckbox"),
    ("Soort", "enum", "enumeration", "select"),
    ("Labels", "set", "enumeration", "checkbox"),
];

pub(super) struct Mapping {
    pub(super) name: String,
    pub(super) text: String,
}

impl Mapping {
    pub(super) fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mappings");
        let mut all: Vec<Self> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| Self {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                text: std::fs::read_to_string(&path).unwrap(),
            })
            .collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// `stops` or `notes`, where, and what is said.
    fn expected(&self) -> (&str, &str, &str) {
        let (severity, rest) = self.first_line().split_once(' ').unwrap();
        let (path, message) = rest.split_once(": ").unwrap();
        let severity = if severity == "malformed" { "stops" } else { severity };
        assert!(["stops", "notes"].contains(&severity), "{}", self.name);
        (severity, path, message)
    }

    pub(super) fn is_malformed(&self) -> bool {
        self.first_line().starts_with("malformed ")
    }

    fn first_line(&self) -> &str {
        self.text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap()
    }

    fn crm(&self) -> &'static str {
        if self.text.lines().nth(1) == Some("# with hubspot") { "hubspot" } else { "pipedrive" }
    }
}

/// An office with a grant, the custom fields in the CRM, and the head of a config without flows.
async fn office(crm: &str) -> (Office, String) {
    let mut office = Office::around(Sandbox::builder().limits(Limits::off()).start().await.unwrap());
    let mut config = office.config();
    if crm == "hubspot" {
        let (pipedrive, hubspot) =
            (office.sandbox.pipedrive().base_url(), office.sandbox.hubspot().base_url());
        config = config.replacen("\"pipedrive\"", "\"hubspot\"", 1).replacen(&pipedrive, &hubspot, 1);
        office.env.insert("CRM_TOKEN", office.sandbox.hubspot().token());
    }
    office.write(&config);
    office.run(&["auth", "import", "--refresh-token-env", "REFRESH"]).await.expect(0);
    for (label, pipedrive, hubspot, form) in FIELDS {
        if crm == "hubspot" {
            define_in_hubspot(&office, label, hubspot, form).await;
        } else {
            define_in_pipedrive(&office, label, pipedrive).await;
        }
    }
    let head =
        config.split("[[flow]]").next().unwrap().replacen("create_fields = true", "create_fields = false", 1);
    (office, head)
}

async fn define_in_pipedrive(office: &Office, label: &str, ty: &str) {
    let mut field = json!({ "field_name": label, "field_type": ty });
    if matches!(ty, "enum" | "set") {
        field["options"] = json!([{ "label": "Project" }, { "label": "Handel" }]);
    }
    let url = format!("{}/api/v2/organizationFields", office.sandbox.pipedrive().base_url());
    let request =
        reqwest::Client::new().post(url).header("x-api-token", office.sandbox.pipedrive().api_token());
    request.json(&field).send().await.unwrap().error_for_status().unwrap();
}

async fn define_in_hubspot(office: &Office, label: &str, ty: &str, form: &str) {
    let options = match ty {
        "bool" => json!([{ "label": "Yes", "value": "true" }, { "label": "No", "value": "false" }]),
        "enumeration" => json!([{ "label": "Project", "value": "p" }, { "label": "Handel", "value": "h" }]),
        _ => json!([]),
    };
    let field = json!({
        "name": format!("exact_{}", label.to_lowercase().replace(' ', "_")).replace("exact_exact_", "exact_"),
        "label": label, "type": ty, "fieldType": form, "groupName": "companyinformation", "options": options,
        "hasUniqueValue": label == "Exact ID",
    });
    let url = format!("{}/crm/properties/2026-09/companies", office.sandbox.hubspot().base_url());
    let request = reqwest::Client::new().post(url).bearer_auth(office.sandbox.hubspot().token());
    request.json(&field).send().await.unwrap().error_for_status().unwrap();
}

/// What `check` found: severity, path and message of each finding; a refused config is one that stops.
fn found(document: &Value) -> Vec<(&'static str, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let Some(findings) = document["findings"].as_array() else {
        let error = &document["error"];
        return vec![(
            "stops",
            text(&error["path"]),
            format!("{}; {}", text(&error["message"]), text(&error["remedy"])),
        )];
    };
    let finding = |finding: &Value| {
        let severity = if finding["severity"] == "error" { "stops" } else { "notes" };
        (severity, text(&finding["path"]), text(&finding["message"]))
    };
    findings.iter().map(finding).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_mapping_is_found_with_its_place_and_its_reason() {
    let mappings = Mapping::all();
    assert!(mappings.len() >= 100, "{}", mappings.len());
    let mut missed = Vec::new();
    for crm in ["pipedrive", "hubspot"] {
        let (office, head) = office(crm).await;
        for mapping in mappings.iter().filter(|mapping| mapping.crm() == crm) {
            office.write(&format!("{head}\n{}", mapping.text));
            let done = office.run(&["check", "--json"]).await;
            let (severity, path, message) = mapping.expected();
            let found = found(&done.json());
            let right = |(is, at, says): &(&str, String, String)| {
                *is == severity && at == path && says.contains(message)
            };
            if !found.iter().any(right) || (done.code == 2) != (severity == "stops") {
                let others: Vec<_> = found.iter().filter(|(_, at, _)| at == path).collect();
                missed.push(format!(
                    "{}: exit {}, wanted {severity} {path}: {message}, got there {others:?}",
                    mapping.name, done.code
                ));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// What stands in a preset is right for both vendors: nothing stops it, and where fields may be created nothing is left out.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_in_any_preset_but_fields_that_the_first_run_creates() {
    for crm in ["pipedrive", "hubspot"] {
        let (office, head) = office(crm).await;
        let head = head.replacen("create_fields = false", "create_fields = true", 1);
        // Quotations say themselves at which stage they are due.
        let due = if crm == "hubspot" { "hs_deal_stage_probability" } else { "probability" };
        let due = format!("when = {{ crm = \"{due}\", present = true }}\n");
        let flow = |preset: &Preset| {
            let when = if *preset == Preset::Quotations { due.as_str() } else { "" };
            format!("[[flow]]\npreset = \"{}\"\n{when}", preset.as_str())
        };
        let sold = |preset: &&Preset| crm == "hubspot" || **preset != Preset::Invoices;
        // A deal is ordered and invoiced, or invoiced alone.
        for other in [Preset::Billing, Preset::Orders] {
            let presets = Preset::ALL.iter().filter(sold).filter(|preset| **preset != other);
            let flows: Vec<String> = presets.map(flow).collect();
            office.write(&format!("{head}\n{}", flows.concat()));
            let document = office.run(&["check", "--json"]).await.expect(0).json();
            let mut findings = found(&document);
            findings.retain(|(_, _, message)| !message.contains("the first run creates it"));
            assert!(findings.is_empty(), "{crm}: {findings:#?}");
        }
    }
}

/// The mapping document of an example, which passes `check` with nothing found but fields that the first run creates, and
/// lengths to bear in mind of those that it maps itself.
async fn document_of(crm: &str, example: &str) -> String {
    let (office, head) = office(crm).await;
    let head = head.replacen("create_fields = false", "create_fields = true", 1);
    let (_, flows) = example.split_once("[[flow]]").unwrap();
    office.write(&format!("{head}\n[[flow]]{flows}"));
    let findings = found(&office.run(&["check", "--json"]).await.expect(0).json());
    let expected = ["the first run creates it", "longer ones become issues"];
    let unexpected: Vec<_> = findings
        .iter()
        .filter(|(_, _, message)| !expected.iter().any(|known| message.contains(known)))
        .collect();
    assert!(unexpected.is_empty(), "{crm}: {unexpected:#?}");
    let document = office.run(&["mapping", "--json"]).await.expect(0).json();
    document["markdown"].as_str().unwrap().to_owned()
}

/// The config that customers with HubSpot start from is right, and reads like a document.
#[tokio::test(flavor = "multi_thread")]
async fn the_example_for_hubspot_passes_and_its_mapping_tells_a_customer_what_happens() {
    let document = document_of("hubspot", OF_HUBSPOT).await;
    for told in [
        "| Status | Relation: `C` is `Customer`, `P` is `Prospect`, `S` is `Suspect` |",
        "in international notation; without a country it is NL",
        "A deal of the CRM becomes one order in Exact Online, exactly once.",
        "amount is at least `100`",
        "**Prices** that are not Exact's are asked about.",
        "**A record without any of these** becomes a question.",
    ] {
        assert!(document.contains(told), "{told}: {document}");
    }
}

/// So is the one for those with Pipedrive.
#[tokio::test(flavor = "multi_thread")]
async fn the_example_for_pipedrive_passes_and_its_mapping_tells_a_customer_what_happens() {
    let document = document_of("pipedrive", OF_PIPEDRIVE).await;
    for told in [
        "| Status | Relation: `C` is `Customer`, `P` is `Prospect`, `S` is `Suspect` |",
        "in international notation; without a country it is NL",
        "A deal of the CRM becomes one order in Exact Online, exactly once.",
        "A deal of the CRM becomes one quotation in Exact Online, exactly once.",
        "value is at least `100`",
        "currency is `EUR`",
        "stage_id is `Pipeline/Proposal Made`",
        "**Prices** that are not Exact's are asked about.",
    ] {
        assert!(document.contains(told), "{told}: {document}");
    }
}
