//! `/_sandbox/…`: what a test or a person may see and turn on a running vendor.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::door::{Door, Vendor};
use super::fault::Fault;

/// A vendor that can be turned from outside.
pub(crate) trait Controlled: Vendor {
    /// The settings in force.
    fn settings(&self) -> Value;
    /// Changes the members of the settings that `patch` names.
    fn configure(&mut self, patch: &Value) -> Result<(), String>;
    /// What the counters cannot know, such as the use of each division.
    fn usage(&self, now: DateTime<Utc>) -> Value;
    /// An action of this vendor alone; `None` when it has none of that name.
    fn act(&mut self, action: &str, body: &Value, now: DateTime<Utc>) -> Option<Result<Value, String>>;
}

type Shared<V> = State<Arc<Door<V>>>;
type Answer = Result<Json<Value>, (StatusCode, Json<Value>)>;

pub(crate) fn routes<V: Controlled>() -> Router<Arc<Door<V>>> {
    Router::new()
        .route("/_sandbox/stats", get(stats::<V>).delete(reset_stats::<V>))
        .route("/_sandbox/clock", get(clock::<V>).post(advance::<V>))
        .route("/_sandbox/config", get(settings::<V>).post(configure::<V>))
        .route("/_sandbox/faults", get(faults::<V>).post(inject::<V>).delete(clear_faults::<V>))
        .route("/_sandbox/{*action}", post(act::<V>))
}

async fn stats<V: Controlled>(State(door): Shared<V>) -> Answer {
    let mut stats = serde_json::to_value(door.stats()).map_err(internal)?;
    stats["usage"] = door.with(|vendor, now| vendor.usage(now));
    Ok(Json(stats))
}

async fn reset_stats<V: Controlled>(State(door): Shared<V>) -> Answer {
    door.reset_stats();
    Ok(Json(json!({})))
}

async fn clock<V: Controlled>(State(door): Shared<V>) -> Answer {
    Ok(Json(json!({ "now": door.clock().now() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn advance<V: Controlled>(State(door): Shared<V>, Json(body): Json<Advance>) -> Answer {
    door.clock().advance(Duration::from_secs(body.advance_seconds));
    clock(State(door)).await
}

async fn settings<V: Controlled>(State(door): Shared<V>) -> Answer {
    Ok(Json(door.with(|vendor, _| vendor.settings())))
}

async fn configure<V: Controlled>(State(door): Shared<V>, Json(patch): Json<Value>) -> Answer {
    door.with(|vendor, _| vendor.configure(&patch).map(|()| vendor.settings())).map(Json).map_err(refused)
}

async fn faults<V: Controlled>(State(door): Shared<V>) -> Answer {
    Ok(Json(json!({ "waiting": door.waiting_faults() })))
}

async fn inject<V: Controlled>(State(door): Shared<V>, Json(fault): Json<Fault>) -> Answer {
    door.inject(fault);
    faults(State(door)).await
}

async fn clear_faults<V: Controlled>(State(door): Shared<V>) -> Answer {
    door.clear_faults();
    faults(State(door)).await
}

async fn act<V: Controlled>(State(door): Shared<V>, Path(action): Path<String>, body: String) -> Answer {
    let body: Value =
        if body.is_empty() { json!({}) } else { serde_json::from_str(&body).map_err(refused)? };
    match door.with(|vendor, now| vendor.act(&action, &body, now)) {
        Some(Ok(answer)) => Ok(Json(answer)),
        Some(Err(why)) => Err(refused(why)),
        None => Err((
            StatusCode::NOT_FOUND,
            Json(json!({ "error": format!("the sandbox has no action {action}") })),
        )),
    }
}

fn refused(why: impl ToString) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why.to_string() })))
}

fn internal(why: serde_json::Error) -> (StatusCode, Json<Value>) {
    (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": why.to_string() })))
}

/// What an action wants to know.
pub(crate) fn read_body<T: DeserializeOwned>(body: &Value) -> Result<T, String> {
    T::deserialize(body).map_err(|error| error.to_string())
}

/// Settings with the members that `patch` names replaced, objects member by member.
pub(crate) fn merged<T: DeserializeOwned>(mut settings: Value, patch: &Value) -> Result<T, String> {
    merge(&mut settings, patch);
    serde_json::from_value(settings).map_err(|error| error.to_string())
}

fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}
