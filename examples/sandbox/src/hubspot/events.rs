//! Webhooks: what an app subscribed to, and the events that wait for their delivery.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::HubSpotSettings;
use super::write::Call;
use super::{APP, PORTAL};

/// So many events travel together.
const MOST_IN_DELIVERY: usize = 100;
/// So often a refused delivery is tried again, within a day.
const RETRIES: u32 = 10;
const RETRIES_WITHIN: TimeDelta = TimeDelta::hours(24);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: u64,
    pub(super) event_type: String,
    pub(super) property: Option<String>,
    pub(super) object_type_id: Option<String>,
    pub(super) active: bool,
    pub(super) created: DateTime<Utc>,
}

/// A request to the app's address that is still to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delivery {
    due: DateTime<Utc>,
    attempt: u32,
    events: Vec<Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Events {
    pub(super) target: Option<Target>,
    pub(super) subscriptions: Vec<Subscription>,
    /// Events that no delivery carries yet.
    fresh: VecDeque<Value>,
    waiting: Vec<Delivery>,
    last_subscription: u64,
    last_event: u64,
    /// Deliveries that the app did not take in ten retries.
    given_up: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) max_concurrent_requests: u32,
    pub(super) created: DateTime<Utc>,
}

impl Events {
    pub(super) fn created(&mut self, type_id: &str, id: u64, call: Call) {
        self.note(type_id, "creation", call, None, &json!({ "objectId": id, "changeFlag": "NEW" }));
    }

    pub(super) fn changed(&mut self, type_id: &str, id: u64, name: &str, value: &str, call: Call) {
        // These cannot be subscribed to.
        if ["hs_lastmodifieddate", "num_unique_conversion_events"].contains(&name) {
            return;
        }
        let event = json!({ "objectId": id, "propertyName": name, "propertyValue": value });
        self.note(type_id, "propertyChange", call, Some(name), &event);
    }

    pub(super) fn deleted(&mut self, type_id: &str, id: u64, call: Call) {
        self.note(type_id, "deletion", call, None, &json!({ "objectId": id, "changeFlag": "DELETED" }));
    }

    pub(super) fn restored(&mut self, type_id: &str, id: u64, call: Call) {
        self.note(type_id, "restore", call, None, &json!({ "objectId": id, "changeFlag": "RESTORED" }));
    }

    pub(super) fn forgotten(&mut self, id: u64, call: Call) {
        self.note("0-1", "privacyDeletion", call, None, &json!({ "objectId": id }));
    }

    pub(super) fn merged(&mut self, type_id: &str, (primary, other): (u64, u64), id: u64, call: Call) {
        let event = json!({
            "objectId": id,
            "primaryObjectId": primary,
            "mergedObjectIds": [other],
            "newObjectId": id,
            "numberOfPropertiesMoved": 0,
        });
        self.note(type_id, "merge", call, None, &event);
    }

    pub(super) fn associated(&mut self, from: (&str, u64), to: (&str, u64), removed: bool, call: Call) {
        let kind = |from: &str, to: &str| {
            format!("{}_TO_{}", singular(from).to_uppercase(), singular(to).to_uppercase())
        };
        for ((from_type, from), (to_type, to)) in [(from, to), (to, from)] {
            let event = json!({
                "associationType": kind(from_type, to_type),
                "fromObjectId": from,
                "toObjectId": to,
                "associationRemoved": removed,
                "isPrimaryAssociation": false,
            });
            self.note(from_type, "associationChange", call, None, &event);
        }
    }

    pub(super) fn subscribe(
        &mut self,
        event_type: &str,
        property: Option<&str>,
        object_type_id: Option<&str>,
        active: bool,
        now: DateTime<Utc>,
    ) -> &Subscription {
        self.last_subscription += 1;
        self.subscriptions.push(Subscription {
            id: self.last_subscription,
            event_type: event_type.to_owned(),
            property: property.map(str::to_owned),
            object_type_id: object_type_id.map(str::to_owned),
            active,
            created: now,
        });
        &self.subscriptions[self.subscriptions.len() - 1]
    }

    /// One event for every subscription that asked for it.
    fn note(&mut self, type_id: &str, what: &str, call: Call, property: Option<&str>, event: &Value) {
        if self.target.is_none() {
            return;
        }
        let (classic, generic) = (format!("{}.{what}", singular(type_id)), format!("object.{what}"));
        let asked = self.subscriptions.iter().filter(|subscription| {
            let typed = subscription.event_type == classic
                || (subscription.event_type == generic
                    && subscription.object_type_id.as_deref() == Some(type_id));
            let named = property.is_none() || subscription.property.as_deref() == property;
            subscription.active && typed && named
        });
        for subscription in asked {
            self.last_event += 1;
            let mut event = event.clone();
            event["eventId"] = json!(self.last_event);
            event["subscriptionId"] = json!(subscription.id);
            event["portalId"] = json!(PORTAL);
            event["appId"] = json!(APP);
            event["occurredAt"] = json!(call.now.timestamp_millis());
            event["subscriptionType"] = json!(subscription.event_type);
            event["changeSource"] = json!(call.by.source());
            event["sourceId"] = json!(call.by.source_id());
            if subscription.event_type == generic {
                event["objectTypeId"] = json!(type_id);
            }
            self.fresh.push_back(event);
        }
    }

    /// The deliveries whose time has come. Each is out of the queue until [`Self::refused`] puts it back.
    pub(super) fn due(
        &mut self,
        settings: &HubSpotSettings,
        random: &mut StdRng,
        now: DateTime<Utc>,
    ) -> Vec<Delivery> {
        let mut due: Vec<Delivery> = self.waiting.extract_if(.., |delivery| delivery.due <= now).collect();
        let mut events: Vec<Value> = self.fresh.drain(..).collect();
        // At least once, in no order that anybody could rely on.
        if settings.duplicate_every > 0 {
            let again: Vec<Value> = events
                .iter()
                .skip(settings.duplicate_every - 1)
                .step_by(settings.duplicate_every)
                .cloned()
                .collect();
            events.extend(again);
        }
        if settings.shuffle_events {
            events.shuffle(random);
        }
        let fresh = events.chunks(MOST_IN_DELIVERY);
        due.extend(fresh.map(|events| Delivery { due: now, attempt: 0, events: events.to_vec() }));
        due
    }

    /// Puts a delivery back that the app did not take, with a random delay.
    pub(super) fn refused(&mut self, mut delivery: Delivery, random: &mut StdRng, now: DateTime<Utc>) {
        if delivery.attempt >= RETRIES {
            self.given_up += 1;
            return;
        }
        delivery.attempt += 1;
        let most = RETRIES_WITHIN.num_seconds() / i64::from(RETRIES);
        delivery.due = now + TimeDelta::seconds(random.random_range(60..=most));
        self.waiting.push(delivery);
    }

    pub(super) fn usage(&self) -> Value {
        let waiting: usize = self.waiting.iter().map(|delivery| delivery.events.len()).sum();
        json!({ "events_waiting": self.fresh.len() + waiting, "deliveries_given_up": self.given_up })
    }
}

impl Delivery {
    /// The body of the request: every event says which attempt it is.
    pub(super) fn body(&self) -> String {
        let mut events = self.events.clone();
        for event in &mut events {
            event["attemptNumber"] = json!(self.attempt);
        }
        Value::Array(events).to_string()
    }
}

/// The name that classic events begin with.
fn singular(type_id: &str) -> &'static str {
    match type_id {
        "0-1" => "contact",
        "0-2" => "company",
        "0-3" => "deal",
        "0-7" => "product",
        "0-8" => "line_item",
        _ => "object",
    }
}
