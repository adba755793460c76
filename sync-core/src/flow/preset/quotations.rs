//! Quotations: deals that come to a stage become quotations.

use super::fields::{Line, field};
use super::{Condition, Create, Flow, Preset, Test, Vendor, orders};
use crate::flow::{Fit, Start};

const QUOTATIONS: [Line; 7] = [
    field("OrderAccount", "Company")
        .named("org_id", "association:company:Primary")
        .required()
        .via("companies")
        .once(),
    field("OrderAccountContact", "Contact person")
        .named("person_id", "association:contact")
        .via("contacts")
        .or_left_out()
        .once(),
    field("Description", "Title").named("title", "dealname").once(),
    field("Currency", "Currency").named("currency", "deal_currency_code").once(),
    field("QuotationNumber", "Quotation number").owned_by_exact(),
    field("Answer.Status", "Quotation status").owned_by_exact(),
    field("DueDate", "Quotation valid until").owned_by_exact(),
];

pub(super) fn flow(vendor: Vendor) -> Flow {
    let moment = match vendor {
        Vendor::Pipedrive => "stage_change_time",
        Vendor::HubSpot => "hs_v2_date_entered_current_stage",
    };
    let mut flow = Preset::Quotations.with(vendor, &QUOTATIONS);
    flow.rules.push(orders::lines("QuotationLines", vendor));
    Flow {
        create: Create::Exact,
        fits: fits(vendor),
        // The deal's own key field is the order's.
        sync_key: Some("custom:Exact quotation ID".to_owned()),
        exact_key: Some(orders::deal_key()),
        start: Some(Start { field: moment.to_owned(), since: None }),
        ..flow
    }
}

/// A quotation of Exact has discounts on its lines alone.
fn fits(vendor: Vendor) -> Vec<Fit> {
    let whole = Fit {
        holds: Condition::crm("discounts", Test::Present(false)),
        otherwise: "something is taken off the whole deal, and a quotation of Exact has discounts on its lines alone; put it on the products".to_owned(),
    };
    if vendor == Vendor::Pipedrive { vec![whole] } else { Vec::new() }
}
