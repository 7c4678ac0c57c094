//! What was verified, in plain words and as JSON.

use std::fmt::Write;

use assent_kernel::ledger::policy::AcceptedHead;
use assent_kernel::ledger::{Detail, Entry, Part, Recipient, Verified};
use assent_kernel::uses::Use;
use serde_json::{Value, json};

use crate::export::ExportReport;

const DAY: i64 = 86_400;

/// `2026-03-04 10:22:07 UTC` from unix seconds (proleptic Gregorian calendar).
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a day number of a 64-bit count of microseconds cannot overflow here"
)]
pub(crate) fn utc(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Days since 0000-03-01, in eras of 400 years.
    let shifted = days.saturating_add(719_468);
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest % 3_600 / 60, rest % 60);
    format!("{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02} UTC")
}

fn seconds(unix: u64) -> String {
    utc(i64::try_from(unix).unwrap_or(i64::MAX))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn or<'a>(text: &'a str, empty: &'a str) -> &'a str {
    if text.is_empty() { empty } else { text }
}

fn witnessed(head: &AcceptedHead) -> String {
    if head.witnesses.is_empty() {
        return "Not yet witnessed by anyone else.".to_owned();
    }
    let list: Vec<_> =
        head.witnesses.iter().map(|(name, time)| format!("{name} on {}", seconds(*time))).collect();
    format!("Witnessed by {}: {}.", list.len(), list.join("; "))
}

/// A receipt for people.
pub(crate) fn receipt(v: &Verified) -> String {
    let head = &v.head.checkpoint;
    let mut out = format!(
        "Verified. Entry {} of {} in the ledger {}.\nThe ledger's operator signed this head. {}\n\n",
        v.index,
        head.size,
        head.origin,
        witnessed(&v.head)
    );
    match &v.detail {
        Some(detail) => out.push_str(&opened(&v.entry, detail, v.among.as_ref())),
        None => out.push_str(&closed(&v.entry)),
    }
    if let Some(part) = v.contradiction() {
        out.push_str(&format!("Caution  the sealed detail names another {part} than the public entry.\n"));
    }
    out
}

/// Which of the entries about somebody it is.
fn number(d: &Detail, among: Option<&Part>) -> String {
    match among {
        None => format!("Number   {} of the entries about you", d.seq),
        Some(part) => format!(
            "Among    one of {} people in one use; yours is line {} of that entry",
            part.people,
            part.place.saturating_add(1)
        ),
    }
}

fn opened(entry: &Entry, d: &Detail, among: Option<&Part>) -> String {
    let at = utc(d.at.div_euclid(1_000_000));
    let receiver = or(&d.recipient, "nobody outside");
    let chain =
        if d.chain.is_empty() { String::new() } else { format!(" by way of {}", d.chain.join(" → ")) };
    let role = or(&d.role, "no stated role");
    let counted =
        if d.context.is_empty() { String::new() } else { format!("; counted: {}", d.context.join(", ")) };
    let used = Use::ALL.iter().find(|one| **one as u8 == d.use_code).map_or("-", |one| one.word());
    [
        format!("What     {}: {used} ({})", entry.kind.word(), entry.decision.word()),
        format!("Outcome  {}", or(&d.outcome, "-")),
        format!("When     {at}"),
        format!("Who      {} ({role})", d.actor),
        format!("Facts    {}", or(&d.categories.join(", "), "none")),
        format!("Why      {}", or(&d.purpose, entry.purpose.as_str())),
        format!("To whom  {receiver}{chain}"),
        format!("Where    region {}{}", entry.region, counted),
        format!("On       {}; notice {}", or(&d.warrant, "no warrant"), or(&d.notice, "none")),
        number(d, among),
        format!("Note     {}\n", or(&d.note, "-")),
    ]
    .join("\n")
}

fn closed(entry: &Entry) -> String {
    let minute = utc(i64::from(entry.minute).saturating_mul(60));
    format!(
        "What     {} ({})\nWhen     {minute}, to the minute\nWhy      {}\nTo whom  {}\nWhere    region {}\n\
         The receipt does not open the sealed detail.\n",
        entry.kind.word(),
        entry.decision.word(),
        entry.purpose,
        receiver(&entry.recipient),
        entry.region
    )
}

fn receiver(recipient: &Recipient) -> String {
    match recipient {
        Recipient::None => "nobody outside".to_owned(),
        Recipient::Organisation(code) => code.to_string(),
        Recipient::Person(_) => "a person, named in the sealed detail".to_owned(),
    }
}

/// An export for people.
pub(crate) fn export(report: &ExportReport) -> String {
    let head = &report.head.checkpoint;
    let kinds: Vec<_> = report.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    let own = if report.own_policy {
        "\nThe key came from the export itself: this shows that it agrees with itself, not who made it."
    } else {
        ""
    };
    format!(
        "Verified. {} entries in the ledger {}; every hash was made again from them ({} files).\n{}\nEntries: \
         {}.{own}\n",
        head.size,
        head.origin,
        report.files,
        witnessed(&report.head),
        or(&kinds.join(", "), "none")
    )
}

fn head_json(head: &AcceptedHead) -> Value {
    let witnesses: Vec<_> = head.witnesses.iter().map(|(name, at)| json!({"name": name, "at": at})).collect();
    let c = &head.checkpoint;
    json!({"origin": c.origin, "size": c.size, "root": hex(&c.root), "witnesses": witnesses})
}

/// A receipt for machines.
pub(crate) fn receipt_json(v: &Verified) -> Value {
    let entry = json!({
        "kind": v.entry.kind.word(),
        "decision": v.entry.decision.word(),
        "minute": v.entry.minute,
        "purpose": v.entry.purpose.as_str(),
        "region": v.entry.region.as_str(),
        "recipient": receiver(&v.entry.recipient),
        "commit": hex(&v.entry.commit),
        "policy": hex(&v.entry.policy),
    });
    let among = v.among.as_ref().map(|part| {
        let set = part.batch.set.as_ref();
        json!({"line": part.place, "people": part.people, "permitted": set.map(|set| set.permitted),
            "asked": set.map(|set| hex(&set.asked)), "root": hex(&set.map_or([0; 32], |set| set.root))})
    });
    json!({"verdict": "good", "index": v.index, "head": head_json(&v.head), "entry": entry, "detail": v.detail,
        "among": among, "contradiction": v.contradiction()})
}

/// An export for machines.
pub(crate) fn export_json(report: &ExportReport) -> Value {
    json!({
        "verdict": "good",
        "head": head_json(&report.head),
        "kinds": report.kinds,
        "files": report.files,
        "own_policy": report.own_policy,
    })
}
