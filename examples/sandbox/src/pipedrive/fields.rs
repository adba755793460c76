//! Custom fields, that people and apps make, and how fields are described.

use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entity::{LONGEST_TEXT, LONGEST_VARCHAR, Property, is_currency, is_date, is_text};
use super::refusal::Refusal;

pub(super) const ADDRESS_PARTS: [(&str, &str); 10] = [
    ("value", "Address value of Address"),
    ("subpremise", "Apartment/suite of Address"),
    ("street_number", "House number of Address"),
    ("route", "Street/road name of Address"),
    ("sublocality", "District of Address"),
    ("locality", "City/town of Address"),
    ("admin_area_level_1", "State/province of Address"),
    ("admin_area_level_2", "County of Address"),
    ("country", "Country of Address"),
    ("postal_code", "Postal code of Address"),
];

/// The types that a custom field may be created with.
const TYPES: [&str; 16] = [
    "varchar",
    "text",
    "double",
    "phone",
    "date",
    "daterange",
    "time",
    "timerange",
    "set",
    "enum",
    "varchar_auto",
    "address",
    "monetary",
    "org",
    "people",
    "user",
];

/// A field that people or apps made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Custom {
    /// Forty hexadecimal digits.
    pub(super) code: String,
    pub(super) name: String,
    pub(super) field_type: String,
    options: Vec<(i64, String)>,
}

impl Custom {
    /// Reads the body of a create.
    pub(super) fn from_body(
        body: &Value,
        next_option: &mut i64,
        random: &mut StdRng,
    ) -> Result<Self, Refusal> {
        let name =
            body["field_name"].as_str().filter(|name| (1..=LONGEST_VARCHAR).contains(&name.chars().count()));
        let name =
            name.ok_or_else(|| Refusal::schema("field_name", "must be a text of 1 to 255 characters"))?;
        let field_type = body["field_type"].as_str().filter(|found| TYPES.contains(found));
        let field_type =
            field_type.ok_or_else(|| Refusal::schema("field_type", "is not one of the allowed types"))?;
        let mut options = Vec::new();
        if matches!(field_type, "enum" | "set") {
            let given = body["options"].as_array().filter(|given| !given.is_empty());
            for option in given.ok_or_else(|| Refusal::schema("options", "are required for this type"))? {
                let label = option["label"].as_str();
                let label = label.ok_or_else(|| Refusal::schema("options", "each needs a label"))?;
                *next_option += 1;
                options.push((*next_option, label.to_owned()));
            }
        }
        let bytes: [u8; 20] = random.random();
        Ok(Self {
            code: hex::encode(bytes),
            name: name.to_owned(),
            field_type: field_type.to_owned(),
            options,
        })
    }

    /// Whether searches look into it.
    pub(super) fn is_searchable(&self) -> bool {
        matches!(
            self.field_type.as_str(),
            "address" | "varchar" | "text" | "varchar_auto" | "double" | "monetary" | "phone"
        )
    }

    /// Types are strict: nothing is converted.
    pub(super) fn check(&self, value: &Value) -> Result<(), Refusal> {
        if value.is_null() {
            return Ok(());
        }
        let fits = match self.field_type.as_str() {
            "varchar" | "varchar_auto" | "phone" => is_text(value, LONGEST_VARCHAR),
            "text" => is_text(value, LONGEST_TEXT),
            "double" => value.is_number(),
            "enum" => self.has_option(value),
            "set" => value
                .as_array()
                .is_some_and(|all| !all.is_empty() && all.iter().all(|one| self.has_option(one))),
            "monetary" => value["value"].is_number() && is_currency(&value["currency"]),
            "date" => is_date(value),
            "daterange" => is_date(&value["value"]) && is_date(&value["until"]),
            "time" | "timerange" | "address" => value["value"].is_string(),
            _ => value.is_i64(),
        };
        if fits {
            return Ok(());
        }
        Err(Refusal::schema(
            &self.code,
            &format!("the value does not fit a field of type {}", self.field_type),
        ))
    }

    pub(super) fn to_json(&self) -> Value {
        let options: Vec<Value> =
            self.options.iter().map(|(id, label)| json!({ "id": id, "label": label })).collect();
        field_json(&self.name, &self.code, &self.field_type, json!(options), true)
    }

    /// What a person enters as the API has it: options are chosen by their labels.
    pub(super) fn entered(&self, value: Value) -> Value {
        let id = |label: &str| self.options.iter().find(|(_, own)| own == label).map(|(id, _)| json!(id));
        match &value {
            Value::String(label) => id(label).unwrap_or(value),
            Value::Array(several) if self.field_type == "set" => {
                several.iter().map(|one| one.as_str().and_then(id).unwrap_or_else(|| one.clone())).collect()
            }
            _ => value,
        }
    }

    fn has_option(&self, value: &Value) -> bool {
        self.options.iter().any(|(id, _)| value.as_i64() == Some(*id))
    }
}

impl Property {
    pub(super) fn to_json(&self) -> Value {
        field_json(self.name, self.code, self.field_type, json!([]), false)
    }
}

/// An address with the parts that were sent and `null` for the others.
pub(super) fn full_address(value: &Value) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    ADDRESS_PARTS.iter().map(|(part, _)| ((*part).to_owned(), value[*part].clone())).collect()
}

fn field_json(name: &str, code: &str, field_type: &str, options: Value, custom: bool) -> Value {
    let has_options = matches!(field_type, "enum" | "set");
    let subfields: Vec<Value> = match field_type {
        "address" => ADDRESS_PARTS
            .iter()
            .map(|(code, name)| json!({ "field_code": code, "field_name": name, "field_type": "varchar" }))
            .collect(),
        "monetary" => vec![json!({ "field_code": "currency", "field_name": format!("Currency of {name}"),
            "field_type": "varchar" })],
        _ => Vec::new(),
    };
    json!({
        "field_name": name,
        "field_code": code,
        "field_type": field_type,
        "options": if has_options { options } else { Value::Null },
        "subfields": if subfields.is_empty() { Value::Null } else { json!(subfields) },
        "is_custom_field": custom,
        "is_optional_response_field": false,
    })
}
