//! The line items of documents, read for many documents at once.

use std::collections::BTreeMap;

use super::HubSpot;
use super::association::Links;
use super::entity::Entity;
use super::fields::Target;
use crate::error::Result;
use crate::model::{Fields, Kind, Record, RecordId, Value, View};

/// What is read of a line. Custom properties of lines come along too.
const NAMES: [&str; 12] = [
    "hs_object_id",
    "name",
    "description",
    "quantity",
    "price",
    "discount",
    "hs_discount_percentage",
    "amount",
    "hs_product_id",
    "hs_sku",
    "hs_line_item_currency_code",
    POSITION,
];
const POSITION: &str = "hs_position_on_quote";

impl HubSpot {
    /// The lines of each record: a call for the associations and one for the lines, of a hundred each.
    pub(super) async fn lines(
        &self,
        from: &Entity,
        ids: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Vec<Fields>>> {
        let entity = self.cache.entities().get(Kind::Line)?;
        let target = Target { kind: Kind::Line, object: entity.object.clone(), label: None, plain: None };
        let links = self.links(from, &target, ids).await?;
        let all: Vec<RecordId> = links.values().flatten().cloned().collect();
        let records = if all.is_empty() {
            Vec::new()
        } else {
            let view = self.line_view(entity).await?;
            Box::pin(self.get_by_id(entity, &view, &all)).await?
        };
        Ok(grouped(links, records))
    }

    async fn line_view(&self, entity: &Entity) -> Result<View> {
        let catalogue = self.cache.get(&self.api, entity).await?;
        let mut fields: Vec<String> =
            NAMES.into_iter().filter(|name| catalogue.has_property(name)).map(str::to_owned).collect();
        fields.extend(catalogue.custom_names());
        Ok(View { kind: Kind::Line, fields })
    }
}

/// Lines in the order that people gave them, then in that of their ids.
fn grouped(links: Links, records: Vec<Record>) -> BTreeMap<RecordId, Vec<Fields>> {
    let by_id: BTreeMap<RecordId, Fields> =
        records.into_iter().map(|record| (record.id, record.fields)).collect();
    let lines = |ids: Vec<RecordId>| {
        let mut lines: Vec<Fields> = ids.iter().filter_map(|id| by_id.get(id).cloned()).collect();
        // A stable sort: the ids come in their own order.
        lines.sort_by_key(position);
        lines
    };
    links.into_iter().map(|(id, ids)| (id, lines(ids))).collect()
}

fn position(line: &Fields) -> (bool, Value) {
    let position = line.get(POSITION).cloned().unwrap_or_default();
    (position.is_empty(), position)
}
