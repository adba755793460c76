//! Making the custom properties that a mapping needs.

use serde_json::json;

use super::HubSpot;
use super::api::Call;
use super::entity::Entity;
use super::wire::{WireNewProperty, WireOption};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Failure;
use crate::model::{FieldType, NewField};

/// The group that all of them stand in, by its internal name and its label.
const GROUP: (&str, &str) = ("exact_online", "Exact Online");
const PREFIX: &str = "exact_";

impl HubSpot {
    pub(super) async fn create_missing(&self, entity: &Entity, fields: &[NewField]) -> Result<()> {
        let mut known = self.cache.get(&self.api, entity).await?;
        if fields.iter().all(|field| known.has_label(&field.label)) {
            return Ok(());
        }
        if self.cache.is_old(entity.kind) {
            known = self.cache.newer(&self.api, entity, &known).await?;
        }
        let missing: Vec<_> = fields.iter().filter(|field| !known.has_label(&field.label)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.create_group(entity).await?;
        for field in missing {
            self.create_property(entity, field).await?;
        }
        self.cache.with_made(&self.api, entity).await?;
        Ok(())
    }

    async fn create_group(&self, entity: &Entity) -> Result<()> {
        let (name, label) = GROUP;
        let path = self.api.version.properties(&entity.object) + "/groups";
        let call = Call::post(path, &json!({"name": name, "label": label}))?;
        match self.api.write(&call, None).await {
            Err(failure) if failure.error.kind() != ErrorKind::Conflict => Err(failure.error),
            _ => Ok(()),
        }
    }

    async fn create_property(&self, entity: &Entity, field: &NewField) -> Result<()> {
        let label = field.label.trim();
        let name = property_name(label);
        let (ty, field_type) = types(field)?;
        let new = WireNewProperty {
            name: &name,
            label,
            ty,
            field_type,
            group_name: GROUP.0,
            has_unique_value: name == self.unique_key,
            options: options(field.ty),
        };
        let call = Call::post(self.api.version.properties(&entity.object), &new)?;
        self.api.write(&call, None).await.map_err(|failure| refused(failure, label, &name))?;
        Ok(())
    }
}

fn refused(failure: Failure, label: &str, name: &str) -> Error {
    match failure.error.kind() {
        ErrorKind::Conflict => failure.error.with_field(label).with_remedy(format!(
            "HubSpot has or had a property {name} with another label: restore it, or map custom:{name}"
        )),
        _ => failure.error.with_field(label),
    }
}

/// `KvK number` becomes `exact_kvk_number`, `Exact ID` stays `exact_id`.
pub(super) fn property_name(label: &str) -> String {
    let plain = label.chars().map(|char| match char {
        char if char.is_ascii_alphanumeric() => char.to_ascii_lowercase(),
        _ => ' ',
    });
    let snake = plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join("_");
    if snake.starts_with(PREFIX) { snake } else { format!("{PREFIX}{snake}") }
}

/// Type and field type; both stay as they are for good.
fn types(field: &NewField) -> Result<(&'static str, &'static str)> {
    match field.ty {
        FieldType::Text => Ok(("string", "text")),
        FieldType::Decimal => Ok(("number", "number")),
        FieldType::Bool => Ok(("bool", "booleancheckbox")),
        FieldType::Date => Ok(("date", "date")),
        FieldType::Instant => Ok(("datetime", "date")),
        _ => Err(Error::new(ErrorKind::Unsupported, "HubSpot has no type of property for this alone")
            .with_field(&field.label)
            .with_remedy("create the property in HubSpot by hand, with its options")),
    }
}

/// HubSpot wants both sides of a yes or no spelled out.
fn options(ty: FieldType) -> Vec<WireOption> {
    let option = |(at, (label, value)): (i32, (&str, &str))| WireOption {
        label: label.to_owned(),
        value: value.to_owned(),
        display_order: at,
        hidden: false,
    };
    let sides = [("Yes", "true"), ("No", "false")];
    if ty == FieldType::Bool { (0..).zip(sides).map(option).collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_propertys_name_is_exact_and_its_label_in_snake_case() {
        let table = [
            ("KvK number", "exact_kvk_number"),
            ("VAT number", "exact_vat_number"),
            ("Exact ID", "exact_id"),
            ("Outstanding amount", "exact_outstanding_amount"),
            (" E-mail (invoice) ", "exact_e_mail_invoice"),
        ];
        for (label, name) in table {
            assert_eq!(property_name(label), name);
        }
    }
}
