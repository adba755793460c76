//! Webhooks: told from forgeries by their raw bytes, turned into hints, answered once those are durable.
//!
//! `POST /hooks/{tenant}/exact`, `…/pipedrive`, `…/hubspot`. A tenant or a sender that is not configured is 404, a
//! forgery 401, a body that nobody sends 400 or 413; none of them has an effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use crm_adapters::{Change, Kind, RecordId, pipedrive};
use exact_client::{WallTime, WebhookEvent, WebhookVerdict};
use sync_core::flow::{Division, Flow, Side};

use super::echoes::Echoes;
use super::hints::{Hint, Hints, News};
use super::seen::Seen;
use super::topics;
use crate::config::ServeConfig;
use crate::connect::{App, exact_id};

/// HubSpot sends up to a hundred events at once.
const LONGEST_BODY: usize = 1024 * 1024;
/// A sender that is slower than this is not one of the vendors.
const SLOWEST: Duration = Duration::from_secs(10);

/// Where one tenant's webhooks come in.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) app: App,
    pub(super) config: ServeConfig,
    pub(super) hints: Arc<Hints>,
    pub(super) echoes: Arc<Echoes>,
    pub(super) seen: Seen,
}

/// By tenant.
pub(super) type Desks = Arc<BTreeMap<String, Desk>>;

pub(super) fn router(desks: Desks) -> Router {
    Router::new()
        .route("/hooks/{tenant}/{sender}", post(receive))
        .layer(DefaultBodyLimit::disable())
        .with_state(desks)
}

async fn receive(
    State(desks): State<Desks>,
    Path((tenant, sender)): Path<(String, String)>,
    headers: HeaderMap,
    body: axum::body::Body,
) -> StatusCode {
    let Some(desk) = desks.get(&tenant) else { return StatusCode::NOT_FOUND };
    let read = tokio::time::timeout(SLOWEST, axum::body::to_bytes(body, LONGEST_BODY)).await;
    let body = match read {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => return StatusCode::REQUEST_TIMEOUT,
    };
    let status = match sender.as_str() {
        "exact" => desk.exact(&body).await,
        "pipedrive" => desk.pipedrive(&headers, &body).await,
        "hubspot" => desk.hubspot(&headers, &body).await,
        _ => Err(StatusCode::NOT_FOUND),
    };
    status.map_or_else(|refused| refused, |()| StatusCode::OK)
}

impl Desk {
    async fn exact(&self, body: &Bytes) -> Result<(), StatusCode> {
        let webhooks = self.config.exact.as_ref().ok_or(StatusCode::NOT_FOUND)?;
        let verdict = webhooks.check(body);
        match &verdict {
            WebhookVerdict::Validation => Ok(()),
            WebhookVerdict::Changed(event) => {
                let division = self.division(event).ok_or(StatusCode::NOT_FOUND)?;
                let topic = event.topic.as_str();
                let covers = |flow: &Flow| flow.divisions.is_empty() || flow.divisions.contains(&division);
                let created = event.created.map(|at| format!("{at:?}")).unwrap_or_default();
                let key = format!("exact/{division}/{topic}/{}/{:?}/{created}", event.key, event.action);
                let concerned = |flow: &Flow| covers(flow) && topics::concerns(topic, flow);
                let hints = self.hints(concerned, &News::Exact { division, topic: topic.to_owned() });
                let (record, at) = (event.key.to_string(), event.created.map(WallTime::to_utc));
                self.hear(key, hints, |hint| self.echoes.is_echo(&hint.flow, Side::Exact, &record, at)).await
            }
            _ => Err(StatusCode::from_u16(verdict.status()).unwrap_or(StatusCode::BAD_REQUEST)),
        }
    }

    /// The division of an event, where this tenant has it under the app that the event was sent to.
    fn division(&self, event: &WebhookEvent) -> Option<Division> {
        let of_app =
            |id: &str| event.client_id.is_none_or(|client| client.to_string().eq_ignore_ascii_case(id));
        let grants = self.app.grants().iter().filter(|grant| {
            let id = &grant.config.client_id;
            of_app(id.trim_matches(['{', '}']))
        });
        grants.flat_map(|grant| &grant.config.divisions).copied().find(|it| exact_id(*it) == event.division)
    }

    async fn pipedrive(&self, headers: &HeaderMap, body: &Bytes) -> Result<(), StatusCode> {
        let verifier = self.config.pipedrive.as_ref().ok_or(StatusCode::NOT_FOUND)?;
        verifier.verify(text(headers, "authorization")).map_err(|_| StatusCode::UNAUTHORIZED)?;
        let hint = pipedrive::webhook::hint(body).map_err(|_| StatusCode::BAD_REQUEST)?;
        let Some(hint) = hint else { return Ok(()) };
        let key = format!("pipedrive/{}", hint.event);
        let concerned = |flow: &Flow| concerns(hint.kind, flow.kinds.crm);
        let hints = news(&hint).iter().flat_map(|news| self.hints(concerned, news)).collect();
        self.hear(key, hints, |told| told.news == News::Crm && self.is_echo(told, &hint.id)).await
    }

    /// One target address serves every account that an app is installed in: what is of another one is for nobody here.
    async fn hubspot(&self, headers: &HeaderMap, body: &Bytes) -> Result<(), StatusCode> {
        let verifier = self.config.hubspot.as_ref().ok_or(StatusCode::NOT_FOUND)?;
        let signature = text(headers, "x-hubspot-signature-v3").ok_or(StatusCode::UNAUTHORIZED)?;
        let timestamp = text(headers, "x-hubspot-request-timestamp").ok_or(StatusCode::UNAUTHORIZED)?;
        let now = self.app.clock().now();
        verifier.verify(signature, timestamp, body, now).map_err(|_| StatusCode::UNAUTHORIZED)?;
        let hints = self.app.hints_of_hubspot(body).ok_or(StatusCode::NOT_FOUND)?;
        let mut hints = hints.map_err(|_| StatusCode::BAD_REQUEST)?;
        if let Some(portal) = self.app.portal().await {
            let told = !hints.is_empty();
            hints.retain(|hint| hint.portal_id.is_none_or(|of| of == portal));
            if told && hints.is_empty() {
                return Err(StatusCode::NOT_FOUND);
            }
        }
        let kinds: BTreeSet<Kind> = hints.iter().map(|hint| hint.kind).collect();
        let concerned = |flow: &Flow| kinds.iter().any(|kind| concerns(*kind, flow.kinds.crm));
        // A signature stands for the very bytes and their time.
        let heard = self.hints(concerned, &News::Crm);
        let echo = |told: &Hint| hints.iter().all(|hint| self.is_echo(told, &hint.id));
        self.hear(format!("hubspot/{signature}"), heard, echo).await
    }

    /// Whether what was heard of a record of the CRM is what the flow wrote to it.
    fn is_echo(&self, hint: &Hint, record: &RecordId) -> bool {
        self.echoes.is_echo(&hint.flow, Side::Crm, record.as_str(), None)
    }

    /// The same news for every flow that it concerns.
    fn hints(&self, concerned: impl Fn(&Flow) -> bool, news: &News) -> Vec<Hint> {
        let flows = self.app.flows().iter().filter(|flow| concerned(flow));
        flows.map(|flow| Hint::new(&*flow.name, news.clone())).collect()
    }

    /// Notes hints, unless the event came before. Those of what their flow wrote itself bring about no pass.
    async fn hear(
        &self,
        event: String,
        hints: Vec<Hint>,
        is_echo: impl Fn(&Hint) -> bool,
    ) -> Result<(), StatusCode> {
        if !self.seen.is_new(&event) {
            return Ok(());
        }
        let (echoes, news): (Vec<_>, Vec<_>) = hints.into_iter().partition(is_echo);
        self.hints.overhear(echoes).await;
        self.hints.hear(news).await.map_err(|error| {
            tracing::error!(%error, "a webhook was not noted; its sender is asked to come again");
            StatusCode::SERVICE_UNAVAILABLE
        })?;
        self.seen.remember(&event);
        Ok(())
    }
}

/// What an event of Pipedrive's says, with what no feed of it tells: where merged records went, and who is gone.
fn news(hint: &pipedrive::webhook::Hint) -> Vec<News> {
    let mut news = vec![News::Crm];
    match hint.merge() {
        Some(Change::Merged { into, from }) => {
            news.extend(from.into_iter().map(|from| News::Merged { from, into: into.clone() }));
        }
        _ if hint.deleted => news.push(News::Deleted(hint.id.clone())),
        _ => {}
    }
    news
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether a flow of that kind may have something to read: also of lines, which are part of other records.
fn concerns(changed: Kind, of_flow: Kind) -> bool {
    changed == of_flow || changed == Kind::Line
}
