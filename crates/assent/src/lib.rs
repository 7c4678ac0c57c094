//! Assent: a customer engagement platform in which the customer's own terms decide every use of what is known about them.

mod commands;
mod config;
pub mod demo;
pub mod house;
mod listen;
mod policy;
mod progress;
mod serve;
mod smtp;
pub mod worker;

use std::process::ExitCode;

use clap::Parser as _;

/// Wrong use of the command line.
const USAGE: u8 = 2;

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match commands::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misread(&error),
    };
    logging(cli.verbose);
    let as_json = cli.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let said = format!("{error:#}");
            eprintln!("{}", if as_json { serde_json::json!({ "error": said }).to_string() } else { said });
            ExitCode::from(if error.is::<commands::Usage>() { USAGE } else { 1 })
        }
    }
}

/// A command line that cannot be read: told to programs as everything else is.
fn misread(error: &clap::Error) -> ExitCode {
    let for_programs = std::env::args_os().any(|arg| arg == "--json");
    if !error.use_stderr() || !for_programs {
        error.exit();
    }
    let said = error.render().to_string();
    let said = said.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
    eprintln!("{}", serde_json::json!({ "error": said.trim() }));
    ExitCode::from(USAGE)
}

fn logging(verbose: bool) {
    let level = if verbose { "info" } else { "warn" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("ASSENT_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
