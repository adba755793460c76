//! The kinds of record, as tables: where they live, what they are made of, what a write may say of them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fields::full_address;
use super::refusal::Refusal;

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Organization,
    Person,
    Deal,
    Product,
    Note,
    Lead,
}

/// What there is to know of a kind.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// As searches and webhooks call it.
    pub(super) word: &'static str,
    /// As paths call it.
    pub(super) plural: &'static str,
    /// Whose custom fields it has: its own, for leads those of deals.
    pub(super) fields_of: Option<Kind>,
    /// Where its fields are listed.
    pub(super) fields_path: Option<&'static str>,
    /// The property that a create needs, and by which it is shown in searches.
    pub(super) title: &'static str,
    /// 1 or 2: the version of the API that serves it.
    pub(super) version: u8,
    /// The status of a create, where it is not left to the settings.
    pub(super) create_status: Option<u16>,
    /// The built-in texts that searches look into, beside the title.
    pub(super) searched: &'static [&'static str],
    pub(super) properties: &'static [Property],
}

/// A property that every record of a kind has.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) field_type: &'static str,
    /// What a write accepts; `None` where the server alone sets it.
    pub(super) accepts: Option<Accepts>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accepts {
    Title,
    Text,
    LongText,
    Int,
    Owner,
    Number,
    Bool,
    Visibility,
    Labels,
    Address,
    Time,
    Date,
    /// E-mail addresses or telephone numbers with their labels.
    Entries,
    Status,
    Currency,
    Prices,
    /// An amount with its currency.
    Amount,
    Ref(Kind),
}

const fn property(
    code: &'static str,
    name: &'static str,
    field_type: &'static str,
    accepts: Accepts,
) -> Property {
    Property { code, name, field_type, accepts: Some(accepts) }
}

const fn set_by_server(code: &'static str, name: &'static str, field_type: &'static str) -> Property {
    Property { code, name, field_type, accepts: None }
}

const ID: Property = set_by_server("id", "ID", "int");
const OWNER: Property = property("owner_id", "Owner", "user", Accepts::Owner);
const UPDATE_TIME: Property = set_by_server("update_time", "Update time", "date");
const VISIBLE_TO: Property = property("visible_to", "Visible to", "visible_to", Accepts::Visibility);
const LABELS: Property = property("label_ids", "Labels", "set", Accepts::Labels);
const ORGANIZATION: Property = property("org_id", "Organization", "org", Accepts::Ref(Kind::Organization));
const PERSON: Property = property("person_id", "Person", "people", Accepts::Ref(Kind::Person));

pub(super) static ENTITIES: [Entity; 6] = [
    Entity {
        kind: Kind::Organization,
        word: "organization",
        plural: "organizations",
        fields_of: Some(Kind::Organization),
        fields_path: Some("organizationFields"),
        title: "name",
        version: 2,
        create_status: None,
        searched: &[],
        properties: &[
            ID,
            property("name", "Name", "varchar", Accepts::Title),
            OWNER,
            property("add_time", "Organization created", "date", Accepts::Time),
            UPDATE_TIME,
            VISIBLE_TO,
            LABELS,
            property("address", "Address", "address", Accepts::Address),
            property("website", "Website", "varchar", Accepts::Text),
            property("linkedin", "LinkedIn profile", "varchar", Accepts::Text),
            property("industry", "Industry", "enum", Accepts::Int),
            property("annual_revenue", "Annual revenue", "int", Accepts::Int),
            property("employee_count", "Number of employees", "int", Accepts::Int),
        ],
    },
    Entity {
        kind: Kind::Person,
        word: "person",
        plural: "persons",
        fields_of: Some(Kind::Person),
        fields_path: Some("personFields"),
        title: "name",
        version: 2,
        create_status: None,
        searched: &["emails", "phones"],
        properties: &[
            ID,
            property("name", "Name", "varchar", Accepts::Title),
            set_by_server("first_name", "First name", "varchar"),
            set_by_server("last_name", "Last name", "varchar"),
            OWNER,
            ORGANIZATION,
            property("add_time", "Person created", "date", Accepts::Time),
            UPDATE_TIME,
            property("emails", "Email", "varchar", Accepts::Entries),
            property("phones", "Phone", "phone", Accepts::Entries),
            VISIBLE_TO,
            LABELS,
        ],
    },
    Entity {
        kind: Kind::Deal,
        word: "deal",
        plural: "deals",
        fields_of: Some(Kind::Deal),
        fields_path: Some("dealFields"),
        title: "title",
        version: 2,
        create_status: None,
        searched: &[],
        properties: &[
            ID,
            property("title", "Title", "varchar", Accepts::Title),
            OWNER,
            PERSON,
            ORGANIZATION,
            property("pipeline_id", "Pipeline", "int", Accepts::Int),
            property("stage_id", "Stage", "stage", Accepts::Int),
            property("value", "Value", "monetary", Accepts::Number),
            property("currency", "Currency", "varchar", Accepts::Currency),
            set_by_server("add_time", "Deal created", "date"),
            UPDATE_TIME,
            set_by_server("stage_change_time", "Last stage change", "date"),
            property("is_archived", "Archived", "boolean", Accepts::Bool),
            property("status", "Status", "status", Accepts::Status),
            property("probability", "Probability", "int", Accepts::Number),
            property("lost_reason", "Lost reason", "varchar", Accepts::Text),
            VISIBLE_TO,
            property("close_time", "Deal closed on", "date", Accepts::Time),
            property("won_time", "Won time", "date", Accepts::Time),
            property("lost_time", "Lost time", "date", Accepts::Time),
            property("expected_close_date", "Expected close date", "date", Accepts::Date),
            LABELS,
        ],
    },
    Entity {
        kind: Kind::Product,
        word: "product",
        plural: "products",
        fields_of: Some(Kind::Product),
        fields_path: Some("productFields"),
        title: "name",
        version: 2,
        create_status: Some(201),
        searched: &["code"],
        properties: &[
            ID,
            property("name", "Name", "varchar", Accepts::Title),
            property("code", "Product code", "varchar", Accepts::Text),
            property("description", "Description", "text", Accepts::LongText),
            property("unit", "Unit", "varchar", Accepts::Text),
            property("tax", "Tax", "double", Accepts::Number),
            set_by_server("category", "Category", "enum"),
            property("is_linkable", "Active", "boolean", Accepts::Bool),
            OWNER,
            VISIBLE_TO,
            property("prices", "Prices", "price_list", Accepts::Prices),
            set_by_server("add_time", "Product created", "date"),
            UPDATE_TIME,
        ],
    },
    Entity {
        kind: Kind::Note,
        word: "note",
        plural: "notes",
        fields_of: None,
        fields_path: None,
        title: "content",
        version: 1,
        create_status: Some(200),
        searched: &[],
        properties: &[
            ID,
            property("content", "Content", "text", Accepts::LongText),
            property("deal_id", "Deal", "deal", Accepts::Ref(Kind::Deal)),
            PERSON,
            ORGANIZATION,
            property("lead_id", "Lead", "lead", Accepts::Text),
            property("user_id", "User", "user", Accepts::Int),
            property("add_time", "Created", "date", Accepts::Time),
            UPDATE_TIME,
        ],
    },
    Entity {
        kind: Kind::Lead,
        word: "lead",
        plural: "leads",
        fields_of: Some(Kind::Deal),
        fields_path: None,
        title: "title",
        version: 1,
        create_status: Some(201),
        searched: &[],
        properties: &[
            ID,
            property("title", "Title", "varchar", Accepts::Title),
            OWNER,
            PERSON,
            property("organization_id", "Organization", "org", Accepts::Ref(Kind::Organization)),
            property("value", "Value", "monetary", Accepts::Amount),
            property("expected_close_date", "Expected close date", "date", Accepts::Date),
            property("origin_id", "Origin", "varchar", Accepts::Text),
            set_by_server("is_archived", "Archived", "boolean"),
            set_by_server("add_time", "Created", "date"),
            UPDATE_TIME,
        ],
    },
];

impl Kind {
    pub(super) fn entity(self) -> &'static Entity {
        &ENTITIES[self as usize]
    }
}

impl Entity {
    pub(super) fn of_plural(plural: &str, version: u8) -> Option<&'static Self> {
        ENTITIES.iter().find(|entity| entity.plural == plural && entity.version == version)
    }

    pub(super) fn of_word(word: &str) -> Option<&'static Self> {
        ENTITIES.iter().find(|entity| entity.word == word)
    }

    pub(super) fn of_fields_path(path: &str) -> Option<&'static Self> {
        ENTITIES.iter().find(|entity| entity.fields_path == Some(path))
    }

    pub(super) fn property(&self, code: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.code == code)
    }

    /// `organization` as a message begins with it.
    pub(super) fn capitalized(&self) -> String {
        let (first, rest) = self.word.split_at(1);
        first.to_uppercase() + rest
    }
}

impl Property {
    /// What stands there as long as nobody has set it.
    pub(super) fn unset(&self) -> Value {
        match (self.accepts, self.code) {
            (Some(Accepts::Owner), _) | (_, "user_id" | "pipeline_id" | "stage_id") => json!(1),
            (Some(Accepts::Visibility), _) => json!(3),
            (Some(Accepts::Labels | Accepts::Entries | Accepts::Prices), _) => json!([]),
            (Some(Accepts::Status), _) => json!("open"),
            (Some(Accepts::Currency), _) => json!("EUR"),
            (Some(Accepts::Number), "value" | "tax") => json!(0),
            (_, "is_linkable") => json!(true),
            (_, "is_archived") => json!(false),
            _ => Value::Null,
        }
    }

    /// A value as it is kept.
    pub(super) fn kept(&self, value: &Value) -> Value {
        match self.accepts {
            Some(Accepts::Address) => full_address(value),
            Some(Accepts::Entries) => entries(value),
            _ => value.clone(),
        }
    }

    /// Types are strict: nothing is converted.
    pub(super) fn check(&self, value: &Value, name_length: usize) -> Result<(), Refusal> {
        let Some(accepts) = self.accepts else {
            return Err(Refusal::schema(self.code, "cannot be set"));
        };
        let fits = match accepts {
            Accepts::Title => value
                .as_str()
                .is_some_and(|name| !name.trim().is_empty() && name.chars().count() <= name_length),
            Accepts::Owner => value.is_i64(),
            Accepts::Bool => value.is_boolean(),
            Accepts::Visibility => matches!(value.as_i64(), Some(1 | 3 | 5 | 7)),
            Accepts::Labels => value.as_array().is_some_and(|labels| labels.iter().all(Value::is_i64)),
            Accepts::Status => matches!(value.as_str(), Some("open" | "won" | "lost")),
            Accepts::Currency => is_currency(value),
            Accepts::Entries => value.as_array().is_some_and(|entries| entries.iter().all(is_entry)),
            Accepts::Prices => value.as_array().is_some_and(|prices| prices.iter().all(is_price)),
            Accepts::Time => value.is_string() || (value.is_null() && self.code == "close_time"),
            _ if value.is_null() => true,
            Accepts::Text => is_text(value, LONGEST_VARCHAR),
            Accepts::LongText => is_text(value, LONGEST_TEXT),
            Accepts::Int | Accepts::Ref(_) => value.is_i64(),
            Accepts::Number => value.is_number(),
            Accepts::Address => is_address(value),
            Accepts::Date => is_date(value),
            Accepts::Amount => value["amount"].is_number() && is_currency(&value["currency"]),
        };
        if fits { Ok(()) } else { Err(Refusal::schema(self.code, "the value does not fit")) }
    }
}

/// Every entry with its label, and one of them primary.
fn entries(value: &Value) -> Value {
    let mut entries = value.as_array().cloned().unwrap_or_default();
    let none_primary = entries.iter().all(|entry| entry["primary"] != true);
    for (at, entry) in entries.iter_mut().enumerate() {
        let primary = entry["primary"] == true || (none_primary && at == 0);
        let label = entry["label"].as_str().unwrap_or("work");
        *entry = json!({ "value": entry["value"], "primary": primary, "label": label });
    }
    Value::Array(entries)
}

pub(super) const LONGEST_VARCHAR: usize = 255;
pub(super) const LONGEST_TEXT: usize = 65_535;

pub(super) fn is_text(value: &Value, longest: usize) -> bool {
    value.as_str().is_some_and(|text| text.chars().count() <= longest)
}

pub(super) fn is_date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok())
}

pub(super) fn is_currency(value: &Value) -> bool {
    value.as_str().is_some_and(|code| CURRENCIES.contains(&code))
}

/// The currencies of the company.
pub(super) const CURRENCIES: [&str; 6] = ["EUR", "USD", "GBP", "CHF", "SEK", "PLN"];

fn is_entry(entry: &Value) -> bool {
    entry["value"].is_string()
        && (entry["primary"].is_null() || entry["primary"].is_boolean())
        && (entry["label"].is_null() || entry["label"].is_string())
}

fn is_price(price: &Value) -> bool {
    is_currency(&price["currency"]) && (price["price"].is_null() || price["price"].is_number())
}

fn is_address(value: &Value) -> bool {
    value.as_object().is_some_and(|parts| {
        parts.contains_key("value")
            && parts.iter().all(|(part, value)| {
                super::fields::ADDRESS_PARTS.iter().any(|(known, _)| known == part)
                    && (value.is_null() || value.is_string())
            })
    })
}
