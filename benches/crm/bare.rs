//! The yardstick: the same requests with the same concurrency, and no look at the answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crm_adapters::SystemClock;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use sync_benches::Vendors;

use crate::load::{adapter, exact_id, start};
use crate::{Crm, Result};

/// Inputs of one batch in HubSpot.
const BATCH: u32 = 100;
/// Searches that HubSpot allows in a second, however they are sent.
const SEARCHES: u32 = 5;

pub(crate) struct Bare {
    crm: Crm,
    client: Client,
    vendors: Vendors,
    /// The vendor's own names of the fields, by label.
    names: BTreeMap<String, String>,
}

impl Bare {
    /// With the fields that the companies need.
    pub(crate) async fn new(crm: Crm, vendors: Vendors) -> Result<Self> {
        let (origin, secret) = crm.access(&vendors);
        start(&*adapter(crm, origin, secret, Arc::new(SystemClock::new()))?).await?;
        let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
        let mut bare = Self { crm, client, vendors, names: BTreeMap::new() };
        bare.names = bare.fields().await?;
        Ok(bare)
    }

    async fn fields(&self) -> Result<BTreeMap<String, String>> {
        let (path, rows, label, name) = match self.crm {
            Crm::HubSpot => ("/crm/properties/2026-09/companies", "results", "label", "name"),
            Crm::Pipedrive => ("/api/v2/organizationFields?limit=500", "data", "field_name", "field_code"),
        };
        let answer = self.send(self.client.get(self.url(path))).await?;
        let text = |field: &Value, member: &str| field[member].as_str().unwrap_or_default().to_owned();
        let fields = answer[rows].as_array().into_iter().flatten();
        Ok(fields.map(|field| (text(field, label), text(field, name))).collect())
    }

    pub(crate) async fn load(&self, companies: u32, concurrency: usize) -> Result<()> {
        let (path, inputs) = match self.crm {
            Crm::HubSpot => ("/crm/objects/2026-09/companies/batch/upsert", BATCH),
            Crm::Pipedrive => ("/api/v2/organizations", 1),
        };
        let starts = (0..companies).step_by(usize::try_from(inputs)?);
        let calls = starts.map(|first| {
            let body = match self.crm {
                Crm::HubSpot => {
                    let all: Vec<_> =
                        (first..companies.min(first + inputs)).map(|at| self.input(at)).collect();
                    json!({"inputs": all})
                }
                Crm::Pipedrive => self.organization(first),
            };
            self.send(self.client.post(self.url(path)).json(&body))
        });
        stream::iter(calls).buffer_unordered(concurrency).try_for_each(|_| async { Ok(()) }).await
    }

    fn input(&self, at: u32) -> Value {
        let id = exact_id(at);
        let properties = json!({
            "name": format!("Company {at}"),
            self.names["KvK number"].as_str(): format!("{at:08}"),
            self.names["Exact ID"].as_str(): id,
        });
        json!({"id": id, "idProperty": self.names["Exact ID"], "properties": properties, "objectWriteTraceId": at.to_string()})
    }

    fn organization(&self, at: u32) -> Value {
        json!({
            "name": format!("Company {at}"),
            "custom_fields": {
                self.names["KvK number"].as_str(): format!("{at:08}"),
                self.names["Exact ID"].as_str(): exact_id(at),
            },
        })
    }

    /// So many pages, one after the other, each as large as those of the adapter.
    pub(crate) async fn read(&self, pages: u64) -> Result<()> {
        let mut cursor = json!("0");
        let mut pace = tokio::time::interval(Duration::from_secs(1) / SEARCHES);
        for _ in 0..pages {
            let request = match self.crm {
                Crm::HubSpot => {
                    pace.tick().await;
                    let after = cursor.as_str().unwrap_or("0");
                    let properties = self.names.values().filter(|name| name.starts_with("exact_"));
                    let body = json!({
                        "filterGroups": [],
                        "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
                        "properties": properties.collect::<Vec<_>>(),
                        "limit": self.crm.page(),
                        "after": after,
                    });
                    self.client.post(self.url("/crm/objects/2026-09/companies/search")).json(&body)
                }
                Crm::Pipedrive => {
                    let request = self.client.get(self.url("/api/v2/organizations"));
                    let request = request.query(&[("limit", self.crm.page().to_string().as_str())]);
                    let request = request.query(&[("sort_by", "update_time"), ("sort_direction", "asc")]);
                    match cursor.as_str() {
                        Some(cursor) if cursor != "0" => request.query(&[("cursor", cursor)]),
                        _ => request,
                    }
                }
            };
            let answer = self.send(request).await?;
            cursor = match self.crm {
                Crm::HubSpot => answer["paging"]["next"]["after"].clone(),
                Crm::Pipedrive => answer["additional_data"]["next_cursor"].clone(),
            };
        }
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.crm.access(&self.vendors).0)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value> {
        let secret = self.crm.access(&self.vendors).1;
        let request = match self.crm {
            Crm::HubSpot => request.bearer_auth(secret),
            Crm::Pipedrive => request.header("x-api-token", secret),
        };
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
