//! `auth status`: grants, divisions, expiry.

use exact_client::GrantState;
use serde_json::json;

use super::grant;
use crate::connect::App;
use crate::error::Result;
use crate::output::{Outcome, table};

pub(super) async fn run(app: &App) -> Result<Outcome> {
    let now = app.clock().now();
    let mut rows = table(["grant", "state", "user", "divisions", "lapses unless used", "what to do"]);
    let mut documents = Vec::new();
    let mut good = true;
    for grant in app.grants() {
        let stored = grant.client.grant().await?;
        documents.push(grant::document(grant, stored.as_ref(), now));
        let Some(stored) = stored else {
            good = false;
            rows.add_row([
                grant.config.name.as_str(),
                "missing",
                "",
                "",
                "",
                "run `auth login`, or `auth import`",
            ]);
            continue;
        };
        let missing = grant::out_of_scope(grant, &stored);
        let (state, remedy) = grant::state(stored.state);
        good &= missing.is_empty() && !matches!(stored.state, GrantState::Lost(_));
        let remedy = match (remedy, missing.as_slice()) {
            (Some(remedy), _) => remedy.to_owned(),
            (None, []) => String::new(),
            (None, missing) => {
                format!("division {missing:?} is not reached: give consent again and choose it")
            }
        };
        let divisions: Vec<String> =
            stored.divisions.iter().map(|it| format!("{} {}", it.id, it.name)).collect();
        rows.add_row([
            grant.config.name.clone(),
            state.to_owned(),
            stored.user.map(|user| user.name).unwrap_or_default(),
            divisions.join("\n"),
            format!("in {} days", (stored.lapses_at - now).num_days()),
            remedy,
        ]);
    }
    let code = if good { 0 } else { 1 };
    Ok(Outcome::new(rows.to_string(), json!({ "grants": documents })).code(code))
}
