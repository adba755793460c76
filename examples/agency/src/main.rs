//! `agency`: keeps Exact Online and a CRM in agreement, from the command line.

use std::io::{self, Write};
use std::process::ExitCode;

use agency::cli::Cli;
use agency::{Error, command, output};
use clap::Parser;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let outcome = command::run(&cli).await;
    ExitCode::from(output::print(outcome, cli.json).unwrap_or(1))
}

/// A command line that cannot be understood, or a call for help.
fn refuse(error: &clap::Error) -> ExitCode {
    let wrong = error.use_stderr();
    let as_json = std::env::args_os().any(|argument| argument == "--json");
    if !(wrong && as_json) {
        let _ = error.print();
    } else {
        let text = error.to_string();
        // Behind it comes how to use the command.
        let what: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        let what = what.join(" ").trim_start_matches("error: ").to_owned();
        let error = Error::config("", what, "see --help");
        let _ = output::print(Err(error), true);
    }
    let _ = io::stdout().flush();
    ExitCode::from(if wrong { 2 } else { 0 })
}
