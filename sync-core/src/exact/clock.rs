use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// The clock of the adapters as the clock of the client, so that one program has one time.
#[derive(Clone, Debug)]
pub struct ExactClock(Arc<dyn crm_adapters::Clock>);

impl ExactClock {
    /// Over this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn crm_adapters::Clock>) -> Self {
        Self(clock)
    }
}

#[async_trait]
impl exact_client::Clock for ExactClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}
