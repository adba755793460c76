//! Each cause that lies with a vendor, produced in the sandbox: told once, at the right time, and its end too.

use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};
use sandbox::{Fault, Trouble};
use serde_json::{Value, json};

use super::duty::{DAY, Duty, MINUTE};

/// Holds what was told against `cause` and `subject`: once, with a remedy, and its recovery after it.
#[track_caller]
pub(super) fn told_once(letters: &[Value], cause: &str, subject: &str) {
    let members =
        |letter: &Value| (letter["status"].clone(), letter["cause"].clone(), letter["subject"].clone());
    let told: Vec<_> = letters.iter().map(members).collect();
    let expected =
        [json!("problem"), json!("recovered")].map(|status| (status, json!(cause), json!(subject)));
    assert_eq!(told, expected, "{letters:#?}");
    assert!(letters[0]["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{letters:#?}");
    assert_eq!(letters[1]["since"], letters[0]["at"], "{letters:#?}");
    for letter in letters {
        let text = letter["text"].as_str().unwrap();
        assert!(text.starts_with("[default] ") && !text.contains('\n'), "{text}");
        assert!(!letter.to_string().contains("hush"), "{letter}");
    }
}

/// Holds that a problem is over within that time, and that it was told once.
pub(super) async fn ends_within(duty: &mut Duty, span: Duration, cause: &str, subject: &str) {
    duty.live(span).await;
    duty.inbox.wait(2).await;
    duty.stop().await;
    told_once(&duty.inbox.letters(), cause, subject);
}

/// Trouble that lasts for an hour, and what is told of it.
async fn an_hour_of(
    duty: &mut Duty,
    begin: impl AsyncFnOnce(&Duty),
    end: impl AsyncFnOnce(&Duty),
) -> Vec<Value> {
    duty.start().await;
    duty.live(20 * MINUTE).await;
    assert!(duty.inbox.letters().is_empty(), "all is well: {:#?}", duty.inbox.letters());
    begin(duty).await;
    duty.live(20 * MINUTE).await;
    duty.inbox.wait(1).await;
    duty.live(40 * MINUTE).await;
    assert_eq!(duty.inbox.letters().len(), 1, "{:#?}", duty.inbox.letters());
    end(duty).await;
    // An outage of the token endpoint is tried again after an hour at the latest.
    duty.live(70 * MINUTE).await;
    duty.inbox.wait(2).await;
    duty.live(60 * MINUTE).await;
    duty.stop().await;
    duty.inbox.letters()
}

async fn consent_again(duty: &Duty) {
    let token = duty.exact().consent();
    duty.consent(token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_is_told_once_until_consent_is_given_again() {
    let mut duty = Duty::new(1).await;
    let letters = an_hour_of(&mut duty, async |duty| duty.exact().revoke_grant(), consent_again).await;
    told_once(&letters, "auth_revoked", "grant default");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_used_elsewhere_is_told_once_until_consent_is_given_again() {
    let mut duty = Duty::new(1).await;
    let begin = async |duty: &Duty| {
        // Another program asked for consent with the same app and user: ours is replaced.
        drop(duty.exact().consent());
    };
    let letters = an_hour_of(&mut duty, begin, consent_again).await;
    told_once(&letters, "auth_refresh_token_reused", "grant default");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_user_is_told_once_until_unblocked() {
    let mut duty = Duty::new(1).await;
    let block = async |duty: &Duty| duty.exact().block_user(true);
    let letters = an_hour_of(&mut duty, block, async |duty| duty.exact().block_user(false)).await;
    told_once(&letters, "auth_blocked_user", "grant default");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inactive_user_is_told_once_until_active() {
    let mut duty = Duty::new(1).await;
    let expire = async |duty: &Duty| {
        let refused = Trouble::Forbidden { reason: "InactiveUser".to_owned() };
        duty.exact().inject(Fault::new(refused).on("GET", "/api/v1/").times(1_000));
    };
    let letters = an_hour_of(&mut duty, expire, async |duty| duty.exact().clear_faults()).await;
    told_once(&letters, "auth_inactive_user", "grant default");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_changed_is_told_once_until_the_process_has_the_new_one() {
    let mut duty = Duty::new(1).await;
    duty.start().await;
    duty.live(5 * MINUTE).await;
    let secret = duty.exact().change_secret();
    duty.live(20 * MINUTE).await;
    duty.inbox.wait(1).await;
    duty.live(60 * MINUTE).await;
    duty.stop().await;
    assert_eq!(duty.inbox.letters().len(), 1, "{:#?}", duty.inbox.letters());
    duty.office.env.insert("EXACT_CLIENT_SECRET", secret);
    duty.start().await;
    ends_within(&mut duty, 70 * MINUTE, "auth_secret_wrong", "grant default").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_told_once_until_it_is_set_also_by_the_next_process() {
    let mut duty = Duty::new(1).await;
    let set = async |duty: &Duty| {
        duty.clock.set_ahead(0);
        // A token that would seem younger than it is has expired by then.
        duty.clock.skip(20 * MINUTE);
    };
    let letters = an_hour_of(&mut duty, async |duty| duty.clock.set_ahead(180), set).await;
    told_once(&letters, "auth_clock_wrong", "grant default");
    duty.clock.set_ahead(180);
    duty.start().await;
    duty.live(20 * MINUTE).await;
    duty.inbox.wait(3).await;
    duty.stop().await;
    set(&duty).await;
    duty.start().await;
    duty.live(20 * MINUTE).await;
    duty.inbox.wait(4).await;
    duty.stop().await;
    told_once(&duty.inbox.letters()[2..], "auth_clock_wrong", "grant default");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_licence_is_told_once_until_renewed() {
    let mut duty = Duty::new(1).await;
    let expire = async |duty: &Duty| {
        let refused = Trouble::Forbidden { reason: "LicenseExpired".to_owned() };
        duty.exact().inject(Fault::new(refused).on("GET", "/api/v1/").times(1_000));
    };
    let letters = an_hour_of(&mut duty, expire, async |duty| duty.exact().clear_faults()).await;
    let subject = format!("grant default, division {}", duty.office.division());
    told_once(&letters, "auth_licence_expired", &subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_division_out_of_scope_is_told_once_until_it_is_in_scope() {
    let mut duty = Duty::new(1).await;
    let set = |within: bool| {
        async move |duty: &Duty| duty.exact().set_scope(duty.office.division(), within).unwrap()
    };
    let letters = an_hour_of(&mut duty, set(false), set(true)).await;
    let subject = format!("grant default, division {}", duty.office.division());
    told_once(&letters, "auth_division_out_of_scope", &subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_cannot_be_refreshed_is_told_before_it_lapses_until_it_can() {
    let mut duty = Duty::new(1).await;
    // No pass is missed meanwhile.
    duty.extra = format!("[serve]\nevery_minutes = {}", 31 * DAY);
    duty.start().await;
    duty.live(30 * MINUTE).await;
    duty.exact().inject(Fault::new(Trouble::Unavailable).on("POST", "/api/oauth2/token").times(10_000));
    duty.live(15 * DAY * MINUTE).await;
    assert!(duty.inbox.letters().is_empty(), "more than two weeks are left: {:#?}", duty.inbox.letters());
    duty.live(2 * DAY * MINUTE).await;
    let told = duty.inbox.wait(1).await;
    assert_eq!(told[0]["message"], "it lapses in 14 days, for it cannot be refreshed");
    duty.exact().clear_faults();
    ends_within(&mut duty, DAY * MINUTE, "grant_lapsing", "grant default").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_nobody_gave_is_told_at_once_until_consent_is_given() {
    let mut duty = Duty::without_grant(1).await;
    duty.start().await;
    duty.inbox.wait(1).await;
    duty.live(2 * 60 * MINUTE).await;
    assert_eq!(duty.inbox.letters().len(), 1, "{:#?}", duty.inbox.letters());
    let token = duty.exact().refresh_token().to_owned();
    duty.consent(token).await;
    ends_within(&mut duty, 20 * MINUTE, "grant_missing", "grant default").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_refuses_its_token_is_told_once_until_it_takes_it() {
    let mut duty = Duty::new(1).await;
    let refuse = async |duty: &Duty| {
        let refused = Trouble::Status { status: 401, retry_after_seconds: None };
        duty.office.sandbox.pipedrive().inject(Fault::new(refused).on("GET", "/api/").times(10_000));
    };
    let take = async |duty: &Duty| duty.office.sandbox.pipedrive().clear_faults();
    let letters = an_hour_of(&mut duty, refuse, take).await;
    told_once(&letters, "crm_refused", "crm");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_nearly_spent_is_told_once_until_the_next_day() {
    let mut duty = Duty::new(1).await;
    duty.clock.skip(from_midnight(duty.clock.vendors().now()));
    duty.exact().configure(|settings| (settings.limits.minute, settings.limits.day) = (60, 1_000));
    duty.extra = "[serve]\nevery_minutes = 1".to_owned();
    duty.start().await;
    // A few calls a minute: within hours four fifths of a thousand are gone, those reserved for the next minute among them.
    while duty.inbox.letters().is_empty() && duty.exact().stats().requests < 1_000 {
        duty.live(5 * MINUTE).await;
    }
    let told = duty.inbox.wait(1).await;
    assert_eq!(told[0]["cause"], "budget", "{told:#?}");
    let stats = duty.exact().stats();
    // Five minutes of calls may follow the alert before it is looked for.
    assert!((730..=830).contains(&(stats.requests - stats.token_calls)), "{told:#?} {stats:?}");
    duty.live(DAY * MINUTE).await;
    let letters = duty.inbox.wait(2).await;
    told_once(&letters[..2], "budget", &format!("Exact, division {}", duty.office.division()));
    let day = |letter: &Value| letter["at"].as_str().unwrap()[..10].to_owned();
    assert!(day(&letters[0]) < day(&letters[1]), "{letters:#?}");
    duty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_the_crm_nearly_spent_is_told_in_its_own_measure() {
    let mut duty = Duty::new(1).await;
    duty.office.sandbox.pipedrive().configure(|settings| settings.limits.daily_tokens = 1_500);
    duty.extra = "[serve]\nevery_minutes = 1".to_owned();
    duty.start().await;
    for _ in 0..60 {
        if !duty.inbox.letters().is_empty() {
            break;
        }
        duty.live(5 * MINUTE).await;
    }
    let told = duty.inbox.wait(1).await;
    assert_eq!((&told[0]["cause"], &told[0]["subject"]), (&json!("budget"), &json!("crm")), "{told:#?}");
    let message = told[0]["message"].as_str().unwrap();
    assert!(message.ends_with("of 1,500 calls or tokens of this day are used"), "{message}");
    duty.stop().await;
}

/// How long it is until a minute past midnight.
fn from_midnight(now: DateTime<Utc>) -> Duration {
    let second = u64::from(now.num_seconds_from_midnight());
    Duration::from_secs(86_400 - second + 60)
}
