//! What can be said of several flows together: circles, and fields that two of them write.

use crm_adapters::Kind;

use super::written;
use crate::flow::{Flow, Side};
use crate::plan::mapping::{Finding, Mapping, Severity};

/// What is to be said of several flows together.
pub(crate) fn together(mappings: &[Mapping]) -> Vec<Finding> {
    let ways: Vec<Way<'_>> = mappings.iter().flat_map(ways).collect();
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
        let Some(circle) = circle(ways, start, &mut vec![*start]) else { continue };
        let mut rules: Vec<String> = circle.iter().map(|way| way.path()).collect();
        rules.sort();
        if told.contains(&rules) {
            continue;
        }
        let others: Vec<String> = circle.iter().skip(1).map(|way| way.path()).collect();
        findings.push(Finding {
            severity: Severity::Error,
            path: start.path(),
            message: format!(
                "its value comes back to it by {}; a value would run in a circle: give one of them another owner",
                others.join(" and ")
            ),
        });
        told.push(rules);
    }
    findings
}

fn circle<'a>(
    ways: &[&'a Way<'a>],
    start: &Way<'a>,
    path: &mut Vec<&'a Way<'a>>,
) -> Option<Vec<&'a Way<'a>>> {
    let last = path.last()?;
    for next in ways.iter().filter(|way| way.from == last.to) {
        if path.iter().any(|way| way.of_one_rule(next)) {
            continue;
        }
        path.push(next);
        if next.to == start.from {
            return Some(path.clone());
        }
        if let Some(found) = circle(ways, start, path) {
            return Some(found);
        }
        path.pop();
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
