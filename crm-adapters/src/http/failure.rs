use crate::error::Error;
use crate::http::Answer;

/// What a failed call has done at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing: it was not sent, or turned away before anything was looked at.
    NotSent,
    /// Nothing: its content was refused.
    Refused,
    /// Nothing: what it was about does not exist any more.
    Gone,
    /// Nobody knows.
    Unknown,
}

/// A call that failed, and what it has done all the same.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) effect: Effect,
    pub(crate) error: Error,
    /// What the vendor said, where it said anything.
    pub(crate) answer: Option<Box<Answer>>,
}

impl Failure {
    pub(crate) fn new(effect: Effect, error: Error) -> Self {
        let error = error.with_may_have_applied(effect == Effect::Unknown);
        Self { effect, error, answer: None }
    }

    pub(crate) fn not_sent(error: Error) -> Self {
        Self::new(Effect::NotSent, error)
    }

    pub(crate) fn refused(error: Error) -> Self {
        Self::new(Effect::Refused, error)
    }

    pub(crate) fn with_answer(mut self, answer: Answer) -> Self {
        self.answer = Some(Box::new(answer));
        self
    }

    /// As the failure of a read, which changes nothing whatever became of it.
    pub(crate) fn into_read_error(self) -> Error {
        self.error.with_may_have_applied(false)
    }
}
