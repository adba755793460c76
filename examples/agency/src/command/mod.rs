//! The commands: one file each.

mod auth_crm;
mod auth_import;
mod auth_login;
mod auth_status;
mod check;
mod grant;
mod history;
mod issues;
mod links;
mod mapping;
mod plan;
mod privacy;
mod run;
mod schema;
mod serve;
mod status;
mod undo;
mod written;

pub use self::plan::text as plan_text;
pub use self::run::text as run_text;
use crate::cli::{Auth, Cli, Command, Issues, Links};
use crate::config::Config;
use crate::connect::{ConnectOptions, connect};
use crate::error::Result;
use crate::output::Outcome;

/// Carries out a command line.
///
/// # Errors
/// Where the command could not finish, or the config is wrong.
pub async fn run(cli: &Cli) -> Result<Outcome> {
    if let Command::Schema = &cli.command {
        return schema::run();
    }
    let config = Config::load(&cli.config)?;
    if let Command::Auth(Auth::Import { refresh_token_env, .. }) = &cli.command {
        auth_import::refuse_missing(refresh_token_env)?;
    }
    if let Command::Serve { more } = &cli.command {
        return serve::run(config, more).await;
    }
    let app = connect(&config, ConnectOptions::new()).await?;
    let outcome = match &cli.command {
        Command::Auth(Auth::Import { refresh_token_env, crm: true, .. }) => {
            auth_crm::import(&app, refresh_token_env).await
        }
        Command::Auth(Auth::Login { crm: true, .. }) => auth_crm::login(&app).await,
        Command::Auth(Auth::Import { refresh_token_env, grant, .. }) => {
            auth_import::run(&app, refresh_token_env, grant.as_deref()).await
        }
        Command::Auth(Auth::Login { grant, .. }) => auth_login::run(&app, &config, grant.as_deref()).await,
        Command::Auth(Auth::Status) => auth_status::run(&app).await,
        Command::Check => check::run(&app).await,
        Command::Plan { full, save } => plan::run(&app, &config, *full, save.as_deref()).await,
        Command::Run { yes, plan } => run::run(&app, &config, *yes, plan.as_deref()).await,
        Command::Status => status::run(&app).await,
        Command::Issues { command: None } => issues::list(&app).await,
        Command::Issues { command: Some(Issues::Show { id }) } => issues::show(&app, id).await,
        Command::Issues { command: Some(Issues::Resolve { ids, answer }) } => {
            issues::resolve(&app, ids, answer).await
        }
        Command::Links(Links::Export { file }) => links::export(&app, file).await,
        Command::Links(Links::Import { file }) => links::import(&app, file).await,
        Command::Export { record, flow } => privacy::export(&app, record, flow.as_deref()).await,
        Command::Forget { record, flow } => privacy::forget(&app, record, flow.as_deref()).await,
        Command::Mapping => mapping::run(&app, &config).await,
        Command::History { id } => history::run(&app, id).await,
        Command::Undo { run } => undo::run(&app, run).await,
        // The one needs no connection, the other has its own, with somebody who listens to them.
        Command::Schema | Command::Serve { .. } => Ok(Outcome::new("", serde_json::Value::Null)),
    };
    app.finish().await;
    outcome
}
