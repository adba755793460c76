//! What a value of Exact is in the CRM, and back: steps as plain data, total and bounded.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use celes::Country;
use chrono::NaiveDate;
use chrono::format::{Item, StrftimeItems};
use chrono_tz::Tz;
use crm_adapters::{FieldType, Value};
use phonenumber::Mode;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::{FieldRule, Owner, Side};

/// How many steps a rule may have.
pub(super) const STEPS: usize = 8;
/// How many lines a table may have.
pub(super) const ENTRIES: usize = 1_000;
/// The longest notation of a day.
const NOTATION: usize = 64;
/// Where a value stands in another text, and the longest such text.
const PLACE: &str = "{}";
const FRAME: usize = 1_000;
/// How many decimals a number can be rounded to.
const DECIMALS: u32 = 10;

/// One step from Exact's value to the CRM's. Towards Exact the steps of a rule are undone, the last one first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Transform {
    /// In upper case, on whichever side it is written.
    Upper,
    /// In lower case, on whichever side it is written.
    Lower,
    /// A phone number in international notation, `+31201234567`, on whichever side it is written. A number without its
    /// country is one of this country, such as `NL`. What is no number, or has an extension, stays as it is.
    Phone(#[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{2}$")))] String),
    /// Exact's code of a country, `NL`, is its English name in the CRM, `The Netherlands`. For other names use `lookup`.
    CountryName,
    /// Each of Exact's values, and what it is in the CRM.
    Lookup(
        #[cfg_attr(feature = "schema", schemars(extend("minProperties" = 1, "maxProperties" = ENTRIES)))]
        BTreeMap<String, String>,
    ),
    /// Exact's day is a text in the CRM in this notation, such as `%d-%m-%Y`.
    DayAs(String),
    /// Exact's moment is a day in the CRM: the one on which it falls in this time zone, such as `Europe/Amsterdam`.
    DayIn(String),
    /// Exact's share, such as 0.1, is a text with a percentage in the CRM, `10%`.
    Percent,
    /// Exact's number is rounded to so many decimals for the CRM, halves away from zero.
    Round(#[cfg_attr(feature = "schema", schemars(range(max = DECIMALS)))] u32),
    /// Exact's number times this is the CRM's.
    Times(#[cfg_attr(feature = "schema", schemars(with = "f64"))] Decimal),
    /// Exact's text or number stands in this text instead of `{}`, such as an id in the address of its page.
    Within(#[cfg_attr(feature = "schema", schemars(regex(pattern = r"\{\}")))] String),
}

impl Transform {
    fn to_crm(&self, value: Value) -> Result<Value, String> {
        match (self, &value) {
            (Self::CountryName, Value::Text(code)) => match Country::from_alpha2(code.trim()) {
                Ok(country) => Ok(Value::text(country.long_name)),
                Err(_) => Err(format!("`{code}` is no code of a country; correct it")),
            },
            (Self::Lookup(table), value) => {
                let text = value.to_string();
                let found = table.iter().find(|(exact, _)| exact.eq_ignore_ascii_case(&text));
                found.map(|(_, crm)| Value::text(crm)).ok_or_else(|| unlisted(&text))
            }
            (Self::DayAs(notation), Value::Date(day)) => Ok(Value::text(written(*day, notation))),
            (Self::DayIn(zone), Value::Instant(moment)) => {
                let zone: Tz = zone.parse().map_err(|_| no_zone(zone))?;
                Ok(Value::Date(moment.with_timezone(&zone).date_naive()))
            }
            (Self::Percent, Value::Decimal(share)) => share
                .checked_mul(Decimal::ONE_HUNDRED)
                .map(|percent| Value::text(format!("{}%", percent.normalize())))
                .ok_or_else(|| too_large(*share)),
            (Self::Round(decimals), Value::Decimal(number)) => {
                let rounded =
                    number.round_dp_with_strategy(*decimals, RoundingStrategy::MidpointAwayFromZero);
                Ok(Value::Decimal(rounded.normalize()))
            }
            (Self::Times(factor), Value::Decimal(number)) => number
                .checked_mul(*factor)
                .map(|product| Value::Decimal(product.normalize()))
                .ok_or_else(|| too_large(*number)),
            (Self::Within(frame), Value::Text(_) | Value::Decimal(_)) => {
                Ok(Value::Text(frame.replacen(PLACE, &value.to_string(), 1)))
            }
            _ => Ok(self.on_both(value)),
        }
    }

    fn to_exact(&self, value: Value) -> Result<Value, String> {
        match (self, &value) {
            (Self::CountryName, Value::Text(name)) => {
                let country = Country::from_name(name)
                    .or_else(|_| Country::from_alias(name))
                    .or_else(|_| Country::from_alpha2(name));
                let unknown =
                    |_| format!("`{name}` is no English name of a country; correct it, or use a lookup");
                country.map(|country| Value::text(country.alpha2)).map_err(unknown)
            }
            (Self::Lookup(table), value) => {
                let text = value.to_string();
                let found = table.iter().find(|(_, crm)| crm.eq_ignore_ascii_case(&text));
                found.map(|(exact, _)| typed(table, exact)).ok_or_else(|| unlisted(&text))
            }
            (Self::DayAs(notation), Value::Text(text)) => NaiveDate::parse_from_str(text, notation)
                .map(Value::Date)
                .map_err(|_| format!("`{text}` is no day as in `{}`; correct it", sample(notation))),
            (Self::Percent, Value::Text(text)) => share(text).ok_or_else(|| {
                format!("`{text}` is not one percentage, such as `10%`, and Exact takes nothing else here; enter it as one, or leave it out")
            }),
            (Self::DayIn(_), value) => Err(format!("`{value}` is a day and Exact has a moment here")),
            (Self::Within(frame), value) => Err(format!("`{value}` is `{frame}`, and Exact has a part of it")),
            (Self::Times(factor), Value::Decimal(number)) => number
                .checked_div(*factor)
                .map(|quotient| Value::Decimal(quotient.normalize()))
                .ok_or_else(|| too_large(*number)),
            _ => Ok(self.on_both(value)),
        }
    }

    /// What does the same on both sides; a value of another type stays as it is.
    fn on_both(&self, value: Value) -> Value {
        match (self, &value) {
            (Self::Upper, Value::Text(text)) => Value::Text(text.to_uppercase()),
            (Self::Lower, Value::Text(text)) => Value::Text(text.to_lowercase()),
            (Self::Phone(country), Value::Text(text)) => phone(country, text).map_or(value, Value::Text),
            _ => value,
        }
    }

    /// What the CRM's field would have to hold for a field of Exact; `None` where the step has no use for it.
    fn type_in_crm(&self, exact: FieldType) -> Option<FieldType> {
        match (self, exact) {
            (Self::Upper | Self::Lower | Self::Phone(_) | Self::CountryName, FieldType::Text)
            | (Self::DayAs(_), FieldType::Date)
            | (Self::Percent, FieldType::Decimal) => Some(FieldType::Text),
            (Self::Lookup(table), FieldType::Bool) => table
                .keys()
                .all(|key| matches!(typed(table, key), Value::Bool(_)))
                .then_some(FieldType::Choice),
            (Self::Lookup(table), FieldType::Decimal) => table
                .keys()
                .all(|key| matches!(typed(table, key), Value::Decimal(_)))
                .then_some(FieldType::Choice),
            (Self::Lookup(_), FieldType::Text | FieldType::Choice) => Some(FieldType::Choice),
            (Self::DayIn(_), FieldType::Instant) => Some(FieldType::Date),
            (Self::Within(_), FieldType::Text | FieldType::Decimal) => Some(FieldType::Text),
            (Self::Round(_) | Self::Times(_), FieldType::Decimal) => Some(FieldType::Decimal),
            _ => None,
        }
    }

    /// The longest text that comes of one of at most so many characters; `None` where there is no limit.
    fn longest(&self, to: Side, longest: Option<usize>) -> Option<usize> {
        let longest_of = |texts: Vec<&str>| texts.into_iter().map(|text| text.chars().count()).max();
        match (self, to) {
            (Self::CountryName, Side::Crm) => {
                longest_of(Country::get_countries().iter().map(|country| country.long_name).collect())
            }
            (Self::CountryName, Side::Exact) => Some(2),
            (Self::Lookup(table), Side::Crm) => longest_of(table.values().map(String::as_str).collect()),
            (Self::Lookup(table), Side::Exact) => longest_of(table.keys().map(String::as_str).collect()),
            (Self::DayAs(notation), Side::Crm) => Some(sample(notation).chars().count()),
            (Self::Within(frame), Side::Crm) => Some(longest? + frame.chars().count() - PLACE.len()),
            _ => longest,
        }
    }

    /// The most decimals of what comes of a number with at most so many; `None` where there is no limit.
    fn decimals(&self, to: Side, decimals: Option<u32>) -> Option<u32> {
        match (self, to) {
            (Self::Round(kept), Side::Crm) => Some(decimals.map_or(*kept, |decimals| decimals.min(*kept))),
            (Self::Times(factor), Side::Crm) => Some(decimals? + factor.normalize().scale()),
            (Self::Times(_), Side::Exact) if !self.divides_evenly() => None,
            (Self::Times(factor), Side::Exact) => {
                Some(decimals? + Decimal::ONE.checked_div(*factor)?.normalize().scale())
            }
            _ => decimals,
        }
    }

    /// Whether every number of the CRM divided by the factor comes to an end: no prime but 2 and 5 is in it.
    pub(crate) fn divides_evenly(&self) -> bool {
        let Self::Times(factor) = self else { return true };
        let mut rest = factor.normalize().mantissa().unsigned_abs();
        for prime in [2, 5] {
            while rest != 0 && rest % prime == 0 {
                rest /= prime;
            }
        }
        rest == 1
    }

    /// Whether days of all centuries are read back as they were written.
    pub(crate) fn keeps_centuries(&self) -> bool {
        let Self::DayAs(notation) = self else { return true };
        let day = NaiveDate::from_ymd_opt(1926, 12, 31).unwrap_or_default();
        NaiveDate::parse_from_str(&written(day, notation), notation) == Ok(day)
    }

    fn validate(&self, owner: Owner) -> Result<(), String> {
        let two_way = owner != Owner::Exact;
        match self {
            Self::Phone(country) if country.parse::<phonenumber::country::Id>().is_err() => {
                Err(format!("phone: `{country}` is no country; write its code, such as NL"))
            }
            Self::Lookup(table) if table.is_empty() || table.len() > ENTRIES => {
                Err(format!("lookup has {} lines; write 1 to {ENTRIES}", table.len()))
            }
            Self::Lookup(table) if two_way => match twice(table) {
                Some(crm) => Err(format!(
                    "lookup: `{crm}` stands for two values of Exact, so there is no way back; set owner = \"exact\""
                )),
                None => Ok(()),
            },
            Self::DayAs(notation) if !is_notation(notation) => {
                Err(format!("day_as: `{notation}` does not name a day; write it as in %d-%m-%Y"))
            }
            Self::DayIn(zone) if zone.parse::<Tz>().is_err() => Err(no_zone(zone)),
            Self::DayIn(_) if two_way => {
                Err("day_in: a day is no moment, so there is no way back; set owner = \"exact\"".to_owned())
            }
            Self::Within(frame) if frame.matches(PLACE).count() != 1 || frame.len() > FRAME => Err(format!(
                "within: `{frame}` does not say where the value stands; write `{PLACE}` there, once, and at most {FRAME} characters"
            )),
            Self::Within(_) if two_way => {
                Err("within: Exact has a part of it alone, so there is no way back; set owner = \"exact\""
                    .to_owned())
            }
            Self::Round(decimals) if *decimals > DECIMALS => {
                Err(format!("round: {decimals} decimals; at most {DECIMALS} are possible"))
            }
            Self::Times(factor) if factor.is_zero() => {
                Err("times: by nothing there is no way back; write another number".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// As a customer reads it.
impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upper => f.write_str("in upper case"),
            Self::Lower => f.write_str("in lower case"),
            Self::Phone(country) => write!(f, "in international notation; without a country it is {country}"),
            Self::CountryName => f.write_str("the country's English name"),
            Self::Lookup(table) => {
                for (at, (exact, crm)) in table.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}`{exact}` is `{crm}`")?;
                }
                Ok(())
            }
            Self::DayAs(notation) => write!(f, "written as in `{}`", sample(notation)),
            Self::DayIn(zone) => write!(f, "the day in {zone}"),
            Self::Percent => f.write_str("as a percentage"),
            Self::Round(0) => f.write_str("rounded to whole numbers"),
            Self::Round(1) => f.write_str("rounded to 1 decimal"),
            Self::Round(decimals) => write!(f, "rounded to {decimals} decimals"),
            Self::Times(factor) => write!(f, "times {factor}"),
            Self::Within(frame) => write!(f, "within `{frame}`"),
        }
    }
}

impl FieldRule {
    /// A value of a side in the words of the other one.
    ///
    /// # Errors
    /// What keeps it from being said there, and what to do.
    pub(crate) fn transformed(&self, from: Side, value: &Value) -> Result<Value, String> {
        if value.is_empty() {
            return Ok(Value::Null);
        }
        let mut steps = self.transform.iter();
        match from {
            Side::Exact => steps.try_fold(value.clone(), |value, step| step.to_crm(value)),
            Side::Crm => steps.rev().try_fold(value.clone(), |value, step| step.to_exact(value)),
        }
    }

    /// What the CRM's field would have to hold for a field of Exact; `None` where a step has no use for it.
    pub(crate) fn type_in_crm(&self, exact: FieldType) -> Option<FieldType> {
        self.transform.iter().try_fold(exact, |ty, step| step.type_in_crm(ty))
    }

    /// The longest text, and the most decimals, that arrive at a side from a field of the other one with these limits.
    pub(crate) fn arriving(
        &self,
        to: Side,
        longest: Option<usize>,
        decimals: Option<u32>,
    ) -> (Option<usize>, Option<u32>) {
        let through = |limits: (Option<usize>, Option<u32>), step: &Transform| {
            (step.longest(to, limits.0), step.decimals(to, limits.1))
        };
        match to {
            Side::Crm => self.transform.iter().fold((longest, decimals), through),
            Side::Exact => self.transform.iter().rev().fold((longest, decimals), through),
        }
    }

    /// The texts that the CRM's field can get, where a table names them all.
    pub(crate) fn looked_up(&self) -> Option<Vec<String>> {
        match self.transform.last()? {
            Transform::Lookup(table) => Some(table.values().cloned().collect()),
            _ => None,
        }
    }

    pub(super) fn validate_transform(&self) -> Result<(), String> {
        if self.transform.is_empty() {
            return Ok(());
        }
        let told = |message: String| Err(format!("{}: {message}", self.exact));
        if self.via.is_some() || !self.lines.is_empty() || !self.values.is_empty() {
            return told(
                "it names records, lines or `values`, which no transform can change; leave it out".into(),
            );
        }
        if self.transform.len() > STEPS {
            return told(format!("{} transforms; at most {STEPS} are possible", self.transform.len()));
        }
        self.transform.iter().try_for_each(|step| step.validate(self.owner)).or_else(told)
    }
}

fn phone(country: &str, text: &str) -> Option<String> {
    let number = phonenumber::parse(Some(country.parse().ok()?), text).ok()?;
    let whole = phonenumber::is_valid(&number) && number.extension().is_none();
    whole.then(|| number.format().mode(Mode::E164).to_string())
}

/// What share a percentage is.
fn share(text: &str) -> Option<Value> {
    let percent: Decimal = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    Some(Value::Decimal(percent.checked_div(Decimal::ONE_HUNDRED)?.normalize()))
}

/// A value of Exact that a table names: yes or no, or a number, where all of them are.
fn typed(table: &BTreeMap<String, String>, exact: &str) -> Value {
    if let (true, Ok(yes)) = (table.keys().all(|key| key.parse::<bool>().is_ok()), exact.parse()) {
        return Value::Bool(yes);
    }
    match number_of(exact) {
        Some(number) if table.keys().all(|key| number_of(key).is_some()) => Value::Decimal(number),
        _ => Value::text(exact),
    }
}

fn number_of(text: &str) -> Option<Decimal> {
    text.parse::<Decimal>().ok().filter(|number| number.to_string() == text)
}

/// The first of the CRM's values that stands there twice.
fn twice(table: &BTreeMap<String, String>) -> Option<&str> {
    let mut seen = BTreeSet::new();
    table.values().find(|crm| !seen.insert(crm.to_lowercase())).map(String::as_str)
}

fn unlisted(text: &str) -> String {
    format!("`{text}` is not in the table of the mapping; add it there, or correct it")
}

fn no_zone(zone: &str) -> String {
    format!("day_in: `{zone}` is no time zone; write it as in Europe/Amsterdam")
}

fn too_large(number: Decimal) -> String {
    format!("`{number}` is too large to calculate with; correct it")
}

/// Whether it writes a day so that it can be read again.
fn is_notation(notation: &str) -> bool {
    let known = notation.len() <= NOTATION && StrftimeItems::new(notation).all(|item| item != Item::Error);
    let day = NaiveDate::from_ymd_opt(2026, 12, 31);
    known && day.is_some_and(|day| NaiveDate::parse_from_str(&written(day, notation), notation) == Ok(day))
}

/// The last day of 2026 in a notation.
fn sample(notation: &str) -> String {
    written(NaiveDate::from_ymd_opt(2026, 12, 31).unwrap_or_default(), notation)
}

/// Empty where the notation asks for more than a day.
fn written(day: NaiveDate, notation: &str) -> String {
    let mut text = String::new();
    match write!(text, "{}", day.format(notation)) {
        Ok(()) => text,
        Err(fmt::Error) => String::new(),
    }
}

#[cfg(test)]
mod tests;
