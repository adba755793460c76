use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use crm_adapters::hubspot::{ApiVersion, HubSpot, ServiceKey};
use crm_adapters::oauth::{OAuthApp, TokenStore, Tokens};
use crm_adapters::{Adapter, ErrorKind, Kind, Outcome, Result, Retry, async_trait};
use sandbox::{Fault, Trouble};

use super::world::*;

/// Keeps a grant, and how often it was saved.
#[derive(Debug, Default)]
struct Kept(Mutex<(Option<Tokens>, usize)>);

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self) -> Result<Option<Tokens>> {
        Ok(self.0.lock().unwrap().0.clone())
    }

    async fn save(&self, tokens: &Tokens) -> Result<()> {
        let mut kept = self.0.lock().unwrap();
        *kept = (Some(tokens.clone()), kept.1 + 1);
        Ok(())
    }
}

fn granted(world: &World, store: &Arc<Kept>) -> HubSpot {
    let hubspot = world.sandbox.hubspot();
    let redirect = "https://example.com/callback".parse().unwrap();
    let app = OAuthApp::new(hubspot.client_id(), hubspot.client_secret(), redirect);
    HubSpot::with_grant(app, Arc::clone(store) as Arc<dyn TokenStore>)
        .origin(hubspot.base_url().parse().unwrap())
        .clock(Arc::new(world.sandbox.clock().clone()))
        .build()
        .unwrap()
}

/// A grant that the sandbox's account gave, with an access token that has run out.
fn old_grant(world: &World) -> Tokens {
    Tokens {
        access_token: "old".to_owned().into(),
        refresh_token: world.sandbox.hubspot().install().into(),
        expires_at: DateTime::<Utc>::UNIX_EPOCH,
        portal_id: None,
        api_domain: None,
    }
}

#[tokio::test]
async fn a_grant_is_renewed_once_for_all_callers_and_stored_before_it_is_used() {
    let world = World::new().await;
    let store = Arc::new(Kept::default());
    *store.0.lock().unwrap() = (Some(old_grant(&world)), 0);
    let crm = granted(&world, &store);
    let reads = (0..8).map(|_| crm.account());
    for read in futures_util::future::join_all(reads).await {
        assert_eq!(read.unwrap().portal_id, 4_711);
    }
    assert_eq!((store.0.lock().unwrap().1, world.requests("/token")), (1, 1));
    world.wait(Duration::from_secs(1_800));
    crm.account().await.unwrap();
    assert_eq!((store.0.lock().unwrap().1, world.requests("/token")), (2, 2));
}

#[tokio::test]
async fn an_app_that_was_removed_needs_a_person_and_no_secret_is_told() {
    let world = World::new().await;
    let store = Arc::new(Kept::default());
    *store.0.lock().unwrap() = (Some(old_grant(&world)), 0);
    let crm = granted(&world, &store);
    world.sandbox.hubspot().uninstall();
    let error = crm.account().await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Auth, Retry::Never), "{error}");
    let secret = world.sandbox.hubspot().client_secret();
    assert!(!format!("{error:?} {crm:?}").contains(&secret));
}

#[tokio::test]
async fn without_a_grant_no_call_is_made() {
    let world = World::new().await;
    let crm = granted(&world, &Arc::new(Kept::default()));
    assert_eq!(crm.account().await.unwrap_err().kind(), ErrorKind::Auth);
    assert_eq!(world.sandbox.hubspot().stats().requests, 0);
}

#[tokio::test]
async fn a_wrong_key_a_missing_scope_and_an_unpaid_account_each_say_what_to_do() {
    let world = World::new().await;
    let wrong = HubSpot::builder(ServiceKey::new("pat-wrong"))
        .origin(world.sandbox.hubspot().base_url().parse().unwrap())
        .clock(Arc::new(world.sandbox.clock().clone()))
        .build()
        .unwrap();
    assert_eq!(wrong.schema(Kind::Company).await.unwrap_err().kind(), ErrorKind::Auth);

    world.crm.schema(Kind::Company).await.unwrap();
    let scope = "crm.objects.companies.write";
    world.sandbox.hubspot().configure(|it| it.missing_scopes = BTreeSet::from([scope.to_owned()]));
    let Outcome::NotSent(error) = world.write(&companies(), vec![company(1)]).await.remove(0) else {
        unreachable!("sent without a scope")
    };
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.to_string().contains(scope), "{error}");

    world.sandbox.hubspot().configure(|it| it.unpaid = true);
    let error = world.crm.changes(&companies(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.to_string().contains("subscription"), "{error}");
}

#[tokio::test]
async fn an_account_on_the_move_is_left_alone_until_hubspot_says_so() {
    let world = World::new().await;
    let moving = Trouble::Status { status: 477, retry_after_seconds: Some(600) };
    world.sandbox.hubspot().inject(Fault::new(moving));
    let error = world.crm.schema(Kind::Company).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::Unavailable, Retry::After(Duration::from_secs(600)))
    );
    let before = world.sandbox.hubspot().stats().requests;
    assert!(world.crm.schema(Kind::Company).await.is_err());
    assert_eq!(world.sandbox.hubspot().stats().requests, before);
    world.wait(Duration::from_secs(600));
    world.crm.schema(Kind::Company).await.unwrap();
}

#[tokio::test]
async fn searches_keep_to_five_a_second_and_reads_to_the_limit_of_ten_seconds() {
    let world = World::new().await;
    let key = crm_adapters::Key { field: "custom:KvK number".to_owned(), value: "1".into() };
    for _ in 0..30 {
        world.crm.find(&companies(), &key).await.unwrap();
    }
    assert!(world.sandbox.clock().monotonic() >= Duration::from_secs(5));
    for _ in 0..400 {
        world.crm.account().await.unwrap();
    }
    assert!(world.sandbox.clock().monotonic() >= Duration::from_secs(20));
    assert_eq!(world.sandbox.hubspot().stats().too_many_requests, 0);
    assert_eq!(world.crm.usage().minute_limit, Some(190 * 6));
}

#[tokio::test]
async fn the_old_version_speaks_the_same() {
    let world = World::new().await;
    let crm = builder(&world.sandbox).version(ApiVersion::V3).build().unwrap();
    let write = crm_adapters::Write { action: company(1), send_before: None };
    let id = applied(crm.write(&companies(), vec![write]).await.remove(0)).id;
    assert_eq!(crm.get(&companies(), &[id]).await.unwrap().len(), 1);
    assert_eq!(world.requests("2026-09"), 0);
}

#[tokio::test]
async fn subscriptions_are_made_once_and_repaired() {
    let world = World::new().await;
    let app = world.sandbox.hubspot().app_id();
    let target = "https://example.com/hooks".parse().unwrap();
    let wanted = world.crm.subscriptions(&companies()).await.unwrap();
    let first = world.crm.repair_webhooks(app, &target, &wanted).await.unwrap();
    assert_eq!((first.target, first.created), (true, 7));
    let second = world.crm.repair_webhooks(app, &target, &wanted).await.unwrap();
    assert_eq!((second.target, second.created, second.resumed), (false, 0, 0));
}
