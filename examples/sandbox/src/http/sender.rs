//! Sends by itself what a vendor has to tell.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::door::{Door, Vendor};

/// How often a running program looks for what is due.
const INTERVAL: Duration = Duration::from_millis(200);

/// Sends what is due, again and again, until it is dropped.
#[derive(Debug)]
pub(crate) struct Sender(JoinHandle<()>);

impl Sender {
    pub(crate) fn start<V, F, D>(door: &Arc<Door<V>>, deliver: D) -> Self
    where
        V: Vendor,
        F: Future<Output = usize> + Send,
        D: Fn(Arc<Door<V>>) -> F + Send + 'static,
    {
        let door = Arc::clone(door);
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(INTERVAL).await;
                deliver(Arc::clone(&door)).await;
            }
        }))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.abort();
    }
}
