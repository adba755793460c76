//! What HubSpot's refusals mean. The same form comes as a whole answer and as one item's error in a batch.

use serde::Deserialize;

use super::wire::{Text, WireProblem};
use crate::error::{Error, ErrorKind, Retry};
use crate::http::{Answer, Effect, Failure, is_json};

/// As much of a vendor's message as an error takes over, in characters.
const MESSAGE: usize = 300;

/// The members of a context that name properties.
const BLAMES: [&str; 6] =
    ["propertyName", "property", "invalidPropertyName", "propertyNames", "properties", "requiredProperties"];
/// The members of a context that name scopes.
const SCOPES: [&str; 4] = ["requiredScopes", "requiredGranularScopes", "missingScopes", "scopes"];

impl WireProblem {
    /// What an answer says; nothing where it is not HubSpot's JSON.
    pub(super) fn read(answer: &Answer) -> Self {
        if !is_json(answer) {
            return Self::default();
        }
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// What became of the write that this is about, and why.
    pub(super) fn failure(&self) -> Failure {
        let (effect, kind) = match self.category.as_deref().unwrap_or_default() {
            "OBJECT_NOT_FOUND" => (Effect::Gone, ErrorKind::NotFound),
            "MISSING_SCOPES" => (Effect::NotSent, ErrorKind::Forbidden),
            "RATE_LIMITS" => (Effect::NotSent, ErrorKind::RateLimited),
            _ if self.is_conflict() => (Effect::Refused, ErrorKind::Conflict),
            _ => (Effect::Refused, ErrorKind::Invalid),
        };
        Failure::new(effect, self.error(kind))
    }

    /// An error of that kind, with the field and the remedy that can be read from the answer.
    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        let mut error = Error::new(kind, self.text()).with_remedy(self.remedy(kind));
        if let Some(field) = self.blamed() {
            error = error.with_field(field);
        }
        if let Some(id) = &self.correlation_id {
            error = error.with_request_id(id);
        }
        if kind == ErrorKind::RateLimited {
            error = error.with_retry(Retry::Backoff);
        }
        error
    }

    fn text(&self) -> String {
        let what = self.message.as_deref().filter(|text| !text.is_empty()).unwrap_or("HubSpot refused it");
        let said = match self.category.as_deref() {
            Some(category) => format!("{what} ({category})"),
            None => what.to_owned(),
        };
        said.chars().take(MESSAGE).collect()
    }

    /// The property that is to blame, by its internal name.
    pub(super) fn blamed(&self) -> Option<String> {
        let embedded = self.embedded().into_iter().find_map(|item| item.name.0);
        let context = || BLAMES.iter().find_map(|name| self.context.get(*name)?.0.first().cloned());
        let within = || self.errors.iter().find_map(Self::blamed);
        let named = || self.field.clone().filter(|name| is_property(name));
        embedded.or_else(context).or_else(within).or_else(named)
    }

    /// The ids of the records, or of the inputs, that an item of a batch is about.
    pub(super) fn about(&self, member: &str) -> &[String] {
        self.context.get(member).map(|texts| texts.0.as_slice()).unwrap_or_default()
    }

    /// The scopes that are missing.
    pub(super) fn scopes(&self) -> Vec<String> {
        let mine = SCOPES.iter().flat_map(|name| self.about(name)).cloned();
        let mut scopes: Vec<String> = mine.chain(self.errors.iter().flat_map(Self::scopes)).collect();
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// Whether something unique is taken already. The texts stand for versions that give no code.
    pub(super) fn is_conflict(&self) -> bool {
        let marks = ["CONFLICTING_UNIQUE_VALUE", "CONFLICT"];
        let text = self.message.as_deref().unwrap_or_default();
        self.category.as_deref() == Some("CONFLICT")
            || self.codes().iter().any(|code| marks.contains(&code.as_str()))
            || text.contains("CONFLICTING_UNIQUE_VALUE")
            || text.contains("already has that value")
            || text.contains("already exists")
    }

    fn codes(&self) -> Vec<String> {
        let mine = self.code.iter().chain(&self.sub_category.0).cloned();
        let embedded = self.embedded().into_iter().filter_map(|item| item.error.0);
        mine.chain(embedded).chain(self.errors.iter().flat_map(Self::codes)).collect()
    }

    /// `Property values were not valid: [{…}]`: the details stand as JSON inside the text.
    fn embedded(&self) -> Vec<Embedded> {
        let text = self.message.as_deref().unwrap_or_default();
        let json = text.find("[{").and_then(|start| text.get(start..=text.rfind(']')?));
        json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    }

    fn remedy(&self, kind: ErrorKind) -> String {
        let codes = self.codes();
        let has = |code: &str| codes.iter().any(|found| found == code);
        match kind {
            ErrorKind::Forbidden => match self.scopes().as_slice() {
                [] => "give the service key or app the right for this, or see what the HubSpot plan holds"
                    .into(),
                scopes => format!("add the scopes {} to the service key or app", scopes.join(", ")),
            },
            ErrorKind::Conflict => {
                "another record has this value already: link the two, or correct the one that is wrong".into()
            }
            ErrorKind::NotFound => "the record was deleted in HubSpot".into(),
            ErrorKind::RateLimited => "it goes on by itself".into(),
            _ if has("INVALID_OPTION") => {
                "add the option in HubSpot, or map the value to one that is there".into()
            }
            _ if has("PROPERTY_DOESNT_EXIST") => {
                "create the property in HubSpot, or correct the mapping".into()
            }
            _ if has("READ_ONLY_VALUE") => "map this field in one direction only".into(),
            _ => "correct the value, or see the rules for this property in HubSpot's settings".into(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Embedded {
    name: Text,
    error: Text,
}

/// Whether the place that an error names is a property and not a part of the request.
fn is_property(name: &str) -> bool {
    !name.is_empty() && !["body", "path", "query", "header", "inputs"].contains(&name) && !name.contains('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &serde_json::Value) -> WireProblem {
        serde_json::from_value(json.clone()).unwrap()
    }

    #[test]
    fn the_blamed_property_is_found_wherever_hubspot_puts_it() {
        let table = [
            serde_json::json!({"context": {"propertyName": ["phone"]}}),
            serde_json::json!({"errors": [{"message": "x", "in": "phone"}]}),
            serde_json::json!({"errors": [{"message": "x", "context": {"propertyName": ["phone"]}}]}),
            serde_json::json!({"message": "Property values were not valid: \
                [{\"isValid\":false,\"message\":\"m\",\"error\":\"INVALID_OPTION\",\"name\":\"phone\"}]"}),
        ];
        for json in table {
            assert_eq!(problem(&json).blamed().as_deref(), Some("phone"), "{json}");
        }
        assert_eq!(problem(&serde_json::json!({"errors": [{"in": "body"}]})).blamed(), None);
    }

    #[test]
    fn a_taken_unique_value_is_a_conflict_in_every_form_seen() {
        let table = [
            serde_json::json!({"category": "CONFLICT", "message": "Contact already exists. Existing ID: 12345"}),
            serde_json::json!({"category": "VALIDATION_ERROR", "errors": [{"code": "CONFLICTING_UNIQUE_VALUE"}]}),
            serde_json::json!({"category": "VALIDATION_ERROR",
                "message": "Cannot set PropertyValueCoordinates: 7 already has that value."}),
        ];
        for json in table {
            let failure = problem(&json).failure();
            assert_eq!(
                (failure.effect, failure.error.kind()),
                (Effect::Refused, ErrorKind::Conflict),
                "{json}"
            );
        }
    }

    #[test]
    fn missing_scopes_are_named() {
        let json = serde_json::json!({"category": "MISSING_SCOPES", "message": "This app hasn't been granted …",
            "errors": [{"message": "x", "context": {"requiredGranularScopes": ["crm.objects.companies.write"]}}]});
        let error = problem(&json).failure().error;
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        assert!(error.remedy().unwrap().contains("crm.objects.companies.write"));
    }

    #[test]
    fn an_answer_without_any_member_is_still_an_error_with_a_sentence() {
        let error = problem(&serde_json::json!({})).failure().error;
        assert_eq!((error.kind(), error.message()), (ErrorKind::Invalid, "HubSpot refused it"));
    }
}
