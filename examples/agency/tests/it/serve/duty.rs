//! Somebody on duty: a server that runs, and the inbox that it tells.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agency::serve::Server;
use agency::{App, Config, ConnectOptions, connect};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use sandbox::{Clock, Company, Limits, Sandbox};
use serde_json::Value;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::lockstep::Lockstep;
use crate::office::Office;

/// Heartbeat, passes, the look at budgets, and the way to the inbox.
const TASKS: usize = 4;
pub(super) const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
/// In minutes.
pub(super) const DAY: u32 = 24 * 60;

/// What an endpoint got.
#[derive(Clone, Debug)]
pub(super) struct Inbox {
    pub(super) address: SocketAddr,
    letters: Arc<watch::Sender<Vec<Value>>>,
    down: Arc<AtomicBool>,
    /// The status of messages that it does not understand.
    pub(super) refuses: Arc<Mutex<Option<&'static str>>>,
}

impl Inbox {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let letters = Arc::new(watch::Sender::new(Vec::new()));
        let inbox = Self { address, letters, down: Arc::default(), refuses: Arc::default() };
        let router = Router::new().route("/hook/hush-hush", post(take)).with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        inbox
    }

    /// Whether it takes nothing from now on.
    pub(super) fn is_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    pub(super) fn letters(&self) -> Vec<Value> {
        self.letters.borrow().clone()
    }

    /// The letters, once there are so many.
    pub(super) async fn wait(&self, count: usize) -> Vec<Value> {
        let mut letters = self.letters.subscribe();
        let enough = letters.wait_for(|letters| letters.len() >= count);
        let enough = tokio::time::timeout(Duration::from_secs(20), enough).await;
        assert!(enough.is_ok(), "{count} letters are waited for: {:#?}", self.letters());
        self.letters()
    }
}

async fn take(State(inbox): State<Inbox>, Json(letter): Json<Value>) -> StatusCode {
    if inbox.refuses.lock().unwrap().is_some_and(|status| letter["status"] == status) {
        return StatusCode::BAD_REQUEST;
    }
    if inbox.down.load(Ordering::Relaxed) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    inbox.letters.send_modify(|letters| letters.push(letter));
    StatusCode::OK
}

#[derive(Debug)]
pub(super) struct Duty {
    pub(super) office: Office,
    pub(super) clock: Lockstep,
    pub(super) inbox: Inbox,
    /// What is added to the config.
    pub(super) extra: String,
    /// What follows its flows.
    pub(super) flows: String,
    /// Whether its CRM is HubSpot, not Pipedrive.
    pub(super) hubspot: bool,
    /// The name in its config.
    tenant: &'static str,
    /// Another customer, served by the same process.
    pub(super) neighbour: Option<Box<Duty>>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>, Option<SocketAddr>)>,
}

/// This morning: what a new day brings by itself comes in no test that does not wait for it.
fn morning() -> DateTime<Utc> {
    Utc::now().date_naive().and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(8)
}

impl Duty {
    /// With so many companies in Exact and a grant, and nobody on duty yet.
    pub(super) async fn new(companies: usize) -> Self {
        let duty = Self::without_grant(companies).await;
        let token = duty.office.sandbox.exact().refresh_token().to_owned();
        duty.consent(token).await;
        duty
    }

    /// The same, for all of so many divisions.
    pub(super) async fn with_divisions(companies: usize, divisions: u32) -> Self {
        let (vendors, office) = Self::office(companies, divisions, Clock::virtual_at(morning())).await;
        let duty = Self::around("default", Lockstep::new(vendors), office).await;
        let token = duty.exact().refresh_token().to_owned();
        duty.consent(token).await;
        duty
    }

    /// A port that was free a moment ago.
    pub(super) fn port() -> u16 {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    /// Webhooks of both sides, and what they are subscribed to.
    pub(super) fn webhooks() -> String {
        let port = Self::port();
        format!(
            r#"
[serve]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
exact_secret_env = "EXACT_HOOKS"
pipedrive_user = "pipedrive"
pipedrive_password_env = "PIPEDRIVE_HOOKS"
"#
        )
    }

    /// With so many companies in Exact, and nobody on duty yet.
    pub(super) async fn without_grant(companies: usize) -> Self {
        let (vendors, office) = Self::office(companies, 1, Clock::virtual_at(morning())).await;
        Self::around("default", Lockstep::new(vendors), office).await
    }

    /// Another customer with systems of their own, to be served beside this one.
    pub(super) async fn neighbour(&self, companies: usize) -> Self {
        let (_, office) = Self::office(companies, 1, self.clock.vendors()).await;
        let duty = Self::around("neighbour", self.clock.clone(), office).await;
        let token = duty.exact().refresh_token().to_owned();
        duty.consent(token).await;
        duty
    }

    async fn office(companies: usize, divisions: u32, vendors: Clock) -> (Clock, Office) {
        let companies = (0..companies)
            .map(|at| Company::new(format!("Bakkerij nummer {at}"), format!("{:08}", 20_000_000 + at)))
            .collect();
        let sandbox = Sandbox::builder().clock(vendors.clone()).companies(companies).limits(Limits::off());
        let sandbox = sandbox.divisions(divisions);
        (vendors, Office::around(sandbox.start().await.unwrap()))
    }

    async fn around(tenant: &'static str, clock: Lockstep, office: Office) -> Self {
        let inbox = Inbox::open().await;
        Self {
            office,
            clock,
            inbox,
            extra: String::new(),
            flows: String::new(),
            hubspot: false,
            tenant,
            neighbour: None,
            running: None,
        }
    }

    /// Every quarter of an hour, everything told to the inbox.
    fn text(&self) -> String {
        let Self { tenant, extra, flows, office, .. } = self;
        let divisions = format!("divisions = {:?}", office.sandbox.exact().divisions());
        let mut config = office.config().replace(&format!("divisions = [{}]", office.division()), &divisions);
        if self.hubspot {
            let (pipedrive, hubspot) = (office.sandbox.pipedrive(), office.sandbox.hubspot());
            config = config.replace("\"pipedrive\"", "\"hubspot\"");
            config = config.replace(&pipedrive.base_url(), &hubspot.base_url());
        }
        format!("tenant = \"{tenant}\"\n[alerts]\nurl_env = \"ALERTS\"\n{extra}\n{config}\n{flows}")
    }

    pub(super) fn config(&self) -> Config {
        let mut env: BTreeMap<&str, String> = self.office.env.clone();
        env.insert("ALERTS", format!("http://{}/hook/hush-hush", self.inbox.address));
        env.insert("EXACT_HOOKS", self.office.sandbox.exact().webhook_secret());
        env.insert("PIPEDRIVE_HOOKS", "open sesame".to_owned());
        env.insert("HUBSPOT_HOOKS", self.office.sandbox.hubspot().client_secret());
        if self.hubspot {
            env.insert("CRM_TOKEN", self.office.sandbox.hubspot().token());
        }
        crate::schema::accepts(&self.text());
        Config::parse(&self.text(), self.office.folder.path(), &|name| env.get(name).cloned()).unwrap()
    }

    /// Another program beside the one on duty.
    pub(super) async fn app(&self) -> App {
        let options = ConnectOptions::new().clock(Arc::new(self.clock.clone()));
        connect(&self.config(), options).await.unwrap()
    }

    /// A person gives consent.
    pub(super) async fn consent(&self, refresh_token: String) {
        let app = self.app().await;
        let import = app.grants()[0].client.import_refresh_token(refresh_token.into());
        self.meanwhile(import).await.unwrap();
        app.finish().await;
    }

    /// Everybody whom the process serves.
    fn everybody(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.neighbour.as_deref())
    }

    fn tasks(&self) -> usize {
        let subscribers = self.everybody().filter(|duty| duty.extra.contains("public_url")).count();
        self.everybody().count() * TASKS + subscribers
    }

    pub(super) async fn start(&mut self) {
        self.launch().await;
        self.live(Duration::ZERO).await;
    }

    /// Starts, and waits for nothing that comes of it.
    pub(super) async fn launch(&mut self) {
        let options = ConnectOptions::new().clock(Arc::new(self.clock.clone()));
        let server = Server::prepare(self.everybody().map(Self::config).collect(), &options).await.unwrap();
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        self.running = Some((stop, running, address));
    }

    /// Where webhooks come in.
    pub(super) fn hooks(&self) -> String {
        let address = self.running.as_ref().and_then(|running| running.2).unwrap();
        format!("http://{address}/hooks/{}", self.tenant)
    }

    pub(super) async fn stop(&mut self) {
        let (stop, running, _) = self.running.take().unwrap();
        stop.send(()).unwrap();
        running.await.unwrap();
    }

    /// A moment for those at work and those asleep alike.
    pub(super) async fn moment(&self) {
        const MOMENT: Duration = Duration::from_millis(1);
        self.clock.skip(MOMENT);
        tokio::time::sleep(MOMENT).await;
    }

    /// The same as `stop`, while time goes on for those who are still at work.
    pub(super) async fn stop_at_work(&mut self) {
        let (stop, running, _) = self.running.take().unwrap();
        stop.send(()).unwrap();
        let life = async {
            loop {
                self.moment().await;
            }
        };
        tokio::select! {
            done = running => done.unwrap(),
            () = life => unreachable!("life goes on"),
        }
    }

    pub(super) async fn live(&self, span: Duration) {
        self.clock.live(self.tasks(), span).await;
    }

    /// Lets seconds pass until something is so that a webhook brings about: ten minutes at most.
    pub(super) async fn live_until(&self, so: impl Fn() -> bool) {
        for _ in 0..600 {
            if so() {
                return;
            }
            self.live(SECOND).await;
            // Whom a webhook woke sleeps, for the clock, until the machine gives them their turn.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nothing came of it in ten minutes: {:#?}", self.inbox.letters());
    }

    /// Something that a person does beside the one on duty, for whom time passes meanwhile.
    pub(super) async fn meanwhile<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        let tasks = if self.running.is_some() { self.tasks() + 1 } else { 1 };
        let life = async {
            loop {
                self.clock.live(tasks, SECOND).await;
            }
        };
        tokio::select! {
            done = work => done,
            () = life => unreachable!("life goes on"),
        }
    }

    pub(super) fn exact(&self) -> &sandbox::Exact {
        self.office.sandbox.exact()
    }
}
