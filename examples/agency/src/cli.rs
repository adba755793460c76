//! The command line.
#![expect(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "a command line is what it is")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sync_core::engine::Resolution;
use sync_core::flow::Side;

/// Keeps Exact Online and a CRM in agreement.
///
/// Exit codes: 0 done, 1 could not finish, 2 the config or the command line is wrong, 3 a person is needed.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub struct Cli {
    /// The config file.
    #[arg(long, global = true, value_name = "FILE", default_value = "sync.toml")]
    pub config: PathBuf,
    /// Print one JSON document as the last line instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give this program access to Exact Online or the CRM, or see how it stands.
    #[command(subcommand)]
    Auth(Auth),
    /// Hold config and mapping against both live systems; writes nothing.
    Check,
    /// Show what a run would write, and its price; writes nothing to either system.
    Plan {
        /// List every single write.
        #[arg(long)]
        full: bool,
        /// Write the plan to this file, for `run --plan`: sealed, and with every single write.
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Bring both systems into agreement.
    Run {
        /// Let this run pass the brakes, and approve the mapping as it is.
        #[arg(long)]
        yes: bool,
        /// Carry out exactly the plan in this file, and nothing where a record of it has changed since.
        #[arg(long, value_name = "FILE", conflicts_with = "yes")]
        plan: Option<PathBuf>,
    },
    /// Show health, budgets and last runs.
    Status,
    /// Show what was written about a record, when, because of what, and what was lost by it.
    History {
        /// The id of the record in Exact or in the CRM, or of its link.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Ask for the reverse of everything that a run wrote; the next run carries it out, with its brakes.
    Undo {
        /// The run, as `status` and `history` show it.
        #[arg(value_name = "RUN")]
        run: String,
    },
    /// Show the open questions, or answer one.
    Issues {
        /// Answer instead of showing.
        #[command(subcommand)]
        command: Option<Issues>,
    },
    /// Move the identity map out to a spreadsheet, or in from one.
    #[command(subcommand)]
    Links(Links),
    /// Show everything that the store holds of one record, as JSON; asks neither system.
    Export {
        /// Its id in Exact, in the CRM, or of its link.
        #[arg(value_name = "ID")]
        record: String,
        /// Its flow, where several know that id.
        #[arg(long, value_name = "NAME")]
        flow: Option<String>,
    },
    /// Forget one record: its values go from the store, and no run reads it or creates it again.
    ///
    /// Nothing is written to either system. What stands there is for people to erase.
    Forget {
        /// Its id in Exact, in the CRM, or of its link.
        #[arg(value_name = "ID")]
        record: String,
        /// Its flow, where several know that id.
        #[arg(long, value_name = "NAME")]
        flow: Option<String>,
    },
    /// Describe the field mapping for the customer, in Markdown.
    Mapping,
    /// Print the JSON Schema of the config file, for editors.
    Schema,
    /// Do it all until stopped: keep grants alive, run on a schedule and on webhooks, tell what goes wrong.
    Serve {
        /// Config files of more tenants, for the same process.
        #[arg(value_name = "FILE")]
        more: Vec<PathBuf>,
    },
}

/// Access to Exact Online.
#[derive(Debug, Subcommand)]
pub enum Auth {
    /// Store a grant without a browser: the refresh token is used once, and replaced.
    Import {
        /// The environment variable that holds the refresh token.
        #[arg(long, value_name = "NAME")]
        refresh_token_env: String,
        /// The grant, where the config has several.
        #[arg(long, value_name = "NAME")]
        grant: Option<String>,
        /// Access to the CRM instead, with the app of [crm.oauth].
        #[arg(long, conflicts_with = "grant")]
        crm: bool,
    },
    /// Ask for consent in the browser.
    Login {
        /// The grant, where the config has several.
        #[arg(long, value_name = "NAME")]
        grant: Option<String>,
        /// Access to the CRM instead, with the app of [crm.oauth].
        #[arg(long, conflicts_with = "grant")]
        crm: bool,
    },
    /// Show grants, divisions and expiry.
    Status,
}

/// Answers to open questions.
#[derive(Debug, Subcommand)]
pub enum Issues {
    /// Show one issue with all that is known of it: both values, what they last agreed on, who changed the records last,
    /// what was written to the field so far, and the answers. Costs a call to each system.
    Show {
        /// Its id, as `issues` shows it.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Answer issues; the next run carries it out.
    Resolve {
        /// The ids, as `issues` shows them.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// The answer.
        #[command(flatten)]
        answer: Answer,
    },
}

/// One answer.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Answer {
    /// Take the value of this side.
    #[arg(long, value_name = "SIDE")]
    pub take: Option<SideName>,
    /// Write this value to both sides: as Exact would hold it, the CRM gets it in its own words.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub value: Option<String>,
    /// These two records are the same.
    #[arg(long, num_args = 2, value_names = ["EXACT_ID", "CRM_ID"])]
    pub link: Option<Vec<String>>,
    /// The record is a new one: create it on the other side.
    #[arg(long)]
    pub create: bool,
    /// Leave it as it is on both sides.
    #[arg(long)]
    pub skip: bool,
}

impl Answer {
    /// The answer in the engine's words. The group makes sure that it is exactly one.
    #[must_use]
    pub fn resolution(&self) -> Resolution {
        match (self.take, &self.value, self.link.as_deref()) {
            (Some(side), ..) => Resolution::Take(side.into()),
            (_, Some(value), _) => Resolution::Value(value.clone()),
            (_, _, Some([exact, crm])) => Resolution::Link {
                exact: crm_adapters::RecordId::new(exact),
                crm: crm_adapters::RecordId::new(crm),
            },
            _ if self.create => Resolution::Create,
            _ => Resolution::Skip,
        }
    }
}

/// A side, as one names it on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SideName {
    /// Exact Online.
    Exact,
    /// The CRM.
    Crm,
}

impl From<SideName> for Side {
    fn from(name: SideName) -> Self {
        match name {
            SideName::Exact => Self::Exact,
            SideName::Crm => Self::Crm,
        }
    }
}

/// The identity map.
#[derive(Debug, Subcommand)]
pub enum Links {
    /// Write `flow,division,exact_id,crm_id` of every link.
    Export {
        /// The file; it is replaced.
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
    /// Tie the records that a file names, all of them or none.
    Import {
        /// The file, with the columns `flow,division,exact_id,crm_id`.
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
}
