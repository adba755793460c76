//! Properties and their groups: what an object can hold, and which values fit.

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::{Complaint, Refusal};

/// The published maximum per type of object.
const MOST_UNIQUE: usize = 10;

const TYPES: [&str; 7] = ["string", "number", "date", "datetime", "enumeration", "bool", "phone_number"];
const FIELD_TYPES: [&str; 12] = [
    "text",
    "textarea",
    "html",
    "number",
    "date",
    "select",
    "radio",
    "checkbox",
    "booleancheckbox",
    "phonenumber",
    "file",
    "calculation_equation",
];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) ty: String,
    pub(super) field_type: String,
    pub(super) group: String,
    pub(super) description: String,
    /// Value and label.
    pub(super) options: Vec<(String, String)>,
    pub(super) has_unique_value: bool,
    pub(super) read_only: bool,
    pub(super) hubspot_defined: bool,
    pub(super) archived: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) archived: bool,
}

impl Group {
    pub(super) fn new(name: &str, label: &str) -> Self {
        Self { name: name.to_owned(), label: label.to_owned(), archived: false }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "name": self.name, "label": self.label, "displayOrder": -1, "archived": self.archived })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    name: String,
    label: String,
    #[serde(rename = "type")]
    ty: String,
    field_type: String,
    group_name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    options: Vec<OptionForm>,
    #[serde(default)]
    has_unique_value: bool,
}

#[derive(Deserialize)]
struct OptionForm {
    label: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    label: Option<String>,
    description: Option<String>,
    group_name: Option<String>,
    options: Option<Vec<OptionForm>>,
}

impl Property {
    pub(super) fn hubspot_defined(name: &str, label: &str, ty: &str, field_type: &str, group: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            ty: ty.to_owned(),
            field_type: field_type.to_owned(),
            group: group.to_owned(),
            description: String::new(),
            options: Vec::new(),
            has_unique_value: false,
            read_only: false,
            hubspot_defined: true,
            archived: false,
        }
    }

    /// A property as a request defines it.
    pub(super) fn from_body(body: &Value) -> Result<Self, Refusal> {
        let given = Definition::deserialize(body).map_err(|error| Refusal::validation(bad_json(&error)))?;
        let bad_name = |byte: u8| !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if given.name.is_empty()
            || given.name.bytes().any(bad_name)
            || given.name.starts_with(|first: char| !first.is_ascii_lowercase())
        {
            return Err(Refusal::validation(format!(
                "Property name '{}' must start with a letter and hold lower-case letters, digits and underscores only",
                given.name
            )));
        }
        if !TYPES.contains(&given.ty.as_str()) || !FIELD_TYPES.contains(&given.field_type.as_str()) {
            return Err(Refusal::validation(format!(
                "Unknown type {} or fieldType {}",
                given.ty, given.field_type
            )));
        }
        Ok(Self {
            name: given.name,
            label: given.label,
            ty: given.ty,
            field_type: given.field_type,
            group: given.group_name,
            description: given.description,
            options: given.options.into_iter().map(|option| (option.value, option.label)).collect(),
            has_unique_value: given.has_unique_value,
            read_only: false,
            hubspot_defined: false,
            archived: false,
        })
    }

    fn update(&mut self, body: &Value) -> Result<(), Refusal> {
        let given = Update::deserialize(body).map_err(|error| Refusal::validation(bad_json(&error)))?;
        self.label = given.label.unwrap_or_else(|| self.label.clone());
        self.description = given.description.unwrap_or_else(|| self.description.clone());
        self.group = given.group_name.unwrap_or_else(|| self.group.clone());
        if let Some(options) = given.options {
            self.options = options.into_iter().map(|option| (option.value, option.label)).collect();
        }
        Ok(())
    }

    pub(super) fn to_json(&self) -> Value {
        let options: Vec<Value> = self
            .options
            .iter()
            .enumerate()
            .map(|(order, (value, label))| {
                json!({ "value": value, "label": label, "displayOrder": order, "hidden": false })
            })
            .collect();
        json!({
            "name": self.name,
            "label": self.label,
            "type": self.ty,
            "fieldType": self.field_type,
            "groupName": self.group,
            "description": self.description,
            "options": options,
            "displayOrder": -1,
            "calculated": self.read_only,
            "externalOptions": self.ty == "enumeration" && self.options.is_empty(),
            "hasUniqueValue": self.has_unique_value,
            "hidden": false,
            "hubspotDefined": self.hubspot_defined,
            "formField": !self.read_only,
            "archived": self.archived,
            "modificationMetadata": {
                "archivable": !self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyOptions": self.hubspot_defined,
                "readOnlyValue": self.read_only,
            },
        })
    }

    /// The value as it is stored; the empty text for nothing.
    pub(super) fn accept(&self, text: &str, longest: usize) -> Result<String, Complaint> {
        let refuse = |code: &'static str, message: String| Err(Complaint::new(&self.name, code, message));
        if text.is_empty() {
            return Ok(String::new());
        }
        match self.ty.as_str() {
            "number" if !is_number(text) => {
                refuse("INVALID_LONG", format!("\"{text}\" was not a valid number."))
            }
            "bool" if !["true", "false"].contains(&text) => {
                refuse("INVALID_OPTION", format!("{text} was not one of the allowed options: [true, false]"))
            }
            "date" => date(text).map_or_else(
                || refuse("INVALID_DATE", format!("{text} was not a valid date; it must be midnight UTC.")),
                Ok,
            ),
            "datetime" => moment(text).map_or_else(
                || refuse("INVALID_DATE", format!("{text} was not a valid long.")),
                |moment| Ok(iso(moment)),
            ),
            "enumeration" if !self.allows(text) => {
                let allowed: Vec<&str> = self.options.iter().map(|(value, _)| value.as_str()).collect();
                refuse("INVALID_OPTION", format!("{text} was not one of the allowed options: {allowed:?}"))
            }
            _ if text.chars().count() > longest => {
                refuse("PROPERTY_TOO_LONG", format!("The value is longer than {longest} characters."))
            }
            _ => Ok(text.to_owned()),
        }
    }

    fn allows(&self, text: &str) -> bool {
        let known = |text: &str| self.options.iter().any(|(value, _)| value == text);
        self.options.is_empty()
            || if self.field_type == "checkbox" { text.split(';').all(known) } else { known(text) }
    }
}

/// What a type of object can hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Properties {
    all: Vec<Property>,
    groups: Vec<Group>,
}

impl Properties {
    pub(super) fn new(all: Vec<Property>, group: Group) -> Self {
        Self { all, groups: vec![group] }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Property> {
        self.all.iter().find(|property| property.name == name && !property.archived)
    }

    pub(super) fn list(&self, archived: bool) -> impl Iterator<Item = &Property> {
        self.all.iter().filter(move |property| property.archived == archived)
    }

    pub(super) fn unique(&self) -> impl Iterator<Item = &Property> {
        self.all.iter().filter(|property| property.has_unique_value)
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(super) fn create(&mut self, property: Property) -> Result<&Property, Refusal> {
        // An archived one still holds its name.
        if self.all.iter().any(|existing| existing.name == property.name) {
            let message = format!("A property named '{}' already exists.", property.name);
            return Err(Refusal::new(StatusCode::CONFLICT, "OBJECT_ALREADY_EXISTS", message));
        }
        if !self.groups.iter().any(|group| group.name == property.group && !group.archived) {
            return Err(Refusal::validation(format!("Property group {} does not exist", property.group)));
        }
        let own_unique = self.unique().filter(|found| !found.hubspot_defined).count();
        if property.has_unique_value && own_unique >= MOST_UNIQUE {
            return Err(Refusal::validation("You have reached the limit of 10 unique properties"));
        }
        self.all.push(property);
        Ok(&self.all[self.all.len() - 1])
    }

    pub(super) fn update(&mut self, name: &str, body: &Value) -> Result<&Property, Refusal> {
        let found = self.all.iter_mut().find(|property| property.name == name && !property.archived);
        let found = found.ok_or_else(|| no_property(name))?;
        found.update(body)?;
        Ok(found)
    }

    pub(super) fn retype(&mut self, name: &str, ty: &str) -> Result<&Property, Refusal> {
        let found = self.all.iter_mut().find(|property| property.name == name && !property.archived);
        let found = found.ok_or_else(|| no_property(name))?;
        (found.ty, found.field_type) = (ty.to_owned(), ty.to_owned());
        Ok(found)
    }

    pub(super) fn archive(&mut self, name: &str) -> Result<(), Refusal> {
        let found = self.all.iter_mut().find(|property| property.name == name && !property.archived);
        let found = found.ok_or_else(|| no_property(name))?;
        if found.hubspot_defined {
            return Err(Refusal::validation(format!("Property {name} cannot be archived")));
        }
        found.archived = true;
        Ok(())
    }

    pub(super) fn create_group(&mut self, body: &Value) -> Result<&Group, Refusal> {
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
        let (Some(name), Some(label)) = (text("name"), text("label")) else {
            return Err(Refusal::validation("A property group needs a name and a label"));
        };
        if self.groups.iter().any(|group| group.name == name) {
            let message = format!("A property group named '{name}' already exists.");
            return Err(Refusal::new(StatusCode::CONFLICT, "OBJECT_ALREADY_EXISTS", message));
        }
        self.groups.push(Group::new(name, label));
        Ok(&self.groups[self.groups.len() - 1])
    }
}

pub(super) fn no_property(name: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", format!("Property {name} does not exist"))
}

pub(super) fn bad_json(error: &serde_json::Error) -> String {
    format!("Invalid input JSON: {error}")
}

/// One point, no separators of thousands.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() || !fraction.is_empty()) && all_digits(whole) && all_digits(fraction)
}

/// A day as it is stored: given as such, or as midnight UTC in epoch milliseconds.
fn date(text: &str) -> Option<String> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date.to_string());
    }
    let moment = moment(text)?;
    (moment.time() == NaiveTime::MIN).then(|| moment.date_naive().to_string())
}

/// A moment given in ISO 8601 or epoch milliseconds.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(milliseconds) = text.parse::<i64>() {
        return DateTime::from_timestamp_millis(milliseconds);
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc())
}

pub(super) fn iso(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}
