//! The suite over Pipedrive, as the sandbox plays it: each kind that is written.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::testing::adapter::{Place, Sample};
use crm_adapters::{Adapter, Kind, RecordId, Value, async_trait};
use sandbox::{Fault, Sandbox, Trouble};

use crate::world::START;

/// The records of one kind, by its word in paths.
#[derive(Debug)]
struct Records {
    sandbox: Sandbox,
    plural: &'static str,
    sample: Sample,
}

#[async_trait]
impl Place for Records {
    async fn open(&self) -> Arc<dyn Adapter> {
        let adapter = Pipedrive::builder(ApiToken::new(self.sandbox.pipedrive().api_token()))
            .origin(self.sandbox.pipedrive().base_url().parse().unwrap())
            .clock(Arc::new(self.sandbox.clock().clone()))
            .build();
        Arc::new(adapter.unwrap())
    }

    fn sample(&self) -> Sample {
        self.sample.clone()
    }

    async fn settle(&self) {
        self.sandbox.clock().advance(Duration::from_secs(60));
    }

    async fn lose_next_reply(&self) -> bool {
        let path = format!("/api/v2/{}", self.plural);
        self.sandbox.pipedrive().inject(Fault::new(Trouble::DropAfter).on("POST", &path));
        true
    }

    async fn delete(&self, id: &RecordId) -> bool {
        self.sandbox.pipedrive().delete(self.plural, id.as_str().parse().unwrap()).is_ok()
    }
}

/// An empty account in which these records have a custom field for their key.
async fn records(plural: &'static str, sample: Sample) -> Records {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    sandbox.pipedrive().create_field_of(plural, "Key", "varchar", &[]).unwrap();
    // Shorter pages than Pipedrive's 500, which would only take longer to fill.
    sandbox.pipedrive().configure(|settings| settings.page_length = 50);
    Records { sandbox, plural, sample: sample.many(51) }
}

mod companies {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Company, "name", "custom:Key")
            .field("website", Value::text("https://example.com"), Value::text("https://example.org"))
            .field("employee_count", Value::Decimal(5.into()), Value::Decimal(0.into()));
        records("organizations", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_deleted_record_is_told": "Pipedrive tells of deleted organizations by webhook only",
        "a_merged_record_is_told": "Pipedrive tells of merges by webhook only",
        "a_repeated_create_with_a_unique_key_changes_the_record": "Pipedrive has no unique field",
        "one_bad_record_does_not_sink_the_batch": "one record a call",
    });
}

mod persons {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Contact, "name", "custom:Key")
            .field("email", Value::text("a@example.com"), Value::text("b@example.com"))
            .field("phone", Value::text("+31 20 1234567"), Value::text("+31 10 7654321"));
        records("persons", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_deleted_record_is_told": "Pipedrive tells of deleted persons by webhook only",
        "a_merged_record_is_told": "Pipedrive tells of merges by webhook only",
        "a_repeated_create_with_a_unique_key_changes_the_record": "Pipedrive has no unique field",
        "an_unknown_option_is_rejected_before_the_call_and_named": "a person has no field of one option here",
        "one_bad_record_does_not_sink_the_batch": "one record a call",
    });
}

mod deals {
    use chrono::NaiveDate;

    use super::*;

    async fn place() -> Records {
        let day = |day| Value::Date(NaiveDate::from_ymd_opt(2026, 11, day).unwrap());
        let sample = Sample::new(Kind::Deal, "title", "custom:Key")
            .field("expected_close_date", day(1), day(30))
            .field("probability", Value::Decimal(5.into()), Value::Decimal(90.into()));
        records("deals", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_merged_record_is_told": "Pipedrive tells of merges by webhook only",
        "a_repeated_create_with_a_unique_key_changes_the_record": "Pipedrive has no unique field",
        "one_bad_record_does_not_sink_the_batch": "one record a call",
    });
}

mod products {
    use super::*;

    async fn place() -> Records {
        let sample = Sample::new(Kind::Product, "name", "code")
            .field("description", Value::text("Gouda's oldest"), Value::text("Zoë's"))
            .field("unit", Value::text("kg"), Value::text("piece"))
            .field("custom:Key", Value::text("a"), Value::text("b"));
        records("products", sample).await
    }

    crm_adapters::adapter_conformance!(place, skips: {
        "a_deleted_record_is_told": "Pipedrive tells of deleted products by webhook only",
        "a_merged_record_is_told": "Pipedrive merges no products",
        "a_repeated_create_with_a_unique_key_changes_the_record": "Pipedrive has no unique field",
        "one_bad_record_does_not_sink_the_batch": "one record a call",
    });
}
