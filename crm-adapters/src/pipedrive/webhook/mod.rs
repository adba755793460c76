//! What Pipedrive sends by itself: proof that it may, hints to read records again, and the subscription.
//!
//! A webhook is never a source of truth: it comes late, twice, out of order or not at all. It says where to look.
//! Answer every request that verifies with 200 within ten seconds and work afterwards: ten first attempts without that
//! ban the subscription for half an hour, in which events are lost, and three days without a success delete it. So
//! [repair](crate::pipedrive::Pipedrive::repair_webhook) it regularly, and read the feed on from its cursor whatever
//! the webhooks say.
//!
//! See Pipedrive's [guide for webhooks](https://pipedrive.readme.io/docs/guide-for-webhooks-v2).

mod event;
mod subscription;
mod verify;

pub use event::{Hint, hint};
pub use subscription::{Repaired, Subscription};
pub use verify::Verifier;
