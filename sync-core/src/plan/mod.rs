//! Deciding what to write: pure functions of what was observed and by which rules. No I/O, no clock.

mod creation;
mod document;
mod mapping;
mod matching;
mod merge;

pub use creation::{Refusal, creation};
pub use mapping::{Finding, Limits, Mapping, ResolvedRule, Severity};
pub(crate) use mapping::{NAME, SYNC_KEY};
pub(crate) use matching::contradict;
pub use matching::{Candidate, Decision, Situation, decide};
pub use merge::{FieldWrite, Merge, Question, Why, merge};
