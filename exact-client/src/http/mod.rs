//! The one way to Exact: retry → budget → bearer → trace → transport → decode, each stage in its own file.

mod answer;
mod bearer;
mod budget;
mod over_reqwest;
mod request;
mod retry;
mod trace;
mod transport;

pub(crate) use answer::bounded_text;
pub use over_reqwest::OverReqwest;
pub(crate) use request::{Body, Request, Target};
pub use transport::{BodyStream, HttpTransport, Outgoing, TransportError};
pub(crate) use transport::{Content, Reply, Transport, TransportSettings, broken, date};

use std::sync::Arc;

use crate::auth::Session;
use crate::clock::Clock;
use crate::error::Result;
use crate::limit::{Budget, Priority};

/// The stages and what they need. Clones share everything but the priority.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) transport: Arc<Transport>,
    pub(crate) session: Arc<Session>,
    pub(crate) budget: Arc<Budget>,
    /// Whose calls these are: those of people, or of bulk work.
    pub(crate) priority: Priority,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) backoff: Arc<Backoff>,
}

pub(crate) use retry::Backoff;

impl Pipeline {
    /// The same one for calls of another priority.
    pub(crate) fn with_priority(&self, priority: Priority) -> Arc<Self> {
        Arc::new(Self { priority, ..self.clone() })
    }

    /// Sends a request through all stages. The reply is a success.
    pub(crate) async fn send(&self, request: &Request) -> Result<Reply> {
        let division = request.division();
        match retry::send(self, request).await {
            Ok(reply) => {
                self.session.notices().answered(division);
                Ok(reply)
            }
            Err(error) => {
                self.session.notices().refused(&error, division);
                Err(request.locate(error))
            }
        }
    }
}
