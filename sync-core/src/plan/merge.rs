use std::fmt;

use crm_adapters::{Fields, Value};
use serde::{Deserialize, Serialize};

use super::left::left;
use super::{Mapping, Missing, Obstacle, References, ResolvedRule, lines, named};
use crate::flow::{IfEmpty, OnConflict, Owner, Side};
use crate::state::{Answer, BaseField, IssueKind, Link, Restored};

/// What a merge of one link comes to. With nothing in it, both sides agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merge {
    /// Fields to write to Exact.
    pub exact: Vec<FieldWrite>,
    /// Fields to write to the CRM.
    pub crm: Vec<FieldWrite>,
    /// Fields on which both sides agree now, by Exact's property name, where the base says something else.
    pub agreed: Vec<(String, BaseField)>,
    /// What a person must decide. The field stays as it is on both sides until then.
    pub questions: Vec<Question>,
    /// Records that are named and have no link yet. The fields that name them wait.
    pub waits: Vec<Missing>,
    /// The answers that are spent, because what they were given for is over.
    pub(crate) spent: Vec<&'static str>,
}

/// One field of one write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldWrite {
    /// The rule, by Exact's property name; empty for the sync key and for constants.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// The field that is written, in the words of its side.
    pub field: String,
    /// What is there now, and is lost by the write.
    #[serde(default, skip_serializing_if = "is_null")]
    pub from: Value,
    /// What is written.
    pub to: Value,
    /// What the other side holds.
    pub source: Value,
    /// The reason.
    pub why: Why,
}

fn is_null(value: &Value) -> bool {
    *value == Value::Null
}

/// Why a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// The record is new there.
    Created,
    /// It was empty when both were first tied together.
    Filled,
    /// The other side changed it.
    Changed,
    /// The other side owns it.
    Owner,
    /// Both changed it, and the rule says who wins.
    Conflict,
    /// A person decided.
    Answer,
    /// The key that ties the records together.
    Key,
    /// It is named by a hand-off for the first time.
    Promoted,
    /// A new record does not take it: it is written in an update, once the record is there.
    Afterwards,
    /// What a run wrote is taken back.
    Undone,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "new there",
            Self::Filled => "was empty",
            Self::Changed => "changed on the other side",
            Self::Owner => "the other side owns it",
            Self::Conflict => "changed on both sides; the rule decides",
            Self::Answer => "a person decided",
            Self::Key => "ties the records together",
            Self::Promoted => "named for the first time",
            Self::Afterwards => "new there, and written once the record is",
            Self::Undone => "taken back",
        })
    }
}

/// Something about one field that only a person can decide.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// The field, as Exact's property name.
    pub field: String,
    /// What sort of question.
    pub kind: IssueKind,
    /// The question and what to do.
    pub message: String,
    /// What Exact has.
    pub exact: Value,
    /// What the CRM has.
    pub crm: Value,
}

impl Merge {
    /// The fields to write to a side.
    #[must_use]
    pub fn writes(&self, side: Side) -> &[FieldWrite] {
        match side {
            Side::Exact => &self.exact,
            Side::Crm => &self.crm,
        }
    }

    /// Whether there is nothing to write, to ask or to wait for: the link is in agreement.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.exact.is_empty() && self.crm.is_empty() && self.questions.is_empty() && self.waits.is_empty()
    }

    /// Whether there is something to write or to ask about a field, by Exact's property name.
    pub(crate) fn concerns(&self, rule: &str) -> bool {
        self.exact.iter().chain(&self.crm).any(|write| write.rule == rule)
            || self.questions.iter().any(|question| question.field == rule)
            || self.waits.iter().any(|missing| missing.field == rule)
    }

    /// How many values would be cleared.
    #[must_use]
    pub fn clears(&self) -> u64 {
        self.exact.iter().chain(&self.crm).filter(|write| write.to.is_empty()).count() as u64
    }

    fn push(&mut self, side: Side, write: FieldWrite) {
        match side {
            Side::Exact => self.exact.push(write),
            Side::Crm => self.crm.push(write),
        }
    }
}

/// Compares both sides of a link with what they last agreed on, field by field.
///
/// Pure: the same arguments give the same answer. A field that a side did not deliver is left alone.
#[must_use]
pub fn merge(mapping: &Mapping, references: &References, link: &Link, exact: &Fields, crm: &Fields) -> Merge {
    let mut merge = Merge::default();
    let Mapping { order, rules, .. } = mapping;
    let bases = order.find(rules, Side::Exact, &link.base);
    let in_exact = order.find(rules, Side::Exact, exact);
    let in_crm = order.find(rules, Side::Crm, crm);
    for (resolved, ((exact, crm), base)) in rules.iter().zip(in_exact.into_iter().zip(in_crm).zip(bases)) {
        if let (Some(exact), Some(crm)) = (exact, crm) {
            let answer = link.answers.get(&resolved.rule.exact);
            Field { resolved, references, base, exact, crm }.merge(answer, &mut merge);
        }
    }
    if mapping.flow.hands_over() && mapping.flow.ask_when_left {
        left(mapping, link, crm, &mut merge);
    }
    if let Some(write) = key_write(mapping, link, crm) {
        merge.crm.push(write);
    }
    merge
}

/// The sync key, where the CRM's record does not carry it. A key of another division is left alone: one company of
/// the CRM may be a customer in several.
fn key_write(mapping: &Mapping, link: &Link, crm: &Fields) -> Option<FieldWrite> {
    let name = mapping.flow.sync_key.as_ref().filter(|_| !link.keyless)?;
    let exact = link.exact.as_ref()?;
    let from = crm.get(name)?;
    let stands = match from.as_text().and_then(|key| key.split_once(':')) {
        None => from.as_text().is_some(),
        Some((division, id)) => division.parse() != Ok(link.division.get()) || id == exact.as_str(),
    };
    (!stands).then(|| FieldWrite {
        rule: String::new(),
        field: name.clone(),
        from: from.clone(),
        to: Value::Text(Link::sync_key(link.division, exact)),
        source: Value::Null,
        why: Why::Key,
    })
}

/// One field of a link, as both sides hold it and as they last agreed.
#[derive(Clone, Copy)]
struct Field<'a> {
    resolved: &'a ResolvedRule,
    references: &'a References,
    base: Option<&'a BaseField>,
    exact: &'a Value,
    crm: &'a Value,
}

/// Which side's value is to stand on both.
enum Verdict {
    Leave,
    Wins(Side, Why),
    Review,
}

impl Field<'_> {
    fn merge(self, answer: Option<&Answer>, merge: &mut Merge) {
        if let Some(Answer::Restore { exact, crm }) = answer {
            return self.restore([(Side::Exact, exact.as_ref()), (Side::Crm, crm.as_ref())], merge);
        }
        if !self.resolved.rule.values.is_empty() {
            return self.moved(merge);
        }
        if self.references.same(&self.resolved.rule, self.exact, self.crm) {
            return self.agree(merge);
        }
        if self.resolved.owner() == Owner::Once {
            return self.handed_over(answer, merge);
        }
        match self.answered(answer) {
            Some(Answer::Value { value, .. }) => self.write_both(value, merge),
            Some(Answer::Take { side, .. }) => self.write(*side, Why::Answer, merge),
            Some(Answer::Skip { .. } | Answer::Restore { .. } | Answer::Retire { .. }) => {}
            None => match (self.verdict(), self.missing()) {
                (Verdict::Leave, _) => {}
                (_, Some(missing)) => merge.waits.push(missing),
                (Verdict::Wins(side, why), None) => self.write(side, why, merge),
                (Verdict::Review, None) => self.ask(
                    IssueKind::Conflict,
                    format!(
                        "{} differs: Exact has `{}`, the CRM has `{}`; say whose value counts",
                        self.resolved.rule.exact, self.exact, self.crm
                    ),
                    merge,
                ),
            },
        }
    }

    /// Puts back what a run wrote over, where that still stands there. Then both sides agree on what each of them holds.
    fn restore(self, undo: [(Side, Option<&Restored>); 2], merge: &mut Merge) {
        let same = |side: &Side, value: &Value| self.resolved.rule.compare.same(self.value(*side), value);
        let undo = undo.into_iter().filter_map(|(side, restored)| Some((side, restored?)));
        let open: Vec<_> = undo.filter(|(side, restored)| !same(side, &restored.back)).collect();
        let stands = |side, restored: &Restored| same(side, &restored.wrote);
        let edited = open.iter().find(|(side, restored)| restored.edited || !stands(side, restored));
        if let Some((side, restored)) = edited {
            let since = match stands(side, restored) {
                true => "a later run wrote over that edit, and it".to_owned(),
                false => format!("it was left at `{}` and", restored.wrote),
            };
            let message = format!(
                "{} in {side} was to become `{}` again, and has been edited since: {since} is `{}` now; say whose value counts, or skip",
                self.resolved.rule.field(*side),
                restored.back,
                self.value(*side)
            );
            return self.ask(IssueKind::Undo, message, merge);
        }
        if open.is_empty() {
            return self.agree(merge);
        }
        for (side, restored) in open {
            self.send(side, restored.back.clone(), Why::Undone, merge);
        }
    }

    /// What the CRM's field becomes when Exact's changes; nothing where its value is none of those that are told.
    fn moved(self, merge: &mut Merge) {
        let rule = &self.resolved.rule;
        if self.base.is_some_and(|base| rule.compare.same(&base.exact, self.exact)) {
            return;
        }
        match rule.moved_to(self.exact).map(Value::text) {
            Some(to) if !rule.compare.same(&to, self.crm) => self.send(Side::Crm, to, Why::Changed, merge),
            _ => self.agree(merge),
        }
    }

    /// A value that went to Exact when its record was created: asked about where the CRM's has changed since.
    fn handed_over(self, answer: Option<&Answer>, merge: &mut Merge) {
        let Some(base) = self.base else { return self.agree(merge) };
        if !self.changed(base, Side::Crm) {
            return;
        }
        match answer {
            Some(Answer::Skip { crm, .. }) if crm == self.crm => {}
            Some(Answer::Take { side: Side::Exact, crm, .. })
                if crm == self.crm && self.resolved.crm.writable =>
            {
                self.write(Side::Exact, Why::Answer, merge);
            }
            _ => {
                let message = format!(
                    "{} was handed over to Exact as `{}` and is now `{}` in the CRM; Exact keeps `{}`: change it there if it is to follow, then skip to take note",
                    self.resolved.rule.crm, base.crm, self.crm, self.exact
                );
                let kind = match self.resolved.crm.writable {
                    true => IssueKind::HandedOff,
                    false => IssueKind::Departed,
                };
                self.ask(kind, message, merge);
            }
        }
    }

    fn value(&self, side: Side) -> &Value {
        match side {
            Side::Exact => self.exact,
            Side::Crm => self.crm,
        }
    }

    /// A record that either side names and that has no link: what is the same then cannot be told. What one side alone
    /// has changed takes the place of what the other one named before, whatever became of that.
    fn missing(&self) -> Option<Missing> {
        let replaced = |side: Side| {
            self.base.is_some_and(|base| !self.changed(base, side) && self.changed(base, side.other()))
        };
        let missing = |side| match self.references.carry(&self.resolved.rule, side, self.value(side)) {
            Err(Obstacle::Waits(missing)) if !replaced(side) => Some(missing),
            _ => None,
        };
        missing(Side::Exact).or_else(|| missing(Side::Crm))
    }

    fn agree(self, merge: &mut Merge) {
        let agreed = self.base.is_some_and(|base| base.exact == *self.exact && base.crm == *self.crm);
        if !agreed {
            let base = BaseField { exact: self.exact.clone(), crm: self.crm.clone() };
            merge.agreed.push((self.resolved.rule.exact.clone(), base));
        }
    }

    /// An answer counts only for the values that it was given for, or that it brought about itself.
    fn answered(self, answer: Option<&Answer>) -> Option<&Answer> {
        answer.filter(|answer| match answer {
            Answer::Value { value, exact, crm } => {
                let rule = &self.resolved.rule;
                (exact == self.exact || rule.compare.same(value, self.exact))
                    && (crm == self.crm || self.references.same(rule, value, self.crm))
            }
            Answer::Take { exact, crm, .. } | Answer::Skip { exact, crm } => {
                exact == self.exact && crm == self.crm
            }
            Answer::Restore { .. } | Answer::Retire { .. } => false,
        })
    }

    fn verdict(self) -> Verdict {
        let Some(base) = self.base else { return self.first_sight() };
        let owner = self.resolved.owner();
        match (self.changed(base, Side::Exact), self.changed(base, Side::Crm)) {
            (false, false) => Verdict::Leave,
            (true, true) => self.contested(owner),
            (exact, _) => {
                let changed = if exact { Side::Exact } else { Side::Crm };
                match owner.side() {
                    Some(side) if side != changed => Verdict::Wins(side, Why::Owner),
                    _ => Verdict::Wins(changed, Why::Changed),
                }
            }
        }
    }

    /// No base yet: an empty side is filled, whoever owns the field. One that cannot be, such as a figure, and that is to
    /// empty the other one when it is empty itself, does so from the beginning.
    fn first_sight(self) -> Verdict {
        let clears = self.resolved.rule.if_empty == IfEmpty::Clear;
        let fill = |from: Side| match self.resolved.limits(from.other()).writable {
            true => Verdict::Wins(from, Why::Filled),
            false if clears => Verdict::Wins(from.other(), Why::Owner),
            false => Verdict::Leave,
        };
        match (self.exact.is_empty(), self.crm.is_empty()) {
            (false, true) => fill(Side::Exact),
            (true, false) => fill(Side::Crm),
            _ => self.contested(self.resolved.owner()),
        }
    }

    fn contested(self, owner: Owner) -> Verdict {
        match (owner.side(), self.resolved.rule.on_conflict) {
            (Some(side), _) => Verdict::Wins(side, Why::Owner),
            (None, OnConflict::Exact) => Verdict::Wins(Side::Exact, Why::Conflict),
            (None, OnConflict::Crm) => Verdict::Wins(Side::Crm, Why::Conflict),
            (None, OnConflict::Review) => Verdict::Review,
        }
    }

    /// Whether a side has changed since both agreed. Under `keep` an empty value is no opinion, so no change.
    fn changed(self, base: &BaseField, side: Side) -> bool {
        let value = self.value(side);
        let silent = value.is_empty() && self.resolved.rule.if_empty == IfEmpty::Keep;
        let rule = &self.resolved.rule;
        let base = base.on(side);
        let same = match (rule.lines.is_empty(), rule.via.is_some()) {
            (false, _) => lines::same(rule, value, base),
            // Of several records the first one counts.
            (true, true) => named(value) == named(base),
            (true, false) => rule.compare.same(value, base),
        };
        !silent && !same
    }

    /// Writes the value of the side that wins to the other one, by the rule for empty values.
    fn write(self, winner: Side, why: Why, merge: &mut Merge) {
        let target = winner.other();
        let value = self.value(winner);
        let to = match (&self.resolved.rule.if_empty, value.is_empty()) {
            (_, false) => match self.references.carry(&self.resolved.rule, winner, value) {
                Ok(carried) => carried.into_owned(),
                Err(Obstacle::Waits(missing)) => return merge.waits.push(missing),
                Err(Obstacle::Refused(refusal)) => return self.ask(refusal.kind, refusal.message, merge),
                Err(Obstacle::Alone) => return,
            },
            (IfEmpty::Keep, true) => return,
            (IfEmpty::Clear, true) => Value::Null,
            (IfEmpty::Default(text), true) => Value::text(text),
            (IfEmpty::Stop, true) => {
                let message = format!(
                    "{} is empty in {winner}, and the rule says to stop; fill it in, or answer with a value",
                    self.resolved.rule.field(winner)
                );
                return self.ask(IssueKind::Empty, message, merge);
            }
        };
        self.send(target, to, why, merge);
    }

    fn write_both(self, value: &Value, merge: &mut Merge) {
        self.send(Side::Exact, value.clone(), Why::Answer, merge);
        match self.resolved.rule.transformed(Side::Exact, value) {
            Ok(to) => self.send(Side::Crm, to, Why::Answer, merge),
            Err(why) => self.ask(IssueKind::Rejected, format!("the answer: {why}"), merge),
        }
    }

    fn send(self, target: Side, to: Value, why: Why, merge: &mut Merge) {
        let limits = self.resolved.limits(target);
        let field = self.resolved.rule.field(target);
        if !limits.writable || self.resolved.rule.compare.same(&to, self.value(target)) {
            return;
        }
        if let Some(reason) = limits.refuses(&to) {
            return self.ask(IssueKind::Rejected, format!("{field} in {target}: {reason}"), merge);
        }
        let (from, source) = (self.value(target).clone(), self.value(target.other()).clone());
        merge.push(
            target,
            FieldWrite {
                rule: self.resolved.rule.exact.clone(),
                field: field.to_owned(),
                from,
                to,
                source,
                why,
            },
        );
    }

    fn ask(self, kind: IssueKind, message: String, merge: &mut Merge) {
        merge.questions.push(Question {
            field: self.resolved.rule.exact.clone(),
            kind,
            message,
            exact: self.exact.clone(),
            crm: self.crm.clone(),
        });
    }
}

#[cfg(test)]
mod tests;
