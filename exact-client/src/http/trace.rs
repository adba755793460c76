//! The stage that is seen: one span per attempt, with never a payload or a secret in it.

use secrecy::SecretString;
use tracing::field::Empty;
use tracing::{Instrument, Span};
use url::Url;

use super::{Pipeline, Reply, Request, Target};
use crate::error::Result;

pub(super) async fn send(
    pipeline: &Pipeline,
    request: &Request,
    url: Url,
    token: &SecretString,
    attempt: u32,
) -> Result<Reply> {
    let span = tracing::debug_span!(
        "exact",
        method = %request.method,
        endpoint = request.endpoint,
        division = %request.scope,
        attempt,
        status = Empty,
        request_id = Empty,
    );
    let notices = pipeline.session.notices();
    let sent = notices.now();
    let result = async {
        let result = match request.target {
            Target::File { longest, .. } => pipeline.transport.open(&url, token, longest).await,
            _ => pipeline.transport.send(request.method.clone(), url, token, request.body.as_ref()).await,
        };
        let span = Span::current();
        match &result {
            Ok(reply) => {
                span.record("status", reply.status.as_u16());
                if let Some(id) = reply.request_id() {
                    span.record("request_id", id);
                }
                notices.check_clock(sent, &reply.headers);
                tracing::debug!(bytes = reply.body.len(), "answered");
            }
            Err(error) => tracing::debug!(%error, "failed"),
        }
        result
    };
    result.instrument(span).await
}
