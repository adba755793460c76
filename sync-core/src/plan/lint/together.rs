//! What can be said of several flows together: circles, and fields that two of them write.

use crm_adapters::Kind;

use super::written;
use crate::flow::{Division, Flow, Side};
use crate::plan::mapping::{Finding, Mapping, Severity};

/// What is to be said of several flows together.
pub(crate) fn together<'m>(mappings: impl Iterator<Item = &'m Mapping>) -> Vec<Finding> {
    let ways: Vec<Way<'_>> = mappings.flat_map(ways).collect();
    let one_way: Vec<&Way<'_>> = ways.iter().filter(|way| way.alone).collect();
    let mut findings = loops(&one_way);
    findings.extend(doubles(&ways));
    findings
}

/// One field, on one side.
type Place<'a> = (Side, Kind, &'a str);

/// A rule in one direction: which field it reads, and which it writes.
struct Way<'a> {
    flow: &'a Flow,
    rule: &'a str,
    from: Place<'a>,
    to: Place<'a>,
    /// Whether the rule goes this way only.
    alone: bool,
}

impl Way<'_> {
    fn path(&self) -> String {
        format!("flow.{}.fields.{}", self.flow.name, self.rule)
    }

    /// Whether both write one field of records that both may take. Exact's records belong to one division.
    fn meets(&self, other: &Self) -> bool {
        let apart = |one: &Flow, other: &Flow| {
            !one.divisions.is_empty()
                && !other.divisions.is_empty()
                && !one.divisions.iter().any(|division| other.divisions.contains(division))
        };
        self.to == other.to
            && self.flow.name != other.flow.name
            && (self.to.0 == Side::Crm || !apart(self.flow, other.flow))
    }

    /// Where it carries values; nowhere in particular, where the flow names no division.
    fn divisions(&self) -> Vec<Option<Division>> {
        match self.flow.divisions.as_slice() {
            [] => vec![None],
            named => named.iter().copied().map(Some).collect(),
        }
    }

    fn of_one_rule(&self, other: &Self) -> bool {
        self.flow.name == other.flow.name && self.rule == other.rule
    }
}

fn ways(mapping: &Mapping) -> Vec<Way<'_>> {
    let flow = &mapping.flow;
    let mut ways = Vec::new();
    for resolved in &mapping.rules {
        let place = |side| (side, flow.kinds.on(side), resolved.rule.field(side));
        let sides = written(resolved);
        for to in &sides {
            let (from, to) = (place(to.other()), place(*to));
            ways.push(Way { flow, rule: &resolved.rule.exact, from, to, alone: sides.len() == 1 });
        }
    }
    ways
}

/// Values that would run in a circle: one rule writes what another reads, and back. Rules that go both ways agree with
/// each other instead.
fn loops(ways: &[&Way<'_>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut told: Vec<Vec<String>> = Vec::new();
    for start in ways {
        for division in start.divisions() {
            let Some(circle) = circle(ways, start, division) else { continue };
            let mut rules: Vec<String> = circle.iter().map(|way| way.path()).collect();
            let others = rules[1..].join(" and ");
            rules.sort();
            if told.contains(&rules) {
                continue;
            }
            findings.push(Finding {
                severity: Severity::Error,
                path: start.path(),
                message: format!(
                    "its value comes back to it by {others}; a value would run in a circle: give one of them another owner"
                ),
            });
            told.push(rules);
        }
    }
    findings
}

/// The shortest way on which a value that a rule carries in a division comes back to where it came from. Exact's fields
/// are those of one division: what leaves one and enters another has not come back.
fn circle<'a>(
    ways: &[&'a Way<'a>],
    start: &'a Way<'a>,
    division: Option<Division>,
) -> Option<Vec<&'a Way<'a>>> {
    let mut walks = vec![(start, division, None)];
    let mut at = 0;
    while let Some((last, here, _)) = walks.get(at).copied() {
        let in_crm = last.to.0 == Side::Crm;
        if last.to == start.from && (in_crm || here == division) {
            let mut circle = Vec::new();
            let mut step = Some(at);
            while let Some((way, _, before)) = step.and_then(|step| walks.get(step).copied()) {
                circle.push(way);
                step = before;
            }
            circle.reverse();
            return Some(circle);
        }
        for next in ways.iter().filter(|way| way.from == last.to) {
            for there in next.divisions().into_iter().filter(|there| in_crm || *there == here) {
                if !walks.iter().any(|(way, of, _)| way.of_one_rule(next) && *of == there) {
                    walks.push((next, there, Some(at)));
                }
            }
        }
        at += 1;
    }
    None
}

/// Fields that two flows write: one finding for each pair of flows.
fn doubles(ways: &[Way<'_>]) -> Vec<Finding> {
    let mut pairs: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for (at, way) in ways.iter().enumerate() {
        for earlier in ways[..at].iter().filter(|earlier| earlier.meets(way)) {
            let (one, other) = (earlier.flow.name.as_str(), way.flow.name.as_str());
            match pairs.iter_mut().find(|pair| (pair.0, pair.1) == (one, other)) {
                Some(pair) => pair.2.push(way.to.2),
                None => pairs.push((one, other, vec![way.to.2])),
            }
        }
    }
    let finding = |(one, other, fields): (&str, &str, Vec<&str>)| Finding {
        severity: Severity::Note,
        path: format!("flow.{other}"),
        message: format!(
            "flow.{one} writes {} too; a record that both take is written by the one and undone by the other: give each its own fields or records",
            fields.join(", ")
        ),
    };
    pairs.into_iter().map(finding).collect()
}
