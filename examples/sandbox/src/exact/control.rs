//! What may be turned on the local Exact Online while it runs.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::state::State;
use super::{accounts, cell::Cell};
use crate::http::{Controlled, merged, read_body as read};

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

#[derive(Deserialize)]
struct OfAccount {
    division: i64,
    id: Uuid,
}

#[derive(Deserialize)]
struct WithFields {
    division: i64,
    id: Option<Uuid>,
    fields: Map<String, Value>,
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
        Some(match action {
            "exact/revoke" => {
                self.oauth.revoke();
                Ok(json!({}))
            }
            "exact/consent" => {
                let refresh_token = self.oauth.consent(now, &mut self.random);
                Ok(json!({ "refresh_token": refresh_token }))
            }
            "exact/secret" => Ok(json!({ "client_secret": self.oauth.change_secret(&mut self.random) })),
            "exact/block-user" => read(body).map(|BlockUser { blocked }| {
                self.user_blocked = blocked;
                json!({})
            }),
            "exact/scope" => read(body).and_then(|Scope { division, in_scope }| {
                self.set_scope(division, in_scope)?;
                Ok(json!({}))
            }),
            "exact/move-division" => read(body).and_then(|OfDivision { division }| {
                self.move_division(division, now)?;
                Ok(json!({}))
            }),
            "exact/accounts" => read(body)
                .and_then(|OfDivision { division }| Ok(json!({ "accounts": self.accounts(division)? }))),
            "exact/accounts/create" => read(body).and_then(|WithFields { division, fields, .. }| {
                Ok(json!({ "id": self.create_account(division, &fields, now)? }))
            }),
            "exact/accounts/edit" => read(body).and_then(|WithFields { division, id, fields }| {
                self.edit_account(division, id.ok_or("an edit needs the account's id")?, &fields, now)?;
                Ok(json!({}))
            }),
            "exact/accounts/delete" => read(body).and_then(|OfAccount { division, id }| {
                self.delete_account(division, id, now)?;
                Ok(json!({}))
            }),
            _ => return None,
        })
    }
}

impl State {
    pub(super) fn set_scope(&mut self, division: i64, in_scope: bool) -> Result<(), String> {
        self.people(division, |found, _, _| {
            found.in_scope = in_scope;
            Ok(())
        })
    }

    pub(super) fn move_division(&mut self, division: i64, now: DateTime<Utc>) -> Result<(), String> {
        self.people(division, |found, _, random| {
            found.relocate(now, random);
            Ok(())
        })
    }

    pub(super) fn accounts(&self, division: i64) -> Result<Vec<Value>, String> {
        let found =
            self.divisions.get(&division).ok_or_else(|| format!("there is no division {division}"))?;
        let ids = found.accounts(None).filter_map(|row| row.guid("ID"));
        Ok(ids.filter_map(|id| self.account_json(division, id)).collect())
    }

    pub(super) fn find_accounts(
        &self,
        division: i64,
        property: &str,
        value: &str,
    ) -> Result<Vec<Value>, String> {
        let found =
            self.divisions.get(&division).ok_or_else(|| format!("there is no division {division}"))?;
        let holders = found.accounts(None).filter(|row| match row.stored(property) {
            Some(Cell::Text(text)) => **text == *value,
            _ => false,
        });
        let ids = holders.filter_map(|row| row.guid("ID"));
        Ok(ids.filter_map(|id| self.account_json(division, id)).collect())
    }

    pub(super) fn create_account(
        &mut self,
        division: i64,
        fields: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, String> {
        self.people(division, |found, settings, random| {
            accounts::create(found, fields, settings, now, random)
        })
    }

    pub(super) fn edit_account(
        &mut self,
        division: i64,
        id: Uuid,
        fields: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.people(division, |found, settings, random| {
            accounts::update(found, id, fields, settings, now, random)
        })
    }

    pub(super) fn delete_account(
        &mut self,
        division: i64,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let deleted = self.people(division, |found, _, random| Ok(found.delete_account(id, now, random)))?;
        if deleted { Ok(()) } else { Err(format!("there is no account {id} in division {division}")) }
    }
}
