//! `backup`, `restore`, `doctor`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use assent_gate::{Gate, LogName, Restoring, RootKey};
use assent_kernel::Timestamp;
use assent_store::{Db, Place};
use assent_web::Clock;
use serde_json::json;

use super::{Terminal, Usage};

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The folder for the data; it may be kept for long, for without the keys it is noise.
    #[arg(long)]
    data_to: PathBuf,
    /// The folder for the keyrings: another place, kept for at most 30 days.
    #[arg(long)]
    keys_to: PathBuf,
}

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The folder of the data.
    #[arg(long)]
    data_from: PathBuf,
    /// The folder of the keyrings, only if those of today are lost.
    #[arg(long)]
    keys_from: Option<PathBuf>,
    /// A newer export of a ledger, from a mirror or an auditor; may be given several times. Without it the ledger of
    /// the data that is there now is used, if it can still be read.
    #[arg(long)]
    ledger: Vec<PathBuf>,
    /// Two officers accept that entries since the copy are lost: `--accept-loss "A. Name" "B. Name"`. It stays visible.
    #[arg(long, num_args = 2)]
    accept_loss: Vec<String>,
}

/// The files of an installation: data, then keyrings. A server's databases are copied by its own tools.
fn files(terminal: &Terminal) -> anyhow::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let stores = terminal.config.stores();
    let file = |place: &Place| {
        match place {
        Place::File(path) => Ok(path.clone()),
        Place::Server(_) => Err(Usage(
            "the stores are in PostgreSQL: copy the data databases and the keyring databases apart, with pg_dump".into(),
        )),
    }
    };
    let mut data = vec![file(&stores.home)?];
    let mut keys = Vec::new();
    for region in &stores.regions {
        data.push(file(&region.data)?);
        keys.push(file(&region.keys)?);
    }
    Ok((data, keys))
}

fn name(path: &Path) -> anyhow::Result<&std::ffi::OsStr> {
    path.file_name().context("a store without a file name")
}

pub(crate) async fn backup(terminal: &Terminal, args: Backup) -> anyhow::Result<u8> {
    let (data, keys) = files(terminal)?;
    // The first is the home store; what the others' journals hold goes into the copy.
    let ring = |path: &PathBuf| data.iter().skip(1).position(|one| one == path).and_then(|n| keys.get(n));
    if args.data_to == args.keys_to {
        return Err(Usage(
            "data and keys must go to different places: together they are no longer sealed".into(),
        )
        .into());
    }
    let mut copied = Vec::new();
    // The home store last: what a region relies on there, a policy or a line of the directory, is then in the copy too.
    let data_last: Vec<PathBuf> = data.iter().skip(1).chain(data.first()).cloned().collect();
    for (all, to) in [(&data_last, &args.data_to), (&keys, &args.keys_to)] {
        std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
        for path in all {
            let target = to.join(name(path)?);
            if target.exists() {
                bail!("{} is there already: choose an empty folder", target.display());
            }
            let place = Place::File(path.clone());
            let db = match ring(path) {
                Some(keys) => assent_gate::settled(place, Place::File(keys.clone())).await?,
                None => Db::open(place)?,
            };
            db.copy_to(target.clone()).await?;
            copied.push(target);
        }
    }
    let text = format!(
        "Data in {}, keyrings in {}.\nThe key file {} is not copied: keep it apart from both.\n\
         Delete copies of keyrings after 30 days: until then, what was erased could be brought back with them.",
        args.data_to.display(),
        args.keys_to.display(),
        terminal.config.key_path().display()
    );
    terminal.say(&json!({ "copied": copied }), &text);
    Ok(0)
}

pub(crate) async fn restore(terminal: &Terminal, args: Restore) -> anyhow::Result<u8> {
    // Whatever is wrong with the arguments is said before anything moves.
    let accept_loss = officers(args.accept_loss)?;
    let (data, keys) = files(terminal)?;
    all_there(&data, &args.data_from)?;
    if let Some(from) = &args.keys_from {
        all_there(&keys, from)?;
    }
    let clock = Clock::System;
    let at = Timestamp::from_micros(clock.now());
    let root = RootKey::from_file(&terminal.config.key_path(), false)?;
    let aside = terminal.config.data_dir.join(format!("before-restore-{}", at.micros()));
    let mut ledgers = exports(&args.ledger)?;
    std::fs::create_dir_all(&aside)?;
    if ledgers.is_empty() && data.iter().all(|path| path.exists()) {
        ledgers = own_ledgers(terminal, &root, &aside, at).await.unwrap_or_default();
    }
    put_back(&data, &args.data_from, &aside)?;
    if let Some(from) = &args.keys_from {
        put_back(&keys, from, &aside)?;
    }
    let restoring = Restoring { ledgers, accept_loss };
    let (_, report) = Gate::open_restored(terminal.config.stores(), &root, &restoring, at)
        .await
        .with_context(|| format!("the copy stays closed; what was there before is in {}", aside.display()))?;
    let text = format!(
        "Restored. {} ledger entries brought forward, {} erasures and {} withdrawals done again, {} people listed anew, \
         {} policies set back, {} entries lost.\n\
         What was there before is in {}; delete it when all is well.",
        report.entries,
        report.erasures,
        report.wishes,
        report.listed,
        report.policies,
        report.lost,
        aside.display()
    );
    let json = json!({
        "entries": report.entries, "erasures": report.erasures, "wishes": report.wishes, "listed": report.listed,
        "policies": report.policies, "lost": report.lost,
        "before": aside,
    });
    terminal.say(&json, &text);
    Ok(0)
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

/// Exports of the ledgers that are here now, before the copy takes their place.
async fn own_ledgers(
    terminal: &Terminal,
    root: &RootKey,
    aside: &Path,
    at: Timestamp,
) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let gate = Gate::open(terminal.config.stores(), root, at).await?;
    gate.integrate_all(at).await?;
    let regions: Vec<_> = gate.regions().cloned().collect();
    let mut out = BTreeMap::new();
    for company in gate.companies().await? {
        for region in &regions {
            let log = LogName { company: company.id, region: region.clone() };
            let to = aside.join(format!("ledger-{}-{region}", company.code));
            if gate.export_log(&log, &to, |_, _| {}).await? > 0 {
                out.insert(gate.log_head(&log).await?.origin, to);
            }
        }
    }
    Ok(out)
}

/// Refuses a backup that lacks a file.
fn all_there(files: &[PathBuf], from: &Path) -> anyhow::Result<()> {
    for path in files {
        let source = from.join(name(path)?);
        if !source.exists() {
            bail!("{} is missing", source.display());
        }
    }
    Ok(())
}

/// Moves what is there aside and copies a backup's files into its place.
fn put_back(files: &[PathBuf], from: &Path, aside: &Path) -> anyhow::Result<()> {
    for path in files {
        for suffix in ["", "-wal", "-shm", "-uses0", "-uses1"] {
            let mut old = path.clone().into_os_string();
            old.push(suffix);
            let old = PathBuf::from(old);
            if old.exists() {
                std::fs::rename(&old, aside.join(name(&old)?))?;
            }
        }
        std::fs::copy(from.join(name(path)?), path)?;
    }
    Ok(())
}

/// One thing that was looked at.
struct Finding {
    good: bool,
    what: String,
}

pub(crate) async fn doctor(terminal: &Terminal) -> anyhow::Result<u8> {
    let mut findings = Vec::new();
    let clock = Clock::System;
    match terminal.config.open(&clock).await {
        Err(error) => findings.push(Finding { good: false, what: format!("does not open: {error:#}") }),
        Ok(gate) => {
            findings.push(Finding { good: true, what: "stores and keyrings open".into() });
            examine(&gate, Timestamp::from_micros(clock.now()), &mut findings).await?;
        }
    }
    let well = findings.iter().all(|one| one.good);
    let text: Vec<String> = findings
        .iter()
        .map(|one| format!("{}  {}", if one.good { "ok  " } else { "BAD " }, one.what))
        .collect();
    let json: Vec<_> = findings.iter().map(|one| json!({ "ok": one.good, "what": one.what })).collect();
    terminal.say(&json!({ "well": well, "findings": json }), &text.join("\n"));
    Ok(u8::from(!well))
}

async fn examine(gate: &Gate, at: Timestamp, findings: &mut Vec<Finding>) -> anyhow::Result<()> {
    let signs = gate.integrate_all(at).await;
    findings.push(Finding {
        good: signs.is_ok(),
        what: signs.map_or_else(
            |e| format!("the ledgers cannot be signed: {e}"),
            |()| "the ledgers are signed".into(),
        ),
    });
    let regions: Vec<_> = gate.regions().cloned().collect();
    for company in gate.companies().await? {
        for region in &regions {
            let name = LogName { company: company.id, region: region.clone() };
            let folder =
                std::env::temp_dir().join(format!("assent-doctor-{}-{}", std::process::id(), company.code));
            let size = gate.export_log(&name, &folder, |_, _| {}).await?;
            if size > 0 {
                let checked = assent_verify::check_export(&folder, None, None);
                let what = format!("{}: {size} entries in {region}", company.name);
                findings.push(match checked {
                    Ok(_) => Finding { good: true, what: format!("{what}, every hash fits") },
                    Err(failure) => Finding { good: false, what: format!("{what}: {failure:?}") },
                });
            }
            std::fs::remove_dir_all(&folder).ok();
        }
        let unapproved = gate.policy(company.id).await?;
        let waiting = unapproved.policy.mandates.values().filter(|one| !one.in_force(at)).count();
        findings.push(Finding {
            good: true,
            what: format!("{}: {waiting} mandates without effect", company.name),
        });
    }
    Ok(())
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
