//! Subscriptions: one for each topic.

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::resources::stored_entities;
use super::super::schema::Kind;

pub(super) fn prepare(books: &mut Books<'_>, row: &mut Row) -> Vec<String> {
    if let Some(fault) = books.callback_fault.take() {
        return vec![books.say(&format!("Ongeldig: {fault}"), &format!("Invalid: {fault}"))];
    }
    let topic = row.str("Topic").unwrap_or_default();
    let known = stored_entities().any(|entity| entity.topic == Some(topic));
    if !topic.is_empty() && !known {
        return vec![books.invalid("Topic")];
    }
    let taken = books.division.rows(Kind::WebhookSubscription).any(|other| other.str("Topic") == Some(topic));
    if taken {
        return vec![books.exists_already()];
    }
    if row.stored("IsInstant") == Some(&Cell::Bool(true)) && topic != "GoodsDeliveries" {
        return vec![books.invalid("IsInstant")];
    }
    let client_id = books.client_id.parse().map_or(Cell::Null, Cell::Guid);
    row.set("ClientID", client_id);
    row.set("UserID", Cell::Guid(books.user));
    row.set("Description", Cell::text("Sandbox app"));
    Vec::new()
}
