//! Fields of organizations: the built-in ones as a table, and custom ones that people make.

use chrono::NaiveDate;
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::Refusal;

const LONGEST_VARCHAR: usize = 255;
const LONGEST_TEXT: usize = 65_535;

/// A property that every organization has.
#[derive(Debug)]
pub(super) struct BuiltIn {
    pub(super) code: &'static str,
    name: &'static str,
    field_type: &'static str,
    /// What a write accepts; `None` where the server alone sets it.
    pub(super) accepts: Option<Accepts>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accepts {
    Name,
    Text,
    Int,
    Visibility,
    Labels,
    Address,
    Time,
}

pub(super) static BUILT_IN: [BuiltIn; 13] = [
    BuiltIn { code: "id", name: "ID", field_type: "int", accepts: None },
    BuiltIn { code: "name", name: "Name", field_type: "varchar", accepts: Some(Accepts::Name) },
    BuiltIn { code: "owner_id", name: "Owner", field_type: "user", accepts: Some(Accepts::Int) },
    BuiltIn {
        code: "add_time",
        name: "Organization created",
        field_type: "date",
        accepts: Some(Accepts::Time),
    },
    BuiltIn { code: "update_time", name: "Update time", field_type: "date", accepts: None },
    BuiltIn {
        code: "visible_to",
        name: "Visible to",
        field_type: "visible_to",
        accepts: Some(Accepts::Visibility),
    },
    BuiltIn { code: "label_ids", name: "Labels", field_type: "set", accepts: Some(Accepts::Labels) },
    BuiltIn { code: "address", name: "Address", field_type: "address", accepts: Some(Accepts::Address) },
    BuiltIn { code: "website", name: "Website", field_type: "varchar", accepts: Some(Accepts::Text) },
    BuiltIn {
        code: "linkedin",
        name: "LinkedIn profile",
        field_type: "varchar",
        accepts: Some(Accepts::Text),
    },
    BuiltIn { code: "industry", name: "Industry", field_type: "enum", accepts: Some(Accepts::Int) },
    BuiltIn {
        code: "annual_revenue",
        name: "Annual revenue",
        field_type: "int",
        accepts: Some(Accepts::Int),
    },
    BuiltIn {
        code: "employee_count",
        name: "Number of employees",
        field_type: "int",
        accepts: Some(Accepts::Int),
    },
];

const ADDRESS_PARTS: [(&str, &str); 10] = [
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
    field_type: String,
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
            "monetary" => value["value"].is_number() && value["currency"].is_string(),
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

    fn has_option(&self, value: &Value) -> bool {
        self.options.iter().any(|(id, _)| value.as_i64() == Some(*id))
    }
}

impl BuiltIn {
    pub(super) fn to_json(&self) -> Value {
        field_json(self.name, self.code, self.field_type, json!([]), false)
    }

    /// Types are strict: nothing is converted.
    pub(super) fn check(&self, value: &Value, name_length: usize) -> Result<(), Refusal> {
        let Some(accepts) = self.accepts else {
            return Err(Refusal::schema(self.code, "cannot be set"));
        };
        let fits = match accepts {
            Accepts::Name => {
                is_text(value, name_length) && value.as_str().is_some_and(|name| !name.trim().is_empty())
            }
            Accepts::Text => value.is_null() || is_text(value, LONGEST_VARCHAR),
            Accepts::Int if self.code == "owner_id" => value.is_i64(),
            Accepts::Int => value.is_null() || value.is_i64(),
            Accepts::Visibility => matches!(value.as_i64(), Some(1 | 3 | 5 | 7)),
            Accepts::Labels => value.as_array().is_some_and(|labels| labels.iter().all(Value::is_i64)),
            Accepts::Address => value.is_null() || is_address(value),
            Accepts::Time => value.is_string(),
        };
        if fits { Ok(()) } else { Err(Refusal::schema(self.code, "the value does not fit")) }
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

fn is_text(value: &Value, longest: usize) -> bool {
    value.as_str().is_some_and(|text| text.chars().count() <= longest)
}

fn is_date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<NaiveDate>().is_ok())
}

fn is_address(value: &Value) -> bool {
    value.as_object().is_some_and(|parts| {
        parts.contains_key("value")
            && parts.iter().all(|(part, value)| {
                ADDRESS_PARTS.iter().any(|(known, _)| known == part) && (value.is_null() || value.is_string())
            })
    })
}
