//! Fields that are made of several: `name:FirstName + MiddleName + LastName` is one field to a mapping, and three to the
//! vendor. Put together by a space; taken apart by words, so that what is put together again is the same.

use std::fmt;

use crm_adapters::{Fields, Value};

/// What stands between the parts in the notation.
const PLUS: &str = " + ";

/// Words that a surname begins with, in lower case. Written small they are Exact's middle name, as the Dutch do; with a
/// capital they belong to the last name, as Belgians have it.
const PARTICLES: [&str; 40] = [
    "'s", "'t", "aan", "af", "al", "bij", "da", "das", "de", "del", "della", "den", "der", "des", "di",
    "dos", "du", "el", "het", "ibn", "in", "la", "le", "les", "onder", "op", "te", "ten", "ter", "tot",
    "uit", "v.", "v.d.", "v/d", "van", "vd", "voor", "von", "zu", "zur",
];

/// Those that stand first with a capital only where no first name is told: nobody is called so.
const NO_FIRST_NAME: [&str; 8] = ["de", "den", "der", "het", "ten", "ter", "van", "von"];

/// How a field is put together and taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// First name, perhaps a middle name, last name.
    Name,
    /// Middle name and last name.
    Surname,
    /// Street, number and perhaps what follows it.
    Street,
}

/// A field that is made of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    name: String,
    manner: Manner,
    parts: Vec<String>,
}

impl Joined {
    /// The field that a name stands for; `None` where it is one field, or the notation is wrong.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (manner, rest) = notation(name)?;
        let parts: Vec<String> = rest.split(PLUS).map(|part| part.trim().to_owned()).collect();
        let several = match manner {
            Manner::Name | Manner::Street => 2..=3,
            Manner::Surname => 2..=2,
        };
        let distinct = |(at, part): (usize, &String)| !part.is_empty() && !parts[..at].contains(part);
        let right = several.contains(&parts.len()) && parts.iter().enumerate().all(distinct);
        right.then(|| Self { name: name.to_owned(), manner, parts })
    }

    /// What is wrong with a name that is meant as one of a field made of several.
    pub(crate) fn mistake(name: &str) -> Option<String> {
        let (manner, _) = notation(name)?;
        let as_in = match manner {
            Manner::Name => "2 or 3, as in `name:FirstName + MiddleName + LastName`",
            Manner::Surname => "2, as in `surname:MiddleName + LastName`",
            Manner::Street => "2 or 3, as in `street:custom:Street + custom:Number`",
        };
        let told = || format!("`{name}` is not made of different fields; name {as_in}");
        Self::parse(name).is_none().then(told)
    }

    /// As mappings name it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The fields that it is made of, in order.
    pub(crate) fn parts(&self) -> &[String] {
        &self.parts
    }

    /// Its value in a record: absent where a part is, for then nobody knows.
    pub(crate) fn put_together(&self, fields: &Fields) -> Option<Value> {
        let values: Option<Vec<&Value>> = self.parts.iter().map(|part| fields.get(part)).collect();
        let texts: Vec<String> = values?.into_iter().map(ToString::to_string).collect();
        let words: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
        Some(Value::text(words.join(" ")))
    }

    /// Each part with its words of a value; empty where no word is left for it.
    pub(crate) fn taken_apart(&self, value: &Value) -> Vec<(&str, Value)> {
        let text = value.to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut ends = self.ends(&words).into_iter();
        let mut rest = words.as_slice();
        let mut apart = Vec::new();
        for part in &self.parts {
            let taken = ends.next().unwrap_or(words.len()).saturating_sub(words.len() - rest.len());
            let (own, others) = rest.split_at(taken.min(rest.len()));
            apart.push((part.as_str(), Value::text(own.join(" "))));
            rest = others;
        }
        apart
    }

    /// Before which word each part but the last one ends.
    fn ends(&self, words: &[&str]) -> Vec<usize> {
        match (self.manner, self.parts.len()) {
            (Manner::Name, 2) => vec![surname(words)],
            (Manner::Name, _) => vec![surname(words), last_name(words, surname(words))],
            (Manner::Surname, _) => vec![last_name(words, 0)],
            (Manner::Street, 2) => vec![number(words)],
            (Manner::Street, _) => vec![number(words), number(words) + 1],
        }
    }
}

/// As a customer reads it.
impl fmt::Display for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = |part: &String| part.strip_prefix("custom:").unwrap_or(part).to_owned();
        f.write_str(&self.parts.iter().map(label).collect::<Vec<_>>().join(PLUS))
    }
}

fn notation(name: &str) -> Option<(Manner, &str)> {
    let manners = [("name:", Manner::Name), ("surname:", Manner::Surname), ("street:", Manner::Street)];
    manners.into_iter().find_map(|(prefix, manner)| Some((manner, name.strip_prefix(prefix)?)))
}

/// The word with which the surname begins: the first particle, or else the last word.
fn surname(words: &[&str]) -> usize {
    let last = words.len().saturating_sub(1);
    let begins = |(at, word): (usize, &&str)| match at {
        0 => is_small(word) || NO_FIRST_NAME.contains(&word.to_lowercase().as_str()),
        _ => is_particle(word),
    };
    words[..last].iter().enumerate().position(begins).unwrap_or(last)
}

/// The word with which the last name begins: the first behind the small particles, and one word at least.
fn last_name(words: &[&str], surname: usize) -> usize {
    let last = words.len().saturating_sub(1);
    let small = words[..last].iter().skip(surname).take_while(|word| is_small(word)).count();
    (surname + small).min(last)
}

/// The word that is the number of a house: the last one that begins with a digit, and never the first of all.
fn number(words: &[&str]) -> usize {
    let digit = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
    words.iter().rposition(digit).filter(|at| *at > 0).unwrap_or(words.len())
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word.replace('’', "'").to_lowercase().as_str())
}

fn is_small(word: &str) -> bool {
    is_particle(word) && !word.chars().any(char::is_uppercase)
}

#[cfg(test)]
mod tests;
