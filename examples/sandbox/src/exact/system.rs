//! The rows around the books: divisions and the user.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Europe::Amsterdam;
use rand::Rng;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::cell::{Cell, Row, wall_clock};
use super::division::Division;
use super::state::State;

const FIRST_DIVISION: i64 = 123_456;

pub(super) fn new_division(number: u32, now: DateTime<Utc>, random: &mut StdRng) -> (i64, Division) {
    let code = FIRST_DIVISION + i64::from(number);
    let name = format!("Administratie {}", number + 1);
    let row = Row::default()
        .with("Code", Cell::Int(code))
        .with("Hid", Cell::Int(i64::from(number) + 1))
        .with("HID", Cell::Int(i64::from(number) + 1))
        .with("Description", Cell::text(&name))
        .with("Customer", Cell::Guid(random_guid(random)))
        .with("CustomerCode", Cell::text(&(1000 + number).to_string()))
        .with("CustomerName", Cell::text("Voorbeeld Groep B.V."))
        .with("Country", Cell::text("NL"))
        .with("Legislation", Cell::text("NL"))
        .with("Currency", Cell::text("EUR"))
        .with("Status", Cell::Int(1))
        .with("BlockingStatus", Cell::Int(0))
        .with("IsMainDivision", Cell::Bool(number == 0))
        .with("IsDossierDivision", Cell::Bool(false))
        .with("IsHRDivision", Cell::Bool(false))
        .with("IsPracticeDivision", Cell::Bool(false))
        .with("Created", Cell::moment(now))
        .with("Modified", Cell::moment(now))
        .with("StartDate", Cell::day(now));
    (code, Division::new(row))
}

/// The divisions within the grant's scope.
pub(super) fn division_rows(state: &State) -> Vec<Row> {
    let granted = state.divisions.iter().filter(|(_, division)| division.in_scope);
    granted
        .map(|(code, division)| division.row.clone().with("Current", Cell::Bool(*code == state.current)))
        .collect()
}

/// The user whose consent it is.
pub(super) fn user_row(state: &State, now: DateTime<Utc>) -> Row {
    let offset = Amsterdam.offset_from_utc_datetime(&now.naive_utc()).fix().local_minus_utc();
    let server_time = wall_clock(now).format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
    let company = state.divisions.get(&state.current);
    let of_company =
        |name: &str| company.and_then(|found| found.row.stored(name)).cloned().unwrap_or(Cell::Null);
    Row::default()
        .with("UserID", Cell::Guid(state.user))
        .with("CurrentDivision", Cell::Int(state.current))
        .with("AccountingDivision", Cell::Int(state.current))
        .with("DivisionCustomer", of_company("Customer"))
        .with("DivisionCustomerCode", of_company("CustomerCode"))
        .with("DivisionCustomerName", of_company("CustomerName"))
        .with("Email", Cell::text("integration@example.com"))
        .with("UserName", Cell::text("integration@example.com"))
        .with("EmployeeID", Cell::Guid(Uuid::nil()))
        .with("FullName", Cell::text("Integration User"))
        .with("FirstName", Cell::text("Integration"))
        .with("LastName", Cell::text("User"))
        .with("Language", Cell::text("NL"))
        .with("LanguageCode", Cell::text("nl-NL"))
        .with("Legislation", Cell::Int(1))
        .with("IsClientUser", Cell::Bool(false))
        .with("ServerTime", Cell::text(&server_time))
        .with("ServerUtcOffset", Cell::Int(offset.into()))
}

pub(super) fn random_guid(random: &mut StdRng) -> Uuid {
    uuid::Builder::from_random_bytes(random.random()).into_uuid()
}
