//! One test per habit.
