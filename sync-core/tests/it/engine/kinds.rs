//! A side of several kinds: a stub for each.

use std::collections::BTreeMap;

use crm_adapters::{
    Adapter, Capabilities, Cursor, Key, Kind, NewField, Outcome, Pace, Page, Record, RecordId, Result,
    Schema, Usage, View, Write, async_trait,
};

use super::side::StubSide;

#[derive(Clone, Debug)]
pub(super) struct KindsSide(pub(super) BTreeMap<Kind, StubSide>);

impl KindsSide {
    pub(super) fn of(&self, kind: Kind) -> &StubSide {
        &self.0[&kind]
    }
}

#[async_trait]
impl Adapter for KindsSide {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        self.of(kind).capabilities(kind)
    }

    fn pace(&self, kind: Kind) -> Pace {
        self.of(kind).pace(kind)
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.calls = self.0.values().map(|stub| stub.usage().calls).sum();
        usage
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        self.of(kind).schema(kind).await
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()> {
        self.of(kind).create_fields(kind, fields).await
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        self.of(view.kind).changes(view, after).await
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        self.of(view.kind).get(view, ids).await
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        self.of(view.kind).find(view, key).await
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        self.of(view.kind).write(view, writes).await
    }
}
