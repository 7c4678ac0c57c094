//! The lines of one day, as the ledger tells them to anybody: what happened, what was decided, for which purpose. Whom a line is
//! about, and what exactly was done with which values, is sealed for that person.

use std::collections::BTreeSet;

use askama::Template;
use assent_gate::{DayCount, DayLines, LogName, NO_PURPOSE, Numbered};
use assent_kernel::ledger::{Decision, Entry, Recipient};
use assent_kernel::{Policy, PurposeKey, Region, Timestamp, TreeKey as _};
use assent_web::catalogue::lang;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, shipped, text};
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
    deeds: Vec<Filter>,
    purposes: Vec<Filter>,
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

/// What happened, whether it was allowed, for which purpose; what is not said narrows nothing.
type Narrowed<'a> = (Option<Deed>, Option<bool>, Option<&'a str>);
/// A filter: label, how many lines, where, whether it is this one.
type Filter = (String, u64, String, bool);

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

    fn here(&self) -> Narrowed<'_> {
        (self.deed, self.allowed, self.purpose.as_deref())
    }

    /// The lines of this day, narrowed like that.
    fn lines(&self, (deed, allowed, purpose): Narrowed<'_>) -> DayLines {
        DayLines {
            day: self.day,
            kinds: deed.map_or(used::KINDS, Deed::kinds).to_vec(),
            allowed,
            purpose: purpose.map(str::to_owned),
        }
    }

    /// The first page of the lines of this day, narrowed like that.
    fn href(&self, (deed, allowed, purpose): Narrowed<'_>) -> String {
        used::href(self.day, deed, allowed, purpose)
    }

    /// A filter that narrows like that, with the number of lines it leads to.
    fn filter(&self, counts: &[DayCount], label: String, to: Narrowed<'_>) -> Filter {
        let lines = self.lines(to);
        let n = counts.iter().filter(|one| lines.takes(one)).map(|one| one.n).sum();
        (label, n, self.href(to), to == self.here())
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
    let here = wanted.lines(wanted.here());
    for region in &regions {
        let name = LogName { company: staff.company.id, region: region.clone() };
        let counts = ctx.gate.day_counts(&name, wanted.day, wanted.day.saturating_add(1)).await?;
        let total = counts.iter().filter(|one| here.takes(one)).map(|one| one.n).sum();
        // A filter leads to the lines of every region, and counts them.
        all.extend(counts);
        if total > 0 && (wanted.region.is_empty() || region.as_str() == wanted.region) {
            let (lines, next) = ctx.gate.day_lines(&name, &here, wanted.from, PAGE).await?;
            parts.push(part(region, (total, lines, next), &wanted, &standing.policy));
        }
    }
    let mut shell = staff.shell(&ctx, say("Lines of a day")).await?;
    shell.purpose = None;
    Ok(html::page(&Page {
        shell,
        day: text::date(used::at(wanted.day).micros()),
        deeds: deeds(&all, &wanted),
        purposes: purposes(&all, &wanted, &standing.policy),
        cleared: (wanted.here() != (None, None, None)).then(|| wanted.href((None, None, None))),
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
        let here = wanted.href(wanted.here());
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
        decided: say(decided),
        tone,
        purpose: label(policy, entry.purpose.as_str()),
        to: match &entry.recipient {
            Recipient::None => String::new(),
            Recipient::Organisation(code) => {
                policy.party(code.as_str()).map_or_else(|| code.to_string(), |party| party.name.clone())
            }
            Recipient::Person(_) => say("a person").into(),
        },
    }
}

fn happened(entry: &Entry) -> &'static str {
    let known = used::DEEDS.into_iter().find(|deed| deed.kinds().contains(&entry.kind));
    say(known.map_or("Something else", Deed::label))
}

fn label(policy: &Policy, key: &str) -> String {
    if key == NO_PURPOSE {
        return say("No purpose: brought in").into();
    }
    let found = PurposeKey::new(key).ok().and_then(|key| policy.purposes.get(&key));
    found.map_or_else(|| key.to_owned(), |one| shipped::purpose(one, lang()).to_owned())
}

/// What was done on this day, and how often it was allowed and refused; each number beside the other rules that hold.
fn deeds(counts: &[DayCount], wanted: &Wanted) -> Vec<Filter> {
    let (deed, allowed, purpose) = wanted.here();
    let decisions = [("Allowed", true), ("Refused", false)];
    let decisions = decisions.map(|(label, decided)| (label, (deed, Some(decided), purpose)));
    let deeds = used::DEEDS.map(|one| (one.label(), (Some(one), allowed, purpose)));
    let all = decisions.into_iter().chain(deeds);
    let all = all.map(|(label, to)| wanted.filter(counts, say(label).to_owned(), to));
    all.filter(|(_, n, _, now)| *n > 0 || *now).collect()
}

/// For which purposes, the most first; each number beside the other rules that hold.
fn purposes(counts: &[DayCount], wanted: &Wanted, policy: &Policy) -> Vec<Filter> {
    let keys: BTreeSet<&str> = counts.iter().map(|one| one.purpose.as_str()).collect();
    let told = |key| wanted.filter(counts, label(policy, key), (wanted.deed, wanted.allowed, Some(key)));
    let mut out: Vec<Filter> = keys.into_iter().map(told).filter(|(_, n, _, now)| *n > 0 || *now).collect();
    out.sort_by_key(|(_, n, _, _)| std::cmp::Reverse(*n));
    out
}
