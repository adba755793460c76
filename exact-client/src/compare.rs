//! What Exact really stored of a write. It accepts much that it then cuts off, changes or drops without a word.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeSeed;

use crate::division::DivisionApi;
use crate::entity::Create;
use crate::error::{Error, ErrorKind, Result};
use crate::id::Guid;
use crate::odata::{Door, Resource, Row, RowSeed, Value};
use crate::resource::ResourceApi;

/// A property that does not hold what was sent.
///
/// `Display` names it without its values, which may be personal: `Name was cut off after 50 of 61 characters`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Its name.
    pub property: &'static str,
    /// What was sent.
    pub sent: Value,
    /// What is stored.
    pub stored: Value,
}

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// Nothing is stored.
    Dropped,
    /// The beginning of the text is stored.
    CutOff,
    /// Something else is stored; also where the value was to be cleared and was not.
    Replaced,
}

impl Difference {
    /// Compares a write with the stored record. Costs nothing.
    ///
    /// Harmless notation is no difference: padding and spaces around text, `\r\n` for a line break, an empty text or
    /// the all-zero id for nothing, trailing zeros of a number, a date in any of Exact's forms. Only properties of the
    /// resource itself are compared: lines that were sent with their header are records of their own.
    ///
    /// A property that `stored` lacks was not read and is not compared.
    #[must_use]
    pub fn between(sent: &Row, stored: &Row) -> Vec<Self> {
        sent.iter()
            .filter_map(|(property, sent)| {
                let stored = stored.get(property.name())?;
                (plain(sent) != plain(stored)).then(|| Self {
                    property: property.name(),
                    sent: sent.clone(),
                    stored: stored.clone(),
                })
            })
            .collect()
    }

    /// What became of the value.
    #[must_use]
    pub fn change(&self) -> Change {
        match (plain(&self.sent), plain(&self.stored)) {
            (_, Value::Null) => Change::Dropped,
            (Value::Text(sent), Value::Text(stored)) if sent.starts_with(&stored) => Change::CutOff,
            _ => Change::Replaced,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.property;
        match (self.change(), plain(&self.sent), plain(&self.stored)) {
            (Change::CutOff, Value::Text(sent), Value::Text(stored)) => {
                let (sent, stored) = (sent.chars().count(), stored.chars().count());
                write!(f, "{name} was cut off after {stored} of {sent} characters")
            }
            (Change::Dropped, ..) => write!(f, "{name} was dropped"),
            (_, Value::Null, _) => write!(f, "{name} was to be cleared and was not"),
            _ => write!(f, "{name} was replaced"),
        }
    }
}

/// A value without what Exact's notation adds or takes away.
fn plain(value: &Value) -> Value {
    match value {
        Value::Text(text) => match text.trim().replace("\r\n", "\n") {
            text if text.is_empty() => Value::Null,
            text => Value::Text(text),
        },
        Value::Guid(id) if id.is_nil() => Value::Null,
        Value::Int(number) => Value::Decimal((*number).into()),
        Value::Decimal(number) => Value::Decimal(number.normalize()),
        other => other.clone(),
    }
}

impl DivisionApi {
    /// Reads a record back after a write and tells what Exact changed or dropped of it, which it does without an
    /// error. `sent` is what was written: the new record or the patch. Costs one call, or none where nothing was sent.
    ///
    /// What somebody else changed in between looks the same. Lines are not compared, see [`Difference::between`].
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where the record is gone; otherwise those of a read. The write stands all
    /// the same.
    pub async fn differences<E: Create>(
        &self,
        id: Guid,
        sent: &(impl Serialize + Sync),
    ) -> Result<Vec<Difference>> {
        self.resource(E::RESOURCE).differences(id, sent).await
    }
}

impl ResourceApi {
    /// The same as [`DivisionApi::differences`]; `sent` is the [`Row`] that was written.
    ///
    /// # Errors
    /// Those of [`DivisionApi::differences`].
    pub async fn differences(&self, id: Guid, sent: &(impl Serialize + Sync)) -> Result<Vec<Difference>> {
        let resource = self.resource();
        let sent = as_row(resource, sent)?;
        if sent.is_empty() {
            return Ok(Vec::new());
        }
        let names = sent.iter().map(|(property, _)| property.name());
        let by_id = self.equals(resource.key(), &Value::Guid(id))?;
        let rows = self.list(names)?.filter(&by_id).page(None).await?.items;
        let stored = rows.first().ok_or_else(|| {
            let message = format!("the record {id} that was just written is not there");
            Error::new(ErrorKind::NotFound, message)
                .with_operation(format!("GET {}", resource.path()))
                .with_division(Some(self.division_id()))
                .with_entity(resource.path())
        })?;
        Ok(Difference::between(&sent, stored))
    }
}

/// What was written, read as Exact's answers are: in the same notation, differences are differences.
fn as_row(resource: &Resource, sent: &impl Serialize) -> Result<Row> {
    let readable: Vec<_> = resource.readable(Door::Plain).collect();
    let row = serde_json::to_vec(sent)
        .and_then(|json| RowSeed(&readable).deserialize(&mut serde_json::Deserializer::from_slice(&json)));
    row.map_err(|error| {
        let path = resource.path();
        Error::config(format!("what was sent is no record of {path}")).with_entity(path).with_source(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{Account, AccountPatch, Entity, NewAccount};
    use crate::odata::Patch;

    fn stored(json: &str) -> Row {
        let all: Vec<_> = Account::RESOURCE.readable(Door::Plain).collect();
        RowSeed(&all).deserialize(&mut serde_json::Deserializer::from_str(json)).unwrap()
    }

    fn differences(sent: &impl Serialize, json: &str) -> Vec<String> {
        let sent = as_row(Account::RESOURCE, sent).unwrap();
        Difference::between(&sent, &stored(json)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn notation_is_no_difference() {
        let mut new = NewAccount::new("Aap ");
        new.code = Some("8".into());
        new.country = Some("NL".into());
        new.remarks = Some("one\ntwo".into());
        new.discount_sales = Some("0.10".parse().unwrap());
        new.start_date = chrono::NaiveDate::from_ymd_opt(2024, 8, 12);
        new.fax = Some(String::new());
        new.parent = Some(Guid::from_u128(0));
        let json = r#"{"Name":"Aap","Code":"                 8","Country":"NL ","Remarks":"one\r\ntwo",
            "DiscountSales":0.1,"StartDate":"/Date(1723420800000)/","Fax":null,"Parent":null}"#;
        assert_eq!(differences(&new, json), [""; 0]);
    }

    #[test]
    fn what_is_dropped_cut_off_or_replaced_is_named_without_its_values() {
        let mut new = NewAccount::new("Bouwbedrijf Zonneveld");
        new.email = Some("a@example.nl".into());
        new.sales_currency = Some("XXX".into());
        new.city = Some("Adam".into());
        new.phone = Some("1".into());
        let json = r#"{"Name":"Bouwbedrijf","Email":null,"SalesCurrency":"","City":"Amsterdam","Phone":"1"}"#;
        let wanted = [
            "City was replaced",
            "Email was dropped",
            "Name was cut off after 11 of 21 characters",
            "SalesCurrency was dropped",
        ];
        assert_eq!(differences(&new, json), wanted);
    }

    #[test]
    fn a_value_that_was_not_cleared_is_a_difference_and_what_was_kept_is_not() {
        let patch = AccountPatch { email: Patch::Clear, phone: Patch::Keep, ..AccountPatch::default() };
        let json = r#"{"Email":"a@example.nl","Phone":"1"}"#;
        assert_eq!(differences(&patch, json), ["Email was to be cleared and was not"]);
    }

    #[test]
    fn what_was_not_read_is_not_compared() {
        assert_eq!(differences(&NewAccount::new("Aap"), "{}"), [""; 0]);
    }
}
