//! The config file as it is written: every section and key there is. Unknown ones are errors. Its doc comments are what
//! editors show, by way of the JSON Schema.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use sync_core::engine::KEEP_DAYS;
use sync_core::flow::{Brakes, Condition, Create, Preset, Price, Route, RuleChange, WithoutIdentity};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Whose data it is: part of every key in the store. Default: `default`.
    pub(super) tenant: Option<String>,
    /// Where the engine keeps what it knows.
    pub(super) store: Store,
    /// Exact Online.
    pub(super) exact: Exact,
    /// The CRM.
    pub(super) crm: Crm,
    /// How long to wait for what.
    #[serde(default)]
    pub(super) engine: Engine,
    /// Limits on damage, per flow and run.
    #[serde(default)]
    pub(super) brakes: Brakes,
    /// What is kept of people, and how long.
    #[serde(default)]
    pub(super) privacy: Privacy,
    /// What `serve` does.
    #[serde(default)]
    pub(super) serve: Serve,
    /// Who is told what.
    #[serde(default)]
    pub(super) alerts: Alerts,
    /// What is kept in agreement: one section for each pair of kinds.
    #[serde(default)]
    pub(super) flow: Vec<Flow>,
}

// Its address may hold a password, so it has no `Debug`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Store {
    /// Relative to this file, created when missing: `sqlite:sync.db`. On a server: `postgres://USER@HOST/DATABASE`, with the
    /// password in `PGPASSWORD`.
    pub(super) url: String,
    /// The variable that holds 32 random bytes in base64.
    pub(super) key_env: String,
    /// Former keys: still opened, re-sealed on the next write.
    #[serde(default)]
    pub(super) previous_key_envs: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Exact {
    /// Where the administrations are.
    #[schemars(extend("enum" = ["nl", "be", "de", "uk", "fr", "es", "us"]))]
    pub(super) country: String,
    /// Instead of the country's host: an origin, plain http on loopback only.
    pub(super) base_url: Option<String>,
    /// The app's id, from Exact's App Center.
    pub(super) client_id: Option<String>,
    /// The variable that holds the app's secret.
    pub(super) client_secret_env: Option<String>,
    /// Where consent comes back to, letter by letter as the app is registered.
    pub(super) redirect_url: String,
    /// The administrations to sync, by the code in Exact's address.
    #[serde(default)]
    pub(super) divisions: Vec<u32>,
    /// Several consents: divisions and, where it differs, the app of each.
    #[serde(default)]
    pub(super) grant: Vec<Grant>,
    /// How long a text may be, by Exact's property name, where Exact takes other lengths than assumed.
    #[serde(default)]
    pub(super) lengths: BTreeMap<String, usize>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    /// Letters, digits, `-` and `_`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]+$"))]
    pub(super) name: String,
    /// The administrations that this consent reaches.
    pub(super) divisions: Vec<u32>,
    /// Default: that of `[exact]`.
    pub(super) client_id: Option<String>,
    /// Default: that of `[exact]`.
    pub(super) client_secret_env: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Crm {
    /// Which CRM.
    #[schemars(extend("enum" = ["pipedrive", "hubspot"]))]
    pub(super) kind: String,
    /// Instead of the vendor's host: an origin, plain http on loopback only.
    pub(super) base_url: Option<String>,
    /// The variable that holds Pipedrive's API token, or HubSpot's service key.
    pub(super) token_env: Option<String>,
    /// Instead of a token: an app that a person consents to.
    pub(super) oauth: Option<CrmOauth>,
    /// May missing custom fields be created?
    #[serde(default)]
    pub(super) create_fields: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CrmOauth {
    /// The app's id, from its page at the vendor.
    pub(super) client_id: String,
    /// The variable that holds the app's secret.
    pub(super) client_secret_env: String,
    /// Where consent comes back to, letter by letter as the app is registered.
    pub(super) redirect_url: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Engine {
    /// How long an unanswered create may still land.
    #[schemars(range(min = 1, max = 3600))]
    pub(super) settle_seconds: u64,
    /// One request.
    #[schemars(range(min = 1, max = 600))]
    pub(super) timeout_seconds: u64,
    /// How long a dead worker is believed alive.
    #[schemars(range(min = 1, max = 3600))]
    pub(super) lease_seconds: u64,
}

impl Default for Engine {
    fn default() -> Self {
        Self { settle_seconds: 120, timeout_seconds: 30, lease_seconds: 60 }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Privacy {
    /// For so many days the audit keeps what was written, and the values that lost.
    #[schemars(range(min = 1, max = 36500))]
    pub(super) keep_days: u32,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { keep_days: KEEP_DAYS }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Serve {
    /// A pass of each flow; a flow may have its own.
    pub(super) every_minutes: u64,
    /// How often everything is looked at where Exact's webhooks say what to look at: some of them get lost.
    pub(super) full_look_minutes: u64,
    /// How often payments are asked for there, of which no webhook tells.
    pub(super) payments_minutes: u64,
    /// How long a pass in hand may go on when the process is to stop.
    #[schemars(range(max = 3600))]
    pub(super) grace_seconds: u64,
    /// Where webhooks come in, behind whatever ends TLS: `127.0.0.1:8080`.
    pub(super) listen: Option<String>,
    /// Under which the vendors reach `listen`: Exact's and Pipedrive's webhooks are then made and kept up.
    pub(super) public_url: Option<String>,
    /// The variable that holds the webhook secret of the app's registration.
    pub(super) exact_secret_env: Option<String>,
    /// The user name with which the webhook was made in Pipedrive.
    pub(super) pipedrive_user: Option<String>,
    /// The variable that holds its password.
    pub(super) pipedrive_password_env: Option<String>,
    /// The variable that holds the app's client secret.
    pub(super) hubspot_secret_env: Option<String>,
    /// The address of the webhook, letter by letter as HubSpot has it.
    pub(super) hubspot_target_url: Option<String>,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            every_minutes: 15,
            full_look_minutes: 60,
            payments_minutes: 8,
            grace_seconds: 30,
            listen: None,
            public_url: None,
            exact_secret_env: None,
            pipedrive_user: None,
            pipedrive_password_env: None,
            hubspot_secret_env: None,
            hubspot_target_url: None,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Alerts {
    /// An endpoint's address is often all that it takes to write there: a secret.
    pub(super) url_env: Option<String>,
    /// From which share of a day's calls on somebody is told.
    #[schemars(range(min = 1, max = 100))]
    pub(super) budget_percent: u64,
    /// What is told besides problems: `order created`, `invoice paid`, `invoice overdue`, `shipped`. The last three are
    /// read from what `Payment.Status` and `Delivery.Status` bring to the CRM.
    #[schemars(inner(regex(pattern = "^(order created|invoice paid|invoice overdue|shipped)$")))]
    pub(super) events: Vec<String>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { url_env: None, budget_percent: 80, events: Vec::new() }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Flow {
    /// What it keeps in agreement.
    #[schemars(schema_with = "presets")]
    pub(super) preset: String,
    /// Unique; lower-case letters, digits, `-` and `_`. Default: the preset.
    #[schemars(regex(pattern = r"^[a-z0-9_-]+$"))]
    pub(super) name: Option<String>,
    /// Instead of `serve.every_minutes`.
    pub(super) every_minutes: Option<u64>,
    /// Where records may be created.
    pub(super) create: Option<Create>,
    /// Exact's properties that decide whether two records are the same. Default: the preset's that are mapped.
    #[serde(rename = "match")]
    pub(super) identity: Option<Vec<String>>,
    /// What to do with a record that has no identity value at all.
    pub(super) without_identity: Option<WithoutIdentity>,
    /// Default: all.
    #[serde(default)]
    pub(super) divisions: Vec<u32>,
    /// Where a record that is new in the CRM is created. Default: the first division.
    pub(super) create_in: Option<u32>,
    /// Only records that pass take part.
    pub(super) when: Option<Condition>,
    /// Of a hand-off: what was won before is history, as in `2026-12-01`. Default: when the flow first ran.
    #[serde(default)]
    #[schemars(schema_with = "day")]
    pub(super) since: Option<toml::Value>,
    /// Of a hand-off: before the deal's id in the order's YourRef.
    pub(super) prefix: Option<String>,
    /// Of a hand-off: whether a line's price that is not Exact's is asked about.
    pub(super) price: Option<Price>,
    /// Where a record that is new in the CRM is created, by what it says; before `create_in`.
    #[serde(default)]
    pub(super) route: Vec<Route>,
    /// What every record that the flow makes in Exact gets besides its mapped fields, by Exact's property, as in
    /// `Status = "C"`. Before what the preset gives.
    #[serde(default)]
    #[schemars(schema_with = "constants")]
    pub(super) new_in_exact: Constants,
    /// What every record that the flow makes in the CRM gets besides its mapped fields, by the CRM's property.
    #[serde(default)]
    #[schemars(schema_with = "constants")]
    pub(super) new_in_crm: Constants,
    /// By Exact's property: overrides a rule of the preset, or adds one.
    #[serde(default)]
    pub(super) fields: BTreeMap<String, RuleChange>,
}

/// Single values by property.
pub(super) type Constants = BTreeMap<String, toml::Value>;

/// A day of TOML is text to a schema.
fn constants(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } })
}

fn presets(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Preset::ALL.map(Preset::as_str) })
}

/// TOML has days and moments of its own; editors show them to a schema as text.
fn day(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}" })
}
