//! A side as flows see it that name fields made of several: one field to them, its parts to the vendor.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use crm_adapters::{
    Action, Adapter, Capabilities, Change, Cost, Cursor, Error, ErrorKind, Field, FieldType, Fields, Key,
    Kind, NewField, Outcome, Pace, Page, Record, RecordId, Result, Schema, Usage, View, Wanted, Work, Write,
};

use crate::flow::{Flow, Joined, Side};

/// The adapter of a side for these flows: the side's own where none of them names a field made of several.
pub(super) fn adapter(own: Arc<dyn Adapter>, side: Side, flows: &[Flow]) -> Arc<dyn Adapter> {
    let mut fields: BTreeMap<Kind, Vec<Joined>> = BTreeMap::new();
    for flow in flows {
        let of_kind = fields.entry(flow.kinds.on(side)).or_default();
        let named = flow.fields(side).into_iter().filter_map(|name| Joined::parse(&name));
        of_kind.extend(named.filter(|joined| !of_kind.contains(joined)).collect::<Vec<_>>());
    }
    fields.retain(|_, of_kind| !of_kind.is_empty());
    if fields.is_empty() { own } else { Arc::new(Joining { own, fields }) }
}

#[derive(Debug)]
struct Joining {
    own: Arc<dyn Adapter>,
    fields: BTreeMap<Kind, Vec<Joined>>,
}

/// What is asked for, and what the vendor is asked instead.
struct Asked<'v> {
    view: &'v View,
    joined: Vec<Joined>,
    /// With the parts in place of the fields made of them.
    parted: View,
}

impl<'v> Asked<'v> {
    fn of(view: &'v View) -> Self {
        let joined: Vec<Joined> = view.fields.iter().filter_map(|name| Joined::parse(name)).collect();
        let own = view.fields.iter().filter(|name| !joined.iter().any(|joined| joined.name() == *name));
        let mut fields: Vec<String> = own.chain(joined.iter().flat_map(Joined::parts)).cloned().collect();
        fields.sort_unstable();
        fields.dedup();
        Self { view, joined, parted: View { kind: view.kind, fields } }
    }

    /// A record as it was asked for: put together, without parts that nobody asked for.
    fn whole(&self, mut record: Record) -> Record {
        for joined in &self.joined {
            if let Some(value) = joined.put_together(&record.fields) {
                record.fields.set(joined.name(), value);
            }
        }
        let parts = self.joined.iter().flat_map(Joined::parts);
        for part in parts.filter(|part| !self.view.fields.contains(part)) {
            record.fields.remove(part);
        }
        record
    }

    fn told(&self, page: Page) -> Page {
        let told = |change| match change {
            Change::Present(record) => Change::Present(self.whole(record)),
            Change::Derived(record) => Change::Derived(self.whole(record)),
            other => other,
        };
        Page { changes: page.changes.into_iter().map(told).collect(), ..page }
    }

    fn wholes(&self, records: Vec<Record>) -> Vec<Record> {
        records.into_iter().map(|record| self.whole(record)).collect()
    }
}

/// Fields to write with each that is made of several as its parts.
fn apart(fields: Fields) -> Fields {
    let mut parts = Fields::new();
    for (name, value) in fields {
        match Joined::parse(&name) {
            Some(joined) => {
                for (part, value) in joined.taken_apart(&value) {
                    parts.set(part, value);
                }
            }
            None => parts.set(name, value),
        }
    }
    parts
}

/// What a schema tells of a field through its parts; `None` where it lacks one of them.
fn described(joined: &Joined, schema: &Schema) -> Option<Field> {
    let parts: Vec<&Field> = joined.parts().iter().map(|part| schema.get(part)).collect::<Option<_>>()?;
    if parts.iter().any(|part| part.ty != FieldType::Text) {
        return Some(Field::new(joined.name(), joined.to_string(), FieldType::Other));
    }
    let mut field = Field::new(joined.name(), joined.to_string(), FieldType::Text);
    if let Some(longest) = parts.iter().map(|part| part.max_length).sum::<Option<usize>>() {
        field = field.max_length(longest + parts.len() - 1);
    }
    if parts.iter().any(|part| part.required) {
        field = field.required();
    }
    if parts.iter().any(|part| part.read_only) {
        field = field.read_only();
    }
    Some(field)
}

#[async_trait]
impl Adapter for Joining {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        self.own.capabilities(kind)
    }

    fn pace(&self, kind: Kind) -> Pace {
        self.own.pace(kind)
    }

    fn usage(&self) -> Usage {
        self.own.usage()
    }

    async fn cost(&self, view: &View, work: Work<'_>) -> Result<Cost> {
        let asked = Asked::of(view);
        let Work::Write(writes) = work else { return self.own.cost(&asked.parted, work).await };
        let writes: Vec<Write> = writes
            .iter()
            .map(|write| Write { action: parts_of(write.action.clone()), ..write.clone() })
            .collect();
        self.own.cost(&asked.parted, Work::Write(&writes)).await
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        let own = self.own.schema(kind).await?;
        let joined = self.fields.get(&kind).into_iter().flatten();
        let joined: Vec<Field> = joined.filter_map(|joined| described(joined, &own)).collect();
        Ok(Schema::new(own.fields().cloned().chain(joined)))
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()> {
        self.own.create_fields(kind, fields).await
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let asked = Asked::of(view);
        Ok(asked.told(self.own.changes(&asked.parted, after).await?))
    }

    async fn news(&self, view: &View, after: &Cursor) -> Result<Page> {
        let asked = Asked::of(view);
        Ok(asked.told(self.own.news(&asked.parted, after).await?))
    }

    async fn refresh(&self, view: &View, after: &Cursor, wanted: Wanted<'_>) -> Result<Page> {
        let asked = Asked::of(view);
        let parts = Asked::of(&View { kind: view.kind, fields: wanted.fields.to_vec() }).parted.fields;
        let wanted = Wanted { fields: &parts, ..wanted };
        Ok(asked.told(self.own.refresh(&asked.parted, after, wanted).await?))
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        let asked = Asked::of(view);
        Ok(asked.wholes(self.own.get(&asked.parted, ids).await?))
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        if Joined::parse(&key.field).is_some() {
            let message = "no record is found by a field that is made of several";
            return Err(Error::new(ErrorKind::Unsupported, message).with_field(&key.field));
        }
        let asked = Asked::of(view);
        Ok(asked.wholes(self.own.find(&asked.parted, key).await?))
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let asked = Asked::of(view);
        let writes = writes.into_iter().map(|write| Write { action: parts_of(write.action), ..write });
        let outcomes = self.own.write(&asked.parted, writes.collect()).await;
        let told = |outcome| match outcome {
            Outcome::Applied(record) => Outcome::Applied(asked.whole(record)),
            Outcome::Accepted(record) => Outcome::Accepted(asked.whole(record)),
            other => other,
        };
        outcomes.into_iter().map(told).collect()
    }
}

fn parts_of(action: Action) -> Action {
    match action {
        Action::Create(fields) => {
            let given = apart(fields).into_iter().filter(|(_, value)| !value.is_empty());
            Action::Create(given.collect())
        }
        Action::Update(id, fields) => Action::Update(id, apart(fields)),
        other => other,
    }
}

#[cfg(test)]
mod tests;
