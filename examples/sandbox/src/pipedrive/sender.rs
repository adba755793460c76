//! Sends what waits to the webhooks' addresses.

use std::time::Duration;

use reqwest::redirect::Policy;

use super::state::State;
use crate::http::Door;

/// Sends everything that is due, and tells how many requests were taken. A redirect is a failure.
pub(super) async fn deliver(door: &Door<State>) -> usize {
    let (patience, due) = door.with(|state, now| {
        let due = state.webhooks.due(&state.settings, &mut state.random, now);
        (Duration::from_millis(state.settings.webhook_timeout_ms), due)
    });
    let Ok(client) = reqwest::Client::builder().redirect(Policy::none()).timeout(patience).no_proxy().build()
    else {
        return 0;
    };
    let mut taken = 0;
    for delivery in due {
        let request = client.post(&delivery.url).header("content-type", "application/json");
        let request = match &delivery.user {
            Some(user) => request.basic_auth(user, delivery.password.as_ref()),
            None => request,
        };
        let answer = request.body(delivery.body()).send().await;
        let status = answer.ok().map(|answer| answer.status().as_u16());
        taken += usize::from(status.is_some_and(|status| (200..300).contains(&status)));
        door.with(|state, now| state.webhooks.answered(delivery, status, now));
    }
    taken
}
