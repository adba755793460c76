// Written by the entity-generator; change its input and run it again.

use crate::entity::WebhookTopic;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// A subscription to what changes: Exact posts to the callback. There is one per app, division and topic; a second one is
    /// refused. The callback must answer an empty POST with success while the subscription is made.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=WebhooksWebhookSubscriptions)
    WebhookSubscription at "webhooks/WebhookSubscriptions" key "ID";
    verbs [Read, Create, Delete];
    new NewWebhookSubscription;
    write {
        /// Where Exact posts to: https, and the domain of the app's redirect URL.
        CALLBACK_URL callback_url "CallbackURL": String [filterable, required];
        /// What is told.
        TOPIC topic "Topic": WebhookTopic [filterable, required];
        /// Whether it is sent at once; for the topic of goods deliveries alone.
        IS_INSTANT is_instant "IsInstant": bool [filterable];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// OAuth client Id.
        CLIENT_ID client_id "ClientID": Guid [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// Description of the OAuth Client.
        DESCRIPTION description "Description": String [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// Subscribing User ID.
        USER_ID user_id "UserID": Guid [filterable];
    }
}

impl crate::entity::Read for WebhookSubscription {
    type Key = Guid;
}

impl crate::entity::Create for WebhookSubscription {
    type New = NewWebhookSubscription;
}

impl crate::entity::Delete for WebhookSubscription {}

impl NewWebhookSubscription {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(callback_url: impl Into<String>, topic: WebhookTopic) -> Self {
        Self { callback_url: Some(callback_url.into()), topic: Some(topic), ..Self::default() }
    }
}
