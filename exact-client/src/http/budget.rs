//! The stage that pays: every attempt takes a permit and learns from its answer.

use super::{Pipeline, Reply, Request, answer, bearer};
use crate::error::{Error, ErrorKind, Result, Retry};
use crate::limit::{Pace, RateHeaders, counts};

/// How much of Exact's own words is kept with an error that counts.
const LONGEST_SAYING: usize = 100;

pub(super) async fn send(pipeline: &Pipeline, request: &Request, attempt: u32) -> Result<Reply> {
    let Pipeline { budget, priority, .. } = pipeline;
    let url = request.url(pipeline.transport.origin())?;
    let permit = budget.permit(request.scope, request.endpoint, *priority, request.send_before()).await?;
    let reply = match bearer::send(pipeline, request, url, attempt).await {
        Ok(reply) => reply,
        Err(error) => {
            if never_left(&error) {
                permit.refund();
            }
            return Err(error);
        }
    };
    let status = reply.status.as_u16();
    let offence = counts(status).then(|| offence(request, &reply));
    permit.answered(status, &RateHeaders::read(&reply.headers), offence).await;
    if reply.status == http::StatusCode::TOO_MANY_REQUESTS {
        return Err(refused(pipeline, request).with_request_id(reply.request_id()));
    }
    answer::check(request, reply)
}

/// A call that counts towards Exact's error limit, for those who look for the record behind it.
fn offence(request: &Request, reply: &Reply) -> String {
    let mut text = request.method.to_string();
    if let Some(record) = request.record() {
        text = format!("{text} {record}");
    }
    text = format!("{text} {}", reply.status.as_u16());
    match answer::message(&reply.body).lines().next() {
        Some(said) => format!("{text} ({})", said.chars().take(LONGEST_SAYING).collect::<String>()),
        None => text,
    }
}

/// Errors that arise before the transport: no token, no time left.
fn never_left(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Auth | ErrorKind::Store | ErrorKind::Config | ErrorKind::Unsent)
}

/// A 429 was not executed. The ledger knows by now which limit it was and when it lifts.
fn refused(pipeline: &Pipeline, request: &Request) -> Error {
    let error = match pipeline.budget.pace(request.scope, pipeline.priority) {
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
