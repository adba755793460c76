//! Commits that go on, whether or not their callers still wait for them.

use tokio::sync::watch;
use uuid::Uuid;

/// The batches of the commits under way on a store.
#[derive(Clone, Default)]
pub(super) struct UnderWay(watch::Sender<Vec<Uuid>>);

/// A commit under way, until it is dropped.
pub(super) struct Begun {
    batch: Uuid,
    all: UnderWay,
}

impl UnderWay {
    pub(super) fn begin(&self, batch: Uuid) -> Begun {
        self.0.send_modify(|all| all.push(batch));
        Begun { batch, all: self.clone() }
    }

    /// Waits until no commit of a batch is under way.
    pub(super) fn ended(&self, batch: Uuid) -> impl Future<Output = ()> + Send + use<> {
        let mut all = self.0.subscribe();
        // It fails where nothing is left that could be under way.
        async move { drop(all.wait_for(|all| !all.contains(&batch)).await) }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.all.0.send_modify(|all| {
            if let Some(at) = all.iter().position(|batch| *batch == self.batch) {
                all.swap_remove(at);
            }
        });
    }
}
