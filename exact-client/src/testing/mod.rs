//! Proofs for what others implement: run these suites against your own store.

pub mod token_store;

pub use async_trait::async_trait;

/// Runs a future to its end on a runtime of its own, as the tests of a suite do.
///
/// # Panics
/// Where the system refuses to start threads.
#[expect(clippy::expect_used, reason = "a test without a runtime has nothing to say")]
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
        .block_on(future)
}
