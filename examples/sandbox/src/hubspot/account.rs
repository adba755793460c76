//! What the account itself tells: owners, details, use and limits, tax rates, currencies; and the webhook settings.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::events::{Subscription, Target};
use super::objects::limit;
use super::pipelines::OPENED;
use super::properties::iso;
use super::refusal::Refusal;
use super::route::Area;
use super::state::{State, body};
use super::{APP, PORTAL};
use crate::http::{Reply, Request};

const MOST_CUSTOM_PROPERTIES: usize = 1_000;
/// The published floor.
const LEAST_CONCURRENCY: u64 = 6;
const EVENTS: [&str; 7] =
    ["creation", "deletion", "merge", "restore", "propertyChange", "associationChange", "privacyDeletion"];
const EVENT_OBJECTS: [&str; 7] = ["contact", "company", "deal", "ticket", "line_item", "product", "object"];

fn ok(body: &Value) -> Reply {
    Reply::json(StatusCode::OK, body)
}

impl State {
    pub(super) fn account(
        &self,
        area: Area,
        rest: &[&str],
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        if request.method != Method::GET {
            return Err(Refusal::not_allowed());
        }
        match (area, rest) {
            (Area::Owners, []) => owners(request),
            (Area::Owners, [id]) => {
                let found = all_owners().into_iter().find(|owner| owner["id"] == **id);
                found.map(|owner| ok(&owner)).ok_or_else(|| Refusal::not_found(&[id]))
            }
            (Area::AccountInfo, ["details"]) => Ok(ok(&details())),
            (Area::AccountInfo, ["api-usage", "daily", "private-apps"]) => Ok(ok(&self.api_usage(now))),
            (Area::Limits, ["records"]) => {
                Ok(ok(&json!({ "hubspotDefinedObjectTypes": [], "customObjectTypes": [] })))
            }
            (Area::Limits, ["custom-properties"]) => Ok(ok(&self.custom_properties())),
            (Area::TaxRates, []) => Ok(ok(&json!({ "results": tax_rates() }))),
            (Area::Currencies, ["company-currency"]) => Ok(ok(&json!({ "currencyCode": "EUR" }))),
            _ => Err(Refusal::no_such_path()),
        }
    }

    fn api_usage(&self, now: DateTime<Utc>) -> Value {
        json!({ "results": [{
            "name": "private-apps-api-calls-daily",
            "usageLimit": self.settings.limits.day,
            "currentUsage": self.quota.today(),
            "collectedAt": iso(now),
            "fetchStatus": "SUCCESS",
        }] })
    }

    fn custom_properties(&self) -> Value {
        let by_type = self.tables.values().map(|table| {
            let used = table.properties.list(false).filter(|property| !property.hubspot_defined).count();
            json!({
                "objectTypeId": table.ty.id,
                "limit": MOST_CUSTOM_PROPERTIES,
                "usage": used,
                "percentage": 100 * used / MOST_CUSTOM_PROPERTIES,
            })
        });
        json!({ "byObjectType": by_type.collect::<Vec<_>>() })
    }

    /// `/app-webhooks/{version}/{appId}…`.
    pub(super) fn webhook_settings(
        &mut self,
        app: &str,
        rest: &[&str],
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        if app.parse() != Ok(APP) {
            return Err(Refusal::not_found(&[app]));
        }
        let place = |id: &str, all: &[Subscription]| {
            let place = all.iter().position(|subscription| subscription.id.to_string() == id);
            place.ok_or_else(|| Refusal::not_found(&[id]))
        };
        Ok(match (&request.method, rest) {
            (&Method::GET, ["settings"]) => {
                let target = self.events.target.as_ref().ok_or_else(|| Refusal::not_found(&["settings"]))?;
                ok(&target_json(target))
            }
            (&Method::PUT, ["settings"]) => {
                let target = read_target(&body(request)?, now)?;
                ok(&target_json(self.events.target.insert(target)))
            }
            (&Method::DELETE, ["settings"]) => {
                self.events.target = None;
                Reply::empty(StatusCode::NO_CONTENT)
            }
            (&Method::GET, ["subscriptions"]) => {
                let all = self.events.subscriptions.iter().map(subscription_json);
                ok(&json!({ "results": all.collect::<Vec<_>>() }))
            }
            (&Method::POST, ["subscriptions"]) => {
                let shown = self.subscribe(&body(request)?, now)?;
                Reply::json(StatusCode::CREATED, &shown)
            }
            (&Method::GET, ["subscriptions", id]) => {
                let place = place(id, &self.events.subscriptions)?;
                ok(&subscription_json(&self.events.subscriptions[place]))
            }
            (&Method::PATCH, ["subscriptions", id]) => {
                let place = place(id, &self.events.subscriptions)?;
                let subscription = &mut self.events.subscriptions[place];
                subscription.active = body(request)?["active"].as_bool().unwrap_or(subscription.active);
                ok(&subscription_json(subscription))
            }
            (&Method::DELETE, ["subscriptions", id]) => {
                let place = place(id, &self.events.subscriptions)?;
                self.events.subscriptions.remove(place);
                Reply::empty(StatusCode::NO_CONTENT)
            }
            _ => return Err(Refusal::no_such_path()),
        })
    }

    fn subscribe(&mut self, body: &Value, now: DateTime<Utc>) -> Result<Value, Refusal> {
        let event_type = body["eventType"].as_str().unwrap_or_default();
        let known = event_type
            .split_once('.')
            .is_some_and(|(object, event)| EVENT_OBJECTS.contains(&object) && EVENTS.contains(&event));
        if !known {
            return Err(Refusal::validation(format!("Unknown eventType {event_type}")));
        }
        let (property, object) = (body["propertyName"].as_str(), body["objectTypeId"].as_str());
        if event_type.ends_with(".propertyChange") && property.is_none() {
            return Err(Refusal::validation("propertyChange needs a propertyName"));
        }
        if event_type.starts_with("object.") && object.is_none() {
            return Err(Refusal::validation("object events need an objectTypeId"));
        }
        let active = body["active"].as_bool().unwrap_or(false);
        Ok(subscription_json(self.events.subscribe(event_type, property, object, active, now)))
    }
}

fn read_target(body: &Value, now: DateTime<Utc>) -> Result<Target, Refusal> {
    let url = body["targetUrl"].as_str().filter(|url| url.starts_with("http"));
    let concurrency = body["throttling"]["maxConcurrentRequests"].as_u64();
    match (url, concurrency.and_then(|number| u32::try_from(number).ok())) {
        (Some(url), Some(number)) if u64::from(number) >= LEAST_CONCURRENCY => {
            Ok(Target { url: url.to_owned(), max_concurrent_requests: number, created: now })
        }
        _ => Err(Refusal::validation("targetUrl and a maxConcurrentRequests above 5 are needed")),
    }
}

fn target_json(target: &Target) -> Value {
    json!({
        "targetUrl": target.url,
        "throttling": { "maxConcurrentRequests": target.max_concurrent_requests },
        "createdAt": iso(target.created),
        "updatedAt": iso(target.created),
    })
}

fn subscription_json(subscription: &Subscription) -> Value {
    let mut shown = json!({
        "id": subscription.id.to_string(),
        "eventType": subscription.event_type,
        "active": subscription.active,
        "createdAt": iso(subscription.created),
        "updatedAt": iso(subscription.created),
    });
    if let Some(property) = &subscription.property {
        shown["propertyName"] = json!(property);
    }
    if let Some(object) = &subscription.object_type_id {
        shown["objectTypeId"] = json!(object);
    }
    shown
}

fn owners(request: &Request) -> Result<Reply, Refusal> {
    let limit = limit(request.parameter("limit"), 100, 500)?;
    let archived = request.parameter("archived") == Some("true");
    let mut all = all_owners();
    all.retain(|owner| owner["archived"] == archived);
    if let Some(email) = request.parameter("email") {
        all.retain(|owner| owner["email"] == email);
    }
    if let Some(after) = request.parameter("after") {
        all.retain(|owner| owner["id"].as_str().is_some_and(|id| id >= after));
    }
    let mut shown = json!({});
    if all.len() > limit {
        shown["paging"] = json!({ "next": { "after": all[limit]["id"] } });
        all.truncate(limit);
    }
    shown["results"] = Value::Array(all);
    Ok(ok(&shown))
}

/// The id of an owner is not that of its user.
fn all_owners() -> Vec<Value> {
    let owner = |id: &str, user: u64, first: &str, archived: bool| {
        json!({
            "id": id,
            "email": format!("{}@example.com", first.to_lowercase()),
            "type": "PERSON",
            "firstName": first,
            "lastName": "Jansen",
            "userId": user,
            "userIdIncludingInactive": user,
            "createdAt": OPENED,
            "updatedAt": OPENED,
            "archived": archived,
        })
    };
    vec![owner("1001", 77, "Anna", false), owner("1002", 78, "Bram", false), owner("1003", 79, "Carla", true)]
}

fn details() -> Value {
    json!({
        "portalId": PORTAL,
        "accountType": "STANDARD",
        "timeZone": "Europe/Amsterdam",
        "companyCurrency": "EUR",
        "additionalCurrencies": ["USD", "GBP"],
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "eu1",
    })
}

fn tax_rates() -> Value {
    let rate = |id: u64, name: &str, percentage: &str| {
        json!({
            "id": id.to_string(),
            "name": name,
            "label": format!("{name} {percentage}%"),
            "percentageRate": percentage,
            "active": true,
            "createdAt": OPENED,
            "updatedAt": OPENED,
        })
    };
    json!([rate(1, "BTW hoog", "21"), rate(2, "BTW laag", "9")])
}
