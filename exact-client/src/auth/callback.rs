//! The little server that a browser comes back to.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::time::{timeout, timeout_at};

use super::consent::Consent;
use super::grant::Grant;
use crate::error::{Error, ErrorKind, Result};

/// The longest request head that is read.
const LONGEST_HEAD: usize = 16 * 1024;
/// How long one connection may take to send it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that may wait at the same time: browsers open some in advance.
const CONNECTIONS: usize = 32;

/// Waits for the browser of a [`Consent`], which [`listen`](Consent::listen) made.
#[derive(Debug)]
pub struct Callback {
    consent: Consent,
    listener: TcpListener,
    path: String,
}

impl Consent {
    /// Listens for the browser at this address of this machine. Needs the feature `consent`.
    ///
    /// Requests to the app's redirect URL must arrive here: as the redirect URL itself where it is on loopback,
    /// otherwise through a proxy or a tunnel that ends TLS. Exact registers `https` redirect URLs alone.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) where the address is in use or not this machine's.
    pub async fn listen(self, address: impl ToSocketAddrs) -> Result<Callback> {
        let path = self.client().redirect_url()?.path().to_owned();
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Error::config("cannot listen for the browser at this address")
                .with_remedy("free the port, or listen at another one and register that redirect URL")
                .with_source(error)
        })?;
        Ok(Callback { consent: self, listener, path })
    }
}

impl Callback {
    /// Where it listens.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) where the system does not say.
    pub fn address(&self) -> Result<SocketAddr> {
        self.listener.local_addr().map_err(broken)
    }

    /// The consent, whose [`url`](Consent::url) the user has to open.
    #[must_use]
    pub fn consent(&self) -> &Consent {
        &self.consent
    }

    /// Waits for the user, stores the grant, and tells the browser how it went. What else arrives is turned away and
    /// changes nothing: another path, a longer request, an answer with a state that is not ours.
    ///
    /// Dropping the future stops listening; a token call that is under way runs to its end.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout) where nobody came within `patience`; otherwise those of
    /// [`Consent::finish`].
    pub async fn wait(self, patience: Duration) -> Result<Grant> {
        let (mut stream, code) = timeout(patience, self.answer()).await.map_err(|_| {
            Error::new(ErrorKind::Timeout, "nobody gave consent in time")
                .with_remedy("start again, and open the address in a browser at once")
        })??;
        let granted = match code {
            Ok(code) => self.consent.client().exchange_code(code).await,
            Err(error) => Err(error),
        };
        let page = match &granted {
            Ok(_) => page("200 OK", "Connected", "The consent is stored. You can close this window."),
            Err(error) => page("200 OK", "Not connected", &escaped(&error.to_string())),
        };
        say(&mut stream, &page).await;
        granted
    }

    /// The first request with our state, and the code in it.
    async fn answer(&self) -> Result<(TcpStream, Result<SecretString>)> {
        let mut reading = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if reading.len() < CONNECTIONS => {
                    reading.push(self.read(accepted.map_err(broken)?.0));
                }
                Some(answer) = reading.next() => {
                    if let Some(answer) = answer {
                        return Ok(answer);
                    }
                }
            }
        }
    }

    /// Reads one request. What is not for us is answered here.
    async fn read(&self, mut stream: TcpStream) -> Option<(TcpStream, Result<SecretString>)> {
        let head = head(&mut stream).await?;
        let refused = match target(&head) {
            Some((path, query)) if path == self.path => match self.consent.code(query) {
                Err(error) if error.kind() == ErrorKind::Config => {
                    page("400 Bad Request", "Not connected", &escaped(&error.to_string()))
                }
                code => return Some((stream, code)),
            },
            Some(_) => {
                page("404 Not Found", "Nothing here", "This address only takes an answer to a consent.")
            }
            None => page("405 Method Not Allowed", "Nothing here", "This address only takes GET."),
        };
        say(&mut stream, &refused).await;
        None
    }
}

/// The head of a request, unless it is too long, too slow or cut short.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = timeout_at(deadline, stream.read(&mut piece)).await.ok()?.ok()?;
        if read == 0 || head.len() + read > LONGEST_HEAD {
            return None;
        }
        head.extend_from_slice(piece.get(..read)?);
    }
    String::from_utf8(head).ok()
}

/// Path and query of a GET.
fn target(head: &str) -> Option<(&str, &str)> {
    let target = head.lines().next()?.strip_prefix("GET ")?.split(' ').next()?;
    Some(target.split_once('?').unwrap_or((target, "")))
}

fn page(status: &str, title: &str, text: &str) -> String {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <body style=\"font:1.1rem system-ui;max-width:32rem;margin:20vh auto\"><h1>{title}</h1><p>{text}</p>"
    );
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The browser may be gone, which changes nothing.
async fn say(stream: &mut TcpStream, page: &str) {
    let _ = timeout(PATIENCE, stream.write_all(page.as_bytes())).await;
    let _ = timeout(PATIENCE, stream.shutdown()).await;
}

fn broken(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, "listening for the browser failed").with_source(error)
}
