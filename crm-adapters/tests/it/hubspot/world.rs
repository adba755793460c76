//! A HubSpot account on a clock that waiting moves, and an adapter that calls it.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::hubspot::{HubSpot, HubSpotBuilder, ServiceKey};
use crm_adapters::{Action, Adapter, Change, Cursor, Fields, Kind, Outcome, Record, View, Write};
use sandbox::Sandbox;
use serde_json::json;

use crate::world::START;

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) crm: HubSpot,
}

impl World {
    /// An account whose companies have `Exact ID`, unique, and `KvK number`.
    pub(crate) async fn new() -> Self {
        let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
        let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
        for (name, label, unique) in [("exact_id", "Exact ID", true), ("kvk", "KvK number", false)] {
            let definition = json!({"name": name, "label": label, "type": "string", "fieldType": "text",
                "groupName": "companyinformation", "hasUniqueValue": unique});
            sandbox.hubspot().create_property("companies", definition).unwrap();
        }
        let crm = builder(&sandbox).build().unwrap();
        Self { sandbox, crm }
    }

    pub(crate) fn wait(&self, time: Duration) {
        self.sandbox.clock().advance(time);
    }

    pub(crate) async fn write(&self, view: &View, actions: Vec<Action>) -> Vec<Outcome> {
        let writes = actions.into_iter().map(|action| Write { action, send_before: None }).collect();
        self.crm.write(view, writes).await
    }

    /// Walks to the end of the feed.
    pub(crate) async fn walk(&self, view: &View, after: Option<&Cursor>) -> (Vec<Change>, Cursor) {
        let mut cursor = after.cloned();
        let mut changes = Vec::new();
        for _ in 0..500 {
            let page = self.crm.changes(view, cursor.as_ref()).await.unwrap();
            changes.extend(page.changes);
            if !page.more {
                return (changes, page.cursor);
            }
            cursor = Some(page.cursor);
        }
        unreachable!("the feed has no end")
    }

    pub(crate) fn requests(&self, part: &str) -> u64 {
        self.sandbox.hubspot().stats().requests_of(part)
    }
}

pub(crate) fn builder(sandbox: &Sandbox) -> HubSpotBuilder {
    HubSpot::builder(ServiceKey::new(sandbox.hubspot().token()))
        .origin(sandbox.hubspot().base_url().parse().unwrap())
        .clock(Arc::new(sandbox.clock().clone()))
}

pub(crate) fn view(kind: Kind, fields: &[&str]) -> View {
    View { kind, fields: fields.iter().map(|name| (*name).to_owned()).collect() }
}

pub(crate) fn companies() -> View {
    view(Kind::Company, &["name", "custom:KvK number", "custom:Exact ID"])
}

/// The `n`th company, with the key that makes its create repeatable.
pub(crate) fn company(n: usize) -> Action {
    let fields = Fields::new()
        .with("name", format!("Company {n}"))
        .with("custom:KvK number", format!("{n:08}"))
        .with("custom:Exact ID", format!("1:{n}"));
    Action::Create(fields)
}

pub(crate) fn applied(outcome: Outcome) -> Record {
    match outcome {
        Outcome::Applied(record) => record,
        other => unreachable!("a write that is right is stored, but this came of it: {other:?}"),
    }
}
