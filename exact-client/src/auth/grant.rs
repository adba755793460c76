//! A grant: what is stored of it, and what may be seen of it.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::error::{Error, Result};
use crate::id::{DivisionId, Guid};
use crate::odata::WallTime;

/// Exact forgets a refresh token that is not used for so many days.
const LAPSE_DAYS: i64 = 30;

/// Names one grant: the consent of one user to one app at one host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantId {
    host: String,
    client_id: String,
    name: String,
}

impl GrantId {
    pub(crate) fn new(host: &str, client_id: &str, name: &str) -> Self {
        Self { host: host.to_owned(), client_id: client_id.to_owned(), name: name.to_owned() }
    }

    /// The app at its host.
    pub(super) fn app(&self) -> String {
        format!("{}/{}", self.host, self.client_id)
    }

    /// The name that the host of the program gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// `host/client id/name`. Holds no secret.
impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.host, self.client_id, self.name)
    }
}

/// A grant as a [`TokenStore`](crate::TokenStore) keeps it: secrets, and how far a refresh has come.
#[derive(Clone)]
pub struct StoredGrant {
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: SecretString,
    pub(crate) previous_refresh_token: Option<SecretString>,
    pub(crate) obtained_at: DateTime<Utc>,
    pub(crate) lifetime: Duration,
    pub(crate) generation: u64,
    pub(crate) state: GrantState,
    pub(crate) user: Option<GrantUser>,
    pub(crate) divisions: Vec<GrantDivision>,
}

/// How a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GrantState {
    /// Its refresh token is good, as far as anybody knows.
    Ready,
    /// A new pair was asked for, and the answer has not been saved yet. Found after a crash, the old refresh token
    /// is tried once more: Exact may never have seen the request.
    Refreshing,
    /// Exact refused it for good; only a new consent helps.
    Lost(Cause),
}

/// The user who gave a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GrantUser {
    /// The user's id.
    pub id: Guid,
    /// The user's name.
    pub name: String,
}

/// A division that a grant reached when it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GrantDivision {
    /// The division.
    pub id: DivisionId,
    /// Its name.
    pub name: String,
    /// When it was moved last; feeds start over when this changes.
    pub moved: Option<WallTime>,
}

/// What there is to know of a grant, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// How it stands.
    pub state: GrantState,
    /// Rises with every new pair of tokens.
    pub generation: u64,
    /// The user who gave it.
    pub user: Option<GrantUser>,
    /// The divisions it reached when it was given.
    pub divisions: Vec<GrantDivision>,
    /// When the last pair of tokens came.
    pub obtained_at: DateTime<Utc>,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
    /// When the refresh token lapses unless it is used before.
    pub lapses_at: DateTime<Utc>,
}

impl StoredGrant {
    /// The bytes to keep. They hold secrets: seal them.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store), which does not happen in practice.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        let wire = Wire {
            version: 1,
            access_token: self.access_token.expose_secret(),
            refresh_token: self.refresh_token.expose_secret(),
            previous_refresh_token: self.previous_refresh_token.as_ref().map(ExposeSecret::expose_secret),
            obtained_at: self.obtained_at,
            lifetime: self.lifetime.as_secs(),
            generation: self.generation,
            state: self.state,
            user: self.user.clone(),
            divisions: self.divisions.clone(),
        };
        serde_json::to_vec(&wire)
            .map(Zeroizing::new)
            .map_err(|error| Error::store("a grant could not be written", error))
    }

    /// Reads what [`to_bytes`](StoredGrant::to_bytes) wrote.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where these bytes are something else, or of a later version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        // The message of the parser could quote a secret.
        let wire: OwnedWire = serde_json::from_slice(bytes).map_err(|error| {
            Error::store("a stored grant cannot be read", format!("at byte {}", error.column()))
        })?;
        if wire.version != 1 {
            return Err(Error::store(
                "a stored grant cannot be read",
                format!("it has version {}; use the program that wrote it", wire.version),
            ));
        }
        Ok(Self {
            access_token: wire.access_token,
            refresh_token: wire.refresh_token,
            previous_refresh_token: wire.previous_refresh_token,
            obtained_at: wire.obtained_at,
            lifetime: Duration::from_secs(wire.lifetime),
            generation: wire.generation,
            state: wire.state,
            user: wire.user,
            divisions: wire.divisions,
        })
    }

    /// Rises with every new pair of tokens.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> GrantState {
        self.state
    }

    pub(crate) fn describe(&self, id: &GrantId) -> Grant {
        let lifetime = TimeDelta::from_std(self.lifetime).unwrap_or_default();
        Grant {
            id: id.clone(),
            state: self.state,
            generation: self.generation,
            user: self.user.clone(),
            divisions: self.divisions.clone(),
            obtained_at: self.obtained_at,
            expires_at: self.obtained_at + lifetime,
            lapses_at: self.obtained_at + TimeDelta::days(LAPSE_DAYS),
        }
    }
}

/// Without its secrets.
impl fmt::Debug for StoredGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredGrant")
            .field("generation", &self.generation)
            .field("state", &self.state)
            .field("obtained_at", &self.obtained_at)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    version: u32,
    access_token: &'a str,
    refresh_token: &'a str,
    previous_refresh_token: Option<&'a str>,
    obtained_at: DateTime<Utc>,
    lifetime: u64,
    generation: u64,
    state: GrantState,
    user: Option<GrantUser>,
    divisions: Vec<GrantDivision>,
}

#[derive(Deserialize)]
struct OwnedWire {
    version: u32,
    access_token: SecretString,
    refresh_token: SecretString,
    previous_refresh_token: Option<SecretString>,
    obtained_at: DateTime<Utc>,
    lifetime: u64,
    generation: u64,
    state: GrantState,
    user: Option<GrantUser>,
    divisions: Vec<GrantDivision>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> StoredGrant {
        StoredGrant {
            access_token: "access-secret".into(),
            refresh_token: "refresh-secret".into(),
            previous_refresh_token: Some("previous-secret".into()),
            obtained_at: "2026-11-22T10:00:00Z".parse().unwrap(),
            lifetime: Duration::from_secs(600),
            generation: 3,
            state: GrantState::Lost(Cause::Revoked),
            user: Some(GrantUser { id: Guid::from_u128(7), name: "Ans".into() }),
            divisions: vec![GrantDivision { id: DivisionId::new(5), name: "BV".into(), moved: None }],
        }
    }

    #[test]
    fn a_grant_survives_its_bytes() {
        let read = StoredGrant::from_bytes(&grant().to_bytes().unwrap()).unwrap();
        assert_eq!(read.refresh_token.expose_secret(), "refresh-secret");
        let id = GrantId::new("host", "app", "default");
        assert_eq!(read.describe(&id), grant().describe(&id));
    }

    #[test]
    fn neither_debug_nor_a_read_error_shows_a_secret() {
        assert!(!format!("{:?}", grant()).contains("secret"));
        let error = StoredGrant::from_bytes(br#"{"version":1,"access_token":5,"refresh_token":"secret"}"#);
        assert!(!format!("{:?}", error.unwrap_err()).contains("secret"));
    }
}
