//! The suite for adapters over each kind that is written, as the local Exact plays it.

use std::sync::Arc;
use std::time::Duration;

use crm_adapters::testing::adapter::{Place, Sample};
use crm_adapters::{Adapter, Fields, Kind, RecordId, Value, async_trait};
use rust_decimal::Decimal;
use sandbox::{Fault, Limits, Trouble};
use serde_json::json;

use super::{World, client};

const NOBODY: &str = "00000000-0000-4000-8000-000000000005";

#[derive(Debug)]
struct Kept {
    world: World,
    path: &'static str,
    sample: Sample,
}

#[async_trait]
impl Place for Kept {
    async fn open(&self) -> Arc<dyn Adapter> {
        let client = client(&self.world.sandbox, &self.world.clock, &self.world.store);
        Arc::new(sync_core::exact::ExactAdapter::new(client, self.world.id(), None))
    }

    fn sample(&self) -> Sample {
        self.sample.clone()
    }

    async fn settle(&self) {
        self.world.clock.advance(Duration::from_secs(60));
    }

    async fn lose_next_reply(&self) -> bool {
        self.world.sandbox.exact().inject(Fault::new(Trouble::DropAfter).on("POST", self.path));
        true
    }

    async fn delete(&self, id: &RecordId) -> bool {
        let (division, id) = (self.world.division, id.as_str().parse().unwrap());
        self.world.sandbox.exact().delete(division, self.path, id).is_ok()
    }
}

async fn kept(path: &'static str, sample: impl FnOnce(&World) -> Sample) -> Kept {
    let world = World::new(0, Limits::off()).await;
    let sample = sample(&world).missing(NOBODY);
    Kept { world, path, sample }
}

fn reference(id: uuid::Uuid) -> Value {
    Value::Reference(RecordId::new(id.to_string()))
}

mod companies {
    use super::*;

    async fn companies() -> Kept {
        kept("crm/Accounts", |_| {
            Sample::new(Kind::Company, "Name", "ChamberOfCommerce")
                .field("City", Value::text("Delft"), Value::text("Utrecht"))
                .field("CreditLineSales", Value::Decimal(5.into()), Value::Decimal(Decimal::new(125, 1)))
                .later("InvoiceAddress.City", Value::text("Ede"), Value::text("Gent"))
                .later("InvoiceAddress.Country", Value::text("NL"), Value::text("BE"))
                .later("DeliveryAddress.AddressLine1", Value::text("Loods 2"), Value::text("Kade 3"))
        })
        .await
    }

    crm_adapters::adapter_conformance!(companies, skips: {
        "a_merged_record_is_told": "nobody merges accounts in Exact",
        "a_repeated_create_with_a_unique_key_changes_the_record": "a chamber of commerce number is not unique in Exact",
        "an_unknown_option_is_rejected_before_the_call_and_named": "Exact publishes no options",
        "created_fields_can_be_used_at_once": "Exact takes no custom fields here",
        "one_bad_record_does_not_sink_the_batch": "one record a call",
        "a_revision_never_falls": "only the feed tells revisions",
    });
}

mod contacts {
    use super::*;

    async fn contacts() -> Kept {
        kept("crm/Contacts", |world| {
            let account = world.enter("crm/Accounts", json!({ "Name": "Bakker", "Status": "C" }));
            Sample::new(Kind::Contact, "LastName", "Email").given("Account", reference(account)).field(
                "JobTitleDescription",
                Value::text("Smid"),
                Value::text("Bakker"),
            )
        })
        .await
    }

    crm_adapters::adapter_conformance!(contacts, skips: {
        "a_merged_record_is_told": "nobody merges contacts in Exact",
        "a_repeated_create_with_a_unique_key_changes_the_record": "an address is not unique in Exact",
        "an_unknown_option_is_rejected_before_the_call_and_named": "Exact publishes no options",
        "created_fields_can_be_used_at_once": "Exact takes no custom fields here",
        "one_bad_record_does_not_sink_the_batch": "one record a call",
        "a_revision_never_falls": "only the feed tells revisions",
    });
}

mod products {
    use super::*;

    async fn products() -> Kept {
        kept("logistics/Items", |_| {
            Sample::new(Kind::Product, "Description", "Code")
                .field("Barcode", Value::text("871"), Value::text("872"))
                .field("IsSalesItem", Value::Bool(true), Value::Bool(false))
        })
        .await
    }

    crm_adapters::adapter_conformance!(products, skips: {
        "a_merged_record_is_told": "nobody merges items in Exact",
        "a_repeated_create_with_a_unique_key_changes_the_record": "a code that exists is refused",
        "an_unknown_option_is_rejected_before_the_call_and_named": "Exact publishes no options",
        "created_fields_can_be_used_at_once": "Exact takes no custom fields here",
        "one_bad_record_does_not_sink_the_batch": "one record a call",
        "a_revision_never_falls": "only the feed tells revisions",
    });
}

mod orders {
    use super::*;

    async fn orders() -> Kept {
        kept("salesorder/SalesOrders", |world| {
            let account = world.enter("crm/Accounts", json!({ "Name": "Bakker", "Status": "C" }));
            let item = world.enter("logistics/Items", json!({ "Code": "I-1", "Description": "Brood" }));
            let line = Fields::new().with("Item", reference(item)).with("Quantity", Decimal::ONE);
            Sample::new(Kind::Order, "Description", "YourRef")
                .given("OrderedBy", reference(account))
                .given("SalesOrderLines", Value::Lines(vec![line]))
                .field("Remarks", Value::text("Smid"), Value::text("Bakker"))
        })
        .await
    }

    crm_adapters::adapter_conformance!(orders, skips: {
        "a_merged_record_is_told": "nobody merges orders in Exact",
        "a_repeated_create_with_a_unique_key_changes_the_record": "a reference is not unique in Exact",
        "an_archived_record_is_told_no_more": "an order has no end date",
        "an_unknown_option_is_rejected_before_the_call_and_named": "Exact publishes no options",
        "created_fields_can_be_used_at_once": "Exact takes no custom fields here",
        "one_bad_record_does_not_sink_the_batch": "one record a call",
        "a_revision_never_falls": "only the feed tells revisions",
    });
}
