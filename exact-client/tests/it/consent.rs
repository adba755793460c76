//! Consent, by the local callback and by a pasted address.

use std::net::SocketAddr;
use std::time::Duration;

use exact_client::{Cause, Client, ErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wiremock::MockServer;

use crate::auth::{refusal, token_answer};
use crate::support::{TestClock, builder, count, me, tokens};

async fn ready() -> (MockServer, Client) {
    let server = MockServer::start().await;
    tokens(&server, 1).await;
    me(&server).await;
    let client = builder(&server, &TestClock::new()).build().unwrap();
    (server, client)
}

fn state(consent: &exact_client::Consent) -> String {
    let found = consent.url().query_pairs().find(|(name, _)| name == "state");
    found.unwrap().1.into_owned()
}

#[tokio::test]
async fn a_pasted_address_becomes_a_grant() {
    let (_server, client) = ready().await;
    let consent = client.consent();
    let address = format!(" https://example.com/callback?code=a%21b&state={}\n", state(&consent));
    let grant = consent.finish(&address).await.unwrap();
    assert_eq!(grant.user.unwrap().name, "Ans de Boer");
}

#[tokio::test]
async fn an_answer_that_is_not_ours_costs_no_call_and_says_what_is_wrong() {
    let (server, client) = ready().await;
    let consent = client.consent();
    let ours = state(&consent);
    let cases = [
        ("no address".to_owned(), ErrorKind::Config, "paste the whole address"),
        ("https://example.com/callback?code=c".to_owned(), ErrorKind::Config, "another request"),
        ("https://example.com/callback?code=c&state=x".to_owned(), ErrorKind::Config, "another request"),
        (format!("https://example.com/other?code=c&state={ours}"), ErrorKind::Config, "example.com/callback"),
        (format!("https://evil.example/callback?code=c&state={ours}"), ErrorKind::Config, "registration"),
        (format!("https://example.com/callback?state={ours}"), ErrorKind::Config, "no code"),
        (
            format!("https://example.com/callback?error=access_denied&state={ours}"),
            ErrorKind::Auth,
            "consent was not given: access_denied",
        ),
    ];
    for (address, kind, says) in cases {
        let error = consent.finish(&address).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{address}: {error}");
        assert!(error.to_string().contains(says), "{address}: {error}");
        assert!(!format!("{error:?}").contains(&ours), "{address}: {error:?}");
    }
    assert_eq!(count(&server, "/token").await, 0);
    let address = format!("https://example.com/callback?code=c&state={ours}");
    consent.finish(&address).await.unwrap();
}

#[tokio::test]
async fn two_consents_have_two_states_and_debug_shows_none() {
    let (_server, client) = ready().await;
    let (one, other) = (client.consent(), client.consent());
    assert_ne!(state(&one), state(&other));
    assert!(state(&one).len() >= 20);
    assert!(!format!("{one:?}").contains(&state(&one)));
}

#[tokio::test]
async fn a_refused_code_names_the_redirect_url_that_must_be_the_registered_one() {
    let server = MockServer::start().await;
    token_answer(&server, refusal(400, "invalid_request", "")).await;
    let client = builder(&server, &TestClock::new()).build().unwrap();
    let error = client.exchange_code("code".into()).await.unwrap_err();
    assert_eq!(error.cause(), Some(Cause::SecretWrong));
    assert!(error.to_string().contains("redirect URL (https://example.com/callback)"), "{error}");
}

/// Sends these bytes and reads the answer to its end.
async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may hang up in the middle of a request that is too long.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[tokio::test]
async fn the_callback_takes_the_browser_and_turns_everything_else_away() {
    let (server, client) = ready().await;
    let callback = client.consent().listen("127.0.0.1:0").await.unwrap();
    let (address, state) = (callback.address().unwrap(), state(callback.consent()));
    let waiting = tokio::spawn(callback.wait(Duration::from_secs(60)));
    let idle = TcpStream::connect(address).await.unwrap();
    let long = format!("/callback?code={}&state={state}", "x".repeat(20_000));
    for (request, starts) in [
        (get("/favicon.ico"), "HTTP/1.1 404"),
        (get("/callback?code=c&state=forged"), "HTTP/1.1 400"),
        (get("/callback"), "HTTP/1.1 400"),
        (get(&long), ""),
        (format!("POST /callback?code=c&state={state} HTTP/1.1\r\n\r\n"), "HTTP/1.1 405"),
        ("\u{0}\r\n\r\n".to_owned(), "HTTP/1.1 405"),
    ] {
        let answer = ask(address, &request).await;
        assert!(answer.starts_with(starts), "{starts}: {answer}");
    }
    assert_eq!(count(&server, "/token").await, 0);
    let answer = ask(address, &get(&format!("/callback?code=c&state={state}"))).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("You can close this window"), "{answer}");
    let grant = waiting.await.unwrap().unwrap();
    assert_eq!(grant.generation, 1);
    drop(idle);
}

#[tokio::test]
async fn a_user_who_declines_ends_the_wait_and_is_shown_no_markup_of_strangers() {
    let (server, client) = ready().await;
    let callback = client.consent().listen("127.0.0.1:0").await.unwrap();
    let (address, state) = (callback.address().unwrap(), state(callback.consent()));
    let waiting = tokio::spawn(callback.wait(Duration::from_secs(60)));
    let answer = ask(address, &get(&format!("/callback?error=%3Cscript%3E&state={state}"))).await;
    assert!(answer.contains("&lt;script&gt;") && !answer.contains("<script>"), "{answer}");
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::Auth);
    assert_eq!(count(&server, "/token").await, 0);
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_told() {
    let (_server, client) = ready().await;
    let callback = client.consent().listen("127.0.0.1:0").await.unwrap();
    let error = callback.wait(Duration::from_millis(5)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_port_in_use_says_so() {
    let (_server, client) = ready().await;
    let first = client.consent().listen("127.0.0.1:0").await.unwrap();
    let error = client.consent().listen(first.address().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.remedy().unwrap().contains("free the port"), "{error}");
}
