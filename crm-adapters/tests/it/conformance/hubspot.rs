//! The suite over HubSpot, as the sandbox plays it.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::hubspot::{HubSpot, ServiceKey};
use crm_adapters::testing::adapter::{Place, Sample};
use crm_adapters::{Adapter, Kind, RecordId, Value, async_trait};
use sandbox::{Fault, Sandbox, Trouble};
use serde_json::json;

use crate::world::START;

#[derive(Debug)]
struct Companies(Sandbox);

#[async_trait]
impl Place for Companies {
    async fn open(&self) -> Arc<dyn Adapter> {
        let adapter = HubSpot::builder(ServiceKey::new(self.0.hubspot().token()))
            .origin(self.0.hubspot().base_url().parse().unwrap())
            .clock(Arc::new(self.0.clock().clone()))
            .build();
        let adapter = adapter.unwrap();
        adapter.schema(Kind::Company).await.unwrap();
        Arc::new(adapter)
    }

    fn sample(&self) -> Sample {
        Sample::new(Kind::Company, "name", "custom:KvK number")
            .unique("custom:Exact ID")
            .field("city", Value::text("Delft"), Value::text("Utrecht"))
            .field("annualrevenue", Value::Decimal(5.into()), Value::Decimal(0.into()))
            .many(150)
    }

    async fn settle(&self) {
        self.0.clock().advance(Duration::from_secs(20 * 60));
    }

    async fn lose_next_reply(&self) -> bool {
        self.0.hubspot().inject(Fault::new(Trouble::DropAfter).on("POST", "/batch/upsert"));
        true
    }

    async fn delete(&self, id: &RecordId) -> bool {
        self.0.hubspot().archive("companies", id.as_str()).is_ok()
    }

    async fn merge(&self, from: &RecordId, into: &RecordId) -> Option<RecordId> {
        self.0.hubspot().merge("companies", into.as_str(), from.as_str()).ok().map(RecordId::new)
    }
}

async fn companies() -> Companies {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    for (name, label, unique) in [("exact_id", "Exact ID", true), ("kvk", "KvK number", false)] {
        let definition = json!({"name": name, "label": label, "type": "string", "fieldType": "text",
            "groupName": "companyinformation", "hasUniqueValue": unique});
        sandbox.hubspot().create_property("companies", definition).unwrap();
    }
    Companies(sandbox)
}

crm_adapters::adapter_conformance!(companies, skips: {
    "a_missing_required_field_is_named_before_the_call": "HubSpot takes a company without a name",
});
