//! A scenario as it is written: a title, and steps with their tables.

use sync_core::flow::Vendor;

use crate::grammar::parse;
use crate::step::Step;

/// A scenario that was understood, ready to be played.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) file: String,
    /// The one CRM that it is about; both where it does not say.
    pub(crate) only: Option<Vendor>,
    pub(crate) steps: Vec<Line>,
}

/// One step.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) text: String,
    pub(crate) step: Step,
}

/// The rows below a step.
pub(crate) type Table = Vec<Vec<String>>;

/// What a step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Given,
    When,
    Then,
}

/// A step as it is written, with its table.
struct Draft<'a> {
    number: usize,
    part: Part,
    text: &'a str,
    table: Table,
}

impl Script {
    /// Reads a scenario.
    ///
    /// # Errors
    /// Names the file and the line of the first thing that it does not understand.
    pub(crate) fn read(name: &str, text: &str) -> Result<Self, String> {
        let file = format!("{name}.txt");
        let at = |number: usize, why: String| format!("{file}:{number}: {why}");
        let mut lines = (1..).zip(text.lines().map(str::trim));
        let mut written = lines.by_ref().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        written
            .next()
            .ok_or_else(|| at(1, "it is empty; begin with one sentence that says the fact".into()))?;
        let (mut only, mut drafts) = (None, Vec::<Draft<'_>>::new());
        for (number, line) in written {
            if let Some(cells) = line.strip_prefix('|') {
                let draft =
                    drafts.last_mut().ok_or_else(|| at(number, "a table belongs to a step".into()))?;
                draft
                    .table
                    .push(cells.trim_end_matches('|').split('|').map(|cell| cell.trim().into()).collect());
            } else if let Some(vendor) = line.strip_prefix("Only for ") {
                only = Some(only_for(vendor).map_err(|why| at(number, why))?);
            } else {
                let before = drafts.last().map(|draft| draft.part);
                let (part, text) = part(line, before).map_err(|why| at(number, why))?;
                drafts.push(Draft { number, part, text, table: Table::new() });
            }
        }
        if drafts.last().is_none_or(|draft| draft.part != Part::Then) {
            return Err(at(text.lines().count(), "it does not end with Then: what is expected?".into()));
        }
        let mut steps = Vec::new();
        let mut acting = false;
        for Draft { number, part, text, table } in drafts {
            let step = parse(text, table).and_then(|step| fits(step, part, &mut acting));
            steps.push(Line { number, text: text.to_owned(), step: step.map_err(|why| at(number, why))? });
        }
        Ok(Self { file, only, steps })
    }
}

/// `Pipedrive: why`.
fn only_for(text: &str) -> Result<Vendor, String> {
    match text.split_once(':') {
        Some((_, why)) if why.trim().is_empty() => Err("say why it is for one CRM only".to_owned()),
        Some(("Pipedrive", _)) => Ok(Vendor::Pipedrive),
        Some(("HubSpot", _)) => Ok(Vendor::HubSpot),
        _ => Err("write it as `Only for Pipedrive: why` or `Only for HubSpot: why`".to_owned()),
    }
}

fn part(line: &str, before: Option<Part>) -> Result<(Part, &str), String> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let part = match (word, before) {
        ("Given", _) => Part::Given,
        ("When", _) => Part::When,
        ("Then", _) => Part::Then,
        ("And", Some(before)) => before,
        _ => return Err(format!("`{word}` begins no step; begin with Given, When, Then or And")),
    };
    Ok((part, rest))
}

/// Rules come before anything happens; nothing happens under Then, and nothing is expected before it.
fn fits(step: Step, part: Part, acting: &mut bool) -> Result<Step, String> {
    match (&step, part) {
        (Step::Set(_), Part::Given) if !*acting => Ok(step),
        (Step::Set(_), _) => Err("how the engine is set up stands at the top, under Given".to_owned()),
        (Step::Do(_), Part::Given | Part::When) => {
            *acting = true;
            Ok(step)
        }
        (Step::Do(_), Part::Then) => Err("what happens stands under When".to_owned()),
        (Step::Expect(_), Part::Then) => Ok(step),
        (Step::Expect(_), _) => Err("what is expected stands under Then".to_owned()),
    }
}
