//! `doctor` and `accept-clock`: is everything as it should be, and is this computer's clock?

use assent_gate::{Gate, LogName};
use assent_kernel::Timestamp;
use assent_web::{Clock, text};
use serde_json::json;

use super::{Terminal, Usage};
use crate::config::quiet_days;
use crate::progress::Bar;

/// Arguments of `accept-clock`.
#[derive(Debug, clap::Args)]
pub(crate) struct AcceptClock {
    /// The clock is right.
    #[arg(long)]
    yes: bool,
}

/// One thing that was looked at.
struct Finding {
    good: bool,
    what: String,
}

impl Finding {
    const fn good(what: String) -> Self {
        Self { good: true, what }
    }
    const fn bad(what: String) -> Self {
        Self { good: false, what }
    }
}

pub(crate) async fn doctor(terminal: &Terminal) -> anyhow::Result<u8> {
    let mut findings = Vec::new();
    let clock = Clock::System;
    match terminal.config.open(&clock).await {
        Err(error) => findings.push(Finding::bad(format!("does not open: {error:#}"))),
        Ok(gate) => {
            findings.push(Finding::good("stores and keyrings open".into()));
            let bar = Bar::new("Looking", terminal.json);
            let at = Timestamp::from_micros(clock.now());
            findings.extend(age(&gate, at).await?);
            examine(&gate, at, &mut findings, &bar).await?;
            bar.done();
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

/// A question about the clock, when the installation lay still for long.
async fn age(gate: &Gate, at: Timestamp) -> anyhow::Result<Option<Finding>> {
    let today = text::date(at.micros());
    let asked = |days| Finding::good(format!("it lay still for {days} days: is it really {today}?"));
    Ok(quiet_days(gate, at).await?.map(asked))
}

async fn examine(gate: &Gate, at: Timestamp, findings: &mut Vec<Finding>, bar: &Bar) -> anyhow::Result<()> {
    findings.push(match gate.integrate_all(at).await {
        Ok(()) => Finding::good("the ledgers are signed".into()),
        Err(error) => Finding::bad(format!("the ledgers cannot be signed: {error}")),
    });
    let regions: Vec<_> = gate.regions().cloned().collect();
    for company in gate.companies().await? {
        for region in &regions {
            let name = LogName { company: company.id, region: region.clone() };
            let whose = format!("{}, {region}", company.name);
            findings.extend(ledger(gate, &name, &whose, bar).await?);
        }
        let unapproved = gate.policy(company.id).await?;
        let waiting = unapproved.policy.mandates.values().filter(|one| !one.in_force(at)).count();
        findings.push(Finding::good(format!("{}: {waiting} mandates without effect", company.name)));
    }
    Ok(())
}

/// Hashes a whole ledger again; nothing is said of one without entries.
async fn ledger(gate: &Gate, name: &LogName, whose: &str, bar: &Bar) -> anyhow::Result<Option<Finding>> {
    let folder = std::env::temp_dir().join(format!("assent-doctor-{}-{}", std::process::id(), name.company));
    bar.label("Writing the ledger");
    let size = gate.export_log(name, &folder, |done, total| bar.at(done, total)).await?;
    bar.label("Hashing it again");
    let tell = &mut |done, total| bar.at(done, total);
    let checked = (size > 0).then(|| assent_verify::check_export_telling(&folder, None, None, tell));
    std::fs::remove_dir_all(&folder).ok();
    let what = format!("{whose}: {size} entries");
    Ok(checked.map(|checked| match checked {
        Ok(_) => Finding::good(format!("{what}, every hash fits")),
        Err(failure) => Finding::bad(format!("{what}: {failure:?}")),
    }))
}

pub(crate) async fn accept_clock(terminal: &Terminal, args: &AcceptClock) -> anyhow::Result<u8> {
    let at = Timestamp::from_micros(Clock::System.now());
    let gate = terminal.config.open_unwatched(at).await?;
    let now = text::iso(at.micros());
    let newest = gate.newest_record().map(|newest| text::iso(newest.micros()));
    let said = newest
        .as_ref()
        .map_or_else(|| "nothing is recorded yet".into(), |at| format!("the newest entry is of {at}"));
    let said = format!("this computer's clock says {now}, and {said}");
    if !args.yes && gate.is_far_ahead(at) {
        return Err(Usage(format!(
            "{said}. Once it is accepted, nothing opens before that time: if it is right, add --yes"
        ))
        .into());
    }
    let (accepted, text) = if gate.accept_clock(at).await? {
        let text = format!(
            "Accepted: it is {now}. That is written in every ledger, and holds on every node in ten seconds."
        );
        (Some(now), text)
    } else {
        (None, format!("There is nothing to accept: {said}."))
    };
    terminal.say(&json!({ "accepted": accepted, "newest_before": newest }), &text);
    Ok(0)
}
