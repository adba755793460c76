//! A company that sells: its books and its CRM in the sandbox, and the engine between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crm_adapters::hubspot::{HubSpot, ServiceKey};
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Adapter, Clock};
use exact_client::{App, Client, Country, DivisionId, Vault, VaultKey};
use sandbox::{Clock as SandboxClock, Limits, Sandbox};
use serde_json::{Value as Json, json};
use sync_core::engine::{Engine, EngineBuilder, PlanReport, Resolution, RunOptions, RunReport};
use sync_core::exact::{CallStore, ExactAdapter, ExactClock, GrantStore, PartStore};
use sync_core::flow::{Division, Flow, Preset, Vendor};
use sync_core::state::Issue;
use sync_core::store::{MemoryStore, Store, Tenant};
use url::Url;
use uuid::Uuid;

pub(super) const ORDERS: &str = "salesorder/SalesOrders";
const LINES: &str = "salesorder/SalesOrderLines";
pub(super) const ITEMS: &str = "logistics/Items";

pub(super) struct Shop {
    pub(super) sandbox: Sandbox,
    pub(super) clock: SandboxClock,
    pub(super) vendor: Vendor,
    pub(super) flows: Vec<Flow>,
    store: Arc<dyn Store>,
    pub(super) client: Client,
}

/// Plays a story with either CRM.
#[expect(clippy::future_not_send, reason = "each test has a thread of its own")]
pub(super) async fn with_both(story: impl AsyncFn(Shop)) {
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        story(Shop::open(vendor, 1, &[Preset::Companies, Preset::Products, Preset::Orders]).await).await;
    }
}

impl Shop {
    pub(super) async fn open(vendor: Vendor, divisions: u32, presets: &[Preset]) -> Self {
        let clock = SandboxClock::virtual_at("2026-11-22T10:00:05Z".parse().unwrap());
        let builder = Sandbox::builder().clock(clock.clone()).divisions(divisions).limits(Limits::off());
        let sandbox = builder.start().await.unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::with_clock(Arc::new(clock.clone())));
        let client = client(&sandbox, &clock, &store);
        client.import_refresh_token(sandbox.exact().refresh_token().to_owned().into()).await.unwrap();
        let flows = presets.iter().map(|preset| preset.flow(vendor)).collect();
        Self { sandbox, clock, vendor, flows, store, client }
    }

    /// The rules of one flow, to be changed before the first run.
    pub(super) fn flow(&mut self, preset: Preset) -> &mut Flow {
        self.flows.iter_mut().find(|flow| flow.name == preset.as_str()).unwrap()
    }

    fn crm(&self) -> Arc<dyn Adapter> {
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let origin = |text: String| Url::parse(&text).unwrap();
        match self.vendor {
            Vendor::Pipedrive => {
                let crm = self.sandbox.pipedrive();
                let builder = Pipedrive::builder(ApiToken::new(crm.api_token()));
                Arc::new(builder.clock(clock).origin(origin(crm.base_url())).build().unwrap())
            }
            _ => {
                let crm = self.sandbox.hubspot();
                let builder = HubSpot::builder(ServiceKey::new(crm.token()));
                Arc::new(builder.clock(clock).origin(origin(crm.base_url())).build().unwrap())
            }
        }
    }

    pub(super) fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }

    pub(super) fn builder(&self) -> EngineBuilder {
        let mut builder = Engine::builder(Arc::clone(&self.store), self.crm())
            .clock(Arc::new(self.clock.clone()))
            .create_fields(true);
        for code in self.sandbox.exact().divisions() {
            let id = DivisionId::new(i32::try_from(*code).unwrap());
            let parts = PartStore::new(Arc::clone(&self.store), Tenant::default());
            let exact = Arc::new(ExactAdapter::new(self.client.clone(), id, None).parts_in(parts));
            builder = builder.division(Division::new(u32::try_from(*code).unwrap()), exact);
        }
        self.flows.iter().cloned().fold(builder, |builder, flow| builder.flow(flow))
    }

    pub(super) async fn run(&self) -> RunReport {
        // The searches of both CRMs lag a little behind their writes.
        self.clock.advance(Duration::from_secs(60));
        let report = self.engine().run_once(RunOptions { yes: true }).await.unwrap();
        assert!(report.errors.is_empty(), "{:?}: {:?}", self.vendor, report.errors);
        report
    }

    /// A run of one flow, which passes no brake.
    pub(super) async fn run_alone(&self, preset: Preset) -> RunReport {
        self.clock.advance(Duration::from_secs(60));
        let engine = self.builder().only([preset.as_str()]).build().unwrap();
        engine.run_once(RunOptions::default()).await.unwrap()
    }

    pub(super) async fn plan(&self) -> PlanReport {
        self.clock.advance(Duration::from_secs(60));
        self.engine().plan(true).await.unwrap()
    }

    pub(super) async fn issues(&self) -> Vec<Issue> {
        self.engine().issues().await.unwrap()
    }

    /// What the open questions say, one a line.
    pub(super) async fn asked(&self) -> String {
        let messages: Vec<String> = self.issues().await.into_iter().map(|issue| issue.message).collect();
        messages.join("\n")
    }

    pub(super) async fn resolve(&self, issue: &Issue, resolution: Resolution) {
        self.engine().resolve_issue(&issue.id(), resolution).await.unwrap();
    }

    /// Nothing is left to do, and nothing was written to either side.
    pub(super) async fn is_quiet(&self) {
        let report = self.run().await;
        assert_eq!(report.writes(), 0, "{:?}: {report:?}", self.vendor);
    }

    pub(super) fn division(&self) -> i64 {
        self.sandbox.exact().divisions()[0]
    }

    /// A customer buys ten pieces for a hundred each; returns the deal, of which there is an order.
    pub(super) async fn sold_ten(&self) -> String {
        self.customer("Bakker", "11111111");
        self.item("W-1", 100);
        self.run().await;
        let (company, item) = (self.known("companies", "Bakker"), self.known("products", "W-1"));
        let deal = self.deal("Ten", &company, &[(&item, "10", "100", "0")]);
        self.win(&deal);
        self.run().await;
        deal
    }

    /// The one order.
    pub(super) async fn order_id(&self) -> Uuid {
        text(&self.order().await["OrderID"]).parse().unwrap()
    }

    /// Delivers what is left of an order and invoices it; returns the printed invoice.
    pub(super) fn deliver_and_invoice(&self, order: Uuid) -> Uuid {
        let (exact, division) = (self.sandbox.exact(), self.division());
        exact.deliver(division, order).unwrap();
        let invoice = exact.invoice_delivered(division, order).unwrap();
        exact.print(division, invoice).unwrap();
        invoice
    }

    // The books.

    pub(super) fn enter(&self, path: &str, fields: Json) -> Uuid {
        self.sandbox.exact().create(self.division(), path, fields).unwrap()
    }

    pub(super) fn customer(&self, name: &str, kvk: &str) -> Uuid {
        self.enter("crm/Accounts", json!({ "Name": name, "ChamberOfCommerce": kvk, "Status": "C" }))
    }

    pub(super) fn item(&self, code: &str, price: u32) -> Uuid {
        let fields = json!({
            "Code": code, "Description": code, "IsSalesItem": true, "SalesVatCode": "2", "StandardSalesPrice": price,
        });
        self.enter(ITEMS, fields)
    }

    pub(super) fn books(&self, path: &str) -> Vec<Json> {
        self.sandbox.exact().records(self.division(), path).unwrap()
    }

    /// The lines of all orders, in their order.
    pub(super) fn lines(&self) -> Vec<Json> {
        let mut lines = self.books(LINES);
        lines.sort_by_key(|line| line["LineNumber"].as_i64());
        lines
    }

    /// The one order.
    pub(super) async fn order(&self) -> Json {
        let mut orders = self.books(ORDERS);
        assert_eq!(orders.len(), 1, "{:?}: {}", self.vendor, self.asked().await);
        orders.remove(0)
    }

    // The CRM.

    fn create(&self, pipedrive: &str, hubspot: &str, fields: [Json; 2]) -> String {
        let [of_pipedrive, of_hubspot] = fields;
        match self.vendor {
            Vendor::Pipedrive => {
                self.sandbox.pipedrive().create(pipedrive, of_pipedrive).unwrap().to_string()
            }
            _ => self.sandbox.hubspot().create(hubspot, of_hubspot).unwrap(),
        }
    }

    /// A company that is known in the CRM alone.
    pub(super) fn company(&self, name: &str) -> String {
        self.create("organizations", "companies", [json!({ "name": name }), json!({ "name": name })])
    }

    /// A person who works at a company.
    pub(super) fn person(&self, name: &str, email: &str, company: &str) -> String {
        let (first, last) = name.split_once(' ').unwrap();
        let emails = json!([{ "value": email, "primary": true }]);
        let of = company.parse::<i64>().unwrap();
        let person = self.create(
            "persons",
            "contacts",
            [
                json!({ "name": name, "emails": emails, "org_id": of }),
                json!({ "firstname": first, "lastname": last, "email": email }),
            ],
        );
        if self.vendor == Vendor::HubSpot {
            self.sandbox.hubspot().associate(&person, company).unwrap();
        }
        person
    }

    /// Makes somebody the person of a deal.
    pub(super) fn meet(&self, deal: &str, person: &str) {
        match self.vendor {
            Vendor::Pipedrive => {
                let person: i64 = person.parse().unwrap();
                self.edit(deal, json!({ "person_id": person }), json!({}));
            }
            _ => self.sandbox.hubspot().associate(deal, person).unwrap(),
        }
    }

    /// A product that is known in the CRM alone.
    pub(super) fn product(&self, name: &str) -> String {
        self.create("products", "products", [json!({ "name": name }), json!({ "name": name })])
    }

    /// The CRM's record of that kind and name.
    pub(super) fn known(&self, kind: &str, name: &str) -> String {
        let found = match (self.vendor, kind) {
            (Vendor::Pipedrive, "companies") => self.sandbox.pipedrive().records("organizations"),
            (Vendor::Pipedrive, kind) => self.sandbox.pipedrive().records(kind),
            (_, kind) => self.sandbox.hubspot().records(kind),
        };
        let of = |record: &Json| match record.get("properties") {
            Some(properties) => properties["name"] == name,
            None => record["name"] == name,
        };
        let found: Vec<Json> = found.into_iter().filter(of).collect();
        assert_eq!(found.len(), 1, "{kind} {name}");
        text(&found[0]["id"])
    }

    /// An open deal of a company with these lines: product, quantity, price, percentage off.
    pub(super) fn deal(&self, title: &str, company: &str, lines: &[(&str, &str, &str, &str)]) -> String {
        let deal = match self.vendor {
            Vendor::Pipedrive => {
                let org: i64 = company.parse().unwrap();
                self.sandbox
                    .pipedrive()
                    .create("deals", json!({ "title": title, "org_id": org }))
                    .unwrap()
                    .to_string()
            }
            _ => {
                let deal = self.sandbox.hubspot().create("deals", json!({ "dealname": title })).unwrap();
                self.sandbox.hubspot().associate(&deal, company).unwrap();
                deal
            }
        };
        for line in lines {
            self.line(&deal, *line);
        }
        deal
    }

    /// Puts a line on a deal.
    pub(super) fn line(&self, deal: &str, (product, quantity, price, off): (&str, &str, &str, &str)) {
        let number = |text: &str| text.parse::<serde_json::Number>().unwrap();
        match self.vendor {
            Vendor::Pipedrive => {
                let line = json!({
                    "product_id": number(product), "quantity": number(quantity), "item_price": number(price),
                    "discount": number(off),
                });
                self.sandbox.pipedrive().add_product(deal.parse().unwrap(), &line).unwrap();
            }
            _ => {
                let line = json!({
                    "hs_product_id": product, "quantity": quantity, "price": price, "hs_discount_percentage": off,
                });
                let line = self.sandbox.hubspot().create("line_items", line).unwrap();
                self.sandbox.hubspot().associate(&line, deal).unwrap();
            }
        }
    }

    /// Somebody edits a deal, in each CRM's own words.
    pub(super) fn edit(&self, deal: &str, pipedrive: Json, hubspot: Json) {
        match self.vendor {
            Vendor::Pipedrive => {
                self.sandbox.pipedrive().edit("deals", deal.parse().unwrap(), pipedrive).unwrap();
            }
            _ => self.sandbox.hubspot().edit("deals", deal, hubspot).unwrap(),
        }
    }

    /// Somebody edits a company, in each CRM's own words.
    pub(super) fn edit_company(&self, company: &str, pipedrive: Json, hubspot: Json) {
        match self.vendor {
            Vendor::Pipedrive => {
                self.sandbox.pipedrive().edit("organizations", company.parse().unwrap(), pipedrive).unwrap();
            }
            _ => self.sandbox.hubspot().edit("companies", company, hubspot).unwrap(),
        }
    }

    pub(super) fn win(&self, deal: &str) {
        self.edit(deal, json!({ "status": "won" }), json!({ "dealstage": "closedwon" }));
    }

    /// The next write to a deal is carried out, and its answer is lost.
    pub(super) fn lose_an_answer(&self) {
        let fault = |method: &str, path: &str| {
            serde_json::from_value(json!({ "method": method, "path": path, "do": "drop_after" })).unwrap()
        };
        match self.vendor {
            Vendor::Pipedrive => self.sandbox.pipedrive().inject(fault("PATCH", "/deals/")),
            _ => self.sandbox.hubspot().inject(fault("POST", "/deals/batch/update")),
        }
    }

    pub(super) fn reopen(&self, deal: &str) {
        self.edit(deal, json!({ "status": "open" }), json!({ "dealstage": "appointmentscheduled" }));
    }

    fn held(&self, deal: &str) -> Json {
        let deals = match self.vendor {
            Vendor::Pipedrive => self.sandbox.pipedrive().records("deals"),
            _ => self.sandbox.hubspot().records("deals"),
        };
        deals.into_iter().find(|found| text(&found["id"]) == deal).unwrap()
    }

    /// What a deal holds in a property of the CRM's own.
    pub(super) fn own(&self, deal: &str, pipedrive: &str, hubspot: &str) -> String {
        let deal = self.held(deal);
        deal.get("properties").map_or_else(|| text(&deal[pipedrive]), |held| text(&held[hubspot]))
    }

    pub(super) fn title(&self, deal: &str) -> String {
        let deal = self.held(deal);
        deal.get("properties").map_or_else(|| text(&deal["title"]), |held| text(&held["dealname"]))
    }

    /// What a deal holds in a custom field, by its label; empty for nothing.
    pub(super) fn shown(&self, deal: &str, label: &str) -> String {
        let deal = self.held(deal);
        match self.vendor {
            Vendor::Pipedrive => text(&deal["custom_fields"][label]),
            _ => {
                let name = label.to_lowercase().replace(' ', "_");
                text(&deal["properties"][format!("exact_{}", name.trim_start_matches("exact_"))])
            }
        }
    }
}

pub(super) fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What lines hold in these properties, `a b / a b`.
pub(super) fn told(rows: &[Json], names: &[&str]) -> String {
    let row = |row: &Json| names.iter().map(|name| text(&row[*name])).collect::<Vec<_>>().join(" ");
    rows.iter().map(row).collect::<Vec<_>>().join(" / ")
}

pub(super) fn part(line: &Json, quantity: u32) -> BTreeMap<Uuid, rust_decimal::Decimal> {
    BTreeMap::from([(text(&line["ID"]).parse().unwrap(), quantity.into())])
}

pub(super) fn client(sandbox: &Sandbox, clock: &SandboxClock, store: &Arc<dyn Store>) -> Client {
    let exact = sandbox.exact();
    let app = App {
        client_id: exact.client_id(),
        client_secret: exact.client_secret().into(),
        redirect_url: "https://example.com/callback".to_owned(),
    };
    let ours: Arc<dyn Clock> = Arc::new(clock.clone());
    let vault = Arc::new(Vault::new(VaultKey::new(&[7; 32]), Vec::new()));
    let grants = GrantStore::new(Arc::clone(store), Tenant::default(), vault, Arc::clone(&ours));
    Client::builder(app, Country::Nl)
        .origin(Url::parse(&exact.base_url()).unwrap())
        .token_store(Arc::new(grants))
        .usage_store(Arc::new(CallStore::new(Arc::clone(store), Tenant::default())))
        .clock(Arc::new(ExactClock::new(ours)))
        .random_seed(1)
        .build()
        .unwrap()
}
