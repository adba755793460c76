use chrono::DateTime;
use proptest::prelude::*;

use super::*;

fn rule(steps: &str) -> FieldRule {
    let transform = serde_json::from_str(steps).unwrap();
    FieldRule { transform, ..FieldRule::new("Exact", "crm") }
}

fn number(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn day(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

fn moment(text: &str) -> Value {
    Value::Instant(text.parse::<DateTime<chrono::Utc>>().unwrap())
}

#[test]
fn each_step_says_exacts_value_in_the_crms_words_and_back() {
    let text = |text: &str| Value::text(text);
    let table = [
        (r#"["upper"]"#, text("Jansen"), text("JANSEN"), text("JANSEN")),
        (r#"["lower"]"#, text("Info@X.NL"), text("info@x.nl"), text("info@x.nl")),
        (r#"[{"phone":"NL"}]"#, text("020-123 45 67"), text("+31201234567"), text("+31201234567")),
        (r#"[{"phone":"BE"}]"#, text("+31 20 123 45 67"), text("+31201234567"), text("+31201234567")),
        (r#"[{"phone":"NL"}]"#, text("ask Jan"), text("ask Jan"), text("ask Jan")),
        (
            r#"[{"phone":"NL"}]"#,
            text("020-1234567 ext. 5"),
            text("020-1234567 ext. 5"),
            text("020-1234567 ext. 5"),
        ),
        (r#"["country_name"]"#, text("BE"), text("Belgium"), text("BE")),
        (r#"[{"lookup":{"C":"Klant","P":"Prospect"}}]"#, text("c"), text("Klant"), text("C")),
        (r#"[{"lookup":{"true":"Ja","false":"Nee"}}]"#, Value::Bool(true), text("Ja"), Value::Bool(true)),
        (r#"[{"lookup":{"1":"Een","20":"Twintig"}}]"#, number("20"), text("Twintig"), number("20")),
        (r#"[{"lookup":{"01":"Een","20":"Twintig"}}]"#, text("01"), text("Een"), text("01")),
        (r#"[{"day_as":"%d-%m-%Y"}]"#, day("2026-03-02"), text("02-03-2026"), day("2026-03-02")),
        (r#"[{"round":2}]"#, number("10.005"), number("10.01"), number("10.01")),
        (r#"["percent"]"#, number("0.125"), text("12.5%"), number("0.125")),
        (r#"[{"times":100}]"#, number("0.125"), number("12.5"), number("0.125")),
        (r#"[{"times":100},{"round":0}]"#, number("0.125"), number("13"), number("0.13")),
        (r#"["upper"]"#, number("1"), number("1"), number("1")),
        (r#"["country_name"]"#, Value::Null, Value::Null, Value::Null),
    ];
    for (steps, exact, crm, back) in table {
        let rule = rule(steps);
        assert_eq!(rule.transformed(Side::Exact, &exact).as_ref(), Ok(&crm), "{steps} of {exact}");
        assert_eq!(rule.transformed(Side::Crm, &crm).as_ref(), Ok(&back), "{steps} back from {crm}");
    }
}

#[test]
fn a_moment_is_the_day_on_which_it_falls_in_the_zone() {
    let rule = rule(r#"[{"day_in":"Europe/Amsterdam"}]"#);
    let late = moment("2026-03-02T23:30:00Z");
    assert_eq!(rule.transformed(Side::Exact, &late), Ok(day("2026-03-03")));
}

#[test]
fn a_value_stands_within_another_text() {
    let rule = rule(r#"[{"within":"https://example.com/{}?view"}]"#);
    let table = [
        (Value::text("A 1"), Value::text("https://example.com/A 1?view")),
        (number("17"), Value::text("https://example.com/17?view")),
        (Value::text("{}"), Value::text("https://example.com/{}?view")),
        (Value::Null, Value::Null),
    ];
    for (exact, crm) in table {
        assert_eq!(rule.transformed(Side::Exact, &exact).as_ref(), Ok(&crm), "{exact}");
    }
    assert!(rule.transformed(Side::Crm, &Value::text("17")).is_err());
}

#[test]
fn what_has_no_counterpart_is_refused_with_what_to_do() {
    let table = [
        (r#"["country_name"]"#, Side::Exact, "XX", "`XX` is no code of a country"),
        (r#"["country_name"]"#, Side::Crm, "Holland-ish", "use a lookup"),
        (r#"[{"lookup":{"C":"Klant"}}]"#, Side::Exact, "S", "is not in the table of the mapping"),
        (r#"[{"lookup":{"C":"Klant"}}]"#, Side::Crm, "Gast", "is not in the table of the mapping"),
        (r#"["percent"]"#, Side::Crm, "10% + 25 EUR", "is not one percentage, such as `10%`"),
        (r#"[{"day_as":"%d-%m-%Y"}]"#, Side::Crm, "soon", "`soon` is no day as in `31-12-2026`"),
    ];
    for (steps, from, value, told) in table {
        let message = rule(steps).transformed(from, &Value::text(value)).unwrap_err();
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn a_step_that_cannot_work_is_refused_before_anything_runs() {
    let nine = format!("[{}]", [r#""upper""#; 9].join(","));
    let table = [
        (r#"[{"phone":"Nederland"}]"#, "such as NL"),
        (r#"[{"lookup":{}}]"#, "write 1 to 1000"),
        (r#"[{"lookup":{"A":"x","B":"X"}}]"#, "stands for two values of Exact"),
        (r#"[{"day_as":"%H:%M"}]"#, "does not name a day"),
        (r#"[{"day_as":"%Q"}]"#, "does not name a day"),
        (r#"[{"day_in":"Amsterdam"}]"#, "no time zone"),
        (r#"[{"day_in":"Europe/Amsterdam"}]"#, "no way back"),
        (r#"[{"round":11}]"#, "at most 10"),
        (r#"[{"within":"https://example.com"}]"#, "write `{}` there, once"),
        (r#"[{"within":"{}/{}"}]"#, "write `{}` there, once"),
        (r#"[{"within":"https://example.com/{}"}]"#, "no way back"),
        (r#"[{"times":0}]"#, "no way back"),
        (&nine, "at most 8"),
    ];
    for (steps, told) in table {
        let message = rule(steps).validate().unwrap_err();
        assert!(message.starts_with("Exact: ") && message.contains(told), "{message}");
    }
    let one_way = FieldRule { owner: Owner::Exact, ..rule(r#"[{"lookup":{"A":"x","B":"x"}}]"#) };
    assert_eq!(one_way.validate(), Ok(()), "two values may become one where none comes back");
    let reference = rule(r#"["upper"]"#).via("companies");
    assert!(reference.validate().unwrap_err().contains("which no transform can change"));
}

proptest! {
    /// What was said once in the CRM's words comes back as what it was, and says the same again: no write follows.
    #[test]
    fn saying_it_there_and_back_and_there_again_changes_nothing(text in ".{0,20}", scaled in -9_999_999i64..9_999_999) {
        for steps in [r#"["upper"]"#, r#"["lower"]"#, r#"[{"phone":"NL"}]"#, r#"[{"round":2}]"#, r#"[{"times":100}]"#] {
            let rule = rule(steps);
            for value in [Value::text(&text), Value::Decimal(Decimal::new(scaled, 3))] {
                let there = rule.transformed(Side::Exact, &value).unwrap();
                let back = rule.transformed(Side::Crm, &there).unwrap();
                prop_assert_eq!(rule.transformed(Side::Exact, &back).unwrap(), there);
            }
        }
    }

    #[test]
    fn any_value_is_said_or_refused(text in any::<String>(), notation in ".{0,12}", factor in any::<i64>()) {
        let value = Value::text(&text);
        let steps = [
            Transform::CountryName,
            Transform::Phone(text.clone()),
            Transform::DayAs(notation),
            Transform::DayIn(text.clone()),
            Transform::Within(text.clone()),
            Transform::Times(Decimal::new(factor, 4)),
        ];
        for step in steps {
            let rule = FieldRule { transform: vec![step], ..FieldRule::new("A", "a") };
            let _ = rule.validate();
            for value in [&value, &Value::Decimal(Decimal::MAX), &Value::Date(NaiveDate::MAX)] {
                let _ = (rule.transformed(Side::Exact, value), rule.transformed(Side::Crm, value));
            }
        }
    }
}
