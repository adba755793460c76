//! Words and literals of a filter.

use std::iter::Peekable;
use std::str::Chars;

use super::super::cell::{Cell, read_wall_clock};
use super::super::refusal::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Comma,
    /// A name, an operator or a function.
    Word(String),
    Literal(Cell),
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut chars = text.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(&next) = chars.peek() {
        tokens.push(match next {
            blank if blank.is_whitespace() => {
                chars.next();
                continue;
            }
            '(' => single(&mut chars, Token::Open),
            ')' => single(&mut chars, Token::Close),
            ',' => single(&mut chars, Token::Comma),
            '\'' => Token::Literal(Cell::text(&quoted(&mut chars)?)),
            _ => word(&mut chars)?,
        });
    }
    Ok(tokens)
}

/// One literal, as in a key or a skip token.
pub(in super::super) fn read_literal(text: &str) -> Result<Cell, Refusal> {
    match tokens(text)?.as_slice() {
        [Token::Literal(cell)] => Ok(cell.clone()),
        _ => Err(Refusal::syntax()),
    }
}

fn single(chars: &mut Peekable<Chars<'_>>, token: Token) -> Token {
    chars.next();
    token
}

/// A text between quotes; a doubled quote stands for one.
fn quoted(chars: &mut Peekable<Chars<'_>>) -> Result<String, Refusal> {
    chars.next();
    let mut text = String::new();
    loop {
        match chars.next().ok_or_else(Refusal::syntax)? {
            '\'' if chars.peek() == Some(&'\'') => {
                chars.next();
                text.push('\'');
            }
            '\'' => return Ok(text),
            other => text.push(other),
        }
    }
}

fn word(chars: &mut Peekable<Chars<'_>>) -> Result<Token, Refusal> {
    let mut word = String::new();
    while let Some(&next) = chars.peek() {
        if next.is_whitespace() || matches!(next, '(' | ')' | ',' | '\'') {
            break;
        }
        word.push(next);
        chars.next();
    }
    if chars.peek() == Some(&'\'') {
        let text = quoted(chars)?;
        return typed(&word, &text).map(Token::Literal).ok_or_else(Refusal::syntax);
    }
    match word.as_str() {
        "true" => Ok(Token::Literal(Cell::Bool(true))),
        "false" => Ok(Token::Literal(Cell::Bool(false))),
        "null" => Ok(Token::Literal(Cell::Null)),
        _ if word.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
            number(&word).map(Token::Literal).ok_or_else(Refusal::syntax)
        }
        _ => Ok(Token::Word(word)),
    }
}

fn typed(kind: &str, text: &str) -> Option<Cell> {
    match kind {
        "guid" => text.parse().ok().map(Cell::Guid),
        "datetime" => read_wall_clock(text).map(Cell::Moment),
        _ => None,
    }
}

/// `20`, `123L`, `1.5` or `1.5d`.
fn number(text: &str) -> Option<Cell> {
    let digits = text.strip_suffix(['L', 'l']).unwrap_or(text);
    if let Ok(number) = digits.parse() {
        return Some(Cell::Int(number));
    }
    text.strip_suffix(['d', 'D', 'm', 'M']).unwrap_or(text).parse().ok().map(Cell::Double)
}
