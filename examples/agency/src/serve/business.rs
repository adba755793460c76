//! What happens in the business, for no-code tools to hang on to: told from what the engine settled, once for each fact.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crm_adapters::Kind;
use serde::{Deserialize, Serialize};
use sync_core::engine::{AuditCursor, Settled};
use sync_core::flow::{Flow, Side};
use sync_core::store::{Key, Table};

use super::memory;
use crate::alert::{Alert, Board, Details};
use crate::config::{BusinessEvent, Config};
use crate::connect::{App, Divisions};
use crate::error::Result;

const DELIVERY: &str = "Delivery.Status";
const SHIPPED: &str = "Delivery.Shipped";
const PAYMENT: &str = "Payment.Status";

/// Reads on in the audit after each pass. What it read and what is to be told of it become durable together.
#[derive(Debug)]
pub(super) struct Business {
    app: App,
    board: Arc<Board>,
    wanted: Vec<BusinessEvent>,
    tellers: Tellers,
}

/// The flows that tell of facts.
#[derive(Debug)]
struct Tellers {
    /// Of orders, and of what is shipped.
    orders: BTreeSet<String>,
    /// Of what is invoiced for deals without an order.
    billing: BTreeSet<String>,
    /// Of payments: where invoices have a flow of their own that one, so that none is told twice.
    payments: BTreeSet<String>,
}

/// What is known of one link so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    ordered: bool,
    figures: BTreeMap<String, String>,
}

impl Business {
    /// None where nothing was asked for. What was settled before the first start is history.
    pub(super) async fn open(config: &Config, app: App, board: Arc<Board>) -> Result<Option<Self>> {
        let wanted = config.alerts.events.clone();
        if wanted.is_empty() {
            return Ok(None);
        }
        if memory::read::<AuditCursor>(&app, &place()).await?.is_none() {
            memory::write(&app, &place(), &AuditCursor::at(app.clock().now())).await?;
        }
        let business = Self { app, board, wanted, tellers: Tellers::of(&config.flows) };
        business.tell().await?;
        Ok(Some(business))
    }

    /// Tells what was settled since the last time.
    pub(super) async fn tell(&self) -> Result<()> {
        let engine = self.app.engine(Divisions::Stored, None).await?;
        let mut after = memory::read(&self.app, &place()).await?;
        while let Some(from) = after {
            let (page, behind) = engine.settled(&from).await?;
            if page.is_empty() {
                break;
            }
            self.tell_page(&page, &behind).await?;
            after = Some(behind);
        }
        self.board.send_events();
        Ok(())
    }

    async fn tell_page(&self, page: &[Settled], behind: &AuditCursor) -> Result<()> {
        let mut known: BTreeMap<Key, Known> = BTreeMap::new();
        let mut alerts = Vec::new();
        for settled in page.iter().filter(|settled| self.tellers.concern(settled)) {
            let key = known_key(settled);
            if !known.contains_key(&key) {
                known.insert(key.clone(), memory::read(&self.app, &key).await?.unwrap_or_default());
            }
            let Some(known) = known.get_mut(&key) else { continue };
            let facts = self.tellers.facts(settled, known);
            let wanted = facts.into_iter().filter(|fact| self.wanted.contains(fact));
            alerts.extend(wanted.map(|fact| self.alert(fact, settled, known)));
        }
        let mut rows = vec![memory::row(place(), behind)?];
        for (key, known) in known {
            rows.push(memory::row(key, &known)?);
        }
        rows.extend(self.board.post_events(alerts).await?);
        memory::write_all(&self.app, rows).await
    }

    fn alert(&self, fact: BusinessEvent, settled: &Settled, known: &Known) -> Alert {
        let line = &settled.line;
        let id = |record: &Option<crm_adapters::RecordId>| record.as_ref().map(ToString::to_string);
        let details = Details {
            // In the order in which they are told.
            id: format!("{}/{}-{}", settled.id, fact.place(), fact.cause()),
            flow: line.flow.clone(),
            division: line.division,
            name: settled.about.name.clone(),
            exact_id: id(&settled.about.exact),
            crm_id: id(&settled.about.crm),
            figures: known.figures.clone(),
        };
        let (kind, id) = match &line.flow {
            order if self.tellers.orders.contains(order) => ("the order", &details.exact_id),
            deal if self.tellers.billing.contains(deal) => ("the deal", &details.crm_id),
            _ => ("invoice", &details.exact_id),
        };
        let name = match details.name.as_str() {
            "" => id.as_deref().unwrap_or_default(),
            name => name,
        };
        let figure = |name: &str| known.figures.get(name).map_or("", String::as_str);
        let message = match fact {
            BusinessEvent::OrderCreated => format!("the order {name} was created in Exact"),
            BusinessEvent::InvoicePaid => format!("{kind} {name} is paid"),
            BusinessEvent::InvoiceOverdue => format!("{kind} {name} is overdue"),
            BusinessEvent::Shipped => {
                format!("the order {name} was shipped ({}): {}", figure(DELIVERY), figure(SHIPPED))
            }
        };
        self.board.happened(fact.cause(), message, details)
    }
}

impl Tellers {
    fn of(flows: &[Flow]) -> Self {
        let of = |kind: Kind| -> BTreeSet<String> {
            flows.iter().filter(|flow| flow.kinds.exact == kind).map(|flow| flow.name.clone()).collect()
        };
        let (orders, billing, invoices) = (of(Kind::Order), of(Kind::Billing), of(Kind::Invoice));
        let payments = if invoices.is_empty() { &orders | &billing } else { invoices };
        Self { orders, billing, payments }
    }

    fn concern(&self, settled: &Settled) -> bool {
        let flow = &settled.line.flow;
        self.orders.contains(flow) || self.payments.contains(flow)
    }

    /// The facts that a line adds to what is known.
    fn facts(&self, settled: &Settled, known: &mut Known) -> Vec<BusinessEvent> {
        let line = &settled.line;
        let created = line.is_create();
        let mut facts = Vec::new();
        if line.side == Side::Exact {
            if created && self.orders.contains(&line.flow) && !known.ordered {
                known.ordered = true;
                facts.push(BusinessEvent::OrderCreated);
            }
            return facts;
        }
        let before = known.figures.clone();
        let figures = line.fields.iter().filter(|write| write.rule.contains('.'));
        known.figures.extend(figures.map(|write| (write.rule.clone(), write.source.to_string())));
        if created {
            // What was so when a record came over is history.
            return facts;
        }
        let news = |name: &str| known.figures.get(name).filter(|now| before.get(name) != Some(*now));
        if self.payments.contains(&line.flow) {
            facts.extend(news(PAYMENT).and_then(|status| match status.as_str() {
                "paid" => Some(BusinessEvent::InvoicePaid),
                "overdue" => Some(BusinessEvent::InvoiceOverdue),
                _ => None,
            }));
        }
        let shipped = ["partial", "complete"];
        let begun = known.figures.get(DELIVERY).is_some_and(|status| shipped.contains(&status.as_str()));
        if self.orders.contains(&line.flow) && begun && (news(SHIPPED).is_some() || news(DELIVERY).is_some())
        {
            facts.push(BusinessEvent::Shipped);
        }
        facts
    }
}

fn place() -> Key {
    Key::new(Table::Meta, "@serve/told")
}

fn known_key(settled: &Settled) -> Key {
    let line = &settled.line;
    Key::new(Table::Meta, format!("@serve/known/{}/{}/{}", line.flow, line.division, line.link))
}
