//! Deals, orders, deliveries, invoices and payments, as people and the bank bring them about.

use std::collections::BTreeMap;

use crm_adapters::{FieldType, Kind};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sync_core::flow::Vendor;
use uuid::Uuid;

use crate::people::{guid, id, numbered};
use crate::step::{Place, Ref, Row, Stage};
use crate::value::{same, shown};
use crate::world::{World, told};

/// What the columns of a table of lines are called: in Exact, Pipedrive, HubSpot.
const COLUMNS: [(&str, &str, &str, &str); 5] = [
    ("Product", "Item", "product_id", "hs_product_id"),
    ("Quantity", "Quantity", "quantity", "quantity"),
    ("Price", "NetPrice", "item_price", "price"),
    ("Discount", "Discount", "discount", "hs_discount_percentage"),
    ("Text", "Description", "comments", "description"),
];

/// Where Exact keeps the lines of a document, and which property of a line names the document.
const LINES: [(Kind, &str, &str); 3] = [
    (Kind::Order, "salesorder/SalesOrderLines", "OrderID"),
    (Kind::Quotation, "crm/QuotationLines", "QuotationID"),
    (Kind::Invoice, "salesinvoice/SalesInvoiceLines", "InvoiceID"),
];

/// The stage for what becomes of a quotation: as people set it, and its label.
pub(crate) fn stage_of(vendor: Vendor, stage: Stage) -> Result<(Json, &'static str), String> {
    let (id, stage_id, label, of_hubspot) = match stage {
        Stage::Proposed => (4, "presentationscheduled", "Pipeline/Proposal Made", "Presentation Scheduled"),
        Stage::Accepted => (5, "contractsent", "Pipeline/Negotiations Started", "Contract Sent"),
        Stage::Rejected => (1, "closedlost", "Pipeline/Qualified", "Closed Lost"),
        other => return Err(format!("{other:?} is no stage of a quotation")),
    };
    Ok(match vendor {
        Vendor::HubSpot => (json!({ "dealstage": stage_id }), of_hubspot),
        _ => (json!({ "stage_id": id }), label),
    })
}

impl World {
    /// Puts products on a deal.
    pub(crate) async fn enter_lines(&self, place: Place, name: &str, rows: &[Row]) -> Result<(), String> {
        let (kind, deal) = self.find(place, name).await?;
        if (place, kind) != (Place::Crm, Kind::Deal) {
            return Err("lines are put on a deal in the CRM".to_owned());
        }
        for row in rows {
            let mut line = Map::new();
            for (head, cell) in row.iter().filter(|(_, cell)| !cell.is_empty()) {
                line.insert(self.column(place, head)?, self.cell(place, head, cell).await?);
            }
            if self.vendor == Vendor::HubSpot {
                let texts =
                    line.into_iter().map(|(name, value)| (name, json!(shown(&value, FieldType::Text))));
                let made = self
                    .sandbox
                    .hubspot()
                    .create("line_items", Json::Object(texts.collect()))
                    .map_err(told)?;
                self.sandbox.hubspot().associate(&made, &deal).map_err(told)?;
            } else {
                self.sandbox.pipedrive().add_product(numbered(&deal)?, &line.into()).map_err(told)?;
            }
        }
        Ok(())
    }

    /// Takes something off a whole deal.
    pub(crate) async fn take_off(
        &self,
        place: Place,
        name: &str,
        amount: &str,
        percent: bool,
    ) -> Result<(), String> {
        let (kind, deal) = self.find(place, name).await?;
        if (place, kind, self.vendor) != (Place::Crm, Kind::Deal, Vendor::Pipedrive) {
            return Err("something is taken off a whole deal in Pipedrive alone".to_owned());
        }
        let amount: serde_json::Number = amount.parse().map_err(|_| format!("`{amount}` is no amount"))?;
        let ty = if percent { "percentage" } else { "amount" };
        let discount = json!({ "description": "Agreed", "amount": amount, "type": ty });
        self.sandbox.pipedrive().add_discount(numbered(&deal)?, &discount).map_err(told)
    }

    fn column(&self, place: Place, head: &str) -> Result<String, String> {
        let Some((_, exact, pipedrive, hubspot)) = COLUMNS.iter().find(|(word, ..)| *word == head) else {
            // What the vendors call alike, or what one of them has alone.
            return Ok(head.to_owned());
        };
        Ok(match (place, self.vendor) {
            (Place::Exact(_), _) => *exact,
            (Place::Crm, Vendor::HubSpot) => *hubspot,
            (Place::Crm, _) => *pipedrive,
        }
        .to_owned())
    }

    async fn cell(&self, place: Place, head: &str, cell: &str) -> Result<Json, String> {
        if head == "Product" {
            return Ok(id(place, &self.find(place, cell).await?.1));
        }
        Ok(cell.parse::<serde_json::Number>().map_or_else(|_| json!(cell), Json::Number))
    }

    /// A price in a price list: everybody's, or one customer's own.
    pub(crate) async fn price(
        &self,
        place: Place,
        name: &str,
        price: &str,
        of: Option<&str>,
        from: Option<&str>,
    ) -> Result<(), String> {
        let (division, item) = self.document(place, name, Kind::Product).await?;
        let price: serde_json::Number = price.parse().map_err(|_| format!("`{price}` is no price"))?;
        let mut fields = json!({ "Item": item, "Price": price, "Currency": "EUR", "StartDate": from });
        if let Some(of) = of {
            fields["Account"] = json!(self.find(place, of).await?.1);
        }
        self.sandbox.exact().create(division, "logistics/SalesItemPrices", fields).map(drop).map_err(told)
    }

    /// An invoice or a credit note that is not made from an order, printed.
    pub(crate) async fn bill(
        &mut self,
        place: Place,
        name: &str,
        invoice: &str,
        credit: bool,
        reference: Option<&Ref>,
        rows: &[Row],
    ) -> Result<(), String> {
        let (division, customer) = self.document(place, name, Kind::Company).await?;
        let mut lines = Vec::new();
        for row in rows {
            let mut line = Map::new();
            for (head, cell) in row {
                line.insert(self.column(place, head)?, self.cell(place, head, cell).await?);
            }
            lines.push(line);
        }
        let ty = if credit { 8021 } else { 8020 };
        let reference = match reference {
            Some(Ref::Deal(name)) => Some(format!("D-{}", self.find(Place::Crm, name).await?.1)),
            Some(Ref::Text(text)) => Some(text.clone()),
            None => None,
        };
        let fields = json!({
            "Journal": "70", "Type": ty, "OrderedBy": customer, "YourRef": reference, "SalesInvoiceLines": lines,
        });
        let made =
            self.sandbox.exact().create(division, "salesinvoice/SalesInvoices", fields).map_err(told)?;
        self.sandbox.exact().print(division, made).map_err(told)?;
        self.name(invoice, place, Kind::Invoice, made);
        Ok(())
    }

    /// A deal is won, lost or opened again.
    pub(crate) async fn decide(&self, name: &str, stage: Stage) -> Result<(), String> {
        let (kind, deal) = self.find(Place::Crm, name).await?;
        let fields = match (self.vendor, stage) {
            (Vendor::HubSpot, Stage::Won) => json!({ "dealstage": "closedwon" }),
            (Vendor::HubSpot, Stage::Lost) => json!({ "dealstage": "closedlost" }),
            (Vendor::HubSpot, Stage::Open) => json!({ "dealstage": "appointmentscheduled" }),
            (_, Stage::Won) => json!({ "status": "won" }),
            (_, Stage::Lost) => json!({ "status": "lost" }),
            (_, Stage::Open) => json!({ "status": "open" }),
            (_, stage) => stage_of(self.vendor, stage)?.0,
        };
        self.edit(Place::Crm, kind, &deal, fields)
    }

    /// The document of that kind, and its administration.
    async fn document(&self, place: Place, name: &str, kind: Kind) -> Result<(i64, Uuid), String> {
        let Place::Exact(number) = place else { return Err("that happens in Exact".to_owned()) };
        match self.find(place, name).await? {
            (found, id) if found == kind => Ok((self.division(number)?, guid(&id)?)),
            (found, _) => Err(format!("\"{name}\" is no {kind} but a {found}")),
        }
    }

    pub(crate) async fn deliver(&self, place: Place, name: &str, rows: &[Row]) -> Result<(), String> {
        let (division, order) = self.document(place, name, Kind::Order).await?;
        if rows.is_empty() {
            return self.sandbox.exact().deliver(division, order).map(drop).map_err(told);
        }
        let lines = self.lines(place, Kind::Order, &order.to_string())?;
        let mut quantities = BTreeMap::new();
        for (item, quantity) in self.quantities(place, rows).await? {
            let line =
                lines.iter().find(|line| line["Item"] == json!(item)).ok_or("no line has this product")?;
            quantities.insert(guid(line["ID"].as_str().unwrap_or_default())?, quantity);
        }
        self.sandbox.exact().deliver_part(division, order, &quantities).map(drop).map_err(told)
    }

    /// How much of which product.
    async fn quantities(&self, place: Place, rows: &[Row]) -> Result<BTreeMap<Uuid, Decimal>, String> {
        let mut quantities = BTreeMap::new();
        for row in rows {
            let (product, quantity) =
                row.get("Product").zip(row.get("Quantity")).ok_or("name Product and Quantity")?;
            let item = guid(&self.find(place, product).await?.1)?;
            quantities.insert(item, quantity.parse::<Decimal>().map_err(told)?);
        }
        Ok(quantities)
    }

    /// Nothing more of an order will be delivered or invoiced.
    pub(crate) async fn close(&self, place: Place, name: &str) -> Result<(), String> {
        let (division, order) = self.document(place, name, Kind::Order).await?;
        self.sandbox.exact().complete(division, order).map_err(told)
    }

    pub(crate) async fn put_off(
        &self,
        place: Place,
        name: &str,
        amount: &str,
        days: u32,
    ) -> Result<(), String> {
        let (division, invoice) = self.document(place, name, Kind::Invoice).await?;
        let amount = amount.parse().map_err(told)?;
        self.sandbox.exact().put_off(division, invoice, amount, days.into()).map_err(told)
    }

    /// A customer answers a quotation.
    pub(crate) async fn reply(&self, place: Place, name: &str, accepted: bool) -> Result<(), String> {
        let (division, quotation) = self.document(place, name, Kind::Quotation).await?;
        self.sandbox.exact().reply(division, quotation, accepted).map_err(told)
    }

    /// Makes an invoice and prints it.
    pub(crate) async fn invoice(
        &mut self,
        place: Place,
        name: &str,
        invoice: &str,
        ordered: bool,
    ) -> Result<(), String> {
        let (division, order) = self.document(place, name, Kind::Order).await?;
        let exact = self.sandbox.exact();
        let made = match ordered {
            true => exact.invoice_ordered(division, order),
            false => exact.invoice_delivered(division, order),
        };
        let made = made.map_err(told)?;
        exact.print(division, made).map_err(told)?;
        self.name(invoice, place, Kind::Invoice, made);
        Ok(())
    }

    pub(crate) async fn pay(&self, place: Place, name: &str, amount: Option<&str>) -> Result<(), String> {
        let (division, invoice) = self.document(place, name, Kind::Invoice).await?;
        let amount = amount.map(str::parse).transpose().map_err(told)?;
        self.sandbox.exact().pay(division, invoice, amount).map_err(told)
    }

    pub(crate) async fn unpay(&self, place: Place, name: &str) -> Result<(), String> {
        let (division, invoice) = self.document(place, name, Kind::Invoice).await?;
        self.sandbox.exact().unmatch(division, invoice).map_err(told)
    }

    pub(crate) async fn write_off(&self, place: Place, name: &str) -> Result<(), String> {
        let (division, invoice) = self.document(place, name, Kind::Invoice).await?;
        self.sandbox.exact().write_off(division, invoice).map_err(told)
    }

    pub(crate) async fn credit(
        &mut self,
        place: Place,
        name: &str,
        note: &str,
        rows: &[Row],
    ) -> Result<(), String> {
        let (division, invoice) = self.document(place, name, Kind::Invoice).await?;
        let made = match rows {
            [] => self.sandbox.exact().credit(division, invoice),
            rows => {
                let quantities = self.quantities(place, rows).await?;
                self.sandbox.exact().credit_part(division, invoice, &quantities)
            }
        };
        let made = made.map_err(told)?;
        self.name(note, place, Kind::Invoice, made);
        Ok(())
    }

    /// The lines of a document in Exact, in order.
    fn lines(&self, place: Place, kind: Kind, document: &str) -> Result<Vec<Json>, String> {
        let Place::Exact(number) = place else { return Err("lines are looked at in Exact".to_owned()) };
        let found = LINES.iter().find(|(of, ..)| *of == kind);
        let (_, path, whole) = found.ok_or_else(|| format!("a {kind} has no lines"))?;
        let mut lines = self.sandbox.exact().records(self.division(number)?, path).map_err(told)?;
        lines.retain(|line| line[whole] == json!(document));
        lines.sort_by_key(|line| line["LineNumber"].as_i64());
        Ok(lines)
    }

    /// Exactly these lines, in order, with at least these values.
    pub(crate) async fn has_lines(&self, place: Place, name: &str, rows: &[Row]) -> Result<(), String> {
        let (kind, document) = self.find(place, name).await?;
        let lines = self.lines(place, kind, &document)?;
        if lines.len() != rows.len() {
            return Err(format!("it has {} lines", lines.len()));
        }
        for (line, row) in lines.iter().zip(rows) {
            for (head, cell) in row {
                let property = self.column(place, head)?;
                let value = line.get(&property).ok_or_else(|| format!("a line has no {property}"))?;
                let wanted = self.cell(place, head, cell).await?;
                let wanted = shown(&wanted, FieldType::Text);
                let value =
                    shown(value, if value.is_number() { FieldType::Decimal } else { FieldType::Text });
                if !same(if cell.is_empty() { "(empty)" } else { &wanted }, &value, FieldType::Text) {
                    return Err(format!("{head} is `{value}`, expected `{cell}`"));
                }
            }
        }
        Ok(())
    }
}
