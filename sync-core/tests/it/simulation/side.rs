//! A side as an adapter, with everything that can go wrong on the way.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{
    Action, Adapter, Archive, Capabilities, Change, Clock, Cursor, Error, ErrorKind, Key, Kind, NewField,
    Outcome, Pace, Page, Record, RecordId, Result, Schema, Usage, Value, View, Write, async_trait,
};
use sync_core::flow::Side;

use super::schema;
use super::world::{Item, Shared, lock};
use crate::executor::yield_now;

#[derive(Debug)]
pub(super) struct SimSide {
    pub(super) world: Shared,
    pub(super) side: Side,
}

/// How long a write may be on its way; below the settle window.
const LATE: u64 = 100;
/// How long the search index of the CRM lags.
const LAG: i64 = 60;

/// A dead process hears nothing any more.
pub(super) async fn die() -> ! {
    std::future::pending::<std::convert::Infallible>().await;
    unreachable!("nothing wakes a dead process")
}

impl SimSide {
    /// The way to the vendor: others may go first, people may do something, the process may die.
    async fn travel(&self) {
        let (yields, dead) = {
            let mut world = lock(&self.world);
            let rates = world.chance.rates;
            if world.chance.happens(rates.human_between) {
                world.met("a person acted during a run");
                world.human();
            }
            (world.chance.happens(rates.yields), self.dies(&mut world))
        };
        if dead {
            die().await;
        }
        if yields {
            yield_now().await;
        }
    }

    fn dies(&self, world: &mut super::world::World) -> bool {
        if !world.crashed {
            let crash = world.chance.rates.crash;
            world.crashed = world.chance.happens(crash);
            if world.crashed {
                world.met("a crash at an adapter call");
            }
        }
        world.crashed
    }

    /// A read, which may fail.
    async fn reading(&self) -> Result<()> {
        self.travel().await;
        let mut world = lock(&self.world);
        let rate = world.chance.rates.failed_read;
        if world.chance.happens(rate) {
            world.met("a read failed");
            return Err(Error::new(ErrorKind::Unavailable, "out of order for a moment"));
        }
        Ok(())
    }

    /// What is archived in the CRM is shown no more; what has ended in Exact is.
    fn is_gone(&self, item: &Item) -> bool {
        item.deleted || (item.retired && self.side == Side::Crm)
    }

    fn record(&self, view: &View, id: &str, item: &mut Item) -> Record {
        item.unstored.append(&mut item.unread);
        let fields = view
            .fields
            .iter()
            .map(|name| (name.clone(), item.fields.get(name).cloned().unwrap_or(Value::Null)));
        Record {
            kind: item.kind,
            id: RecordId::new(id),
            fields: fields.collect(),
            // The CRM counts in seconds: two edits of one moment look equally new.
            revision: Some(match self.side {
                Side::Exact => item.version,
                Side::Crm => item.changed_at.timestamp(),
            }),
            changed_at: Some(item.changed_at),
        }
    }

    async fn write_one(&self, view: &View, write: Write) -> Outcome {
        self.travel().await;
        let (outcome, dead) = {
            let mut world = lock(&self.world);
            let rates = world.chance.rates;
            let error = |what: &str| Error::new(ErrorKind::Timeout, what.to_owned());
            let elapsed = SimClock::elapsed(&world.now);
            if write.send_before.is_some_and(|deadline| elapsed > deadline) {
                return Outcome::NotSent(error("too late to send"));
            }
            if world.chance.happens(rates.not_sent) {
                world.met("a write was not sent");
                return Outcome::NotSent(Error::new(ErrorKind::Unavailable, "no connection"));
            }
            if world.chance.happens(rates.late_commit) {
                let after = Duration::from_secs(1 + world.chance.below(LATE as usize) as u64);
                world.later(self.side, view.kind, write.action, after);
                return Outcome::Unknown(error("no answer").with_may_have_applied(true));
            }
            if world.chance.happens(rates.vanished) {
                world.met("a write vanished");
                world.ledger.vanished(self.side, &write.action);
                return Outcome::Unknown(error("no answer").with_may_have_applied(true));
            }
            let id = world.perform(self.side, view.kind, &write.action, None);
            let lost = world.chance.happens(rates.lost_reply);
            let dead = self.dies(&mut world);
            let outcome = match id {
                Some(_) if lost || dead => {
                    world.met("a reply was lost");
                    Outcome::Unknown(error("no answer").with_may_have_applied(true))
                }
                Some(id) if world.keeps_quiet(self.side, &write.action) => {
                    let Action::Update(_, fields) = write.action else { unreachable!("only updates") };
                    let (kind, changed_at) = (view.kind, Some(world.now));
                    Outcome::Accepted(Record {
                        kind,
                        id: RecordId::new(id),
                        fields,
                        revision: None,
                        changed_at,
                    })
                }
                Some(id) => match world.side(self.side).items.get_mut(&id) {
                    Some(item) => Outcome::Applied(self.record(view, &id, item)),
                    None => Outcome::Gone(Error::new(ErrorKind::NotFound, "no such record")),
                },
                None => Outcome::Gone(Error::new(ErrorKind::NotFound, "no such record")),
            };
            (outcome, dead)
        };
        if dead {
            die().await;
        }
        outcome
    }
}

#[async_trait]
impl Adapter for SimSide {
    fn capabilities(&self, _: Kind) -> Capabilities {
        let mut capabilities = Capabilities::read_write(4);
        capabilities.archive = Archive::Hides;
        capabilities.deletes_visible = self.side == Side::Exact;
        capabilities.find_lags = self.side == Side::Crm;
        capabilities
    }

    fn pace(&self, _: Kind) -> Pace {
        let mut world = lock(&self.world);
        if world.chance.happens(20) { Pace::Wait(Duration::from_secs(7)) } else { Pace::Ready(10) }
    }

    fn usage(&self) -> Usage {
        Usage::default()
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        Ok(schema::of(self.side, kind, lock(&self.world).trade.is_some()))
    }

    async fn create_fields(&self, _: Kind, _: &[NewField]) -> Result<()> {
        Ok(())
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        self.reading().await?;
        let mut world = lock(&self.world);
        let after: i64 = after.map_or(0, |cursor| cursor.as_str().parse().unwrap());
        let size = 1 + world.chance.below(4);
        let lag = if self.side == Side::Crm { world.chance.rates.feed_lag } else { 0 };
        let shown = world.now - TimeDelta::seconds(lag.into());
        let ground = world.side(self.side);
        let mut newer: Vec<(i64, String)> = ground
            .items
            .iter()
            .filter(|(_, item)| item.kind == view.kind && item.told > after && item.changed_at <= shown)
            .map(|(id, item)| (item.told, id.clone()))
            .collect();
        newer.sort_unstable();
        let more = newer.len() > size;
        newer.truncate(size);
        let cursor = newer.last().map_or(after, |(version, _)| *version);
        let mut changes = Vec::new();
        for (_, id) in newer {
            let Some(item) = ground.items.get_mut(&id) else { continue };
            match (self.is_gone(item), self.side) {
                (false, _) => changes.push(Change::Present(self.record(view, &id, item))),
                (true, Side::Exact) => changes.push(Change::Deleted(RecordId::new(id))),
                // The CRM does not tell of what is gone.
                (true, Side::Crm) => {}
            }
        }
        Ok(Page { changes, cursor: Cursor::new(cursor.to_string()), more })
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        self.reading().await?;
        let mut world = lock(&self.world);
        let items = &mut world.side(self.side).items;
        let mut records = Vec::new();
        for id in ids {
            if let Some(item) = items.get_mut(id.as_str()).filter(|item| !self.is_gone(item)) {
                records.push(self.record(view, id.as_str(), item));
            }
        }
        Ok(records)
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        self.reading().await?;
        let mut world = lock(&self.world);
        let indexed = world.now - TimeDelta::seconds(if self.side == Side::Crm { LAG } else { 0 });
        let version = world.side(self.side).version;
        if let (Kind::Order, Some(trade)) = (view.kind, &mut world.trade) {
            trade.look(&key.value, version);
        }
        let found = world.side(self.side).items.iter_mut().filter(|(_, item)| {
            !self.is_gone(item)
                && item.kind == view.kind
                && item.created_at <= indexed
                && item.fields.get(&key.field) == Some(&key.value)
        });
        Ok(found.map(|(id, item)| self.record(view, id, item)).collect())
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for write in writes {
            outcomes.push(self.write_one(view, write).await);
        }
        outcomes
    }
}

/// The world's clock. Waiting moves it.
#[derive(Debug)]
pub(super) struct SimClock {
    pub(super) world: Shared,
}

impl SimClock {
    fn elapsed(now: &DateTime<Utc>) -> Duration {
        Duration::from_micros(u64::try_from(now.timestamp_micros()).unwrap())
    }
}

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> DateTime<Utc> {
        lock(&self.world).now
    }

    fn monotonic(&self) -> Duration {
        Self::elapsed(&lock(&self.world).now)
    }

    async fn sleep(&self, duration: Duration) {
        lock(&self.world).advance(duration);
        yield_now().await;
    }
}
