//! The stage that gives every attempt a token that is fresh at that moment.

use std::time::Duration;

use url::Url;

use super::{Pipeline, Reply, Request, trace};
use crate::error::{Error, ErrorKind, Result, Retry};

pub(super) async fn send(pipeline: &Pipeline, request: &Request, url: Url, attempt: u32) -> Result<Reply> {
    let token = pipeline.session.access_token().await?;
    if request.send_before().is_some_and(|deadline| pipeline.clock.monotonic() > deadline) {
        let error = Error::new(ErrorKind::Unsent, "the deadline for sending had passed; nothing was sent");
        return Err(error.with_retry(Retry::After(Duration::ZERO)));
    }
    trace::send(pipeline, request, url, &token, attempt).await
}
