//! What a run created in the books is taken out of use by its undo, and never deleted.

use chrono::NaiveTime;
use crm_adapters::Kind;
use serde_json::json;
use sync_core::flow::{Preset, Vendor};

use super::desk::Desk;
use super::for_both_vendors;

for_both_vendors! {
    what_a_run_created_in_exact_is_ended_by_its_undo_and_stays_so,
    what_somebody_edited_in_exact_since_is_asked_about_and_not_ended,
}

/// A company and its person, entered in the CRM and created in Exact.
async fn created(vendor: Vendor) -> Desk {
    let desk = Desk::open(vendor, &[Preset::Companies, Preset::Contacts]).await;
    let bakker = desk.crm_enter(Kind::Company, json!({ "name": "Bakker" }), json!({ "name": "Bakker" }));
    let anna = desk.crm_enter(
        Kind::Contact,
        json!({ "name": "Anna Jansen", "emails": [{ "value": "anna@bakker.nl", "primary": true }] }),
        json!({ "firstname": "Anna", "lastname": "Jansen", "email": "anna@bakker.nl" }),
    );
    desk.crm_put_under(&anna, &bakker);
    desk.settle().await;
    assert_eq!((desk.book("crm/Accounts").len(), desk.book("crm/Contacts").len()), (1, 1));
    desk
}

async fn undo_all(desk: &Desk) {
    for past in desk.engine().past_runs(usize::MAX).await.unwrap() {
        desk.engine().undo(&past.id).await.unwrap();
    }
}

async fn what_a_run_created_in_exact_is_ended_by_its_undo_and_stays_so(vendor: Vendor) {
    let desk = created(vendor).await;
    undo_all(&desk).await;
    desk.settle().await;
    let today = desk.clock.now().date_naive().and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    for path in ["crm/Accounts", "crm/Contacts"] {
        let books = desk.book(path);
        assert_eq!(books.len(), 1, "{path}");
        assert_eq!(books[0]["EndDate"], json!(format!("/Date({today})/")), "{path}");
    }
    assert_eq!((desk.crm_count(Kind::Company), desk.crm_count(Kind::Contact)), (1, 1));
}

async fn what_somebody_edited_in_exact_since_is_asked_about_and_not_ended(vendor: Vendor) {
    let desk = created(vendor).await;
    let account = desk.book("crm/Accounts").remove(0);
    let id = account["ID"].as_str().unwrap().parse().unwrap();
    desk.edit("crm/Accounts", id, json!({ "Phone": "0101234567" }));
    desk.settle().await;
    undo_all(&desk).await;
    desk.run().await;
    assert!(desk.book("crm/Accounts")[0]["EndDate"].is_null());
    let asked = desk.issues().await;
    assert!(asked.iter().any(|issue| issue.message.contains("was edited or booked on since")), "{asked:#?}");
}
