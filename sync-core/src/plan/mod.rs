//! Deciding what to write: pure functions of what was observed and by which rules. No I/O, no clock.

mod creation;
mod mapping;
mod matching;
mod merge;

pub use creation::{Refusal, creation};
pub use mapping::{Finding, Limits, Mapping, ResolvedRule, Severity};
pub use matching::{Decision, Situation, decide};
pub use merge::{FieldWrite, Merge, Question, Why, merge};
