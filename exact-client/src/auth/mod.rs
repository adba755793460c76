//! OAuth as Exact does it: ten-minute access tokens, single-use refresh tokens, one refresh in 570 seconds.

mod endpoint;
mod grant;
mod renew;
mod session;
mod store;

pub use grant::{Grant, GrantDivision, GrantId, GrantState, GrantUser, StoredGrant};
pub use store::{GrantLock, MemoryTokenStore, TokenStore};

pub(crate) use endpoint::TokenEndpoint;
pub(crate) use session::Session;
