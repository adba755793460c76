//! The stage that pays: every attempt takes a permit and learns from its answer.

use super::{Pipeline, Reply, Request, answer, bearer};
use crate::error::{Error, ErrorKind, Result, Retry};
use crate::limit::{Pace, RateHeaders};

pub(super) async fn send(pipeline: &Pipeline, request: &Request, attempt: u32) -> Result<Reply> {
    let permit = pipeline.budget.permit(request.scope, request.endpoint, request.send_before()).await?;
    let reply = match bearer::send(pipeline, request, attempt).await {
        Ok(reply) => reply,
        Err(error) => {
            if never_left(&error) {
                permit.refund();
            }
            return Err(error);
        }
    };
    permit.answered(reply.status.as_u16(), &RateHeaders::read(&reply.headers)).await;
    if reply.status == http::StatusCode::TOO_MANY_REQUESTS {
        return Err(refused(pipeline, request));
    }
    answer::check(request, reply)
}

/// Errors that arise before the transport: no token, no time left, a bad address.
fn never_left(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Auth | ErrorKind::Store | ErrorKind::Config | ErrorKind::Unsent)
}

/// A 429 was not executed. The ledger knows by now which limit it was and when it lifts.
fn refused(pipeline: &Pipeline, request: &Request) -> Error {
    let error = match pipeline.budget.pace(request.scope) {
        Pace::Spent(until) => {
            Error::new(ErrorKind::RateLimited, "Exact says that the calls of the day are spent")
                .with_retry(Retry::At(until))
        }
        Pace::Wait(wait) => {
            Error::new(ErrorKind::RateLimited, "Exact says that the calls of the minute are spent")
                .with_retry(Retry::After(wait))
        }
        Pace::Ready(_) => Error::new(ErrorKind::RateLimited, "Exact refused the call for now"),
    };
    error.with_status(429)
}
