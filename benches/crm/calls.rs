//! Calls, counted by vendors on a virtual clock that keep their limits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use crm_adapters::{Adapter, Kind, View};
use sandbox::{Clock, Sandbox, Stats};
use serde_json::json;

use crate::load::{adapter, create, read, start, view};
use crate::{Crm, Result};

/// Longer than any index lags, shorter than the time after which archived records are looked for.
const A_WHILE: Duration = Duration::from_secs(300);

/// One account and its adapter.
struct Account {
    crm: Crm,
    sandbox: Sandbox,
    adapter: Arc<dyn Adapter>,
}

/// What a first load took.
struct Load {
    creates: u64,
    reads: u64,
    fields: u64,
}

pub(crate) async fn print(crm: Crm, companies: u32) -> Result<()> {
    let few = Account::new(crm).await?.load(companies / 10).await?;
    let account = Account::new(crm).await?;
    let load = account.load(companies).await?;
    println!(
        "  first load: {} calls that create, {} reads before ({} with a tenth of the companies; wanted at most 10), {} calls that make two fields",
        load.creates, load.reads, few.reads, load.fields
    );
    account.print_changes(companies).await?;
    account.print_quiet().await
}

impl Account {
    async fn new(crm: Crm) -> Result<Self> {
        let clock = Clock::virtual_at(DateTime::<Utc>::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
        let sandbox = Sandbox::builder().clock(clock.clone()).start().await?;
        let (origin, secret) = match crm {
            Crm::HubSpot => (sandbox.hubspot().base_url(), sandbox.hubspot().token()),
            Crm::Pipedrive => (sandbox.pipedrive().base_url(), sandbox.pipedrive().api_token()),
        };
        let adapter = adapter(crm, &origin, &secret, Arc::new(clock))?;
        Ok(Self { crm, sandbox, adapter })
    }

    fn stats(&self) -> Stats {
        match self.crm {
            Crm::HubSpot => self.sandbox.hubspot().stats(),
            Crm::Pipedrive => self.sandbox.pipedrive().stats(),
        }
    }

    async fn load(&self, companies: u32) -> Result<Load> {
        start(&*self.adapter).await?;
        create(&*self.adapter, companies).await?;
        let stats = self.stats();
        let creates = stats.requests_of(self.crm.creates());
        let reads = stats.requests_of("GET ");
        if stats.too_many_requests + stats.client_errors > 0 {
            return Err(format!("the vendor refused something: {stats:?}").into());
        }
        Ok(Load { creates, reads, fields: stats.requests - creates - reads })
    }

    /// Every company is changed by somebody, and the changes are read.
    async fn print_changes(&self, companies: u32) -> Result<()> {
        self.sandbox.clock().advance(A_WHILE);
        let (_, cursor) = read(&*self.adapter, &view(), None).await?;
        self.sandbox.clock().advance(A_WHILE);
        self.edit_all()?;
        self.sandbox.clock().advance(A_WHILE / 2);
        let before = self.stats().requests;
        let (records, _) = read(&*self.adapter, &view(), Some(cursor)).await?;
        let calls = self.stats().requests - before;
        if records != usize::try_from(companies)? {
            return Err(format!("{records} of {companies} changed records were read").into());
        }
        println!(
            "  reading them all after a change: {calls} calls; wanted {}",
            companies.div_ceil(self.crm.page())
        );
        Ok(())
    }

    fn edit_all(&self) -> Result<()> {
        let name = json!({"name": "Another name"});
        let millisecond = Duration::from_millis(1);
        match self.crm {
            Crm::HubSpot => {
                for record in self.sandbox.hubspot().records("companies") {
                    self.sandbox.clock().advance(millisecond);
                    let id = record["id"].as_str().ok_or("a record without an id")?;
                    self.sandbox.hubspot().edit("companies", id, name.clone())?;
                }
            }
            Crm::Pipedrive => {
                for record in self.sandbox.pipedrive().organizations() {
                    self.sandbox.clock().advance(millisecond);
                    let id = record["id"].as_i64().ok_or("a record without an id")?;
                    self.sandbox.pipedrive().edit_organization(id, name.clone())?;
                }
            }
        }
        Ok(())
    }

    /// A pass over every kind after which nothing has happened.
    async fn print_quiet(&self) -> Result<()> {
        let mut cursors = BTreeMap::new();
        for kind in self.crm.kinds() {
            let (_, cursor) = self.pass(*kind, None).await?;
            cursors.insert(*kind, cursor);
        }
        self.sandbox.clock().advance(A_WHILE);
        let before = self.stats().requests;
        let (mut records, kinds) = (0, cursors.len());
        for (kind, cursor) in cursors {
            records += self.pass(kind, Some(cursor)).await?.0;
        }
        let calls = self.stats().requests - before;
        println!(
            "  a pass over {kinds} kinds without a change: {calls} calls, {records} records; wanted {kinds}"
        );
        Ok(())
    }

    async fn pass(
        &self,
        kind: Kind,
        after: Option<crm_adapters::Cursor>,
    ) -> Result<(usize, crm_adapters::Cursor)> {
        let schema = self.adapter.schema(kind).await?;
        let key = schema.fields().map(|field| field.name.clone()).take(1).collect();
        read(&*self.adapter, &View { kind, fields: key }, after).await
    }
}
