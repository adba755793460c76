//! What a company has besides records: users, pipelines with their stages, currencies.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entity::CURRENCIES;

const SET_UP: &str = "2026-01-01T00:00:00Z";
const STAGES: [&str; 5] =
    ["Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started"];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Company {
    pipelines: Vec<(i64, String)>,
    stages: Vec<Stage>,
    users: Vec<User>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stage {
    id: i64,
    pipeline: i64,
    name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct User {
    id: i64,
    name: String,
    email: String,
}

impl Default for Company {
    /// As a new company is set up.
    fn default() -> Self {
        let mut company = Self { pipelines: Vec::new(), stages: Vec::new(), users: Vec::new() };
        company.add_pipeline("Pipeline", &STAGES);
        company.add_user("Integration User", "integration@example.com");
        company
    }
}

impl Company {
    pub(super) fn add_pipeline(&mut self, name: &str, stages: &[&str]) -> i64 {
        let pipeline = next(self.pipelines.len());
        self.pipelines.push((pipeline, name.to_owned()));
        for stage in stages {
            self.stages.push(Stage { id: next(self.stages.len()), pipeline, name: (*stage).to_owned() });
        }
        pipeline
    }

    pub(super) fn add_user(&mut self, name: &str, email: &str) -> i64 {
        let id = next(self.users.len());
        self.users.push(User { id, name: name.to_owned(), email: email.to_owned() });
        id
    }

    pub(super) fn has_user(&self, id: &Value) -> bool {
        self.users.iter().any(|user| *id == user.id)
    }

    /// The pipeline of a stage.
    pub(super) fn pipeline_of(&self, stage: &Value) -> Option<i64> {
        self.stages.iter().find(|found| *stage == found.id).map(|stage| stage.pipeline)
    }

    /// The stage in which a deal enters a pipeline.
    pub(super) fn first_stage(&self, pipeline: &Value) -> Option<i64> {
        self.stages.iter().find(|stage| *pipeline == stage.pipeline).map(|stage| stage.id)
    }

    pub(super) fn pipelines(&self) -> Vec<Value> {
        let shown = self.pipelines.iter().map(|(id, name)| {
            json!({ "id": id, "name": name, "order_nr": id, "is_deleted": false,
                "is_deal_probability_enabled": false, "add_time": SET_UP, "update_time": SET_UP })
        });
        shown.collect()
    }

    pub(super) fn stages(&self, pipeline: Option<i64>) -> Vec<Value> {
        let wanted = self.stages.iter().filter(|stage| pipeline.is_none_or(|id| stage.pipeline == id));
        let shown = wanted.map(|stage| {
            json!({ "id": stage.id, "order_nr": stage.id, "name": stage.name, "is_deleted": false,
                "deal_probability": 100, "pipeline_id": stage.pipeline, "is_deal_rot_enabled": false,
                "days_to_rotten": null, "add_time": SET_UP, "update_time": SET_UP })
        });
        shown.collect()
    }

    pub(super) fn users(&self) -> Vec<Value> {
        let shown = self.users.iter().map(|user| {
            json!({ "id": user.id, "name": user.name, "email": user.email, "default_currency": "EUR",
                "locale": "nl_NL", "lang": 1, "activated": true, "active_flag": true, "is_deleted": false,
                "timezone_name": "Europe/Amsterdam", "timezone_offset": "+01:00", "is_you": user.id == 1 })
        });
        shown.collect()
    }

    /// The user whose token is used, with the company.
    pub(super) fn me(&self) -> Value {
        let mut me = self.users().into_iter().next().unwrap_or_default();
        me["is_admin"] = json!(1);
        me["company_id"] = json!(4_711);
        me["company_name"] = json!("Example");
        me["company_domain"] = json!("example");
        me["company_country"] = json!("NL");
        me
    }
}

pub(super) fn currencies() -> Vec<Value> {
    let shown = CURRENCIES.iter().enumerate().map(|(at, code)| {
        json!({ "id": at + 1, "code": code, "name": code, "decimal_points": 2, "symbol": code,
            "active_flag": true, "is_custom_flag": false })
    });
    shown.collect()
}

fn next(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX - 1) + 1
}
