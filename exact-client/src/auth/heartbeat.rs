//! Keeps grants alive.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{self, Either};
use rand::Rng;

use super::grant::{Grant, GrantId, GrantState};
use super::notice::Seen;
use super::session::{Age, REFRESH_AT, Session};
use crate::cause::Cause;
use crate::client::Client;
use crate::clock::Clock;
use crate::error::{Error, Result, Retry};
use crate::id::Guid;

/// Refreshes of many grants are spread over so long. The access token ends 29 seconds after the earliest refresh.
const JITTER: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Keeps grants alive for as long as the host runs it.
///
/// It wakes as often as it is told, and refreshes by Exact's terms: 571 to 586 seconds after the last pair of tokens
/// while the grant is in use, and once in seven days while it is not, where Exact forgets it after 30. Where a
/// refresh fails it tries again after a minute, then after twice as long each time, up to an hour. A grant that is
/// lost is looked at in the store at every wake, which costs no call, and goes on after a new consent.
///
/// Each grant beats for itself: trouble with one stops no other, and is told to its [`GrantHook`](crate::GrantHook).
/// Of two grants of one user and one app the second is refused with
/// [`GrantShared`](crate::Cause::GrantShared): they would end each other.
///
/// ```no_run
/// # async fn run(clients: Vec<exact_client::Client>, shutdown: impl Future<Output = ()>) {
/// use std::time::Duration;
///
/// use exact_client::Heartbeat;
///
/// let heartbeat = Heartbeat::new(clients).wake_every(Duration::from_secs(8 * 60));
/// heartbeat.run(shutdown).await;
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Heartbeat {
    clients: Vec<Client>,
    wake: Duration,
    idle: Duration,
    owners: Mutex<HashMap<(String, Guid), GrantId>>,
}

impl Heartbeat {
    /// A heartbeat for the grants of these clients; clones of one client count once.
    pub fn new(clients: impl IntoIterator<Item = Client>) -> Self {
        let mut unique: Vec<Client> = Vec::new();
        for client in clients {
            if unique.iter().all(|known| known.session().id() != client.session().id()) {
                unique.push(client);
            }
        }
        Self {
            clients: unique,
            wake: Duration::from_secs(8 * 60),
            idle: Duration::from_secs(7 * 86_400),
            owners: Mutex::default(),
        }
    }

    /// How often each grant is looked at, at least. Default: 8 minutes. Less than a second counts as one.
    pub fn wake_every(mut self, wake: Duration) -> Self {
        self.wake = wake.max(Duration::from_secs(1));
        self
    }

    /// How old the tokens of a grant that nobody uses may become. Default and most: 7 days.
    pub fn idle_refresh(mut self, idle: Duration) -> Self {
        self.idle = idle.clamp(REFRESH_AT, Duration::from_secs(7 * 86_400));
        self
    }

    /// Beats until `shutdown` is done. A refresh that is under way then runs to its end by itself.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let beating = future::join_all(self.clients.iter().map(|client| self.keep(client)));
        match future::select(Box::pin(beating), Box::pin(shutdown)).await {
            // Without a grant there is nothing to do but wait.
            Either::Left((_, shutdown)) => shutdown.await,
            Either::Right(_) => {}
        }
    }

    /// One wake of every grant, for a host with a schedule of its own. Costs one token call for each grant that is
    /// due.
    ///
    /// Says of each grant whether it is well.
    pub async fn beat(&self) -> Vec<(GrantId, Result<()>)> {
        let beats = self
            .clients
            .iter()
            .map(|client| async { (client.session().id().clone(), self.look(client).await.map(drop)) });
        future::join_all(beats).await
    }

    async fn keep(&self, client: &Client) {
        let mut failures = 0;
        loop {
            let wait = match self.look(client).await {
                Ok(rest) => {
                    failures = 0;
                    rest.min(self.wake)
                }
                Err(error) => {
                    failures += 1;
                    self.pause(&error, failures)
                }
            };
            client.session().clock().sleep(wait).await;
        }
    }

    /// Looks at one grant and refreshes it where that is due. Says how long it can rest.
    async fn look(&self, client: &Client) -> Result<Duration> {
        let session = client.session();
        let Some(grant) = client.grant().await? else { return Err(session.dead(Cause::NoGrant)) };
        if let GrantState::Lost(cause) = grant.state {
            return Err(session.dead(cause));
        }
        self.refuse_shared(session, &grant)?;
        let rest = session.beat(self.idle, jitter()).await;
        if rest.is_err() {
            session.notices().days_left((grant.lapses_at - session.clock().now()).num_days());
        }
        rest
    }

    fn refuse_shared(&self, session: &Session, grant: &Grant) -> Result<()> {
        let Some(user) = &grant.user else { return Ok(()) };
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        // A new consent may be another user's.
        owners.retain(|_, owner| owner != session.id());
        let owner = owners.entry((grant.id.app(), user.id)).or_insert_with(|| grant.id.clone());
        if owner == &grant.id {
            session.notices().over(Cause::GrantShared);
            return Ok(());
        }
        session.notices().trouble(Cause::GrantShared, None, Seen::Store);
        Err(Error::auth(Cause::GrantShared))
    }

    /// A grant that needs a person is looked at in the store alone, at every wake. All else is an outage.
    fn pause(&self, error: &Error, failures: u32) -> Duration {
        if error.cause().is_some_and(|cause| cause.needs_consent() || cause == Cause::GrantShared) {
            return self.wake;
        }
        let pause =
            FIRST_PAUSE.saturating_mul(2u32.saturating_pow(failures - 1)).min(LONGEST_PAUSE) + jitter();
        match error.retry() {
            Retry::After(wait) => pause.max(wait),
            _ => pause,
        }
    }
}

fn jitter() -> Duration {
    let millis = u64::try_from(JITTER.as_millis()).unwrap_or_default();
    Duration::from_millis(rand::rng().random_range(0..=millis))
}

impl Session {
    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Refreshes where that is due: soon after the earliest moment while the grant is in use or a refresh was
    /// interrupted, after `idle` otherwise. Says how long it can rest.
    async fn beat(self: &Arc<Self>, idle: Duration, jitter: Duration) -> Result<Duration> {
        let Some(stored) = self.store.load(&self.id).await? else { return Err(self.dead(Cause::NoGrant)) };
        let interrupted = stored.state == GrantState::Refreshing;
        let due = if interrupted || self.is_in_use() { REFRESH_AT + jitter } else { idle };
        let age = match self.age(&self.recognize(stored)) {
            Age::Known(age) => age,
            Age::InTheFuture if due < idle => due,
            Age::InTheFuture => Duration::ZERO,
        };
        if let Some(rest) = due.checked_sub(age).filter(|rest| !rest.is_zero()) {
            return Ok(rest);
        }
        self.fly().await.map(|()| REFRESH_AT)
    }

    fn is_in_use(&self) -> bool {
        let live = self.live();
        live.asked || live.unsaved.is_some()
    }
}
