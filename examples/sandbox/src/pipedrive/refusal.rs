//! How Pipedrive says no.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::Reply;

/// A request that is not carried out.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
    code: Option<&'static str>,
    field_code: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), code: None, field_code: None }
    }

    /// The request does not fit the schema at this field.
    pub(super) fn schema(field: &str, complaint: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: format!("Validation failed: {field}: {complaint}"),
            code: Some("ERR_SCHEMA_VALIDATION_FAILED"),
            field_code: Some(field.to_owned()),
        }
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    pub(super) fn error(&self) -> &str {
        &self.error
    }

    pub(super) fn into_reply(self) -> Reply {
        let mut body = json!({
            "success": false,
            "error": self.error,
            "error_info": "Please check developers.pipedrive.com for more information about Pipedrive API.",
            "data": null,
            "additional_data": null,
        });
        if let Some(code) = self.code {
            body["code"] = Value::from(code);
        }
        if let Some(field_code) = self.field_code {
            body["field_code"] = Value::from(field_code);
        }
        Reply::json(self.status, &body)
    }
}
