//! What people, the bank and the post do beyond accounts, as methods for tests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::rules::invoices::Invoiced;
use super::state::State;
use super::{Exact, object};
use crate::error::{Error, Result};
use crate::http::{Door, post};

/// How often the post goes on the machine's clock.
const ROUND: Duration = Duration::from_millis(200);

impl Exact {
    /// Every record of a resource such as `crm/Contacts` with all its properties, as the API would show it.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such division or resource.
    pub fn records(&self, division: i64, path: &str) -> Result<Vec<Value>> {
        self.door.with(|state, _| state.records(division, path)).map_err(Error::Refused)
    }

    /// Enters a new record, with its lines.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn create(&self, division: i64, path: &str, fields: Value) -> Result<Uuid> {
        let fields = object(fields)?;
        self.door.with(|state, now| state.create_record(division, path, &fields, now)).map_err(Error::Refused)
    }

    /// Changes some properties of a record; `null` empties one.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn edit(&self, division: i64, path: &str, id: Uuid, fields: Value) -> Result<()> {
        let fields = object(fields)?;
        self.door
            .with(|state, now| state.edit_record(division, path, id, &fields, now))
            .map_err(Error::Refused)
    }

    /// Deletes a record with its lines.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn delete(&self, division: i64, path: &str, id: Uuid) -> Result<()> {
        self.door.with(|state, now| state.delete_record(division, path, id, now)).map_err(Error::Refused)
    }

    /// Ships all that is left of an order and returns the delivery.
    ///
    /// # Errors
    /// [`Error::Refused`] when nothing is left.
    pub fn deliver(&self, division: i64, order: Uuid) -> Result<Uuid> {
        self.door.with(|state, now| state.deliver(division, order, None, now)).map_err(Error::Refused)
    }

    /// Ships these quantities, by order line, and returns the delivery.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn deliver_part(
        &self,
        division: i64,
        order: Uuid,
        quantities: &BTreeMap<Uuid, Decimal>,
    ) -> Result<Uuid> {
        let act = |state: &mut State, now| state.deliver(division, order, Some(quantities), now);
        self.door.with(act).map_err(Error::Refused)
    }

    /// Makes an open invoice of what was delivered of an order and not invoiced yet.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is nothing to invoice.
    pub fn invoice_delivered(&self, division: i64, order: Uuid) -> Result<Uuid> {
        let act = |state: &mut State, now| state.invoice_order(division, order, Invoiced::Delivered, now);
        self.door.with(act).map_err(Error::Refused)
    }

    /// Makes an open invoice of what was ordered and not invoiced yet.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is nothing to invoice.
    pub fn invoice_ordered(&self, division: i64, order: Uuid) -> Result<Uuid> {
        let act = |state: &mut State, now| state.invoice_order(division, order, Invoiced::Ordered, now);
        self.door.with(act).map_err(Error::Refused)
    }

    /// Prints an open invoice and returns its number. From now on it is processed, fixed and to be paid.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn print(&self, division: i64, invoice: Uuid) -> Result<i64> {
        self.door.with(|state, now| state.print(division, invoice, now)).map_err(Error::Refused)
    }

    /// The bank reports a payment; all that is left to pay when no amount is named.
    ///
    /// # Errors
    /// [`Error::Refused`] when nothing is left to pay.
    pub fn pay(&self, division: i64, invoice: Uuid, amount: Option<Decimal>) -> Result<()> {
        self.door.with(|state, now| state.pay(division, invoice, amount, now)).map_err(Error::Refused)
    }

    /// Gives up what is left to pay of an invoice.
    ///
    /// # Errors
    /// [`Error::Refused`] when nothing is left to pay.
    pub fn write_off(&self, division: i64, invoice: Uuid) -> Result<()> {
        self.door.with(|state, now| state.write_off(division, invoice, now)).map_err(Error::Refused)
    }

    /// Undoes every match of an invoice with payments: it is open again.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such division.
    pub fn unmatch(&self, division: i64, invoice: Uuid) -> Result<()> {
        self.door.with(|state, now| state.unmatch(division, invoice, now)).map_err(Error::Refused)
    }

    /// Credits a processed invoice in full, prints the credit note, matches the two, and returns the note.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn credit(&self, division: i64, invoice: Uuid) -> Result<Uuid> {
        self.door.with(|state, now| state.credit(division, invoice, None, now)).map_err(Error::Refused)
    }

    /// Credits these quantities of a processed invoice, by product, and returns the printed credit note.
    ///
    /// # Errors
    /// [`Error::Refused`] with Exact's own text.
    pub fn credit_part(
        &self,
        division: i64,
        invoice: Uuid,
        quantities: &BTreeMap<Uuid, Decimal>,
    ) -> Result<Uuid> {
        let act = |state: &mut State, now| state.credit(division, invoice, Some(quantities), now);
        self.door.with(act).map_err(Error::Refused)
    }

    /// A customer accepts a quotation, or rejects it. No order is made of it.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is none to answer.
    pub fn reply(&self, division: i64, quotation: Uuid, accepted: bool) -> Result<()> {
        self.door.with(|state, now| state.answer(division, quotation, accepted, now)).map_err(Error::Refused)
    }

    /// Ends an order as it is: nothing more will be delivered or invoiced.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such division.
    pub fn complete(&self, division: i64, order: Uuid) -> Result<()> {
        self.door.with(|state, now| state.complete(division, order, now)).map_err(Error::Refused)
    }

    /// Puts a part of what is open of an invoice off by so many days: two terms are open then.
    ///
    /// # Errors
    /// [`Error::Refused`] where it is no part of it.
    pub fn put_off(&self, division: i64, invoice: Uuid, amount: Decimal, days: u64) -> Result<()> {
        self.door
            .with(|state, now| state.put_off(division, invoice, amount, days, now))
            .map_err(Error::Refused)
    }

    /// Wipes what says who a contact is; the record stays.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such contact.
    pub fn anonymise(&self, division: i64, contact: Uuid) -> Result<()> {
        self.door.with(|state, now| state.anonymise(division, contact, now)).map_err(Error::Refused)
    }

    /// The key of the webhooks' signatures.
    #[must_use]
    pub fn webhook_secret(&self) -> String {
        self.door.with(|state, _| state.outbox.secret.clone())
    }

    /// Sends the notifications that are due by now and returns how many were taken. On the machine's clock they go by
    /// themselves.
    pub async fn deliver_webhooks(&self) -> usize {
        send_due(&self.door).await
    }
}

/// Sends notifications as they fall due, until it is dropped.
#[derive(Debug)]
pub(super) struct Postman {
    task: JoinHandle<()>,
}

impl Postman {
    pub(super) fn start(door: Arc<Door<State>>) -> Self {
        let rounds = async move {
            loop {
                tokio::time::sleep(ROUND).await;
                send_due(&door).await;
            }
        };
        Self { task: tokio::spawn(rounds) }
    }
}

impl Drop for Postman {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn send_due(door: &Door<State>) -> usize {
    let mut taken = 0;
    for message in door.with(|state, now| state.outbox.due(now)) {
        let outcome = post(&message.url, message.body.clone()).await;
        if matches!(outcome, Ok(200..=299)) {
            taken += 1;
        } else {
            door.with(|state, now| state.outbox.not_taken(message, &state.settings.webhooks, now));
        }
    }
    taken
}
