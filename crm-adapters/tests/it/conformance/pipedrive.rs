//! The suite over Pipedrive, as the sandbox plays it.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::testing::adapter::{Place, Sample};
use crm_adapters::{Adapter, Kind, RecordId, Value, async_trait};
use sandbox::{Fault, Sandbox, Trouble};

use crate::world::START;

const KVK: &str = "custom:KvK number";

#[derive(Debug)]
struct Companies(Sandbox);

#[async_trait]
impl Place for Companies {
    async fn open(&self) -> Arc<dyn Adapter> {
        let adapter = Pipedrive::builder(ApiToken::new(self.0.pipedrive().api_token()))
            .origin(self.0.pipedrive().base_url().parse().unwrap())
            .clock(Arc::new(self.0.clock().clone()))
            .build();
        Arc::new(adapter.unwrap())
    }

    fn sample(&self) -> Sample {
        Sample::new(Kind::Company, "name", KVK)
            .field("website", Value::text("https://example.com"), Value::text("https://example.org"))
            .field("employee_count", Value::Decimal(5.into()), Value::Decimal(0.into()))
            .many(501)
    }

    async fn settle(&self) {
        self.0.clock().advance(Duration::from_secs(60));
    }

    async fn lose_next_reply(&self) -> bool {
        self.0.pipedrive().inject(Fault::new(Trouble::DropAfter).on("POST", "/api/v2/organizations"));
        true
    }

    async fn delete(&self, id: &RecordId) -> bool {
        self.0.pipedrive().delete_organization(id.as_str().parse().unwrap()).is_ok()
    }
}

async fn companies() -> Companies {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    sandbox.pipedrive().create_field("KvK number", "varchar").unwrap();
    Companies(sandbox)
}

crm_adapters::adapter_conformance!(companies, skips: {
    "a_deleted_record_is_told": "Pipedrive tells of deleted organizations by webhook only",
    "a_merged_record_is_told": "nobody merges organizations here",
    "a_repeated_create_with_a_unique_key_changes_the_record": "Pipedrive has no unique field",
    "one_bad_record_does_not_sink_the_batch": "one record a call",
});
