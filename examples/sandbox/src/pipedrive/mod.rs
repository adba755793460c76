//! Pipedrive as it behaves: records of six kinds from one table of them, products of deals, fields and searches.

mod company;
mod control;
mod deal_products;
mod discounts;
mod effects;
mod entity;
mod events;
mod fields;
mod lines;
mod list;
mod oauth;
mod operation;
mod quota;
mod records;
mod refusal;
mod search;
mod searches;
mod sender;
mod settings;
mod shelf;
mod snapshot;
mod state;
mod version_1;
mod webhooks;

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use self::control::{KVK_FIELD, entity_of};
use self::entity::Kind;
use self::state::State;
use crate::clock::Clock;
use crate::companies::Company;
use crate::error::{Error, Result};
use crate::http::{Door, Fault, Sender, Server, Stats};

pub use self::settings::{PipedriveLimits, PipedriveSettings};
pub(crate) use self::snapshot::PipedriveSnapshot;

/// The local Pipedrive: how to reach it, and what people do in it.
///
/// People name custom fields by their labels; their actions need no token and cost no budget.
#[derive(Debug)]
pub struct Pipedrive {
    server: Server,
    door: Arc<Door<State>>,
    /// On a virtual clock nothing is sent by itself.
    _sender: Option<Sender>,
}

impl Pipedrive {
    /// A new company with these organizations.
    pub(crate) fn start(
        listener: TcpListener,
        clock: Clock,
        seed: u64,
        settings: PipedriveSettings,
        companies: &[Company],
    ) -> Result<Self> {
        // Not the same random numbers as at Exact.
        let mut state = State::new(seed.wrapping_add(1));
        if !companies.is_empty() {
            state
                .people_create_field(Kind::Organization, KVK_FIELD, "varchar", &[])
                .map_err(Error::Refused)?;
        }
        // What is there at the start is in the index already, whatever its length.
        state.settings.search_lag_ms = (0, 0);
        state.settings.name_length = usize::MAX;
        for company in companies {
            let kvk = if company.kvk.is_empty() { Value::Null } else { json!(company.kvk) };
            let fields =
                Map::from_iter([("name".to_owned(), json!(company.name)), (KVK_FIELD.to_owned(), kvk)]);
            state.people_create(Kind::Organization.entity(), fields, clock.now()).map_err(Error::Refused)?;
        }
        Self::serve(listener, clock, state, settings)
    }

    /// Goes on from a snapshot.
    pub(crate) fn restore(
        listener: TcpListener,
        clock: Clock,
        snapshot: PipedriveSnapshot,
        settings: PipedriveSettings,
    ) -> Result<Self> {
        let state = State::restored(snapshot, clock.now());
        Self::serve(listener, clock, state, settings)
    }

    fn serve(
        listener: TcpListener,
        clock: Clock,
        mut state: State,
        settings: PipedriveSettings,
    ) -> Result<Self> {
        state.settings = settings;
        let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
        let virtual_time = clock.is_virtual();
        let door = Arc::new(Door::new(state, clock));
        let server = Server::start(listener, Arc::clone(&door));
        let server = server.map_err(|source| Error::Listen { address, source })?;
        let sender = (!virtual_time).then(|| Sender::start(&door, async |door| sender::deliver(&door).await));
        Ok(Self { server, door, _sender: sender })
    }

    pub(crate) fn snapshot(&self) -> PipedriveSnapshot {
        self.door.with(|state, _| state.snapshot())
    }

    /// Lets callers come through a front.
    pub(crate) async fn put_behind(&mut self, front: &str) -> Result<()> {
        self.server.put_behind(front).await.map_err(|source| Error::Front { source })
    }

    /// The origin to use instead of the company's own.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The user's API token.
    #[must_use]
    pub fn api_token(&self) -> String {
        self.door.with(|state, _| state.api_token.clone())
    }

    /// The id of an app that people may consent to.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.door.with(|state, _| state.oauth.client_id.clone())
    }

    /// The app's secret.
    #[must_use]
    pub fn client_secret(&self) -> String {
        self.door.with(|state, _| state.oauth.client_secret.clone())
    }

    /// Gives consent without a browser and returns the refresh token.
    #[must_use]
    pub fn install(&self) -> String {
        self.door.with(|state, now| state.oauth.install(now, &mut state.random))
    }

    /// Gives consent as a browser would, and returns the code that goes to `redirect_uri`.
    #[must_use]
    pub fn consent(&self, redirect_uri: &str) -> String {
        self.door.with(|state, now| state.oauth.consent(redirect_uri, now, &mut state.random))
    }

    /// Takes the app's consent back: all its tokens die.
    pub fn uninstall(&self) {
        self.door.with(|state, _| state.oauth.uninstall());
    }

    /// Every record of a kind (`"organizations"`, `"deals"`, …) that is not deleted, with its custom fields by label.
    #[must_use]
    pub fn records(&self, plural: &str) -> Vec<Value> {
        let Ok(entity) = entity_of(plural) else { return Vec::new() };
        self.door.with(|state, _| state.people_list(entity))
    }

    /// Enters a new record of a kind.
    ///
    /// # Errors
    /// [`Error::Refused`] with Pipedrive's own text.
    pub fn create(&self, plural: &str, fields: Value) -> Result<i64> {
        let (entity, fields) = (entity_of(plural).map_err(Error::Refused)?, object(fields)?);
        self.door.with(|state, now| state.people_create(entity, fields, now)).map_err(Error::Refused)
    }

    /// Changes some properties of a record; `null` empties one.
    ///
    /// # Errors
    /// [`Error::Refused`] with Pipedrive's own text.
    pub fn edit(&self, plural: &str, id: i64, fields: Value) -> Result<()> {
        let (entity, fields) = (entity_of(plural).map_err(Error::Refused)?, object(fields)?);
        self.door.with(|state, now| state.people_edit(entity, id, fields, now)).map_err(Error::Refused)
    }

    /// Deletes a record. Of deals alone a list will tell, if it is asked to.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such record.
    pub fn delete(&self, plural: &str, id: i64) -> Result<()> {
        let entity = entity_of(plural).map_err(Error::Refused)?;
        self.door.with(|state, now| state.people_delete(entity, id, now)).map_err(Error::Refused)
    }

    /// Merges the record `id` into another one, which remains.
    ///
    /// # Errors
    /// [`Error::Refused`] when one of them does not exist.
    pub fn merge(&self, plural: &str, id: i64, into: i64) -> Result<()> {
        let entity = entity_of(plural).map_err(Error::Refused)?;
        self.door.with(|state, now| state.people_merge(entity, id, into, now)).map_err(Error::Refused)
    }

    /// Puts a product on a deal; `line` holds `product_id`, `item_price`, `quantity` and what else the API takes.
    ///
    /// # Errors
    /// [`Error::Refused`] with Pipedrive's own text.
    pub fn add_product(&self, deal: i64, line: &Value) -> Result<i64> {
        let added = self.door.with(|state, now| state.add_line(deal, line, now));
        let added = added.map_err(|refusal| Error::Refused(refusal.error().to_owned()))?;
        Ok(added["id"].as_i64().unwrap_or_default())
    }

    /// Puts a discount on a whole deal; `discount` holds `description`, `amount` and `type`.
    ///
    /// # Errors
    /// [`Error::Refused`] with Pipedrive's own text.
    pub fn add_discount(&self, deal: i64, discount: &Value) -> Result<()> {
        let added = self.door.with(|state, now| state.add_discount(deal, discount, now));
        added.map(drop).map_err(|refusal| Error::Refused(refusal.error().to_owned()))
    }

    /// Sets up a pipeline with these stages and returns its number.
    pub fn create_pipeline(&self, name: &str, stages: &[&str]) -> i64 {
        self.door.with(|state, _| state.company.add_pipeline(name, stages))
    }

    /// Invites a user and returns its number.
    pub fn create_user(&self, name: &str, email: &str) -> i64 {
        self.door.with(|state, _| state.company.add_user(name, email))
    }

    /// Sends the events that are due to the webhooks' addresses, and tells how many requests were taken.
    ///
    /// On the machine's clock they are sent by themselves; on a virtual one only so. What is not taken is tried again
    /// after 3, 30 and 150 seconds.
    pub async fn deliver_webhooks(&self) -> usize {
        sender::deliver(&self.door).await
    }

    /// Every organization that is not deleted, with its custom fields by label.
    #[must_use]
    pub fn organizations(&self) -> Vec<Value> {
        self.records("organizations")
    }

    /// The organizations of which this property or custom field holds exactly this value.
    #[must_use]
    pub fn find_organizations(&self, name: &str, value: &Value) -> Vec<Value> {
        let mut all = self.organizations();
        all.retain(|found| found[name] == *value || found["custom_fields"][name] == *value);
        all
    }

    /// Enters a new organization.
    ///
    /// # Errors
    /// [`Error::Refused`] with Pipedrive's own text.
    pub fn create_organization(&self, fields: Value) -> Result<i64> {
        self.create("organizations", fields)
    }

    /// Changes some properties of an organization; `null` empties one.
    ///
    /// # Errors
    /// [`Error::Refused`] with Pipedrive's own text.
    pub fn edit_organization(&self, id: i64, fields: Value) -> Result<()> {
        self.edit("organizations", id, fields)
    }

    /// Deletes an organization. No list will tell.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such organization.
    pub fn delete_organization(&self, id: i64) -> Result<()> {
        self.delete("organizations", id)
    }

    /// Makes a custom field of organizations and returns its code.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such type.
    pub fn create_field(&self, label: &str, field_type: &str) -> Result<String> {
        self.create_field_of("organizations", label, field_type, &[])
    }

    /// Makes a custom field of a kind and returns its code; an `enum` or a `set` needs options.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such type.
    pub fn create_field_of(
        &self,
        plural: &str,
        label: &str,
        field_type: &str,
        options: &[&str],
    ) -> Result<String> {
        let entity = entity_of(plural).map_err(Error::Refused)?;
        let create = |state: &mut State| state.people_create_field(entity.kind, label, field_type, options);
        self.door.with(|state, _| create(state)).map_err(Error::Refused)
    }

    /// Replaces a custom field by one of the same label and another type, as administrators do who want to change the
    /// type. It has a new code, and all values are lost.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such field or type.
    pub fn retype_field(&self, plural: &str, label: &str, field_type: &str) -> Result<String> {
        let entity = entity_of(plural).map_err(Error::Refused)?;
        let retype = |state: &mut State| state.people_retype_field(entity.kind, label, field_type);
        self.door.with(|state, _| retype(state)).map_err(Error::Refused)
    }

    /// Deletes a custom field for good, with all its values.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such field.
    pub fn delete_field(&self, plural: &str, label: &str) -> Result<()> {
        let entity = entity_of(plural).map_err(Error::Refused)?;
        let delete = |state: &mut State| state.people_delete_field(entity.kind, label);
        self.door.with(|state, _| delete(state)).map_err(Error::Refused)
    }

    /// The code of the custom field of organizations with this label.
    #[must_use]
    pub fn field_code(&self, label: &str) -> Option<String> {
        let entity = Kind::Organization.entity();
        self.door.with(|state, _| state.code_of(entity, label).map(str::to_owned))
    }

    /// Changes the settings.
    pub fn configure(&self, change: impl FnOnce(&mut PipedriveSettings)) {
        self.door.with(|state, _| change(&mut state.settings));
    }

    /// Lets an accident happen to a coming request.
    pub fn inject(&self, fault: Fault) {
        self.door.inject(fault);
    }

    /// Calls off the accidents that did not happen yet.
    pub fn clear_faults(&self) {
        self.door.clear_faults();
    }

    /// What was asked and answered so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.door.stats()
    }

    /// Starts the counters anew.
    pub fn reset_stats(&self) {
        self.door.reset_stats();
    }
}

fn object(fields: Value) -> Result<Map<String, Value>> {
    match fields {
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::Refused("the fields of a record are a JSON object".to_owned())),
    }
}
