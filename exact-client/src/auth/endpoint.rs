//! The token endpoint, through the oauth2 crate.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, StandardRevocableToken, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::notice::Notices;
use crate::builder::App;
use crate::cause::Cause;
use crate::error::{Error, ErrorKind, Result, Retry};
use crate::http::{Reply, Transport, bounded_text};

/// How long a token call may take. Long, because giving up on it can cost the grant.
const TIMEOUT: Duration = Duration::from_secs(60);
const LIFETIME: Duration = Duration::from_secs(600);
const EARLIEST: Duration = Duration::from_secs(570);

type OAuth = oauth2::Client<
    BasicErrorResponse,
    ExactToken,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Asks for tokens. Never repeats a request.
pub(crate) struct TokenEndpoint {
    oauth: OAuth,
    transport: Arc<Transport>,
    notices: Notices,
}

/// A new pair of tokens.
pub(super) struct TokenPair {
    pub(super) access_token: SecretString,
    pub(super) refresh_token: SecretString,
    pub(super) lifetime: Duration,
}

/// Why there is no new pair.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The request was not executed; the refresh token is as good as before.
    NotSent(Error),
    /// Exact answered that it will not.
    Refused(Cause, Error),
    /// Nobody knows whether the refresh token was used up.
    Unknown(Error),
}

impl TokenEndpoint {
    pub(crate) fn new(app: &App, transport: Arc<Transport>, notices: Notices) -> Result<Self> {
        let origin = transport.origin();
        let url = |path: &str| {
            origin.join(path).map_err(|error| Error::config("the origin takes no path").with_source(error))
        };
        let redirect = RedirectUrl::new(app.redirect_url.clone())
            .map_err(|error| Error::config("redirect_url is no URL").with_source(error))?;
        let oauth = oauth2::Client::new(ClientId::new(app.client_id.clone()))
            .set_client_secret(ClientSecret::new(app.client_secret.expose_secret().to_owned()))
            .set_auth_uri(AuthUrl::from_url(url("/api/oauth2/auth")?))
            .set_token_uri(TokenUrl::from_url(url("/api/oauth2/token")?))
            .set_redirect_uri(redirect)
            // In the header they do not work at Exact.
            .set_auth_type(AuthType::RequestBody);
        Ok(Self { oauth, transport, notices })
    }

    /// Where what goes wrong is told.
    pub(super) fn notices(&self) -> &Notices {
        &self.notices
    }

    /// The redirect URL as the app gives it.
    pub(crate) fn redirect_url(&self) -> &str {
        self.oauth.redirect_uri().map_or("", |url| url.as_str())
    }

    /// Where to send the user for consent.
    pub(crate) fn authorize_url(&self, state: &str) -> Url {
        self.oauth.authorize_url(|| CsrfToken::new(state.to_owned())).url().0
    }

    pub(super) async fn exchange(&self, code: &SecretString) -> Result<TokenPair, Refusal> {
        let code = AuthorizationCode::new(code.expose_secret().to_owned());
        pair(self.oauth.exchange_code(code).request_async(self).await)
    }

    pub(super) async fn refresh(&self, token: &SecretString) -> Result<TokenPair, Refusal> {
        let token = RefreshToken::new(token.expose_secret().to_owned());
        pair(self.oauth.exchange_refresh_token(&token).request_async(self).await)
    }

    async fn post(&self, request: HttpRequest) -> Result<HttpResponse, Failed> {
        let sent = self.notices.now();
        let reply = self.transport.post_form(request, TIMEOUT).await.map_err(|error| {
            Failed(if error.may_have_applied() { Refusal::Unknown(error) } else { Refusal::NotSent(error) })
        })?;
        self.notices.check_clock(sent, &reply.headers);
        if !reply.status.is_success() {
            return Err(Failed(refusal(&reply)));
        }
        let mut response = HttpResponse::new(reply.body.to_vec());
        *response.status_mut() = http::StatusCode::OK;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for TokenEndpoint {
    type Error = Failed;
    type Future = BoxFuture<'c, Result<HttpResponse, Failed>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.post(request))
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpoint").finish_non_exhaustive()
    }
}

/// What the oauth2 crate hands through from our own transport.
#[derive(Debug, thiserror::Error)]
#[error("the token call failed")]
pub(crate) struct Failed(Refusal);

fn pair(
    result: Result<ExactToken, RequestTokenError<Failed, BasicErrorResponse>>,
) -> Result<TokenPair, Refusal> {
    let token = match result {
        Ok(token) => token,
        Err(RequestTokenError::Request(Failed(refusal))) => return Err(refusal),
        // The body holds a pair of tokens: neither it nor the parser's message may go on from here.
        Err(_) => return Err(Refusal::Unknown(unreadable())),
    };
    let Some(refresh_token) = &token.refresh_token else { return Err(Refusal::Unknown(unreadable())) };
    Ok(TokenPair {
        access_token: SecretString::from(token.access_token.secret().as_str()),
        refresh_token: SecretString::from(refresh_token.secret().as_str()),
        lifetime: token.lifetime.0,
    })
}

fn unreadable() -> Error {
    operation(Error::new(
        ErrorKind::Decode,
        "the token endpoint answered with something that is no pair of tokens",
    ))
    .with_retry(Retry::Backoff)
}

fn operation(error: Error) -> Error {
    error.with_operation("POST oauth2/token")
}

/// Reads a refusal from whatever the endpoint sent: JSON, plain text, HTML or nothing.
fn refusal(reply: &Reply) -> Refusal {
    let status = reply.status.as_u16();
    let body: ErrorBody = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = bounded_text(&reply.body);
    let known = reply.reason().and_then(Cause::from_reason);
    let is_answer = reply.status.is_client_error() && status != 408 && status != 429;
    if !is_answer && known.is_none() {
        let error = Error::new(ErrorKind::Unavailable, format!("the token endpoint answered {status}"));
        return Refusal::Unknown(operation(error).with_status(status));
    }
    let description = body.error_description.as_deref().unwrap_or(&text);
    let cause =
        known.unwrap_or_else(|| Cause::from_token_error(body.error.as_deref().unwrap_or(""), description));
    let retry = match cause {
        Cause::TooEarly => Retry::After(EARLIEST),
        _ => Retry::Never,
    };
    let error = Error::auth(cause).with_status(status).with_retry(retry);
    let error = if description.is_empty() { error } else { error.with_source(description.to_owned()) };
    Refusal::Refused(cause, operation(error))
}

#[derive(Default, Deserialize)]
struct ErrorBody {
    error: Option<String>,
    error_description: Option<String>,
}

/// Exact's token response: `expires_in` is text, or a number.
#[derive(Debug, Serialize, Deserialize)]
struct ExactToken {
    access_token: AccessToken,
    #[serde(
        default = "bearer",
        deserialize_with = "oauth2::helpers::deserialize_untagged_enum_case_insensitive"
    )]
    token_type: BasicTokenType,
    #[serde(rename = "expires_in", default)]
    lifetime: Lifetime,
    refresh_token: Option<RefreshToken>,
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

impl TokenResponse for ExactToken {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        Some(self.lifetime.0)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(from = "Seconds")]
struct Lifetime(Duration);

impl Default for Lifetime {
    fn default() -> Self {
        Self(LIFETIME)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl From<Seconds> for Lifetime {
    fn from(seconds: Seconds) -> Self {
        let seconds = match seconds {
            Seconds::Number(seconds) => Some(seconds),
            Seconds::Text(text) => text.trim().parse().ok(),
            Seconds::Other(_) => None,
        };
        seconds.map_or_else(Self::default, |seconds| Self(Duration::from_secs(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expires_in_is_read_as_text_and_as_a_number() {
        for (json, seconds) in [
            (r#"{"access_token":"a","token_type":"Bearer","expires_in":"600","refresh_token":"r"}"#, 600),
            (r#"{"access_token":"a","token_type":"bearer","expires_in":540,"refresh_token":"r"}"#, 540),
            (r#"{"access_token":"a","expires_in":null,"refresh_token":"r"}"#, 600),
            (r#"{"access_token":"a","expires_in":"soon"}"#, 600),
        ] {
            let token: ExactToken = serde_json::from_str(json).unwrap();
            assert_eq!(token.lifetime.0, Duration::from_secs(seconds), "{json}");
        }
    }
}
