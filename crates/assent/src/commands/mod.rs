//! The command line: one file a family, `--json` for programs, exit codes that mean something.

mod ask;
mod care;
mod keep;
mod key;
mod ledger;
mod policy;
mod run;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Wrong use: exit code 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Usage {}

/// Assent: the customer's own terms decide every use of what is known about them.
#[derive(Debug, Parser)]
#[command(name = "assent", version, about)]
pub(crate) struct Cli {
    /// A settings file (TOML).
    #[arg(long, global = true, env = "ASSENT_CONFIG")]
    config: Option<PathBuf>,
    /// The data folder, instead of the one in the settings.
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
    /// Answers as JSON, for programs.
    #[arg(long, global = true)]
    json: bool,
    /// Says more on the way.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    command: Command,
}

/// What it can do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve. Makes a data folder, keys and a first administrator's link when there is nothing yet.
    Serve(run::Serve),
    /// Serve a made-up company with 2 000 customers, to look around.
    Demo(run::Demo),
    /// Import a contacts file (CSV, vCard).
    Import(keep::Import),
    /// Ask whether a use is allowed, and why.
    Decide(ask::Decide),
    /// Print the policy in force, as JSON: the start of a draft.
    Policy(policy::Show),
    /// Lay a changed policy over the uses that were recorded: what would have been refused, why, and to how many.
    WhatIf(policy::Draft),
    /// Check a receipt or an exported ledger, without database or network.
    #[command(disable_help_flag = true)]
    Verify(ledger::Verify),
    /// Write a ledger to a folder that any C2SP tool can read.
    ExportLedger(ledger::Export),
    /// Erase a person.
    Erase(keep::Erase),
    /// Copy the data to a folder, and the keyrings to another.
    Backup(care::Backup),
    /// Bring a copy back; erasures since then are done again before anything opens.
    Restore(care::Restore),
    /// Look whether everything is as it should be.
    Doctor,
    /// Print the settings in force.
    CheckConfig,
    /// Add a member of staff and print their one-time link.
    Invite(keep::Invite),
    /// Make, list and end the keys of programs that call.
    Key(key::Key),
    /// List the rooms of this program and what each asks for.
    Rooms,
}

/// What every command is handed.
pub(crate) struct Terminal {
    pub(crate) config: Config,
    pub(crate) json: bool,
}

impl Terminal {
    /// Prints one answer: as JSON for programs, as text for people.
    pub(crate) fn say(&self, json: &serde_json::Value, text: &str) {
        let line = if self.json { json.to_string() } else { text.to_owned() };
        crate::serve::announce(&line);
    }
}

/// Runs a command; the number is the exit code.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<u8> {
    if let Command::Verify(verify) = cli.command {
        return Ok(ledger::verify(&verify));
    }
    let mut config = Config::read(cli.config.as_deref())?;
    if let Some(dir) = cli.data_dir {
        config.data_dir = dir;
    }
    let terminal = Terminal { config, json: cli.json };
    match cli.command {
        Command::Serve(args) => run::serve(terminal, args).await,
        Command::Demo(args) => run::demo(terminal, args).await,
        Command::Import(args) => keep::import(&terminal, args).await,
        Command::Decide(args) => ask::decide(&terminal, args).await,
        Command::Policy(args) => policy::show(&terminal, args).await,
        Command::WhatIf(args) => policy::what_if(&terminal, args).await,
        Command::Verify(_) => Ok(0),
        Command::ExportLedger(args) => ledger::export(&terminal, args).await,
        Command::Erase(args) => keep::erase(&terminal, args).await,
        Command::Backup(args) => care::backup(&terminal, args).await,
        Command::Restore(args) => care::restore(&terminal, args).await,
        Command::Doctor => care::doctor(&terminal).await,
        Command::CheckConfig => run::check_config(&terminal),
        Command::Invite(args) => keep::invite(&terminal, args).await,
        Command::Key(args) => key::key(&terminal, args).await,
        Command::Rooms => run::rooms(&terminal),
    }
}
