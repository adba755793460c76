//! How a pair of tokens becomes the next one without ever being lost.
//!
//! Lock → reload → skip if somebody else was faster → `Refreshing` durable → one POST → new pair durable → use.

use std::time::Duration;

use chrono::DateTime;
use secrecy::SecretString;

use super::endpoint::{Refusal, TokenPair};
use super::grant::{GrantState, StoredGrant};
use super::notice::Seen;
use super::session::{Age, Held, Session};
use super::store::GrantLock;
use crate::cause::Cause;
use crate::error::{Error, Result, Retry};

/// How long a refusal answers further callers without another token call. It grows fourfold with each refusal in a
/// row, which makes five an hour: Exact blocks an endpoint at ten.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// The same where nobody knows what became of the call.
const PAUSE_AFTER_SILENCE: Duration = Duration::from_secs(30);

impl Session {
    /// One refresh, unless another process was faster.
    pub(super) async fn renew(&self) -> Result<()> {
        let mut lock = self.store.lock(&self.id).await?;
        let result = self.renew_locked(lock.as_mut()).await;
        lock.release().await;
        result
    }

    async fn renew_locked(&self, lock: &mut dyn GrantLock) -> Result<()> {
        self.save_unsaved(lock).await?;
        let Some(stored) = self.stored_or_spooled(lock).await? else { return Err(self.dead(Cause::NoGrant)) };
        if let GrantState::Lost(cause) = stored.state {
            return Err(self.dead(cause));
        }
        let held = self.recognize(stored);
        if self.is_young(&held) {
            self.adopt(held);
            return Ok(());
        }
        let by_clock = held.obtained.is_none();
        self.wait_until_allowed(&held).await;
        self.refresh_locked(lock, held.grant, by_clock).await
    }

    /// A grant that only a new consent brings back.
    pub(super) fn dead(&self, cause: Cause) -> Error {
        self.notices().trouble(cause, None, Seen::Token);
        Error::auth(cause)
    }

    /// The stored grant, or a newer one that a crash left in the spool, which is saved first.
    async fn stored_or_spooled(&self, lock: &mut dyn GrantLock) -> Result<Option<StoredGrant>> {
        let stored = self.store.load(&self.id).await?;
        let Some(spool) = &self.spool else { return Ok(stored) };
        let Some(spooled) = spool.find(&self.id).await? else { return Ok(stored) };
        let newer = stored.as_ref().is_none_or(|stored| spooled.generation > stored.generation);
        if newer {
            lock.save(&spooled).await?;
            tracing::warn!(grant = %self.id, "a pair of tokens was brought back from the spool");
        }
        self.clear_spool().await;
        Ok(if newer { Some(spooled) } else { stored })
    }

    async fn clear_spool(&self) {
        if let Some(spool) = &self.spool
            && let Err(error) = spool.clear(&self.id).await
        {
            tracing::warn!(grant = %self.id, %error, "the spool of a grant could not be cleared");
        }
    }

    /// Keeps a new pair through a crash, where the host gave a place for it.
    async fn spool(&self, grant: &StoredGrant) {
        let kept = match &self.spool {
            Some(spool) => spool.put(&self.id, grant).await,
            None => Err(Error::config("there is no spool")),
        };
        match kept {
            Ok(()) => tracing::error!(grant = %self.id, "the new pair of tokens waits in the spool"),
            Err(error) => {
                tracing::error!(grant = %self.id, %error, "the new pair of tokens is in memory alone; keep this process running");
            }
        }
    }

    /// The stored pair is the one in use, if it has the same generation: then its age is known exactly.
    pub(super) fn recognize(&self, stored: StoredGrant) -> Held {
        let live = self.live();
        let same = live.held.as_ref().filter(|held| held.grant.generation == stored.generation);
        let obtained = same.and_then(|held| held.obtained);
        Held { grant: stored, obtained }
    }

    /// An access token that ends before the next may be asked for leaves nothing but to wait.
    async fn wait_until_allowed(&self, held: &Held) {
        if let Age::Known(age) = self.age(held)
            && let Some(wait) = super::session::REFRESH_AT.checked_sub(age)
        {
            self.clock.sleep(wait).await;
        }
    }

    /// `by_clock` says that another process obtained the pair, so that our clock alone tells how old it is.
    async fn refresh_locked(
        &self,
        lock: &mut dyn GrantLock,
        mut grant: StoredGrant,
        by_clock: bool,
    ) -> Result<()> {
        grant.state = GrantState::Refreshing;
        // Also proves that the store can be written before the refresh token is spent.
        lock.save(&grant).await?;
        match self.endpoint.refresh(&grant.refresh_token).await {
            Ok(pair) => self.keep(lock, Some(grant), pair).await,
            Err(refusal) => Err(self.give_up(lock, grant, refusal, by_clock).await),
        }
    }

    /// Makes a new pair durable, and only then lets it be used.
    async fn keep(&self, lock: &mut dyn GrantLock, old: Option<StoredGrant>, pair: TokenPair) -> Result<()> {
        let grant = StoredGrant {
            access_token: pair.access_token,
            refresh_token: pair.refresh_token,
            lifetime: pair.lifetime,
            obtained_at: self.clock.now(),
            generation: old.as_ref().map_or(1, |old| old.generation + 1),
            state: GrantState::Ready,
            user: old.as_ref().and_then(|old| old.user.clone()),
            divisions: old.as_ref().map(|old| old.divisions.clone()).unwrap_or_default(),
            previous_refresh_token: old.map(|old| old.refresh_token),
        };
        let held = Held { grant, obtained: Some(self.clock.monotonic()) };
        match lock.save(&held.grant).await {
            Ok(()) => {
                tracing::info!(grant = %self.id, generation = held.grant.generation, "new access token");
                self.adopt(held);
                self.clear_spool().await;
                Ok(())
            }
            Err(error) => {
                tracing::error!(grant = %self.id, %error, "a new pair of tokens could not be saved");
                self.spool(&held.grant).await;
                self.live().unsaved = Some(held);
                Err(error)
            }
        }
    }

    /// Saves a pair that could not be saved before, unless the store has a newer one by now.
    async fn save_unsaved(&self, lock: &mut dyn GrantLock) -> Result<()> {
        let Some(held) = self.live().unsaved.clone() else { return Ok(()) };
        let stored = self.store.load(&self.id).await?;
        let newer = stored.is_some_and(|stored| stored.generation >= held.grant.generation);
        if !newer {
            lock.save(&held.grant).await?;
            self.adopt(held);
        }
        self.clear_spool().await;
        self.live().unsaved = None;
        Ok(())
    }

    /// Notes in the store what a refusal means for the grant, and keeps callers from asking again at once.
    async fn give_up(
        &self,
        lock: &mut dyn GrantLock,
        mut grant: StoredGrant,
        refusal: Refusal,
        by_clock: bool,
    ) -> Error {
        let (state, pause, error) = match refusal {
            Refusal::NotSent(error) => (GrantState::Ready, Duration::ZERO, error),
            Refusal::Unknown(error) => {
                (GrantState::Refreshing, PAUSE_AFTER_SILENCE, error.with_retry(Retry::Backoff))
            }
            Refusal::Refused(cause, error) if cause.needs_consent() => {
                self.notices().trouble(cause, None, Seen::Token);
                (GrantState::Lost(cause), PAUSE_AFTER_REFUSAL, error)
            }
            Refusal::Refused(cause, error) => {
                let misled = by_clock
                    && cause == Cause::TooEarly
                    && (grant.obtained_at > self.clock.now() || self.notices().is_clock_off());
                let cause = if misled { Cause::ClockWrong } else { cause };
                self.notices().trouble(cause, None, Seen::Token);
                (GrantState::Ready, self.next_pause(), error.with_cause(cause))
            }
        };
        if grant.state != state {
            grant.state = state;
            if let Err(error) = lock.save(&grant).await {
                tracing::warn!(grant = %self.id, %error, "the state of a grant could not be saved");
            }
        }
        self.live().failed = Some((self.clock.monotonic() + pause, error.clone()));
        error
    }

    fn next_pause(&self) -> Duration {
        let mut live = self.live();
        let pause = PAUSE_AFTER_REFUSAL.saturating_mul(4u32.saturating_pow(live.refusals)).min(LONGEST_PAUSE);
        live.refusals += 1;
        pause
    }

    pub(super) async fn import_now(&self, refresh_token: SecretString) -> Result<()> {
        let mut lock = self.store.lock(&self.id).await?;
        let result = self.import_locked(lock.as_mut(), refresh_token).await;
        lock.release().await;
        result
    }

    /// A good grant stays as it is until the new pair is here; where there is none, the token itself is made durable
    /// first, so that a crash cannot lose it.
    async fn import_locked(&self, lock: &mut dyn GrantLock, refresh_token: SecretString) -> Result<()> {
        let stored = self.store.load(&self.id).await?;
        let generation = stored.as_ref().map_or(0, |stored| stored.generation);
        if let Some(good) = stored.filter(|stored| stored.state == GrantState::Ready) {
            lock.save(&good).await?;
            return match self.endpoint.refresh(&refresh_token).await {
                Ok(pair) => self.keep(lock, Some(StoredGrant { refresh_token, ..good }), pair).await,
                Err(Refusal::NotSent(error) | Refusal::Refused(_, error) | Refusal::Unknown(error)) => {
                    Err(error)
                }
            };
        }
        let grant = StoredGrant {
            access_token: SecretString::default(),
            refresh_token,
            previous_refresh_token: None,
            obtained_at: DateTime::UNIX_EPOCH,
            lifetime: Duration::ZERO,
            generation,
            state: GrantState::Ready,
            user: None,
            divisions: Vec::new(),
        };
        self.refresh_locked(lock, grant, false).await
    }

    pub(super) async fn exchange_now(&self, code: SecretString) -> Result<()> {
        let mut lock = self.store.lock(&self.id).await?;
        let result = match self.store.load(&self.id).await {
            Ok(old) => match self.endpoint.exchange(&code).await {
                Ok(pair) => self.keep(lock.as_mut(), old, pair).await,
                Err(Refusal::Refused(Cause::SecretWrong, error)) => Err(error.with_remedy(format!(
                    "compare client id, client secret, country and redirect URL ({}) with the app's registration, \
                     letter by letter",
                    self.endpoint.redirect_url()
                ))),
                Err(Refusal::NotSent(error) | Refusal::Refused(_, error) | Refusal::Unknown(error)) => {
                    Err(error)
                }
            },
            Err(error) => Err(error),
        };
        lock.release().await;
        result
    }
}
