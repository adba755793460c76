//! What a command says: text for people, or one JSON document for scripts.

use std::io::{self, Write};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// What a command ended with.
#[derive(Clone, Debug)]
pub struct Outcome {
    code: u8,
    text: String,
    json: Value,
}

impl Outcome {
    /// Done: the text for people, and the document for scripts.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { code: 0, text: text.into(), json }
    }

    /// Ends with another exit code.
    #[must_use]
    pub fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }
}

/// Prints what a command ended with, and answers with the exit code.
///
/// # Errors
/// Where the output is closed.
pub fn print(outcome: Result<Outcome>, as_json: bool) -> io::Result<u8> {
    let mut out = io::stdout().lock();
    match outcome {
        Ok(outcome) => {
            if as_json {
                writeln!(out, "{}", outcome.json)?;
            } else {
                writeln!(out, "{}", outcome.text.trim_end())?;
            }
            Ok(outcome.code)
        }
        Err(error) => {
            if as_json {
                writeln!(out, "{}", failure(&error))?;
            }
            writeln!(io::stderr().lock(), "error: {error}")?;
            Ok(error.code())
        }
    }
}

/// The document of a command that did not succeed: also as `errors`, where `run` has them.
fn failure(error: &Error) -> Value {
    json!({ "error": error, "errors": [error] })
}

/// How wide a table may be, in characters: also where nobody can tell how wide the terminal is.
const WIDTH: u16 = 120;

/// A table with these column titles.
#[must_use]
pub fn table<const N: usize>(titles: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    table.set_header(titles);
    table
}

/// `1 record`, `2 records`.
#[must_use]
pub fn count(number: u64, one: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{} {one}{many}", thousands(number))
}

/// `12,345`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(count(1, "write"), "1 write");
        assert_eq!(count(2_000, "write"), "2,000 writes");
    }
}
