//! Numbers and names by which companies are told apart, brought into one form.

use deunicode::deunicode;
use unicode_normalization::UnicodeNormalization;

/// A KvK or Belgian enterprise number as its digits. What holds no digit at all is empty.
///
/// A Dutch number is 8 digits; spreadsheets often lose the zeros in front, so 7 digits get one back. A Belgian
/// number is 10 digits, written `0123.456.789` or without its first zero.
#[must_use]
pub fn company_number(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("BE").or_else(|| text.strip_prefix("be")).unwrap_or(text);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        7 => format!("0{digits}"),
        9 => format!("0{digits}"),
        _ => digits,
    }
}

/// A VAT number as letters and digits in upper case, `NL123456789B01`.
#[must_use]
pub fn vat_number(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// A name as it is compared to warn of a possible duplicate: without accents, case, punctuation and the legal form.
/// Equal names never link records.
#[must_use]
pub fn name(text: &str) -> String {
    let plain = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => deunicode(&text.nfkc().collect::<String>()).to_lowercase(),
    };
    let mut words: Vec<String> = plain
        .split(|c: char| c.is_whitespace() || "-/&,".contains(c))
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    while words.len() > 1 && words.last().is_some_and(|last| LEGAL_FORMS.contains(&last.as_str())) {
        words.pop();
    }
    words.join(" ")
}

const LEGAL_FORMS: [&str; 10] = ["bv", "nv", "vof", "cv", "bvba", "srl", "sprl", "sa", "gmbh", "ltd"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_written_in_many_ways_is_one_number() {
        for (written, number) in [
            ("17037842", "17037842"),
            (" 1703 7842 ", "17037842"),
            ("KvK: 17037842", "17037842"),
            ("7037842", "07037842"),
            ("0123.456.789", "0123456789"),
            ("BE 0123.456.789", "0123456789"),
            ("123456789", "0123456789"),
            ("", ""),
            ("n/a", ""),
        ] {
            assert_eq!(company_number(written), number, "{written}");
        }
        for written in ["NL001234567B01", "nl 0012.34.567.B01", "NL-001234567-B01"] {
            assert_eq!(vat_number(written), "NL001234567B01", "{written}");
        }
    }

    #[test]
    fn one_name_written_in_many_ways_is_one_name() {
        for written in ["Café de Böhm B.V.", "CAFE DE BOHM BV", "Cafe  de Bohm", "café-de böhm b.v."] {
            assert_eq!(name(written), "cafe de bohm", "{written}");
        }
        assert_eq!(name("B.V."), "bv", "a name of nothing but a legal form stays");
    }

    proptest! {
        #[test]
        fn bringing_into_form_twice_changes_nothing(text in ".{0,40}") {
            prop_assert_eq!(company_number(&company_number(&text)), company_number(&text));
            prop_assert_eq!(vat_number(&vat_number(&text)), vat_number(&text));
            prop_assert_eq!(name(&name(&text)), name(&text));
        }
    }
}
