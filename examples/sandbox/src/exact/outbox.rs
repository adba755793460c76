//! Webhooks on their way: signed, late, sometimes twice, sometimes lost.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::cell::wall_clock;
use super::division::{Action, Change};
use super::resources::{entity_of, path_of};
use super::schema::Kind;
use super::settings::WebhookSettings;
use super::state::State;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Outbox {
    /// The key of the signatures, as the App Center shows it. Not the client secret.
    pub(super) secret: String,
    waiting: Vec<Message>,
    numbered: u64,
}

/// One notification to one subscriber.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) url: String,
    pub(super) body: String,
    due: DateTime<Utc>,
    tries: u32,
}

impl Outbox {
    pub(super) fn new(random: &mut StdRng) -> Self {
        let secret = uuid::Builder::from_random_bytes(random.random()).into_uuid().simple().to_string();
        Self { secret, waiting: Vec::new(), numbered: 0 }
    }

    /// Takes out what is due, the oldest first.
    pub(super) fn due(&mut self, now: DateTime<Utc>) -> Vec<Message> {
        let (mut due, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition::<Vec<_>, _>(|message| message.due <= now);
        self.waiting = waiting;
        due.sort_by_key(|message| message.due);
        due
    }

    /// A notification that was not taken is tried again, so often.
    pub(super) fn not_taken(&mut self, mut message: Message, settings: &WebhookSettings, now: DateTime<Utc>) {
        message.tries += 1;
        if message.tries < settings.attempts {
            message.due = later(now, settings.retry_ms);
            self.waiting.push(message);
        }
    }

    fn add(
        &mut self,
        url: &str,
        content: &str,
        settings: &WebhookSettings,
        now: DateTime<Utc>,
        random: &mut StdRng,
    ) {
        self.numbered += 1;
        let hit = |every: u64| every > 0 && self.numbered.is_multiple_of(every);
        let copies = match (hit(settings.drop_every), hit(settings.duplicate_every)) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        };
        let body = format!("{{\"Content\":{content},\"HashCode\":\"{}\"}}", signature(&self.secret, content));
        for _ in 0..copies {
            let (least, most) = settings.delay_ms;
            let due = later(now, random.random_range(least..=most.max(least)));
            self.waiting.push(Message { url: url.to_owned(), body: body.clone(), due, tries: 0 });
        }
    }
}

fn later(now: DateTime<Utc>, milliseconds: u64) -> DateTime<Utc> {
    let delay = i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds);
    now.checked_add_signed(delay.unwrap_or_default()).unwrap_or(now)
}

/// HMAC-SHA256 over the raw text of `Content`, in upper-case hexadecimal digits.
fn signature(secret: &str, content: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(content.as_bytes());
    hex::encode_upper(mac.finalize().into_bytes())
}

impl State {
    /// Notes for every subscriber what changed.
    pub(super) fn tell(&mut self, division: i64, changes: &[Change], now: DateTime<Utc>) {
        let Some(found) = self.divisions.get(&division) else { return };
        let mut told: Vec<Change> = Vec::new();
        let mut messages = Vec::new();
        for change in changes {
            let change = of_header(found, *change);
            if told.iter().any(|earlier| (earlier.kind, earlier.id) == (change.kind, change.id)) {
                continue;
            }
            told.push(change);
            let topic = entity_of(change.kind).and_then(|entity| entity.topic);
            let subscribers = found.rows(Kind::WebhookSubscription);
            for subscriber in subscribers.filter(|row| topic.is_some() && row.str("Topic") == topic) {
                let url = subscriber.str("CallbackURL").unwrap_or_default().to_owned();
                let content = self.content(division, change, topic.unwrap_or_default(), now);
                messages.push((url, content));
            }
        }
        let Self { outbox, settings, random, .. } = self;
        for (url, content) in messages {
            outbox.add(&url, &content, &settings.webhooks, now, random);
        }
    }

    fn content(&self, division: i64, change: Change, topic: &str, now: DateTime<Utc>) -> String {
        let action = match change.action {
            Action::Create => "Create",
            Action::Update => "Update",
            Action::Delete => "Delete",
        };
        let (client, id) = (&self.oauth.client_id, change.id);
        let path = path_of(change.kind).unwrap_or_default();
        // Slashes come escaped, which is why only the raw text can be verified.
        let endpoint = format!("{}/api/v1/{division}/{path}(guid'{id}')", self.links()).replace('/', "\\/");
        let created = wall_clock(now).format("%Y-%m-%dT%H:%M:%S%.3f");
        format!(
            "{{\"Topic\":\"{topic}\",\"ClientId\":\"{client}\",\"Division\":{division},\"Action\":\"{action}\",\
             \"Key\":\"{id}\",\"ExactOnlineEndpoint\":\"{endpoint}\",\"EventCreatedOn\":\"{created}\"}}"
        )
    }
}

/// A change of a line is told as an update of its header.
fn of_header(division: &super::division::Division, change: Change) -> Change {
    let parent = match change.kind {
        Kind::QuotationLine => (Kind::Quotation, "QuotationID"),
        Kind::SalesOrderLine => (Kind::SalesOrder, "OrderID"),
        Kind::GoodsDeliveryLine => (Kind::GoodsDelivery, "EntryID"),
        Kind::SalesInvoiceLine => (Kind::SalesInvoice, "InvoiceID"),
        _ => return change,
    };
    let header = division.get(change.kind, change.id).and_then(|line| line.guid(parent.1));
    header.map_or(change, |id| Change { kind: parent.0, id, action: Action::Update })
}
