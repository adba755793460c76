//! What an engine tells while it works.

use std::fmt::Debug;
use std::time::Duration;

use crm_adapters::RecordId;

use crate::flow::{Division, Side};
use crate::plan::FieldWrite;

/// One thing that just happened. Libraries tell; showing it is the host's.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A page of a side was read and stored.
    Observed {
        /// The flow.
        flow: &'a str,
        /// The side.
        side: Side,
        /// How many of its records were new or changed.
        changed: usize,
    },
    /// A pass knows about how much there is to write.
    Planned {
        /// The flow.
        flow: &'a str,
        /// The division.
        division: Division,
        /// How many writes. Where no brake could stop them, records that are not in agreement are counted instead:
        /// some of them need no write, and some need two.
        writes: u64,
    },
    /// A write is stored and settled.
    Written {
        /// The flow.
        flow: &'a str,
        /// The division.
        division: Division,
        /// The side that was written to.
        side: Side,
        /// `create`, `found`, `adopt` or `update`.
        action: &'a str,
        /// The record on that side.
        record: &'a RecordId,
        /// What was written and why.
        fields: &'a [FieldWrite],
    },
    /// Nothing can be done for a while.
    Waiting {
        /// How long.
        wait: Duration,
        /// For what.
        why: &'a str,
    },
}

/// Hears what an engine does, at once. Called from within the run: it must not block.
pub trait Observer: Debug + Send + Sync + 'static {
    /// Takes note of an event.
    fn on(&self, event: &Event<'_>);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deaf;

impl Observer for Deaf {
    fn on(&self, _event: &Event<'_>) {}
}
