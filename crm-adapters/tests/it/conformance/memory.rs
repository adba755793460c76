//! The suite over the side that lives in memory.

use std::sync::Arc;

use chrono::NaiveDate;
use crm_adapters::testing::Memory;
use crm_adapters::testing::adapter::{Place, Sample};
use crm_adapters::{Adapter, Field, FieldType, Kind, RecordId, Schema, Value, async_trait};

#[derive(Debug)]
pub(super) struct InMemory(pub(super) Memory);

#[async_trait]
impl Place for InMemory {
    async fn open(&self) -> Arc<dyn Adapter> {
        Arc::new(self.0.clone())
    }

    fn sample(&self) -> Sample {
        sample()
    }

    async fn lose_next_reply(&self) -> bool {
        self.0.lose_next_reply();
        true
    }

    async fn delete(&self, id: &RecordId) -> bool {
        self.0.delete(Kind::Company, id)
    }

    async fn merge(&self, from: &RecordId, into: &RecordId) -> Option<RecordId> {
        self.0.merge(Kind::Company, from, into).then(|| into.clone())
    }
}

pub(super) fn sample() -> Sample {
    let day = |day| Value::Date(NaiveDate::from_ymd_opt(2026, 11, day).unwrap());
    Sample::new(Kind::Company, "name", "kvk")
        .unique("exact_id")
        .field("city", Value::text("'s-Hertogenbosch"), Value::text("Zoë"))
        .field("sort", Value::text("Project"), Value::text("Trade"))
        .field("since", day(1), day(30))
        .later("depot", Value::text("Ede"), Value::text("Gent"))
        .field("limit", Value::Decimal("0.10".parse().unwrap()), Value::Decimal((-7).into()))
}

pub(super) async fn place() -> InMemory {
    let schema = Schema::new([
        Field::new("name", "Name", FieldType::Text).required().max_length(50),
        Field::new("kvk", "KvK number", FieldType::Text),
        Field::new("exact_id", "Exact ID", FieldType::Text),
        Field::new("city", "City", FieldType::Text),
        Field::new("sort", "Sort", FieldType::Choice).options(vec!["Project".into(), "Trade".into()]),
        Field::new("since", "Since", FieldType::Date),
        Field::new("limit", "Limit", FieldType::Decimal),
        Field::new("depot", "Depot", FieldType::Text).updates_only(),
        Field::new("made", "Made", FieldType::Instant).read_only(),
    ]);
    InMemory(Memory::new([(Kind::Company, schema)]).unique("exact_id"))
}

crm_adapters::adapter_conformance!(place);
