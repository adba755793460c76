//! A desk to work at: a sandbox, a folder with a config, and the binary.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use sandbox::{Company, Limits, Sandbox};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TempDir,
    pub(crate) env: BTreeMap<&'static str, String>,
    store: Place,
}

/// What the binary ended with.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// The last line of standard output, which is the document.
    pub(crate) fn json(&self) -> Value {
        let last = self.stdout.lines().last().unwrap_or_else(|| panic!("no output: {self:?}"));
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

impl Office {
    /// With so many companies in Exact, without limits, and without a grant.
    pub(crate) async fn open(companies: usize) -> Self {
        let companies = (0..companies)
            .map(|at| Company::new(format!("Bakkerij nummer {at}"), format!("{:08}", 20_000_000 + at)))
            .collect();
        let sandbox =
            Sandbox::builder().companies(companies).divisions(2).limits(Limits::off()).start().await.unwrap();
        Self::around(sandbox)
    }

    /// Around a sandbox of one's own, without a grant.
    pub(crate) fn around(sandbox: Sandbox) -> Self {
        let env = BTreeMap::from([
            ("SYNC_STORE_KEY", KEY.to_owned()),
            ("EXACT_CLIENT_SECRET", sandbox.exact().client_secret()),
            ("CRM_TOKEN", sandbox.pipedrive().api_token()),
            ("REFRESH", sandbox.exact().refresh_token().to_owned()),
        ]);
        let office = Self { sandbox, folder: TempDir::new().unwrap(), env, store: Place::new() };
        office.write(&office.config());
        office
    }

    /// The same, with the grant imported.
    pub(crate) async fn ready(companies: usize) -> Self {
        let office = Self::open(companies).await;
        office.run(&["auth", "import", "--refresh-token-env", "REFRESH"]).await.expect(0);
        office
    }

    /// A config that is right.
    pub(crate) fn config(&self) -> String {
        self.config_with(&self.store.url())
    }

    /// The same, with a store at that address.
    pub(crate) fn config_with(&self, store: &str) -> String {
        format!(
            r#"
[store]
url = "{}"
key_env = "SYNC_STORE_KEY"

[exact]
country = "nl"
base_url = "{}"
client_id = "{}"
client_secret_env = "EXACT_CLIENT_SECRET"
redirect_url = "https://example.com/callback"
divisions = [{}]

[crm]
kind = "pipedrive"
base_url = "{}"
token_env = "CRM_TOKEN"
create_fields = true

[engine]
settle_seconds = 1
lease_seconds = 1

[[flow]]
preset = "companies"
"#,
            store,
            self.sandbox.exact().base_url(),
            self.sandbox.exact().client_id(),
            self.division(),
            self.sandbox.pipedrive().base_url()
        )
    }

    pub(crate) fn division(&self) -> i64 {
        self.sandbox.exact().divisions()[0]
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn write(&self, config: &str) {
        std::fs::write(self.path("sync.toml"), config).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agency"));
        command.env_clear().envs(&self.env).stdin(Stdio::null());
        command.args(arguments).arg("--config").arg(self.path("sync.toml"));
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Done {
        let mut command = self.command(arguments);
        let output: Output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let code = output.status.code().unwrap_or(-1);
        if code == 0 {
            super::schema::accepts(&std::fs::read_to_string(self.path("sync.toml")).unwrap());
        }
        Done {
            code,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Requests that reached either vendor.
    pub(crate) fn requests(&self) -> u64 {
        self.sandbox.exact().stats().requests + self.sandbox.pipedrive().stats().requests
    }

    /// Writes that either vendor carried out.
    pub(crate) fn writes(&self) -> u64 {
        self.sandbox.exact().stats().writes + self.sandbox.pipedrive().stats().writes
    }
}

/// Where the store is: in a file, or in a schema of its own on the server of `.ci/postgres`, where that runs.
#[derive(Debug)]
struct Place(Option<Schema>);

#[derive(Debug)]
struct Schema {
    server: String,
    name: String,
}

impl Place {
    fn new() -> Self {
        let server = std::env::var("SYNC_TEST_POSTGRES").ok();
        let schema =
            server.map(|server| Schema { server, name: format!("test_{}", Uuid::new_v4().simple()) });
        if let Some(schema) = &schema {
            schema.sql(&format!("CREATE SCHEMA {}", schema.name));
        }
        Self(schema)
    }

    fn url(&self) -> String {
        match &self.0 {
            Some(Schema { server, name }) => format!("{server}&options=-csearch_path%3D{name}"),
            None => "sqlite:sync.db".to_owned(),
        }
    }
}

impl Schema {
    fn sql(&self, statement: &str) {
        let psql = Command::new("psql").args([&self.server, "-qAtc", statement]).output().unwrap();
        assert!(psql.status.success(), "{statement}: {}", String::from_utf8_lossy(&psql.stderr));
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.sql(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}
