//! What people do while nobody looks.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::firm::kvk;
use crate::office::Office;

/// Edits on both sides. Returns the field that was edited to different values on both.
pub(crate) fn edit(office: &Office) -> Result<&'static str> {
    let exact = office.sandbox.exact();
    let crm = office.sandbox.pipedrive();
    let moment = office.sandbox.clock().now().format("%H:%M:%S").to_string();
    let new = 500_000 + u32::try_from(office.sandbox.clock().now().timestamp() % 100_000)?;

    println!("- different fields of one company: the website in Exact, the phone number in Pipedrive");
    let (account, organization) = company(office, 7)?;
    exact.edit_account(
        office.division,
        account,
        json!({ "Website": format!("www.korenbloem.example/{moment}") }),
    )?;
    crm.edit_organization(organization, json!({ "Phone": format!("020 {moment}") }))?;

    println!("- the same field of one company, differently: the phone number");
    let (account, organization) = company(office, 11)?;
    exact.edit_account(office.division, account, json!({ "Phone": format!("010 {moment}") }))?;
    crm.edit_organization(organization, json!({ "Phone": format!("030 {moment}") }))?;

    println!("- a name, differently on both sides: the mapping says that Exact wins");
    let (account, organization) = company(office, 13)?;
    exact.edit_account(
        office.division,
        account,
        json!({ "Name": format!("Transport Vermeulen {moment} B.V.") }),
    )?;
    crm.edit_organization(organization, json!({ "name": format!("vermeulen transport {moment}") }))?;

    println!("- a new company in Exact, another one in Pipedrive\n");
    exact.create_account(
        office.division,
        json!({ "Name": format!("Nieuw in Exact {moment} B.V."), "ChamberOfCommerce": kvk(new), "Status": "C" }),
    )?;
    crm.create_organization(
        json!({ "name": format!("Nieuw in Pipedrive {moment} B.V."), "KvK number": kvk(new + 1) }),
    )?;
    Ok("Phone")
}

/// The ids of a company on both sides.
fn company(office: &Office, number: u32) -> Result<(uuid::Uuid, i64)> {
    let kvk = kvk(number);
    let accounts = office.sandbox.exact().find_accounts(office.division, "ChamberOfCommerce", &kvk)?;
    let organizations =
        office.sandbox.pipedrive().find_organizations("KvK number", &Value::from(kvk.as_str()));
    let account = accounts.first().and_then(|account| account["ID"].as_str()?.parse().ok());
    let organization = organizations.first().and_then(|organization| organization["id"].as_i64());
    account.zip(organization).with_context(|| format!("company {kvk} stands on both sides"))
}
