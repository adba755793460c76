//! The suite over HubSpot, as the sandbox plays it: each kind that a flow writes.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::hubspot::{HubSpot, ServiceKey};
use crm_adapters::testing::adapter::{Place, Sample};
use crm_adapters::{Adapter, Kind, RecordId, Value, async_trait};
use sandbox::{Fault, Sandbox, Trouble};
use serde_json::json;

use crate::world::START;

/// The records of one object type.
#[derive(Debug)]
struct Records {
    sandbox: Sandbox,
    object: &'static str,
    sample: Sample,
}

#[async_trait]
impl Place for Records {
    async fn open(&self) -> Arc<dyn Adapter> {
        let adapter = HubSpot::builder(ServiceKey::new(self.sandbox.hubspot().token()))
            .origin(self.sandbox.hubspot().base_url().parse().unwrap())
            .clock(Arc::new(self.sandbox.clock().clone()))
            .build();
        let adapter = adapter.unwrap();
        adapter.schema(self.sample.kind).await.unwrap();
        Arc::new(adapter)
    }

    fn sample(&self) -> Sample {
        self.sample.clone()
    }

    async fn settle(&self) {
        self.sandbox.clock().advance(Duration::from_secs(20 * 60));
    }

    async fn lose_next_reply(&self) -> bool {
        self.sandbox.hubspot().inject(Fault::new(Trouble::DropAfter).on("POST", "/batch/upsert"));
        true
    }

    async fn delete(&self, id: &RecordId) -> bool {
        self.sandbox.hubspot().archive(self.object, id.as_str()).is_ok()
    }

    async fn merge(&self, from: &RecordId, into: &RecordId) -> Option<RecordId> {
        self.sandbox.hubspot().merge(self.object, into.as_str(), from.as_str()).ok().map(RecordId::new)
    }
}

/// An empty account in which these records have a unique property and one for their key.
async fn records(object: &'static str, group: &str, sample: Sample) -> Records {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    for (name, label, unique) in [("exact_id", "Exact ID", true), ("key", "Key", false)] {
        let definition = json!({"name": name, "label": label, "type": "string", "fieldType": "text",
            "groupName": group, "hasUniqueValue": unique});
        sandbox.hubspot().create_property(object, definition).unwrap();
    }
    Records { sandbox, object, sample: sample.unique("custom:Exact ID").many(150) }
}

mod companies {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Company, "name", "custom:Key")
            .field("city", Value::text("Delft"), Value::text("Utrecht"))
            .field("annualrevenue", Value::Decimal(5.into()), Value::Decimal(0.into()));
        records("companies", "companyinformation", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_missing_required_field_is_named_before_the_call": "HubSpot takes a company without a name",
    });
}

mod contacts {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Contact, "lastname", "custom:Key")
            .field("firstname", Value::text("Zoë"), Value::text("Jan"))
            .field("phone", Value::text("+31 20 1234567"), Value::text("+31 10 7654321"));
        records("contacts", "contactinformation", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_missing_required_field_is_named_before_the_call": "HubSpot takes a contact without a name",
    });
}

mod deals {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Deal, "dealname", "custom:Key")
            .field("amount", Value::Decimal("12.5".parse().unwrap()), Value::Decimal(0.into()))
            .field("deal_currency_code", Value::text("EUR"), Value::text("USD"));
        records("deals", "dealinformation", sample).await
    }

    crm_adapters::adapter_conformance!(place);
}

mod products {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Product, "name", "hs_sku")
            .field("description", Value::text("Gouda's oldest"), Value::text("Zoë's"))
            .field("price", Value::Decimal("0.10".parse().unwrap()), Value::Decimal(7.into()))
            .field("custom:Key", Value::text("a"), Value::text("b"));
        records("products", "productinformation", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_merged_record_is_told": "HubSpot merges no products",
    });
}
