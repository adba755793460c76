//! Companies written and read through an adapter, as an engine does it.

use std::sync::Arc;

use crm_adapters::hubspot::{HubSpot, ServiceKey};
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Action, Adapter, Clock, Cursor, FieldType, Fields, Kind, NewField, Outcome, View, Write};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::{Crm, Result};

/// An adapter for an account at this address.
pub(crate) fn adapter(
    crm: Crm,
    origin: &str,
    secret: &str,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Adapter>> {
    let origin = origin.parse()?;
    Ok(match crm {
        Crm::HubSpot => {
            Arc::new(HubSpot::builder(ServiceKey::new(secret)).origin(origin).clock(clock).build()?)
        }
        Crm::Pipedrive => {
            Arc::new(Pipedrive::builder(ApiToken::new(secret)).origin(origin).clock(clock).build()?)
        }
    })
}

pub(crate) fn view() -> View {
    let fields = ["name", "custom:KvK number", "custom:Exact ID"];
    View { kind: Kind::Company, fields: fields.map(str::to_owned).to_vec() }
}

/// Makes the fields that the companies need, and sees that there are none yet. Changes are told from the cursor on.
pub(crate) async fn start(adapter: &dyn Adapter) -> Result<Cursor> {
    adapter.schema(Kind::Company).await?;
    let field = |label: &str| NewField { label: label.to_owned(), ty: FieldType::Text };
    adapter.create_fields(Kind::Company, &[field("KvK number"), field("Exact ID")]).await?;
    let page = adapter.changes(&view(), None).await?;
    match page.changes.is_empty() && !page.more {
        true => Ok(page.cursor),
        false => Err("the account is not empty".into()),
    }
}

/// Creates so many companies, in batches as large and as many at once as the adapter says.
pub(crate) async fn create(adapter: &dyn Adapter, companies: u32) -> Result<()> {
    let takes = adapter.capabilities(Kind::Company);
    let (all, view) = ((0..companies).collect::<Vec<_>>(), view());
    let batches = all.chunks(takes.batch).map(|batch| create_some(adapter, &view, batch));
    stream::iter(batches).buffer_unordered(takes.concurrency).try_collect().await
}

async fn create_some(adapter: &dyn Adapter, view: &View, batch: &[u32]) -> Result<()> {
    let writes = batch.iter().map(|at| Write { action: Action::Create(company(*at)), send_before: None });
    for outcome in adapter.write(view, writes.collect()).await {
        if !matches!(outcome, Outcome::Applied(_)) {
            return Err(format!("a company was not created: {outcome:?}").into());
        }
    }
    Ok(())
}

fn company(at: u32) -> Fields {
    Fields::new()
        .with("name", format!("Company {at}"))
        .with("custom:KvK number", format!("{at:08}"))
        .with("custom:Exact ID", exact_id(at))
}

pub(crate) fn exact_id(at: u32) -> String {
    format!("1:00000000-0000-4000-8000-{at:012}")
}

/// Reads all changes after a cursor: how many records they are, and where to go on.
pub(crate) async fn read(
    adapter: &dyn Adapter,
    view: &View,
    after: Option<Cursor>,
) -> Result<(usize, Cursor)> {
    let (mut records, mut cursor) = (0, after);
    loop {
        let page = adapter.changes(view, cursor.as_ref()).await?;
        records += page.changes.len();
        if !page.more {
            return Ok((records, page.cursor));
        }
        cursor = Some(page.cursor);
    }
}
