//! `serve`: one process that keeps the grants of its tenants alive, runs their flows on a schedule and on webhooks,
//! and tells people what goes wrong.
//!
//! Tenants do not wait for each other. Everything that must outlive the process is in their stores: hints that were
//! answered, the alerts that are open or were not taken yet, when each flow last came through, and which events came.

mod business;
mod echoes;
mod hints;
pub(crate) mod memory;
mod receive;
mod schedule;
mod seen;
mod subscribe;
mod tenant;
mod topics;

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono::TimeDelta;
use exact_client::Heartbeat;
use sync_core::flow::Flow;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use self::business::Business;
use self::echoes::Echoes;
use self::hints::Hints;
use self::receive::{Desk, Desks};
pub use self::schedule::{Look, Place, Rhythm, Schedule};
use self::seen::Seen;
use self::subscribe::Subscriber;
use self::tenant::{Stop, Worker, stopped};
use crate::alert::{Board, GrantBell, Health, Post, lapsed, missing};
use crate::config::{Config, Endpoint, ServeConfig};
use crate::connect::{App, ConnectOptions, Connections, connect};
use crate::error::{Error, Result};

/// The first passes of tenants come so far apart.
const STAGGER: Duration = Duration::from_millis(200);
/// How long the last alerts may take once everything else has stopped.
const LAST_ALERTS: Duration = Duration::from_secs(5);

/// Everything that runs, ready to.
#[derive(Debug)]
#[must_use]
pub struct Server {
    tenants: Vec<Tenant>,
    listener: Option<TcpListener>,
    posts: Vec<(Post, JoinHandle<()>)>,
}

#[derive(Debug)]
struct Tenant {
    worker: Worker,
    board: Arc<Board>,
    rhythms: Vec<(String, Rhythm)>,
    desk: Desk,
    subscriber: Option<Subscriber>,
}

impl Server {
    /// Opens stores, clients and the address for webhooks. Makes no call to any vendor.
    ///
    /// # Errors
    /// Two tenants of one name or with different `serve.listen`; a store or an address that cannot be opened.
    pub async fn prepare(configs: Vec<Config>, options: &ConnectOptions) -> Result<Self> {
        let listener = listen(&configs).await?;
        let mut server = Self { tenants: Vec::new(), listener, posts: Vec::new() };
        let mut posts: BTreeMap<String, Post> = BTreeMap::new();
        let options = &ConnectOptions { connections: Some(Connections::new()?), ..options.clone() };
        for config in configs {
            if server.tenants.iter().any(|tenant| tenant.worker.app.tenant() == &config.tenant) {
                let message = format!("two config files are of the tenant {}", config.tenant);
                return Err(Error::config("tenant", message, "give each customer a name of its own"));
            }
            let post = match &config.alerts.endpoint {
                Some(endpoint) => Some(server.post(&mut posts, endpoint, options)?),
                None => None,
            };
            server.tenants.push(Tenant::prepare(config, options, post).await?);
        }
        Ok(server)
    }

    /// Tenants that tell the same endpoint share the way there.
    fn post(
        &mut self,
        posts: &mut BTreeMap<String, Post>,
        endpoint: &Endpoint,
        options: &ConnectOptions,
    ) -> Result<Post> {
        if let Some(post) = posts.get(endpoint.url()) {
            return Ok(post.clone());
        }
        let (post, delivery) = Post::open(endpoint, Arc::clone(&options.clock))?;
        self.posts.push((post.clone(), delivery));
        posts.insert(endpoint.url().to_owned(), post.clone());
        Ok(post)
    }

    /// Whom it works for, in the order of the config files.
    #[must_use]
    pub fn tenants(&self) -> Vec<String> {
        self.tenants.iter().map(|tenant| tenant.worker.app.tenant().to_string()).collect()
    }

    /// Where webhooks come in.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Runs until `shutdown` is done. Passes in hand then have `serve.grace_seconds` to come to their end.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let (stop, watched) = watch::channel(false);
        let mut work = JoinSet::new();
        let mut desks = BTreeMap::new();
        // Boards stay until what they owe was fetched.
        let (mut apps, mut boards) = (Vec::new(), Vec::new());
        for (late, tenant) in (0..).zip(self.tenants) {
            let app = tenant.worker.app.clone();
            desks.insert(app.tenant().to_string(), tenant.desk);
            if let Some(subscriber) = tenant.subscriber {
                work.spawn(subscriber.run(watched.clone()));
            }
            work.spawn(heartbeat(app.clone(), watched.clone()));
            work.spawn(tenant.worker.clone().look(watched.clone()));
            work.spawn(tenant.worker.passes(tenant.rhythms, STAGGER * late, watched.clone()));
            apps.push(app);
            boards.push(tenant.board);
        }
        let desks = Arc::new(desks);
        if let Some(listener) = self.listener {
            work.spawn(receive_at(listener, Arc::clone(&desks), watched));
        }
        shutdown.await;
        // Nobody listening means that everything ended already.
        let _ = stop.send(true);
        while work.join_next().await.is_some() {}
        for desk in desks.values() {
            if let Err(error) = desk.seen.keep().await {
                tracing::warn!(%error, "a webhook that comes again costs the next process a look");
            }
        }
        for app in apps {
            app.finish().await;
        }
        for (post, _) in &self.posts {
            post.close();
        }
        for (_, delivery) in self.posts {
            let ending = delivery.abort_handle();
            if tokio::time::timeout(LAST_ALERTS, delivery).await.is_err() {
                ending.abort();
                tracing::warn!(
                    "the last alerts were not delivered; the next start sends those that still stand"
                );
            }
        }
    }
}

async fn listen(configs: &[Config]) -> Result<Option<TcpListener>> {
    let mut addresses = configs.iter().filter_map(|config| config.serve.listen);
    let Some(address) = addresses.next() else { return Ok(None) };
    if let Some(other) = addresses.find(|other| *other != address) {
        let message = format!("one process listens at one address, and {address} and {other} are configured");
        return Err(Error::config("serve.listen", message, "name the same one in every file"));
    }
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Error::failed("listen", format!("cannot listen at {address}: {error}"))
            .at("serve.listen")
            .remedy("free the port, or use another one")
    })?;
    Ok(Some(listener))
}

impl Tenant {
    async fn prepare(config: Config, options: &ConnectOptions, post: Option<Post>) -> Result<Self> {
        let bell = GrantBell::default();
        let app = connect(&config, options.clone().grant_hook(Arc::new(bell.clone()))).await?;
        let board = Board::open(app.clone(), post).await?;
        bell.hang_on(&board);
        name_dead_grants(&app, &board).await?;
        let app = app.deletions_every(config.serve.whole());
        let rhythms = rhythms(&config.serve, app.flows());
        let percent = config.alerts.budget_percent;
        let health = Health::open(app.clone(), Arc::clone(&board), percent, rhythms.clone()).await?;
        let hints = Arc::new(Hints::open(app.clone()).await?);
        let business = Business::open(&config, app.clone(), Arc::clone(&board)).await?;
        let echoes = Arc::new(Echoes::new(app.clone()));
        let deaf = Arc::new(AtomicBool::new(false));
        let subscriber = Subscriber::new(&app, &board, &hints, &deaf, &config.serve);
        let worker = Worker {
            app: app.clone(),
            hints: Arc::clone(&hints),
            echoes: Arc::clone(&echoes),
            health: Arc::new(health),
            business: business.map(Arc::new),
            deaf,
            grace: config.serve.grace,
        };
        let seen = Seen::open(app.clone()).await?;
        let desk = Desk { app, config: config.serve, hints, echoes, seen };
        Ok(Self { worker, board, rhythms, desk, subscriber })
    }
}

/// Where webhooks tell of Exact, payments are asked for all the same.
fn rhythms(serve: &ServeConfig, flows: &[Flow]) -> Vec<(String, Rhythm)> {
    let delta = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
    let whole = delta(serve.whole());
    let paid = |name: &str| flows.iter().any(|flow| flow.name == name && topics::awaits_payments(flow));
    let rhythm = |(flow, every): (&String, &Duration)| {
        let news = if serve.exact.is_some() && paid(flow) { serve.payments.min(*every) } else { *every };
        (flow.clone(), Rhythm { every: delta(*every), news: delta(news), whole })
    };
    serve.intervals.iter().map(rhythm).collect()
}

/// Grants that are missing, or lapsed while no process ran, are named before anything is tried with them.
async fn name_dead_grants(app: &App, board: &Arc<Board>) -> Result<()> {
    for grant in app.grants() {
        match grant.client.grant().await? {
            None => board.raise(missing(&grant.config.name)),
            Some(stored) if stored.lapses_at <= board.now() => {
                board.raise(lapsed(&grant.config.name, stored.lapses_at));
            }
            Some(_) => {}
        }
    }
    board.keep().await;
    Ok(())
}

async fn heartbeat(app: App, mut stop: Stop) {
    let clients = app.grants().iter().map(|grant| grant.client.clone());
    Heartbeat::new(clients).run(stopped(&mut stop)).await;
}

async fn receive_at(listener: TcpListener, desks: Desks, mut stop: Stop) {
    let serving = axum::serve(listener, receive::router(desks)).into_future();
    // What a sender gets no answer to, it sends again.
    tokio::select! {
        ended = serving => tracing::error!(?ended, "webhooks are not received any more"),
        () = stopped(&mut stop) => {}
    }
}
