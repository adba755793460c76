use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::http::decode;
use crate::hubspot::HubSpot;
use crate::hubspot::api::Call;
use crate::hubspot::wire::{Text, WireList};
use crate::model::View;

/// Requests that HubSpot may have under way to the target at once; it takes no number below six.
const CONCURRENT: u32 = 10;
const EVENTS: [&str; 4] = ["creation", "deletion", "merge", "restore"];

/// Something that HubSpot is to tell of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Subscription {
    /// Such as `company.creation`, or `object.creation`.
    pub event_type: String,
    /// The type of object of a generic event, such as `2-123`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_type_id: Option<String>,
    /// The property of a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_name: Option<String>,
}

/// What was done so that HubSpot tells what it should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// Whether the target address was set.
    pub target: bool,
    /// How many subscriptions were made.
    pub created: usize,
    /// How many were there and had been paused.
    pub resumed: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireSubscription {
    id: Text,
    event_type: String,
    object_type_id: Option<String>,
    property_name: Option<String>,
    active: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireTarget {
    target_url: String,
}

impl WireSubscription {
    fn is(&self, wanted: &Subscription) -> bool {
        // A classic event's type of object says what the event says already.
        let same_object = wanted.object_type_id.is_none() || self.object_type_id == wanted.object_type_id;
        self.event_type == wanted.event_type && self.property_name == wanted.property_name && same_object
    }
}

impl HubSpot {
    /// What to subscribe to for the records of a view: that they come, go and merge, and each of its properties. At
    /// most one call.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) for a custom object that is named by its name: events need its number.
    pub async fn subscriptions(&self, view: &View) -> Result<Vec<Subscription>> {
        let entity = self.cache.entities().get(view.kind)?;
        let resolved = self.resolve(entity, view).await?;
        let (object, object_type_id) = event_object(&entity.object)?;
        let subscription = |event: &str, property_name: Option<&str>| Subscription {
            event_type: format!("{object}.{event}"),
            object_type_id: object_type_id.map(str::to_owned),
            property_name: property_name.map(str::to_owned),
        };
        // A record's own time of change and its merges cannot be subscribed to.
        let properties = view.fields.iter().filter_map(|name| resolved.catalogue.column(name).ok());
        let changes: Vec<Subscription> = properties
            .filter_map(|column| column.property())
            .filter(|property| *property != entity.modified)
            .map(|property| subscription("propertyChange", Some(property)))
            .collect();
        Ok(EVENTS.iter().map(|event| subscription(event, None)).chain(changes).collect())
    }

    /// Makes sure that HubSpot tells an app's target of all this: sets the target, makes what is missing, resumes what is
    /// paused. Subscriptions beyond those stay. Two calls where all is well; HubSpot needs minutes to take changes over.
    ///
    /// Needs credentials of the app's developer, with which HubSpot lets webhooks be changed; a service key of an
    /// account has no webhooks. Which credential the dated version takes was not tried against HubSpot itself.
    ///
    /// # Errors
    /// Those of a read, and of a refused write.
    pub async fn repair_webhooks(
        &self,
        app_id: u64,
        target: &Url,
        wanted: &[Subscription],
    ) -> Result<Repaired> {
        let path = self.api.version.webhooks(app_id);
        let mut repaired = Repaired { target: self.set_target(&path, target).await?, ..Repaired::default() };
        let path = path + "/subscriptions";
        let there: WireList<WireSubscription> = self.api.read(&Call::get(&path)).await?;
        for wanted in wanted {
            match there.results.iter().find(|it| it.is(wanted)) {
                Some(found) if found.active => {}
                Some(found) => {
                    let id = found.id.0.as_deref().unwrap_or_default();
                    let id: u64 = id.parse().map_err(|_| {
                        Error::new(ErrorKind::Decode, "the answer is not as expected at `results.id`")
                    })?;
                    self.change(Method::PATCH, format!("{path}/{id}"), &json!({"active": true})).await?;
                    repaired.resumed += 1;
                }
                None => {
                    let mut body = json!(wanted);
                    body["active"] = json!(true);
                    self.change(Method::POST, path.clone(), &body).await?;
                    repaired.created += 1;
                }
            }
        }
        Ok(repaired)
    }

    async fn set_target(&self, path: &str, target: &Url) -> Result<bool> {
        let path = format!("{path}/settings");
        let current = match self.api.read::<WireTarget>(&Call::get(&path)).await {
            Err(error) if error.kind() == ErrorKind::NotFound => WireTarget::default(),
            current => current?,
        };
        if current.target_url == target.as_str() {
            return Ok(false);
        }
        let settings = json!({"targetUrl": target, "throttling": {"maxConcurrentRequests": CONCURRENT}});
        self.change(Method::PUT, path, &settings).await?;
        Ok(true)
    }

    async fn change(&self, method: Method, path: String, body: &serde_json::Value) -> Result<()> {
        let answer = self.api.write(&Call::json(method, path, body)?, None).await.map_err(|it| it.error)?;
        let _: serde_json::Value = decode(&answer)?;
        Ok(())
    }
}

/// How events name a type of object: by a word of their own, or as an `object` with a number.
fn event_object(object: &str) -> Result<(&'static str, Option<&str>)> {
    Ok(match object {
        "contacts" => ("contact", None),
        "companies" => ("company", None),
        "deals" => ("deal", None),
        "products" => ("product", None),
        "line_items" => ("line_item", None),
        "quotes" => ("object", Some("0-14")),
        "notes" => ("object", Some("0-46")),
        "invoices" => ("object", Some("0-53")),
        "orders" => ("object", Some("0-123")),
        number if number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => {
            ("object", Some(object))
        }
        name => {
            return Err(Error::new(ErrorKind::Unsupported, format!("events do not know {name} by its name"))
                .with_remedy("name the custom object by its number, such as 2-123"));
        }
    })
}
