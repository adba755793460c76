//! Sockets. A connection that is to be dropped is dropped without an answer.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::form_urlencoded;

use super::control::{Controlled, routes};
use super::door::{Door, Ending};
use super::message::{Reply, Request};

/// Both vendors refuse larger bodies; Exact documents 10 MB.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// A listening vendor. Dropping it closes the address and every connection.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    /// Where callers find it: its own address, or that of a front before it.
    base_url: String,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start<V: Controlled>(listener: TcpListener, door: Arc<Door<V>>) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let router = routes::<V>().fallback(enter::<V>).with_state(door);
        let base_url = format!("http://{address}");
        Ok(Self { address, base_url, task: tokio::spawn(accept(listener, router)) })
    }

    pub(crate) fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// Lets callers come through a front, which gives this vendor an address of its own.
    pub(crate) async fn put_behind(&mut self, front: &str) -> reqwest::Result<()> {
        let asked = reqwest::Client::new().post(front).query(&[("upstream", self.address.to_string())]);
        self.base_url = asked.send().await?.error_for_status()?.text().await?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone()));
                }
                Err(error) => tracing::warn!(%error, "connection not accepted"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, router: Router) {
    // Small answers would otherwise wait for the peer's acknowledgement.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let answer = router.call(request);
        async move {
            let response = match answer.await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            // An error is how hyper is told to close without an answer.
            if response.extensions().get::<Dropped>().is_some() { Err(Dropped) } else { Ok(response) }
        }
    });
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "connection ended");
    }
}

/// Marks a response that is never sent.
#[derive(Clone, Copy, Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

async fn enter<V: Controlled>(State(door): State<Arc<Door<V>>>, request: HttpRequest) -> Response<Body> {
    let Some(request) = read(request).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let (method, path) = (request.method.clone(), request.path.clone());
    match door.take(request).await {
        Ending::Answered(reply) => {
            tracing::debug!(%method, path, status = reply.status.as_u16(), "answered");
            Reply::into_response(reply)
        }
        Ending::Dropped => {
            tracing::debug!(%method, path, "connection dropped");
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(Dropped);
            response
        }
        Ending::Hanging => {
            tracing::debug!(%method, path, "left without an answer");
            std::future::pending().await
        }
    }
}

/// Takes a request without a socket. `None` where its connection would have been dropped.
pub(crate) async fn answer<V: Controlled>(
    door: &Door<V>,
    request: axum::http::Request<Bytes>,
) -> Option<Response<Bytes>> {
    match door.take(read(request.map(Body::from)).await?).await {
        Ending::Answered(reply) => Some(reply.into_bytes()),
        Ending::Dropped => None,
        Ending::Hanging => std::future::pending().await,
    }
}

async fn read(request: HttpRequest) -> Option<Request> {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default();
    Some(Request {
        method: head.method,
        path: decoded(head.uri.path()),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: head.headers,
        body: to_bytes(body, LARGEST_BODY).await.ok()?,
    })
}

/// A path with its percent signs resolved: `Accounts(guid%27…%27)` is `Accounts(guid'…')`.
fn decoded(path: &str) -> String {
    let kept = path.replace('+', "%2B").replace('&', "%26");
    form_urlencoded::parse(format!("path={kept}").as_bytes())
        .next()
        .map_or_else(|| path.to_owned(), |(_, value)| value.into_owned())
}
