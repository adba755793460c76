//! A grant as people and scripts see it.

use chrono::{DateTime, Utc};
use exact_client::GrantState;
use serde_json::{Value, json};

use crate::connect::{Grant, exact_id};
use crate::error::{Error, Result};

/// The divisions that the config names and the grant does not reach.
pub(super) fn out_of_scope(grant: &Grant, stored: &exact_client::Grant) -> Vec<u32> {
    let reached = |id| stored.divisions.iter().any(|division| division.id == id);
    let divisions = grant.config.divisions.iter();
    divisions.filter(|division| !reached(exact_id(**division))).map(|division| division.get()).collect()
}

/// Refuses a grant that does not reach every division it is there for.
pub(super) fn refuse_out_of_scope(grant: &Grant, stored: &exact_client::Grant) -> Result<()> {
    let missing = out_of_scope(grant, stored);
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = missing.iter().map(u32::to_string).collect();
    let message = format!(
        "the grant {} is stored, but does not reach division {}",
        grant.config.name,
        names.join(", ")
    );
    let path = if grant.config.name == "default" { "exact.divisions" } else { "exact.grant" };
    Err(Error::failed("forbidden", message)
        .at(path)
        .remedy("give consent again and choose it there, or take it out of the config"))
}

pub(super) fn document(grant: &Grant, stored: Option<&exact_client::Grant>, now: DateTime<Utc>) -> Value {
    let Some(stored) = stored else {
        return json!({
            "grant": grant.config.name,
            "client_id": grant.config.client_id,
            "state": "missing",
            "remedy": "run `auth login`, or `auth import`",
        });
    };
    let divisions = stored.divisions.iter().map(|division| {
        let used = grant.config.divisions.iter().any(|wanted| exact_id(*wanted) == division.id);
        json!({ "division": division.id, "name": division.name, "configured": used })
    });
    json!({
        "grant": grant.config.name,
        "client_id": grant.config.client_id,
        "state": state(stored.state).0,
        "remedy": state(stored.state).1,
        "user": stored.user.as_ref().map(|user| json!({ "id": user.id, "name": user.name })),
        "divisions": divisions.collect::<Vec<_>>(),
        "out_of_scope": out_of_scope(grant, stored),
        "obtained_at": stored.obtained_at,
        "expires_at": stored.expires_at,
        "lapses_at": stored.lapses_at,
        "days_to_lapse": (stored.lapses_at - now).num_days(),
    })
}

/// The state in a word, and what to do where it is a bad one.
pub(super) fn state(state: GrantState) -> (&'static str, Option<&'static str>) {
    match state {
        GrantState::Ready => ("ready", None),
        GrantState::Refreshing => ("refreshing", None),
        GrantState::Lost(cause) => ("lost", Some(cause.remedy())),
        _ => ("unknown", None),
    }
}
