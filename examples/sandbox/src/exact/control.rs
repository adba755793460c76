//! What may be turned on the local Exact Online while it runs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::rules::invoices::Invoiced;
use super::state::State;
use crate::http::{Controlled, merged, read_body as read};

const ACCOUNTS: &str = "crm/Accounts";

#[derive(Deserialize)]
struct BlockUser {
    blocked: bool,
}

#[derive(Deserialize)]
struct Scope {
    division: i64,
    in_scope: bool,
}

#[derive(Deserialize)]
struct OfDivision {
    division: i64,
}

/// A record, of accounts where no resource is named.
#[derive(Deserialize)]
struct OfRecord {
    division: i64,
    path: Option<String>,
    id: Option<Uuid>,
    #[serde(default)]
    fields: Map<String, Value>,
}

impl OfRecord {
    fn path(&self) -> &str {
        self.path.as_deref().unwrap_or(ACCOUNTS)
    }

    fn id(&self) -> Result<Uuid, String> {
        self.id.ok_or_else(|| "it needs the record's id".to_owned())
    }
}

#[derive(Deserialize)]
struct OfOrder {
    division: i64,
    order: Uuid,
    quantities: Option<BTreeMap<Uuid, Decimal>>,
    /// Invoice what was ordered instead of what was delivered.
    #[serde(default)]
    ordered: bool,
}

#[derive(Deserialize)]
struct OfInvoice {
    division: i64,
    invoice: Uuid,
    amount: Option<Decimal>,
}

impl Controlled for State {
    fn settings(&self) -> Value {
        json!(self.settings)
    }

    fn configure(&mut self, patch: &Value) -> Result<(), String> {
        self.settings = merged(self.settings(), patch)?;
        Ok(())
    }

    fn usage(&self, _: DateTime<Utc>) -> Value {
        self.quota.usage()
    }

    fn act(&mut self, action: &str, body: &Value, now: DateTime<Utc>) -> Option<Result<Value, String>> {
        let action = action.strip_prefix("exact/")?;
        self.grant(action, body, now)
            .or_else(|| self.on_records(action, body, now))
            .or_else(|| self.on_sales(action, body, now))
    }
}

impl State {
    /// The consent, the app and the administrations.
    fn grant(&mut self, action: &str, body: &Value, now: DateTime<Utc>) -> Option<Result<Value, String>> {
        Some(match action {
            "revoke" => {
                self.oauth.revoke();
                Ok(json!({}))
            }
            "consent" => {
                let refresh_token = self.oauth.consent(now, &mut self.random);
                Ok(json!({ "refresh_token": refresh_token }))
            }
            "secret" => Ok(json!({ "client_secret": self.oauth.change_secret(&mut self.random) })),
            "webhook-secret" => Ok(json!({ "webhook_secret": self.outbox.secret })),
            "block-user" => read(body).map(|BlockUser { blocked }| {
                self.user_blocked = blocked;
                json!({})
            }),
            "scope" => {
                read(body).and_then(|Scope { division, in_scope }| done(self.set_scope(division, in_scope)))
            }
            "move-division" => {
                read(body).and_then(|OfDivision { division }| done(self.move_division(division, now)))
            }
            _ => return None,
        })
    }

    /// Any table: `exact/records/…` names it, `exact/accounts/…` is short for one.
    fn on_records(
        &mut self,
        action: &str,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Option<Result<Value, String>> {
        let (table, verb) = action.split_once('/').unwrap_or((action, ""));
        if !matches!(table, "records" | "accounts") {
            return None;
        }
        let of: OfRecord = match read(body) {
            Ok(of) => of,
            Err(why) => return Some(Err(why)),
        };
        Some(match verb {
            "" => self.records(of.division, of.path()).map(|records| json!({ table: records })),
            "create" => {
                self.create_record(of.division, of.path(), &of.fields, now).map(|id| json!({ "id": id }))
            }
            "edit" => {
                of.id().and_then(|id| done(self.edit_record(of.division, of.path(), id, &of.fields, now)))
            }
            "delete" => of.id().and_then(|id| done(self.delete_record(of.division, of.path(), id, now))),
            _ => return None,
        })
    }

    /// Orders, invoices and the bank.
    fn on_sales(&mut self, action: &str, body: &Value, now: DateTime<Utc>) -> Option<Result<Value, String>> {
        Some(match action {
            "deliver" => read(body).and_then(|OfOrder { division, order, quantities, .. }| {
                let id = self.deliver(division, order, quantities.as_ref(), now)?;
                Ok(json!({ "id": id }))
            }),
            "invoice" => read(body).and_then(|OfOrder { division, order, ordered, .. }| {
                let mode = if ordered { Invoiced::Ordered } else { Invoiced::Delivered };
                Ok(json!({ "id": self.invoice_order(division, order, mode, now)? }))
            }),
            "print" => read(body).and_then(|OfInvoice { division, invoice, .. }| {
                Ok(json!({ "number": self.print(division, invoice, now)? }))
            }),
            "pay" => read(body).and_then(|OfInvoice { division, invoice, amount }| {
                done(self.pay(division, invoice, amount, now))
            }),
            "write-off" => read(body)
                .and_then(|OfInvoice { division, invoice, .. }| done(self.write_off(division, invoice, now))),
            "unmatch" => read(body)
                .and_then(|OfInvoice { division, invoice, .. }| done(self.unmatch(division, invoice, now))),
            "credit" => read(body).and_then(|OfInvoice { division, invoice, .. }| {
                Ok(json!({ "id": self.credit(division, invoice, None, now)? }))
            }),
            "anonymise" => read(body)
                .and_then(|of: OfRecord| of.id().and_then(|id| done(self.anonymise(of.division, id, now)))),
            _ => return None,
        })
    }
}

fn done(result: Result<(), String>) -> Result<Value, String> {
    result.map(|()| json!({}))
}
