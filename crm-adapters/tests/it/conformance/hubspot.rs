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

/// A type of object that administrators have made.
const CUSTOM: &str = "p_project";

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
            .object(self.sample.kind, self.object)
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
async fn records(object: &'static str, sample: Sample) -> Records {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    if object == CUSTOM {
        let text = |name, label| json!({"name": name, "label": label, "type": "string", "fieldType": "text"});
        let properties = [text("name", "Name"), text("city", "City")];
        let project = json!({"name": "project", "requiredProperties": ["name"], "properties": properties});
        sandbox.hubspot().create_object_type(&project).unwrap();
    }
    for (name, label, unique) in [("exact_id", "Exact ID", true), ("key", "Key", false)] {
        let definition = json!({"name": name, "label": label, "hasUniqueValue": unique});
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
        records("companies", sample).await
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
        records("contacts", sample).await
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
        records("deals", sample).await
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
        records("products", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_merged_record_is_told": "HubSpot merges no products",
    });
}

mod orders {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Order, "hs_order_name", "custom:Key")
            .field("hs_external_order_status", Value::text("open"), Value::text("shipped"))
            .field("hs_total_price", Value::Decimal("12.5".parse().unwrap()), Value::Decimal(0.into()));
        records("orders", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_missing_required_field_is_named_before_the_call": "HubSpot takes an order without a name",
        "a_merged_record_is_told": "HubSpot merges no orders",
    });
}

mod invoices {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Invoice, "hs_title", "custom:Key")
            .field("hs_number", Value::text("1"), Value::text("2"))
            .given("hs_currency", Value::text("EUR"));
        records("invoices", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_merged_record_is_told": "HubSpot merges no invoices",
    });
}

mod notes {
    use super::*;

    async fn place() -> Records {
        let moment = Value::Instant(DateTime::from_timestamp(START, 0).unwrap());
        let sample = Sample::new(Kind::Note, "hs_note_body", "custom:Key")
            .field("hs_attachment_ids", Value::text("1"), Value::text("2"))
            .given("hs_timestamp", moment);
        records("notes", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_merged_record_is_told": "HubSpot merges no notes",
    });
}

mod custom_objects {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Quotation, "custom:Name", "custom:Key").field(
            "custom:City",
            Value::text("Delft"),
            Value::text("Utrecht"),
        );
        records(CUSTOM, sample).await
    }

    crm_adapters::adapter_conformance!(place);
}
