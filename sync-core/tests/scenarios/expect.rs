//! What is expected.

use sync_core::flow::Side;
use sync_core::state::{Issue, Subject};

use crate::money::stage_of;
use crate::play::PAUSE;
use crate::step::{Expectation, Pair, Place};
use crate::value::same;
use crate::world::{World, told};

/// Holds the world against an expectation.
///
/// # Errors
/// What is different.
pub(crate) async fn expect(world: &mut World, expectation: &Expectation) -> Result<(), String> {
    match expectation {
        Expectation::Has { place, name, fields } => has(world, *place, name, fields).await,
        Expectation::HasLines { place, name, rows } => world.has_lines(*place, name, rows).await,
        Expectation::Gone { place, name } => {
            let (kind, id) = world.find(*place, name).await?;
            match world.record(*place, kind, &id)? {
                None => Ok(()),
                Some(_) => Err("it is still there".to_owned()),
            }
        }
        Expectation::Count { place, kind, count } => match world.records(*place, *kind)?.len() {
            there if there == *count => Ok(()),
            there => Err(format!("there are {there}")),
        },
        Expectation::At { name, stage } => {
            let label = stage_of(world.vendor, *stage)?.1;
            has(world, Place::Crm, name, &[("Stage".to_owned(), label.to_owned())]).await
        }
        Expectation::Issue { about, says } => issue(world, about, says).await,
        Expectation::NoIssue => match open(world).await?.first() {
            None => Ok(()),
            Some(issue) => Err(format!("there is one: {}", told_of(issue))),
        },
        Expectation::Wrote { side, records } => match wrote(world, *side) {
            wrote if wrote == *records => Ok(()),
            wrote => Err(format!("it wrote {wrote}")),
        },
        Expectation::Brake { flow } => {
            let stopped = world
                .report
                .flows
                .iter()
                .any(|report| report.flow == flow.as_str() && report.brake.is_some());
            world.expected.insert(format!("brake {}", flow.as_str()));
            if stopped { Ok(()) } else { Err("no brake stops it".to_owned()) }
        }
        Expectation::Reports(says) => {
            let errors: Vec<String> = errors(world).collect();
            let found = errors.iter().find(|error| error.contains(says)).cloned();
            let found = found.ok_or_else(|| format!("it reports {errors:?}"))?;
            world.expected.insert(found);
            Ok(())
        }
    }
}

async fn has(world: &World, place: Place, name: &str, fields: &[Pair]) -> Result<(), String> {
    let (kind, id) = world.find(place, name).await?;
    for (word, cell) in fields {
        let field = world.field(place, kind, word)?;
        let value = world.read(place, kind, &id, &field).await.map_err(|why| format!("{word}: {why}"))?;
        if !same(cell, &value, field.ty) {
            return Err(format!("{word} is `{value}`, expected `{cell}`"));
        }
    }
    Ok(())
}

async fn issue(world: &mut World, wanted: &str, says: &str) -> Result<(), String> {
    let issues = open(world).await?;
    let mut seen = Vec::new();
    for issue in &issues {
        if about(world, issue, wanted).await && issue.message.contains(says) {
            world.expected.insert(issue.id());
            return Ok(());
        }
        seen.push(told_of(issue));
    }
    Err(format!("the open issues are {seen:?}"))
}

/// Whether an issue is about a field, by its label or Exact's property, or about a record that is not linked yet.
pub(crate) async fn about(world: &World, issue: &Issue, wanted: &str) -> bool {
    let flow = world.engine.flows().iter().find(|flow| flow.name == issue.flow);
    let property = flow.and_then(|flow| world.glossary.property(flow, wanted));
    let field = issue.field.as_deref();
    if field.is_some_and(|field| field == wanted || Some(field) == property.as_deref()) {
        return true;
    }
    let Some(known) = world.names.get(wanted) else { return false };
    match (&issue.subject, field) {
        // What a customer was invoiced under a reference has the customer's id and the reference.
        (Subject::Record(side, id), _) => known.at.iter().any(|(place, (_, known))| {
            let rest = id.as_str().strip_prefix(known.as_str());
            place.side() == *side && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        }),
        // Of a link without a field there is nothing but its flow to go by.
        (Subject::Link(_), None) => known
            .at
            .values()
            .any(|(kind, _)| flow.is_some_and(|flow| [flow.kinds.exact, flow.kinds.crm].contains(kind))),
        _ => false,
    }
}

async fn open(world: &World) -> Result<Vec<Issue>, String> {
    world.engine.issues().await.map_err(told)
}

fn told_of(issue: &Issue) -> String {
    format!("{} {:?}: {}", issue.field.as_deref().unwrap_or("record"), issue.kind, issue.message)
}

fn errors(world: &World) -> impl Iterator<Item = String> {
    world.report.errors.iter().map(|error| format!("{}: {}; {}", error.flow, error.message, error.remedy))
}

fn wrote(world: &World, side: Option<Side>) -> u64 {
    let flows = world.report.flows.iter();
    flows
        .map(|flow| match side {
            None => flow.writes(),
            Some(side) => flow.created.on(side) + flow.updated.on(side),
        })
        .sum()
}

/// What helps to understand a failure.
pub(crate) async fn about_the_last_run(world: &World) -> String {
    let errors = errors(world).map(|error| format!("  it reported: {error}\n"));
    let issues = open(world).await.unwrap_or_default();
    let issues = issues.iter().map(|issue| format!("  it asks: {}\n", told_of(issue)));
    let flows = world.report.flows.iter().map(|flow| {
        let (observed, created, updated) = (flow.observed, flow.created, flow.updated);
        format!(
            "  the last run of {}: observed {} and {}, created {} and {}, updated {} and {}, {} wait\n",
            flow.flow,
            observed.exact,
            observed.crm,
            created.exact,
            created.crm,
            updated.exact,
            updated.crm,
            flow.waiting
        )
    });
    flows.chain(errors).chain(issues).collect()
}

/// Errors and brakes of the last run that nobody expected.
pub(crate) fn no_trouble(world: &World) -> Result<(), String> {
    if let Some(error) = errors(world).find(|error| !world.expected.contains(error)) {
        return Err(format!("the last run reported: {error}"));
    }
    let brakes = world.report.flows.iter().filter_map(|flow| Some((&flow.flow, flow.brake?)));
    match brakes.into_iter().find(|(flow, _)| !world.expected.contains(&format!("brake {flow}"))) {
        Some((flow, brake)) => Err(format!("a brake stopped {flow}: {}", brake.reason())),
        None => Ok(()),
    }
}

/// At the end every open issue was expected, and a further pass writes nothing: by its report, and by what the vendors
/// counted.
pub(crate) async fn nothing_left(world: &mut World) -> Result<(), String> {
    no_trouble(world)?;
    let open = open(world).await?;
    if let Some(issue) = open.iter().find(|issue| !world.expected.contains(&issue.id())) {
        return Err(format!("nobody expected the issue: {}", told_of(issue)));
    }
    let (before, expected) = (world.writes(), world.expected.clone());
    world.wait(PAUSE);
    world.run(false).await?;
    world.expected = expected;
    no_trouble(world)?;
    let carried_out = world.writes() - before;
    if wrote(world, None) > 0 || carried_out > 0 || world.report.waiting > 0 {
        let (wrote, waiting) = (wrote(world, None), world.report.waiting);
        return Err(format!(
            "a further pass wrote {wrote}, the vendors carried out {carried_out} writes, {waiting} wait"
        ));
    }
    match self::open(world).await?.len() {
        now if now == open.len() => Ok(()),
        now => Err(format!("a further pass raised issues: {now}, before it were {}", open.len())),
    }
}
