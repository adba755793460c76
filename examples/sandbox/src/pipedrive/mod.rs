//! Pipedrive as it behaves: organizations, their fields and searches.

mod control;
mod fields;
mod list;
mod organizations;
mod quota;
mod refusal;
mod search;
mod searches;
mod settings;
mod snapshot;
mod state;

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use self::control::KVK_FIELD;
use self::state::State;
use crate::clock::Clock;
use crate::companies::Company;
use crate::error::{Error, Result};
use crate::http::{Door, Fault, Server, Stats};

pub use self::settings::{PipedriveLimits, PipedriveSettings};
pub(crate) use self::snapshot::PipedriveSnapshot;

/// The local Pipedrive: how to reach it, and what people do in it.
///
/// People name custom fields by their labels; their actions need no token and cost no budget.
#[derive(Debug)]
pub struct Pipedrive {
    server: Server,
    door: Arc<Door<State>>,
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
            state.people_create_field(KVK_FIELD, "varchar").map_err(Error::Refused)?;
        }
        // What is there at the start is in the index already, whatever its length.
        state.settings.search_lag_ms = (0, 0);
        state.settings.name_length = usize::MAX;
        for company in companies {
            let kvk = if company.kvk.is_empty() { Value::Null } else { json!(company.kvk) };
            let fields =
                Map::from_iter([("name".to_owned(), json!(company.name)), (KVK_FIELD.to_owned(), kvk)]);
            state.people_create(fields, clock.now()).map_err(Error::Refused)?;
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
        let door = Arc::new(Door::new(state, clock));
        let server = Server::start(listener, Arc::clone(&door));
        Ok(Self { server: server.map_err(|source| Error::Listen { address, source })?, door })
    }

    pub(crate) fn snapshot(&self) -> PipedriveSnapshot {
        self.door.with(|state, _| state.snapshot())
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

    /// Every organization that is not deleted, with its custom fields by label.
    #[must_use]
    pub fn organizations(&self) -> Vec<Value> {
        self.door.with(|state, _| state.people_list())
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
        let fields = object(fields)?;
        self.door.with(|state, now| state.people_create(fields, now)).map_err(Error::Refused)
    }

    /// Changes some properties of an organization; `null` empties one.
    ///
    /// # Errors
    /// [`Error::Refused`] with Pipedrive's own text.
    pub fn edit_organization(&self, id: i64, fields: Value) -> Result<()> {
        let fields = object(fields)?;
        self.door.with(|state, now| state.people_edit(id, fields, now)).map_err(Error::Refused)
    }

    /// Deletes an organization. No list will tell.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such organization.
    pub fn delete_organization(&self, id: i64) -> Result<()> {
        self.door.with(|state, now| state.people_delete(id, now)).map_err(Error::Refused)
    }

    /// Makes a custom field of organizations and returns its code.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such type.
    pub fn create_field(&self, label: &str, field_type: &str) -> Result<String> {
        self.door.with(|state, _| state.people_create_field(label, field_type)).map_err(Error::Refused)
    }

    /// The code of the custom field with this label.
    #[must_use]
    pub fn field_code(&self, label: &str) -> Option<String> {
        self.door.with(|state, _| state.code_of(label).map(str::to_owned))
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
