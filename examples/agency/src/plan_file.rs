//! A plan in a file, for a person to approve: readable, and of no use once it is edited, or for another store, tenant or
//! mapping.

use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sync_core::engine::{Engine, PerSide, PlanItem, PlanReport, PlannedField};

use crate::config::Config;
use crate::connect::App;
use crate::error::{Error, Result};
use crate::private_file;

/// The form of the file that this version writes and reads.
const VERSION: u32 = 2;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 512 << 20;
/// What the seal is made for.
const CONTEXT: &str = "plan file";

/// What is in the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanFile {
    version: u32,
    made_at: chrono::DateTime<chrono::Utc>,
    tenant: String,
    /// Names the store.
    store: String,
    /// The fingerprint of the flows.
    mapping: String,
    /// What the plan costs.
    calls: PerSide,
    minutes: f64,
    day_share: f64,
    /// The custom fields that are created in the CRM.
    #[serde(default)]
    pub(crate) new_fields: Vec<PlannedField>,
    /// Every write and every question.
    pub(crate) items: Vec<PlanItem>,
    /// Over all the rest, by the key of the store.
    seal: String,
}

impl PlanFile {
    /// Writes a plan to a file, in place of what is there.
    pub(crate) async fn save(
        file: &Path,
        config: &Config,
        app: &App,
        engine: &Engine,
        plan: &PlanReport,
    ) -> Result<()> {
        let mut own = Self {
            version: VERSION,
            made_at: app.clock().now(),
            tenant: app.tenant().to_string(),
            store: engine.store_id().await?,
            mapping: mapping(app),
            calls: plan.calls,
            minutes: plan.minutes,
            day_share: plan.day_share,
            new_fields: plan.new_fields.clone(),
            items: plan.items.clone(),
            seal: String::new(),
        };
        own.seal = config.store.vault.seal(CONTEXT, own.digest()?.as_bytes())?;
        let text = serde_json::to_string_pretty(&own).map_err(|error| wrong(file, &error))? + "\n";
        if text.len() as u64 > LARGEST {
            return Err(wrong(
                file,
                &"it would be larger than 512 MiB; put some flows aside in the config until the others are done",
            ));
        }
        let written = private_file::create(file).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| wrong(file, &error))
    }

    /// Reads a file, and refuses what does not fit. Makes no call.
    pub(crate) async fn load(file: &Path, config: &Config, app: &App, engine: &Engine) -> Result<Self> {
        let mut text = String::new();
        let open = std::fs::File::open(file).map_err(|error| wrong(file, &error))?;
        open.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| wrong(file, &error))?;
        if text.len() as u64 > LARGEST {
            return Err(wrong(file, &"it is larger than 512 MiB, which no plan is"));
        }
        let own: Self = serde_json::from_str(&text).map_err(|error| wrong(file, &error))?;
        if own.version != VERSION {
            return Err(wrong(
                file,
                &format!("it is of version {}, this program reads {VERSION}", own.version),
            ));
        }
        let sealed = config.store.vault.open(CONTEXT, &own.seal).ok();
        if sealed.is_none_or(|sealed| sealed.as_slice() != own.digest().unwrap_or_default().as_bytes()) {
            return Err(wrong(file, &"it was edited, or made with another key"));
        }
        let made_for = [
            ("tenant", own.tenant.as_str(), app.tenant().to_string()),
            ("store", own.store.as_str(), engine.store_id().await?),
            ("mapping", own.mapping.as_str(), mapping(app)),
        ];
        match made_for.iter().find(|(_, one, other)| one != other) {
            Some((what, ..)) => Err(wrong(file, &format!("it was made for another {what}"))),
            None => Ok(own),
        }
    }

    /// Over all but the seal.
    fn digest(&self) -> Result<String> {
        let Self {
            version,
            made_at,
            tenant,
            store,
            mapping,
            calls,
            minutes,
            day_share,
            new_fields,
            items,
            ..
        } = self;
        let price = format!("{minutes:.6} {day_share:.6}");
        let all = (version, made_at, tenant, store, mapping, calls, price, new_fields, items);
        let text = serde_json::to_string(&all).map_err(|error| Error::failed("output", error.to_string()))?;
        Ok(hex::encode(Sha256::digest(text.as_bytes())))
    }
}

/// The fingerprint of all flows as configured.
fn mapping(app: &App) -> String {
    let prints: Vec<String> =
        app.flows().iter().map(|flow| format!("{} {}", flow.name, flow.fingerprint())).collect();
    hex::encode(&Sha256::digest(prints.join("\n").as_bytes())[..8])
}

fn wrong(file: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::config("--plan", format!("{}: {why}", file.display()), "make a new plan: plan --save FILE")
}
