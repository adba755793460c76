//! What proves to Pipedrive who calls: an API token, or an app's grant that is renewed in time.

use std::fmt;

use http::{HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;
use url::Url;

use super::Pipedrive;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Answer, Failure, HttpClient, Request, Transport, TransportOptions, pinned};
use crate::oauth::{Credentials, Endpoint, OAuthApp, Proof, Session, Tokens};

/// Pipedrive's access tokens live for an hour; a refresh token until it was not used for sixty days. See Pipedrive's
/// [OAuth guide](https://pipedrive.readme.io/docs/marketplace-oauth-authorization).
pub(super) const ENDPOINT: Endpoint = Endpoint {
    vendor: "Pipedrive",
    consent: "https://oauth.pipedrive.com/oauth/authorize",
    credentials: Credentials::Basic,
};
pub(super) const TOKEN_PATH: &str = "/oauth/token";
/// Where a company's own origin may be.
const DOMAIN: &str = ".pipedrive.com";

/// The API token of one Pipedrive user. Best of a user that exists for the integration alone.
#[derive(Clone)]
pub struct ApiToken(SecretString);

impl ApiToken {
    /// Wraps a token. Its text is wiped from memory when the last copy is dropped.
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    pub(super) fn header(&self) -> Result<(HeaderName, HeaderValue)> {
        let mut value = HeaderValue::from_str(self.0.expose_secret().trim())
            .ok()
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    "the Pipedrive API token is empty or has characters that no token has",
                )
            })?;
        value.set_sensitive(true);
        Ok((HeaderName::from_static("x-api-token"), value))
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(…)")
    }
}

/// The way to Pipedrive, and what proves who takes it.
#[derive(Debug)]
pub(super) enum Access {
    /// The token goes with every request by itself.
    Token(Transport),
    Grant(Box<Granted>),
}

/// The way with a grant: only its tokens tell where the company is.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) session: Session,
    pub(super) sign_in: Transport,
    /// Where calls go whatever the tokens tell.
    pub(super) origin: Option<Url>,
    pub(super) options: Options,
    pub(super) company: OnceCell<Transport>,
}

/// What every transport of an adapter is made with.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) timeout: std::time::Duration,
    pub(super) http: Option<HttpClient>,
}

impl Options {
    pub(super) fn transport(
        &self,
        origin: Url,
        credential: Option<(HeaderName, HeaderValue)>,
    ) -> Result<Transport> {
        let Self { timeout, http } = self.clone();
        Transport::new(TransportOptions { origin, credential, timeout, http })
    }
}

/// Where one request goes, and the proof it brings itself.
#[derive(Debug)]
pub(super) struct Way<'a> {
    transport: &'a Transport,
    bearer: Option<HeaderValue>,
}

impl Way<'_> {
    pub(super) async fn send(&self, request: &Request, attempt: u32) -> Result<Answer, Failure> {
        let Some(bearer) = &self.bearer else { return self.transport.send(request, attempt).await };
        let credential = Some((header::AUTHORIZATION, bearer.clone()));
        self.transport.send(&Request { credential, ..request.clone() }, attempt).await
    }
}

impl Access {
    /// The way of the moment; its proof is renewed first where that is due.
    pub(super) async fn way(&self) -> Result<Way<'_>> {
        match self {
            Self::Token(transport) => Ok(Way { transport, bearer: None }),
            Self::Grant(granted) => {
                let proof = granted.session.proof(&granted.sign_in).await?;
                let transport = granted.company.get_or_try_init(|| async { granted.transport(&proof) });
                Ok(Way { transport: transport.await?, bearer: Some(proof.bearer) })
            }
        }
    }

    /// After a refusal: whether another token than the refused one can be had.
    pub(super) async fn renews(&self, refused: &Way<'_>) -> bool {
        match (self, &refused.bearer) {
            (Self::Grant(granted), Some(bearer)) => granted.session.renews(bearer).await,
            _ => false,
        }
    }

    async fn connect(&self, code: &str) -> Result<Tokens> {
        match self {
            Self::Grant(granted) => granted.session.connect(&granted.sign_in, code).await,
            Self::Token(_) => {
                Err(Error::new(ErrorKind::Unsupported, "an adapter with an API token needs no consent"))
            }
        }
    }

    /// Requests so far, those for tokens included.
    pub(super) fn calls(&self) -> u64 {
        match self {
            Self::Token(transport) => transport.calls(),
            Self::Grant(granted) => {
                granted.sign_in.calls() + granted.company.get().map_or(0, Transport::calls)
            }
        }
    }
}

impl Granted {
    fn transport(&self, proof: &Proof) -> Result<Transport> {
        let origin = match &self.origin {
            Some(origin) => origin.clone(),
            None => company_origin(proof.api_domain.as_ref())?,
        };
        self.options.transport(origin, None)
    }
}

/// The origin that the tokens may go to: the company's own at Pipedrive, and no other.
fn company_origin(api_domain: Option<&Url>) -> Result<Url> {
    let host = api_domain.and_then(Url::host_str).unwrap_or("nowhere");
    match api_domain {
        Some(origin) if origin.scheme() == "https" && host.ends_with(DOMAIN) => pinned(origin.clone()),
        _ => Err(Error::new(ErrorKind::Auth, format!("the tokens are for {host}, which is not Pipedrive"))
            .with_remedy("connect Pipedrive again")),
    }
}

impl Pipedrive {
    /// The address at which a person consents to an app. `state` comes back with the code: check that it is the same.
    /// The scopes are those of the app's page.
    ///
    /// # Errors
    /// None in practice.
    pub fn authorize_url(app: &OAuthApp, state: &str) -> Result<Url> {
        ENDPOINT.authorize_url(app, &[], state)
    }

    /// Exchanges the code that a consent gave for tokens, and keeps them in the token store. One call.
    ///
    /// A code lives for five minutes and works once: dropped half-way, it may be used up.
    ///
    /// # Errors
    /// [`Auth`](ErrorKind::Auth) where Pipedrive does not take the code; [`Unsupported`](ErrorKind::Unsupported) for
    /// an adapter with an API token; those of the token store.
    pub async fn connect(&self, code: &str) -> Result<Tokens> {
        self.api.access().connect(code).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_to_a_company_at_pipedrive_and_nowhere_else() {
        let table = [
            (Some("https://acme.pipedrive.com"), true),
            (Some("http://acme.pipedrive.com"), false),
            (Some("https://acme.pipedrive.com.example.com"), false),
            (Some("https://examplepipedrive.com"), false),
            (Some("https://user@acme.pipedrive.com"), false),
            (Some("https://127.0.0.1"), false),
            (None, false),
        ];
        for (domain, good) in table {
            let domain = domain.map(|text| Url::parse(text).unwrap());
            assert_eq!(company_origin(domain.as_ref()).is_ok(), good, "{domain:?}");
        }
    }

    #[test]
    fn consent_is_asked_for_with_the_apps_own_address() {
        let app = OAuthApp::new("id", "secret", Url::parse("https://example.com/callback").unwrap());
        let url = Pipedrive::authorize_url(&app, "s&t").unwrap();
        let expected = "https://oauth.pipedrive.com/oauth/authorize?client_id=id\
            &redirect_uri=https%3A%2F%2Fexample.com%2Fcallback&state=s%26t";
        assert_eq!(url.as_str(), expected);
        assert!(!format!("{app:?}").contains("secret\""), "{app:?}");
    }
}
