//! What HubSpot does of its own with deals, line items, invoices and orders.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::properties::iso;
use super::records::{Record, Table};
use super::refusal::{Complaint, Refusal};
use super::types::ObjectType;

type Values = BTreeMap<String, String>;

/// What a line item takes over from its product when it is created; never again later.
const COPIED: [&str; 5] = ["name", "price", "hs_sku", "description", "recurringbillingfrequency"];

/// Adds what HubSpot fills in and computes; refuses what the type does not allow.
pub(super) fn complete(
    table: &Table,
    existing: Option<&Record>,
    product: Option<&Record>,
    values: &mut Values,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if existing.is_none() {
        check_required(&table.ty, values)?;
    }
    match table.ty.name.as_str() {
        "deals" => deal(table, existing, values, now),
        "orders" => order(table, existing, values),
        "line_items" => {
            line_item(existing, product, values);
            Ok(())
        }
        "invoices" => invoice(existing, values),
        _ => Ok(()),
    }
}

pub(super) fn check_archive(ty: &ObjectType, row: &Record) -> Result<(), Refusal> {
    let issued = row.value("hs_invoice_status").is_some_and(|status| status != "draft");
    if ty.name == "invoices" && issued {
        return Err(Refusal::validation("Only draft invoices can be deleted; void the invoice instead"));
    }
    Ok(())
}

fn check_required(ty: &ObjectType, values: &Values) -> Result<(), Refusal> {
    let missing = ty.required.iter().filter(|name| values.get(*name).is_none_or(String::is_empty));
    let complaints: Vec<Complaint> = missing
        .map(|name| Complaint::new(name, "REQUIRED_FIELD", format!("Property \"{name}\" is required")))
        .collect();
    if complaints.is_empty() { Ok(()) } else { Err(Refusal::values(&complaints)) }
}

/// What a property will hold: as written, else as it stands.
fn after<'v>(existing: Option<&'v Record>, values: &'v Values, name: &str) -> Option<&'v str> {
    let value = match values.get(name) {
        Some(value) => Some(value.as_str()),
        None => existing.and_then(|row| row.value(name)),
    };
    value.filter(|value| !value.is_empty())
}

fn deal(
    table: &Table,
    existing: Option<&Record>,
    values: &mut Values,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let pipeline = after(existing, values, "pipeline").unwrap_or("default").to_owned();
    let found = table.pipelines.iter().find(|found| found.id == pipeline);
    let found = found.ok_or_else(|| not_allowed("pipeline", &pipeline))?;
    let stage = after(existing, values, "dealstage").map(str::to_owned);
    let stage = stage.or_else(|| found.stages.first().map(|stage| stage.id.clone())).unwrap_or_default();
    let stage = found.stages.iter().find(|known| known.id == stage).ok_or_else(|| {
        let message = format!("{stage} is not a valid stage of pipeline {pipeline}");
        Refusal::values(&[Complaint::new("dealstage", "INVALID_OPTION", message)])
    })?;
    let moved = existing.and_then(|row| row.value("dealstage")) != Some(&stage.id);
    if stage.closed && moved && after(existing, values, "closedate").is_none() {
        values.insert("closedate".to_owned(), iso(now));
    }
    if moved {
        values.insert("hs_v2_date_entered_current_stage".to_owned(), iso(now));
    }
    let amount = after(existing, values, "amount").unwrap_or("0").to_owned();
    let mut set = |name: &str, value: String| values.insert(name.to_owned(), value);
    set("pipeline", pipeline);
    set("dealstage", stage.id.clone());
    set("hs_is_closed", stage.closed.to_string());
    set("hs_is_closed_won", stage.is_won().to_string());
    set("hs_deal_stage_probability", stage.probability.clone().unwrap_or_default());
    set("hs_closed_amount", if stage.is_won() { amount } else { "0".to_owned() });
    Ok(())
}

fn order(table: &Table, existing: Option<&Record>, values: &mut Values) -> Result<(), Refusal> {
    let first = table.pipelines.first().map_or("", |pipeline| pipeline.id.as_str());
    let pipeline = after(existing, values, "hs_pipeline").unwrap_or(first).to_owned();
    let found = table.pipelines.iter().find(|found| found.id == pipeline);
    let found = found.ok_or_else(|| not_allowed("hs_pipeline", &pipeline))?;
    let stage = after(existing, values, "hs_pipeline_stage").map(str::to_owned);
    let stage = stage.or_else(|| found.stages.first().map(|stage| stage.id.clone())).unwrap_or_default();
    if !found.stages.iter().any(|known| known.id == stage) {
        return Err(not_allowed("hs_pipeline_stage", &stage));
    }
    values.insert("hs_pipeline".to_owned(), pipeline);
    values.insert("hs_pipeline_stage".to_owned(), stage);
    Ok(())
}

fn line_item(existing: Option<&Record>, product: Option<&Record>, values: &mut Values) {
    if existing.is_none()
        && let Some(product) = product
    {
        for name in COPIED {
            if let Some(value) = product.value(name) {
                values.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
    let number = |name: &str| after(existing, values, name).and_then(|text| text.parse::<Decimal>().ok());
    let quantity = number("quantity").unwrap_or(Decimal::ONE);
    let price = number("price").unwrap_or_default();
    let off = match number("hs_discount_percentage") {
        Some(percentage) => price * percentage / Decimal::ONE_HUNDRED,
        None => number("discount").unwrap_or_default(),
    };
    let text = |number: Decimal| number.round_dp(6).normalize().to_string();
    values.insert("hs_total_discount".to_owned(), text(off * quantity));
    values.insert("amount".to_owned(), text((price - off) * quantity));
}

fn invoice(existing: Option<&Record>, values: &mut Values) -> Result<(), Refusal> {
    let Some(row) = existing else {
        let status = values.entry("hs_invoice_status".to_owned()).or_insert_with(|| "draft".to_owned());
        if status != "draft" {
            return Err(Refusal::validation("Invoices are created as drafts"));
        }
        return Ok(());
    };
    let issued = row.value("hs_invoice_status").is_some_and(|status| status != "draft");
    // What else stays writable is not established.
    let touched = values.keys().find(|name| !["hs_invoice_status", "hs_due_date"].contains(&name.as_str()));
    match touched {
        Some(name) if issued => {
            let message = format!("\"{name}\" cannot be edited on an invoice that is not a draft.");
            Err(Refusal::values(&[Complaint::new(name, "READ_ONLY_VALUE", message)]))
        }
        _ => Ok(()),
    }
}

fn not_allowed(name: &str, value: &str) -> Refusal {
    let message = format!("{value} was not one of the allowed options");
    Refusal::values(&[Complaint::new(name, "INVALID_OPTION", message)])
}
