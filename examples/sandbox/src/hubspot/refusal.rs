//! How HubSpot says no.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::http::Reply;

const NO_SUCH_PATH: &str = "resource not found";

/// A request, or one item of a batch, that is not carried out.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    category: &'static str,
    message: String,
    errors: Vec<Value>,
    context: Map<String, Value>,
    more: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, category: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, category, message, errors: Vec::new(), context: Map::new(), more: Map::new() }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    /// The path names nothing.
    pub(super) fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", NO_SUCH_PATH)
    }

    pub(super) fn not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "VALIDATION_ERROR", "HTTP 405 Method Not Allowed")
    }

    /// There are no such records.
    pub(super) fn not_found(ids: &[&str]) -> Self {
        let message =
            "Could not get some objects, they may be deleted or not exist. Check that ids are valid.";
        let mut refusal = Self::new(StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", message);
        refusal.context.insert("ids".to_owned(), json!(ids));
        refusal
    }

    /// Values that do not fit their properties: the details stand in `errors`, and as text in the message.
    pub(super) fn values(complaints: &[Complaint]) -> Self {
        let texts: Vec<Value> = complaints
            .iter()
            .map(|found| {
                json!({
                    "isValid": false,
                    "message": found.message,
                    "error": found.code,
                    "name": found.property,
                    "localizedErrorMessage": found.message,
                })
            })
            .collect();
        let mut refusal =
            Self::validation(format!("Property values were not valid: {}", Value::Array(texts)));
        refusal.errors = complaints
            .iter()
            .map(|found| {
                json!({
                    "message": found.message,
                    "code": found.code,
                    "context": { "propertyName": [found.property] },
                })
            })
            .collect();
        refusal
    }

    pub(super) fn missing_scope(scope: &str) -> Self {
        let message = "This app hasn't been granted all required scopes to make this call. Read more about \
                       required scopes here: https://developers.hubspot.com/scopes.";
        let mut refusal = Self::new(StatusCode::FORBIDDEN, "MISSING_SCOPES", message);
        refusal.errors = vec![json!({
            "message": "One or more of the following scopes are required.",
            "context": { "requiredGranularScopes": [scope] },
        })];
        let links = json!({ "scopes": "https://developers.hubspot.com/scopes" });
        refusal.with("links", links)
    }

    /// Adds a member to the body.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// Whether the whole call is senseless, and not one of its items.
    pub(super) fn is_unknown_path(&self) -> bool {
        self.message == NO_SUCH_PATH
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// As one of the `errors` of a multi-status answer.
    pub(super) fn in_batch(&self, trace: Option<&str>) -> Value {
        let mut context = self.context.clone();
        if let Some(trace) = trace {
            context.insert("objectWriteTraceId".to_owned(), json!([trace]));
        }
        let mut error = json!({
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": context,
            "errors": self.errors,
            "links": {},
        });
        if let Some(code) = self.errors.first().and_then(|error| error.get("code")) {
            error["subCategory"] = json!(format!("crm.{code}"));
        }
        error
    }

    pub(super) fn into_reply(self, correlation_id: &str) -> Reply {
        let mut body = json!({
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
            "category": self.category,
        });
        if !self.errors.is_empty() {
            body["errors"] = Value::Array(self.errors);
        }
        if !self.context.is_empty() {
            body["context"] = Value::Object(self.context);
        }
        for (name, value) in self.more {
            body[name] = value;
        }
        Reply::json(self.status, &body)
    }
}

/// One value that does not fit.
#[derive(Clone, Debug)]
pub(super) struct Complaint {
    pub(super) property: String,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Complaint {
    pub(super) fn new(property: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { property: property.to_owned(), code, message: message.into() }
    }
}
