use sync_core::flow::{Condition, Preset, Test, Vendor};
use sync_core::plan::Severity;

use super::desk::Desk;
use super::for_both_vendors;

for_both_vendors! {
    every_preset_fits_the_schemas_of_both_sides,
    a_mapping_shows_values_of_exact_before_the_crm_has_any,
}

/// Pipedrive has no invoices; what is owed stands on the company there.
async fn every_preset_fits_the_schemas_of_both_sides(vendor: Vendor) {
    let presets = Preset::ALL.into_iter();
    let presets = presets.filter(|preset| vendor == Vendor::HubSpot || *preset != Preset::Invoices);
    let mut desk = Desk::open(vendor, &presets.collect::<Vec<_>>()).await;
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
