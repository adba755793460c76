//! The client, and a division seen through it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use crate::auth::{Consent, Grant, GrantDivision, GrantUser, Session};
use crate::builder::{App, ClientBuilder, Country};
use crate::cause::Cause;
use crate::division::DivisionApi;
use crate::entity::{Division, Entity, Me};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Pipeline;
use crate::id::DivisionId;
use crate::limit::{Forecast, Pace, Permit, Priority, Scope, Usage};

/// One app and one grant. Cloning is cheap, and clones share tokens and limits.
///
/// Every request goes the same way: it waits for its place in the division's clock minute, takes a token that is
/// valid, is sent to the configured origin and nowhere else, and is repeated only where that cannot do harm.
///
/// Dropping a future before it is done ends a wait and forgets a read; a write may have been sent by then. A token
/// call alone runs to its end, because its answer must not be lost.
#[derive(Clone, Debug)]
pub struct Client {
    pipeline: Arc<Pipeline>,
}

impl Client {
    /// Starts to make a client.
    pub fn builder(app: App, country: Country) -> ClientBuilder {
        ClientBuilder::new(app, country)
    }

    pub(crate) fn new(pipeline: Pipeline) -> Self {
        Self { pipeline: Arc::new(pipeline) }
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.pipeline.session
    }

    /// Where to send the user for consent. [`consent`](Client::consent) does the whole of it. `state` comes back with the code: compare it. Costs nothing.
    #[must_use]
    pub fn authorize_url(&self, state: &str) -> Url {
        self.pipeline.session.endpoint().authorize_url(state)
    }

    /// The redirect URL of the app.
    pub(crate) fn redirect_url(&self) -> Result<Url> {
        Url::parse(self.session().endpoint().redirect_url())
            .map_err(|error| Error::config("redirect_url is no URL").with_source(error))
    }

    /// Begins a consent: an address for the user's browser, and a way to take its answer. Costs nothing.
    #[must_use]
    pub fn consent(&self) -> Consent {
        Consent::new(self.clone())
    }

    /// Turns the code of a consent into a grant and stores it. The code is good once, for about three minutes.
    ///
    /// Costs a token call, then one call for the user and one for the divisions; where these fail the grant is
    /// stored all the same, and [`identify`](Client::identify) repeats them.
    ///
    /// # Errors
    /// [`Auth`](ErrorKind::Auth) with its cause, [`Store`](ErrorKind::Store), otherwise those of a read.
    pub async fn exchange_code(&self, code: SecretString) -> Result<Grant> {
        self.pipeline.session.exchange(code).await?;
        self.identify().await
    }

    /// Takes a grant over by its refresh token and stores it. The token is used up: whoever held it before loses the
    /// grant. A good grant that is stored already stays as it is if this fails.
    ///
    /// Costs the same as [`exchange_code`](Client::exchange_code).
    ///
    /// # Errors
    /// [`Auth`](ErrorKind::Auth) with its cause, [`Store`](ErrorKind::Store), otherwise those of a read.
    pub async fn import_refresh_token(&self, refresh_token: SecretString) -> Result<Grant> {
        self.pipeline.session.import(refresh_token).await?;
        self.identify().await
    }

    /// Reads whose grant it is and which divisions it reaches, and stores that with it. Costs two calls.
    ///
    /// # Errors
    /// Those of a read, and [`Store`](ErrorKind::Store).
    pub async fn identify(&self) -> Result<Grant> {
        let me = self.me().await?;
        let incomplete = || Error::new(ErrorKind::Decode, "current/Me tells neither user nor division");
        let user_id = me.user_id.ok_or_else(incomplete)?;
        let current = me.current_division.map(DivisionId::new).ok_or_else(incomplete)?;
        let name = me.full_name.or(me.user_name).unwrap_or_default();
        let divisions = self.divisions(current).await?;
        let divisions = divisions.into_iter().filter_map(|division| {
            Some(GrantDivision {
                id: division.id()?,
                name: division.description.unwrap_or_default(),
                moved: division.division_move_date,
            })
        });
        let user = GrantUser { id: user_id, name };
        self.pipeline.session.describe(user, divisions.collect()).await
    }

    /// The stored grant, without its secrets. Costs no call.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store).
    pub async fn grant(&self) -> Result<Option<Grant>> {
        self.pipeline.session.grant().await
    }

    /// The user behind the grant. Costs one call, which counts for no division.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn me(&self) -> Result<Me> {
        // The list of it stands outside the divisions, so that any will do.
        let me = self.division(DivisionId::new(0)).list::<Me>().page(None).await?.items.into_iter().next();
        me.ok_or_else(|| Error::auth(Cause::TokenRefused).with_entity(Me::RESOURCE.path()))
    }

    /// The divisions that the user granted to the app. Exact wants some division in the address: any that the grant
    /// reaches. Costs one call per 60 divisions, which counts for that division.
    ///
    /// # Errors
    /// [`Forbidden`](ErrorKind::Forbidden) where the grant does not reach `under`; otherwise those of a read.
    pub async fn divisions(&self, under: DivisionId) -> Result<Vec<Division>> {
        self.division(under).list::<Division>().all().await
    }

    /// One division. Costs nothing.
    #[must_use]
    pub fn division(&self, id: DivisionId) -> DivisionApi {
        DivisionApi::new(Arc::clone(&self.pipeline), id)
    }

    /// The same client for calls of this priority; everything that is made from it has it too. Shares tokens and
    /// limits. A client starts as [`Bulk`](Priority::Bulk).
    #[must_use]
    pub fn priority(&self, priority: Priority) -> Self {
        Self { pipeline: self.pipeline.with_priority(priority) }
    }

    /// How many calls can leave now in a division, at this client's priority. A hint: it costs nothing and promises
    /// nothing.
    #[must_use]
    pub fn pace(&self, division: DivisionId) -> Pace {
        self.pipeline.budget.pace(Scope::Division(division), self.pipeline.priority)
    }

    /// How long so many calls take in a division at this client's priority, and how much of its day they are, given
    /// what is used already. Assumes that nothing else calls. Costs nothing; before the division's first call it knows
    /// nothing of other processes and of limits that Exact announces.
    #[must_use]
    pub fn forecast(&self, division: DivisionId, calls: u64) -> Forecast {
        self.pipeline.budget.forecast(Scope::Division(division), self.pipeline.priority, calls)
    }

    /// What was used of a division's limits, what is left, and the errors that count. Costs nothing.
    #[must_use]
    pub fn usage(&self, division: DivisionId) -> Usage {
        self.pipeline.budget.usage(Scope::Division(division))
    }

    /// Calls that this client and its clones made in all divisions, token calls apart.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.pipeline.budget.calls()
    }

    /// The time of this client's [`Clock`](crate::Clock).
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.pipeline.clock.now()
    }

    /// The monotonic time of this client's [`Clock`](crate::Clock), in which
    /// [`send_before`](crate::WriteOptions::send_before) counts.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        self.pipeline.clock.monotonic()
    }

    /// Waits for the place of a call that something else makes within the same limits, such as an upload to Exact's
    /// XML service. Keep what comes back until that call has its answer: until then nobody knows in which minute Exact
    /// counts it. Costs that call; dropping the future gives the place back.
    ///
    /// # Errors
    /// [`RateLimited`](ErrorKind::RateLimited) where the day is spent or the endpoint is closed after too many errors;
    /// [`Store`](ErrorKind::Store).
    pub async fn permit(&self, division: DivisionId, endpoint: &'static str) -> Result<CallPermit<'_>> {
        let Pipeline { budget, priority, .. } = &*self.pipeline;
        let permit = budget.permit(Scope::Division(division), endpoint, *priority, None).await;
        permit.map(|permit| CallPermit { _permit: permit }).map_err(|error| {
            error.with_operation(endpoint).with_division(Some(division)).with_entity(endpoint)
        })
    }

    /// Gives back calls that were reserved in the usage store and not made. Worth calling at the end of a short
    /// program; without it the next one counts up to a third of a minute's calls as used.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store).
    pub async fn settle_usage(&self) -> Result<()> {
        self.pipeline.budget.settle().await
    }
}

/// The place of a call that is made elsewhere; see [`Client::permit`].
#[derive(Debug)]
#[must_use]
pub struct CallPermit<'a> {
    _permit: Permit<'a>,
}

const _: () = {
    const fn shared<T: Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<DivisionApi>();
};
