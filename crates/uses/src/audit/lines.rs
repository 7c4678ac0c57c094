//! The lines of one day, as the ledger tells them to anybody: what happened, what was decided, for which purpose. Whom a line is
//! about, and what exactly was done with which values, is sealed for that person.

use askama::Template;
use assent_gate::{DayCount, DayLines, LogName, NO_PURPOSE, Numbered};
use assent_kernel::ledger::{Decision, Entry, Kind, Recipient};
use assent_kernel::{Policy, PurposeKey, Region, Timestamp, TreeKey as _};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, text};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::ROLES;
use crate::lists::rule::day_of;
use crate::used::{self, Deed};

/// Lines on one page.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "audit/lines.html")]
struct Page {
    shell: Shell,
    day: String,
    /// The filters: label, how many lines, where, whether it is this one.
    deeds: Vec<(String, u64, String, bool)>,
    purposes: Vec<(String, u64, String, bool)>,
    cleared: Option<String>,
    parts: Vec<Part>,
}

/// The lines of one region.
struct Part {
    region: String,
    total: u64,
    lines: Vec<Line>,
    next: Option<String>,
}

struct Line {
    index: u64,
    at: String,
    what: &'static str,
    decided: &'static str,
    tone: &'static str,
    purpose: String,
    to: String,
}

/// What an address wants.
struct Wanted {
    day: i64,
    deed: Option<Deed>,
    allowed: Option<bool>,
    purpose: Option<String>,
    region: String,
    from: u64,
}

impl Wanted {
    fn read(fields: &Fields) -> Result<Self, Problem> {
        let day =
            day_of(fields.get("day")).ok_or_else(|| Problem::invalid("Say which day, as 2026-05-01."))?;
        Ok(Self {
            day: used::day(day),
            deed: Deed::read(fields.get("what")),
            allowed: match fields.get("allowed") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            purpose: PurposeKey::new(fields.get("purpose")).ok().map(|key| key.to_string()),
            region: fields.get("region").to_owned(),
            from: fields.get("from").parse().unwrap_or(0),
        })
    }

    fn lines(&self) -> DayLines {
        DayLines {
            day: self.day,
            kinds: self.deed.map_or(used::KINDS, Deed::kinds).to_vec(),
            allowed: self.allowed,
            purpose: self.purpose.clone(),
        }
    }

    fn takes(&self, one: &DayCount) -> bool {
        let wanted = self.lines();
        wanted.kinds.contains(&one.kind)
            && self.allowed.is_none_or(|allowed| allowed == used::allowed(one.decision))
            && self.purpose.as_ref().is_none_or(|key| *key == one.purpose)
    }

    /// The first page with another purpose, or with none.
    fn href(&self, deed: Option<Deed>, allowed: Option<bool>, purpose: Option<&str>) -> String {
        used::href(self.day, deed, allowed, purpose)
    }
}

pub(super) async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let wanted = Wanted::read(&Fields::parse(query.unwrap_or_default().as_bytes()))?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let regions: Vec<Region> = ctx.gate.regions().cloned().collect();
    let (mut all, mut parts) = (Vec::new(), Vec::new());
    for region in regions.iter().filter(|one| wanted.region.is_empty() || one.as_str() == wanted.region) {
        let name = LogName { company: staff.company.id, region: region.clone() };
        let counts = ctx.gate.day_counts(&name, wanted.day, wanted.day.saturating_add(1)).await?;
        let (lines, next) = ctx.gate.day_lines(&name, &wanted.lines(), wanted.from, PAGE).await?;
        let total = counts.iter().filter(|one| wanted.takes(one)).map(|one| one.n).sum();
        all.extend(counts);
        if total > 0 {
            parts.push(part(region, (total, lines, next), &wanted, &standing.policy));
        }
    }
    let narrowed = wanted.deed.is_some() || wanted.allowed.is_some() || wanted.purpose.is_some();
    let mut shell = staff.shell(&ctx, "Lines of a day").await?;
    shell.purpose = None;
    Ok(html::page(&Page {
        shell,
        day: text::date(used::at(wanted.day).micros()),
        deeds: deeds(&all, &wanted),
        purposes: purposes(&all, &wanted, &standing.policy),
        cleared: narrowed.then(|| wanted.href(None, None, None)),
        parts,
    }))
}

fn part(
    region: &Region,
    (total, lines, next): (u64, Vec<Numbered>, Option<u64>),
    wanted: &Wanted,
    policy: &Policy,
) -> Part {
    let next = next.map(|from| {
        let here = wanted.href(wanted.deed, wanted.allowed, wanted.purpose.as_deref());
        format!("{here}&region={region}&from={from}")
    });
    Part {
        region: region.to_string(),
        total,
        lines: lines.iter().map(|(index, entry)| line(*index, entry, policy)).collect(),
        next,
    }
}

fn line(index: u64, entry: &Entry, policy: &Policy) -> Line {
    let at = Timestamp::from_micros(i64::from(entry.minute).saturating_mul(60_000_000));
    let (decided, tone) = match entry.decision {
        Decision::Deny => ("refused", "bad"),
        Decision::Allow => ("allowed", "good"),
        Decision::AllowWithDuty => ("allowed, with a duty", "good"),
    };
    Line {
        index,
        at: text::date_time(at.micros()),
        what: happened(entry),
        decided,
        tone,
        purpose: label(policy, entry.purpose.as_str()),
        to: match &entry.recipient {
            Recipient::None => String::new(),
            Recipient::Organisation(code) => {
                policy.party(code.as_str()).map_or_else(|| code.to_string(), |party| party.name.clone())
            }
            Recipient::Person(_) => "a person".into(),
        },
    }
}

fn happened(entry: &Entry) -> &'static str {
    used::DEEDS
        .into_iter()
        .find(|deed| deed.kinds().contains(&entry.kind))
        .map_or("Something else", Deed::label)
}

fn label(policy: &Policy, key: &str) -> String {
    if key == NO_PURPOSE {
        return "No purpose: brought in".into();
    }
    let found = PurposeKey::new(key).ok().and_then(|key| policy.purposes.get(&key));
    found.map_or_else(|| key.to_owned(), |one| one.label.clone())
}

fn sum<'a>(counts: impl Iterator<Item = &'a DayCount>) -> u64 {
    counts.map(|one| one.n).sum()
}

/// What was done on this day, and how often it was allowed and refused.
fn deeds(counts: &[DayCount], wanted: &Wanted) -> Vec<(String, u64, String, bool)> {
    let here = || counts.iter().filter(|one| used::KINDS.contains(&one.kind));
    let of = |kinds: &'static [Kind]| sum(here().filter(|one| kinds.contains(&one.kind)));
    let decided = |allowed| sum(here().filter(|one| used::allowed(one.decision) == allowed));
    let decisions = [("Allowed", true), ("Refused", false)].map(|(label, allowed)| {
        let href = wanted.href(wanted.deed, Some(allowed), wanted.purpose.as_deref());
        (label.to_owned(), decided(allowed), href, wanted.allowed == Some(allowed))
    });
    let deeds = used::DEEDS.into_iter().map(|deed| {
        let href = wanted.href(Some(deed), wanted.allowed, wanted.purpose.as_deref());
        (deed.label().to_owned(), of(deed.kinds()), href, wanted.deed == Some(deed))
    });
    decisions.into_iter().chain(deeds).filter(|(_, n, _, _)| *n > 0).collect()
}

/// For which purposes, the most first.
fn purposes(counts: &[DayCount], wanted: &Wanted, policy: &Policy) -> Vec<(String, u64, String, bool)> {
    let mut by: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for one in counts.iter().filter(|one| used::KINDS.contains(&one.kind)) {
        let slot = by.entry(&one.purpose).or_default();
        *slot = slot.saturating_add(one.n);
    }
    let told = |(key, n): (&str, u64)| {
        let href = wanted.href(wanted.deed, wanted.allowed, Some(key));
        (label(policy, key), n, href, wanted.purpose.as_deref() == Some(key))
    };
    let mut out: Vec<_> = by.into_iter().map(told).collect();
    out.sort_by_key(|(_, n, _, _)| std::cmp::Reverse(*n));
    out
}
