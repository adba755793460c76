//! Which flow a reference means: a preset names the records of others by their presets, a file has flows of its own names.

use std::collections::BTreeSet;

use sync_core::flow::{Division, Flow, Kinds, Preset};

use crate::error::{Error, Result};

/// The fields of a flow, by Exact's property, whose `via` the file itself names.
pub(super) type Told = BTreeSet<String>;

/// A flow that others may name.
struct Known {
    name: String,
    kinds: Kinds,
    divisions: Vec<Division>,
}

/// Where a reference stands.
struct Place<'a> {
    at: usize,
    flow: &'a str,
    divisions: &'a [Division],
    /// Exact's property.
    field: &'a str,
}

/// Gives each reference the name of a flow of this file: the one of its preset that covers the flow's divisions, or the one
/// that the file names. A field whose flow is not here is left out where the flow works without it.
pub(super) fn references(flows: &mut [Flow], told: &[Told], all: &[Division]) -> Result<()> {
    let covered = |flow: &Flow| if flow.divisions.is_empty() { all.to_vec() } else { flow.divisions.clone() };
    let known = |flow: &Flow| Known { name: flow.name.clone(), kinds: flow.kinds, divisions: covered(flow) };
    let known: Vec<Known> = flows.iter().map(known).collect();
    for (at, (flow, told)) in flows.iter_mut().zip(told).enumerate() {
        let divisions = covered(flow);
        let given = |field: &str| told.contains(field);
        let here = |via: &str| kinds(via).is_some_and(|kinds| known.iter().any(|one| one.kinds == kinds));
        flow.rules
            .retain(|rule| !rule.optional || given(&rule.exact) || rule.via.as_deref().is_none_or(here));
        for rule in &mut flow.rules {
            let parts = rule.lines.iter_mut().map(|part| (&part.exact, &mut part.via));
            for (field, via) in parts.chain([(&rule.exact, &mut rule.via)]) {
                let Some(via) = via else { continue };
                let place = Place { at, flow: &flow.name, divisions: &divisions, field };
                *via = match given(field) {
                    true => place.named(via, &known)?,
                    false => place.of_preset(via, &known)?,
                };
            }
        }
    }
    Ok(())
}

fn kinds(preset: &str) -> Option<Kinds> {
    Some(Preset::ALL.into_iter().find(|known| known.as_str() == preset)?.kinds())
}

impl Place<'_> {
    /// The flow of that name.
    fn named(&self, name: &str, known: &[Known]) -> Result<String> {
        let path = format!("flow[{}].fields.{}.via", self.at, self.field);
        match known.iter().find(|one| one.name == name) {
            Some(flow) if !self.is_covered_by(flow) => {
                let message = format!("{name} does not cover every division of {}", self.flow);
                Err(Error::config(path, message, "give both the same `divisions`"))
            }
            Some(flow) => Ok(flow.name.clone()),
            None => {
                let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
                let remedy = format!("name one of {}", names.join(", "));
                Err(Error::config(path, format!("there is no flow {name}"), remedy))
            }
        }
    }

    /// The flow of that preset.
    fn of_preset(&self, preset: &str, known: &[Known]) -> Result<String> {
        let of_kind: Vec<&Known> = known.iter().filter(|one| Some(one.kinds) == kinds(preset)).collect();
        let fit: Vec<&Known> = of_kind.iter().copied().filter(|one| self.is_covered_by(one)).collect();
        let path = format!("flow[{}]", self.at);
        match (fit.as_slice(), of_kind.as_slice()) {
            ([only], _) => Ok(only.name.clone()),
            ([], []) => Err(Error::config(
                path,
                format!("{} needs a flow of {preset}, and there is none", self.flow),
                format!("add [[flow]] with preset = \"{preset}\" before it"),
            )),
            ([], several) => Err(Error::config(
                format!("{path}.divisions"),
                format!(
                    "{} needs a flow of {preset} that covers all its divisions, and {} do not",
                    self.flow,
                    names(several)
                ),
                "give each of them a flow of its own, with the same `divisions`",
            )),
            (several, _) => Err(Error::config(
                format!("{path}.fields.{}.via", self.field),
                format!("{} are all flows of {preset} in its divisions", names(several)),
                format!("say which, as in via = \"{}\", or give each flow its `divisions`", several[0].name),
            )),
        }
    }

    fn is_covered_by(&self, flow: &Known) -> bool {
        self.divisions.iter().all(|division| flow.divisions.contains(division))
    }
}

fn names(flows: &[&Known]) -> String {
    flows.iter().map(|flow| flow.name.as_str()).collect::<Vec<_>>().join(", ")
}
