//! Consent of a user, from the address for the browser to the stored grant.

use std::fmt;

use oauth2::CsrfToken;
use secrecy::SecretString;
use subtle::ConstantTimeEq;
use url::Url;

use super::grant::Grant;
use crate::cause::Cause;
use crate::client::Client;
use crate::error::{Error, Result};

/// A consent under way, made by [`Client::consent`].
///
/// Send the user to [`url`](Consent::url). Exact sends the browser back to the app's redirect URL with a code behind
/// it; hand that address to [`finish`](Consent::finish), within about three minutes:
///
/// - where the redirect URL leads to a web application, from the request that arrives there;
/// - on a machine without a browser, as a person copies it from the address bar;
/// - where requests to the redirect URL reach this process, through [`listen`](Consent::listen) (feature `consent`).
pub struct Consent {
    client: Client,
    state: String,
    url: Url,
}

impl Consent {
    pub(crate) fn new(client: Client) -> Self {
        let state = CsrfToken::new_random().into_secret();
        let url = client.authorize_url(&state);
        Self { client, state, url }
    }

    /// Where to send the user.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Turns the address at which the browser ended into a stored grant. Costs what
    /// [`Client::exchange_code`] costs; an address that is refused here costs nothing, and another may be tried.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) where the address is not the app's redirect URL with our state and a
    /// code behind it; [`Auth`](crate::ErrorKind::Auth) where the user declined; otherwise those of
    /// [`Client::exchange_code`].
    pub async fn finish(&self, address: &str) -> Result<Grant> {
        let redirect = self.client.redirect_url()?;
        let address = Url::parse(address.trim()).map_err(|_| {
            Error::config("this is no address")
                .with_remedy("paste the whole address that the browser ended at, from https:// to the end")
        })?;
        if (address.origin(), address.path()) != (redirect.origin(), redirect.path()) {
            // Not the address itself: a code may stand in it.
            return Err(Error::config(format!("the browser did not end at the redirect URL {redirect}"))
                .with_remedy(
                    "finish the consent in the browser first; the redirect URL here must be the one in the app's \
                     registration, letter by letter",
                ));
        }
        self.client.exchange_code(self.code(address.query().unwrap_or_default())?).await
    }

    #[cfg(feature = "consent")]
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The code in an answer that is ours.
    pub(super) fn code(&self, query: &str) -> Result<SecretString> {
        let value = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let state = value("state").unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(self.state.as_bytes())) {
            return Err(Error::config("the answer belongs to another request for consent")
                .with_remedy("start again, and use the address of this request"));
        }
        if let Some(error) = value("error") {
            let source = value("error_description").unwrap_or_else(|| error.clone());
            return Err(Error::auth(Cause::Refused)
                .with_message(format!("consent was not given: {}", plain(&error)))
                .with_source(plain(&source))
                .with_remedy("start again and allow the app, as a user who may"));
        }
        let code = value("code").filter(|code| !code.is_empty());
        code.map(SecretString::from).ok_or_else(|| {
            Error::config("the answer holds no code").with_remedy("start again, and copy the whole address")
        })
    }
}

/// Without its state and its address, which holds the state.
impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consent").field("client", &self.client).finish_non_exhaustive()
    }
}

/// What strangers may write into our messages: short, and without control characters.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
