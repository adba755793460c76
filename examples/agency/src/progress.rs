//! A progress bar on a terminal: records, calls, what is left of the day, time to go.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use sync_core::engine::{Event, Observer};

use crate::connect::{App, exact_id};
use crate::output::thousands;

/// Shows what an engine does. Invisible where standard error is no terminal.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    app: App,
}

impl Progress {
    /// A bar for the work of this app.
    #[must_use]
    pub fn new(app: App) -> Self {
        let bar = ProgressBar::new(0);
        let style = "{spinner} {pos}/{len} [{bar:30}] {msg} · {eta} to go";
        bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, app }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn costs(&self) -> String {
        let mut calls = 0;
        let mut left: Option<u64> = None;
        for grant in self.app.grants() {
            calls += grant.client.calls();
            for division in &grant.config.divisions {
                let day = grant.client.usage(exact_id(*division)).day_left;
                left = Some(left.map_or(day, |least| least.min(day)));
            }
        }
        let crm = self.app.crm().usage();
        let budget = |left: Option<u64>| left.map_or_else(|| "?".to_owned(), thousands);
        format!(
            "calls: Exact {} ({} left today), CRM {} ({} left today)",
            thousands(calls),
            budget(left),
            thousands(crm.calls),
            budget(crm.day_left)
        )
    }
}

impl Observer for Progress {
    fn on(&self, event: &Event<'_>) {
        match event {
            Event::Observed { flow, side, changed, .. } => {
                self.bar.set_message(format!("{flow}: {changed} read from {side} · {}", self.costs()));
            }
            Event::Planned { writes, .. } => self.bar.inc_length(*writes),
            Event::Written { flow, .. } => {
                self.bar.inc(1);
                self.bar.set_message(format!("{flow} · {}", self.costs()));
            }
            Event::Waiting { wait, why, .. } => {
                self.bar.set_message(format!("waiting {} s for {why} · {}", wait.as_secs(), self.costs()));
            }
            _ => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
