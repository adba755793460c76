use proptest::prelude::*;

use super::*;

fn apart(name: &str, text: &str) -> Vec<String> {
    let joined = Joined::parse(name).unwrap();
    joined.taken_apart(&Value::text(text)).into_iter().map(|(_, value)| value.to_string()).collect()
}

fn together(name: &str, parts: &[String]) -> String {
    let joined = Joined::parse(name).unwrap();
    let fields = joined.parts().iter().zip(parts).map(|(part, text)| (part.clone(), Value::text(text)));
    joined.put_together(&fields.collect()).unwrap().to_string()
}

const NAME: &str = "name:First + Middle + Last";
const SHORT: &str = "name:First + Last";
const SURNAME: &str = "surname:Middle + Last";
const STREET: &str = "street:Street + Number";
const LONG_STREET: &str = "street:Street + Number + Addition";

#[test]
fn dutch_and_belgian_names_are_taken_apart_as_their_bearers_write_them() {
    let table = [
        ("Jan Jansen", ["Jan", "", "Jansen"]),
        ("Jan van der Berg", ["Jan", "van der", "Berg"]),
        ("Anna Maria de Vries", ["Anna Maria", "de", "Vries"]),
        ("Pieter van 't Hof", ["Pieter", "van 't", "Hof"]),
        ("Pieter van ’t Hof", ["Pieter", "van ’t", "Hof"]),
        ("Truus in 't Veld", ["Truus", "in 't", "Veld"]),
        ("J.P. v.d. Meer", ["J.P.", "v.d.", "Meer"]),
        ("Kees van den Heuvel-de Boer", ["Kees", "van den", "Heuvel-de Boer"]),
        ("Els Jansen-Bakker", ["Els", "", "Jansen-Bakker"]),
        ("Jan van der Berg jr.", ["Jan", "van der", "Berg jr."]),
        ("Luc Van den Broeck", ["Luc", "", "Van den Broeck"]),
        ("Marie De Smet", ["Marie", "", "De Smet"]),
        ("Jean-Luc de la Croix", ["Jean-Luc", "de la", "Croix"]),
        ("Karel d'Hondt", ["Karel", "", "d'Hondt"]),
        ("Youssef El Amrani", ["Youssef", "", "El Amrani"]),
        ("JAN VAN DIJK", ["JAN", "", "VAN DIJK"]),
        ("van der Berg", ["", "van der", "Berg"]),
        ("De Smet", ["", "", "De Smet"]),
        ("Al Gore", ["Al", "", "Gore"]),
        ("Madonna", ["", "", "Madonna"]),
        ("van de", ["", "van", "de"]),
        ("  Jan   van  Dijk ", ["Jan", "van", "Dijk"]),
        ("", ["", "", ""]),
    ];
    for (text, parts) in table {
        assert_eq!(apart(NAME, text), parts, "{text}");
    }
}

#[test]
fn a_name_of_two_parts_keeps_the_particle_with_the_last_name() {
    for (text, parts) in [
        ("Jan van der Berg", ["Jan", "van der Berg"]),
        ("Jan Jansen", ["Jan", "Jansen"]),
        ("Madonna", ["", "Madonna"]),
    ] {
        assert_eq!(apart(SHORT, text), parts, "{text}");
    }
    for (text, parts) in [
        ("van der Berg", ["van der", "Berg"]),
        ("Van den Broeck", ["", "Van den Broeck"]),
        ("Jansen van Dijk", ["", "Jansen van Dijk"]),
        ("de", ["", "de"]),
    ] {
        assert_eq!(apart(SURNAME, text), parts, "{text}");
    }
}

#[test]
fn the_number_of_a_house_is_the_last_word_with_a_digit_first() {
    for (text, parts) in [
        ("Dorpsstraat 1", ["Dorpsstraat", "1"]),
        ("Plein 1944 5", ["Plein 1944", "5"]),
        ("1e Kruisstraat 12 bis", ["1e Kruisstraat", "12 bis"]),
        ("12 rue de la Paix", ["12 rue de la Paix", ""]),
        ("Achter de Kerk", ["Achter de Kerk", ""]),
    ] {
        assert_eq!(apart(STREET, text), parts, "{text}");
    }
    assert_eq!(apart(LONG_STREET, "Kade 12 bis rood"), ["Kade", "12", "bis rood"]);
    assert_eq!(apart(LONG_STREET, "Kade 12a"), ["Kade", "12a", ""]);
}

#[test]
fn nobody_knows_the_whole_where_a_part_was_not_delivered() {
    let joined = Joined::parse(NAME).unwrap();
    let fields = Fields::new().with("First", "Jan").with("Last", "Jansen");
    assert_eq!(joined.put_together(&fields), None);
    let fields = fields.with("Middle", Value::Null);
    assert_eq!(joined.put_together(&fields), Some(Value::text("Jan Jansen")));
    let empty = Fields::new().with("First", "").with("Middle", Value::Null).with("Last", " ");
    assert_eq!(joined.put_together(&empty), Some(Value::Null));
}

#[test]
fn a_notation_that_is_wrong_is_told_with_one_that_is_right() {
    for name in ["name:First", "name:A + B + C + D", "surname:A + B + C", "street:A + A", "name:A +  + B"] {
        assert!(Joined::mistake(name).unwrap().contains(" + "), "{name}");
    }
    for name in ["name", "custom:name: A", "association:company:Primary", NAME, STREET] {
        assert_eq!(Joined::mistake(name), None, "{name}");
    }
    assert_eq!(Joined::parse("street:custom:Straat + custom:Nr").unwrap().to_string(), "Straat + Nr");
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("van".to_owned()),
        Just("De".to_owned()),
        Just("'t".to_owned()),
        Just("12".to_owned()),
        "\\PC{0,6}",
    ];
    prop::collection::vec(word, 0..7).prop_map(|words| words.join(" "))
}

proptest! {
    /// No word is lost, added or moved, whatever is typed.
    #[test]
    fn what_is_taken_apart_is_put_together_the_same(text in words()) {
        let normal = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for name in [NAME, SHORT, SURNAME, STREET, LONG_STREET] {
            prop_assert_eq!(&together(name, &apart(name, &text)), &normal);
        }
    }

    /// Whoever has a name has a last name: Exact makes no contact without.
    #[test]
    fn a_name_is_never_without_its_last_part(text in words()) {
        for name in [NAME, SHORT, SURNAME] {
            let last = apart(name, &text).pop().unwrap();
            prop_assert_eq!(last.is_empty(), text.split_whitespace().next().is_none());
        }
    }

    /// An ordinary name survives the way to the CRM and back, part by part.
    #[test]
    fn the_parts_of_an_ordinary_name_come_back(
        first in "[A-Z][a-z]{2,8}x( [A-Z][a-z]{2,8}x)?",
        middle in prop_oneof!["(van|de|van der|van 't|op den|ter)", Just(String::new())],
        last in "[A-Z][a-z]{2,8}x(-[A-Z][a-z]{2,8})?",
    ) {
        let parts = vec![first, middle, last];
        prop_assert_eq!(apart(NAME, &together(NAME, &parts)), parts);
    }
}
