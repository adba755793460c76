use std::borrow::Cow;
use std::collections::BTreeMap;

use crm_adapters::Value;
use serde::{Deserialize, Serialize};

use super::transform::ENTRIES;
#[cfg(feature = "schema")]
use super::transform::STEPS;
use super::{Combine, Condition, Joined, Side, Transform};
use crate::identity;

/// Whose value counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "every way in which a value can count with two sides")]
pub enum Owner {
    /// Exact's. An edit in the CRM is set back, and kept in the audit.
    Exact,
    /// The CRM's. An edit in Exact is set back, and kept in the audit.
    Crm,
    /// Both: the side that changed since they last agreed.
    #[default]
    Both,
    /// The CRM's, once: it goes into the record that is created in Exact. Nothing is written to Exact afterwards; where
    /// the CRM's value changes, a person is asked.
    Once,
}

impl Owner {
    /// The one side that owns the field.
    #[must_use]
    pub fn side(self) -> Option<Side> {
        match self {
            Self::Exact => Some(Side::Exact),
            Self::Crm => Some(Side::Crm),
            Self::Both | Self::Once => None,
        }
    }
}

/// Who wins where both sides own a field and both changed it to different values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "all there is with two sides")]
pub enum OnConflict {
    /// Exact; the other value is kept in the audit.
    Exact,
    /// The CRM; the other value is kept in the audit.
    Crm,
    /// A person decides; until then this field, and only this one, stays as it is.
    #[default]
    Review,
}

/// What happens where the value that counts is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the rules that a mapping document explains")]
pub enum IfEmpty {
    /// The other side keeps what it has: an empty value is no opinion.
    #[default]
    Keep,
    /// The other side is emptied too. Counts towards the brake on clears.
    Clear,
    /// A person decides.
    Stop,
    /// The other side gets this value.
    Default(String),
}

/// What happens to a value that names a record of another flow which has no link yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "waited for or not")]
pub enum IfUnlinked {
    /// The record waits for it, and after a day a person is asked.
    #[default]
    Wait,
    /// A new record is created without it, unless the other one is just being created.
    LeaveOut,
}

/// When two values count as the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Compare {
    /// Equal after trimming.
    #[default]
    Text,
    /// As text; and the field is the record's name.
    Name,
    /// As company numbers: digits only.
    CompanyNumber,
    /// As VAT numbers: letters and digits only, upper case.
    VatNumber,
    /// As e-mail addresses: lower case.
    Email,
}

impl Compare {
    /// The form in which values are compared. Applying it twice changes nothing.
    #[must_use]
    pub fn canon(self, value: &Value) -> Cow<'_, Value> {
        let Value::Text(text) = value else {
            return if value.is_empty() { Cow::Owned(Value::Null) } else { Cow::Borrowed(value) };
        };
        match self {
            Self::Text | Self::Name => trimmed(value, text),
            Self::CompanyNumber => Cow::Owned(Value::text(identity::company_number(text))),
            Self::VatNumber => Cow::Owned(Value::text(identity::vat_number(text))),
            Self::Email => Cow::Owned(Value::text(text.trim().to_lowercase())),
        }
    }

    /// Whether two values count as the same.
    #[must_use]
    pub fn same(self, one: &Value, other: &Value) -> bool {
        one == other || self.canon(one) == self.canon(other)
    }
}

fn trimmed<'a>(value: &'a Value, text: &str) -> Cow<'a, Value> {
    let clean = text.trim();
    if clean.is_empty() || clean.len() != text.len() {
        Cow::Owned(Value::text(clean))
    } else {
        Cow::Borrowed(value)
    }
}

/// How one pair of fields is kept in agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldRule {
    /// Exact's property; or several that are one field to the mapping, such as
    /// `name:FirstName + MiddleName + LastName`, `surname:MiddleName + LastName` or `street:… + …`.
    pub exact: String,
    /// The CRM's property, or `custom:Label`; or several, as with Exact.
    pub crm: String,
    /// Whose value counts.
    pub owner: Owner,
    /// Who wins where both changed it.
    pub on_conflict: OnConflict,
    /// What an empty value means.
    pub if_empty: IfEmpty,
    /// When two values are the same.
    pub compare: Compare,
    /// Whether the flow works without this field where a side lacks it: a preset's own field that nobody named.
    pub optional: bool,
    /// Whether a config names the field, so that there is somebody to tell what may be lost on the way.
    pub named: bool,
    /// The flow whose records the values name: each side then holds its own id of one linked record.
    pub via: Option<String>,
    /// What happens where the record that it names has no link yet.
    pub if_unlinked: IfUnlinked,
    /// Of a field of lines: how each line of the CRM becomes one of Exact.
    pub lines: Vec<FieldRule>,
    /// Of a field of lines: which lines of the CRM count; the others are as if they were not there.
    pub lines_counted: Option<Condition>,
    /// Of a field of lines: what holds for every line that has a counterpart in Exact.
    pub lines_fit: Vec<Fit>,
    /// Of a part of a line: what one of the CRM's numbers is in Exact.
    pub scale: Scale,
    /// What the CRM's field becomes when Exact's gets one of these values, such as a stage; the others say nothing. What
    /// people then make of it in the CRM stays.
    pub values: BTreeMap<String, String>,
    /// What Exact's value is in the CRM, step by step.
    pub transform: Vec<Transform>,
    /// What counts of a field that Exact owns, where one record of the CRM is one in several divisions.
    pub combine: Combine,
}

/// What must hold for what goes to Exact, and what a person is told where it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a plain pair")]
pub struct Fit {
    /// A question about the record, or the line, in the CRM's words.
    pub holds: Condition,
    /// What is wrong otherwise, and what to do.
    pub otherwise: String,
}

/// What a number of the CRM is in Exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scale {
    /// The same.
    #[default]
    One,
    /// A percentage, which Exact keeps as a share: 10 is 0.1.
    Percent,
}

impl FieldRule {
    /// A rule owned by both sides, reviewed on conflict.
    pub fn new(exact: impl Into<String>, crm: impl Into<String>) -> Self {
        Self {
            exact: exact.into(),
            crm: crm.into(),
            owner: Owner::default(),
            on_conflict: OnConflict::default(),
            if_empty: IfEmpty::default(),
            compare: Compare::default(),
            optional: false,
            named: false,
            via: None,
            if_unlinked: IfUnlinked::Wait,
            lines: Vec::new(),
            lines_counted: None,
            lines_fit: Vec::new(),
            scale: Scale::One,
            values: BTreeMap::new(),
            transform: Vec::new(),
            combine: Combine::First,
        }
    }

    /// What the CRM's field becomes with a value of Exact.
    pub(crate) fn moved_to(&self, exact: &Value) -> Option<&str> {
        let exact = exact.to_string();
        let told = self.values.iter().find(|(value, _)| value.eq_ignore_ascii_case(&exact));
        told.map(|(_, to)| to.as_str())
    }

    /// Makes its values name records of another flow. A record that has no link yet in the same division is waited for.
    #[must_use]
    pub fn via(mut self, flow: impl Into<String>) -> Self {
        self.via = Some(flow.into());
        self
    }

    pub(super) fn added(exact: &str, change: RuleChange) -> Result<Self, String> {
        let Some(crm) = change.crm.clone() else {
            return Err(format!("{exact} is not in the preset; add `crm` with the CRM's property name"));
        };
        let mut rule = Self::new(exact, crm);
        rule.apply(change);
        Ok(rule)
    }

    pub(super) fn apply(&mut self, change: RuleChange) {
        self.optional = false;
        self.named = true;
        if let Some(crm) = change.crm {
            self.crm = crm;
        }
        if let Some(values) = change.values {
            self.values = values;
            self.owner = Owner::Exact;
        }
        if let Some(transform) = change.transform {
            self.transform = transform;
        }
        if let Some(via) = change.via {
            self.via = Some(via);
        }
        if let Some(if_unlinked) = change.if_unlinked {
            self.if_unlinked = if_unlinked;
        }
        if let Some(combine) = change.combine {
            self.combine = combine;
        }
        if let Some(owner) = change.owner {
            self.owner = owner;
        }
        if let Some(on_conflict) = change.on_conflict {
            self.on_conflict = on_conflict;
        }
        if let Some(if_empty) = change.if_empty {
            self.if_empty = if_empty;
        }
    }

    /// The field's name on a side.
    #[must_use]
    pub fn field(&self, side: Side) -> &str {
        match side {
            Side::Exact => &self.exact,
            Side::Crm => &self.crm,
        }
    }

    /// The fields of a side that it reads and writes: one, or the parts of one that is made of several.
    pub(crate) fn parts(&self, side: Side) -> Vec<String> {
        Self::parts_of(self.field(side))
    }

    pub(crate) fn parts_of(field: &str) -> Vec<String> {
        Joined::parse(field).map_or_else(|| vec![field.to_owned()], |joined| joined.parts().to_vec())
    }

    /// A field that belongs to both rules, where one of them has it as a part.
    pub(super) fn shared_part(&self, other: &Self) -> Option<String> {
        let shared = |side| {
            let others = other.parts(side);
            self.parts(side).into_iter().find(|part| others.contains(part))
        };
        [Side::Exact, Side::Crm].into_iter().find_map(shared)
    }

    pub(super) fn validate(&self) -> Result<(), String> {
        self.validate_transform()?;
        let mistakes = [&self.exact, &self.crm].into_iter().find_map(|name| Joined::mistake(name));
        if let Some(mistake) = mistakes {
            return Err(mistake);
        }
        if self.values.len() > ENTRIES {
            return Err(format!(
                "{}: {} values; at most {ENTRIES} are possible",
                self.exact,
                self.values.len()
            ));
        }
        if !self.values.is_empty() && self.owner != Owner::Exact {
            return Err(format!("{}: values go from Exact to the CRM; leave `owner` out", self.exact));
        }
        match &self.if_empty {
            IfEmpty::Default(value) if value.trim().is_empty() => {
                Err(format!("{}: if_empty has an empty default; say `keep` or `clear`", self.exact))
            }
            _ => Ok(()),
        }
    }
}

/// What a config says of one field; what it leaves out stays as the preset has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "plain configuration")]
pub struct RuleChange {
    /// The CRM's property, or `custom:Label`; or several that are one field to the mapping:
    /// `name:firstname + lastname`, `street:custom:Street + custom:Number`.
    pub crm: Option<String>,
    /// Whose value counts.
    pub owner: Option<Owner>,
    /// Who wins where both changed it.
    pub on_conflict: Option<OnConflict>,
    /// What an empty value means.
    pub if_empty: Option<IfEmpty>,
    /// What the CRM's field becomes with each of Exact's values, such as a stage; others leave it as it is.
    #[cfg_attr(feature = "schema", schemars(extend("maxProperties" = ENTRIES)))]
    pub values: Option<BTreeMap<String, String>>,
    /// What Exact's value is in the CRM, step by step; back to Exact the steps are undone, the last one first.
    #[cfg_attr(feature = "schema", schemars(length(max = STEPS)))]
    pub transform: Option<Vec<Transform>>,
    /// Where the values name records of another flow: its name. Each side then holds its own id of one linked record.
    pub via: Option<String>,
    /// Where they do: what happens while the record has no link.
    pub if_unlinked: Option<IfUnlinked>,
    /// Of a field that Exact owns: what the CRM shows of a customer of several divisions. Default: the first one's value.
    pub combine: Option<Combine>,
}
