//! Typed `$filter` and `$orderby`.

use std::fmt;
use std::marker::PhantomData;

use super::literal::{literal_for, operand};
use super::{Door, Property, Scalar, Value};

/// A property of an entity, to build filters and orders from: `Account::NAME.eq("x")`.
pub struct Field<E, T> {
    property: Property,
    ty: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Field<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Field<E, T> {}

impl<E, T> fmt::Debug for Field<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Field").field(&self.property.name()).finish()
    }
}

impl<E, T> Field<E, T> {
    pub(crate) const fn new(property: Property) -> Self {
        Self { property, ty: PhantomData }
    }

    /// What is known of the property.
    #[must_use]
    pub const fn property(&self) -> &Property {
        &self.property
    }

    /// Lowest first.
    #[must_use]
    pub fn asc(self) -> Order<E> {
        Order { text: self.property.name().to_owned(), entity: PhantomData }
    }

    /// Highest first.
    #[must_use]
    pub fn desc(self) -> Order<E> {
        Order { text: format!("{} desc", self.property.name()), entity: PhantomData }
    }

    /// The property is empty.
    #[must_use]
    pub fn is_null(self) -> Filter<E> {
        Filter::compare(&self.property, "eq", &Value::Null)
    }

    /// The property is not empty.
    #[must_use]
    pub fn is_not_null(self) -> Filter<E> {
        Filter::compare(&self.property, "ne", &Value::Null)
    }
}

impl<E, T: Scalar> Field<E, T> {
    /// Equal.
    #[must_use]
    pub fn eq(self, value: impl Into<T>) -> Filter<E> {
        self.compare("eq", value)
    }

    /// Not equal.
    #[must_use]
    pub fn ne(self, value: impl Into<T>) -> Filter<E> {
        self.compare("ne", value)
    }

    /// Greater.
    #[must_use]
    pub fn gt(self, value: impl Into<T>) -> Filter<E> {
        self.compare("gt", value)
    }

    /// Greater or equal.
    #[must_use]
    pub fn ge(self, value: impl Into<T>) -> Filter<E> {
        self.compare("ge", value)
    }

    /// Less.
    #[must_use]
    pub fn lt(self, value: impl Into<T>) -> Filter<E> {
        self.compare("lt", value)
    }

    /// Less or equal.
    #[must_use]
    pub fn le(self, value: impl Into<T>) -> Filter<E> {
        self.compare("le", value)
    }

    fn compare(self, operator: &str, value: impl Into<T>) -> Filter<E> {
        Filter::compare(&self.property, operator, &value.into().to_value())
    }
}

/// A condition on an entity. Values are quoted; none can break out of its place.
///
/// A condition on a property that Exact cannot filter by is refused before the call.
pub struct Filter<E> {
    text: String,
    refused: Refused,
    entity: PhantomData<fn() -> E>,
}

/// The first property of a condition that Exact cannot filter by, at either list.
#[derive(Clone, Copy, Default)]
struct Refused {
    plain: Option<&'static str>,
    bulk: Option<&'static str>,
}

impl Refused {
    fn of(property: &Property) -> Self {
        let name = Some(property.name());
        Self {
            plain: name.filter(|_| !property.is_filterable()),
            bulk: name.filter(|_| !property.is_bulk_filterable()),
        }
    }

    fn or(self, other: Self) -> Self {
        Self { plain: self.plain.or(other.plain), bulk: self.bulk.or(other.bulk) }
    }
}

impl<E> Filter<E> {
    pub(crate) fn compare(property: &Property, operator: &str, value: &Value) -> Self {
        Self {
            text: format!("{} {operator} {}", operand(property, value), literal_for(property, value)),
            refused: Refused::of(property),
            entity: PhantomData,
        }
    }

    /// A condition on the key, which every list takes.
    pub(crate) fn key(property: &Property, value: &Value) -> Self {
        Self { refused: Refused::default(), ..Self::compare(property, "eq", value) }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.join("and", other)
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.join("or", other)
    }

    /// Any of them; `None` where there are none.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut filters = filters.into_iter();
        let first = filters.next()?;
        let mut text = first.text;
        let mut refused = first.refused;
        for filter in filters {
            text.push_str(" or ");
            text.push_str(&filter.text);
            refused = refused.or(filter.refused);
        }
        Some(Self { text: format!("({text})"), refused, entity: PhantomData })
    }

    fn join(self, word: &str, other: Self) -> Self {
        Self {
            text: format!("({}) {word} ({})", self.text, other.text),
            refused: self.refused.or(other.refused),
            entity: PhantomData,
        }
    }

    /// As it stands in the URL, before encoding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The property that Exact cannot filter by at this door, if there is one. The feeds take no condition at all.
    pub(crate) fn refused(&self, door: Door) -> Option<&'static str> {
        match door {
            Door::Plain => self.refused.plain,
            Door::Feed => Some("anything but its timestamp"),
            Door::Bulk => self.refused.bulk,
        }
    }
}

impl<E> fmt::Debug for Filter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.text).finish()
    }
}

impl<E> Clone for Filter<E> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), refused: self.refused, entity: PhantomData }
    }
}

/// An order of an entity's records.
pub struct Order<E> {
    text: String,
    entity: PhantomData<fn() -> E>,
}

impl<E> Order<E> {
    /// As it stands in the URL, before encoding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<E> fmt::Debug for Order<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Order").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use crate::entity::{Account, AccountStatus};
    use crate::id::Guid;
    use crate::odata::{Door, Edm, Field, Property, WallTime};

    #[test]
    fn each_type_has_its_literal() {
        let moment = WallTime::new(
            NaiveDate::from_ymd_opt(2026, 1, 31).unwrap().and_hms_milli_opt(13, 45, 0, 123).unwrap(),
        );
        let price: Field<Account, Decimal> = Field::new(Property::new("Price", Edm::Double));
        let cases = [
            (Account::NAME.eq("'t Hof"), "Name eq '''t Hof'"),
            (Account::ID.eq(Guid::from_u128(1)), "ID eq guid'00000000-0000-0000-0000-000000000001'"),
            (Account::MODIFIED.ge(moment), "Modified ge datetime'2026-01-31T13:45:00.123'"),
            (Account::START_DATE.lt(moment.date()), "StartDate lt datetime'2026-01-31'"),
            (Account::TIMESTAMP.gt(5), "Timestamp gt 5L"),
            (Account::BLOCKED.eq(true), "Blocked eq true"),
            (Account::STATUS.eq(AccountStatus::Customer), "Status eq 'C'"),
            (Account::EMAIL.is_null(), "Email eq null"),
            (price.le(Decimal::new(15, 1)), "Price le 1.5"),
        ];
        for (filter, text) in cases {
            assert_eq!(filter.as_str(), text);
        }
    }

    #[test]
    fn a_padded_code_is_padded_in_the_filter() {
        assert_eq!(Account::CODE.eq("25").as_str(), "Code eq '                25'");
        assert_eq!(Account::COUNTRY.eq("NL").as_str(), "Country eq 'NL '");
    }

    #[test]
    fn conditions_join_with_brackets() {
        let filter = Account::NAME.eq("a").and(Account::CITY.eq("b").or(Account::CITY.is_null()));
        assert_eq!(filter.as_str(), "(Name eq 'a') and ((City eq 'b') or (City eq null))");
    }

    #[test]
    fn a_property_that_cannot_be_filtered_is_remembered() {
        assert_eq!(Account::NAME.eq("a").and(Account::REMARKS.eq("b")).refused(Door::Plain), Some("Remarks"));
    }

    proptest! {
        /// Reads the filter back as OData does: the quoted part ends at the first quote that is not doubled.
        #[test]
        fn a_value_never_breaks_out_of_its_quotes(value in any::<String>()) {
            let filter = Account::NAME.eq(value.as_str());
            let inner = filter.as_str().strip_prefix("Name eq '").unwrap();
            let mut read = String::new();
            let mut characters = inner.chars();
            let rest = loop {
                match characters.next() {
                    Some('\'') if characters.as_str().starts_with('\'') => {
                        characters.next();
                        read.push('\'');
                    }
                    Some('\'') => break characters.as_str(),
                    Some(character) => read.push(character),
                    None => panic!("the literal never ends"),
                }
            };
            prop_assert_eq!(rest, "");
            prop_assert_eq!(read, value);
        }
    }
}
