//! One deal, from the first contact to the credit note: what people do on both sides, and what the CRM shows.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sync_core::engine::{RunOptions, RunReport};
use sync_core::flow::{Preset, Vendor};
use uuid::Uuid;

use crate::firm::kvk;
use crate::office::{Office, Setup};
use crate::show;

const FLOWS: &[Preset] = &[Preset::Companies, Preset::Contacts, Preset::Products, Preset::Orders];
const ORDERS: &str = "salesorder/SalesOrders";
const ITEMS: &str = "logistics/Items";

/// What the engine keeps on a deal, by the labels of its fields.
const ON_DEAL: [&str; 8] = [
    "Exact order number",
    "Delivery status",
    "Shipped",
    "Invoice numbers",
    "Invoiced amount",
    "Outstanding amount",
    "Payment status",
    "Last payment",
];

/// What it keeps on a company.
const ON_COMPANY: [&str; 4] = ["Exact code", "Outstanding amount", "Open invoices", "Last payment"];

/// An office, and the deal that is followed, with its company and its contact, by their ids in the CRM.
struct Story {
    office: Office,
    vendor: Vendor,
    deal: String,
    company: String,
    contact: String,
}

/// Follows a deal, and returns what a further pass writes.
pub(crate) async fn tell(vendor: Vendor) -> Result<u64> {
    let folder = if vendor == Vendor::HubSpot { "hubspot" } else { "pipedrive" };
    let office = Office::open(&Setup { folder, vendor, presets: FLOWS, companies: 0 }).await?;
    let [deal, company, contact] = [const { String::new() }; 3];
    let mut story = Story { office, vendor, deal, company, contact };
    if story.office.first_start {
        println!("- Exact has a product: Widget, 100.00");
        story.item()?;
    }
    story.run().await?;
    story.show_product()?;

    println!("- a salesperson enters a company, a contact, and a deal over three widgets");
    let (company, contact) = story.sell()?;
    story.step().await?;
    story.show_books(&company, contact)?;
    println!("- the deal is won: the company becomes a customer, the deal an order");
    story.win()?;
    story.step().await?;
    story.show_books(&company, contact)?;
    let order = story.order()?;
    let (exact, division) = (story.office.sandbox.exact(), story.office.division);
    println!("- two of the three are delivered");
    exact.deliver_part(division, order, &story.two(order)?)?;
    story.step().await?;
    println!("- what was delivered is invoiced");
    let invoice = exact.invoice_delivered(division, order)?;
    exact.print(division, invoice)?;
    story.step().await?;
    println!("- the customer pays 100.00");
    exact.pay(division, invoice, Some(Decimal::ONE_HUNDRED))?;
    story.step().await?;
    println!("- the invoice is credited");
    exact.credit(division, invoice)?;
    story.step().await?;

    println!("- once more, with nothing changed");
    let report = story.run().await?;
    show::report(&report);
    story.office.keep()?;
    println!("the store stays in {}", story.office.folder.display());
    Ok(report.writes())
}

impl Story {
    async fn run(&self) -> Result<RunReport> {
        self.office.sandbox.clock().advance(Duration::from_secs(15 * 60));
        let report = self.office.run(RunOptions::default()).await?;
        ensure!(report.errors.is_empty(), "the run could not finish: {:?}", report.errors);
        for issue in self.office.engine.issues().await? {
            println!("  a question for a person: {}", issue.message);
        }
        Ok(report)
    }

    /// The engine runs, and the salesperson looks at the deal and its company.
    async fn step(&self) -> Result<()> {
        self.run().await?;
        let deal = self.seen("deals", &self.deal)?;
        show::view(&ON_DEAL.map(|label| (label, self.field(&deal, label))));
        let company = self.seen("organizations", &self.company)?;
        let name = ("company", self.own_field(&company, "name"));
        let kept = ON_COMPANY.map(|label| (label, self.field(&company, label)));
        show::view(&[&[name], kept.as_slice()].concat());
        Ok(())
    }

    /// The product, as quotes have it.
    fn show_product(&self) -> Result<()> {
        let product = self.records("products").pop().context("the product stands in the CRM")?;
        let (code, price) = match self.vendor {
            Vendor::HubSpot => (self.own_field(&product, "hs_sku"), self.own_field(&product, "price")),
            _ => (text(&product["code"]), text(&product["prices"][0]["price"])),
        };
        show::view(&[("product", self.own_field(&product, "name")), ("code", code), ("price", price)]);
        Ok(())
    }

    fn item(&self) -> Result<Uuid> {
        let fields = json!({
            "Code": "WIDGET", "Description": "Widget", "IsSalesItem": true, "SalesVatCode": "2",
            "StandardSalesPrice": 100,
        });
        Ok(self.office.sandbox.exact().create(self.office.division, ITEMS, fields)?)
    }

    /// A company, a contact and a deal with a line, as a salesperson enters them. Returns the names of the first two.
    fn sell(&mut self) -> Result<(String, &'static str)> {
        let clock = self.office.sandbox.clock().now();
        let moment = clock.format("%H:%M:%S").to_string();
        let kvk = kvk(600_000 + u32::try_from(clock.timestamp() % 100_000)?);
        let name = format!("Bakkerij De Korenbloem {moment}");
        let email = format!("anna@korenbloem-{}.example", clock.timestamp());
        [self.company, self.contact, self.deal] = match self.vendor {
            Vendor::HubSpot => self.sell_in_hubspot(&name, &kvk, &email)?,
            _ => self.sell_in_pipedrive(&name, &kvk, &email)?,
        };
        Ok((name, "Anna Bos"))
    }

    fn sell_in_pipedrive(&self, name: &str, kvk: &str, email: &str) -> Result<[String; 3]> {
        let crm = self.office.sandbox.pipedrive();
        let company = crm.create("organizations", json!({ "name": name, "KvK number": kvk }))?;
        let emails = json!([{ "value": email, "primary": true, "label": "work" }]);
        let contact =
            crm.create("persons", json!({ "name": "Anna Bos", "org_id": company, "emails": emails }))?;
        let deal = crm.create("deals", json!({ "title": "Three widgets", "org_id": company }))?;
        let product = crm.records("products").first().and_then(|product| product["id"].as_i64());
        crm.add_product(deal, &json!({ "product_id": product, "quantity": 3, "item_price": 100 }))?;
        Ok([company, contact, deal].map(|id| id.to_string()))
    }

    fn sell_in_hubspot(&self, name: &str, kvk: &str, email: &str) -> Result<[String; 3]> {
        let crm = self.office.sandbox.hubspot();
        let company = crm.create("companies", json!({ "name": name, "exact_kvk_number": kvk }))?;
        let person = json!({ "firstname": "Anna", "lastname": "Bos", "email": email });
        let contact = crm.create("contacts", person)?;
        crm.associate(&contact, &company)?;
        let fields = json!({ "dealname": "Three widgets", "pipeline": "default", "dealstage": "appointmentscheduled" });
        let deal = crm.create("deals", fields)?;
        crm.associate(&deal, &company)?;
        let product = crm.records("products").first().map(|product| product["id"].clone());
        let line = json!({ "name": "Widget", "hs_product_id": product, "quantity": "3", "price": "100" });
        crm.associate(&crm.create("line_items", line)?, &deal)?;
        Ok([company, contact, deal])
    }

    /// What the books have of the company and its contact.
    fn show_books(&self, company: &str, contact: &str) -> Result<()> {
        let (exact, division) = (self.office.sandbox.exact(), self.office.division);
        let accounts = exact.find_accounts(division, "Name", company)?;
        let account = accounts.first().context("the company stands in Exact")?;
        let contacts = exact.records(division, "crm/Contacts")?;
        let under = |found: &&Value| found["Account"] == account["ID"] && found["FullName"] == contact;
        let contact = contacts.iter().find(under).context("the contact stands under it")?;
        let status = if account["Status"] == "C" { "customer" } else { "prospect" };
        show::view(&[
            ("account in Exact", text(&account["Name"])),
            ("status", status.to_owned()),
            ("contact in Exact", text(&contact["FullName"])),
            ("e-mail", text(&contact["Email"])),
        ]);
        let person = self.seen("persons", &self.contact)?;
        let name = match self.vendor {
            Vendor::HubSpot => {
                format!("{} {}", self.own_field(&person, "firstname"), self.own_field(&person, "lastname"))
            }
            _ => self.own_field(&person, "name"),
        };
        show::view(&[("contact in the CRM", name), ("ties it to Exact", self.field(&person, "Exact ID"))]);
        Ok(())
    }

    fn win(&self) -> Result<()> {
        let sandbox = &self.office.sandbox;
        match self.vendor {
            Vendor::HubSpot => {
                sandbox.hubspot().edit("deals", &self.deal, json!({ "dealstage": "closedwon" }))?;
            }
            _ => sandbox.pipedrive().edit("deals", self.deal.parse()?, json!({ "status": "won" }))?,
        }
        Ok(())
    }

    /// The order that names the deal.
    fn order(&self) -> Result<Uuid> {
        let reference = format!("D-{}", self.deal);
        let orders = self.office.sandbox.exact().records(self.office.division, ORDERS)?;
        let order = orders.iter().find(|order| order["YourRef"] == reference.as_str());
        let id = order.and_then(|order| order["OrderID"].as_str()?.parse().ok());
        id.with_context(|| format!("an order has the reference {reference}"))
    }

    /// Two pieces of the order's line.
    fn two(&self, order: Uuid) -> Result<BTreeMap<Uuid, Decimal>> {
        let lines =
            self.office.sandbox.exact().records(self.office.division, "salesorder/SalesOrderLines")?;
        let line = lines.iter().find(|line| line["OrderID"] == json!(order));
        let id = line.and_then(|line| line["ID"].as_str()?.parse().ok());
        Ok(BTreeMap::from([(id.context("the order has a line")?, Decimal::TWO)]))
    }

    /// The records of a kind, by Pipedrive's name for it.
    fn records(&self, kind: &str) -> Vec<Value> {
        match (self.vendor, kind) {
            (Vendor::HubSpot, "organizations") => self.office.sandbox.hubspot().records("companies"),
            (Vendor::HubSpot, "persons") => self.office.sandbox.hubspot().records("contacts"),
            (Vendor::HubSpot, other) => self.office.sandbox.hubspot().records(other),
            _ => self.office.sandbox.pipedrive().records(kind),
        }
    }

    /// A record as the CRM has it.
    fn seen(&self, kind: &str, id: &str) -> Result<Value> {
        let found = self.records(kind).into_iter().find(|found| text(&found["id"]) == id);
        found.with_context(|| format!("{kind} {id} stands in the CRM"))
    }

    /// A field that the CRM has by itself.
    fn own_field(&self, record: &Value, name: &str) -> String {
        match self.vendor {
            Vendor::HubSpot => text(&record["properties"][name]),
            _ => text(&record[name]),
        }
    }

    /// A custom field, by its label.
    fn field(&self, record: &Value, label: &str) -> String {
        match self.vendor {
            Vendor::HubSpot => {
                let name = label.to_lowercase().replace(' ', "_");
                let name = if name.starts_with("exact_") { name } else { format!("exact_{name}") };
                text(&record["properties"][name])
            }
            _ => text(&record["custom_fields"][label]),
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
