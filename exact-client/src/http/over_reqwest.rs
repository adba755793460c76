//! The default transport.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};
use tokio::time::timeout;

use super::transport::{BodyStream, HttpTransport, Outgoing, TransportError};
use crate::error::{Error, Result};

/// How long a connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(20);

/// Requests over reqwest. Never follows a redirect, never repeats anything.
///
/// Its connections and the certificates that they trust take about 100 KiB of memory: where a process serves many
/// customers, give one to all of their clients by [`ClientBuilder::transport`](crate::ClientBuilder::transport). Use it in
/// one runtime: connections end with the one that opened them. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct OverReqwest(reqwest::Client);

impl OverReqwest {
    /// Prepares the connections, and opens none. Each may take so long to come about.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) where the system's certificates cannot be read.
    pub fn new(connect_timeout: Duration) -> Result<Self> {
        reqwest::Client::builder()
            .user_agent(concat!("exact-client/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(connect_timeout)
            // A write on a connection that the server is just closing has an unknown outcome: use young ones only.
            .pool_idle_timeout(IDLE)
            .build()
            .map(Self)
            .map_err(|error| Error::config("the HTTP client cannot be built").with_source(error))
    }
}

#[async_trait]
impl HttpTransport for OverReqwest {
    async fn send(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, TransportError> {
        let mut request = reqwest::Request::try_from(outgoing.request).map_err(failed)?;
        *request.timeout_mut() = Some(outgoing.timeout);
        let mut response = self.0.execute(request).await.map_err(failed)?;
        let body = read(&mut response, outgoing.max_body).await?;
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    async fn stream(&self, outgoing: Outgoing) -> Result<http::Response<BodyStream>, TransportError> {
        let request = reqwest::Request::try_from(outgoing.request).map_err(failed)?;
        let asked = timeout(outgoing.timeout, self.0.execute(request)).await;
        let mut response = asked.map_err(late)?.map_err(failed)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut answer = http::Response::new(pieces(response, outgoing.timeout));
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

/// The body as it comes; the patience is for each piece.
fn pieces(response: reqwest::Response, patience: Duration) -> BodyStream {
    stream::try_unfold(response, move |mut response| async move {
        let piece = timeout(patience, response.chunk()).await.map_err(late)?.map_err(failed)?;
        Ok(piece.map(|piece| (piece, response)))
    })
    .boxed()
}

fn late(elapsed: tokio::time::error::Elapsed) -> TransportError {
    TransportError::Timeout(elapsed.into())
}

/// Reads the body piece by piece, so that an endless one costs a bounded amount of memory.
async fn read(response: &mut reqwest::Response, max_body: usize) -> Result<Bytes, TransportError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > max_body {
            return Err(TransportError::TooLong(response.status()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Only a connection that never came about proves that nothing was sent.
fn failed(error: reqwest::Error) -> TransportError {
    let (connect, timeout) = (error.is_connect() || error.is_builder(), error.is_timeout());
    let source = error.without_url().into();
    match (connect, timeout) {
        (true, _) => TransportError::NotSent(source),
        (_, true) => TransportError::Timeout(source),
        _ => TransportError::Broken(source),
    }
}
