//! Pipedrive's grants: renewed once for all, stored before use, and told apart from other trouble.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::oauth::{OAuthApp, TokenStore, Tokens};
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Adapter, Error, ErrorKind, Kind, Result, Retry, View, async_trait};
use futures_util::future::join_all;
use sandbox::{Fault, Sandbox, Trouble};

use crate::world::START;

const REDIRECT: &str = "https://example.com/callback";

/// Keeps a grant, and how often it was saved; it can be out of order.
#[derive(Debug, Default)]
struct Kept {
    tokens: Mutex<Option<Tokens>>,
    saved: Mutex<usize>,
    broken: Mutex<bool>,
}

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self) -> Result<Option<Tokens>> {
        Ok(self.tokens.lock().unwrap().clone())
    }

    async fn save(&self, tokens: &Tokens) -> Result<()> {
        if *self.broken.lock().unwrap() {
            return Err(Error::new(ErrorKind::Unavailable, "the disk is full"));
        }
        *self.tokens.lock().unwrap() = Some(tokens.clone());
        *self.saved.lock().unwrap() += 1;
        Ok(())
    }
}

struct World {
    sandbox: Sandbox,
    store: Arc<Kept>,
    crm: Pipedrive,
}

impl World {
    async fn new() -> Self {
        let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
        let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
        let (pipedrive, store) = (sandbox.pipedrive(), Arc::new(Kept::default()));
        let redirect = REDIRECT.parse().unwrap();
        let app = OAuthApp::new(pipedrive.client_id(), pipedrive.client_secret(), redirect);
        let crm = Pipedrive::with_grant(app, Arc::clone(&store) as Arc<dyn TokenStore>)
            .origin(pipedrive.base_url().parse().unwrap())
            .clock(Arc::new(sandbox.clock().clone()))
            .build()
            .unwrap();
        Self { sandbox, store, crm }
    }

    /// With a grant whose access token has run out.
    async fn with_old_grant() -> Self {
        let world = Self::new().await;
        *world.store.tokens.lock().unwrap() = Some(Tokens {
            access_token: "old".to_owned().into(),
            refresh_token: world.sandbox.pipedrive().install().into(),
            expires_at: DateTime::from_timestamp(START, 0).unwrap(),
            portal_id: None,
            api_domain: None,
        });
        world
    }

    async fn read(&self) -> Result<()> {
        let view = View { kind: Kind::Company, fields: vec!["name".to_owned()] };
        self.crm.changes(&view, None).await.map(|_| ())
    }

    /// Calls for tokens, and how often a grant was saved.
    fn renewals(&self) -> (u64, usize) {
        (self.sandbox.pipedrive().stats().token_calls, *self.store.saved.lock().unwrap())
    }
}

#[tokio::test]
async fn a_grant_is_renewed_once_for_all_callers_and_again_after_an_hour() {
    let world = World::with_old_grant().await;
    for read in join_all((0..8).map(|_| world.read())).await {
        read.unwrap();
    }
    assert_eq!(world.renewals(), (1, 1));
    let kept = world.store.tokens.lock().unwrap().clone().unwrap();
    assert_eq!(kept.api_domain.unwrap().as_str(), format!("{}/", world.sandbox.pipedrive().base_url()));
    world.sandbox.clock().advance(Duration::from_secs(3_540));
    world.read().await.unwrap();
    assert_eq!(world.renewals(), (2, 2));
    assert_eq!(world.sandbox.pipedrive().stats().client_errors, 0);
}

#[tokio::test]
async fn a_token_that_was_refused_before_its_time_is_renewed_once_and_the_read_goes_through() {
    let world = World::with_old_grant().await;
    world.store.tokens.lock().unwrap().as_mut().unwrap().expires_at += Duration::from_secs(3_600);
    world.read().await.unwrap();
    assert_eq!(world.renewals(), (1, 1));
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_used_and_stored_later_without_another_renewal() {
    let world = World::with_old_grant().await;
    *world.store.broken.lock().unwrap() = true;
    for _ in 0..2 {
        assert!(world.read().await.unwrap_err().to_string().contains("disk"));
    }
    assert_eq!((world.renewals(), world.sandbox.pipedrive().stats().requests), ((1, 0), 1));
    *world.store.broken.lock().unwrap() = false;
    world.read().await.unwrap();
    assert_eq!(world.renewals(), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_to_a_renewal_is_asked_for_again() {
    let world = World::with_old_grant().await;
    world.sandbox.pipedrive().inject(Fault::new(Trouble::DropAfter).on("POST", "/oauth/token"));
    world.read().await.unwrap();
    assert_eq!(world.renewals(), (2, 1));
}

#[tokio::test]
async fn an_app_that_was_removed_needs_a_person_and_works_again_after_a_new_consent() {
    let world = World::with_old_grant().await;
    world.sandbox.pipedrive().uninstall();
    let error = world.read().await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Auth, Retry::Never), "{error}");
    assert!(error.to_string().contains("invalid_grant"), "{error}");
    let secret = world.sandbox.pipedrive().client_secret();
    assert!(!format!("{error:?} {:?} {:?}", world.crm, world.store).contains(&secret));

    let code = world.sandbox.pipedrive().consent(REDIRECT);
    let tokens = world.crm.connect(&code).await.unwrap();
    assert!(!format!("{tokens:?}").contains("access"), "{tokens:?}");
    world.read().await.unwrap();
    assert_eq!(world.crm.connect(&code).await.unwrap_err().kind(), ErrorKind::Auth, "a code works once");
}

#[tokio::test]
async fn without_a_grant_no_call_is_made_and_a_token_needs_none() {
    let world = World::new().await;
    assert_eq!(world.read().await.unwrap_err().kind(), ErrorKind::Auth);
    assert_eq!(world.sandbox.pipedrive().stats().requests, 0);
    let crm = Pipedrive::builder(ApiToken::new("token")).build().unwrap();
    assert_eq!(crm.connect("code").await.unwrap_err().kind(), ErrorKind::Unsupported);
}
