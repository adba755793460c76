//! Where new ids come from, so that a simulation can repeat itself.

use std::fmt::Debug;

use uuid::Uuid;

/// Gives ids that were never given before.
pub trait Ids: Debug + Send + Sync + 'static {
    /// The next one.
    fn next(&self) -> Uuid;
}

/// Random ids that sort by the time they were made.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemIds;

impl Ids for SystemIds {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
