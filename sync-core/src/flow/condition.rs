use std::fmt;

use chrono::NaiveDate;
use crm_adapters::{Fields, Value};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Side;

/// How deep conditions may be nested.
const DEPTH: usize = 16;
/// How many questions `all` and `any` may have.
pub(super) const PARTS: usize = 100;
/// How many values `in` and `not_in` may have.
pub(super) const VALUES: usize = 1_000;

/// A question about a record, as plain data: `{ crm = "value", at_least = 1000 }`, `{ all = [ … ] }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Notation", into = "Notation")]
#[non_exhaustive]
pub enum Condition {
    /// Every one of them holds.
    All(Vec<Condition>),
    /// At least one of them holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A test of one field of one side.
    Field {
        /// Whose field.
        side: Side,
        /// The field, in that vendor's words.
        name: String,
        /// What is asked of it.
        test: Test,
    },
}

/// What is asked of a field. Text compares without regard to case; numbers and days by their order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Test {
    /// Equal to it.
    Is(Scalar),
    /// Not equal to it.
    IsNot(Scalar),
    /// Equal to one of them.
    In(Vec<Scalar>),
    /// Equal to none of them.
    NotIn(Vec<Scalar>),
    /// Not less than it.
    AtLeast(Scalar),
    /// Not more than it.
    AtMost(Scalar),
    /// Has it inside its text.
    Contains(String),
    /// Has a value, or has none.
    Present(bool),
}

/// A value in a condition, as text: `Project`, `1000.50`, `true`, `2026-12-01`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Literal", into = "String")]
pub struct Scalar(String);

impl Scalar {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_number(&self) -> bool {
        self.0.parse::<Decimal>().is_ok()
    }

    pub(crate) fn is_day(&self) -> bool {
        self.0.parse::<NaiveDate>().is_ok()
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Scalar> for String {
    fn from(scalar: Scalar) -> Self {
        scalar.0
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Literal {
    Bool(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

impl From<Literal> for Scalar {
    fn from(literal: Literal) -> Self {
        Self(match literal {
            Literal::Bool(yes) => yes.to_string(),
            Literal::Whole(number) => number.to_string(),
            Literal::Number(number) => number.to_string(),
            Literal::Text(text) => text,
        })
    }
}

impl Condition {
    /// A test of an Exact property.
    pub fn exact(name: impl Into<String>, test: Test) -> Self {
        Self::Field { side: Side::Exact, name: name.into(), test }
    }

    /// A test of a CRM property.
    pub fn crm(name: impl Into<String>, test: Test) -> Self {
        Self::Field { side: Side::Crm, name: name.into(), test }
    }

    /// The fields of a side that it asks about.
    #[must_use]
    pub fn fields(&self, side: Side) -> Vec<String> {
        let of_side = |(of, name, _): (Side, &str, &Test)| (of == side).then(|| name.to_owned());
        self.tests().into_iter().filter_map(of_side).collect()
    }

    /// What has to hold for it to hold, one by one.
    pub(crate) fn parts(&self) -> Vec<&Condition> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::parts).collect(),
            other => vec![other],
        }
    }

    /// Its tests: whose field, which, and what is asked of it.
    pub(crate) fn tests(&self) -> Vec<(Side, &str, &Test)> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Not(part) => part.tests(),
            Self::Field { side, name, test } => vec![(*side, name.as_str(), test)],
        }
    }

    /// Whether it holds for a record of one side. A test of the other side's fields is left open: it holds.
    #[must_use]
    pub fn holds(&self, side: Side, fields: &Fields) -> bool {
        self.answer(side, fields).unwrap_or(true)
    }

    /// `None` where only the other side can answer.
    fn answer(&self, side: Side, fields: &Fields) -> Option<bool> {
        match self {
            Self::All(parts) => {
                let answers: Vec<_> = parts.iter().map(|part| part.answer(side, fields)).collect();
                if answers.contains(&Some(false)) {
                    Some(false)
                } else {
                    answers.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
                }
            }
            Self::Any(parts) => {
                let answers: Vec<_> = parts.iter().map(|part| part.answer(side, fields)).collect();
                if answers.contains(&Some(true)) {
                    Some(true)
                } else {
                    answers.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
                }
            }
            Self::Not(part) => part.answer(side, fields).map(|holds| !holds),
            Self::Field { side: of, name, test } => {
                (*of == side).then(|| test.holds(fields.get(name).unwrap_or(&Value::Null)))
            }
        }
    }
}

/// As a customer reads it.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            for (at, part) in parts.iter().enumerate() {
                let word = if at == 0 { "" } else { word };
                match part {
                    Self::All(several) | Self::Any(several) if several.len() > 1 => {
                        write!(f, "{word}({part})")?
                    }
                    _ => write!(f, "{word}{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::All(parts) => joined(f, parts, " and "),
            Self::Any(parts) => joined(f, parts, " or "),
            Self::Not(part) => write!(f, "not ({part})"),
            Self::Field { side, name, test } => {
                let whose = match side {
                    Side::Exact => "Exact's ",
                    Side::Crm => "",
                };
                write!(f, "{whose}{} {test}", name.strip_prefix("custom:").unwrap_or(name))
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let several = |scalars: &[Scalar]| {
            scalars.iter().map(|scalar| format!("`{}`", scalar.0)).collect::<Vec<_>>().join(" or ")
        };
        match self {
            Self::Is(scalar) => write!(f, "is `{}`", scalar.0),
            Self::IsNot(scalar) => write!(f, "is not `{}`", scalar.0),
            Self::In(scalars) => write!(f, "is {}", several(scalars)),
            Self::NotIn(scalars) => write!(f, "is neither {}", several(scalars).replace(" or ", " nor ")),
            Self::AtLeast(scalar) => write!(f, "is at least `{}`", scalar.0),
            Self::AtMost(scalar) => write!(f, "is at most `{}`", scalar.0),
            Self::Contains(part) => write!(f, "contains `{part}`"),
            Self::Present(true) => f.write_str("has a value"),
            Self::Present(false) => f.write_str("is empty"),
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Is(scalar) => equal(value, scalar),
            Self::IsNot(scalar) => !equal(value, scalar),
            Self::In(scalars) => scalars.iter().any(|scalar| equal(value, scalar)),
            Self::NotIn(scalars) => !scalars.iter().any(|scalar| equal(value, scalar)),
            Self::AtLeast(scalar) => order(value, scalar).is_some_and(std::cmp::Ordering::is_ge),
            Self::AtMost(scalar) => order(value, scalar).is_some_and(std::cmp::Ordering::is_le),
            Self::Contains(part) => value.to_string().to_lowercase().contains(&part.to_lowercase()),
            Self::Present(wanted) => *wanted != value.is_empty(),
        }
    }
}

fn equal(value: &Value, scalar: &Scalar) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| equal(item, scalar)),
        Value::Decimal(number) => scalar.0.parse::<Decimal>().is_ok_and(|other| other == *number),
        other => other.to_string().to_lowercase() == scalar.0.to_lowercase(),
    }
}

fn order(value: &Value, scalar: &Scalar) -> Option<std::cmp::Ordering> {
    match value {
        Value::Decimal(number) => scalar.0.parse().ok().map(|other| number.cmp(&other)),
        Value::Date(day) => scalar.0.parse().ok().map(|other| day.cmp(&other)),
        Value::Instant(moment) => scalar.0.parse().ok().map(|other| moment.date_naive().cmp(&other)),
        Value::Text(text) => match (text.parse::<Decimal>(), scalar.0.parse::<Decimal>()) {
            (Ok(number), Ok(other)) => Some(number.cmp(&other)),
            _ => Some(text.as_str().cmp(scalar.0.as_str())),
        },
        _ => None,
    }
}

/// How a condition is written down.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notation {
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<Vec<Condition>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    any: Option<Vec<Condition>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not: Option<Box<Condition>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_not: Option<Scalar>,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<Scalar>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_in: Option<Vec<Scalar>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    present: Option<bool>,
}

impl TryFrom<Notation> for Condition {
    type Error = String;

    fn try_from(notation: Notation) -> Result<Self, Self::Error> {
        let Notation {
            all,
            any,
            not,
            exact,
            crm,
            is,
            is_not,
            one_of,
            not_in,
            at_least,
            at_most,
            contains,
            present,
        } = notation;
        let tests: Vec<Test> = [
            is.map(Test::Is),
            is_not.map(Test::IsNot),
            one_of.map(Test::In),
            not_in.map(Test::NotIn),
            at_least.map(Test::AtLeast),
            at_most.map(Test::AtMost),
            contains.map(Test::Contains),
            present.map(Test::Present),
        ]
        .into_iter()
        .flatten()
        .collect();
        let condition = match (all, any, not, exact, crm) {
            (Some(parts), None, None, None, None) if tests.is_empty() => Self::All(parts),
            (None, Some(parts), None, None, None) if tests.is_empty() => Self::Any(parts),
            (None, None, Some(part), None, None) if tests.is_empty() => Self::Not(part),
            (None, None, None, Some(name), None) => Self::exact(name, one(tests)?),
            (None, None, None, None, Some(name)) => Self::crm(name, one(tests)?),
            _ => {
                return Err(
                    "a condition has one of `all`, `any`, `not`, or one of `exact`, `crm` with one test"
                        .into(),
                );
            }
        };
        if condition.depth() > DEPTH {
            return Err(format!("a condition is at most {DEPTH} levels deep"));
        }
        condition.width().map(|()| condition)
    }
}

fn one(tests: Vec<Test>) -> Result<Test, String> {
    <[Test; 1]>::try_from(tests).map(|[test]| test).map_err(|tests| {
        format!(
            "a condition on a field has one test, here are {}; use is, is_not, in, not_in, at_least, at_most, contains or present",
            tests.len()
        )
    })
}

impl Condition {
    /// Whether its own list has something in it, and not too much.
    fn width(&self) -> Result<(), String> {
        let (lists, length, most) = match self {
            Self::All(parts) | Self::Any(parts) => ("`all` and `any`", parts.len(), PARTS),
            Self::Field { test: Test::In(values) | Test::NotIn(values), .. } => {
                ("`in` and `not_in`", values.len(), VALUES)
            }
            _ => return Ok(()),
        };
        match (1..=most).contains(&length) {
            true => Ok(()),
            false => Err(format!("{lists} have 1 to {most} entries, here are {length}")),
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => 1 + parts.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(part) => 1 + part.depth(),
            Self::Field { .. } => 1,
        }
    }
}

impl From<Condition> for Notation {
    fn from(condition: Condition) -> Self {
        let mut notation = Self::default();
        match condition {
            Condition::All(parts) => notation.all = Some(parts),
            Condition::Any(parts) => notation.any = Some(parts),
            Condition::Not(part) => notation.not = Some(part),
            Condition::Field { side, name, test } => {
                match side {
                    Side::Exact => notation.exact = Some(name),
                    Side::Crm => notation.crm = Some(name),
                }
                match test {
                    Test::Is(scalar) => notation.is = Some(scalar),
                    Test::IsNot(scalar) => notation.is_not = Some(scalar),
                    Test::In(scalars) => notation.one_of = Some(scalars),
                    Test::NotIn(scalars) => notation.not_in = Some(scalars),
                    Test::AtLeast(scalar) => notation.at_least = Some(scalar),
                    Test::AtMost(scalar) => notation.at_most = Some(scalar),
                    Test::Contains(part) => notation.contains = Some(part),
                    Test::Present(yes) => notation.present = Some(yes),
                }
            }
        }
        notation
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_str, to_string};

    use super::*;

    fn holds(condition: &str, fields: &Fields) -> bool {
        from_str::<Condition>(condition).unwrap().holds(Side::Crm, fields)
    }

    #[test]
    fn each_test_answers_as_it_reads() {
        let fields = Fields::new()
            .with("soort", "Project")
            .with("value", Value::Decimal(Decimal::from(1000)))
            .with("empty", "");
        let table = [
            (r#"{"crm":"soort","is":"project"}"#, true),
            (r#"{"crm":"soort","is_not":"Project"}"#, false),
            (r#"{"crm":"soort","in":["Order","Project"]}"#, true),
            (r#"{"crm":"soort","not_in":["Order"]}"#, true),
            (r#"{"crm":"value","is":1000.00}"#, true),
            (r#"{"crm":"value","at_least":1000}"#, true),
            (r#"{"crm":"value","at_most":999.99}"#, false),
            (r#"{"crm":"soort","contains":"ROJ"}"#, true),
            (r#"{"crm":"empty","present":true}"#, false),
            (r#"{"crm":"missing","present":false}"#, true),
            (r#"{"not":{"crm":"soort","is":"Order"}}"#, true),
            (r#"{"all":[{"crm":"soort","is":"Project"},{"crm":"value","at_least":2000}]}"#, false),
            (r#"{"any":[{"crm":"soort","is":"Order"},{"crm":"value","at_least":1000}]}"#, true),
            (r#"{"exact":"Country","is":"NL"}"#, true),
            (r#"{"not":{"exact":"Country","is":"NL"}}"#, true),
        ];
        for (condition, expected) in table {
            assert_eq!(holds(condition, &fields), expected, "{condition}");
        }
    }

    #[test]
    fn a_malformed_condition_is_refused_with_what_it_should_be() {
        for text in [
            r"{}",
            r#"{"crm":"a"}"#,
            r#"{"crm":"a","is":"x","in":["y"]}"#,
            r#"{"crm":"a","exact":"b","is":"x"}"#,
            r#"{"all":[],"any":[]}"#,
            r#"{"crm":"a","equals":"x"}"#,
            r#"{"any":[]}"#,
            r#"{"crm":"a","in":[]}"#,
        ] {
            assert!(from_str::<Condition>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_condition_is_as_wide_and_as_deep_as_its_bounds_and_no_more() {
        let part = r#"{"crm":"a","is":1}"#;
        let all = |width: usize| format!(r#"{{"all":[{}]}}"#, vec![part; width].join(","));
        let values = |width: usize| format!(r#"{{"crm":"a","not_in":[{}]}}"#, vec!["1"; width].join(","));
        let nots = |depth: usize| format!("{}{part}{}", r#"{"not":"#.repeat(depth), "}".repeat(depth));
        for (at, beyond) in [
            (all(PARTS), all(PARTS + 1)),
            (values(VALUES), values(VALUES + 1)),
            (nots(DEPTH - 1), nots(DEPTH)),
        ] {
            assert!(from_str::<Condition>(&at).is_ok());
            assert!(from_str::<Condition>(&beyond).is_err());
        }
    }

    #[test]
    fn a_condition_reads_like_a_sentence() {
        let text = r#"{"all":[{"crm":"custom:Soort","in":["Project","Order"]},{"any":[{"crm":"value","at_least":1000},
            {"not":{"exact":"Country","is":"NL"}}]},{"crm":"title","present":true}]}"#;
        assert_eq!(
            from_str::<Condition>(text).unwrap().to_string(),
            "Soort is `Project` or `Order` and (value is at least `1000` or not (Exact's Country is `NL`)) and title has a value"
        );
    }

    #[test]
    fn a_condition_survives_being_written_down() {
        let text = r#"{"all":[{"exact":"Status","in":["C","P"]},{"not":{"crm":"x","present":true}}]}"#;
        assert_eq!(to_string(&from_str::<Condition>(text).unwrap()).unwrap(), text);
    }
}
