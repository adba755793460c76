//! The query part of a URL.

use url::form_urlencoded::byte_serialize;

use super::Property;

/// `$select` first, then the other options and the parameters of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    parts: Vec<(&'static str, String)>,
}

impl Query {
    /// Exact refuses many reads without `$select`, so there is no query without one.
    pub(crate) fn select<'a>(properties: impl IntoIterator<Item = &'a Property>) -> Self {
        let names: Vec<&str> = properties.into_iter().map(Property::name).collect();
        Self { parts: vec![("$select", names.join(","))] }
    }

    pub(crate) fn set(&mut self, option: &'static str, value: impl Into<String>) {
        self.parts.retain(|(name, _)| *name != option);
        self.parts.push((option, value.into()));
    }

    pub(crate) fn get(&self, option: &str) -> Option<&str> {
        self.parts.iter().find(|(name, _)| *name == option).map(|(_, value)| value.as_str())
    }

    /// Encoded, spaces as `%20`; option names keep their `$`, without which Exact answers an empty 503.
    pub(crate) fn encode(&self) -> String {
        let parts: Vec<String> =
            self.parts.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        parts.join("&")
    }
}

fn encode(value: &str) -> String {
    byte_serialize(value.as_bytes()).map(|part| if part == "+" { "%20" } else { part }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn options_keep_their_dollar_and_spaces_become_percent_twenty() {
        let mut query = Query::select([]);
        query.set("$filter", "Name eq 'a+b & c'");
        assert_eq!(query.encode(), "$select=&$filter=Name%20eq%20%27a%2Bb%20%26%20c%27");
    }

    #[test]
    fn an_option_that_is_set_again_stands_there_once() {
        let mut query = Query::select([]);
        query.set("$top", "5");
        query.set("$top", "6");
        assert_eq!((query.get("$top"), query.encode().as_str()), (Some("6"), "$select=&$top=6"));
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_is_read_back_and_stays_one_option(value in any::<String>()) {
            let mut query = Query::select([]);
            query.set("$filter", value.as_str());
            let encoded = query.encode();
            let read: Vec<_> = url::form_urlencoded::parse(encoded.as_bytes()).collect();
            prop_assert_eq!(read.len(), 2);
            prop_assert_eq!(read[1].1.as_ref(), value.as_str());
        }
    }
}
