//! What a change does to one property.

/// What an update does to one property: three things that must not be mixed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are exactly three things an update can do")]
pub enum Patch<T> {
    /// Leaves it as it is; the property is not sent.
    #[default]
    Keep,
    /// Empties it; `null` is sent.
    Clear,
    /// Sets it.
    Set(T),
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}
