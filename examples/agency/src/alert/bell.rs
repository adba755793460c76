//! From what a client notices about its grant to alerts.

use std::sync::{Arc, OnceLock, Weak};

use chrono::{DateTime, Utc};
use exact_client::{Cause, DivisionId, GrantEvent, GrantEventKind, GrantHook, async_trait};

use super::{Alert, Board, Problem};
use crate::error::word;

/// A lapse that comes nearer than this, in days, is told again.
const LAPSE_STEPS: [i64; 4] = [14, 7, 3, 1];

/// Hears what the clients of one tenant notice. Silent until it has a board.
#[derive(Clone, Debug, Default)]
pub struct GrantBell {
    /// The board knows the clients, and they this bell: one of the ties must not hold.
    board: Arc<OnceLock<Weak<Board>>>,
}

impl GrantBell {
    pub(crate) fn hang_on(&self, board: &Arc<Board>) {
        // The one who made the bell hangs it, once.
        let _ = self.board.set(Arc::downgrade(board));
    }
}

#[async_trait]
impl GrantHook for GrantBell {
    async fn notify(&self, event: &GrantEvent) {
        let Some(board) = self.board.get().and_then(Weak::upgrade) else { return };
        let name = event.grant.name();
        match event.kind {
            GrantEventKind::Trouble { cause, division } => trouble(&board, name, cause, division),
            GrantEventKind::Recovered { cause, division } => {
                let (word, subject) = (auth(cause), place(name, division));
                board.recover(|alert| alert.cause == word && alert.subject == subject);
                if cause.needs_consent() {
                    board.recover(|alert| is_lapse(alert) && alert.subject == place(name, None));
                }
            }
            GrantEventKind::Lapsing { days } if days > 0 => board.raise(lapsing(name, days)),
            GrantEventKind::Renewed => {
                board.recover(|alert| is_lapse(alert) && alert.subject == place(name, None));
            }
            _ => {}
        }
        board.keep().await;
    }
}

fn trouble(board: &Arc<Board>, name: &str, cause: Cause, division: Option<DivisionId>) {
    let subject = place(name, division);
    // What follows from a grant that is known to have lapsed, or to be missing, says the same with less.
    let known = match cause {
        Cause::Revoked => "grant_lapsed",
        Cause::NoGrant => "grant_missing",
        _ => "",
    };
    if board.is_open(|alert| alert.cause == known && alert.subject == subject) {
        return;
    }
    board.raise(Problem::new(auth(cause), subject).says(cause.describe(), cause.remedy()));
}

/// The grant lapsed while nobody refreshed it.
pub(crate) fn lapsed(name: &str, at: DateTime<Utc>) -> Problem {
    let message = format!("it lapsed on {}, for it was not refreshed for 30 days", at.format("%Y-%m-%d"));
    let remedy =
        format!("give consent again: `auth login --grant {name}`; keep `serve` running from then on");
    Problem::new("grant_lapsed", place(name, None)).says(message, remedy)
}

/// Nobody gave consent yet.
pub(crate) fn missing(name: &str) -> Problem {
    let remedy = format!("give consent: `auth login --grant {name}`, or `auth import --grant {name}`");
    Problem::new("grant_missing", place(name, None)).says("no grant is stored", remedy)
}

fn lapsing(name: &str, days: i64) -> Problem {
    let message = format!("it lapses in {days} days, for it cannot be refreshed");
    let remedy = format!("see why in the log, or give consent again: `auth login --grant {name}`");
    let amount = LAPSE_STEPS.into_iter().filter(|step| days <= *step).count();
    Problem::new("grant_lapsing", place(name, None)).says(message, remedy).amount(amount as u64)
}

/// What is over once a pass came through with this grant.
pub(crate) fn ends_with_success(alert: &Alert) -> bool {
    matches!(alert.cause.as_str(), "grant_lapsed" | "grant_missing")
        || (alert.cause.starts_with("auth_") && !is_met_meanwhile(alert))
}

/// What does not keep a pass from its end, and is met by it where it still is so.
pub(crate) fn is_met_meanwhile(alert: &Alert) -> bool {
    [auth(Cause::GrantShared), auth(Cause::ClockWrong)].contains(&alert.cause)
}

fn is_lapse(alert: &Alert) -> bool {
    matches!(alert.cause.as_str(), "grant_lapsing" | "grant_lapsed")
}

fn auth(cause: Cause) -> String {
    format!("auth_{}", word(&cause))
}

/// What an alert about a grant, or about a division under it, is about.
pub(super) fn place(name: &str, division: Option<DivisionId>) -> String {
    match division {
        Some(division) => format!("grant {name}, division {division}"),
        None => format!("grant {name}"),
    }
}
