//! What is read of deals by calls of their own: their products, and the discounts on the whole.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Pipedrive;
use super::api::{Call, LIST_COST};
use super::entity::{Shape, described};
use super::map::{Lens, Reading};
use super::wire::{WireDiscount, WireRecord};
use crate::error::Result;
use crate::http::Failure;
use crate::model::{Fields, Kind, RecordId, Value, View};

/// As many deals as one request for their products may name.
const DEALS: usize = 100;

impl Pipedrive {
    /// Puts the products and the discounts of deals on their records, where they are wanted. Products cost one call for a
    /// hundred deals, discounts one for each deal that is not worth what its products come to.
    pub(super) async fn add_parts(
        &self,
        lens: &Lens,
        wires: &[WireRecord],
        readings: &mut [Reading],
    ) -> Result<()> {
        let (products, discounts) = (lens.named(Shape::Lines), lens.named(Shape::Discounts));
        if products.or(discounts).is_none() {
            return Ok(());
        }
        let mut present: Vec<_> =
            wires.iter().zip(readings).filter(|(_, reading)| !reading.is_deleted).collect();
        for deals in present.chunks_mut(DEALS) {
            let ids: Vec<&str> = deals.iter().map(|(_, reading)| reading.record.id.as_str()).collect();
            let mut lines = self.lines_of(&ids).await?;
            for (wire, reading) in deals {
                let record = &mut reading.record;
                let lines = lines.remove(&record.id).unwrap_or_default();
                if let Some(name) = discounts {
                    let discounts = match is_worth(wire, &lines) {
                        true => Value::Null,
                        false => self.discounts_of(&record.id, wire).await?,
                    };
                    record.fields.set(name, discounts);
                }
                if let Some(name) = products {
                    record.fields.set(name, Value::Lines(lines));
                }
            }
        }
        Ok(())
    }

    async fn lines_of(&self, deals: &[&str]) -> Result<BTreeMap<RecordId, Vec<Fields>>> {
        let entity = described(Kind::Line)?;
        let fields = entity.properties.iter().map(|property| property.name.to_owned()).collect();
        let lens = self.lens(entity, &View { kind: Kind::Line, fields }).await?;
        let call = Call::list(entity.path).query("deal_ids", deals.join(","));
        let lines: Vec<WireRecord> = self.api.read_all(&call).await.map_err(Failure::into_read_error)?;
        let mut of_deals: BTreeMap<RecordId, Vec<Fields>> = BTreeMap::new();
        for line in &lines {
            if let Some(deal) = line.id_at("deal_id") {
                of_deals.entry(RecordId::new(deal)).or_default().push(lens.read(line)?.record.fields);
            }
        }
        Ok(of_deals)
    }

    /// The discounts of a deal as people write them: `10%`, `25 EUR`, `10% + 25 EUR`.
    async fn discounts_of(&self, deal: &RecordId, wire: &WireRecord) -> Result<Value> {
        let call = Call::one(format!("/api/v2/deals/{deal}/discounts"), LIST_COST);
        let discounts: Vec<WireDiscount> =
            self.api.read_all(&call).await.map_err(Failure::into_read_error)?;
        let currency = wire.text_at("currency").unwrap_or_default();
        let said: Vec<String> = discounts.iter().map(|discount| discount.said(&currency)).collect();
        Ok(if said.is_empty() { Value::Null } else { Value::text(said.join(" + ")) })
    }
}

/// Whether a deal is worth what its products come to: then nothing is taken off it. The value of one without products is
/// whatever was typed.
fn is_worth(deal: &WireRecord, lines: &[Fields]) -> bool {
    let counts = |line: &&Fields| line.get("is_enabled") != Some(&Value::Bool(false));
    let sum = |line: &Fields| match line.get("sum") {
        Some(Value::Decimal(sum)) => Some(*sum),
        _ => None,
    };
    let sums: Option<Decimal> = lines.iter().filter(counts).map(sum).sum();
    lines.is_empty() || sums.is_some() && sums == deal.number_at("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal(value: &str) -> WireRecord {
        serde_json::from_str(&format!(r#"{{"id":1,"value":{value}}}"#)).unwrap()
    }

    fn line(sum: i64, enabled: bool) -> Fields {
        Fields::new()
            .with("sum", Value::Decimal(Decimal::new(sum, 2)))
            .with("is_enabled", Value::Bool(enabled))
    }

    #[test]
    fn a_deal_is_asked_for_discounts_only_where_its_value_is_not_that_of_its_products() {
        let table = [
            ("22.50", vec![line(2250, true)], true),
            ("22.5", vec![line(2000, true), line(250, true), line(999, false)], true),
            ("20.25", vec![line(2250, true)], false),
            ("null", vec![line(2250, true)], false),
            ("22.50", vec![Fields::new()], false),
            ("500", vec![], true),
        ];
        for (value, lines, worth) in table {
            assert_eq!(is_worth(&deal(value), &lines), worth, "{value} {lines:?}");
        }
    }

    #[test]
    fn a_discount_is_said_as_people_write_it() {
        let table = [
            (r#"{"type":"percentage","amount":10.50}"#, "10.5%"),
            (r#"{"type":"amount","amount":25}"#, "25 EUR"),
            (r#"{"type":"bundle","amount":25}"#, "25 bundle"),
            (r#"{"type":"percentage"}"#, "an unknown percentage"),
        ];
        for (wire, said) in table {
            let discount: WireDiscount = serde_json::from_str(wire).unwrap();
            assert_eq!(discount.said("EUR"), said);
        }
    }
}
