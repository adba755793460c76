//! The one place where access tokens come from.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use secrecy::SecretString;

use super::endpoint::TokenEndpoint;
use super::file::Spool;
use super::grant::{Grant, GrantDivision, GrantId, GrantUser, StoredGrant};
use super::notice::Notices;
use super::store::TokenStore;
use crate::cause::Cause;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};

/// How old an access token must be before another one may be asked for: 570 seconds by Exact's rule, and one more
/// for a clock that runs fast.
pub(super) const REFRESH_AT: Duration = Duration::from_secs(571);
/// How long before its end an access token is not used any more.
const MARGIN: Duration = Duration::from_secs(5);

/// One grant in use.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) id: GrantId,
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) endpoint: TokenEndpoint,
    pub(super) spool: Option<Spool>,
    live: Mutex<Live>,
    flight: Mutex<Option<Flight>>,
}

/// What is known without asking the store.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub(super) held: Option<Held>,
    /// A new pair that could not be saved. It is the only copy.
    pub(super) unsaved: Option<Held>,
    /// The last failure, and until when (on the monotonic clock) it answers without another token call.
    pub(super) failed: Option<(Duration, Error)>,
    /// How many refusals came one after the other.
    pub(super) refusals: u32,
    /// Whether somebody asked for a token since the last new pair.
    pub(super) asked: bool,
}

/// A grant, and when it was obtained on the monotonic clock.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) grant: StoredGrant,
    pub(super) obtained: Option<Duration>,
}

type Flight = Shared<BoxFuture<'static, Result<()>>>;

impl Session {
    pub(crate) fn new(
        id: GrantId,
        store: Arc<dyn TokenStore>,
        clock: Arc<dyn Clock>,
        endpoint: TokenEndpoint,
        spool: Option<Spool>,
    ) -> Self {
        Self { id, store, clock, endpoint, spool, live: Mutex::default(), flight: Mutex::default() }
    }

    pub(crate) fn endpoint(&self) -> &TokenEndpoint {
        &self.endpoint
    }

    pub(crate) fn id(&self) -> &GrantId {
        &self.id
    }

    pub(crate) fn notices(&self) -> &Notices {
        self.endpoint.notices()
    }

    /// A valid access token, refreshed by Exact's rules where it is due.
    ///
    /// However many callers find it due, one token call is made; it runs to its end even when all of them give up.
    pub(crate) async fn access_token(self: &Arc<Self>) -> Result<SecretString> {
        match self.known_to_caller() {
            Known::Good(token) => return Ok(token),
            Known::Failed(error) => return Err(error),
            Known::Due => {}
        }
        let result = self.fly().await;
        let live = self.live();
        match (&live.held, result) {
            (Some(held), Ok(())) => Ok(held.grant.access_token.clone()),
            // The old token still works for up to half a minute, which may be all that is needed.
            (Some(held), Err(_)) if live.unsaved.is_none() && self.is_valid(held) => {
                Ok(held.grant.access_token.clone())
            }
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::auth(Cause::NoGrant)),
        }
    }

    /// Whether the token in use is so old that a 401 may mean nothing but its end.
    pub(crate) fn is_due(&self) -> bool {
        matches!(self.known(), Known::Due)
    }

    /// The grant as it is stored.
    pub(crate) async fn grant(&self) -> Result<Option<Grant>> {
        Ok(self.store.load(&self.id).await?.map(|grant| grant.describe(&self.id)))
    }

    /// Takes a grant over by its refresh token, which is used up.
    pub(crate) async fn import(self: &Arc<Self>, refresh_token: SecretString) -> Result<()> {
        let session = Arc::clone(self);
        to_the_end(async move { session.import_now(refresh_token).await }).await
    }

    /// Turns the code of a consent into a grant.
    pub(crate) async fn exchange(self: &Arc<Self>, code: SecretString) -> Result<()> {
        let session = Arc::clone(self);
        to_the_end(async move { session.exchange_now(code).await }).await
    }

    /// Notes whose grant it is and what it reaches.
    pub(crate) async fn describe(&self, user: GrantUser, divisions: Vec<GrantDivision>) -> Result<Grant> {
        let mut lock = self.store.lock(&self.id).await?;
        let described = match self.store.load(&self.id).await {
            Ok(Some(mut grant)) => {
                let before = std::mem::replace(&mut grant.divisions, divisions);
                let reached = |id| grant.divisions.iter().any(|division| division.id == id);
                let lost = before.iter().map(|division| division.id).filter(|id| !reached(*id));
                self.notices().reached(grant.divisions.iter().map(|division| division.id), lost);
                grant.user = Some(user);
                lock.save(&grant).await.map(|()| grant.describe(&self.id))
            }
            Ok(None) => Err(Error::auth(Cause::NoGrant)),
            Err(error) => Err(error),
        };
        lock.release().await;
        described
    }

    pub(super) fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a pair into use.
    pub(super) fn adopt(&self, held: Held) {
        let mut live = self.live();
        let is_new = live.held.as_ref().is_none_or(|old| old.grant.generation != held.grant.generation);
        live.asked &= !is_new;
        live.failed = None;
        live.refusals = 0;
        live.held = Some(held);
        drop(live);
        self.notices().refreshed();
    }

    /// How old a pair is. One that this process did not obtain itself is judged by the wall clock.
    pub(super) fn age(&self, held: &Held) -> Age {
        if let Some(obtained) = held.obtained {
            return Age::Known(self.clock.monotonic().saturating_sub(obtained));
        }
        let passed = self.clock.now() - held.grant.obtained_at;
        if passed < TimeDelta::seconds(-60) {
            return Age::InTheFuture;
        }
        Age::Known(passed.to_std().unwrap_or_default())
    }

    pub(super) fn is_young(&self, held: &Held) -> bool {
        matches!(self.age(held), Age::Known(age) if age < REFRESH_AT && age + MARGIN < held.grant.lifetime)
    }

    fn is_valid(&self, held: &Held) -> bool {
        matches!(self.age(held), Age::Known(age) if age + MARGIN < held.grant.lifetime)
    }

    fn known_to_caller(&self) -> Known {
        self.live().asked = true;
        self.known()
    }

    fn known(&self) -> Known {
        let live = self.live();
        if let Some(held) = live.held.as_ref().filter(|held| live.unsaved.is_none() && self.is_young(held)) {
            return Known::Good(held.grant.access_token.clone());
        }
        match &live.failed {
            Some((until, error)) if self.clock.monotonic() < *until => match &live.held {
                Some(held) if live.unsaved.is_none() && self.is_valid(held) => {
                    Known::Good(held.grant.access_token.clone())
                }
                _ => Known::Failed(error.clone()),
            },
            _ => Known::Due,
        }
    }

    /// Joins the refresh under way, or starts one.
    pub(super) fn fly(self: &Arc<Self>) -> Flight {
        let mut slot = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = slot.as_ref().filter(|flight| flight.peek().is_none()) {
            return flight.clone();
        }
        let session = Arc::clone(self);
        let flight = to_the_end(async move { session.renew().await }).boxed().shared();
        *slot = Some(flight.clone());
        flight
    }
}

enum Known {
    Good(SecretString),
    Failed(Error),
    Due,
}

pub(super) enum Age {
    Known(Duration),
    InTheFuture,
}

/// Runs a token call in a task of its own: a refresh token is used up the moment Exact reads the request, so a
/// caller that is dropped half-way must not take the answer with it.
async fn to_the_end(work: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(error) => {
            Err(Error::new(ErrorKind::Unavailable, "the token call was ended from outside")
                .with_source(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::auth::{GrantLock, MemoryTokenStore};
    use crate::{App, Client, Country};

    const OLD: &[u8] =
        br#"{"version":1,"access_token":"old","refresh_token":"once","obtained_at":"2026-01-01T00:00:00Z",
        "lifetime":600,"generation":1,"state":"ready","user":null,"divisions":[]}"#;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn ten_thousand_callers_at_expiry_cause_exactly_one_token_call() {
        let server = MockServer::start().await;
        let pair =
            r#"{"access_token":"new","token_type":"bearer","expires_in":"600","refresh_token":"next"}"#;
        let answer = ResponseTemplate::new(200).set_body_raw(pair, "application/json");
        let answer = answer.set_delay(Duration::from_millis(100));
        Mock::given(path("/api/oauth2/token")).respond_with(answer).expect(1).mount(&server).await;
        let app = App {
            client_id: "id".into(),
            client_secret: "hush".into(),
            redirect_url: "https://e.nl/".into(),
        };
        let store = MemoryTokenStore::new();
        let builder = Client::builder(app, Country::Nl).origin(server.uri().parse().unwrap());
        let client = builder.token_store(Arc::new(store.clone())).build().unwrap();
        let mut lock: Box<dyn GrantLock> = store.lock(client.session().id()).await.unwrap();
        lock.save(&StoredGrant::from_bytes(OLD).unwrap()).await.unwrap();
        lock.release().await;
        let callers = (0..10_000).map(|_| {
            let session = Arc::clone(client.session());
            tokio::spawn(async move { session.access_token().await })
        });
        for caller in futures_util::future::join_all(callers).await {
            assert_eq!(secrecy::ExposeSecret::expose_secret(&caller.unwrap().unwrap()), "new");
        }
        // The server blocks on locks of tokio when it goes: with what so many tasks leave of this turn's budget, for ever.
        tokio::task::yield_now().await;
    }
}
