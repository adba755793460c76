//! A side whose records are made up when they are asked for, so that neither memory nor processor time goes into it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use crm_adapters::{
    Action, Adapter, Capabilities, Change, Cursor, Error, ErrorKind, Field, FieldType, Fields, Key, Kind,
    NewField, Outcome, Pace, Page, Record, RecordId, Result, Schema, Usage, Value, View, Write,
};
use sync_core::flow::{Flow, Preset, Vendor};

const PAGE: u64 = 1_000;
/// As many writes as the adapter for Pipedrive sends at once.
const CONCURRENCY: usize = 32;

/// The flow of a register: the preset for companies without what Exact makes of other records, so that every field is a
/// text of the company's own.
#[must_use]
pub fn register_flow() -> Flow {
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    flow.rules.retain(|rule| !rule.exact.contains('.'));
    flow
}

/// Companies by number: so many, of which so many at the beginning have changed since they were first read.
#[derive(Debug)]
pub struct Register {
    fields: Vec<String>,
    companies: u64,
    changed: u64,
    created: AtomicU64,
    calls: AtomicU64,
    /// How long its pages took, in microseconds.
    reading: AtomicU64,
}

impl Register {
    /// Companies with these fields.
    #[must_use]
    pub fn new(fields: Vec<String>, companies: u64, changed: u64) -> Self {
        let zero = AtomicU64::default;
        Self { fields, companies, changed, created: zero(), calls: zero(), reading: zero() }
    }

    /// How long making its pages took.
    #[must_use]
    pub fn reading(&self) -> Duration {
        Duration::from_micros(self.reading.load(Ordering::Relaxed))
    }

    /// The page behind a place: first every company, then those that changed.
    fn page(&self, view: &View, after: u64) -> Page {
        let (until, changed) = match after < self.companies {
            true => (self.companies.min(after + PAGE), false),
            false => ((self.companies + self.changed).min(after + PAGE), true),
        };
        let number = |place: u64| if changed { place - self.companies } else { place };
        let record = |place| Change::Present(company(view, number(place), changed));
        Page {
            changes: (after..until).map(record).collect(),
            cursor: Cursor::new(until.to_string()),
            more: until < self.companies + self.changed,
        }
    }

    fn stored(&self, view: &View, write: Write) -> Outcome {
        let (id, fields) = match write.action {
            Action::Create(fields) => {
                (RecordId::new((self.created.fetch_add(1, Ordering::Relaxed) + 1).to_string()), fields)
            }
            Action::Update(id, fields) => (id, fields),
            _ => return Outcome::Rejected(Error::new(ErrorKind::Unsupported, "nothing is archived here")),
        };
        let held = |name: &String| (name.clone(), fields.get(name).cloned().unwrap_or(Value::Null));
        let fields = view.fields.iter().map(held).collect();
        Outcome::Applied(Record { kind: view.kind, id, fields, revision: None, changed_at: None })
    }
}

/// The company of that number.
fn company(view: &View, number: u64, changed: bool) -> Record {
    let value = |name: &String| {
        let value = match name.as_str() {
            "Status" => Value::text("C"),
            "Name" => Value::text(format!("Bouwbedrijf Van den Heuvel & Zonen {number} B.V.")),
            "ChamberOfCommerce" => Value::text(format!("{number:08}")),
            "Website" if changed => Value::text(format!("https://nieuw{number}.example.nl")),
            "EndDate" | "Blocked" => Value::Null,
            name if name.contains('.') || name == "Country" || name == "VATNumber" => Value::Null,
            name => Value::text(format!("{name} {number}")),
        };
        (name.clone(), value)
    };
    let id = RecordId::new(format!("00000000-0000-4000-8000-{number:012}"));
    let revision = Some(if changed { 2 } else { 1 });
    Record {
        kind: view.kind,
        id,
        fields: view.fields.iter().map(value).collect::<Fields>(),
        revision,
        changed_at: None,
    }
}

#[async_trait]
impl Adapter for Register {
    fn capabilities(&self, _: Kind) -> Capabilities {
        Capabilities::read_write(CONCURRENCY)
    }

    fn pace(&self, _: Kind) -> Pace {
        Pace::Ready(usize::MAX)
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.calls = self.calls.load(Ordering::Relaxed);
        usage
    }

    async fn schema(&self, _: Kind) -> Result<Schema> {
        let field = |name: &String| Field::new(name.clone(), name.clone(), FieldType::Text);
        Ok(Schema::new(self.fields.iter().map(field)))
    }

    async fn create_fields(&self, _: Kind, _: &[NewField]) -> Result<()> {
        Ok(())
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let start = Instant::now();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let after = after.and_then(|cursor| cursor.as_str().parse().ok()).unwrap_or_default();
        let page = self.page(view, after);
        let took = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.reading.fetch_add(took, Ordering::Relaxed);
        Ok(page)
    }

    async fn get(&self, _: &View, _: &[RecordId]) -> Result<Vec<Record>> {
        Ok(Vec::new())
    }

    async fn find(&self, _: &View, _: &Key) -> Result<Vec<Record>> {
        Ok(Vec::new())
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        writes.into_iter().map(|write| self.stored(view, write)).collect()
    }
}
