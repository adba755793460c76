//! Pipelines and their stages.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::properties::bad_json;
use super::refusal::Refusal;

/// When the account was opened; pipelines are as old.
pub(super) const OPENED: &str = "2024-01-01T00:00:00.000Z";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pipeline {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) stages: Vec<Stage>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stage {
    pub(super) id: String,
    pub(super) label: String,
    /// As text between 0.0 and 1.0; deals alone have one.
    pub(super) probability: Option<String>,
    pub(super) closed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PipelineForm {
    label: String,
    pipeline_id: Option<String>,
    stages: Vec<StageForm>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StageForm {
    label: String,
    stage_id: Option<String>,
    metadata: Value,
}

impl Pipeline {
    /// A pipeline as a request defines it; stages without an id get the next numbers.
    pub(super) fn from_body(body: &Value, deals: bool, next_id: &mut u64) -> Result<Self, Refusal> {
        let form = PipelineForm::deserialize(body).map_err(|error| Refusal::validation(bad_json(&error)))?;
        let mut number = || {
            *next_id += 1;
            next_id.to_string()
        };
        let id = form.pipeline_id.unwrap_or_else(&mut number);
        let mut stages = Vec::new();
        for stage in form.stages {
            let probability = stage.metadata["probability"].as_str().map(str::to_owned);
            if deals && probability.is_none() {
                return Err(Refusal::validation("Deal stages need metadata with a probability"));
            }
            let said_closed = stage.metadata["isClosed"] == "true" || stage.metadata["state"] == "CLOSED";
            let closed =
                said_closed || probability.as_deref().is_some_and(|text| is_one(text) || is_zero(text));
            let id = stage.stage_id.unwrap_or_else(&mut number);
            stages.push(Stage { id, label: stage.label, probability, closed });
        }
        Ok(Self { id, label: form.label, stages })
    }

    pub(super) fn to_json(&self, order: usize) -> Value {
        let stages = self.stages.iter().enumerate().map(|(order, stage)| stage.to_json(order));
        json!({
            "id": self.id,
            "label": self.label,
            "displayOrder": order,
            "stages": stages.collect::<Vec<_>>(),
            "createdAt": OPENED,
            "updatedAt": OPENED,
            "archived": false,
        })
    }
}

impl Stage {
    pub(super) fn is_won(&self) -> bool {
        self.closed && self.probability.as_deref().is_some_and(is_one)
    }

    pub(super) fn to_json(&self, order: usize) -> Value {
        let metadata = match &self.probability {
            Some(probability) => {
                json!({ "probability": probability, "isClosed": self.closed.to_string() })
            }
            None => json!({ "state": if self.closed { "CLOSED" } else { "OPEN" } }),
        };
        json!({
            "id": self.id,
            "label": self.label,
            "displayOrder": order,
            "metadata": metadata,
            "createdAt": OPENED,
            "updatedAt": OPENED,
            "archived": false,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        })
    }
}

/// Whether a text is a way to write 1.
fn is_one(text: &str) -> bool {
    text.trim_end_matches('0').trim_end_matches('.') == "1"
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'0' || byte == b'.')
}

/// The pipelines that every account has.
pub(super) fn built_in(object_type: &str) -> Vec<Pipeline> {
    let pipeline = |id: &str, label: &str, stages: &[(&str, &str, Option<&str>, bool)]| Pipeline {
        id: id.to_owned(),
        label: label.to_owned(),
        stages: stages
            .iter()
            .map(|(id, label, probability, closed)| Stage {
                id: (*id).to_owned(),
                label: (*label).to_owned(),
                probability: probability.map(str::to_owned),
                closed: *closed,
            })
            .collect(),
    };
    match object_type {
        "deals" => vec![pipeline(
            "default",
            "Sales Pipeline",
            &[
                ("appointmentscheduled", "Appointment Scheduled", Some("0.2"), false),
                ("qualifiedtobuy", "Qualified To Buy", Some("0.4"), false),
                ("presentationscheduled", "Presentation Scheduled", Some("0.6"), false),
                ("decisionmakerboughtin", "Decision Maker Bought-In", Some("0.8"), false),
                ("contractsent", "Contract Sent", Some("0.9"), false),
                ("closedwon", "Closed Won", Some("1.0"), true),
                ("closedlost", "Closed Lost", Some("0.0"), true),
            ],
        )],
        "orders" => vec![pipeline(
            "14a2e10e-5471-408a-906e-c51f3b04369e",
            "Order Pipeline",
            &[
                ("4b27b500-f031-4927-9811-68a0b525cbae", "Open", None, false),
                ("937ea84d-0a4f-4dcf-9028-3f9c2aafbf03", "Processed", None, false),
                ("aa99e8d0-c1d5-4071-b915-d240bbb1aed9", "Shipped", None, false),
                ("3c85a297-e9ce-400b-b42e-9f16853d69d6", "Delivered", None, true),
            ],
        )],
        _ => Vec::new(),
    }
}
