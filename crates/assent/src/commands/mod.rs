//! The command line: one file a family, `--json` for programs, exit codes that mean something.

mod ask;
mod backup;
mod doctor;
mod keep;
mod key;
mod ledger;
mod policy;
mod restore;
mod run;

use std::path::PathBuf;

use assent_kernel::Role;
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

/// The same list stands in docs/operating.md, and a test holds the two together.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, permitted, well
  1  failed: nothing half done remains; the sentence says why (doctor: something is not as it should be)
  2  called wrongly, or not without --yes: nothing was done
  3  refused (decide), or something would be refused (what-if)
  verify: 0 good, 2 malformed, 3 log signature, 4 quorum, 5 inclusion, 6 opening differs,
          7 not consistent with the older head, 8 stale
With --json the answer is one line of JSON on standard output; an error is {\"error\": …},
the last line on standard error; warnings may stand before it.";

/// Assent: the customer's own terms decide every use of what is known about them.
#[derive(Debug, Parser)]
#[command(name = "assent", version, about, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// A settings file (TOML).
    #[arg(long, global = true, env = "ASSENT_CONFIG")]
    config: Option<PathBuf>,
    /// The data folder, instead of the one in the settings.
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
    /// Answers as JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
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
    Backup(backup::Backup),
    /// Bring a copy back; erasures since then are done again before anything opens.
    Restore(restore::Restore),
    /// Look whether everything is as it should be.
    Doctor,
    /// Say that this computer's clock is right although it is far ahead of everything recorded.
    AcceptClock(doctor::AcceptClock),
    /// Make a key file for a new installation whose stores are in PostgreSQL; files get theirs by themselves.
    NewKey(run::NewKey),
    /// Print the settings in force.
    CheckConfig,
    /// Add a member of staff and print their one-time link.
    Invite(keep::Invite),
    /// Make, list and end the keys of programs that call.
    Key(key::Key),
    /// List the rooms of this program and what each asks for.
    Rooms,
}

/// A role that staff or a program may wear.
fn worn(text: &str) -> Result<Role, Usage> {
    let all = || Role::WORN.iter().map(|role| role.key()).collect::<Vec<_>>().join(" ");
    Role::worn(text).ok_or_else(|| Usage(format!("`{text}` is no role to wear: {}", all())))
}

/// What every command is handed.
pub(crate) struct Terminal {
    pub(crate) config: Config,
    pub(crate) json: bool,
}

impl Terminal {
    /// Prints one answer: as JSON for programs, as text for people.
    pub(crate) fn say(&self, json: &serde_json::Value, text: &str) {
        say(self.json, json, text);
    }
}

fn say(as_json: bool, json: &serde_json::Value, text: &str) {
    let line = if as_json { json.to_string() } else { text.to_owned() };
    crate::serve::announce(&line);
}

/// Runs a command; the number is the exit code.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<u8> {
    // Checking needs no settings, and must not fail for those of an installation.
    let here = || -> anyhow::Result<Terminal> {
        let mut config = Config::read(cli.config.as_deref())?;
        if let Some(dir) = &cli.data_dir {
            config.data_dir.clone_from(dir);
        }
        Ok(Terminal { config, json: cli.json })
    };
    match cli.command {
        Command::Serve(args) => run::serve(here()?, args).await,
        Command::Demo(args) => run::demo(here()?, args).await,
        Command::Import(args) => keep::import(&here()?, args).await,
        Command::Decide(args) => ask::decide(&here()?, args).await,
        Command::Policy(args) => policy::show(&here()?, args).await,
        Command::WhatIf(args) => policy::what_if(&here()?, args).await,
        Command::Verify(args) => Ok(ledger::verify(args, cli.json)),
        Command::ExportLedger(args) => ledger::export(&here()?, args).await,
        Command::Erase(args) => keep::erase(&here()?, args).await,
        Command::Backup(args) => backup::backup(&here()?, args).await,
        Command::Restore(args) => restore::restore(&here()?, args).await,
        Command::Doctor => doctor::doctor(&here()?).await,
        Command::AcceptClock(args) => doctor::accept_clock(&here()?, &args).await,
        Command::NewKey(args) => run::new_key(cli.json, &args),
        Command::CheckConfig => run::check_config(&here()?),
        Command::Invite(args) => keep::invite(&here()?, args).await,
        Command::Key(args) => key::key(&here()?, args).await,
        Command::Rooms => run::rooms(&here()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_the_exit_codes() {
        let guide = include_str!("../../../../docs/operating.md");
        assert!(guide.contains(EXIT_CODES), "docs/operating.md tells other exit codes than --help");
        let of_verify = assent_verify::USAGE.split("Exit codes: ").nth(1).unwrap();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words(EXIT_CODES).contains(words(of_verify).trim_end_matches('.')),
            "verify's own list is another"
        );
    }
}
