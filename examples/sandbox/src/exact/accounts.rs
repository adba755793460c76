//! Writing accounts: what is converted, what is refused and how, what is filled in.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::cell::{Cell, Row};
use super::division::Division;
use super::refusal::Refusal;
use super::resources::ACCOUNT;
use super::schema::{Edm, Property};
use super::settings::ExactSettings;

const STATUSES: [&str; 4] = ["C", "P", "S", "A"];

/// Properties that name another account.
const REFERENCES: [&str; 4] = ["Accountant", "InvoiceAccount", "Parent", "Reseller"];

type Change = (&'static Property, Cell);

/// Stores a new account and returns its key.
pub(super) fn create(
    division: &mut Division,
    payload: &Map<String, Value>,
    settings: &ExactSettings,
    now: DateTime<Utc>,
    random: &mut StdRng,
) -> Result<Uuid, Refusal> {
    let changes = read_changes(payload, settings)?;
    let id = uuid::Builder::from_random_bytes(random.random()).into_uuid();
    let row = new_row(id, division, now);
    let row = apply(row, changes, division, settings)?;
    division.put_account(id, row, random);
    Ok(id)
}

/// Changes the members that the payload names, and nothing else.
pub(super) fn update(
    division: &mut Division,
    id: Uuid,
    payload: &Map<String, Value>,
    settings: &ExactSettings,
    now: DateTime<Utc>,
    random: &mut StdRng,
) -> Result<(), Refusal> {
    let changes = read_changes(payload, settings)?;
    let row = division.account(id).cloned().ok_or_else(Refusal::not_found)?;
    let mut row = apply(row, changes, division, settings)?;
    row.set("Modified", Cell::moment(now));
    division.put_account(id, row, random);
    Ok(())
}

/// A customer that was there before anybody looked, with whatever name it has.
pub(super) fn load(division: &mut Division, name: &str, kvk: &str, now: DateTime<Utc>, random: &mut StdRng) {
    let id = uuid::Builder::from_random_bytes(random.random()).into_uuid();
    let code = division.next_code();
    let mut row = new_row(id, division, now)
        .with("Code", Cell::text(&code))
        .with("Name", Cell::text(name))
        .with("Status", Cell::text("C"));
    if !kvk.is_empty() {
        row.set("ChamberOfCommerce", Cell::text(kvk));
    }
    division.put_account(id, row, random);
}

fn new_row(id: Uuid, division: &Division, now: DateTime<Utc>) -> Row {
    Row::default()
        .with("ID", Cell::Guid(id))
        .with("Created", Cell::moment(now))
        .with("Modified", Cell::moment(now))
        .with("StartDate", Cell::day(now))
        .with("StatusSince", Cell::day(now))
        .with("CustomerSince", Cell::day(now))
        .with("Division", Cell::Int(division.code()))
}

fn read_changes(payload: &Map<String, Value>, settings: &ExactSettings) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::with_capacity(payload.len());
    for (name, value) in payload {
        let property = ACCOUNT.property(name).ok_or_else(|| {
            Refusal::bad_request(format!(
                "Error processing request stream. The property name '{name}' specified for type '{}' is not valid.",
                ACCOUNT.type_name
            ))
        })?;
        let ignored = !property.writable || settings.dropped_properties.contains(name);
        if property.edm != Edm::Navigation && !ignored {
            changes.push((property, Cell::from_json(property, value).map_err(Refusal::bad_request)?));
        }
    }
    Ok(changes)
}

fn apply(
    mut row: Row,
    changes: Vec<Change>,
    division: &Division,
    settings: &ExactSettings,
) -> Result<Row, Refusal> {
    let mut complaints = Vec::new();
    for (property, cell) in changes {
        complaints.extend(complaint(property, &cell, division, settings));
        set(&mut row, property, cell);
    }
    if row.str("Name").is_none_or(|name| name.trim().is_empty()) {
        complaints.push(say(settings, "Verplicht: Naam", "Mandatory: Name"));
    }
    if row.str("Code").is_none_or(|code| code.trim().is_empty()) {
        row.set("Code", Cell::text(&division.next_code()));
    }
    if is_duplicate(&row, division) {
        complaints.push(say(settings, "Gegeven bestaat reeds.", "Data already exists."));
    }
    if complaints.is_empty() { Ok(row) } else { Err(Refusal::business(&complaints)) }
}

/// Padded texts are kept without their blanks.
fn set(row: &mut Row, property: &'static Property, cell: Cell) {
    let cell = match cell {
        Cell::Text(text) if matches!(property.name, "Code" | "Country") => Cell::text(text.trim()),
        cell => cell,
    };
    if property.name == "Country" {
        let name = match &cell {
            Cell::Text(code) => country_name(code),
            _ => None,
        };
        row.set("CountryName", name.map_or(Cell::Null, Cell::text));
    }
    row.set(property.name, cell);
}

/// What is wrong with one value, in the user's language.
fn complaint(
    property: &Property,
    cell: &Cell,
    division: &Division,
    settings: &ExactSettings,
) -> Option<String> {
    let name = property.name;
    match cell {
        Cell::Text(text) => {
            let longest = settings.lengths.get(name).copied().unwrap_or(usize::MAX);
            if text.chars().count() > longest {
                let (nl, en) = (dutch(name), name);
                return Some(say(
                    settings,
                    &format!("Ongeldig: {nl} (maximaal {longest} tekens)"),
                    &format!("Invalid: {en} (at most {longest} characters)"),
                ));
            }
            let unknown_status = name == "Status" && !STATUSES.contains(&&**text);
            unknown_status.then(|| say(settings, "Ongeldig: Status", "Invalid: Status"))
        }
        Cell::Guid(id) if REFERENCES.contains(&name) && division.account(*id).is_none() => Some(say(
            settings,
            &format!("Ongeldige referentie: {}", dutch(name)),
            &format!("Invalid reference: {name}"),
        )),
        _ => None,
    }
}

fn is_duplicate(row: &Row, division: &Division) -> bool {
    let (Some(code), Some(property)) = (row.stored("Code"), ACCOUNT.property("Code")) else { return false };
    let holders = division.holding(&[(property, code)]).unwrap_or_default();
    holders.iter().any(|holder| holder.guid("ID") != row.guid("ID"))
}

fn say(settings: &ExactSettings, dutch: &str, english: &str) -> String {
    if settings.language == "nl" { dutch.to_owned() } else { english.to_owned() }
}

/// The property's label on a Dutch screen.
fn dutch(property: &str) -> &str {
    match property {
        "AddressLine1" | "AddressLine2" | "AddressLine3" => "Adres",
        "ChamberOfCommerce" => "KvK-nummer",
        "City" => "Plaats",
        "Email" => "E-mailadres",
        "InvoiceAccount" => "Factuurrelatie",
        "Name" => "Naam",
        "Parent" => "Moedermaatschappij",
        "SearchCode" => "Zoekcode",
        "VATNumber" => "Btw-nummer",
        other => other,
    }
}

fn country_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "BE" => "België",
        "DE" => "Duitsland",
        "ES" => "Spanje",
        "FR" => "Frankrijk",
        "GB" => "Verenigd Koninkrijk",
        "LU" => "Luxemburg",
        "NL" => "Nederland",
        "US" => "Verenigde Staten",
        _ => return None,
    })
}
