//! What happened with a person: uses, notes, answers and requests, as one line of time.

use std::collections::BTreeMap;

use assent_gate::{LineId, UseLine};
use assent_kernel::grant::{Answer, Said};
use assent_kernel::ledger::Detail;
use assent_kernel::{CategoryKey, Policy, PurposeKey, Use};
use assent_store::requests::{Asked, Request};
use assent_web::catalogue::{self, lang};
use assent_web::parts::Event;
use assent_web::shell::Tone;
use assent_web::{say, shipped, text};

use super::cell::{Cell, Value};
use super::said::reason;
use super::words::{Words, in_words, label, source, within};

/// One day in microseconds: uses of one kind on one day are told once.
const DAY: i64 = 86_400_000_000;
/// The most kinds of facts that one line names.
const MOST_NAMED: usize = 4;

/// One use, in words.
struct Used {
    /// When, in microseconds.
    at: i64,
    /// Who.
    who: String,
    /// The role they wore.
    role: String,
    /// What was done, as a sentence to fill in.
    what: &'static str,
    /// With which kinds of facts.
    facts: String,
    /// Why.
    purpose: String,
    /// True when it was permitted, or was no use at all.
    permitted: bool,
    /// What came of it.
    outcome: String,
}

/// Names of staff by id.
pub type Names = BTreeMap<String, String>;

/// The use that an entry is about, if it is about one.
fn use_of(detail: &Detail) -> Option<Use> {
    Use::ALL.iter().copied().find(|one| *one as u8 == detail.use_code)
}

fn who(detail: &Detail, names: &Names) -> String {
    match detail.actor.as_str() {
        "the person" => say("The person").into(),
        "system" => say("The system").into(),
        id => names.get(id).cloned().unwrap_or_else(|| say("Somebody who has left").into()),
    }
}

fn kinds(detail: &Detail, policy: &Policy) -> String {
    let label = |text: &String| {
        let known = CategoryKey::new(text).ok().and_then(|key| policy.categories.get(&key));
        known.map_or_else(|| text.clone(), |category| within(shipped::category(category, lang())))
    };
    let mut all: Vec<String> = detail.categories.iter().take(MOST_NAMED).map(label).collect();
    let more = detail.categories.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        all.push(say!("{n} more", n = more));
    }
    all.join(", ")
}

fn purpose(detail: &Detail, policy: &Policy) -> String {
    let known = PurposeKey::new(&detail.purpose).ok().and_then(|key| policy.purposes.get(&key));
    match known {
        Some(purpose) => shipped::purpose(purpose, lang()).to_owned(),
        None if detail.purpose == "none" => String::new(),
        None => detail.purpose.clone(),
    }
}

const fn done(what: Use) -> &'static str {
    match what {
        Use::View => "{who} looked at",
        Use::List => "{who} listed",
        Use::Export => "{who} exported",
        Use::Message => "{who} wrote to this person, using the",
        Use::Share => "{who} passed on",
        Use::Combine => "{who} combined",
        Use::Enrich => "{who} completed",
        Use::Cleanse => "{who} corrected",
        Use::Contribute => "{who} put into the exchange",
        Use::Learn => "{who} learned from",
        Use::Capture => "{who} collected",
        Use::LookUp => "{who} looked up",
    }
}

/// What somebody did that is no use: said by itself, and after who did it.
fn acted(outcome: &str) -> (&'static str, &'static str) {
    match outcome {
        "GIVEN" => ("said yes", "{who} said yes"),
        "REFUSED" => ("said no", "{who} said no"),
        "WITHDRAWN" => ("took a yes back", "{who} took a yes back"),
        "OBJECTED" => ("objected", "{who} objected"),
        "RESTRICTED" => ("put it on hold", "{who} put it on hold"),
        "CONTRACT" => ("entered a contract", "{who} entered a contract"),
        "FORGOTTEN" => ("removed", "{who} removed"),
        "JOINED" => ("joined two records", "{who} joined two records"),
        "SPLIT" => ("took two records apart", "{who} took two records apart"),
        "DELETED" => ("deleted the record, for a while", "{who} deleted the record, for a while"),
        "BROUGHT_BACK" => ("brought the record back", "{who} brought the record back"),
        "EMERGENCY_ASKED" => {
            ("asked to open something in an emergency", "{who} asked to open something in an emergency")
        }
        "EMERGENCY_APPROVED" => {
            ("agreed to open something in an emergency", "{who} agreed to open something in an emergency")
        }
        "EMERGENCY_REFUSED" => {
            ("refused to open something in an emergency", "{who} refused to open something in an emergency")
        }
        _ => ("wrote down", "{who} wrote down"),
    }
}

/// Reasons that need more than their code to be told in full.
fn known(code: &str) -> &'static str {
    match code {
        "EXPIRED" => "The yes has run out.",
        "FORBIDDEN_BY" => "A rule forbids it.",
        "REGION_NOT_GRANTED" | "HOP_OUTSIDE_REGION" => "It would have left the agreed regions.",
        "RECIPIENT_NOT_NAMED" | "TIER_TOO_DEEP" => "Somebody would have received it who was not agreed to.",
        "PARENT_DENIES" => "What it was derived from is closed.",
        _ => "A recipient is not in order.",
    }
}

fn outcome(detail: &Detail, policy: &Policy) -> String {
    match detail.outcome.as_str() {
        "PERMIT" => say("permitted").into(),
        code if use_of(detail).is_none() => say(if code == "DONE" { "done" } else { acted(code).0 }).into(),
        code => {
            let key = PurposeKey::new(&detail.purpose).ok();
            let told = key.and_then(|key| reason(code).map(|reason| in_words(&reason, &key, policy)));
            told.unwrap_or_else(|| say(known(code)).to_owned())
        }
    }
}

impl Used {
    /// "Nora Sales looked at name, e-mail".
    fn sentence(&self) -> String {
        let done = catalogue::filled(self.what, &[("who", &self.who)]);
        if self.facts.is_empty() { done } else { say!("{done} {things}", done = done, things = self.facts) }
    }
}

/// One use, in words.
fn used(line: &UseLine, names: &Names, policy: &Policy) -> Used {
    let detail = &line.detail;
    Used {
        at: detail.at,
        who: who(detail, names),
        role: assent_kernel::Role::parse(&detail.role).map_or("", |role| say(role.label())).to_owned(),
        what: match use_of(detail) {
            None => acted(&detail.outcome).1,
            Some(_) if detail.facts.is_empty() => "{who} asked about",
            Some(one) => done(one),
        },
        facts: kinds(detail, policy),
        purpose: purpose(detail, policy),
        permitted: detail.outcome == "PERMIT" || use_of(detail).is_none(),
        outcome: outcome(detail, policy),
    }
}

/// Uses as events, newest first; the same use by the same person on the same day is told once, with its count.
pub fn of_uses(lines: &[UseLine], names: &Names, policy: &Policy) -> Vec<Event> {
    let mut order: Vec<(String, usize)> = Vec::new();
    let mut all: BTreeMap<String, (Event, u64)> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let detail = &line.detail;
        // What the person says is told by the answers themselves.
        if use_of(detail).is_none() && detail.outcome != "DONE" && detail.outcome != "FORGOTTEN" {
            continue;
        }
        // Asking whether a kind of fact may be written shows nothing, and a note tells itself.
        let notes = detail.categories.iter().all(|kind| kind.starts_with("note"));
        if detail.outcome == "PERMIT" && detail.facts.is_empty() || detail.outcome == "DONE" && notes {
            continue;
        }
        let day = detail.at.div_euclid(DAY);
        let same = format!(
            "{day} {} {} {} {} {}",
            detail.actor,
            detail.use_code,
            detail.purpose,
            detail.outcome,
            detail.categories.join(" ")
        );
        match all.get_mut(&same) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => {
                order.push((same.clone(), at));
                all.insert(same, (event(line, names, policy), 1));
            }
        }
    }
    let told = order.into_iter().filter_map(|(key, _)| all.remove(&key));
    told.map(|(event, count)| {
        if count < 2 {
            return event;
        }
        let times = say!("{n} times that day", n = text::count(count));
        Event { more: format!("{} · {times}", event.more), ..event }
    })
    .collect()
}

/// Uses one by one, with their numbers; where their receipts are, for those who may take them.
pub fn one_by_one(
    lines: &[UseLine],
    names: &Names,
    policy: &Policy,
    receipt: impl Fn(LineId) -> Option<String>,
) -> Vec<Event> {
    let told = |line: &UseLine| {
        let event = event(line, names, policy);
        let number = match (line.id, line.among) {
            (LineId::Own(seq), _) => say!("entry {n}", n = text::count(seq)),
            (LineId::Among(_), people) => {
                say!("one of {n} people in one use", n = text::count(people.unwrap_or_default()))
            }
        };
        let more = [event.more.as_str(), number.as_str()].join(" · ");
        Event { more, link: receipt(line.id).map(|href| (href, say("Receipt").into())), ..event }
    };
    lines.iter().map(told).collect()
}

fn event(line: &UseLine, names: &Names, policy: &Policy) -> Event {
    let used = used(line, names, policy);
    let note = if line.detail.note.is_empty() { String::new() } else { format!(" · {}", line.detail.note) };
    let why = if used.purpose.is_empty() { used.role.clone() } else { used.purpose.clone() };
    let is_use = use_of(&line.detail).is_some();
    let (icon, tone, what, more) = match (used.permitted, is_use) {
        (true, true) => {
            let icon = if line.detail.use_code == Use::Message as u8 { "mail" } else { "person" };
            (icon, Tone::Plain, used.sentence(), why)
        }
        (true, false) => ("note", Tone::Plain, used.sentence(), why + &note),
        (false, _) => {
            let what = say!("{who} asked for {things} and was refused", who = used.who, things = used.facts);
            ("lock", Tone::Warn, what, format!("{why} · {}", used.outcome))
        }
    };
    Event { icon, tone, what, more, at: used.at, link: None, act: None }
}

/// What the person said, as events.
pub fn of_answers<'a>(answers: impl Iterator<Item = &'a Answer>, policy: &Policy) -> Vec<Event> {
    let told = |answer: &Answer| {
        let label = label(policy, &answer.purpose);
        let (icon, tone, what, more) = match &answer.said {
            Said::Yes(grant) => {
                let end = text::date(grant.terms.until.micros());
                (
                    "shield",
                    Tone::Good,
                    say!("Said yes to “{what}”", what = label),
                    say!("Until {day}", day = end),
                )
            }
            Said::No => ("x", Tone::Warn, say!("Said no to “{what}”", what = label), String::new()),
            Said::NoLonger => {
                ("x", Tone::Warn, say!("Took back the yes to “{what}”", what = label), String::new())
            }
        };
        Event { icon, tone, what, more, at: answer.at.micros(), link: None, act: None }
    };
    answers.map(told).collect()
}

/// Requests, as events.
pub fn of_requests(requests: &[Request], names: &Names, policy: &Policy) -> Vec<Event> {
    let told = |one: &Request| {
        let label = label(policy, &one.purpose);
        let who = names.get(&one.staff.to_string()).cloned().unwrap_or_else(|| say("Somebody").into());
        let more = match one.state {
            Asked::Open => say("No answer yet").into(),
            Asked::Given => say("Answered with yes").into(),
            Asked::Refused => say("Answered with no").into(),
            Asked::NotAgain => match one.quiet_until {
                Some(at) => {
                    say!("Does not want to be asked again until {day}", day = text::date(at.micros()))
                }
                None => say("Does not want to be asked again").into(),
            },
        };
        let what = if one.is_unasked() {
            say!("Said by themselves about “{what}”", what = label)
        } else {
            say!("{who} asked about “{what}”", who = who, what = label)
        };
        Event { icon: "bell", tone: Tone::Plain, what, more, at: one.at.micros(), link: None, act: None }
    };
    requests.iter().map(told).collect()
}

/// Notes, as events; a closed one says why it is.
pub fn of_notes(notes: &[&Value], words: &Words<'_>) -> Vec<Event> {
    let told = |value: &&Value| {
        let source = source(&value.fact.source);
        let at = value.fact.confirmed_at.micros();
        match &value.cell {
            Cell::Open(seen) => {
                Event { icon: "note", what: seen.text.clone(), more: source, at, ..Event::default() }
            }
            Cell::Unknown | Cell::Closed(_) => Event {
                icon: "lock",
                what: say!("A note. {closed}.", closed = words.closed_for()),
                at,
                ..Event::default()
            },
        }
    };
    notes.iter().map(told).collect()
}

/// All events, newest first.
pub fn merged(parts: Vec<Vec<Event>>) -> Vec<Event> {
    let mut all: Vec<Event> = parts.into_iter().flatten().collect();
    all.sort_by_key(|event| std::cmp::Reverse(event.at));
    all
}
