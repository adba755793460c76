use sync_core::flow::{Preset, Vendor};
use sync_core::plan::Severity;

use super::desk::Desk;
use super::for_both_vendors;

for_both_vendors! {
    every_preset_fits_the_schemas_of_both_sides,
}

/// Pipedrive has no invoices; what is owed stands on the company there.
async fn every_preset_fits_the_schemas_of_both_sides(vendor: Vendor) {
    let presets = Preset::ALL.into_iter();
    let presets = presets.filter(|preset| vendor == Vendor::HubSpot || *preset != Preset::Invoices);
    // Which stage makes a quotation, nobody knows but the customer.
    let presets = presets.filter(|preset| *preset != Preset::Quotations);
    let desk = Desk::open(vendor, &presets.collect::<Vec<_>>()).await;
    let findings = desk.engine().check().await.unwrap();
    for finding in &findings {
        assert_eq!(finding.severity, Severity::Note, "{finding}");
        assert!(!finding.message.contains("left out"), "{finding}");
    }
    desk.run().await;
    assert_eq!(desk.engine().check().await.unwrap(), []);
}
