//! Deciding what to write: pure functions of what was observed and by which rules. No I/O, no clock.

mod combine;
mod creation;
mod document;
mod left;
mod lines;
mod lint;
mod mapping;
mod matching;
mod merge;
mod order;
mod oscillation;
mod price;
mod reference;
mod sample;

pub use creation::{Obstacle, Refusal, creation};
pub(crate) use left::{WHEN, meets};
pub(crate) use lint::together;
pub(crate) use mapping::{EXACT_KEY, NAME, SYNC_KEY};
pub use mapping::{Finding, Limits, Mapping, ResolvedRule, Severity};
pub(crate) use matching::contradict;
pub use matching::{Candidate, Decision, Situation, decide};
pub use merge::{FieldWrite, Merge, Question, Why, merge};
pub(crate) use oscillation::{UNDONE, WINDOW, may_oscillate, undone_before};
pub(crate) use price::deviations;
pub(crate) use reference::named;
pub use reference::{Missing, References};
pub use sample::Samples;
