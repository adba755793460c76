//! `auth login`: consent through the browser.

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use axum::routing::get;
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::Url;
use uuid::Uuid;

use super::grant;
use crate::config::{Config, is_loopback};
use crate::connect::App;
use crate::error::{Error, Result};
use crate::output::Outcome;

pub(super) async fn run(app: &App, config: &Config, name: Option<&str>) -> Result<Outcome> {
    let grant = app.grant(name)?;
    let state = Uuid::new_v4().simple().to_string();
    let address = grant.client.authorize_url(&state);
    let redirect = &config.exact.redirect_url;
    let answer = if is_loopback(redirect) && redirect.scheme() == "http" {
        listen(redirect, &address).await?
    } else {
        paste(&address)?
    };
    let code = code(&answer, &state)?;
    let stored = grant.client.exchange_code(code).await?;
    app.refuse_shared_grants().await?;
    grant::refuse_out_of_scope(grant, &stored)?;
    let user = stored.user.as_ref().map_or("", |user| user.name.as_str());
    let text = format!("The grant {} of {user} is stored.", grant.config.name);
    let document = grant::document(grant, Some(&stored), app.clock().now());
    Ok(Outcome::new(text, json!({ "grant": document })))
}

/// Waits for the browser to come back to the redirect URL, which is on this machine.
async fn listen(redirect: &Url, address: &Url) -> Result<String> {
    let wrong = |error: io::Error| {
        Error::failed("callback", format!("cannot listen at {redirect}: {error}"))
            .at("exact.redirect_url")
            .remedy("free the port, or register another one")
    };
    let sockets: Vec<SocketAddr> = redirect.socket_addrs(|| Some(80)).map_err(wrong)?;
    let listener = TcpListener::bind(sockets.as_slice()).await.map_err(wrong)?;
    let (sender, mut answers) = mpsc::channel(1);
    let router = Router::new().route(redirect.path(), get(callback)).with_state(sender);
    say(&format!("Open this address in a browser and give consent:\n\n{address}\n"));
    tokio::select! {
        served = axum::serve(listener, router) => {
            Err(served.err().map_or_else(|| Error::failed("callback", "the callback server stopped"), wrong))
        }
        answer = answers.recv() => {
            answer.ok_or_else(|| Error::failed("callback", "the callback server stopped"))
        }
        _ = tokio::signal::ctrl_c() => Err(Error::failed("interrupted", "no consent was given")),
    }
}

async fn callback(
    State(sender): State<mpsc::Sender<String>>,
    RawQuery(query): RawQuery,
) -> Html<&'static str> {
    // A second visit changes nothing: the first answer is being worked on.
    let _ = sender.try_send(query.unwrap_or_default());
    Html("<!doctype html><title>Done</title><p>You can close this window and go back to the terminal.")
}

/// Asks a person for the address that the browser ended at.
fn paste(address: &Url) -> Result<String> {
    say(&format!(
        "Open this address in a browser and give consent:\n\n{address}\n\nThen paste the address that the browser ended at:"
    ));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(|error| Error::failed("callback", error.to_string()))?;
    let url = Url::parse(line.trim()).ok();
    url.and_then(|url| url.query().map(str::to_owned)).ok_or_else(|| {
        Error::failed("callback", "that is no address with a code in it")
            .remedy("paste the whole address, from https:// to the end")
    })
}

/// The code of a consent whose `state` is ours.
fn code(query: &str, state: &str) -> Result<SecretString> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if value("state") != Some(state) {
        let message = "the answer belongs to another request for consent";
        return Err(Error::failed("callback", message).remedy("start `auth login` again"));
    }
    if let Some(error) = value("error") {
        return Err(Error::failed("auth", format!("consent was not given: {error}"))
            .remedy("start `auth login` again"));
    }
    value("code").map(SecretString::from).ok_or_else(|| {
        Error::failed("callback", "the answer holds no code").remedy("start `auth login` again")
    })
}

/// To standard error: standard output is for the outcome.
fn say(text: &str) {
    // Nobody is there to read it where this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_code_is_taken_only_with_our_state() {
        assert_eq!(code("code=a%2Fb&state=s", "s").unwrap().expose_secret(), "a/b");
        for (query, kind) in [
            ("code=a", "callback"),
            ("code=a&state=t", "callback"),
            ("state=s", "callback"),
            ("error=access_denied&state=s", "auth"),
            ("error=access_denied&state=t", "callback"),
        ] {
            assert_eq!(code(query, "s").unwrap_err().kind(), kind, "{query}");
        }
    }
}
