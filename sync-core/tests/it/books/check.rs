use crm_adapters::Kind;
use serde_json::json;
use sync_core::flow::{Condition, Preset, RuleChange, Test, Vendor};
use sync_core::plan::Severity;

use super::desk::Desk;
use super::for_both_vendors;

for_both_vendors! {
    every_preset_fits_the_schemas_of_both_sides,
    a_mapping_shows_values_of_exact_before_the_crm_has_any,
    the_parts_of_a_field_that_the_crm_lacks_are_created_and_filled,
}

/// Pipedrive has no invoices; what is owed stands on the company there. A deal is ordered and invoiced, or invoiced alone.
async fn every_preset_fits_the_schemas_of_both_sides(vendor: Vendor) {
    for other in [Preset::Billing, Preset::Orders] {
        let presets = Preset::ALL.into_iter().filter(|preset| *preset != other);
        let presets = presets.filter(|preset| vendor == Vendor::HubSpot || *preset != Preset::Invoices);
        fit(vendor, &presets.collect::<Vec<_>>()).await;
    }
}

async fn fit(vendor: Vendor, presets: &[Preset]) {
    let mut desk = Desk::open(vendor, presets).await;
    // Which stage makes a quotation, nobody knows but the customer.
    let (stage, at) = match vendor {
        Vendor::Pipedrive => ("stage_id", "Pipeline/Proposal Made"),
        _ => ("dealstage", "Presentation Scheduled"),
    };
    let quotations = desk.flows.iter_mut().find(|flow| flow.name == Preset::Quotations.as_str());
    quotations.unwrap().narrow(Condition::crm(stage, Test::Is(at.into())));
    let findings = desk.engine().check().await.unwrap();
    for finding in &findings {
        assert_eq!(finding.severity, Severity::Note, "{finding}");
        assert!(!finding.message.contains("left out"), "{finding}");
    }
    desk.run().await;
    assert_eq!(desk.engine().check().await.unwrap(), []);
}

async fn a_mapping_shows_values_of_exact_before_the_crm_has_any(vendor: Vendor) {
    let desk = Desk::open(vendor, &[Preset::Companies]).await;
    desk.customer("Bakker");
    let engine = desk.engine();
    let mappings = engine.mappings().await.unwrap();
    let samples = engine.samples(&mappings).await.unwrap();
    let document = mappings[0].document(&samples[0]);
    assert!(document.contains("| `Bakker` |"), "{document}");
}

async fn the_parts_of_a_field_that_the_crm_lacks_are_created_and_filled(vendor: Vendor) {
    let mut desk = Desk::open(vendor, &[Preset::Companies]).await;
    let street = "street:custom:Straat + custom:Huisnummer".to_owned();
    desk.flows[0].change("AddressLine1", RuleChange { crm: Some(street), ..RuleChange::default() }).unwrap();
    let fields = json!({ "Name": "Bakker", "Status": "C", "AddressLine1": "Lange Markt 12" });
    let account = desk.enter("crm/Accounts", fields);
    let plan = desk.engine().plan(true).await.unwrap();
    let labels: Vec<_> = plan.new_fields.iter().map(|field| field.label.as_str()).collect();
    assert!(["Straat", "Huisnummer"].iter().all(|part| labels.contains(part)), "{labels:?}");
    desk.settle().await;
    let shown = desk.crm_shows(Kind::Company, account, &["custom:Straat", "custom:Huisnummer"]).await;
    assert_eq!(shown, "Lange Markt | 12");
}
