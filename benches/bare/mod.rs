//! The yardstick: the same requests, and nothing else.

use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::Client;
use serde_json::{Value, json};
use sync_benches::{Measure, Setup, Vendors};

use crate::{Result, Taken};

/// Creates as many companies as Exact has, and makes as many `others`, one after the other, as the engine made.
pub(crate) async fn load(setup: Setup, concurrency: usize, others: u64) -> Result<Taken> {
    let vendors = Vendors::start(setup)?;
    let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
    let bare = Bare { client, vendors };
    let keys = bare.fields(["KvK number", "Exact ID"]).await?;
    let measure = Measure::start();
    bare.work(setup.companies, &keys, concurrency, others).await?;
    Ok(Taken { wall: measure.wall(), processor: measure.processor() })
}

struct Bare {
    client: Client,
    vendors: Vendors,
}

impl Bare {
    async fn work(&self, companies: u32, keys: &[String], concurrency: usize, others: u64) -> Result<()> {
        let creates = (0..companies).map(|at| self.create(at, keys));
        stream::iter(creates).buffer_unordered(concurrency).try_collect::<()>().await?;
        for _ in 0..others {
            // The cheapest there is: the engine's own are dearer, so the yardstick is on the strict side.
            let short = self.client.get(self.url("/api/v2/organizations")).query(&[("limit", "1")]);
            self.send(short).await?;
        }
        Ok(())
    }

    async fn create(&self, at: u32, keys: &[String]) -> Result<()> {
        let id = format!("{}:00000000-0000-4000-8000-{at:012}", self.vendors.division());
        let body = json!({
            "name": format!("Company {at}"),
            "custom_fields": { keys[0].as_str(): format!("{at:08}"), keys[1].as_str(): id },
        });
        self.send(self.client.post(self.url("/api/v2/organizations")).json(&body)).await?;
        Ok(())
    }

    /// Makes custom text fields; their keys.
    async fn fields(&self, labels: [&str; 2]) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        for label in labels {
            let body = json!({"field_name": label, "field_type": "varchar"});
            let made =
                self.send(self.client.post(self.url("/api/v2/organizationFields")).json(&body)).await?;
            keys.push(made["data"]["field_code"].as_str().unwrap_or_default().to_owned());
        }
        Ok(keys)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.vendors.text("pipedrive", "base_url"))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let request = request.header("x-api-token", self.vendors.text("pipedrive", "api_token"));
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
