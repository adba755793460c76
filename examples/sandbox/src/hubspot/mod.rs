//! HubSpot as it behaves: objects of every type, properties, searches, associations, merges, webhooks.

mod account;
mod associations;
mod batch;
mod control;
mod definitions;
mod events;
mod habits;
mod index;
mod oauth;
mod objects;
mod pipelines;
mod properties;
mod quota;
mod records;
mod refusal;
mod route;
mod search;
mod sender;
mod settings;
mod snapshot;
mod state;
mod ties;
mod types;
mod write;

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use self::state::State;
use crate::clock::Clock;
use crate::companies::Company;
use crate::error::{Error, Result};
use crate::http::{Door, Fault, Sender, Server, Stats};

pub use self::settings::{HubSpotLimits, HubSpotSettings, WriteRule};
pub(crate) use self::snapshot::HubSpotSnapshot;

/// The account's number.
const PORTAL: u64 = 4_711;
/// The number of the app that people may give their consent to.
const APP: u64 = 1_160_452;

/// The group and the property that loaded companies carry their number in.
const GROUP: (&str, &str) = ("exact_online", "Exact Online");
const KVK_PROPERTY: (&str, &str) = ("exact_kvk_number", "KvK number");

/// The local HubSpot: how to reach it, and what people do in it.
///
/// People name types and properties as the API does; their actions need no token and count against no limit.
#[derive(Debug)]
pub struct HubSpot {
    server: Server,
    door: Arc<Door<State>>,
    /// On a virtual clock nothing is sent by itself.
    _sender: Option<Sender>,
}

impl HubSpot {
    /// A new account with these companies.
    pub(crate) fn start(
        listener: TcpListener,
        clock: Clock,
        seed: u64,
        settings: HubSpotSettings,
        companies: &[Company],
    ) -> Result<Self> {
        // Not the same random numbers as at the other vendors.
        let mut state = State::new(seed.wrapping_add(2));
        // What is there at the start is in the index already.
        state.settings.search_lag_ms = (0, 0);
        if !companies.is_empty() {
            load(&mut state, &clock, companies).map_err(Error::Refused)?;
        }
        state.settings = settings;
        Self::serve(listener, clock, state)
    }

    /// Goes on from a snapshot.
    pub(crate) fn restore(
        listener: TcpListener,
        clock: Clock,
        snapshot: HubSpotSnapshot,
        settings: HubSpotSettings,
    ) -> Result<Self> {
        Self::serve(listener, clock, State::restored(snapshot, settings).map_err(Error::Refused)?)
    }

    fn serve(listener: TcpListener, clock: Clock, state: State) -> Result<Self> {
        let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
        let virtual_time = clock.is_virtual();
        let door = Arc::new(Door::new(state, clock));
        let server = Server::start(listener, Arc::clone(&door));
        let server = server.map_err(|source| Error::Listen { address, source })?;
        let sender = (!virtual_time).then(|| Sender::start(&door, async |door| sender::deliver(&door).await));
        Ok(Self { server, door, _sender: sender })
    }

    pub(crate) fn snapshot(&self) -> HubSpotSnapshot {
        self.door.with(|state, _| state.snapshot())
    }

    /// Lets callers come through a front.
    pub(crate) async fn put_behind(&mut self, front: &str) -> Result<()> {
        self.server.put_behind(front).await.map_err(|source| Error::Front { source })
    }

    /// The origin to use instead of HubSpot's own.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The account's service key.
    #[must_use]
    pub fn token(&self) -> String {
        self.door.with(|state, _| state.oauth.service_key.clone())
    }

    /// The number of the app that people may give their consent to.
    #[must_use]
    pub fn app_id(&self) -> u64 {
        APP
    }

    /// The app's client id.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.door.with(|state, _| state.oauth.client_id.clone())
    }

    /// The app's secret, which also signs its webhooks.
    #[must_use]
    pub fn client_secret(&self) -> String {
        self.door.with(|state, _| state.oauth.client_secret.clone())
    }

    /// The app's refresh token; `None` when it is not installed.
    #[must_use]
    pub fn refresh_token(&self) -> Option<String> {
        self.door.with(|state, _| state.oauth.refresh_token.clone())
    }

    /// Installs the app anew, and returns its refresh token.
    pub fn install(&self) -> String {
        self.door.with(|state, _| state.oauth.install(&mut state.random))
    }

    /// Takes the app's consent back: all its tokens die.
    pub fn uninstall(&self) {
        self.door.with(|state, _| state.oauth.uninstall());
    }

    /// Every record of a type that is not archived, with all its properties; none of an unknown type.
    #[must_use]
    pub fn records(&self, object_type: &str) -> Vec<Value> {
        self.door.with(|state, _| state.people_list(object_type)).unwrap_or_default()
    }

    /// The records of which this property holds exactly this value.
    #[must_use]
    pub fn find(&self, object_type: &str, property: &str, value: &str) -> Vec<Value> {
        let mut all = self.records(object_type);
        all.retain(|found| found["properties"][property] == value);
        all
    }

    /// Enters a new record and returns its id.
    ///
    /// # Errors
    /// [`Error::Refused`] with HubSpot's own text.
    pub fn create(&self, object_type: &str, properties: Value) -> Result<String> {
        let properties = object(properties)?;
        self.door.with(|state, now| state.people_create(object_type, properties, now)).map_err(Error::Refused)
    }

    /// Changes some properties of a record; the empty text clears one.
    ///
    /// # Errors
    /// [`Error::Refused`] with HubSpot's own text.
    pub fn edit(&self, object_type: &str, id: &str, properties: Value) -> Result<()> {
        let properties = object(properties)?;
        self.door
            .with(|state, now| state.people_edit(object_type, id, properties, now))
            .map_err(Error::Refused)
    }

    /// Puts a record into the recycle bin.
    ///
    /// # Errors
    /// [`Error::Refused`] with HubSpot's own text.
    pub fn archive(&self, object_type: &str, id: &str) -> Result<()> {
        self.door.with(|state, now| state.people_archive(object_type, id, now)).map_err(Error::Refused)
    }

    /// Takes a record out of the recycle bin, which no app can do.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such archived record.
    pub fn restore_record(&self, object_type: &str, id: &str) -> Result<()> {
        self.door.with(|state, now| state.people_restore(object_type, id, now)).map_err(Error::Refused)
    }

    /// Merges two records into a new one and returns its id.
    ///
    /// # Errors
    /// [`Error::Refused`] with HubSpot's own text.
    pub fn merge(&self, object_type: &str, primary: &str, other: &str) -> Result<String> {
        self.door
            .with(|state, now| state.people_merge(object_type, primary, other, now))
            .map_err(Error::Refused)
    }

    /// Ties two records without a label.
    ///
    /// # Errors
    /// [`Error::Refused`] when one of them is not there.
    pub fn associate(&self, from: &str, to: &str) -> Result<()> {
        self.door.with(|state, now| state.people_associate(from, to, now)).map_err(Error::Refused)
    }

    /// Makes a company the primary one of a contact or a deal, as people can; the one before stays tied to it.
    ///
    /// # Errors
    /// [`Error::Refused`] when one of them is not there, or has no primary company.
    pub fn make_primary(&self, record: &str, company: &str) -> Result<()> {
        self.door.with(|state, now| state.people_make_primary(record, company, now)).map_err(Error::Refused)
    }

    /// Makes a property as the API defines it; text, and in the type's own group, when nothing else is said.
    ///
    /// # Errors
    /// [`Error::Refused`] with HubSpot's own text.
    pub fn create_property(&self, object_type: &str, definition: Value) -> Result<()> {
        let definition = object(definition)?;
        self.door
            .with(|state, _| state.people_create_property(object_type, definition))
            .map_err(Error::Refused)
    }

    /// Makes a custom type of object as the API defines it, and returns its id, such as `2-1`.
    ///
    /// # Errors
    /// [`Error::Refused`] with HubSpot's own text.
    pub fn create_object_type(&self, definition: &Value) -> Result<String> {
        self.door.with(|state, _| state.people_create_type(definition)).map_err(Error::Refused)
    }

    /// Makes a property one of another type, as administrators can. Values that are not of that type are emptied.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such property.
    pub fn retype_property(&self, object_type: &str, name: &str, ty: &str) -> Result<()> {
        let retype = |state: &mut State, now| state.people_retype(object_type, name, ty, now);
        self.door.with(retype).map_err(Error::Refused)
    }

    /// Sends the webhooks that are due, and tells how many requests the app took.
    ///
    /// On the machine's clock they are sent by themselves; on a virtual one only so. What the app does not take is tried
    /// again up to ten times within the next 24 hours.
    pub async fn deliver_webhooks(&self) -> usize {
        sender::deliver(&self.door).await
    }

    /// Changes the settings.
    pub fn configure(&self, change: impl FnOnce(&mut HubSpotSettings)) {
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

fn load(state: &mut State, clock: &Clock, companies: &[Company]) -> std::result::Result<(), String> {
    state.people_create_group("companies", GROUP.0, GROUP.1)?;
    let definition = json!({ "name": KVK_PROPERTY.0, "label": KVK_PROPERTY.1, "groupName": GROUP.0 });
    state.people_create_property("companies", definition.as_object().cloned().unwrap_or_default())?;
    for company in companies {
        let fields = [("name", &company.name), (KVK_PROPERTY.0, &company.kvk)];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
        state.people_create("companies", Map::from_iter(fields), clock.now())?;
    }
    Ok(())
}

fn object(fields: Value) -> Result<Map<String, Value>> {
    match fields {
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::Refused("the fields of a record are a JSON object".to_owned())),
    }
}
