//! What people do with records: enter, change, look at, merge and delete them, past the engine and its adapters.

use crm_adapters::{FieldType, Kind, RecordId, View};
use serde_json::{Map, Value as Json, json};
use sync_core::flow::Vendor;
use uuid::Uuid;

use crate::addresses::apart;
use crate::field::Named;
use crate::step::{Pair, Place};
use crate::value::{plain, shown, written};
use crate::world::{World, told};

/// What Exact calls a kind, and the property of its key.
pub(crate) fn resource(kind: Kind) -> Result<(&'static str, &'static str), String> {
    Ok(match kind {
        Kind::Company => ("crm/Accounts", "ID"),
        Kind::Contact => ("crm/Contacts", "ID"),
        Kind::Product => ("logistics/Items", "ID"),
        Kind::Order => ("salesorder/SalesOrders", "OrderID"),
        Kind::Quotation => ("crm/Quotations", "QuotationID"),
        Kind::Invoice => ("salesinvoice/SalesInvoices", "InvoiceID"),
        other => return Err(format!("there is no {other} in Exact")),
    })
}

/// What a CRM calls a kind.
pub(crate) fn table(vendor: Vendor, kind: Kind) -> Result<&'static str, String> {
    Ok(match (vendor, kind) {
        (Vendor::HubSpot, Kind::Company) => "companies",
        (Vendor::HubSpot, Kind::Contact) => "contacts",
        (Vendor::HubSpot, Kind::Invoice) => "invoices",
        (_, Kind::Company) => "organizations",
        (_, Kind::Contact) => "persons",
        (_, Kind::Product) => "products",
        (_, Kind::Deal) => "deals",
        (_, other) => return Err(format!("there is no {other} in the CRM")),
    })
}

impl World {
    /// What the CRM calls a kind.
    fn table(&self, kind: Kind) -> Result<&'static str, String> {
        table(self.vendor, kind)
    }

    /// All records of a kind that are not deleted.
    pub(crate) fn records(&self, place: Place, kind: Kind) -> Result<Vec<Json>, String> {
        match place {
            Place::Exact(number) => {
                let (path, _) = resource(kind)?;
                self.sandbox.exact().records(self.division(number)?, path).map_err(told)
            }
            Place::Crm if self.vendor == Vendor::HubSpot => {
                Ok(self.sandbox.hubspot().records(self.table(kind)?))
            }
            Place::Crm => Ok(self.sandbox.pipedrive().records(self.table(kind)?)),
        }
    }

    /// A record as its vendor has it; `None` where it is deleted.
    pub(crate) fn record(&self, place: Place, kind: Kind, id: &str) -> Result<Option<Json>, String> {
        let key = if let Place::Exact(_) = place { resource(kind)?.1 } else { "id" };
        let is = |record: &Json| shown(&record[key], FieldType::Text) == id;
        Ok(self.records(place, kind)?.into_iter().find(is))
    }

    /// A field of a record as a table shows it.
    pub(crate) async fn read(
        &self,
        place: Place,
        kind: Kind,
        id: &str,
        field: &Named,
    ) -> Result<String, String> {
        let record = self.record(place, kind, id)?.ok_or("it is deleted")?;
        let value = match (place, self.vendor) {
            (Place::Exact(_), _) => record.get(&field.name),
            (Place::Crm, Vendor::HubSpot) => {
                record["properties"].get(property(&field.name)).or(Some(&Json::Null))
            }
            (Place::Crm, _) => match field.name.strip_prefix("custom:") {
                Some(label) => record["custom_fields"].get(label),
                None => record.get(&field.name),
            },
        };
        match (field.ty, value) {
            (_, Some(id)) if field.name == "DeliveryAddress" => match place {
                Place::Exact(number) => self.shown_address(number, id),
                Place::Crm => Ok(shown(id, field.ty)),
            },
            (FieldType::Text | FieldType::Decimal | FieldType::Bool | FieldType::Date, Some(value)) => {
                Ok(shown(value, field.ty))
            }
            _ => self.read_by_adapter(place, kind, id, field).await,
        }
    }

    /// Fields that are made of more than one value, and names of other records.
    async fn read_by_adapter(
        &self,
        place: Place,
        kind: Kind,
        id: &str,
        field: &Named,
    ) -> Result<String, String> {
        let view = View { kind, fields: vec![field.name.clone()] };
        let found = self.adapter(place).get(&view, &[RecordId::new(id)]).await.map_err(told)?;
        let value = found.first().and_then(|record| record.fields.get(&field.name));
        let value = value.ok_or_else(|| format!("it has no {}", field.name))?.to_string();
        Ok(match field.ty {
            FieldType::Reference(of) => self.called(place, of, &value).await.unwrap_or(value),
            ty => plain(&value, ty),
        })
    }

    /// The scenario's name for a record.
    async fn called(&self, place: Place, kind: Kind, id: &str) -> Option<String> {
        for name in self.names.keys() {
            if self.find(place, name).await.is_ok_and(|found| found == (kind, id.to_owned())) {
                return Some(name.clone());
            }
        }
        None
    }

    /// The values of a table in the words of a vendor.
    async fn payload(&self, place: Place, kind: Kind, fields: &[Pair]) -> Result<Map<String, Json>, String> {
        let mut payload = Map::new();
        for (word, cell) in fields {
            // What the adapter does not know may still be a property of Exact's.
            let field = match (self.field(place, kind, word), place) {
                (Ok(field), _) => field,
                (Err(_), Place::Exact(_)) => Named { name: word.clone(), ty: guessed(cell) },
                (Err(why), Place::Crm) => return Err(why),
            };
            let value = match field.ty {
                FieldType::Reference(_) if !cell.is_empty() => id(place, &self.find(place, cell).await?.1),
                ty => written(cell, ty)?,
            };
            let (name, value) = self.placed(place, kind, &field.name, value);
            payload.insert(name, value);
        }
        Ok(payload)
    }

    fn placed(&self, place: Place, kind: Kind, name: &str, value: Json) -> (String, Json) {
        match (place, self.vendor, name) {
            (Place::Exact(_), ..) => (name.to_owned(), value),
            (Place::Crm, Vendor::HubSpot, name) => (property(name), text(&value)),
            (Place::Crm, _, "email" | "phone") if kind == Kind::Contact => {
                let entries = match value {
                    Json::Null => json!([]),
                    value => json!([{ "value": value, "primary": true, "label": "work" }]),
                };
                (format!("{name}s"), entries)
            }
            (Place::Crm, _, "prices:EUR") => {
                ("prices".to_owned(), json!([{ "price": value, "currency": "EUR" }]))
            }
            (Place::Crm, _, name) => (name.strip_prefix("custom:").unwrap_or(name).to_owned(), value),
        }
    }

    /// A person enters a record.
    pub(crate) async fn enter(
        &mut self,
        place: Place,
        kind: Kind,
        name: &str,
        of: Option<&str>,
        fields: &[Pair],
    ) -> Result<(), String> {
        // HubSpot keeps what a record names beside its properties.
        let beside = |(word, _): &&Pair| {
            (place, self.vendor) == (Place::Crm, Vendor::HubSpot)
                && self.field(place, kind, word).is_ok_and(|field| field.name.starts_with("association:"))
        };
        let (beside, fields): (Vec<&Pair>, Vec<&Pair>) = fields.iter().partition(beside);
        let fields: Vec<Pair> = fields.into_iter().cloned().collect();
        let mut payload = self.usual(place, kind, name);
        payload.extend(self.payload(place, kind, &fields).await?);
        let parent = match of {
            Some(of) => Some(self.find(place, of).await?.1),
            None => None,
        };
        let mut named = Vec::new();
        for (_, name) in beside {
            named.push(self.find(place, name).await?.1);
        }
        let made = match place {
            Place::Exact(number) => {
                if let Some(parent) = parent {
                    payload.insert("Account".to_owned(), json!(parent));
                }
                let (path, _) = resource(kind)?;
                let (own, addresses) = apart(payload);
                let made = self.sandbox.exact().create(self.division(number)?, path, own.into());
                let made = made.map_err(told)?.to_string();
                self.set_addresses(number, &made, &addresses)?;
                made
            }
            Place::Crm if self.vendor == Vendor::HubSpot => {
                let hubspot = self.sandbox.hubspot();
                let made = hubspot.create(self.table(kind)?, payload.into()).map_err(told)?;
                for other in parent.iter().chain(&named) {
                    hubspot.associate(&made, other).map_err(told)?;
                }
                made
            }
            Place::Crm => {
                if let Some(parent) = parent {
                    payload.insert("org_id".to_owned(), id(place, &parent));
                }
                self.sandbox.pipedrive().create(self.table(kind)?, payload.into()).map_err(told)?.to_string()
            }
        };
        self.name(name, place, kind, made);
        Ok(())
    }

    /// What a form has in it before anybody types.
    fn usual(&self, place: Place, kind: Kind, name: &str) -> Map<String, Json> {
        let (first, last) = name.split_once(' ').unwrap_or((name, name));
        let form = match (place, self.vendor, kind) {
            (Place::Exact(_), _, Kind::Company) => json!({ "Name": name, "Status": "C" }),
            (Place::Exact(_), _, Kind::Contact) => json!({ "FirstName": first, "LastName": last }),
            (Place::Exact(_), _, Kind::Product) => {
                json!({ "Code": name, "Description": name, "IsSalesItem": true, "SalesVatCode": "2" })
            }
            (Place::Exact(_), ..) => json!({}),
            (Place::Crm, Vendor::HubSpot, Kind::Contact) => json!({ "firstname": first, "lastname": last }),
            (Place::Crm, Vendor::HubSpot, Kind::Deal) => {
                json!({ "dealname": name, "pipeline": "default", "dealstage": "appointmentscheduled" })
            }
            (Place::Crm, _, Kind::Deal) => json!({ "title": name }),
            (Place::Crm, ..) => json!({ "name": name }),
        };
        form.as_object().cloned().unwrap_or_default()
    }

    /// A person changes a record.
    pub(crate) async fn change(&self, place: Place, name: &str, fields: &[Pair]) -> Result<(), String> {
        let (kind, id) = self.find(place, name).await?;
        let mut payload = self.payload(place, kind, fields).await?;
        if let Place::Exact(number) = place {
            let (own, addresses) = apart(payload);
            self.set_addresses(number, &id, &addresses)?;
            if own.is_empty() {
                return Ok(());
            }
            payload = own;
        }
        self.edit(place, kind, &id, payload.into())
    }

    /// Changes a record in the words of its vendor.
    pub(crate) fn edit(&self, place: Place, kind: Kind, id: &str, payload: Json) -> Result<(), String> {
        match place {
            Place::Exact(number) => {
                let (path, _) = resource(kind)?;
                self.sandbox.exact().edit(self.division(number)?, path, guid(id)?, payload).map_err(told)
            }
            Place::Crm if self.vendor == Vendor::HubSpot => {
                self.sandbox.hubspot().edit(self.table(kind)?, id, payload).map_err(told)
            }
            Place::Crm => {
                self.sandbox.pipedrive().edit(self.table(kind)?, numbered(id)?, payload).map_err(told)
            }
        }
    }

    /// A person belongs to another company from now on, or to one more.
    pub(crate) async fn join(
        &self,
        place: Place,
        name: &str,
        company: &str,
        too: bool,
    ) -> Result<(), String> {
        let ((kind, id), (_, of)) = (self.find(place, name).await?, self.find(place, company).await?);
        match (place, self.vendor) {
            (Place::Crm, Vendor::HubSpot) if too => self.sandbox.hubspot().associate(&id, &of).map_err(told),
            (Place::Crm, Vendor::HubSpot) => self.sandbox.hubspot().make_primary(&id, &of).map_err(told),
            _ if too => Err("one company is all that a person has there".to_owned()),
            (Place::Crm, _) => self.edit(place, kind, &id, json!({ "org_id": numbered(&of)? })),
            (Place::Exact(_), _) => self.edit(place, kind, &id, json!({ "Account": of })),
        }
    }

    /// A person who is to be forgotten.
    pub(crate) async fn anonymise(&mut self, place: Place, name: &str) -> Result<(), String> {
        let Place::Exact(number) = place else { return Err("Exact alone anonymises".to_owned()) };
        // Afterwards no link tells who it was.
        for place in [place, Place::Crm] {
            let (kind, id) = self.find(place, name).await?;
            self.name(name, place, kind, id);
        }
        let (_, id) = self.find(place, name).await?;
        self.sandbox.exact().anonymise(self.division(number)?, guid(&id)?).map_err(told)
    }

    /// An administrator makes a text field of the CRM one for numbers. What does not fit is lost.
    pub(crate) async fn retype(&mut self, kind: Kind, word: &str) -> Result<(), String> {
        let name = self.field(Place::Crm, kind, word)?.name;
        let (table, label) = (self.table(kind)?, name.strip_prefix("custom:").unwrap_or(&name));
        let changed = match self.vendor {
            Vendor::HubSpot => self.sandbox.hubspot().retype_property(table, &property(&name), "number"),
            _ => self.sandbox.pipedrive().retype_field(table, label, "double").map(drop),
        };
        changed.map_err(told)
    }

    pub(crate) async fn delete(&mut self, place: Place, name: &str) -> Result<(), String> {
        let (kind, id) = self.find(place, name).await?;
        self.name(name, place, kind, &id);
        match place {
            Place::Exact(number) => {
                let (path, _) = resource(kind)?;
                self.sandbox.exact().delete(self.division(number)?, path, guid(&id)?).map_err(told)
            }
            Place::Crm if self.vendor == Vendor::HubSpot => {
                self.sandbox.hubspot().archive(self.table(kind)?, &id).map_err(told)
            }
            Place::Crm => self.sandbox.pipedrive().delete(self.table(kind)?, numbered(&id)?).map_err(told),
        }
    }

    /// Merges a record of the CRM into another one. Afterwards the other's name stands for what remains.
    pub(crate) async fn merge(&mut self, place: Place, name: &str, into: &str) -> Result<(), String> {
        let ((kind, from), (_, to)) = (self.find(place, name).await?, self.find(place, into).await?);
        let remains = match (place, self.vendor) {
            (Place::Exact(_), _) => return Err("the API of Exact cannot merge".to_owned()),
            (Place::Crm, Vendor::HubSpot) => {
                self.sandbox.hubspot().merge(self.table(kind)?, &to, &from).map_err(told)?
            }
            (Place::Crm, _) => {
                let (from, into) = (numbered(&from)?, numbered(&to)?);
                self.sandbox.pipedrive().merge(self.table(kind)?, from, into).map_err(told)?;
                to
            }
        };
        self.name(name, place, kind, from);
        self.name(into, place, kind, remains);
        Ok(())
    }
}

/// HubSpot's name of a property: of one that the engine made, `exact_` and its label.
pub(crate) fn property(name: &str) -> String {
    let Some(label) = name.strip_prefix("custom:") else { return name.to_owned() };
    let plain: String =
        label.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let snake = plain.split_whitespace().collect::<Vec<_>>().join("_");
    if snake.starts_with("exact_") { snake } else { format!("exact_{snake}") }
}

/// HubSpot holds text alone.
fn text(value: &Json) -> Json {
    match value {
        Json::Null => json!(""),
        Json::String(text) => json!(text),
        other => json!(other.to_string()),
    }
}

/// An id as a vendor's JSON has it.
pub(crate) fn id(place: Place, id: &str) -> Json {
    match (place, id.parse::<i64>()) {
        (Place::Crm, Ok(number)) => json!(number),
        _ => json!(id),
    }
}

pub(crate) fn guid(id: &str) -> Result<Uuid, String> {
    id.parse().map_err(told)
}

pub(crate) fn numbered(id: &str) -> Result<i64, String> {
    id.parse().map_err(told)
}

fn guessed(cell: &str) -> FieldType {
    match cell {
        "yes" | "no" => FieldType::Bool,
        cell if cell.parse::<rust_decimal::Decimal>().is_ok() => FieldType::Decimal,
        _ => FieldType::Text,
    }
}
