//! What the vendors are to tell, looked after: subscriptions made at start, and anew where they are gone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crm_adapters::pipedrive;
use crm_adapters::pipedrive::webhook::{Repaired, Subscription};
use exact_client::WebhookTopic;
use sync_core::flow::Division;
use url::Url;

use super::hints::{Hint, Hints, News};
use super::tenant::{Stop, stopped};
use super::topics;
use crate::alert::{Board, Problem};
use crate::config::ServeConfig;
use crate::connect::{App, Grant, exact_id};
use crate::error::{Error, Result};

/// Pipedrive deletes a webhook that got no answer for three days, and bans one that fails for half an hour.
const EVERY: Duration = Duration::from_secs(3_600);
/// What people see in Pipedrive's list of webhooks.
const NAME: &str = "Exact Online";

/// Looks after the subscriptions of one tenant.
#[derive(Debug)]
pub(super) struct Subscriber {
    app: App,
    board: Arc<Board>,
    hints: Arc<Hints>,
    /// Whether Exact does not tell of everything.
    deaf: Arc<AtomicBool>,
    /// `…/hooks/TENANT`.
    hooks: Url,
    exact: bool,
    pipedrive: Option<pipedrive::webhook::Verifier>,
}

impl Subscriber {
    /// None where nobody said under which address the vendors reach this process.
    pub(super) fn new(
        app: &App,
        board: &Arc<Board>,
        hints: &Arc<Hints>,
        deaf: &Arc<AtomicBool>,
        config: &ServeConfig,
    ) -> Option<Self> {
        let mut hooks = config.public_url.clone()?;
        hooks.path_segments_mut().ok()?.pop_if_empty().extend(["hooks", app.tenant().as_str()]);
        Some(Self {
            app: app.clone(),
            board: Arc::clone(board),
            hints: Arc::clone(hints),
            deaf: Arc::clone(deaf),
            hooks,
            exact: config.exact.is_some(),
            pipedrive: config.pipedrive.clone(),
        })
    }

    /// Repairs at once, then every hour, until stopped.
    pub(super) async fn run(self, mut stop: Stop) {
        loop {
            tokio::select! {
                () = self.repair() => {}
                () = stopped(&mut stop) => return,
            }
            tokio::select! {
                () = self.app.clock().sleep(EVERY) => {}
                () = stopped(&mut stop) => return,
            }
        }
    }

    async fn repair(&self) {
        let mut deaf = false;
        for grant in self.app.grants().iter().filter(|_| self.exact) {
            for division in &grant.config.divisions {
                let outcome = self.exact(grant, *division).await;
                deaf |= outcome.is_err();
                self.tell(&format!("Exact, division {division}"), outcome);
            }
        }
        self.deaf.store(deaf, Ordering::Relaxed);
        if let Some(verifier) = &self.pipedrive {
            let outcome = self.pipedrive(verifier).await;
            let anew = matches!(outcome, Ok(Repaired::Created | Repaired::Replaced));
            self.tell("Pipedrive", outcome.map(drop));
            if anew && let Err(error) = self.hear_all().await {
                tracing::warn!(%error, "what was told in vain is read with the next pass");
            }
        }
        self.board.keep().await;
    }

    async fn exact(&self, grant: &Grant, division: Division) -> Result<()> {
        let covers = |divisions: &[Division]| divisions.is_empty() || divisions.contains(&division);
        let flows = self.app.flows().iter().filter(|flow| covers(&flow.divisions));
        let topics: BTreeSet<&'static str> = flows.flat_map(topics::of).collect();
        let api = grant.client.division(exact_id(division));
        for topic in topics {
            api.subscribe(&WebhookTopic::from(topic), &self.address("exact")).await?;
        }
        Ok(())
    }

    async fn pipedrive(&self, verifier: &pipedrive::webhook::Verifier) -> Result<Repaired> {
        let url = self.address("pipedrive");
        let wanted = Subscription { name: NAME.to_owned(), url, verifier: verifier.clone() };
        self.app.repair_pipedrive(&wanted).await
    }

    fn address(&self, sender: &str) -> Url {
        let mut address = self.hooks.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.push(sender);
        }
        address
    }

    /// What happened while nobody told is to be read.
    async fn hear_all(&self) -> Result<()> {
        let hints = self.app.flows().iter().map(|flow| Hint::new(&*flow.name, News::Crm));
        self.hints.hear(hints.collect()).await
    }

    fn tell(&self, side: &str, outcome: Result<()>) {
        let subject = format!("webhooks of {side}");
        match outcome {
            Ok(()) => self.board.recover(|alert| alert.cause == "webhooks" && alert.subject == subject),
            // Refused credentials are told by the passes.
            Err(error) if error.kind() == "auth" => {}
            Err(error) => self.board.raise(problem(subject, &error)),
        }
    }
}

fn problem(subject: String, error: &Error) -> Problem {
    let remedy = error.what_to_do().unwrap_or("see the log; passes come by schedule meanwhile");
    Problem::new("webhooks", subject).says(format!("they cannot be set up: {}", error.message()), remedy)
}
