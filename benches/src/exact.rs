//! An Exact without sockets: answers that cost next to nothing, so that what is measured is the client.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use exact_client::{
    Account, App, Client, Clock, Country, Edm, Entity, HttpTransport, Outgoing, Property, Result,
    TransportError,
};
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::time::Instant;

/// What is in the office besides tokens and divisions.
pub trait Answer: Debug + Send + Sync + 'static {
    /// The answer to a call in a division.
    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes>;
}

/// Gives out tokens, knows its user and its one division, and leaves everything else to an [`Answer`].
#[derive(Debug)]
pub struct Office<A> {
    answer: A,
    tokens: AtomicU64,
    token_time: Duration,
}

impl<A: Answer> Office<A> {
    /// An office whose token calls take so long.
    #[must_use]
    pub fn new(answer: A, token_time: Duration) -> Arc<Self> {
        Arc::new(Self { answer, tokens: AtomicU64::new(0), token_time })
    }

    /// Token calls so far.
    #[must_use]
    pub fn token_calls(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    async fn tokens(&self) -> Response<Bytes> {
        let number = self.tokens.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(self.token_time).await;
        json_answer(&json!({
            "access_token": format!("access-{number}"), "token_type": "bearer", "expires_in": "600",
            "refresh_token": format!("refresh-{number}"),
        }))
    }
}

#[async_trait]
impl<A: Answer> HttpTransport for Office<A> {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let path = outgoing.request.uri().path();
        Ok(match path {
            "/api/oauth2/token" => self.tokens().await,
            "/api/v1/current/Me" => {
                let id = "00000000-0000-4000-8000-000000000001";
                json_answer(&json!({"d": [{"UserID": id, "CurrentDivision": 1}]}))
            }
            path if path.ends_with("/system/Divisions") => json_answer(&json!({"d": [{"Code": 1}]})),
            _ => self.answer.answer(&outgoing.request),
        })
    }
}

fn json_answer(body: &Value) -> Response<Bytes> {
    Response::new(body.to_string().into())
}

/// Time as tokio sees it. Where tokio's clock is paused, it goes on to the next timer whenever nobody has work to do.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    start: DateTime<Utc>,
    origin: Instant,
}

impl TokioClock {
    /// A clock that shows `start` now.
    #[must_use]
    pub fn starting(start: DateTime<Utc>) -> Self {
        Self { start, origin: Instant::now() }
    }
}

#[async_trait]
impl Clock for TokioClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::from_std(self.monotonic()).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A client with a grant, over that transport.
///
/// # Errors
/// Those of building a client and of importing a grant.
pub async fn client(
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    app: App,
    refresh_token: &str,
) -> Result<Client> {
    let client = Client::builder(app, Country::Nl).transport(transport).clock(clock).build()?;
    client.import_refresh_token(refresh_token.into()).await?;
    Ok(client)
}

/// The app of an [`Office`].
#[must_use]
pub fn office_app() -> App {
    App {
        client_id: "bench".to_owned(),
        client_secret: "bench".into(),
        redirect_url: "https://example.com/callback".to_owned(),
    }
}

/// A page of so many accounts from that number on, each with all the properties of a plain read.
#[must_use]
pub fn accounts_page(first: u32, rows: u32, next: Option<&str>) -> String {
    let accounts: Vec<Value> = (first..first + rows).map(account).collect();
    json!({"d": {"results": accounts, "__next": next}}).to_string()
}

fn account(number: u32) -> Value {
    let mut row = serde_json::Map::new();
    let uri = format!("https://start.exactonline.nl/api/v1/1/crm/Accounts(guid'{number}')");
    row.insert("__metadata".to_owned(), json!({"uri": uri, "type": "Exact.Web.Api.Models.CRM.Account"}));
    for property in Account::RESOURCE.properties() {
        row.insert(property.name().to_owned(), value(property, number));
    }
    Value::Object(row)
}

/// A plausible value; one property in three is `null`, as in real books.
fn value(property: &Property, number: u32) -> Value {
    match property.edm() {
        Edm::Guid => json!(format!("00000000-0000-4000-8000-{number:012}")),
        Edm::Int64 => json!((u64::from(number) + 1).to_string()),
        _ if property.name().len().is_multiple_of(3) => Value::Null,
        Edm::Text => json!(format!("{} {number}", property.name())),
        Edm::Boolean => json!(number.is_multiple_of(2)),
        Edm::Double => json!(f64::from(number)),
        Edm::Date | Edm::Moment => json!(format!("/Date({})/", 1_782_404_464_260_u64 + u64::from(number))),
        _ => json!(number % 2),
    }
}
