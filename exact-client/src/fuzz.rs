//! What must hold of any bytes from outside. Here for `cargo fuzz` (which sets `cfg(fuzzing)`) and for the tests, which
//! replay `fuzz/corpus`; no part of the crate that others build.

#![expect(clippy::missing_panics_doc, reason = "a check fails by a panic")]

use hmac::{Hmac, KeyInit, Mac};
use rust_decimal::Decimal;
use sha2::Sha256;

use crate::entity::{Account, Entity};
use crate::id::Guid;
use crate::odata::{Edm, Field, One, Property, Query, RowSeed, Scalar, WallTime, decode_one, decode_page};
use crate::webhook::{WebhookVerdict, Webhooks};

/// An answer's body is read or refused, typed and as a row, and both agree on how many records it has.
pub fn envelope(body: &[u8]) {
    let typed = decode_page(body, One::<Account>::new());
    let none = decode_page(body, RowSeed(&[]));
    if let (Ok(typed), Ok(none)) = (&typed, &none) {
        assert_eq!((typed.items.len(), &typed.next), (none.items.len(), &none.next));
    }
    let all: Vec<_> = Account::RESOURCE.properties().iter().collect();
    if let (Ok(typed), Ok(rows)) = (&typed, decode_page(body, RowSeed(&all))) {
        assert_eq!(typed.items.len(), rows.items.len());
    }
    let _ = decode_one(body, RowSeed(&all));
}

/// A date is refused, or is an instant and reads back as itself.
pub fn date(text: &[u8]) {
    let Some(time) = std::str::from_utf8(text).ok().and_then(WallTime::parse) else { return };
    let _ = (time.to_utc(), time.date());
    assert_eq!(WallTime::parse(&time.to_string()), Some(time));
}

/// A number is refused, or reads back as itself.
pub fn number(json: &[u8]) {
    same_again::<i64>(json);
    same_again::<i32>(json);
    same_again::<u8>(json);
    same_again::<Decimal>(json);
    same_again::<Guid>(json);
}

fn same_again<T: Scalar>(json: &[u8]) {
    let read = |json: &[u8]| T::read(&mut serde_json::Deserializer::from_slice(json));
    let Ok(Some(value)) = read(json) else { return };
    let written = serde_json::to_vec(&value.to_value()).unwrap_or_default();
    assert_eq!(read(&written).ok(), Some(Some(value)));
}

/// A webhook's body is a change only where the secret signed it, and a good signature is never called a forgery.
pub fn webhook(body: &[u8]) {
    let (ours, others) = (Webhooks::new("ours".into()), Webhooks::new("others".into()));
    assert!(!matches!(ours.check(body), WebhookVerdict::Changed(_)));
    let Ok(content) = std::str::from_utf8(body) else { return };
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(b"ours") else { return };
    let hash = hex::encode(mac.chain_update(content.trim()).finalize().into_bytes());
    let message = format!("{{\"Content\":{},\"HashCode\":\"{hash}\"}}", content.trim());
    // A content that is no JSON may close its own message, and then it is not what was signed.
    if serde_json::from_str::<serde::de::IgnoredAny>(content).is_ok() {
        assert_ne!(ours.check(message.as_bytes()), WebhookVerdict::Forged);
    }
    assert!(!matches!(others.check(message.as_bytes()), WebhookVerdict::Changed(_)));
}

/// A text stays one literal of a filter, and the filter one option of the address.
pub fn filter(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let code: Field<Account, String> = Field::new(Property::new("Code", Edm::Text).left(18));
    let name = Account::NAME.eq(text);
    let either = Account::CITY.eq(text).or(code.ne(text));
    for (filter, shape, literals) in [
        (name.clone(), "Name eq ''", 1),
        (name.and(either), "(Name eq '') and ((City eq '') or (Code ne ''))", 3),
    ] {
        let (outside, inside) = read_back(filter.as_str());
        assert_eq!((outside.as_str(), inside.len()), (shape, literals));
        assert!(inside.iter().all(|literal| literal.trim_start() == text.trim_start()));
        let mut query = Query::select([]);
        query.set("$filter", filter.as_str());
        let encoded = query.encode();
        assert!(encoded.is_ascii());
        let options: Vec<_> = url::form_urlencoded::parse(encoded.as_bytes()).collect();
        assert_eq!(options.len(), 2);
        assert_eq!(options.last().map(|(_, value)| value.as_ref()), Some(filter.as_str()));
    }
}

/// Reads a filter as OData does, where a literal ends at the first quote that is not doubled: what stands outside of
/// the literals, and what they hold.
fn read_back(filter: &str) -> (String, Vec<String>) {
    let (mut outside, mut inside) = (String::new(), Vec::new());
    let mut characters = filter.chars().peekable();
    while let Some(character) = characters.next() {
        outside.push(character);
        if character != '\'' {
            continue;
        }
        let mut literal = String::new();
        while let Some(character) = characters.next() {
            match character {
                '\'' if characters.next_if_eq(&'\'').is_some() => literal.push('\''),
                '\'' => {
                    outside.push('\'');
                    break;
                }
                other => literal.push(other),
            }
        }
        inside.push(literal);
    }
    (outside, inside)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Check = fn(&[u8]);

    const TARGETS: [(&str, Check); 5] = [
        ("envelope", envelope),
        ("date", date),
        ("number", number),
        ("filter", filter),
        ("webhook", webhook),
    ];

    /// In a clone of the repository; the published crate comes without the corpus.
    const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");

    #[test]
    fn the_whole_corpus_passes_every_target() {
        for (name, check) in TARGETS {
            let files: Vec<_> = std::fs::read_dir(format!("{CORPUS}/{name}")).unwrap().collect();
            assert!(files.len() >= 5, "{name} has a corpus");
            for file in files {
                check(&std::fs::read(file.unwrap().path()).unwrap());
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_a_filter(text in "[ -~]*'?''?[\\PC]*|(' (or|and|eq) |[()'\"&%+$=#\\\\]){0,12}") {
            filter(text.as_bytes());
        }

        #[test]
        fn any_bytes_pass_every_target(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            for (_, check) in TARGETS {
                check(&bytes);
            }
        }

        #[test]
        fn dates_and_numbers_of_any_size_pass(number in any::<i64>(), text in "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,4})?") {
            date(format!("/Date({number})/").as_bytes());
            date(format!("/Date({})/", number / 1_000_000).as_bytes());
            super::number(text.as_bytes());
            super::number(format!("\"{text}\"").as_bytes());
        }
    }
}
