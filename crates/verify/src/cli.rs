//! The command line, without a library: `assent-verify` and `assent verify` are the same function.

use std::io::Write;
use std::path::{Path, PathBuf};

use assent_kernel::ledger::{Checkpoint, Freshness, LedgerError, Policy};
use serde_json::{Value, json};

use crate::export::{check_consistency, check_export_telling, read_text};
use crate::receipt::{ReceiptChecks, check_receipt, read_old_head, read_policy};
use crate::verdict::{Failure, Verdict};
use crate::words;

/// How it is called.
pub const USAGE: &str = "\
assent-verify RECEIPT --policy FILE [--detail FILE] [--since CHECKPOINT [--log DIR]] [--max-age SECONDS] [--json]
assent-verify export DIR [--policy FILE] [--since CHECKPOINT] [--max-age SECONDS] [--json]

Exit codes: 0 good, 2 malformed, 3 log signature, 4 quorum, 5 inclusion, 6 opening differs,
7 not consistent with the older head, 8 stale.
";

/// The command line, read.
#[derive(Debug, Default)]
struct Args {
    export: bool,
    target: PathBuf,
    policy: Option<PathBuf>,
    detail: Option<PathBuf>,
    since: Option<PathBuf>,
    log: Option<PathBuf>,
    max_age: Option<u64>,
    json: bool,
}

impl Args {
    fn parse(args: &[String]) -> Option<Self> {
        let mut read = Self::default();
        let mut targets = Vec::new();
        let mut words = args.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--json" => read.json = true,
                "--policy" => read.policy = Some(words.next()?.into()),
                "--detail" => read.detail = Some(words.next()?.into()),
                "--since" => read.since = Some(words.next()?.into()),
                "--log" => read.log = Some(words.next()?.into()),
                "--max-age" => read.max_age = Some(words.next()?.parse().ok()?),
                option if option.starts_with("--") => return None,
                target => targets.push(target),
            }
        }
        match targets.as_slice() {
            ["export", dir] => {
                read.export = true;
                read.target = dir.into();
            }
            [receipt] => read.target = receipt.into(),
            _ => return None,
        }
        let fits =
            if read.export { read.detail.is_none() && read.log.is_none() } else { read.policy.is_some() };
        fits.then_some(read)
    }
}

/// Runs a check: `args` without the program's name, `now` in unix seconds (used only with `--max-age`). Writes
/// what was found to `out`, tells how many entries of an export are read, and returns the exit code.
pub fn run(args: &[String], now: u64, out: &mut dyn Write, tell: &mut dyn FnMut(u64, u64)) -> i32 {
    let Some(args) = Args::parse(args) else {
        let _ = out.write_all(USAGE.as_bytes());
        return Verdict::Malformed.exit_code();
    };
    let fresh = args.max_age.map(|max_age| Freshness { now, max_age });
    let done = if args.export { export(&args, fresh, tell) } else { receipt(&args, fresh) };
    let (verdict, text, value) = match done {
        Ok((text, value)) => (Verdict::Good, text, value),
        Err(failure) => {
            let value = json!({"verdict": failure.verdict.word(), "what": failure.what});
            (failure.verdict, format!("NOT verified ({}). {failure}\n", failure.verdict.word()), value)
        }
    };
    let _ = if args.json { writeln!(out, "{value}") } else { out.write_all(text.as_bytes()) };
    verdict.exit_code()
}

fn file(path: &Path) -> Result<String, Failure> {
    read_text(Path::new(""), &path.to_string_lossy())
}

fn policy(path: &Path) -> Result<Policy, Failure> {
    read_policy(&file(path)?).map_err(|e| Failure::at(&path.to_string_lossy(), e))
}

fn receipt(args: &Args, fresh: Option<Freshness>) -> Result<(String, Value), Failure> {
    let policy =
        args.policy.as_deref().map(policy).transpose()?.ok_or_else(|| Failure::malformed("no policy"))?;
    let detail = args.detail.as_deref().map(file).transpose()?;
    let checks = ReceiptChecks { detail: detail.as_deref(), fresh };
    let verified = check_receipt(&file(&args.target)?, &policy, checks)?;
    if let Some(since) = &args.since {
        let old = read_old_head(&file(since)?, &policy)?;
        receipt_since(args.log.as_deref(), &old, &verified.head.checkpoint)?;
    }
    Ok((words::receipt(&verified), words::receipt_json(&verified)))
}

/// A receipt under a head older than one already seen is stale; under the same size it must have the same root;
/// under a newer one it takes the log's tiles to show that the log only grew.
fn receipt_since(log: Option<&Path>, old: &Checkpoint, new: &Checkpoint) -> Result<(), Failure> {
    match log {
        _ if old.origin == new.origin && new.size < old.size => Err(LedgerError::Stale.into()),
        _ if old == new => Ok(()),
        Some(dir) if old.size != new.size => check_consistency(dir, old, new),
        None if old.origin == new.origin && old.size != new.size => Err(Failure {
            verdict: Verdict::Inconsistent,
            what: "the receipt's head is newer than the older one: give --log DIR to show that it extends it"
                .to_owned(),
        }),
        _ => Err(LedgerError::Inconsistent.into()),
    }
}

fn export(
    args: &Args,
    fresh: Option<Freshness>,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<(String, Value), Failure> {
    let given = args.policy.as_deref().map(policy).transpose()?;
    let report = check_export_telling(&args.target, given.as_ref(), fresh, tell)?;
    let mut text = words::export(&report);
    if let Some(since) = &args.since {
        let keys = match given {
            Some(policy) => policy,
            None => policy(&args.target.join(crate::POLICY_FILE))?,
        };
        let old = read_old_head(&file(since)?, &keys)?;
        check_consistency(&args.target, &old, &report.head.checkpoint)?;
        text.push_str(&format!("It extends the older head of {} entries.\n", old.size));
    }
    Ok((text, words::export_json(&report)))
}
