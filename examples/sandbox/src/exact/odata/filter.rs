//! `$filter`: a small parser, and what a row has to be to pass.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::super::cell::{Cell, Row};
use super::super::refusal::Refusal;
use super::super::schema::{Edm, Entity, Property};
use super::lexer::{Token, tokens};

/// Parentheses and `not` nest at most this deep.
const DEEPEST: usize = 64;

#[derive(Clone, Debug)]
pub(in super::super) enum Expr {
    Or(Box<Self>, Box<Self>),
    And(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Compare(Operand, Comparison, Operand),
    Text(TextTest, Operand, Operand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Comparison {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A test of a text for a part of it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Clone, Debug)]
pub(in super::super) enum Operand {
    Property(&'static Property),
    Literal(Cell),
    Trim(Box<Self>),
    Lower(Box<Self>),
}

impl Expr {
    /// Reads a filter on `entity`'s properties.
    pub(in super::super) fn parse(text: &str, entity: &'static Entity) -> Result<Self, Refusal> {
        let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable(), entity, depth: 0 };
        let expr = parser.or()?;
        if parser.tokens.next().is_some() { Err(Refusal::syntax()) } else { Ok(expr) }
    }

    pub(in super::super) fn holds(&self, row: &Row) -> bool {
        match self {
            Self::Or(a, b) => a.holds(row) || b.holds(row),
            Self::And(a, b) => a.holds(row) && b.holds(row),
            Self::Not(inner) => !inner.holds(row),
            Self::Compare(left, comparison, right) => comparison.holds(&left.value(row), &right.value(row)),
            Self::Text(test, text, part) => match (&*text.value(row), &*part.value(row)) {
                (Cell::Text(text), Cell::Text(part)) => match test {
                    TextTest::Contains => text.contains(&**part),
                    TextTest::StartsWith => text.starts_with(&**part),
                    TextTest::EndsWith => text.ends_with(&**part),
                },
                _ => false,
            },
        }
    }

    /// The names of the properties that it looks at.
    pub(in super::super) fn names(&self) -> Vec<&'static str> {
        match self {
            Self::Or(a, b) | Self::And(a, b) => [a.names(), b.names()].concat(),
            Self::Not(inner) => inner.names(),
            Self::Compare(a, _, b) | Self::Text(_, a, b) => {
                [a.name(), b.name()].into_iter().flatten().collect()
            }
        }
    }

    /// Equalities of which every passing row meets at least one, so that an index can find them.
    pub(in super::super) fn equalities(&self) -> Option<Vec<(&'static Property, &Cell)>> {
        match self {
            Self::Compare(left, Comparison::Eq, Operand::Literal(literal)) => {
                let property = left.property()?;
                (literal != &Cell::Null).then(|| vec![(property, literal)])
            }
            Self::And(a, b) => match (a.equalities(), b.equalities()) {
                (Some(a), Some(b)) => {
                    let a_has_index = a.iter().all(|(property, _)| property.indexed || property.name == "ID");
                    Some(if a_has_index { a } else { b })
                }
                (a, b) => a.or(b),
            },
            Self::Or(a, b) => Some([a.equalities()?, b.equalities()?].concat()),
            _ => None,
        }
    }

    /// A number that every passing row's `name` lies above.
    pub(in super::super) fn above(&self, name: &str) -> Option<i64> {
        match self {
            Self::And(a, b) => a.above(name).max(b.above(name)),
            Self::Compare(Operand::Property(property), comparison, Operand::Literal(Cell::Int(number)))
                if property.name == name =>
            {
                match comparison {
                    Comparison::Gt => Some(*number),
                    Comparison::Ge | Comparison::Eq => Some(number.saturating_sub(1)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl Comparison {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        })
    }

    fn holds(self, left: &Cell, right: &Cell) -> bool {
        if *left == Cell::Null || *right == Cell::Null {
            return match self {
                Self::Eq => left == right,
                Self::Ne => left != right,
                _ => false,
            };
        }
        let Some(ordering) = left.compare(right) else { return self == Self::Ne };
        match self {
            Self::Eq => ordering == Ordering::Equal,
            Self::Ne => ordering != Ordering::Equal,
            Self::Gt => ordering == Ordering::Greater,
            Self::Ge => ordering != Ordering::Less,
            Self::Lt => ordering == Ordering::Less,
            Self::Le => ordering != Ordering::Greater,
        }
    }
}

impl Operand {
    fn value<'a>(&'a self, row: &'a Row) -> Cow<'a, Cell> {
        match self {
            Self::Property(property) => row.cell(property),
            Self::Literal(cell) => Cow::Borrowed(cell),
            Self::Trim(inner) => map_text(inner.value(row), |text| text.trim().to_owned()),
            Self::Lower(inner) => map_text(inner.value(row), str::to_lowercase),
        }
    }

    fn property(&self) -> Option<&'static Property> {
        match self {
            Self::Property(property) => Some(property),
            Self::Trim(inner) => inner.property(),
            Self::Literal(_) | Self::Lower(_) => None,
        }
    }

    fn name(&self) -> Option<&'static str> {
        match self {
            Self::Property(property) => Some(property.name),
            Self::Trim(inner) | Self::Lower(inner) => inner.name(),
            Self::Literal(_) => None,
        }
    }

    /// The sort of value it has; `None` for null, which goes with everything.
    fn sort(&self) -> Option<Sort> {
        match self {
            Self::Property(property) => Some(match property.edm {
                Edm::String | Edm::Binary => Sort::Text,
                Edm::Guid => Sort::Guid,
                Edm::DateTime => Sort::Moment,
                Edm::Boolean => Sort::Bool,
                Edm::Navigation => Sort::None,
                Edm::Byte | Edm::Int16 | Edm::Int32 | Edm::Int64 | Edm::Double => Sort::Number,
            }),
            Self::Literal(cell) => match cell {
                Cell::Null => None,
                Cell::Bool(_) => Some(Sort::Bool),
                Cell::Int(_) | Cell::Double(_) => Some(Sort::Number),
                Cell::Text(_) => Some(Sort::Text),
                Cell::Guid(_) => Some(Sort::Guid),
                Cell::Moment(_) => Some(Sort::Moment),
            },
            Self::Trim(_) | Self::Lower(_) => Some(Sort::Text),
        }
    }

    fn is_text(&self) -> bool {
        self.sort() == Some(Sort::Text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Text,
    Guid,
    Moment,
    Bool,
    Number,
    None,
}

fn map_text(cell: Cow<'_, Cell>, change: impl FnOnce(&str) -> String) -> Cow<'_, Cell> {
    match &*cell {
        Cell::Text(text) => Cow::Owned(Cell::text(&change(text))),
        _ => cell,
    }
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    entity: &'static Entity,
    depth: usize,
}

impl Parser {
    fn or(&mut self) -> Result<Expr, Refusal> {
        let mut left = self.and()?;
        while self.take_word("or") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, Refusal> {
        let mut left = self.not()?;
        while self.take_word("and") {
            left = Expr::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, Refusal> {
        if !self.take_word("not") {
            return self.test();
        }
        self.nested(|parser| Ok(Expr::Not(Box::new(parser.not()?))))
    }

    fn test(&mut self) -> Result<Expr, Refusal> {
        if self.take(&Token::Open) {
            return self.nested(|parser| {
                let inner = parser.or()?;
                parser.expect(&Token::Close)?;
                Ok(inner)
            });
        }
        if let Some(Token::Word(word)) = self.tokens.peek()
            && let Some(test) = text_test(word)
        {
            self.tokens.next();
            return self.text_test(test);
        }
        let left = self.operand()?;
        let Some(Token::Word(word)) = self.tokens.next() else { return Err(Refusal::syntax()) };
        let comparison = Comparison::parse(&word).ok_or_else(Refusal::syntax)?;
        let right = self.operand()?;
        match (left.sort(), right.sort()) {
            (Some(left), Some(right)) if left != right || left == Sort::None => Err(Refusal::syntax()),
            _ => Ok(Expr::Compare(left, comparison, right)),
        }
    }

    /// `substringof(part, text)`, but `startswith(text, part)`; either may be compared with true or false.
    fn text_test(&mut self, test: TextTest) -> Result<Expr, Refusal> {
        self.expect(&Token::Open)?;
        let first = self.operand()?;
        self.expect(&Token::Comma)?;
        let second = self.operand()?;
        self.expect(&Token::Close)?;
        if !first.is_text() || !second.is_text() {
            return Err(Refusal::syntax());
        }
        let expr = match test {
            TextTest::Contains => Expr::Text(test, second, first),
            TextTest::StartsWith | TextTest::EndsWith => Expr::Text(test, first, second),
        };
        if !self.take_word("eq") {
            return Ok(expr);
        }
        match self.tokens.next() {
            Some(Token::Literal(Cell::Bool(true))) => Ok(expr),
            Some(Token::Literal(Cell::Bool(false))) => Ok(Expr::Not(Box::new(expr))),
            _ => Err(Refusal::syntax()),
        }
    }

    fn operand(&mut self) -> Result<Operand, Refusal> {
        match self.tokens.next() {
            Some(Token::Literal(cell)) => Ok(Operand::Literal(cell)),
            Some(Token::Word(word)) if word == "trim" || word == "tolower" => {
                self.expect(&Token::Open)?;
                let inner = self.nested(Self::operand)?;
                self.expect(&Token::Close)?;
                if !inner.is_text() {
                    return Err(Refusal::syntax());
                }
                let inner = Box::new(inner);
                Ok(if word == "trim" { Operand::Trim(inner) } else { Operand::Lower(inner) })
            }
            Some(Token::Word(word)) => {
                self.entity.property(&word).map(Operand::Property).ok_or_else(Refusal::syntax)
            }
            _ => Err(Refusal::syntax()),
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refusal::syntax());
        }
        let read = read(self)?;
        self.depth -= 1;
        Ok(read)
    }

    fn take(&mut self, token: &Token) -> bool {
        self.tokens.next_if(|next| next == token).is_some()
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.tokens.next_if(|next| matches!(next, Token::Word(next) if next == word)).is_some()
    }

    fn expect(&mut self, token: &Token) -> Result<(), Refusal> {
        if self.take(token) { Ok(()) } else { Err(Refusal::syntax()) }
    }
}

fn text_test(word: &str) -> Option<TextTest> {
    Some(match word {
        "substringof" => TextTest::Contains,
        "startswith" => TextTest::StartsWith,
        "endswith" => TextTest::EndsWith,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exact::odata::read_literal;
    use crate::exact::resources::ACCOUNT;

    fn row(name: &str, kvk: &str) -> Row {
        Row::default().with("Name", Cell::text(name)).with("ChamberOfCommerce", Cell::text(kvk))
    }

    #[test]
    fn and_binds_tighter_than_or_and_not_tightest() {
        let holds = |filter: &str| Expr::parse(filter, ACCOUNT).unwrap().holds(&row("a", "1"));
        assert!(holds("Name eq 'a' or Name eq 'b' and ChamberOfCommerce eq '2'"));
        assert!(!holds("(Name eq 'a' or Name eq 'b') and ChamberOfCommerce eq '2'"));
        assert!(holds("not Name eq 'b' and Name eq 'a'"));
    }

    #[test]
    fn comparisons_with_null_hold_for_inequality_alone() {
        let holds = |filter: &str| Expr::parse(filter, ACCOUNT).unwrap().holds(&row("a", "1"));
        assert!(holds("City eq null") && holds("City ne 'x'") && holds("Name ne null"));
        assert!(!holds("City lt 'x'") && !holds("City ge 'x'") && !holds("City eq 'x'"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = format!("{}Name eq 'a'{}", "(".repeat(10_000), ")".repeat(10_000));
        assert!(Expr::parse(&deep, ACCOUNT).is_err());
        assert!(Expr::parse(&format!("{}Name eq 'a'", "not ".repeat(10_000)), ACCOUNT).is_err());
    }

    proptest! {
        #[test]
        fn no_text_brings_the_parser_down(text in "\\PC*") {
            let _ = Expr::parse(&text, ACCOUNT);
        }

        #[test]
        fn no_mixture_of_its_words_brings_the_parser_down(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "Name", "eq", "'a'", "and", "or", "not", "(", ")", ",", "trim", "substringof", "null", "1L", "guid'",
                ]),
                0..20,
            )
        ) {
            let _ = Expr::parse(&words.join(" "), ACCOUNT);
        }

        #[test]
        fn a_text_that_is_written_as_a_literal_reads_back(text in "\\PC*") {
            let cell = Cell::text(&text);
            prop_assert_eq!(read_literal(&cell.literal(Edm::String)).unwrap(), cell);
        }

        /// What the index offers is never less than what a full reading finds.
        #[test]
        fn equalities_cover_every_row_that_passes(name in "[ab]", kvk in "[12]", filter in prop::sample::select(vec![
            "ChamberOfCommerce eq '1'",
            "ChamberOfCommerce eq '1' or ChamberOfCommerce eq '2'",
            "ChamberOfCommerce eq '1' and Name eq 'a'",
            "Name eq 'a' and ChamberOfCommerce eq '1'",
            "(Name eq 'a' or Name eq 'b') and ChamberOfCommerce eq '2'",
        ])) {
            let row = row(&name, &kvk);
            let expr = Expr::parse(filter, ACCOUNT).unwrap();
            let offered = expr
                .equalities()
                .is_none_or(|all| all.iter().any(|(property, value)| *row.cell(property) == **value));
            prop_assert!(offered || !expr.holds(&row));
        }
    }
}
