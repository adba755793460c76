use crm_adapters::{Fields, RecordId};

use super::Mapping;
use super::mapping::identity_value;
use crate::flow::{Compare, ExactKey, Side, WithoutIdentity};
use crate::state::LinkState;

/// A record that is not linked yet, and everything on both sides that could be the same.
#[derive(Debug)]
#[non_exhaustive]
pub struct Situation<'a> {
    /// The side the record stands on.
    pub side: Side,
    /// The record.
    pub record: &'a Candidate<'a>,
    /// Others of its own side that share an identity value with it.
    pub twins: Vec<Candidate<'a>>,
    /// Records of the other side that share an identity value with it.
    pub candidates: Vec<Candidate<'a>>,
    /// Of each candidate, all records of the record's side that share an identity value with that candidate.
    pub rivals: Vec<Vec<Candidate<'a>>>,
    /// Records of the other side with an equal name.
    pub namesakes: Vec<&'a RecordId>,
    /// Whether the flow may create it there.
    pub creatable: bool,
    /// A person said to create it all the same.
    pub insisted: bool,
}

/// One record that takes part in a decision.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// Its id.
    pub id: &'a RecordId,
    /// Its fields.
    pub fields: &'a Fields,
    /// How its link of this division stands, where it has one already.
    pub link: Option<LinkState>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(id: &'a RecordId, fields: &'a Fields, link: Option<LinkState>) -> Self {
        Self { id, fields, link }
    }
}

/// What becomes of a record that is not linked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It is the same as this record of the other side.
    Link(RecordId),
    /// Nothing on the other side is the same: create it there.
    Create,
    /// Nothing is the same, and it is not to be created.
    Leave,
    /// A question that others raise already; it waits for their answer.
    Wait,
    /// A person must decide, for this reason.
    Ask(String),
}

/// Decides by identity values alone; a name never links, it only holds back a create.
#[must_use]
pub fn decide(mapping: &Mapping, situation: &Situation<'_>) -> Decision {
    let Situation { side, record, twins, candidates, rivals, .. } = situation;
    let same =
        |other: &&Candidate<'_>, of: Side| !contradict(mapping, record.fields, *side, other.fields, of);
    let twins: Vec<_> = twins.iter().filter(|twin| same(twin, *side)).collect();
    let matches: Vec<_> = candidates.iter().zip(rivals).filter(|(c, _)| same(c, side.other())).collect();
    if situation.insisted {
        return Decision::Create;
    }
    if let Some(twin) = twins.first() {
        let others = twins.len() + 1;
        return Decision::Ask(format!(
            "{others} records in {side} share an identity value, {} and {}; link one by hand, or mend the number",
            record.id, twin.id
        ));
    }
    match matches.as_slice() {
        [] => without_match(mapping, situation),
        [(candidate, rivals)] => {
            let rival = rivals.iter().find(|rival| {
                rival.id != record.id
                    && !contradict(mapping, rival.fields, *side, candidate.fields, side.other())
            });
            match rival {
                _ if candidate.link.is_some() => Decision::Ask(taken(candidate, side.other())),
                Some(rival) => Decision::Ask(format!(
                    "{} in {} could be {} or {}; link one by hand",
                    candidate.id,
                    side.other(),
                    record.id,
                    rival.id
                )),
                None => Decision::Link(candidate.id.clone()),
            }
        }
        several => several_matches(mapping, situation, several),
    }
}

/// What is asked about a record that is the same as one which had its own counterpart already.
fn taken(candidate: &Candidate<'_>, of: Side) -> String {
    let Candidate { id, link, .. } = candidate;
    match link {
        Some(LinkState::Ended(_)) => format!(
            "{id} in {of} has the same identity value, and the record that it was tied to is gone; link the two to keep them in agreement from now on, or skip to leave both as they are: to create makes a second one in {of} beside {id}"
        ),
        _ => format!(
            "{id} in {of} has the same identity value and is tied to another record; mend the number, merge the two records, or skip: to create makes a second one in {of} beside {id}"
        ),
    }
}

/// Several records of the other side are the same as this one. Where they are twins of each other, each of them
/// raises the question itself, and this record waits.
fn several_matches(
    mapping: &Mapping,
    situation: &Situation<'_>,
    matches: &[(&Candidate<'_>, &Vec<Candidate<'_>>)],
) -> Decision {
    let other = situation.side.other();
    let asks_itself = |one: &Candidate<'_>| {
        one.link.is_none()
            && matches.iter().any(|(twin, _)| {
                twin.id != one.id
                    && share(mapping, one.fields, other, twin.fields)
                    && !contradict(mapping, one.fields, other, twin.fields, other)
            })
    };
    if matches.iter().all(|(candidate, _)| asks_itself(candidate)) {
        return Decision::Wait;
    }
    let ids: Vec<_> = matches.iter().map(|(candidate, _)| candidate.id.as_str()).collect();
    Decision::Ask(format!(
        "{} records in {other} could be this one: {}; link one by hand",
        ids.len(),
        ids.join(", ")
    ))
}

fn without_match(mapping: &Mapping, situation: &Situation<'_>) -> Decision {
    let Situation { side, record, namesakes, creatable, .. } = situation;
    if !creatable {
        return Decision::Leave;
    }
    let identified = mapping.flow.hands_over()
        || mapping.flow.identity_rules().any(|rule| identity_value(rule, *side, record.fields).is_some());
    if identified {
        return Decision::Create;
    }
    if mapping.flow.without_identity == WithoutIdentity::Issue {
        return Decision::Ask("no identity value to go by; fill one in, or say to create it".to_owned());
    }
    match namesakes.first() {
        None => Decision::Create,
        Some(namesake) => Decision::Ask(format!(
            "{namesake} in {} has the same name, and this record has no identity value; fill one in, link them, or say to create it",
            side.other()
        )),
    }
}

/// Two records with different values of the same identity field are two, whatever else they share; but an e-mail address
/// changes, so that another one says nothing where a stronger field is the same, such as a number of the customer's own.
pub(crate) fn contradict(mapping: &Mapping, one: &Fields, side: Side, other: &Fields, of: Side) -> bool {
    let mut same = false;
    for rule in mapping.flow.identity_rules() {
        match (identity_value(rule, side, one), identity_value(rule, of, other)) {
            (Some(one), Some(other)) if one == other => same = true,
            (Some(_), Some(_)) if same && rule.compare == Compare::Email => {}
            (Some(_), Some(_)) => return true,
            _ => {}
        }
    }
    false
}

/// Whether two records of one side share an identity value.
fn share(mapping: &Mapping, one: &Fields, side: Side, other: &Fields) -> bool {
    let key = |fields: &Fields| match side {
        Side::Crm => fields.get(mapping.flow.sync_key.as_ref()?)?.as_text().map(str::to_owned),
        Side::Exact => fields.get(&mapping.flow.exact_key.as_ref()?.property)?.as_text().map(ExactKey::canon),
    };
    key(one).is_some_and(|one| key(other) == Some(one))
        || mapping.flow.identity_rules().any(|rule| {
            identity_value(rule, side, one).is_some_and(|one| identity_value(rule, side, other) == Some(one))
        })
}

#[cfg(test)]
mod tests;
