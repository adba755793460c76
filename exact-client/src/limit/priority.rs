//! Whose calls go first, and what is kept for them.

/// Whose calls go first in a division.
///
/// An interactive call goes before bulk calls that wait. Of five calls that leave while both kinds wait, one is a bulk
/// call all the same, so that no bulk job stands still for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "either somebody waits for the answer or nobody does")]
pub enum Priority {
    /// Work that nobody is waiting for at this moment.
    #[default]
    Bulk,
    /// A person or a webhook is waiting for the answer.
    Interactive,
}

/// How many calls bulk work leaves to interactive work, in every division.
///
/// Without a reserve, bulk work uses up a minute in its first seconds, and an interactive call then waits for the next
/// one. At most half of a limit is kept, so that bulk work always goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "there are two limits")]
pub struct Reserve {
    /// Of each clock minute.
    pub minute: u64,
    /// Of each UTC day.
    pub day: u64,
}

impl Reserve {
    /// What a call of that priority must leave of these limits.
    pub(super) fn kept_from(self, priority: Priority, minute_limit: u64, day_limit: u64) -> Self {
        match priority {
            Priority::Interactive => Self::default(),
            Priority::Bulk => {
                Self { minute: self.minute.min(minute_limit / 2), day: self.day.min(day_limit / 2) }
            }
        }
    }
}
