//! `verify` and `export-ledger`.

use std::io::Write as _;
use std::path::PathBuf;

use assent_gate::LogName;
use assent_web::Clock;
use serde_json::json;

use super::Terminal;
use super::ask::company;
use crate::progress::Bar;

/// Arguments of `verify`, handed on as they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// A receipt, or `export` and a folder; `--help` lists the rest.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Arguments of `export-ledger`.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The company's code; not needed when there is only one.
    #[arg(long)]
    company: Option<String>,
    /// The region; the company's own when left out.
    #[arg(long)]
    region: Option<assent_kernel::Region>,
    /// The folder to write to.
    #[arg(long)]
    to: PathBuf,
}

pub(crate) fn verify(args: Verify, as_json: bool) -> u8 {
    let now = Clock::System.now().div_euclid(1_000_000);
    let mut args = args.args;
    if as_json {
        args.insert(0, "--json".into());
    }
    let bar = Bar::new("Hashing again", args.iter().any(|one| one == "--json"));
    let mut found = Vec::new();
    let now = u64::try_from(now).unwrap_or(0);
    let code = assent_verify::run(&args, now, &mut found, &mut |done, total| bar.at(done, total));
    bar.done();
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(&found).and_then(|()| out.flush());
    u8::try_from(code).unwrap_or(1)
}

pub(crate) async fn export(terminal: &Terminal, args: Export) -> anyhow::Result<u8> {
    let clock = Clock::System;
    let gate = terminal.config.open(&clock).await?;
    let company = company(&gate, args.company.as_deref()).await?;
    let name = LogName { company: company.id, region: args.region.unwrap_or_else(|| company.region.clone()) };
    gate.integrate(&name, assent_kernel::Timestamp::from_micros(clock.now())).await?;
    let bar = Bar::new("Writing the ledger", terminal.json);
    let size = gate.export_log(&name, &args.to, |done, total| bar.at(done, total)).await?;
    bar.done();
    let head = gate.log_head(&name).await?;
    let text = format!(
        "{size} entries in {}\nCheck them with: assent verify export {}",
        args.to.display(),
        args.to.display()
    );
    terminal.say(&json!({ "entries": size, "folder": args.to, "vkey": head.vkey }), &text);
    Ok(0)
}
