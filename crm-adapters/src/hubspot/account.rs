//! The account itself.

use serde::Deserialize;

use super::HubSpot;
use super::api::Call;
use crate::error::Result;
use crate::oauth::Tokens;

/// What HubSpot tells of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AccountInfo {
    /// The account's number.
    pub portal_id: u64,
    /// `STANDARD`, `DEVELOPER_TEST`, `SANDBOX`, …
    pub account_type: Option<String>,
    /// The zone in which its days begin, such as `Europe/Amsterdam`.
    pub time_zone: Option<String>,
    /// The zone's distance from UTC at the moment, in milliseconds.
    pub utc_offset_milliseconds: i64,
    /// The currency of amounts that name none.
    pub company_currency: Option<String>,
    /// The other currencies in use.
    pub additional_currencies: Vec<String>,
}

impl HubSpot {
    /// Reads what the account is. One call. From then on the day's limit ends at the account's own midnight.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn account(&self) -> Result<AccountInfo> {
        let info: AccountInfo = self.api.read(&Call::get(self.api.version.account())).await?;
        self.api.limiter().set_zone(info.utc_offset_milliseconds);
        Ok(info)
    }

    /// Exchanges the code that a consent gave for tokens, and keeps them in the token store. One call.
    ///
    /// # Errors
    /// [`Auth`](crate::ErrorKind::Auth) where HubSpot does not take the code;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for an adapter with a service key.
    pub async fn connect(&self, code: &str) -> Result<Tokens> {
        self.api.connect(code).await
    }
}
