//! Takes Exact's webhooks with axum: check the raw bytes, answer, and look at the sync feed afterwards.
//!
//! `EXACT_WEBHOOK_SECRET=… cargo run --example webhook`, behind whatever ends TLS for the callback URL.

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use exact_client::{WebhookEvent, WebhookVerdict, Webhooks};
use tokio::sync::mpsc;

type Shared = Arc<(Webhooks, mpsc::Sender<WebhookEvent>)>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let secret = std::env::var("EXACT_WEBHOOK_SECRET").context("set EXACT_WEBHOOK_SECRET")?;
    let (hints, mut due) = mpsc::channel(100);
    let app = Router::new()
        .route("/exact/webhook", post(receive))
        .layer(DefaultBodyLimit::max(Webhooks::max_body()))
        .with_state(Arc::new((Webhooks::new(secret.into()), hints)));
    tokio::spawn(async move {
        while let Some(event) = due.recv().await {
            println!(
                "read the feed of {} in division {} now ({:?})",
                event.topic.as_str(),
                event.division,
                event.action
            );
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("POST /exact/webhook at {}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn receive(State(shared): State<Shared>, body: Bytes) -> StatusCode {
    let (webhooks, hints) = &*shared;
    let verdict = webhooks.check(&body);
    let status = StatusCode::from_u16(verdict.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let WebhookVerdict::Changed(event) = verdict {
        // A full queue means that the feeds are about to be read anyhow.
        let _ = hints.try_send(event);
    }
    status
}
