//! The wrapping of answers: `{"d":[…]}`, `{"d":{"results":[…],"__next":"…"}}`, `{"d":{…}}`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A list as it arrives.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

/// Reads one typed entity.
#[derive(Debug)]
pub(crate) struct One<T>(PhantomData<fn() -> T>);

impl<T> One<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Clone for One<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for One<T> {}

impl<'de, T: de::Deserialize<'de>> DeserializeSeed<'de> for One<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// What is wrong with a body, and at which JSON path.
pub(crate) type DecodeError = serde_path_to_error::Error<serde_json::Error>;

/// Reads a list in either envelope.
pub(crate) fn decode_page<'de, S>(body: &'de [u8], item: S) -> Result<Page<S::Value>, DecodeError>
where
    S: DeserializeSeed<'de> + Copy,
{
    decode(body, Envelope(List(item)))
}

/// Reads one entity.
pub(crate) fn decode_one<'de, S>(body: &'de [u8], item: S) -> Result<S::Value, DecodeError>
where
    S: DeserializeSeed<'de> + Copy,
{
    decode(body, Envelope(item))
}

/// Reads fast first; only a body that does not fit is read again with its path recorded.
fn decode<'de, S>(body: &'de [u8], seed: S) -> Result<S::Value, DecodeError>
where
    S: DeserializeSeed<'de> + Copy,
{
    let mut fast = serde_json::Deserializer::from_slice(body);
    if let Ok(value) = seed.deserialize(&mut fast)
        && fast.end().is_ok()
    {
        return Ok(value);
    }
    let mut track = serde_path_to_error::Track::new();
    let mut slow = serde_json::Deserializer::from_slice(body);
    let result = seed.deserialize(serde_path_to_error::Deserializer::new(&mut slow, &mut track));
    match result {
        Ok(value) => match slow.end() {
            Ok(()) => Ok(value),
            Err(error) => Err(DecodeError::new(track.path(), error)),
        },
        Err(error) => Err(DecodeError::new(track.path(), error)),
    }
}

#[derive(Clone, Copy)]
struct Envelope<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Envelope<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Envelope<S> {
    type Value = S::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer wrapped in d")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<S::Value, A::Error> {
        let mut seed = Some(self.0);
        let mut found = None;
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            match seed.take_if(|_| name == "d") {
                Some(seed) => found = Some(map.next_value_seed(seed)?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        found.ok_or_else(|| de::Error::missing_field("d"))
    }
}

#[derive(Clone, Copy)]
struct List<S>(S);

impl<'de, S: DeserializeSeed<'de> + Copy> DeserializeSeed<'de> for List<S> {
    type Value = Page<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy> Visitor<'de> for List<S> {
    type Value = Page<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, bare or as results")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.0)? {
            items.push(item);
        }
        Ok(Page { items, next: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut items = None;
        let mut next = None;
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            match name.as_ref() {
                "results" => items = Some(map.next_value_seed(List(self.0))?.items),
                "__next" => next = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let items = items.ok_or_else(|| de::Error::missing_field("results"))?;
        Ok(Page { items, next })
    }
}

/// Reads the lines of a record: a list, bare or as `results`; `None` for `__deferred`, which stands there where they
/// were not asked for.
pub(crate) fn read_lines<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    T: de::Deserialize<'de>,
    D: Deserializer<'de>,
{
    LinesSeed(One::<T>::new()).deserialize(deserializer)
}

#[derive(Clone, Copy)]
pub(super) struct LinesSeed<S>(pub(super) S);

impl<'de, S: DeserializeSeed<'de> + Copy> DeserializeSeed<'de> for LinesSeed<S> {
    type Value = Option<Vec<S::Value>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy> Visitor<'de> for LinesSeed<S> {
    type Value = Option<Vec<S::Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines, bare, as results, or deferred")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        List(self.0).visit_seq(seq).map(|page| Some(page.items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut lines = None;
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if name == "results" {
                lines = Some(map.next_value_seed(List(self.0))?.items);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use serde::Deserialize;

    use super::*;
    use crate::entity::Account;
    use crate::odata::{Edm, Property, RowSeed, Value};

    fn accounts(body: &str) -> Result<Page<Account>, DecodeError> {
        decode_page(body.as_bytes(), One::<Account>::new())
    }

    #[derive(Debug, Deserialize)]
    struct Amount {
        #[serde(rename = "Amount", default, deserialize_with = "crate::odata::read")]
        amount: Option<Decimal>,
    }

    #[test]
    fn both_envelopes_of_a_list_are_read() {
        let bare = accounts(r#"{"d":[{"Name":"a"}]}"#).unwrap();
        let wrapped = accounts(r#"{"d":{"results":[{"Name":"a"}],"__next":"https://x/y"}}"#).unwrap();
        assert_eq!(bare.items[0].name.as_deref(), Some("a"));
        assert_eq!(bare.next, None);
        assert_eq!(wrapped.items[0].name.as_deref(), Some("a"));
        assert_eq!(wrapped.next.as_deref(), Some("https://x/y"));
        assert!(accounts(r#"{"d":[]}"#).unwrap().items.is_empty());
        assert!(accounts(r#"{"d":{"results":[]}}"#).unwrap().items.is_empty());
    }

    #[test]
    fn a_wrong_value_is_named_by_its_json_path() {
        let error = accounts(r#"{"d":{"results":[{"Name":"a"},{"Modified":"yesterday"}]}}"#).unwrap_err();
        assert_eq!(error.path().to_string(), "d.results[1].Modified");
        let error = decode_one::<One<Amount>>(br#"{"d":{"Amount":"many"}}"#, One::new()).unwrap_err();
        assert_eq!(error.path().to_string(), "d.Amount");
    }

    #[test]
    fn a_row_tells_absent_from_null() {
        static NAME: Property = Property::new("Name", Edm::Text);
        static CODE: Property = Property::new("Code", Edm::Text).left(18);
        static CITY: Property = Property::new("City", Edm::Text);
        let select = [&NAME, &CODE, &CITY];
        let row = decode_one(
            br#"{"d":{"__metadata":{"uri":"x"},"Name":null,"Code":"       5"}}"#,
            RowSeed(&select),
        );
        let row = row.unwrap();
        assert_eq!(row.get("Name"), Some(&Value::Null));
        assert_eq!(row.get("Code"), Some(&Value::Text("5".into())));
        assert_eq!(row.get("City"), None);
    }

    #[test]
    fn amounts_are_exact_behind_the_envelope() {
        let amount = decode_one::<One<Amount>>(br#"{"d":{"Amount":0.10000000000000000001}}"#, One::new());
        assert_eq!(amount.unwrap().amount.unwrap().to_string(), "0.10000000000000000001");
    }

    proptest! {
        #[test]
        fn no_body_makes_the_decoder_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode_page(&body, One::<Account>::new());
        }

        #[test]
        fn a_cut_body_is_an_error_and_no_panic(cut in 0usize..60) {
            let body = r#"{"d":{"results":[{"Name":"a","Code":"  5"}],"__next":"https://x/y"}}"#;
            prop_assert!(accounts(&body[..cut]).is_err());
        }
    }
}
