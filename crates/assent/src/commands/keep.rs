//! `import`, `erase`, `invite`.

use std::path::PathBuf;

use anyhow::Context as _;
use assent_kernel::{Asker, Role, Timestamp};
use assent_sources::intake::{MapFile, Order, run_import_cli};
use assent_web::{Clock, text};
use serde_json::json;

use super::ask::{company, person};
use super::{Terminal, Usage, worn};
use crate::progress::Bar;

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The file: CSV with any delimiter, or vCard.
    file: PathBuf,
    /// The company's code; not needed when there is only one.
    #[arg(long)]
    company: Option<String>,
    /// Read and judge every row, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Import a file once more that came in already.
    #[arg(long)]
    again: bool,
    /// A mapping of columns (JSON), instead of the guessed one.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// The kind of contract that everybody in the file has.
    #[arg(long)]
    contract: Option<String>,
    /// The country of phone numbers without a calling code.
    #[arg(long)]
    country: Option<String>,
}

/// Arguments of `erase`.
#[derive(Debug, clap::Args)]
pub(crate) struct Erase {
    /// Whom: a person's id or e-mail address.
    person: String,
    /// The company's code; not needed when there is only one.
    #[arg(long)]
    company: Option<String>,
    /// Keep a keyed token of the addresses, so that nobody ever writes to them again.
    #[arg(long)]
    never_write: bool,
    /// Really do it.
    #[arg(long)]
    yes: bool,
}

/// Arguments of `invite`.
#[derive(Debug, clap::Args)]
pub(crate) struct Invite {
    /// Their e-mail address.
    email: String,
    /// Their name.
    name: String,
    /// Their roles.
    #[arg(long, value_delimiter = ',', default_value = "sales")]
    roles: Vec<String>,
    /// The company's code; not needed when there is only one.
    #[arg(long)]
    company: Option<String>,
}

pub(crate) async fn erase(terminal: &Terminal, args: Erase) -> anyhow::Result<u8> {
    let clock = Clock::System;
    let gate = terminal.config.open(&clock).await?;
    let company = company(&gate, args.company.as_deref()).await?;
    let id = person(&gate, &company, &args.person).await?;
    if !args.yes {
        return Err(Usage(format!("this erases {id} for good; add --yes")).into());
    }
    let at = Timestamp::from_micros(clock.now());
    let done = gate.erase(company.id, id, Asker::System, args.never_write, at).await?;
    let kept: Vec<_> = done
        .kept
        .iter()
        .map(|one| json!({ "category": one.category, "mandate": one.mandate, "cite": one.cite, "until": text::iso(one.until.micros()) }))
        .collect();
    let mut lines = vec![format!("{} facts erased.", done.erased)];
    lines.push(match done.unrecoverable_from {
        Some(at) => format!("No copy of the keyring brings them back after {}.", text::date(at.micros())),
        None => "The last copies go as soon as nobody reads the keyring; that happens by itself.".into(),
    });
    for one in &done.kept {
        lines.push(format!(
            "Kept: {} ({}), until {}",
            one.category,
            one.cite,
            text::date(one.until.micros())
        ));
    }
    lines.push(String::new());
    lines.push(done.receipt.clone());
    let unrecoverable = done.unrecoverable_from.map(|at| text::iso(at.micros()));
    let json = json!({ "erased": done.erased, "kept": kept, "unrecoverable_from": unrecoverable, "receipt": done.receipt });
    terminal.say(&json, &lines.join("\n"));
    Ok(0)
}

pub(crate) async fn invite(terminal: &Terminal, args: Invite) -> anyhow::Result<u8> {
    let roles: Vec<Role> = args.roles.iter().map(|text| worn(text)).collect::<Result<_, _>>()?;
    let clock = Clock::System;
    let gate = terminal.config.open(&clock).await?;
    let company = company(&gate, args.company.as_deref()).await?;
    let at = Timestamp::from_micros(clock.now());
    let base = terminal.config.base_url();
    let link = crate::serve::invite(&gate, company.id, &args.email, &args.name, &roles, &base, at).await?;
    terminal.say(&json!({ "link": link }), &format!("One-time link, for 7 days:\n  {link}"));
    Ok(0)
}

pub(crate) async fn import(terminal: &Terminal, args: Import) -> anyhow::Result<u8> {
    let clock = Clock::System;
    let gate = terminal.config.open(&clock).await?;
    let company = company(&gate, args.company.as_deref()).await?;
    let ctx = terminal.config.ctx(gate, clock);
    let mapping = match &args.mapping {
        None => MapFile::default(),
        Some(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("{} has a mistake", path.display()))?
        }
    };
    let order = Order {
        file: args.file,
        company: company.id,
        region: None,
        asker: Asker::System,
        dry_run: args.dry_run,
        again: args.again,
        mapping,
        contract: args.contract,
        country: args.country,
        rejected: None,
    };
    let bar = Bar::new(if args.dry_run { "Judging rows" } else { "Importing" }, terminal.json);
    let done = run_import_cli(&ctx, &order, |progress| bar.at(progress.done, progress.total)).await?;
    bar.done();
    ctx.gate.integrate_all(ctx.now()).await?;
    let counts = &done.counts;
    let mut lines = Vec::new();
    if done.before > 0 {
        lines.push(format!("Taken up where it broke off: {} rows were in already.", done.before));
    }
    lines.push(format!(
        "{} rows: {} people taken ({} without terms), {} already here, {} rejected, {} values left out",
        counts.rows,
        counts.taken(),
        counts.quarantined,
        counts.duplicates,
        counts.rejected,
        counts.left_out
    ));
    lines.extend(counts.why.lines().into_iter().map(|(why, n)| format!("  {n} × {why}")));
    if let Some(path) = &done.rejected {
        lines.push(format!("Rows to look at: {}", path.display()));
        if done.missing > 0 {
            lines.push(format!(
                "{} rows to look at from before it broke off are not in there: the file that held them was moved or changed.",
                done.missing
            ));
        }
    }
    let json = json!({ "import": done.import, "rows_before": done.before, "counts": counts, "rejected_rows": done.rejected, "rejected_before": done.missing });
    terminal.say(&json, &lines.join("\n"));
    Ok(0)
}
