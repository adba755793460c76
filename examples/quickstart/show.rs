//! What a person sees: tables, and a bar while a run goes on.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use comfy_table::{ContentArrangement, Table, presets};
use crm_adapters::Adapter;
use indicatif::{ProgressBar, ProgressStyle};
use sync_core::engine::{Event, Observer, PlanReport, RunReport};

pub(crate) fn heading(text: &str) {
    println!("\n{text}\n{}\n", "=".repeat(text.chars().count()));
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(130).set_header(header);
    table
}

pub(crate) fn plan(plan: &PlanReport) {
    let mut rows =
        table(&["flow", "division", "create in CRM", "create in Exact", "update", "link", "issues", "brake"]);
    for flow in &plan.flows {
        rows.add_row([
            flow.flow.clone(),
            flow.division.to_string(),
            flow.create.crm.to_string(),
            flow.create.exact.to_string(),
            flow.update.total().to_string(),
            flow.link.to_string(),
            flow.issues.to_string(),
            flow.brake.map_or_else(String::new, |brake| format!("{brake:?}").to_lowercase()),
        ]);
    }
    println!("{rows}");
    println!(
        "costs {} calls to Exact and {} to Pipedrive, about {:.1} minutes, {:.1} % of a day's budget",
        plan.calls.exact,
        plan.calls.crm,
        plan.minutes,
        plan.day_share * 100.0
    );
    for brake in plan.flows.iter().filter_map(|flow| flow.brake) {
        println!("{}", brake.reason());
    }
}

pub(crate) fn report(report: &RunReport) {
    let mut rows = table(&[
        "flow",
        "created in CRM",
        "created in Exact",
        "updated in CRM",
        "updated in Exact",
        "linked",
        "issues",
    ]);
    for flow in &report.flows {
        let numbers = [
            flow.created.crm,
            flow.created.exact,
            flow.updated.crm,
            flow.updated.exact,
            flow.linked,
            flow.issues,
        ];
        rows.add_row([flow.flow.clone()].into_iter().chain(numbers.map(|number| number.to_string())));
    }
    println!("{rows}");
    println!("{} calls to Exact, {} to the CRM", report.calls.exact, report.calls.crm);
    for error in &report.errors {
        println!("not finished: {}; {}", error.message, error.remedy);
    }
}

/// What a salesperson sees: one row, empty fields as a dash.
pub(crate) fn view(fields: &[(&str, String)]) {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let mut rows = table(&names);
    rows.add_row(fields.iter().map(|(_, value)| if value.is_empty() { "-" } else { value.as_str() }));
    println!("{rows}");
}

/// One field that was written.
pub(crate) struct Decision {
    side: String,
    record: String,
    field: String,
    from: String,
    to: String,
    why: String,
}

pub(crate) fn decisions(decisions: &[Decision]) {
    let mut rows = table(&["written to", "record", "field", "was", "is now", "why"]);
    for decision in decisions {
        let Decision { side, record, field, from, to, why } = decision;
        rows.add_row([side, record, field, from, to, why]);
    }
    println!("{rows}");
}

/// A bar with records, calls, budget left and time to go; and a note of everything that is written.
pub(crate) struct Progress {
    shown: Mutex<Option<Shown>>,
    decisions: Arc<Mutex<Vec<Decision>>>,
}

/// The bar, and the sides whose calls it counts.
struct Shown {
    bar: ProgressBar,
    sides: [Arc<dyn Adapter>; 2],
}

/// More decisions than this are of no use in a table.
const SHOWN: usize = 40;

impl Progress {
    pub(crate) fn new(decisions: Arc<Mutex<Vec<Decision>>>) -> Self {
        Self { shown: Mutex::new(None), decisions }
    }

    pub(crate) fn begin(&self, sides: [Arc<dyn Adapter>; 2]) {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} writes  {msg}  ETA {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(0).with_style(style);
        lock(&self.decisions).clear();
        *lock(&self.shown) = Some(Shown { bar, sides });
    }

    pub(crate) fn end(&self) {
        if let Some(Shown { bar, .. }) = lock(&self.shown).take() {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Progress {
    fn on(&self, event: &Event<'_>) {
        let shown = lock(&self.shown);
        let Some(Shown { bar, sides: [exact, crm] }) = shown.as_ref() else { return };
        match event {
            Event::Planned { writes, .. } => bar.set_length(bar.position() + writes),
            Event::Written { side, action, record, fields, .. } => {
                bar.inc(1);
                let (exact, crm) = (exact.usage(), crm.usage());
                let left = crm.day_left.map_or_else(|| "?".to_owned(), |left| left.to_string());
                bar.set_message(format!("calls {} + {}  tokens left {left}", exact.calls, crm.calls));
                let mut decisions = lock(&self.decisions);
                if decisions.len() < SHOWN {
                    decisions.extend(fields.iter().map(|write| Decision {
                        side: side.to_string(),
                        record: format!("{action} {record}"),
                        field: write.field.clone(),
                        from: write.from.to_string(),
                        to: write.to.to_string(),
                        why: write.why.to_string(),
                    }));
                }
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
