use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_adapters::{
    Adapter, Archive, Capabilities, Cost, Cursor, Error, ErrorKind, Key, Kind, NewField, Outcome, Pace, Page,
    Record, RecordId, Result, Schema, Usage, Value, View, Wanted, Work, Write,
};
use exact_client::{
    Client, DivisionApi, DivisionId, Entity, Guid, Property, Resource, SalesOrderLine, Verb, WallTime,
};
use futures_util::StreamExt;

use super::cursor::Place;
use super::derive::Source;
use super::kinds::Shape;
use super::looks::Look;
use super::parts::{PartStore, Parts};
use super::{addresses, billing, cost, derived, value, write};

/// How many writes may usefully be under way at once.
const CONCURRENCY: usize = 8;

/// One division of Exact Online as a side of a sync: its accounts (companies), contacts, items (products), sales
/// orders, quotations and sales invoices; and what was invoiced under a reference (billing).
///
/// A poll of a kind where nothing happened costs two calls: the feed of its records, and that of deletions, which can be
/// read [less often](Self::deletions_every). The feeds deliver 1,000 records a call.
///
/// [`news`](Adapter::news) reads no more than the feeds that somebody [heard of](PartStore::hear), and that of payments, of
/// which no webhook tells. Deletions it leaves to [`changes`](Adapter::changes).
///
/// # Derived fields
/// What other records say about one are fields too, under names with a dot, read-only but for addresses: `Receivables.…` of a
/// company, `Price.…` and `Sale.…` of a product, `Delivery.…`, `Invoicing.…` and `Payment.…` of an order, `Payment.…` of an invoice;
/// [`schema`](Adapter::schema) lists them. Amounts are in the division's currency.
///
/// A view that names one follows the feeds of what it is made of: one more call a poll and feed, one per 1,000 rows when it
/// is read for the first time. What they tell is [kept](Self::parts_in), once for all kinds, and figures are worked out of that
/// without a call; what one kind has read within the last minute the next one does not read again. Figures are therefore as of
/// the last look at these feeds, also in records that are read by their id. An order of which something was delivered,
/// invoiced or paid is read once more at the end of the look, for one call per 20, where the feed of orders does not bring
/// it. What the calendar changes, days overdue and prices that start or end, items that begin or end to be sold, is told on
/// the first poll of a day in Amsterdam, for one or two calls.
///
/// A list price goes by its currency (`Price.EUR`), so that none is taken for another; it is the one that holds today
/// for one piece in the item's own unit. `Price.Breaks` tells the others. What was agreed with one customer is no list
/// price. `Price.List` has all of them as lines, agreements and price lists too: documents are held against it.
///
/// # What was invoiced under a reference
/// A record of the kind billing is what the invoices and credit notes come to that one customer has under one `YourRef`,
/// in capitals or not, whether or not they are made of an order. It is made of the feeds of invoices and payment terms
/// alone, and has no call of its own.
///
/// # Price lists
/// A customer has one price list at most ([`Account::price_list`](exact_client::Account::price_list)). `Prices.OfList` of a
/// company tells what it gives today, `Prices.Agreed` what was agreed with that customer alone.
///
/// How the price of a row is worked out is [published](exact_client::SalesPriceListVolumeDiscount); which of several counts
/// is not. We read it so: the agreement with the customer, then the customer's list, then what everybody pays; within a list
/// a special offer before the basic period, and a row of the item before one of its group, each from its least quantity on. A
/// discount off the standard price counts where the item has one in the currency of the list. Nothing is rounded, but a
/// document's price is the same when it is so in its own decimals.
///
/// Whoever asks for `Prices.OfList` pays a call for each look at the feed of what lists say; so does who asks for
/// `Price.List`, from when a customer is read that has a list, and nothing before. Where lists say anything, their periods,
/// which have no feed, are read whole, 60 a call: an hour after the last time, and when a row names one that is not known;
/// what changes in a period alone is therefore seen within the hour. Who has a list that changed is one call per 20 lists and
/// 1,000 customers, and which items are in a group that a list names one per 20 groups and 1,000 items. That a row was
/// deleted is told as of a [`DiscountTable`](exact_client::EntityType::DiscountTable), by all appearances; that a period was,
/// shows when they are read.
///
/// # Addresses
/// The visiting address is part of the account. Those for invoices and deliveries are `InvoiceAddress.…` and
/// `DeliveryAddress.…` of a company: the lines of the account's main address of that type. A view that names one follows the
/// feed of addresses. In records that are read by their id they are as of now, for one call per 20 companies.
///
/// They are [written by updates only](crm_adapters::Field::updates_only), for an address needs the id of its account: the main
/// one of the type is changed, or made where there is none. That costs three calls, four for both, besides those of the
/// account's own fields. Clearing every line leaves an empty address; it is never deleted.
///
/// A new order or quotation names the main delivery address of the account that it goes to, unless its fields name another;
/// looking for that is one call.
///
/// # Archiving
/// [`Archive`](crm_adapters::Action::Archive) ends an account, a contact or an item as of today; nothing is ever
/// deleted. Documents, such as orders, cannot be archived.
#[derive(Clone, Debug)]
pub struct ExactAdapter {
    pub(super) client: Client,
    division: DivisionApi,
    moved: Option<WallTime>,
    max_lengths: BTreeMap<String, usize>,
    currency: String,
    deletions_every: TimeDelta,
    parts: PartStore,
}

impl ExactAdapter {
    /// The side that this division is. `moved` is its `DivisionMoveDate` as read just now: when it changes, the
    /// feeds start over.
    #[must_use]
    pub fn new(client: Client, division: DivisionId, moved: Option<WallTime>) -> Self {
        let division = client.division(division);
        Self {
            client,
            division,
            moved,
            max_lengths: BTreeMap::new(),
            currency: "EUR".to_owned(),
            deletions_every: TimeDelta::zero(),
            parts: PartStore::default(),
        }
    }

    /// The division's own currency, `EUR` where not told: that of a price which names none.
    #[must_use]
    pub fn currency(mut self, code: impl Into<String>) -> Self {
        self.currency = code.into();
        self
    }

    /// Replaces what is assumed of the length of texts, by property, in characters. Exact does not publish it.
    #[must_use]
    pub fn max_lengths(mut self, lengths: BTreeMap<String, usize>) -> Self {
        self.max_lengths = lengths;
        self
    }

    /// Where the parts of records are kept that figures are made of: in memory where not told, so that each process reads
    /// their feeds from the beginning.
    #[must_use]
    pub fn parts_in(mut self, store: PartStore) -> Self {
        self.parts = store;
        self
    }

    /// Reads what was deleted no more often than this: at every poll where not told. It is a call of its own for each
    /// kind, and people seldom delete.
    #[must_use]
    pub fn deletions_every(mut self, interval: Duration) -> Self {
        self.deletions_every = TimeDelta::from_std(interval).unwrap_or(TimeDelta::MAX);
        self
    }

    pub(super) fn deletions_are_due(&self, place: &Place) -> bool {
        place.deleted_at.is_none_or(|last| self.client.now() - last >= self.deletions_every)
    }

    /// Where they are read at every poll, it does not matter, and the place of an idle feed stays what it is.
    pub(super) fn deletions_read_at(&self) -> Option<DateTime<Utc>> {
        (self.deletions_every > TimeDelta::zero()).then(|| self.client.now())
    }

    pub(super) fn home_currency(&self) -> &str {
        &self.currency
    }

    /// Whether a moment is past until which something may be sent.
    pub(super) fn is_past(&self, moment: Duration) -> bool {
        self.client.monotonic() > moment
    }

    /// The day in Exact's own time.
    pub(super) fn today(&self) -> NaiveDate {
        WallTime::from_utc(self.client.now()).date()
    }

    /// What a kind is made of, from tables. Costs nothing.
    pub(super) fn fields(&self, kind: Kind) -> Result<Schema> {
        let length = |property: &Property| self.max_lengths.get(property.name()).copied();
        let own = |resource: &'static Resource| {
            resource.properties().iter().map(move |property| value::field(property, length(property)))
        };
        if kind == Kind::Line {
            return Ok(Schema::new(own(SalesOrderLine::RESOURCE)));
        }
        let shape = Shape::of(kind)?;
        if shape.made_of_parts() {
            return Ok(Schema::new(billing::fields().chain(derived::fields(kind))));
        }
        // Exact creates a document with its lines or not at all.
        let lines = shape.lines.as_ref().map(|lines| lines.property);
        let own = own(shape.resource)
            .map(|field| if Some(field.name.as_str()) == lines { field.required() } else { field });
        let derived = derived::fields(kind);
        if kind != Kind::Company {
            return Ok(Schema::new(own.chain(derived)));
        }
        let addresses = addresses::fields(|line| self.max_lengths.get(line).copied());
        Ok(Schema::new(own.chain(derived).chain(addresses)))
    }

    /// # Errors
    /// `Config` naming the first field of the view that does not exist.
    fn check(&self, view: &View) -> Result<()> {
        let schema = self.fields(view.kind)?;
        match view.fields.iter().find(|name| schema.get(name).is_none()) {
            None => Ok(()),
            Some(unknown) => {
                Err(Error::new(ErrorKind::Config, format!("Exact has no such field of a {}", view.kind))
                    .with_field(unknown)
                    .with_remedy("correct its name in the mapping"))
            }
        }
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        Parts { store: &self.parts, division: &self.division, moved: self.moved, now: self.client.now() }
    }

    pub(super) fn division(&self) -> &DivisionApi {
        &self.division
    }
}

#[async_trait]
impl Adapter for ExactAdapter {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        let shape = Shape::of(kind).ok().filter(|shape| !shape.made_of_parts());
        let Some(shape) = shape else { return Capabilities::read_only() };
        let mut capabilities = match shape.resource.allows(Verb::Create) {
            true => Capabilities::read_write(CONCURRENCY),
            false => Capabilities::read_only(),
        };
        capabilities.archive = if shape.ends { Archive::Ends } else { Archive::Never };
        capabilities.deletes_visible = true;
        capabilities.changed_at = Some("Modified");
        capabilities.changed_by = Some("ModifierFullName");
        capabilities
    }

    fn pace(&self, _kind: Kind) -> Pace {
        match self.client.pace(self.division.id()) {
            exact_client::Pace::Ready(calls) => Pace::Ready(calls),
            exact_client::Pace::Wait(wait) => Pace::Wait(wait),
            exact_client::Pace::Spent(until) => Pace::Spent(until),
        }
    }

    fn usage(&self) -> Usage {
        let used = self.client.usage(self.division.id());
        let mut usage = Usage::default();
        usage.calls = used.calls;
        usage.day_limit = Some(used.day_limit);
        usage.day_left = Some(used.day_left);
        usage.minute_limit = Some(used.minute_limit);
        usage
    }

    async fn cost(&self, view: &View, work: Work<'_>) -> Result<Cost> {
        Ok(cost::of(Shape::of(view.kind)?, work))
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        self.fields(kind)
    }

    async fn create_fields(&self, _kind: Kind, fields: &[NewField]) -> Result<()> {
        match fields.first() {
            None => Ok(()),
            Some(field) => {
                let message = format!("Exact takes no custom field ({}) through this adapter", field.label);
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let shape = Shape::of(view.kind)?;
        self.check(view)?;
        self.follow(shape, view, Look::Everything, Place::of(after, self.moved)?).await
    }

    async fn news(&self, view: &View, after: &Cursor) -> Result<Page> {
        let shape = Shape::of(view.kind)?;
        self.check(view)?;
        self.follow(shape, view, Look::News, Place::of(Some(after), self.moved)?).await
    }

    async fn refresh(&self, view: &View, after: &Cursor, wanted: Wanted<'_>) -> Result<Page> {
        let shape = Shape::of(view.kind)?;
        self.check(view)?;
        self.refreshed(shape, view, Place::of(Some(after), self.moved)?, wanted).await
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        let shape = Shape::of(view.kind)?;
        self.check(view)?;
        if shape.made_of_parts() {
            return self.billing_by_id(view, ids).await;
        }
        let ids: Vec<Guid> = ids.iter().filter_map(|id| id.as_str().parse().ok()).collect();
        let ids: Vec<_> = ids.into_iter().map(exact_client::Value::Guid).collect();
        self.records_by(shape, view, Source::Now, shape.key(), &ids).await
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        let shape = Shape::of(view.kind)?;
        self.check(view)?;
        let own = shape.resource.property(&key.field).filter(|_| !shape.made_of_parts());
        let property = own.filter(|property| property.is_filterable());
        let property = property.ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "Exact cannot filter by this property").with_field(&key.field)
        })?;
        let wanted = match &key.value {
            Value::List(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        // What the property cannot hold, or an empty value, is no key of anything.
        let wanted = wanted.iter().filter(|value| !value.is_empty());
        let wanted: Vec<_> = wanted.filter_map(|wanted| value::exact(property, wanted)).collect();
        self.records_by(shape, view, Source::Now, &key.field, &wanted).await
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let sent = writes.into_iter().map(|one| write::write(self, view, one));
        futures_util::stream::iter(sent).buffered(CONCURRENCY).collect().await
    }
}
