//! `policy` prints what is in force, to be edited into a draft; `what-if` lays a draft over the uses that were recorded.

use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use assent_gate::{Lost, WhatIf};
use assent_kernel::{Policy, Span, Timestamp};
use assent_web::{Clock, text};
use serde_json::json;

use super::ask::company;
use super::{Terminal, worn};
use crate::progress::Bar;

/// Something would be refused: exit code 3.
const REFUSED: u8 = 3;
/// The largest draft that is read.
const MOST_BYTES: u64 = 64 << 20;

/// Arguments of `policy`.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The company's code; not needed when there is only one.
    #[arg(long)]
    company: Option<String>,
}

/// Arguments of `what-if`.
#[derive(Debug, clap::Args)]
pub(crate) struct Draft {
    /// The company's code; not needed when there is only one.
    #[arg(long)]
    company: Option<String>,
    /// The draft: what `assent policy` prints, changed.
    #[arg(long)]
    policy: PathBuf,
    /// How many days back.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// In which role you look; `dpo` is also told who would have to be asked.
    #[arg(long, default_value = "admin")]
    role: String,
}

pub(crate) async fn show(terminal: &Terminal, args: Show) -> anyhow::Result<u8> {
    let gate = terminal.config.open(&Clock::System).await?;
    let company = company(&gate, args.company.as_deref()).await?;
    let standing = gate.policy(company.id).await?;
    let json = serde_json::to_value(&standing.policy)?;
    terminal.say(&json, &serde_json::to_string_pretty(&standing.policy)?);
    Ok(0)
}

pub(crate) async fn what_if(terminal: &Terminal, args: Draft) -> anyhow::Result<u8> {
    let role = worn(&args.role)?;
    let draft = read(&args.policy)?;
    let clock = Clock::System;
    let gate = terminal.config.open(&clock).await?;
    let company = company(&gate, args.company.as_deref()).await?;
    let now = Timestamp::from_micros(clock.now());
    let bar = Bar::new("Looking at recorded uses", terminal.json);
    let progress = |done, total| {
        bar.at(done, total);
        ControlFlow::Continue(())
    };
    let during = now.minus(Span::days(args.days))..now;
    let found = gate.what_if(company.id, &draft, during, role, progress).await?;
    bar.done();
    terminal.say(&as_json(&found, &draft), &in_words(&found, &draft, args.days));
    Ok(if found.changes_nothing() { 0 } else { REFUSED })
}

/// Reads a draft; a field that no policy has is an error, so that a slip of the pen is not taken for no change.
fn read(path: &Path) -> anyhow::Result<Policy> {
    let mut text = String::new();
    let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    file.take(MOST_BYTES + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    if u64::try_from(text.len()).is_ok_and(|size| size > MOST_BYTES) {
        return Err(anyhow!("{} is larger than any policy", path.display()));
    }
    serde_json::from_str(&text).map_err(|error| anyhow!("{} is no policy: {error}", path.display()))
}

fn as_json(found: &WhatIf, draft: &Policy) -> serde_json::Value {
    let line = |one: &Lost| {
        json!({
            "purpose": one.purpose, "use": one.what, "to": one.to, "reason": one.reason,
            "sentence": one.reason.sentence(&one.purpose, draft), "remedy": one.reason.remedy(),
            "refused": one.refused, "narrowed": one.narrowed, "people": one.people,
        })
    };
    json!({
        "people": found.people, "uses": found.uses, "not_compared": found.not_compared,
        "refused": found.refused, "narrowed": found.narrowed, "people_touched": found.people_touched,
        "to_ask": found.to_ask, "whom": found.whom, "lost": found.lost.iter().map(line).collect::<Vec<_>>(),
    })
}

fn in_words(found: &WhatIf, draft: &Policy, days: u32) -> String {
    let seen = format!(
        "{} of {} in the last {}",
        text::plural(found.uses, "use", "uses"),
        text::plural(found.people, "person", "people"),
        text::plural(days.into(), "day", "days")
    );
    let mut lines = vec![seen];
    if found.not_compared > 0 {
        lines.push(format!(
            "{} more could not be compared: today's policy or what is held today allows them no longer",
            text::count(found.not_compared)
        ));
    }
    if found.changes_nothing() {
        lines.push("Nothing would have been refused.".into());
        return lines.join("\n");
    }
    lines.push(format!(
        "Refused: {}; in part: {}; {}",
        text::count(found.refused),
        text::count(found.narrowed),
        text::plural(found.people_touched, "person", "people")
    ));
    lines.push(format!("{:>9}  {:>9}  {:>9}  for, use, to, why", "refused", "in part", "people"));
    for one in &found.lost {
        lines.push(format!(
            "{:>9}  {:>9}  {:>9}  {}  {}  {}  {}: {}",
            one.refused,
            one.narrowed,
            one.people,
            one.purpose,
            one.what.name(),
            one.to,
            one.reason.code(),
            one.reason.sentence(&one.purpose, draft)
        ));
    }
    lines.push(format!("To be asked again: {}", text::plural(found.to_ask, "person", "people")));
    lines.extend(found.whom.iter().flatten().map(ToString::to_string));
    lines.join("\n")
}
