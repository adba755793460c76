//! What HubSpot sends by itself: proof that it was HubSpot, hints to read records again, and the subscriptions.
//!
//! A webhook is never a source of truth: it comes late, twice, out of order or not at all. It says where to look.
//! Answer every request that verifies with 200 within five seconds, also where nothing in it is of interest: anything
//! else makes HubSpot send it again, up to ten times within a day.

mod event;
mod subscription;
mod verify;

pub use event::Hint;
#[cfg(all(any(test, fuzzing), feature = "pipedrive"))]
pub(super) use event::hints;
pub use subscription::{Repaired, Subscription};
pub use verify::Verifier;
