//! A customer, an item and what is sold, for the tests of orders and invoices.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, World, send};

impl World {
    pub(crate) async fn post(&self, path: &str, fields: Value) -> Answer {
        send(self.exact(Method::POST, &format!("{}/{path}", self.division())).json(&fields)).await
    }

    pub(crate) async fn put(&self, path: &str, id: Uuid, fields: Value) -> Answer {
        let path = format!("{}/{path}(guid'{id}')", self.division());
        send(self.exact(Method::PUT, &path).json(&fields)).await
    }

    pub(crate) async fn remove(&self, path: &str, id: Uuid) -> Answer {
        send(self.exact(Method::DELETE, &format!("{}/{path}(guid'{id}')", self.division()))).await
    }

    /// What a person enters.
    pub(crate) fn enter(&self, path: &str, fields: Value) -> Uuid {
        self.sandbox.exact().create(self.division(), path, fields).unwrap()
    }

    /// One record with all its properties, as the vendor's screen would show it.
    pub(crate) fn record(&self, path: &str, id: Uuid) -> Value {
        let all = self.sandbox.exact().records(self.division(), path).unwrap();
        let id = id.to_string();
        let is_it = |record: &&Value| {
            ["ID", "OrderID", "InvoiceID", "QuotationID", "EntryID"]
                .iter()
                .find_map(|key| record[*key].as_str())
                == Some(id.as_str())
        };
        all.iter().find(is_it).unwrap_or_else(|| panic!("no {id} in {path}")).clone()
    }

    pub(crate) fn customer(&self, name: &str) -> Uuid {
        self.enter(
            "crm/Accounts",
            json!({ "Name": name, "Status": "C", "AddressLine1": "Kade 1", "City": "Ede" }),
        )
    }

    /// An item of 100 euros with 21 % VAT.
    pub(crate) fn item(&self, code: &str) -> Uuid {
        let fields = json!({
            "Code": code, "Description": format!("Item {code}"), "StandardSalesPrice": 100, "SalesVatCode": "2",
        });
        self.enter("logistics/Items", fields)
    }

    /// An order of ten pieces.
    pub(crate) fn order(&self, customer: Uuid, item: Uuid) -> Uuid {
        let lines = json!([{ "Item": item, "Quantity": 10 }]);
        self.enter("salesorder/SalesOrders", json!({ "OrderedBy": customer, "SalesOrderLines": lines }))
    }

    /// A printed invoice of ten pieces: 1,210 euros.
    pub(crate) fn printed_invoice(&self) -> Uuid {
        let (customer, item) = (self.customer("Betaler"), self.item("I-1"));
        let lines = json!([{ "Item": item, "Quantity": 10 }]);
        let fields = json!({ "Journal": "70", "OrderedBy": customer, "SalesInvoiceLines": lines });
        let invoice = self.enter("salesinvoice/SalesInvoices", fields);
        self.sandbox.exact().print(self.division(), invoice).unwrap();
        invoice
    }

    /// Everything that a feed shows behind a row version.
    pub(crate) async fn feed_after(&self, path: &str, stamp: i64) -> Vec<Value> {
        self.list(path, &[("$filter", &format!("Timestamp gt {stamp}L"))]).await.rows()
    }
}

pub(crate) fn stamp(row: &Value) -> i64 {
    row["Timestamp"].as_str().unwrap().parse().unwrap()
}

/// The highest row version of these rows.
pub(crate) fn highest(rows: &[Value]) -> i64 {
    rows.iter().map(stamp).max().unwrap_or_default()
}

pub(crate) fn id_of(answer: &Answer, key: &str) -> Uuid {
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["d"][key].as_str().unwrap().parse().unwrap()
}
