use std::fmt;

use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Verifier;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Failure, Request};
use crate::pipedrive::Pipedrive;
use crate::pipedrive::api::{Call, LIST_COST, WRITE_COST, content};

const PATH: &str = "/api/v1/webhooks";
const VERSION: &str = "2.0";

/// A subscription to everything that happens to any record, with the credentials that its requests carry.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "plain data that the host builds")]
pub struct Subscription {
    /// What people see in Pipedrive's list of webhooks.
    pub name: String,
    /// Where events go: public, https, and without a redirect, as Pipedrive wants it.
    pub url: Url,
    /// The credentials that its requests carry.
    pub verifier: Verifier,
}

impl fmt::Debug for Subscription {
    /// The address stays out: who knows it can knock.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What was done so that Pipedrive tells what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repaired {
    /// Nothing: it is there and active.
    Intact,
    /// It was not there, or not any more: events since then may be lost. Read the feeds on.
    Created,
    /// It was there and not active, and was made anew: events since then may be lost. Read the feeds on.
    Replaced,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireWebhook {
    id: Option<u64>,
    subscription_url: Option<String>,
    event_action: Option<String>,
    event_object: Option<String>,
    version: Option<String>,
    is_active: Option<serde_json::Value>,
    http_auth_user: Option<String>,
}

#[derive(Serialize)]
struct NewWebhook<'a> {
    subscription_url: &'a str,
    event_action: &'static str,
    event_object: &'static str,
    name: &'a str,
    http_auth_user: &'a str,
    http_auth_password: &'a str,
    version: &'static str,
}

impl WireWebhook {
    fn is_at(&self, url: &Url) -> bool {
        self.subscription_url.as_deref() == Some(url.as_str())
    }

    /// Version 1 writes 0 and 1; what says nothing is active.
    fn is_active(&self) -> bool {
        !matches!(&self.is_active, Some(flag) if *flag == 0 || *flag == false)
    }

    fn fits(&self, wanted: &Subscription) -> bool {
        let all = |what: &Option<String>| what.as_deref() == Some("*");
        self.is_active()
            && all(&self.event_action)
            && all(&self.event_object)
            && self.version.as_deref().is_none_or(|version| version == VERSION)
            && self.http_auth_user.as_deref().is_none_or(|user| user == wanted.verifier.user())
    }
}

impl Pipedrive {
    /// Makes sure that the subscription is there and active. Call it at start-up, and every hour or so: Pipedrive
    /// deletes one that got no answer for three days. Costs 10 tokens where all is well, up to 26 otherwise.
    ///
    /// A subscription cannot be changed: what does not fit at this address is deleted and made anew. After a changed
    /// password alone, delete it in Pipedrive first, since Pipedrive does not show passwords.
    ///
    /// # Errors
    /// [`Forbidden`](ErrorKind::Forbidden) without the right to webhooks (scope `admin`), and at the limit of 40 a user;
    /// [`Invalid`](ErrorKind::Invalid) for an address that Pipedrive does not take; those of a call.
    pub async fn repair_webhook(&self, wanted: &Subscription) -> Result<Repaired> {
        let list = Call::list_v1(PATH).costing(LIST_COST);
        let there: Vec<WireWebhook> = self.api.read_all(&list).await.map_err(Failure::into_read_error)?;
        let at_address: Vec<_> = there.iter().filter(|webhook| webhook.is_at(&wanted.url)).collect();
        if at_address.iter().any(|webhook| webhook.fits(wanted)) {
            return Ok(Repaired::Intact);
        }
        for id in at_address.iter().filter_map(|webhook| webhook.id) {
            let call = Call::delete(format!("{PATH}/{id}"));
            let deleted = self.api.write(&call.costing(6), None).await;
            match deleted {
                Err(failure) if failure.error.kind() != ErrorKind::NotFound => return Err(failure.error),
                _ => {}
            }
        }
        self.subscribe(wanted).await?;
        Ok(if at_address.is_empty() { Repaired::Created } else { Repaired::Replaced })
    }

    async fn subscribe(&self, wanted: &Subscription) -> Result<()> {
        let new = NewWebhook {
            subscription_url: wanted.url.as_str(),
            event_action: "*",
            event_object: "*",
            name: &wanted.name,
            http_auth_user: wanted.verifier.user(),
            http_auth_password: wanted.verifier.password(),
            version: VERSION,
        };
        let body = serde_json::to_vec(&new).map_err(|error| {
            Error::new(ErrorKind::Invalid, "the webhook cannot be written as JSON").with_source(error)
        })?;
        let call = Call::write(Method::POST, PATH, body).costing(2 * WRITE_COST);
        let answer =
            self.api.write(&call, None).await.map_err(|failure| explained(failure, &call.request))?;
        content::<Option<WireWebhook>>(&call.request, answer)?;
        Ok(())
    }
}

fn explained(failure: Failure, request: &Request) -> Error {
    match failure.answer.as_deref().map(|answer| answer.status.as_u16()) {
        Some(422) => {
            Error::new(ErrorKind::Forbidden, "the user has as many webhooks as Pipedrive allows (40)")
                .with_operation(request.operation())
                .with_remedy("delete webhooks that are not used, under Tools and apps, Webhooks")
        }
        Some(400) => {
            failure.error.with_remedy("give a public https address that answers and does not redirect")
        }
        _ => failure.error,
    }
}
