//! What Exact tells by webhook: subscribe, look, unsubscribe.

use url::Url;

use crate::builder::is_loopback;
use crate::division::{DivisionApi, WriteOptions};
use crate::entity::{NewWebhookSubscription, WebhookSubscription, WebhookTopic};
use crate::error::{Error, ErrorKind, Result};

impl DivisionApi {
    /// Has the changes of a topic in this division posted to the callback; a subscription that is there already is
    /// returned as it is. Costs one call, and a second one where it is new.
    ///
    /// While the call runs Exact sends an empty POST to the callback, which has to answer with a success:
    /// [`Webhooks::check`](crate::Webhooks::check) says
    /// [`Validation`](crate::WebhookVerdict::Validation). So serve the callback first. It must be https and lie on
    /// the domain of the app's redirect URL.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=WebhooksWebhookSubscriptions)
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config), before any call, for a callback that is not https.
    /// [`Invalid`](ErrorKind::Invalid) where the topic goes to another callback by now, which stays as it is, and
    /// where Exact refuses the callback or the topic. Otherwise those of [`create`](DivisionApi::create).
    pub async fn subscribe(&self, topic: &WebhookTopic, callback: &Url) -> Result<WebhookSubscription> {
        let safe = match callback.scheme() {
            "https" => true,
            "http" => is_loopback(callback),
            _ => false,
        };
        if !safe {
            return Err(Error::config("the callback of a webhook must be https"));
        }
        // A second one would be refused, and the refusal does not say where the first one goes.
        match self.subscription(topic).await? {
            Some(there) if there.callback_url.as_deref() == Some(callback.as_str()) => Ok(there),
            Some(_) => Err(taken(topic)),
            None => {
                let new = NewWebhookSubscription::new(callback.as_str(), topic.clone());
                self.create::<WebhookSubscription>(&new, WriteOptions::new()).await
            }
        }
    }

    /// The app's subscriptions in this division. Costs one call.
    ///
    /// # Errors
    /// Those of [`List::page`](crate::List::page).
    pub async fn subscriptions(&self) -> Result<Vec<WebhookSubscription>> {
        self.list::<WebhookSubscription>().all().await
    }

    /// Ends the subscription to a topic, wherever it goes; false where there was none. Costs one call, and a second
    /// one where there was one.
    ///
    /// # Errors
    /// Those of [`delete`](DivisionApi::delete).
    pub async fn unsubscribe(&self, topic: &WebhookTopic) -> Result<bool> {
        let Some(id) = self.subscription(topic).await?.and_then(|there| there.id) else { return Ok(false) };
        self.delete::<WebhookSubscription>(id, WriteOptions::new()).await?;
        Ok(true)
    }

    async fn subscription(&self, topic: &WebhookTopic) -> Result<Option<WebhookSubscription>> {
        let of_topic = WebhookSubscription::TOPIC.eq(topic.clone());
        Ok(self.list().filter(of_topic).page(None).await?.items.into_iter().next())
    }
}

fn taken(topic: &WebhookTopic) -> Error {
    let message = format!("the topic {} goes to another callback already", topic.as_str());
    Error::new(ErrorKind::Invalid, message).with_remedy("unsubscribe it first, if nobody needs that one")
}
