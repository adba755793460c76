//! The one way to Exact: retry → budget → bearer → trace → transport → decode, each stage in its own file.

mod answer;
mod bearer;
mod budget;
mod request;
mod retry;
mod trace;
mod transport;

pub(crate) use answer::bounded_text;
pub(crate) use request::{Body, Request, Target};
pub(crate) use transport::{Reply, Transport, TransportSettings};

use std::sync::Arc;

use crate::auth::Session;
use crate::clock::Clock;
use crate::error::Result;
use crate::limit::Budget;

/// The stages and what they need.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) transport: Arc<Transport>,
    pub(crate) session: Arc<Session>,
    pub(crate) budget: Budget,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) backoff: retry::Backoff,
}

pub(crate) use retry::Backoff;

impl Pipeline {
    /// Sends a request through all stages. The reply is a success.
    pub(crate) async fn send(&self, request: &Request) -> Result<Reply> {
        retry::send(self, request).await.map_err(|error| request.locate(error))
    }
}
