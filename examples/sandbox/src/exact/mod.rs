//! Exact Online as it behaves: OAuth, divisions, records with their rules, feeds, webhooks.

mod actions;
mod books;
mod cell;
mod control;
mod division;
mod functions;
mod invoice_feed;
mod oauth;
mod odata;
mod outbox;
mod people;
mod quota;
mod read;
mod refusal;
mod resources;
mod rules;
mod sales;
mod schema;
mod seed;
mod settings;
mod snapshot;
mod state;
mod system;
mod system_tables;
mod table;
mod tables;
mod write;

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::net::TcpListener;
use uuid::Uuid;

use self::sales::Postman;
use self::state::State;
use crate::clock::Clock;
use crate::companies::Company;
use crate::error::{Error, Result};
use crate::http::{Door, Fault, Server, Stats, answer};

pub use self::settings::{ExactLimits, ExactSettings, WebhookSettings};
pub(crate) use self::snapshot::ExactSnapshot;

const ACCOUNTS: &str = "crm/Accounts";

/// The local Exact Online: how to reach it, and what people do in it.
///
/// Actions of people need no token and cost no quota. They obey the same rules as the API: a name that is too long
/// is refused with the vendor's text.
#[derive(Debug)]
pub struct Exact {
    server: Server,
    door: Arc<Door<State>>,
    refresh_token: String,
    divisions: Vec<i64>,
    _postman: Option<Postman>,
}

impl Exact {
    /// A new company with these divisions; the companies are customers of the first.
    pub(crate) fn start(
        listener: TcpListener,
        clock: Clock,
        divisions: u32,
        seed: u64,
        settings: ExactSettings,
        companies: &[Company],
    ) -> std::io::Result<Self> {
        let now = clock.now();
        let mut state = State::new(origin(&listener)?, divisions, seed, now);
        for company in companies {
            let _ = state.write(state.current, now, |books| {
                rules::load(books, &company.name, &company.kvk);
                Ok(())
            });
        }
        Self::serve(listener, clock, state, settings)
    }

    /// Goes on from a snapshot.
    pub(crate) fn restore(
        listener: TcpListener,
        clock: Clock,
        snapshot: ExactSnapshot,
        settings: ExactSettings,
    ) -> std::io::Result<Self> {
        let state = State::restored(snapshot, origin(&listener)?);
        Self::serve(listener, clock, state, settings)
    }

    fn serve(
        listener: TcpListener,
        clock: Clock,
        mut state: State,
        settings: ExactSettings,
    ) -> std::io::Result<Self> {
        state.settings = settings;
        let divisions = state.divisions.keys().copied().collect();
        let granted = state.oauth.refresh_token();
        let refresh_token = granted.unwrap_or_else(|| state.oauth.consent(clock.now(), &mut state.random));
        // On a virtual clock the test says when the post goes.
        let posts = !clock.is_virtual();
        let door = Arc::new(Door::new(state, clock));
        let _postman = posts.then(|| Postman::start(Arc::clone(&door)));
        Ok(Self {
            server: Server::start(listener, Arc::clone(&door))?,
            door,
            refresh_token,
            divisions,
            _postman,
        })
    }

    pub(crate) fn snapshot(&self) -> ExactSnapshot {
        self.door.with(|state, _| state.snapshot())
    }

    /// The origin to use instead of `https://start.exactonline.nl`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The app's client id.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.door.with(|state, _| state.oauth.client_id.clone())
    }

    /// The app's client secret, as it is now.
    #[must_use]
    pub fn client_secret(&self) -> String {
        self.door.with(|state, _| state.oauth.client_secret.clone())
    }

    /// The refresh token that worked next when it started. It works once.
    #[must_use]
    pub fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// The codes of all divisions; the companies are in the first.
    #[must_use]
    pub fn divisions(&self) -> &[i64] {
        &self.divisions
    }

    /// Answers a request without a socket, for programs that make more of them than sockets carry. `None` where the
    /// connection would have been dropped.
    pub async fn answer(
        &self,
        request: axum::http::Request<axum::body::Bytes>,
    ) -> Option<axum::http::Response<axum::body::Bytes>> {
        answer(&self.door, request).await
    }

    /// Every account of a division with all its properties, as the API would show it.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such division.
    pub fn accounts(&self, division: i64) -> Result<Vec<Value>> {
        self.door.with(|state, _| state.records(division, ACCOUNTS)).map_err(Error::Refused)
    }

    /// The accounts whose text property holds exactly this value, without padding.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such division.
    pub fn find_accounts(&self, division: i64, property: &str, value: &str) -> Result<Vec<Value>> {
        self.door
            .with(|state, _| state.find_records(division, ACCOUNTS, property, value))
            .map_err(Error::Refused)
    }

    /// Enters a new account.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn create_account(&self, division: i64, fields: Value) -> Result<Uuid> {
        let fields = object(fields)?;
        self.door
            .with(|state, now| state.create_record(division, ACCOUNTS, &fields, now))
            .map_err(Error::Refused)
    }

    /// Changes some properties of an account; `null` empties one.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn edit_account(&self, division: i64, id: Uuid, fields: Value) -> Result<()> {
        let fields = object(fields)?;
        self.door
            .with(|state, now| state.edit_record(division, ACCOUNTS, id, &fields, now))
            .map_err(Error::Refused)
    }

    /// Deletes an account; the deletion feed will tell.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such account.
    pub fn delete_account(&self, division: i64, id: Uuid) -> Result<()> {
        self.door.with(|state, now| state.delete_record(division, ACCOUNTS, id, now)).map_err(Error::Refused)
    }

    /// The user consents again: every earlier token is dead, the returned refresh token works at once.
    #[must_use]
    pub fn consent(&self) -> String {
        self.door.with(|state, now| state.oauth.consent(now, &mut state.random))
    }

    /// The user takes the consent back.
    pub fn revoke_grant(&self) {
        self.door.with(|state, _| state.oauth.revoke());
    }

    /// The app gets a new secret, which is returned; the old one is refused from now on.
    #[must_use]
    pub fn change_secret(&self) -> String {
        self.door.with(|state, _| state.oauth.change_secret(&mut state.random))
    }

    /// Blocks or frees the user: 403 with `Reason: BlockedUser` on every call.
    pub fn block_user(&self, blocked: bool) {
        self.door.with(|state, _| state.user_blocked = blocked);
    }

    /// Puts a division into the grant's scope or takes it out.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such division.
    pub fn set_scope(&self, division: i64, in_scope: bool) -> Result<()> {
        self.door.with(|state, _| state.set_scope(division, in_scope)).map_err(Error::Refused)
    }

    /// The user opens another division in the browser: `CurrentDivision` follows.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such division.
    pub fn open_division(&self, division: i64) -> Result<()> {
        if !self.divisions.contains(&division) {
            return Err(Error::Refused(format!("there is no division {division}")));
        }
        self.door.with(|state, _| state.current = division);
        Ok(())
    }

    /// Moves a division to another database: `DivisionMoveDate` is set and every row gets a new `Timestamp`.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such division.
    pub fn move_division(&self, division: i64) -> Result<()> {
        self.door.with(|state, now| state.move_division(division, now)).map_err(Error::Refused)
    }

    /// Changes the settings.
    pub fn configure(&self, change: impl FnOnce(&mut ExactSettings)) {
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

fn origin(listener: &TcpListener) -> std::io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

fn object(fields: Value) -> Result<Map<String, Value>> {
    match fields {
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::Refused("the fields of a record are a JSON object".to_owned())),
    }
}
