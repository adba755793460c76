//! Answers that a statement puts together as one text: handing over rows and columns one by one costs more than finding
//! them, and JSON within JSON would be written and read twice.

/// A text taken apart from its front: a number has a space behind it, a text its length in bytes and a space before it.
pub(super) struct Pieces<'t>(&'t str);

impl<'t> Pieces<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self(text)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn number(&mut self) -> sqlx::Result<u64> {
        let (number, rest) = self.0.split_once(' ').ok_or_else(broken)?;
        self.0 = rest;
        number.parse().map_err(|_| broken())
    }

    pub(super) fn text(&mut self) -> sqlx::Result<&'t str> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let (text, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(text)
    }
}

fn broken() -> sqlx::Error {
    sqlx::Error::Decode("an answer of the store is not put together as it was asked for".into())
}
