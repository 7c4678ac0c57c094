//! `restore`: a copy comes back, and opens only when what people took back since holds again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use assent_gate::{Gate, GateError, LogName, RestoreReport, Restoring, RootKey, tellings_in};
use assent_kernel::Timestamp;
use assent_web::Clock;
use serde_json::json;

use super::backup::{files, name, size};
use super::{Terminal, Usage};
use crate::progress::Bar;

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The folder of a backup's data. Without it the stores are taken as they are: put back already, by the tools of
    /// PostgreSQL or by hand.
    #[arg(long)]
    data_from: Option<PathBuf>,
    /// The folder of the keyrings, only if those of today are lost.
    #[arg(long, requires = "data_from")]
    keys_from: Option<PathBuf>,
    /// A newer export of a ledger, from a mirror or an auditor; may be given several times. Without it the ledger of
    /// the data that `--data-from` replaces is used, if it can still be read.
    #[arg(long)]
    ledger: Vec<PathBuf>,
    /// The stores were put back, and no node runs: needed without `--data-from`, because what is there is changed where it lies.
    #[arg(long, conflicts_with = "data_from")]
    yes: bool,
    /// Two officers accept that entries since the copy are lost: `--accept-loss "A. Name" "B. Name"`. It stays visible.
    #[arg(long, num_args = 2)]
    accept_loss: Vec<String>,
    /// This computer's clock is right although it is far ahead of everything recorded.
    #[arg(long)]
    accept_clock: bool,
}

pub(crate) async fn restore(terminal: &Terminal, args: Restore) -> anyhow::Result<u8> {
    // Whatever is wrong with the arguments is said before anything moves.
    let accept_loss = officers(args.accept_loss)?;
    if args.data_from.is_none() && !args.yes {
        return Err(Usage(
            "without --data-from the stores are taken as they lie there, and what was erased or taken back since is done \
             again in them. Stop every node; if they were put back from a copy, add --yes"
                .into(),
        )
        .into());
    }
    let backup = args.data_from.map(|from| Copied::of(terminal, from, args.keys_from)).transpose()?;
    let at = Timestamp::from_micros(Clock::System.now());
    let root = RootKey::from_file(&terminal.config.key_path(), false)?;
    let ledgers = exports(&args.ledger)?;
    let mut restoring =
        Restoring { ledgers, accept_loss, accept_clock: args.accept_clock, ..Restoring::default() };
    let bar = Bar::new("Restoring", terminal.json);
    let mut aside = None;
    if let Some(backup) = backup {
        let folder = terminal.config.data_dir.join(format!("before-restore-{}", at.micros()));
        std::fs::create_dir_all(&folder)?;
        restoring.tellings = tellings_in(&terminal.config.stores()).await;
        if restoring.ledgers.is_empty() && backup.stores().all(|(path, _)| path.exists()) {
            take_along(&mut restoring, terminal, &root, (&folder, at), &bar).await?;
        }
        backup.put_back(&folder, &bar).await.with_context(|| {
            format!("not everything is put back; what was there before is in {}", folder.display())
        })?;
        aside = Some(folder);
    }
    let opened = Gate::open_restored(terminal.config.stores(), &root, &restoring, at, |what, done, total| {
        bar.label(what);
        bar.at(done, total);
    });
    let before = aside.as_ref().map(|folder| format!("What was there before is in {}", folder.display()));
    let closed = || {
        let what = "the copy stays closed".to_owned();
        before.as_ref().map_or_else(|| what.clone(), |before| format!("{what}. {before}"))
    };
    let (_, report) = opened.await.with_context(closed)?;
    bar.done();
    let before = before.map_or_else(String::new, |before| format!("\n{before}; delete it when all is well."));
    terminal.say(&told(&report, aside.as_deref()), &format!("{}{before}", words(&report)));
    Ok(0)
}

fn words(report: &RestoreReport) -> String {
    format!(
        "Restored. {} ledger entries brought forward, {} erasures and {} withdrawals done again, {} people listed anew, \
         {} policies set back, {} notes on who is told of erasures brought over, {} entries lost.",
        report.entries,
        report.erasures,
        report.wishes,
        report.listed,
        report.policies,
        report.tellings,
        report.lost
    )
}

fn told(report: &RestoreReport, before: Option<&Path>) -> serde_json::Value {
    json!({
        "entries": report.entries, "erasures": report.erasures, "wishes": report.wishes, "listed": report.listed,
        "policies": report.policies, "tellings": report.tellings, "lost": report.lost,
        "before": before,
    })
}

/// The two who accept a loss, if anybody does.
fn officers(names: Vec<String>) -> Result<Option<[String; 2]>, Usage> {
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    if names.is_empty() {
        return Ok(None);
    }
    match <[String; 2]>::try_from(names) {
        Ok(two) if two.iter().any(String::is_empty) => Err(Usage("an officer has a name".into())),
        Ok([one, other]) if one == other => Err(Usage("it takes two different officers".into())),
        Ok(two) => Ok(Some(two)),
        Err(_) => Err(Usage("it takes two officers, once: --accept-loss \"A. Name\" \"B. Name\"".into())),
    }
}

/// The origin of each exported ledger.
fn exports(folders: &[PathBuf]) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let origin = |folder: &PathBuf| {
        let text = std::fs::read_to_string(folder.join("checkpoint"))
            .with_context(|| format!("{} is no exported ledger", folder.display()))?;
        Ok((text.lines().next().unwrap_or_default().to_owned(), folder.clone()))
    };
    folders.iter().map(origin).collect()
}

/// The ledgers of the stores that the copy replaces, as far as they can be read. A clock that is wrong is said while everything still lies where it was; where it is accepted that entries are
/// lost, a ledger that is ahead of the clock stays behind.
async fn take_along(
    restoring: &mut Restoring,
    terminal: &Terminal,
    root: &RootKey,
    (aside, at): (&Path, Timestamp),
    bar: &Bar,
) -> anyhow::Result<()> {
    let Ok(gate) = Gate::open(terminal.config.stores(), root, at).await else { return Ok(()) };
    match gate.hold_clock(at, restoring.accept_clock).await {
        Err(GateError::ClockWentBack) if restoring.accept_loss.is_some() => {}
        Err(error) if error.is_clock() => return Err(error.into()),
        Err(_) => {}
        Ok(()) => restoring.ledgers = exported(&gate, aside, at, bar).await.unwrap_or_default(),
    }
    Ok(())
}

async fn exported(
    gate: &Gate,
    aside: &Path,
    at: Timestamp,
    bar: &Bar,
) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    gate.integrate_all(at).await?;
    let regions: Vec<_> = gate.regions().cloned().collect();
    let mut out = BTreeMap::new();
    bar.label("Keeping today's ledger");
    for company in gate.companies().await? {
        for region in &regions {
            let log = LogName { company: company.id, region: region.clone() };
            let to = aside.join(format!("ledger-{}-{region}", company.code));
            if gate.export_log(&log, &to, |done, total| bar.at(done, total)).await? > 0 {
                out.insert(gate.log_head(&log).await?.origin, to);
            }
        }
    }
    Ok(out)
}

/// A backup in folders: where each store belongs, and its copy.
struct Copied {
    data: Vec<(PathBuf, PathBuf)>,
    keys: Vec<(PathBuf, PathBuf)>,
}

impl Copied {
    /// Refuses a backup that lacks a file, and stores that are not files.
    fn of(terminal: &Terminal, data_from: PathBuf, keys_from: Option<PathBuf>) -> anyhow::Result<Self> {
        let by_its_tools =
            "put the databases back with pg_restore, and then run `assent restore` without --data-from";
        let (data, keys) = files(terminal, by_its_tools)?;
        let data = copies(data, &data_from)?;
        let keys = keys_from.map_or_else(|| Ok(Vec::new()), |from| copies(keys, &from))?;
        Ok(Self { data, keys })
    }

    fn stores(&self) -> impl Iterator<Item = &(PathBuf, PathBuf)> {
        self.data.iter().chain(&self.keys)
    }

    /// Moves what is there aside and copies the backup's files into its place.
    async fn put_back(&self, aside: &Path, bar: &Bar) -> anyhow::Result<()> {
        bar.label("Copying back");
        let total = self.stores().map(|(_, copy)| size(copy)).sum();
        let mut done = 0;
        for (path, copy) in self.stores() {
            for suffix in ["", "-wal", "-shm", "-uses0", "-uses1"] {
                let mut old = path.clone().into_os_string();
                old.push(suffix);
                let old = PathBuf::from(old);
                if old.exists() {
                    std::fs::rename(&old, aside.join(name(&old)?))?;
                }
            }
            let (from, to) = (copy.clone(), path.clone());
            let copying = tokio::task::spawn_blocking(move || std::fs::copy(from, to));
            done += bar.following(copying, || (done + size(path), total)).await??;
        }
        Ok(())
    }
}

/// Each store with its copy.
fn copies(stores: Vec<PathBuf>, from: &Path) -> anyhow::Result<Vec<(PathBuf, PathBuf)>> {
    let copy = |path: PathBuf| {
        let copy = from.join(name(&path)?);
        if !copy.exists() {
            bail!("{} is missing", copy.display());
        }
        Ok((path, copy))
    };
    stores.into_iter().map(copy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_officers_accept_a_loss_or_nobody_does() {
        let said = |names: &[&str]| officers(names.iter().map(ToString::to_string).collect());
        assert_eq!(said(&[]), Ok(None));
        assert_eq!(said(&["A. Name", " B. Name"]), Ok(Some(["A. Name".into(), "B. Name".into()])));
        for wrong in [&["A"][..], &["A", "A "], &["A", " "], &["A", "B", "C", "D"]] {
            assert!(said(wrong).is_err(), "{wrong:?}");
        }
    }
}
