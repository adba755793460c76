//! The `read/…` endpoints: parameters in the query instead of a filter.

use axum::http::{Method, StatusCode};
use uuid::Uuid;

use super::cell::{Cell, Row};
use super::division::Division;
use super::odata::{Options, envelope, page, read_literal};
use super::refusal::Refusal;
use super::schema::{Entity, Kind};
use super::state::State;
use super::system_tables;
use super::tables::addresses;
use crate::http::{Reply, Request};

const RECEIVABLES: &str = "read/financial/ReceivablesList";
const RECEIVABLES_OF_ACCOUNT: &str = "read/financial/ReceivablesListByAccount";
const DEFAULT_ADDRESS: &str = "read/crm/DefaultAddressForAccount";
const SYNC_TIMESTAMP: &str = "read/sync/Sync/SyncTimestamp";

static RECEIVABLE: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Financial.ReceivablesList",
    key: "HID",
    properties: system_tables::RECEIVABLES_LIST,
    ..Entity::PLAIN
};

static TIMESTAMP: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Sync.SyncTimestamp",
    key: "Modified",
    properties: system_tables::SYNC_TIMESTAMP,
    ..Entity::PLAIN
};

pub(super) fn known(path: &str) -> bool {
    [RECEIVABLES, RECEIVABLES_OF_ACCOUNT, DEFAULT_ADDRESS, SYNC_TIMESTAMP].contains(&path)
}

pub(super) fn answer(state: &State, request: &Request, division: i64, path: &str) -> Result<Reply, Refusal> {
    if request.method != Method::GET {
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"));
    }
    let found = state.divisions.get(&division).ok_or_else(Refusal::not_found)?;
    let (entity, rows) = match path {
        RECEIVABLES => (&RECEIVABLE, receivables(state, found, None)),
        RECEIVABLES_OF_ACCOUNT => {
            (&RECEIVABLE, receivables(state, found, Some(guid_parameter(request, "accountId")?)))
        }
        DEFAULT_ADDRESS => (&addresses::ENTITY, default_address(found, request)?),
        _ => (&TIMESTAMP, sync_timestamp(found, request)?),
    };
    let query: Vec<_> = request.query.iter().filter(|(name, _)| name.starts_with('$')).cloned().collect();
    let options = Options::parse(&query, entity)?;
    if options.filter.is_some() {
        return Err(Refusal::syntax());
    }
    let page = page(rows.iter(), &options, entity, usize::MAX);
    let url = format!("{}/api/v1/{division}/{path}", state.links());
    let properties = options.properties(entity);
    let uri = |row: &Row| match (row.stored(entity.key), entity.property(entity.key)) {
        (Some(key), Some(property)) => format!("{url}({})", key.literal(property.edm)),
        _ => url.clone(),
    };
    let results = page.rows.iter().map(|row| row.to_json(entity, properties.iter().copied(), &uri(row)));
    let body = envelope(&page, results.collect(), &options, entity, &url, state.settings.bare_arrays);
    Ok(Reply::json(StatusCode::OK, &body))
}

/// Both a missing parameter and one of the wrong type are errors of syntax.
fn parameter(request: &Request, name: &str) -> Result<Cell, Refusal> {
    read_literal(request.parameter(name).ok_or_else(Refusal::syntax)?)
}

fn guid_parameter(request: &Request, name: &str) -> Result<Uuid, Refusal> {
    match parameter(request, name)? {
        Cell::Guid(id) => Ok(id),
        _ => Err(Refusal::syntax()),
    }
}

/// The open terms; a part-paid invoice has several.
fn receivables(state: &State, division: &Division, account: Option<Uuid>) -> Vec<Row> {
    let positive = state.settings.receivables_list_positive;
    let open = division.rows(Kind::PaymentTerm).filter(|term| {
        term.stored("IsFullyPaid") != Some(&Cell::Bool(true))
            && account.is_none_or(|account| term.guid("Account") == Some(account))
    });
    open.enumerate()
        .map(|(number, term)| {
            let amount = term.number("AmountDC").unwrap_or_default();
            let copy = |name: &str| term.stored(name).cloned().unwrap_or(Cell::Null);
            Row::default()
                .with("HID", Cell::Int(i64::try_from(number).unwrap_or(i64::MAX) + 1))
                .with("Id", copy("ID"))
                .with("AccountId", copy("Account"))
                .with("AccountCode", copy("AccountCode"))
                .with("AccountName", copy("AccountName"))
                .with("Amount", Cell::decimal(if positive { -amount } else { amount }))
                .with("CurrencyCode", copy("Currency"))
                .with("Description", copy("Description"))
                .with("DueDate", copy("DueDate"))
                .with("EntryNumber", copy("EntryNumber"))
                .with("InvoiceDate", copy("InvoiceDate"))
                .with("InvoiceNumber", copy("InvoiceNumber"))
                .with("JournalCode", copy("Journal"))
                .with("JournalDescription", copy("JournalDescription"))
                .with("YourRef", copy("YourRef"))
        })
        .collect()
}

/// The main address of that type, or none.
fn default_address(division: &Division, request: &Request) -> Result<Vec<Row>, Refusal> {
    let account = guid_parameter(request, "accountId")?;
    let Cell::Int(address_type) = parameter(request, "addressType")? else { return Err(Refusal::syntax()) };
    let of_account = division.with(Kind::Address, "Account", &Cell::Guid(account)).into_iter();
    let main = of_account
        .map(|(_, row)| row)
        .find(|row| row.int("Type") == Some(address_type) && row.stored("Main") == Some(&Cell::Bool(true)));
    Ok(main.cloned().into_iter().collect())
}

/// The version of the first record that was changed at or after that moment.
fn sync_timestamp(division: &Division, request: &Request) -> Result<Vec<Row>, Refusal> {
    let modified = parameter(request, "modified")?;
    let Cell::Text(api) = parameter(request, "endPoint")? else { return Err(Refusal::syntax()) };
    let kind = match &*api {
        "QuotationHeaders" => Kind::Quotation,
        "QuotationLines" => Kind::QuotationLine,
        "SalesInvoices" => Kind::SalesInvoice,
        "GoodsDeliveries" => Kind::GoodsDelivery,
        "GoodsDeliveryLines" => Kind::GoodsDeliveryLine,
        "SalesOrderHeaders" => Kind::SalesOrder,
        "SalesOrderLines" => Kind::SalesOrderLine,
        _ => return Err(Refusal::syntax()),
    };
    let later = |row: &&Row| {
        row.stored("Modified").and_then(|at| at.compare(&modified)).is_some_and(|order| order.is_ge())
    };
    let first = division.table(kind).and_then(|table| table.feed(0).find(later));
    let row = first.map(|row| {
        Row::default()
            .with("Modified", row.stored("Modified").cloned().unwrap_or(Cell::Null))
            .with("API", Cell::Text(api.clone()))
            .with("TimeStampAsBigInt", row.stored("Timestamp").cloned().unwrap_or(Cell::Null))
    });
    Ok(row.into_iter().collect())
}
