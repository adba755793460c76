use crate::change::Outcome;
use crate::error::{Error, ErrorKind};
use crate::http::{Answer, Request};

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

    /// A request whose moment had passed before its turn came.
    pub(crate) fn too_late(request: &Request) -> Self {
        let error = Error::new(ErrorKind::Timeout, "not sent, since the moment to send it had passed");
        Self::not_sent(error.with_operation(request.operation()))
    }

    /// As the failure of a read, which changes nothing whatever became of it.
    pub(crate) fn into_read_error(self) -> Error {
        self.error.with_may_have_applied(false)
    }
}

impl From<Failure> for Outcome {
    fn from(Failure { effect, error, .. }: Failure) -> Self {
        match effect {
            Effect::NotSent => Self::NotSent(error),
            Effect::Refused => Self::Rejected(error),
            Effect::Gone => Self::Gone(error),
            Effect::Unknown => Self::Unknown(error),
        }
    }
}

/// Says of an error which request it came from, and by which name the vendor knows that one.
pub(crate) fn located(error: Error, request: &Request, answer: &Answer) -> Error {
    let error = error.with_operation(request.operation());
    match answer.request_id() {
        Some(id) if error.request_id().is_none() => error.with_request_id(id),
        _ => error,
    }
}

/// A list that would never end.
pub(crate) fn repeated_cursor(request: &Request) -> Error {
    Error::new(ErrorKind::Decode, "the vendor sends a page cursor for the second time")
        .with_operation(request.operation())
        .with_remedy("the list cannot be read to its end; try again later")
}
