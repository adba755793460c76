//! How each type of property is read, compared and written.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Edm, Padding, Value, WallTime};
use crate::id::Guid;

pub(crate) mod sealed {
    /// Keeps [`Scalar`](super::Scalar) open for new methods.
    pub trait Sealed {}
}

/// A type that one property of an entity can have.
pub trait Scalar: Sized + Clone + fmt::Debug + PartialEq + Send + Sync + sealed::Sealed + 'static {
    /// What Exact calls the type.
    const EDM: Edm;

    /// How Exact pads it, unless the property says more.
    const PADDING: Padding = Padding::None;

    /// The value without its type.
    fn to_value(&self) -> Value;

    /// Reads it as Exact writes it; `None` for `null`.
    ///
    /// # Errors
    /// Those of the deserializer.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
}

/// Reads a property of an entity.
pub(crate) fn read<'de, T: Scalar, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::read(deserializer)
}

/// Writes a value as Exact takes it in a body.
#[derive(Debug)]
pub(crate) struct AsJson<'a, T>(pub(crate) &'a T);

impl<T: Scalar> Serialize for AsJson<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_value().serialize(serializer)
    }
}

/// A code that Exact pads with spaces, held without them.
///
/// Filters pad it again, so that `Code eq '25'` finds account `"                25"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(String);

impl Code {
    /// The code, with the spaces around it removed.
    pub fn new(code: impl AsRef<str>) -> Self {
        Self(code.as_ref().trim().to_owned())
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Code {
    fn from(code: &str) -> Self {
        Self::new(code)
    }
}

impl From<String> for Code {
    fn from(code: String) -> Self {
        Self::new(code)
    }
}

impl sealed::Sealed for Code {}

impl Scalar for Code {
    const EDM: Edm = Edm::Text;
    const PADDING: Padding = Padding::Unknown;

    fn to_value(&self) -> Value {
        Value::Text(self.0.clone())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Self::new))
    }
}

/// Bytes, which Exact takes as base64.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Binary(Vec<u8>);

impl Binary {
    /// These bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binary({} bytes)", self.0.len())
    }
}

impl sealed::Sealed for Binary {}

impl Scalar for Binary {
    const EDM: Edm = Edm::Binary;

    fn to_value(&self) -> Value {
        Value::Text(BASE64.encode(&self.0))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        BASE64.decode(text).map(|bytes| Some(Self(bytes))).map_err(de::Error::custom)
    }
}

impl sealed::Sealed for String {}

impl Scalar for String {
    const EDM: Edm = Edm::Text;

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Option::deserialize(deserializer)
    }
}

impl sealed::Sealed for bool {}

impl Scalar for bool {
    const EDM: Edm = Edm::Boolean;

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Option::deserialize(deserializer)
    }
}

impl sealed::Sealed for Guid {}

impl Scalar for Guid {
    const EDM: Edm = Edm::Guid;

    fn to_value(&self) -> Value {
        Value::Guid(*self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Option::deserialize(deserializer)
    }
}

macro_rules! integer {
    ($($ty:ty: $edm:ident),*) => {$(
        impl sealed::Sealed for $ty {}

        impl Scalar for $ty {
            const EDM: Edm = Edm::$edm;

            fn to_value(&self) -> Value {
                Value::Int(i64::from(*self))
            }

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                let Some(Integer(number)) = Option::deserialize(deserializer)? else { return Ok(None) };
                Self::try_from(number).map(Some).map_err(|_| {
                    de::Error::custom(format_args!("{number} is out of range for {}", Edm::$edm.name()))
                })
            }
        }
    )*};
}

integer!(u8: Byte, i16: Int16, i32: Int32, i64: Int64);

impl sealed::Sealed for Decimal {}

impl Scalar for Decimal {
    const EDM: Edm = Edm::Double;

    fn to_value(&self) -> Value {
        Value::Decimal(*self)
    }

    /// From the text of the number, so that nothing is lost to binary fractions.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let Some(raw) = Option::<Box<RawValue>>::deserialize(deserializer)? else { return Ok(None) };
        let text = raw.get().trim_matches('"');
        decimal(text).map(Some).ok_or_else(|| de::Error::custom("not a number of at most 28 digits"))
    }
}

impl sealed::Sealed for WallTime {}

impl Scalar for WallTime {
    const EDM: Edm = Edm::Moment;

    fn to_value(&self) -> Value {
        Value::Moment(*self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        Self::parse(&text).map(Some).ok_or_else(|| de::Error::custom("not a date such as /Date(0)/"))
    }
}

impl sealed::Sealed for NaiveDate {}

impl Scalar for NaiveDate {
    const EDM: Edm = Edm::Date;

    fn to_value(&self) -> Value {
        Value::Date(*self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(WallTime::read(deserializer)?.map(WallTime::date))
    }
}

/// An integer, sent as a number or (64 bits) as text.
struct Integer(i64);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IntegerVisitor)
    }
}

struct IntegerVisitor;

impl Visitor<'_> for IntegerVisitor {
    type Value = Integer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer, as a number or as text")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Integer, E> {
        Ok(Integer(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Integer, E> {
        i64::try_from(number).map(Integer).map_err(|_| E::custom("integer out of range"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Integer, E> {
        text.trim().parse().map(Integer).map_err(|_| E::custom("not an integer"))
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_json<T: Scalar>(json: &str) -> Result<Option<T>, serde_json::Error> {
        T::read(&mut serde_json::Deserializer::from_str(json))
    }

    #[test]
    fn int64_is_read_from_text_and_from_a_number() {
        assert_eq!(read_json::<i64>("\"9007199254740993\"").unwrap(), Some(9_007_199_254_740_993));
        assert_eq!(read_json::<i64>("5").unwrap(), Some(5));
        assert_eq!(read_json::<i64>("null").unwrap(), None);
        assert!(read_json::<u8>("256").is_err());
        assert!(read_json::<i32>("\"x\"").is_err());
    }

    #[test]
    fn decimals_keep_every_digit_of_the_text() {
        let amount = read_json::<Decimal>("12345678901234.567891").unwrap().unwrap();
        assert_eq!(amount.to_string(), "12345678901234.567891");
        assert_eq!(read_json::<Decimal>("1.5E-3").unwrap().unwrap().to_string(), "0.0015");
        assert_eq!(read_json::<Decimal>("\"316.5\"").unwrap().unwrap().to_string(), "316.5");
        assert!(read_json::<Decimal>("1e400").is_err());
    }

    #[test]
    fn codes_lose_their_padding() {
        assert_eq!(read_json::<Code>("\"                 8\"").unwrap(), Some(Code::new("8")));
        assert_eq!(read_json::<Code>("\"NL \"").unwrap().unwrap().as_str(), "NL");
    }

    proptest! {
        #[test]
        fn no_json_text_makes_a_scalar_panic(text in ".{0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            let _ = (read_json::<i64>(&json), read_json::<Decimal>(&json), read_json::<WallTime>(&json));
            let _ = (read_json::<i64>(&text), read_json::<Decimal>(&text), read_json::<Guid>(&json));
        }
    }
}
