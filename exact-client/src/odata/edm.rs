//! The types of Exact's properties.

/// The type of a property, as Exact's metadata names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Edm {
    /// `Edm.String`.
    Text,
    /// `Edm.Guid`.
    Guid,
    /// `Edm.Boolean`.
    Boolean,
    /// `Edm.Byte`, often used for yes and no.
    Byte,
    /// `Edm.Int16`.
    Int16,
    /// `Edm.Int32`.
    Int32,
    /// `Edm.Int64`, which arrives as text.
    Int64,
    /// `Edm.Double`: every number with a fraction, amounts included.
    Double,
    /// `Edm.DateTime` that holds a calendar day.
    Date,
    /// `Edm.DateTime` that holds a moment, as Amsterdam's wall clock shows it.
    Moment,
    /// `Edm.Binary`: bytes as base64 text.
    Binary,
    /// The lines of a record, themselves records. Read only where they are asked for; created together with it.
    Lines,
}

impl Edm {
    /// The name in Exact's metadata.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "Edm.String",
            Self::Guid => "Edm.Guid",
            Self::Boolean => "Edm.Boolean",
            Self::Byte => "Edm.Byte",
            Self::Int16 => "Edm.Int16",
            Self::Int32 => "Edm.Int32",
            Self::Int64 => "Edm.Int64",
            Self::Double => "Edm.Double",
            Self::Date | Self::Moment => "Edm.DateTime",
            Self::Binary => "Edm.Binary",
            Self::Lines => "a collection",
        }
    }
}
