//! What people do on a working day, on both sides.

use std::collections::{BTreeMap, VecDeque};

use agency::serve::Place;
use chrono::{DateTime, TimeDelta, Utc};
use exact_client::WebhookTopic;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use sync_core::flow::{Division, Preset, Side};
use uuid::Uuid;

use crate::office::{Office, Result};
use crate::tally::Awaited;

/// How much of everything there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) companies: usize,
    pub(crate) contacts: usize,
    pub(crate) products: usize,
    pub(crate) invoices: usize,
    pub(crate) payments: usize,
    pub(crate) orders: usize,
    pub(crate) deliveries: usize,
    pub(crate) edits: usize,
}

/// One thing that somebody does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    Invoice,
    Payment,
    Order,
    Delivery,
    EditCompany,
    EditContact,
}

impl Deed {
    /// The flows that are told of it. Of payments Exact tells nobody.
    pub(crate) fn concerns(self) -> &'static [Preset] {
        match self {
            Self::Payment => &[],
            Self::Invoice => &[Preset::Companies, Preset::Orders],
            Self::Order | Self::Delivery => &[Preset::Orders],
            Self::EditCompany => &[Preset::Companies],
            Self::EditContact => &[Preset::Contacts],
        }
    }
}

impl Deed {
    /// The topic under which Exact tells of it.
    pub(crate) fn topic(self) -> Option<WebhookTopic> {
        match self {
            Self::Invoice => Some(WebhookTopic::SalesInvoices),
            Self::Delivery => Some(WebhookTopic::GoodsDeliveries),
            _ => None,
        }
    }
}

fn in_exact(division: i64) -> Result<Place> {
    Ok(Place::Exact(Division::new(division.try_into()?)))
}

/// Everything that is done on a day, in order, between nine and five in Amsterdam.
pub(crate) fn day(size: &Size, start: DateTime<Utc>) -> VecDeque<(DateTime<Utc>, Deed)> {
    let mut rng = StdRng::seed_from_u64(7);
    let counts = [
        (Deed::Invoice, size.invoices),
        (Deed::Payment, size.payments),
        (Deed::Order, size.orders),
        (Deed::Delivery, size.deliveries),
        (Deed::EditCompany, size.edits / 2),
        (Deed::EditContact, size.edits - size.edits / 2),
    ];
    let mut deeds: Vec<_> = counts
        .into_iter()
        .flat_map(|(deed, count)| std::iter::repeat_n(deed, count))
        .map(|deed| (start + TimeDelta::seconds(rng.random_range(8 * 3_600..16 * 3_600)), deed))
        .collect();
    deeds.sort_by_key(|(at, _)| *at);
    deeds.into()
}

/// The people, and what they have under their hands.
pub(crate) struct People<'a> {
    office: &'a Office,
    rng: StdRng,
    /// Of each flow: a record's id in Exact by its id in the CRM.
    links: BTreeMap<String, Vec<(i64, String, String)>>,
    /// Printed and not paid: division, invoice, customer.
    unpaid: VecDeque<(i64, Uuid, String)>,
    deals: usize,
}

impl<'a> People<'a> {
    pub(crate) fn new(office: &'a Office) -> Self {
        Self {
            office,
            rng: StdRng::seed_from_u64(3),
            links: BTreeMap::new(),
            unpaid: VecDeque::new(),
            deals: 0,
        }
    }

    /// Enters what there is into the books of both administrations.
    pub(crate) fn open_shop(&self, size: &Size) -> Result<()> {
        let (exact, divisions) = (self.office.sandbox.exact(), self.office.sandbox.exact().divisions());
        let mut accounts = Vec::new();
        for at in 0..size.companies {
            let division = divisions[at % divisions.len()];
            let fields = json!({ "Name": format!("Company {at}"), "ChamberOfCommerce": format!("{:08}", 10_000_000 + at), "Status": "C" });
            accounts.push((division, exact.create(division, "crm/Accounts", fields)?));
        }
        for at in 0..size.contacts {
            let (division, account) = accounts[at % accounts.len()];
            let fields = json!({ "Account": account, "FirstName": "Anna", "LastName": format!("Number {at}"), "Email": format!("a{at}@example.nl") });
            exact.create(division, "crm/Contacts", fields)?;
        }
        for at in 0..size.products {
            let division = divisions[at % divisions.len()];
            let fields = json!({ "Code": format!("P{at}"), "Description": format!("Product {at}"), "IsSalesItem": true, "SalesVatCode": "2", "StandardSalesPrice": 10 + at % 90 });
            exact.create(division, "logistics/Items", fields)?;
        }
        Ok(())
    }

    /// Learns which records belong together.
    pub(crate) async fn learn(&mut self) -> Result<()> {
        self.links.clear();
        let engine = self.office.engine()?;
        let mut after = None;
        loop {
            let (links, next) = engine.links(after.as_ref()).await?;
            for link in links {
                let row = (i64::from(link.division.get()), link.exact_id, link.crm_id);
                self.links.entry(link.flow).or_default().push(row);
            }
            match next {
                None => return Ok(()),
                next => after = next,
            }
        }
    }

    fn pick(&mut self, flow: &str) -> Result<(i64, String, String)> {
        let links = self.links.get(flow).ok_or("nothing is linked")?;
        Ok(links[self.rng.random_range(0..links.len())].clone())
    }

    /// Does it, and says where; `None` where there is nothing to do it with yet.
    pub(crate) fn act(&mut self, deed: Deed, at: DateTime<Utc>) -> Result<Option<Place>> {
        match deed {
            Deed::Invoice => self.invoice(at).map(Some),
            Deed::Payment => self.pay(at),
            Deed::Order => self.win(at).map(|()| Some(Place::Crm)),
            Deed::Delivery => self.deliver(at),
            Deed::EditCompany => self.edit("companies", "organizations", at).map(|()| Some(Place::Crm)),
            Deed::EditContact => self.edit("contacts", "persons", at).map(|()| Some(Place::Crm)),
        }
    }

    fn invoice(&mut self, at: DateTime<Utc>) -> Result<Place> {
        let (division, account, company) = self.pick("companies")?;
        let exact = self.office.sandbox.exact();
        let item = self.links["products"].iter().find(|(of, ..)| *of == division).ok_or("no item")?.1.clone();
        let lines = json!([{ "Item": item, "Quantity": 1, "NetPrice": self.rng.random_range(10..900), "VATCode": "0" }]);
        let fields = json!({ "OrderedBy": account, "Journal": "70", "SalesInvoiceLines": lines });
        let invoice = exact.create(division, "salesinvoice/SalesInvoices", fields)?;
        exact.print(division, invoice)?;
        self.unpaid.push_back((division, invoice, company.clone()));
        self.office.ages.await_it(Awaited::Record(Side::Crm, company), at);
        in_exact(division)
    }

    fn pay(&mut self, at: DateTime<Utc>) -> Result<Option<Place>> {
        let Some((division, invoice, company)) = self.unpaid.pop_front() else { return Ok(None) };
        self.office.sandbox.exact().pay(division, invoice, None)?;
        self.office.ages.await_it(Awaited::Record(Side::Crm, company), at);
        in_exact(division).map(Some)
    }

    fn win(&mut self, at: DateTime<Utc>) -> Result<()> {
        let (division, _, company) = self.pick("companies")?;
        let products: Vec<String> = self.links["products"]
            .iter()
            .filter(|(of, ..)| *of == division)
            .map(|row| row.2.clone())
            .collect();
        let crm = self.office.sandbox.pipedrive();
        self.deals += 1;
        let deal = json!({ "title": format!("Deal {}", self.deals), "org_id": company.parse::<i64>()? });
        let deal = crm.create("deals", deal)?;
        for _ in 0..3 {
            let product: i64 = products[self.rng.random_range(0..products.len())].parse()?;
            let line =
                json!({ "product_id": product, "quantity": self.rng.random_range(1..9), "item_price": 20 });
            crm.add_product(deal, &line)?;
        }
        crm.edit("deals", deal, json!({ "status": "won" }))?;
        self.office.ages.await_it(Awaited::Order(format!("D-{deal}")), at);
        Ok(())
    }

    /// Ships the first order that is open.
    fn deliver(&mut self, at: DateTime<Utc>) -> Result<Option<Place>> {
        let exact = self.office.sandbox.exact();
        for division in exact.divisions() {
            let orders = exact.records(*division, "salesorder/SalesOrders")?;
            let open = orders.iter().find(|order| order["DeliveryStatus"] == 12);
            let Some(order) = open else { continue };
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            exact.deliver(*division, text(&order["OrderID"]).parse()?)?;
            let deal = text(&order["YourRef"]).trim_start_matches("D-").to_owned();
            self.office.ages.await_it(Awaited::Record(Side::Crm, deal), at);
            return in_exact(*division).map(Some);
        }
        Ok(None)
    }

    fn edit(&mut self, flow: &str, plural: &str, at: DateTime<Utc>) -> Result<()> {
        let (_, exact, crm) = self.pick(flow)?;
        let number = format!("020-{}", self.rng.random_range(1_000_000..9_999_999));
        let fields = match flow {
            "companies" => json!({ "website": format!("https://{number}.example.nl") }),
            _ => json!({ "phones": [{ "value": number, "primary": true }] }),
        };
        self.office.sandbox.pipedrive().edit(plural, crm.parse()?, fields)?;
        self.office.ages.await_it(Awaited::Record(Side::Exact, exact), at);
        Ok(())
    }
}
