//! The invoice and the delivery address of an account: records of their own in Exact, fields of the company here.
//!
//! What counts is the main address of each type. It is found by its account and type, never by an id that was kept, so
//! that an id of one division cannot come into another.

use crm_adapters::{
    Error, ErrorKind, Field, Fields, Kind, Outcome, Record, RecordId, Result, Retry, Value, View,
};
use exact_client::{
    Account, Address, AddressType, Entity, Filter, Guid, Row, Scalar, Value as Exact, WriteOptions,
};

use super::adapter::ExactAdapter;
use super::derive::{Of, Source, grouped, guids, of};
use super::error::neutral;
use super::kept::ADDRESSES;
use super::kinds::{Shape, asks_for};
use super::read::VALUES_A_CALL;
use super::value;
use super::write::{fate, row, unread, unsent};

/// What is delivered of an address.
pub(super) const ADDRESS: &[&str] = &[
    "ID",
    "Account",
    "Type",
    "Main",
    "AddressLine1",
    "AddressLine2",
    "Postcode",
    "City",
    "State",
    "Country",
];

/// Where a document says to which of its customer's addresses it goes.
pub(super) const DELIVERY_ADDRESS: &str = "DeliveryAddress";

/// The lines of an address, by the names that an account has for those of its visiting address, and what people call them.
const LINES: [(&str, &str); 6] = [
    ("AddressLine1", "street"),
    ("AddressLine2", "second line"),
    ("Postcode", "postcode"),
    ("City", "city"),
    ("State", "state"),
    ("Country", "country code"),
];

/// What an address is for, as its fields begin and as people call it.
#[derive(Debug)]
struct Purpose {
    prefix: &'static str,
    label: &'static str,
    ty: AddressType,
}

static PURPOSES: [Purpose; 2] = [
    Purpose { prefix: "InvoiceAddress.", label: "Invoice", ty: AddressType::Invoice },
    Purpose { prefix: "DeliveryAddress.", label: "Delivery", ty: AddressType::Delivery },
];

impl Purpose {
    fn is_of(&self, row: &Row) -> bool {
        row.get("Type") == Some(&self.ty.to_value())
    }
}

/// The fields that addresses are. A new account does not take them: an address needs the id of its account.
pub(super) fn fields(length: impl Fn(&str) -> Option<usize>) -> impl Iterator<Item = Field> {
    PURPOSES.iter().flat_map(move |purpose| {
        let field = |(line, word): &(&str, &str)| {
            let mut field = value::field(Account::RESOURCE.property(line)?, length(line));
            field.name = format!("{}{line}", purpose.prefix);
            field.label = format!("{} {word}", purpose.label);
            Some(field.updates_only())
        };
        LINES.iter().filter_map(field).collect::<Vec<_>>()
    })
}

fn is_main(row: &Row) -> bool {
    row.get("Main") == Some(&Exact::Bool(true))
}

/// Takes the fields of addresses out of those of an account.
pub(super) fn split(fields: &Fields) -> (Fields, Fields) {
    let of_address = |name: &str| PURPOSES.iter().any(|purpose| name.starts_with(purpose.prefix));
    let (addresses, own): (Vec<_>, Vec<_>) =
        fields.clone().into_iter().partition(|(name, _)| of_address(name));
    (own.into_iter().collect(), addresses.into_iter().collect())
}

/// How many addresses these fields are of.
pub(super) fn count(fields: &Fields) -> usize {
    let named = |purpose: &&Purpose| fields.iter().any(|(name, _)| name.starts_with(purpose.prefix));
    PURPOSES.iter().filter(named).count()
}

/// Lines of an address as Exact takes them.
fn address(fields: &Fields) -> Result<Row, Outcome> {
    row(Address::RESOURCE, None, fields).map_err(Outcome::Rejected)
}

/// What became of an address, told of the field of the account that it is; Exact's words name none.
fn naming(outcome: Outcome, field: &str) -> Outcome {
    match outcome {
        Outcome::Rejected(error) => Outcome::Rejected(error.with_field(field)),
        Outcome::NotSent(error) => Outcome::NotSent(error.with_field(field)),
        Outcome::Unknown(error) => Outcome::Unknown(error.with_field(field)),
        other => other,
    }
}

/// Sets the fields of addresses that a view names.
fn show(names: impl Iterator<Item = impl AsRef<str>>, record: &mut Record, rows: &[Row]) {
    for name in names {
        let name = name.as_ref();
        let found = PURPOSES.iter().find_map(|purpose| Some((purpose, name.strip_prefix(purpose.prefix)?)));
        let Some((purpose, line)) = found else { continue };
        let row = rows.iter().find(|row| is_main(row) && purpose.is_of(row));
        let held = row.and_then(|row| row.iter().find(|(property, _)| property.name() == line));
        let value = held.map(|(property, held)| value::neutral(property, held.clone()));
        record.fields.set(name, value.unwrap_or_default());
    }
}

impl ExactAdapter {
    /// Sets the fields of addresses that a view asks for. A view that asks for none costs no call.
    pub(super) async fn addresses(
        &self,
        view: &View,
        source: Source,
        ids: &[Guid],
        records: &mut [Record],
    ) -> Result<()> {
        if !PURPOSES.iter().any(|purpose| asks_for(&view.fields, purpose.prefix)) {
            return Ok(());
        }
        let told = match source {
            Source::Told => self.parts().by(&ADDRESSES, "Account", &guids(ids)).await?,
            Source::Now | Source::Later => None,
        };
        let rows = match told {
            Some(rows) => grouped(rows, "Account"),
            None => self.main_addresses(ids).await?,
        };
        for record in records {
            let own = of(&rows, record);
            show(view.fields.iter(), record, own);
        }
        Ok(())
    }

    /// The main addresses of accounts as they are now. One call for twenty.
    async fn main_addresses(&self, accounts: &[Guid]) -> Result<Of<Row>> {
        let main = self.division().resource(Address::RESOURCE).equals("Main", &Exact::Bool(true));
        let main = main.map_err(neutral)?;
        let mut rows = Vec::new();
        for accounts in accounts.chunks(VALUES_A_CALL) {
            rows.extend(self.addresses_of(accounts, &PURPOSES, Some(main.clone())).await?);
        }
        Ok(grouped(rows, "Account"))
    }

    /// The addresses of accounts for these purposes. One call.
    async fn addresses_of(
        &self,
        accounts: &[Guid],
        purposes: &[Purpose],
        only: Option<Filter<Row>>,
    ) -> Result<Vec<Row>> {
        let api = self.division().resource(Address::RESOURCE);
        let any = |property: &str, values: Vec<Exact>| {
            let filters = values.iter().map(|value| api.equals(property, value));
            filters.collect::<Result<Vec<_>, _>>().map(Filter::any).map_err(neutral)
        };
        let accounts = any("Account", accounts.iter().copied().map(Exact::Guid).collect())?;
        let types = any("Type", purposes.iter().map(|purpose| purpose.ty.to_value()).collect())?;
        let (Some(accounts), Some(types)) = (accounts, types) else { return Ok(Vec::new()) };
        let mut list = api.bulk(ADDRESS).map_err(neutral)?.filter(&accounts).filter(&types);
        if let Some(only) = only {
            list = list.filter(&only);
        }
        list.all().await.map_err(neutral)
    }

    /// Writes the lines of an account's addresses: into the main one of each type, which is made where there is none. Two
    /// calls for one address, three for both, and one to read what stands there afterwards.
    ///
    /// Nothing is sent twice that would make a second address: the next attempt looks first, as this one did.
    pub(super) async fn write_addresses(
        &self,
        account: Guid,
        fields: &Fields,
        options: WriteOptions,
    ) -> Result<Fields, Outcome> {
        let known = self.addresses_of(&[account], &PURPOSES, None).await.map_err(unsent)?;
        for purpose in &PURPOSES {
            let own = |(name, value): (&String, &Value)| {
                Some((name.strip_prefix(purpose.prefix)?.to_owned(), value.clone()))
            };
            let lines: Fields = fields.iter().filter_map(own).collect();
            let first = lines.iter().next().map(|(line, _)| format!("{}{line}", purpose.prefix));
            if let Some(first) = first {
                let written = self.write_address(account, purpose, lines, &known, options).await;
                written.map_err(|outcome| naming(outcome, &first))?;
            }
        }
        self.stored_addresses(account, fields).await
    }

    async fn write_address(
        &self,
        account: Guid,
        purpose: &Purpose,
        lines: Fields,
        known: &[Row],
        options: WriteOptions,
    ) -> Result<(), Outcome> {
        let api = self.division().resource(Address::RESOURCE);
        let own = || known.iter().filter(|row| purpose.is_of(row));
        if let Some(id) = own().find(|row| is_main(row)).and_then(|row| row.guid("ID")) {
            return self.change_address(id, &lines, options).await;
        }
        // An address that is not there has nothing to be cleared.
        let lines: Fields = lines.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let main = Fields::new().with("Main", Value::Bool(true));
        let mut new = lines
            .with("Account", Value::Text(account.to_string()))
            .with("Type", Value::Decimal(purpose.ty.number().into()));
        new.merge(main.clone());
        let made = api.create(&address(&new)?, options).await.map_err(fate)?;
        // Exact answers with one that is the same and stands there already; it may be another than the main one.
        let same = own().find(|row| row.guid("ID") == made.guid("ID"));
        match same.and_then(|row| row.guid("ID")) {
            Some(id) => self.change_address(id, &main, options).await,
            None => Ok(()),
        }
    }

    async fn change_address(&self, id: Guid, fields: &Fields, options: WriteOptions) -> Result<(), Outcome> {
        let api = self.division().resource(Address::RESOURCE);
        let changed = api.update(id, &address(fields)?, options).await;
        changed.map(drop).map_err(|error| match error.kind() {
            // It was deleted since it was looked up; the next attempt looks anew.
            exact_client::ErrorKind::NotFound => unsent(neutral(error).with_retry(Retry::Backoff)),
            _ => fate(error),
        })
    }

    /// What stands in the addresses after a write of these fields.
    async fn stored_addresses(&self, account: Guid, fields: &Fields) -> Result<Fields, Outcome> {
        let rows = self.main_addresses(&[account]).await.map_err(unread)?;
        let rows = rows.get(&account).map_or(&[][..], Vec::as_slice);
        for purpose in &PURPOSES {
            let filled =
                fields.iter().find(|(name, value)| name.starts_with(purpose.prefix) && !value.is_empty());
            if let Some((name, _)) = filled
                && !rows.iter().any(|row| purpose.is_of(row))
            {
                let message = format!(
                    "Exact made no {} address of it: the same stands at this account for another purpose",
                    purpose.label.to_lowercase()
                );
                let error = Error::new(ErrorKind::Conflict, message).with_field(name);
                return Err(Outcome::Rejected(
                    error.with_remedy("enter it in Exact, or leave it empty here"),
                ));
            }
        }
        let id = RecordId::new(account.to_string());
        let mut record =
            Record { kind: Kind::Company, id, fields: Fields::new(), revision: None, changed_at: None };
        show(fields.iter().map(|(name, _)| name), &mut record, rows);
        Ok(record.fields)
    }

    /// The main delivery address of whom a new order or quotation goes to, where its fields name none and there is one; else
    /// the address is Exact's own choice, of which nothing is published. One call for a kind that is delivered.
    pub(super) async fn delivery_address(
        &self,
        shape: &Shape,
        fields: &Fields,
    ) -> Result<Option<Guid>, Outcome> {
        let named = |name: &str| fields.get(name).filter(|value| !value.is_empty());
        let customer = match shape.delivered_to.iter().find_map(|name| named(name)) {
            Some(Value::Reference(id)) => id.as_str().parse::<Guid>().ok(),
            _ => None,
        };
        let Some(customer) = customer.filter(|_| named(DELIVERY_ADDRESS).is_none()) else { return Ok(None) };
        let main = self.main_addresses(&[customer]).await.map_err(unsent)?;
        let [_, delivery] = &PURPOSES;
        let address = main.get(&customer).and_then(|rows| rows.iter().find(|row| delivery.is_of(row)));
        Ok(address.and_then(|row| row.guid("ID")))
    }
}
