//! Limits as they are given from outside: `"vendor"`, `"off"`, or numbers.

use serde::{Deserialize, Deserializer};

/// A vendor's limits, of which two sets have a name.
pub(crate) trait NamedLimits: Sized {
    /// The vendor's own numbers.
    fn vendor() -> Self;
    /// Numbers that nobody reaches.
    fn off() -> Self;
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form<L> {
    Word(Word),
    Numbers(L),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Vendor,
    On,
    Off,
}

/// For `#[serde(deserialize_with = …)]` on a field that holds limits.
pub(crate) fn read<'de, D: Deserializer<'de>, L: NamedLimits + Deserialize<'de>>(
    deserializer: D,
) -> Result<L, D::Error> {
    Ok(match Form::<L>::deserialize(deserializer)? {
        Form::Word(Word::Vendor | Word::On) => L::vendor(),
        Form::Word(Word::Off) => L::off(),
        Form::Numbers(limits) => limits,
    })
}
