//! OAuth as Exact does it: ten-minute access tokens, single-use refresh tokens, one refresh in 570 seconds.

#[cfg(feature = "consent")]
mod callback;
mod consent;
mod endpoint;
mod file;
mod grant;
mod heartbeat;
mod notice;
mod renew;
mod sealed_file;
mod session;
mod store;

#[cfg(feature = "consent")]
pub use callback::Callback;
pub use consent::Consent;
pub use file::{FileTokenStore, Spool};
pub use grant::{Grant, GrantDivision, GrantId, GrantState, GrantUser, StoredGrant};
pub use heartbeat::Heartbeat;
pub use notice::{GrantEvent, GrantEventKind, GrantHook};
pub use store::{GrantLock, MemoryTokenStore, TokenStore};

pub(crate) use endpoint::TokenEndpoint;
pub(crate) use notice::Notices;
pub(crate) use session::Session;
