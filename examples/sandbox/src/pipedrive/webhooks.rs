//! Webhooks: what people and apps asked to be told, and the events that wait for their delivery.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};

use super::records::rfc3339;
use super::refusal::Refusal;
use super::settings::PipedriveSettings;
use super::state::State;
use crate::http::Reply;

const MOST: usize = 40;
const ACTIONS: [&str; 4] = ["create", "change", "delete", "*"];
const OBJECTS: [&str; 17] = [
    "activity",
    "board",
    "deal",
    "deal_installment",
    "deal_product",
    "lead",
    "note",
    "organization",
    "person",
    "phase",
    "pipeline",
    "product",
    "project",
    "stage",
    "task",
    "user",
    "*",
];
/// A failed attempt is followed by another one after so many seconds; the last one by none.
const RETRIES: [i64; 3] = [3, 30, 150];
/// So many failed first attempts ban a webhook. What makes them forgotten is not known; here only the ban does.
const FAILURES: u32 = 10;
const BAN: TimeDelta = TimeDelta::minutes(30);
/// A webhook that fails for so long is deleted.
const PATIENCE: TimeDelta = TimeDelta::days(3);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Webhook {
    id: u64,
    url: String,
    action: String,
    object: String,
    name: String,
    user: Option<String>,
    password: Option<String>,
    added: DateTime<Utc>,
    failed_first: u32,
    banned_until: Option<DateTime<Utc>>,
    /// The first failure since the last success.
    failing_since: Option<DateTime<Utc>>,
    last_delivery: Option<(DateTime<Utc>, Option<u16>)>,
}

/// A request to a webhook's address that is still to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delivery {
    webhook: u64,
    due: DateTime<Utc>,
    attempt: usize,
    event: Value,
    pub(super) url: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Webhooks {
    all: Vec<Webhook>,
    waiting: Vec<Delivery>,
    last_id: u64,
    noted: u64,
    lost: u64,
    given_up: u64,
}

/// Why a webhook is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Field(&'static str, &'static str),
    TooMany,
}

impl Webhooks {
    /// Whether anybody is told anything.
    pub(super) fn listen(&self) -> bool {
        !self.all.is_empty()
    }

    pub(super) fn list(&self) -> Vec<Value> {
        self.all.iter().map(Webhook::to_json).collect()
    }

    /// Makes one, if its address `answers`.
    pub(super) fn create(&mut self, body: &Value, answers: bool, now: DateTime<Utc>) -> Result<Value, Wrong> {
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let one_of = |name: &'static str, known: &[&str]| {
            let given = text(name).filter(|given| known.contains(&given.as_str()));
            given.ok_or(Wrong::Field(name, "is not one of those that there are"))
        };
        let url = text("subscription_url").filter(|url| answers && is_public(url));
        let name = text("name").filter(|name| (1..=255).contains(&name.len()));
        // The first version's events are another form, which is going out of use.
        if text("version").is_some_and(|version| version != "2.0") {
            return Err(Wrong::Field("version", "is not supported here"));
        }
        let webhook = Webhook {
            id: self.last_id + 1,
            url: url.ok_or(Wrong::Field("subscription_url", "invalid or non-reachable URL"))?,
            action: one_of("event_action", &ACTIONS)?,
            object: one_of("event_object", &OBJECTS)?,
            name: name.ok_or(Wrong::Field("name", "is required"))?,
            user: text("http_auth_user"),
            password: text("http_auth_password"),
            added: now,
            failed_first: 0,
            banned_until: None,
            failing_since: None,
            last_delivery: None,
        };
        if self.all.len() >= MOST {
            return Err(Wrong::TooMany);
        }
        self.last_id += 1;
        let told = webhook.to_json();
        self.all.push(webhook);
        Ok(told)
    }

    pub(super) fn delete(&mut self, id: u64) -> bool {
        let there = self.all.len();
        self.all.retain(|webhook| webhook.id != id);
        self.all.len() < there
    }

    /// An event for every webhook that asked for it. What is told to a banned one is lost.
    pub(super) fn note(
        &mut self,
        object: &str,
        action: &str,
        event: &Value,
        settings: &PipedriveSettings,
        now: DateTime<Utc>,
    ) {
        for webhook in self.all.iter_mut().filter(|webhook| webhook.wants(object, action)) {
            self.noted += 1;
            let hit = |every: u64| every > 0 && self.noted.is_multiple_of(every);
            if webhook.is_banned(now) || hit(settings.lose_every) {
                self.lost += 1;
                continue;
            }
            let delivery = webhook.delivery(event, self.noted, now);
            if hit(settings.duplicate_every) {
                self.waiting.push(delivery.clone());
            }
            self.waiting.push(delivery);
        }
    }

    /// The deliveries whose time has come. Each is out of the queue until [`Self::answered`] puts it back.
    pub(super) fn due(
        &mut self,
        settings: &PipedriveSettings,
        random: &mut StdRng,
        now: DateTime<Utc>,
    ) -> Vec<Delivery> {
        let mut due: Vec<Delivery> = self.waiting.extract_if(.., |delivery| delivery.due <= now).collect();
        // One that was deleted is told no more.
        due.retain(|delivery| self.all.iter().any(|webhook| webhook.id == delivery.webhook));
        if settings.shuffle_events {
            due.shuffle(random);
        }
        due
    }

    /// What came of a delivery: only an answer of success is one.
    pub(super) fn answered(&mut self, mut delivery: Delivery, status: Option<u16>, now: DateTime<Utc>) {
        let found = self.all.iter_mut().find(|webhook| webhook.id == delivery.webhook);
        let Some(webhook) = found else { return };
        webhook.last_delivery = Some((now, status));
        if status.is_some_and(|status| (200..300).contains(&status)) {
            webhook.failing_since = None;
            return;
        }
        webhook.failed(delivery.attempt, now);
        if webhook.failing_since.is_some_and(|since| now - since >= PATIENCE) {
            let id = webhook.id;
            self.delete(id);
            return;
        }
        let Some(pause) = RETRIES.get(delivery.attempt - 1) else {
            self.given_up += 1;
            return;
        };
        delivery.attempt += 1;
        delivery.due = now + TimeDelta::seconds(*pause);
        self.waiting.push(delivery);
    }

    pub(super) fn usage(&self) -> Value {
        json!({ "webhooks": self.all.len(), "events_waiting": self.waiting.len(), "events_lost": self.lost,
            "deliveries_given_up": self.given_up })
    }
}

impl Webhook {
    fn wants(&self, object: &str, action: &str) -> bool {
        let is = |asked: &str, told: &str| asked == "*" || asked == told;
        is(&self.object, object) && is(&self.action, action)
    }

    fn is_banned(&self, now: DateTime<Utc>) -> bool {
        self.banned_until.is_some_and(|until| until > now)
    }

    fn failed(&mut self, attempt: usize, now: DateTime<Utc>) {
        self.failing_since.get_or_insert(now);
        if attempt > 1 {
            return;
        }
        self.failed_first += 1;
        if self.failed_first >= FAILURES {
            (self.failed_first, self.banned_until) = (0, Some(now + BAN));
        }
    }

    fn delivery(&self, event: &Value, number: u64, now: DateTime<Utc>) -> Delivery {
        let mut event = event.clone();
        event["meta"]["id"] = json!(uuid::Uuid::from_u128(number.into()));
        event["meta"]["webhook_id"] = json!(self.id.to_string());
        event["meta"]["webhook_owner_id"] = json!("1");
        Delivery {
            webhook: self.id,
            due: now,
            attempt: 1,
            event,
            url: self.url.clone(),
            user: self.user.clone(),
            password: self.password.clone(),
        }
    }

    /// Without the password, which nobody is shown.
    fn to_json(&self) -> Value {
        json!({
            "id": self.id, "company_id": 4_711, "owner_id": 1, "user_id": 1, "admin_id": 1,
            "event_action": self.action, "event_object": self.object, "subscription_url": self.url,
            "version": "2.0", "is_active": 1, "add_time": rfc3339(self.added), "remove_time": null,
            "type": "general", "http_auth_user": self.user, "http_auth_password": null,
            "remove_reason": null, "last_delivery_time": self.last_delivery.map(|(at, _)| rfc3339(at)),
            "last_http_status": self.last_delivery.and_then(|(_, status)| status), "name": self.name,
        })
    }
}

impl Delivery {
    /// The body of the request, which says which attempt it is.
    pub(super) fn body(&self) -> String {
        let mut event = self.event.clone();
        event["meta"]["attempt"] = json!(self.attempt);
        event.to_string()
    }
}

impl State {
    pub(super) fn list_webhooks(&self) -> Reply {
        shown(200, json!(self.webhooks.list()))
    }

    pub(super) fn create_webhook(&mut self, body: &Value, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let answers = matches!(self.knocked.take(), Some(Ok(status)) if !(300..400).contains(&status));
        match self.webhooks.create(body, answers, now) {
            Ok(created) => Ok(shown(201, created)),
            Err(Wrong::Field(field, complaint)) => Ok(wrong(400, field, complaint)),
            Err(Wrong::TooMany) => {
                Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "Webhooks limit reached"))
            }
        }
    }

    pub(super) fn delete_webhook(&mut self, id: &str) -> Reply {
        match id.parse().is_ok_and(|id| self.webhooks.delete(id)) {
            true => shown(200, Value::Null),
            false => wrong(404, "id", "not found"),
        }
    }
}

/// The answers about webhooks have an envelope of their own.
fn shown(status: u16, data: Value) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut body = json!({ "status": "ok", "success": true });
    if !data.is_null() {
        body["data"] = data;
    }
    Reply::json(status, &body)
}

fn wrong(status: u16, field: &str, complaint: &str) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Reply::json(status, &json!({ "status": "error", "success": false, "errors": { field: [complaint] } }))
}

/// Public addresses are https. Those of this machine, where tests listen, are taken without.
pub(super) fn is_public(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let local = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    url.scheme() == "https" || (local && url.scheme() == "http")
}
