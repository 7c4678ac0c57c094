//! The record of a person: what is held, in groups, and what happened.

use std::collections::HashSet;

use askama::Template;
use assent_kernel::{CategoryKey, FactId, PurposeKey, Reason};
use assent_web::fields::{self, Field, Thing};
use assent_web::parts::{Act, Group, Kv, Permitted, Reason as Line, Shown, Tabs};
use assent_web::session::purposes_by_case;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::beside::beside;
use super::tabs::{Open, Tab, open, tally, waiting};
use crate::around::beside::Beside;
use crate::around::item::Tally;
use crate::desk::act::record::{Record, record};
use crate::desk::act::{self, ask};
use crate::desk::model::back::Back;
use crate::desk::model::cell::{self, Cell, Value};
use crate::desk::model::words::{Above, Entry, Words, because_of};
use crate::desk::model::{NOTE, nameless, said, under};
use crate::filled;
use crate::lists::origin::Origin;

/// The groups of a record, in order, with what belongs to each.
const GROUPS: [(&str, &[&str]); 7] = [
    ("Name", &["name"]),
    ("Contact", &["contact"]),
    ("Work", &["work", "employment"]),
    ("Purchases", &["purchase", "contract", "payment"]),
    ("Notes", &["communication"]),
    ("Devices", &["device", "identifier.device"]),
    ("Other", &[""]),
];
/// What comes first in a group; the rest follows by its key.
const FIRST: [&str; 9] = [
    "name.full",
    "name.given",
    "name.family",
    "contact.email",
    "contact.phone",
    "contact.address.street",
    "contact.address.postal-code",
    "contact.address.city",
    "contact.address.country",
];
/// What is told on a tab of its own: notes, tasks, deals.
const NOTES: &str = "note";
/// With so few closed lines each gets a button of its own.
const FEW: usize = 3;

#[derive(Template)]
#[template(path = "desk/person.html")]
struct Page {
    shell: Shell,
    href: String,
    name: String,
    initials: String,
    since: String,
    quarantined: bool,
    groups: Vec<Group>,
    permitted: Option<Permitted>,
    closed: Option<Closed>,
    tabs: Tabs,
    open: Open,
    beside: Beside,
    /// The list that it was opened from.
    list: String,
    /// The same record in that list.
    here: String,
    /// Where a value is added.
    add: String,
    /// Where they are handed over.
    give: String,
    /// Who looks after them.
    owner: String,
    may_change: bool,
    may_delete: bool,
    may_erase: bool,
    /// The way to look with a case, for roles that a law gives one.
    by_case: Option<&'static str>,
    /// True when something is closed that may open for somebody's life.
    emergency: bool,
    no_note: Option<String>,
    entry: String,
    nothing: bool,
    alike: Vec<super::joined::Line>,
    joined: Vec<super::joined::Joined>,
}

/// What is said above a record of which something is closed.
struct Closed {
    sentence: String,
    allows: String,
    ask: Option<Act>,
    others: Vec<Act>,
}

pub async fn show(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let from = Origin::read(&fields);
    let had = |tab: Tab| tab.object().is_none_or(|object| staff.has(object));
    let tab = Some(Tab::read(fields.get("tab"))).filter(|tab| had(*tab)).unwrap_or(Tab::Timeline);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let found = ctx.gate.look_one(&staff.people(), id).await?;
    if found.stands_for() != id {
        // Joined into another: what is known of this human stands there.
        let query = if fields.get("tab").is_empty() { String::new() } else { format!("?tab={}", tab.key()) };
        let there = from.on(&format!("/people/{}{query}", found.stands_for()));
        return Ok(Redirect::to(&there).into_response());
    }
    let record = record(&ctx, &staff, id).await?;
    let values = record.values();
    let name = called(&values, &record);
    let mut shell = super::shell(&ctx, &staff, &name.0).await?;
    let of = PurposeKey::new(fields.get("of")).unwrap_or_else(|_| staff.purpose.clone());
    shell.flash = said::flash(fields.get("said"), &of, &standing.policy);
    let back = Back::read(&fields);
    let open = open(&ctx, &staff, tab, &record, &values, &words, &shell, (back, &from)).await?;
    let own = fields::all(&ctx, staff.company.id, Thing::Person).await?;
    let led = filled::led(&ctx, &staff, record.parts().map(|(one, _)| one.id())).await?;
    let groups = groups(&record, &values, (&own, &led), &words, (&shell, &from));
    let things = tally(&ctx, &staff, &record, &values).await?;
    let seq = entry(&record, &words).map(|entry| entry.seq);
    let tabs = tabs(&record, &values, (tab, things), (seq, &from), had);
    let beside = beside(&ctx, &staff, &from, (id, tab)).await?;
    Ok(html::page(&page(shell, name, &record, &values, (&words, groups), (tabs, open), (&from, beside))))
}

/// What a person is called, and the letters that stand for a face.
fn called(values: &[Value], record: &Record) -> (String, String) {
    match cell::name(values) {
        Cell::Open(seen) => (seen.text.clone(), text::initials(&seen.text)),
        Cell::Unknown | Cell::Closed(_) => (nameless(record.dossier.id()), String::new()),
    }
}

fn page(
    shell: Shell,
    (name, initials): (String, String),
    record: &Record,
    values: &[Value],
    (words, groups): (&Words<'_>, Vec<Group>),
    (tabs, open): (Tabs, Open),
    (from, beside): (&Origin, Beside),
) -> Page {
    let id = record.dossier.id();
    let seq = entry(record, words).map(|entry| entry.seq);
    Page {
        href: format!("/people/{id}"),
        since: text::date(record.dossier.created_at().micros()),
        quarantined: record.quarantined,
        groups,
        permitted: permitted(values, record.far.len(), words),
        closed: closed(record, values, words, &shell),
        tabs,
        beside,
        list: from.list("/people"),
        here: from.on(&format!("/people/{id}")),
        add: from.on(&format!("/people/{id}/fact")),
        give: from.on(&format!("/people/{id}/owner")),
        owner: owner(record),
        may_change: record.may_change,
        may_delete: record.may_delete,
        by_case: (!purposes_by_case(words.policy, words.role).is_empty()).then(|| say("Look with a case")),
        emergency: values.iter().any(|value| value.cell.seen().is_none())
            && words
                .policy
                .purposes
                .values()
                .any(|one| one.roles.has(words.role) && assent_gate::is_emergency(words.policy, &one.key)),
        may_erase: record.may_change && super::super::ERASERS.contains(&words.role),
        no_note: others(record).or(record.no_note.as_ref().map(|reason| {
            let above = above(record, values, words).filter(|above| above.reason == *reason);
            let person = record.dossier.person();
            let why = above.map_or_else(|| because_of(person, reason).to_owned(), |above| above.briefly);
            say!("No note can be written for this purpose: {why}", why = why)
        })),
        entry: seq.map(text::count).unwrap_or_default(),
        nothing: values.is_empty(),
        alike: super::joined::lines(record, words),
        joined: super::joined::joined(record, words, &shell),
        name,
        initials,
        open,
        shell,
    }
}

/// Who looks after the person, in words.
fn owner(record: &Record) -> String {
    let called = |id: assent_kernel::StaffId| {
        let known = record.colleagues.get(&id.to_string()).cloned();
        known.unwrap_or_else(|| say("somebody who has left").into())
    };
    record.dossier.owner().map_or_else(|| say("nobody~by").into(), called)
}

/// Why nothing is written about somebody else's person.
fn others(record: &Record) -> Option<String> {
    (!record.may_change).then(|| {
        say("You may look at this person, but not change anything: somebody else looks after them.").into()
    })
}

/// Where this look at the record was written down.
fn entry(record: &Record, words: &Words<'_>) -> Option<Entry> {
    let recorded = match record.answer.as_ref()? {
        assent_gate::Answer::Permit(permit) => Some(permit.recorded()),
        assent_gate::Answer::Refusal(refusal) => refusal.recorded,
    };
    let receipt = |seq: u64| format!("/people/{}/receipt/{seq}", record.dossier.id());
    let dpo = words.role == assent_kernel::Role::Dpo;
    recorded.map(|one| Entry { seq: one.seq, receipt: dpo.then(|| receipt(one.seq)) })
}

fn groups(
    record: &Record,
    values: &[Value],
    (own, led): (&[Field], &HashSet<FactId>),
    words: &Words<'_>,
    (shell, from): (&Shell, &Origin),
) -> Vec<Group> {
    let entry = entry(record, words);
    let asks = |value: &&Value| words.askable(&value.fact.category, value.cell.closed());
    let few = unaskable(record, words).is_none() && values.iter().filter(asks).count() <= FEW;
    let above = above(record, values, words);
    let often =
        |reason: &Reason| values.iter().filter(|value| value.cell.closed() == Some(reason)).count() > FEW;
    let elsewhere = |value: &&Value| {
        under(&value.fact.category, NOTES)
            || record.files.contains_key(&value.fact.id)
            || led.contains(&value.fact.id)
    };
    let listed = values.iter().filter(|value| !elsewhere(value));
    let (hidden, mut left): (Vec<&Value>, Vec<&Value>) =
        listed.partition(|value| words.hides(&value.fact.category, &value.cell));
    left.sort_by_cached_key(|value| {
        let category = &value.fact.category;
        let place = FIRST.iter().position(|key| under(category, key)).unwrap_or(FIRST.len());
        let chosen = record.holder(value.fact.id).is_first(value.fact.id);
        // The fields of the company follow what everybody has, in their own order.
        let own = own.iter().position(|field| field.category.as_ref() == Some(category));
        (place, own, category.clone(), !chosen, value.fact.id)
    });
    let mut blank = blank(record, values, own, words);
    let mut out = Vec::new();
    for (title, keys) in GROUPS {
        let (mine, rest): (Vec<&Value>, Vec<&Value>) = left
            .into_iter()
            .partition(|value| keys.iter().any(|key| key.is_empty() || under(&value.fact.category, key)));
        left = rest;
        let (to_fill, later): (Vec<&Field>, Vec<&Field>) = blank.into_iter().partition(|field| {
            let category = field.category.as_ref();
            category.is_some_and(|one| keys.iter().any(|key| key.is_empty() || under(one, key)))
        });
        blank = later;
        let line = |value: &Value| {
            let line = kv(record, value, words, entry.as_ref(), above.as_ref(), often, few.then_some(shell));
            linked(line, value, own)
        };
        let to_fill = to_fill.into_iter().filter_map(|field| to_fill_in(record, field));
        let within = |line: Kv| Kv { edit: line.edit.map(|href| from.on(&href)), ..line };
        let lines: Vec<Kv> = mine.into_iter().map(line).chain(to_fill).map(within).collect();
        if !lines.is_empty() {
            out.push(Group { title: say(title).into(), lines });
        }
    }
    // What nobody may see is not named either: a label can tell as much as a value.
    if let Some(n) = u64::try_from(hidden.len()).ok().filter(|n| *n > 0) {
        let shown = Shown::locked(
            say!("{values}, closed", values = text::plural(n, say("value"), say("values"))),
            None,
        );
        out.push(Group { title: say("More").into(), lines: vec![Kv::new(say("Not named here"), shown)] });
    }
    out
}

/// The fields of the company that nothing stands in yet, when something of the person is open. A field of a kind that is
/// not even named when it is closed is not named here either.
fn blank<'a>(record: &Record, values: &[Value], own: &'a [Field], words: &Words<'_>) -> Vec<&'a Field> {
    if !record.may_change || record.answer.as_ref().is_none_or(|answer| answer.permit().is_none()) {
        return Vec::new();
    }
    let named = |category: &CategoryKey| !words.hides(category, &Cell::Unknown);
    let held = |category: &CategoryKey| values.iter().any(|value| value.fact.category == *category);
    let wanted = |field: &&Field| {
        let category = field.category.as_ref();
        field.gone_at.is_none() && category.is_some_and(|one| named(one) && !held(one))
    };
    own.iter().filter(wanted).collect()
}

/// A field that nothing stands in, with a way to fill it in.
fn to_fill_in(record: &Record, field: &Field) -> Option<Kv> {
    let category = field.category.as_ref()?;
    let href = format!("/people/{}/fact?category={category}", record.dossier.id());
    Some(Kv::new(fields::name(field).to_owned(), Shown::Unknown).edit(href))
}

/// A web address leads where it says; what was chosen is said in the language of whoever reads.
fn linked(mut line: Kv, value: &Value, own: &[Field]) -> Kv {
    if let (Some(field), Shown::Value(shown)) = (fields::of(own, &value.fact.category), &mut line.shown) {
        shown.href = Some(field)
            .filter(|field| field.kind == fields::Kind::Link)
            .and_then(|field| fields::read(field, &shown.text).ok());
        shown.text = fields::shown(field, &shown.text).into_owned();
    }
    line
}

/// Why most of a record is closed, if anything is.
pub fn above(record: &Record, values: &[Value], words: &Words<'_>) -> Option<Above> {
    let closed = || values.iter().filter_map(|value| Some((&value.fact.category, value.cell.closed()?)));
    let all = closed().count() == values.len();
    let askable = closed().find(|(kind, reason)| words.askable(kind, Some(reason)));
    let (_, reason) = askable.or_else(|| closed().max_by_key(|(_, reason)| *reason).filter(|_| all))?;
    let briefly = match waiting(&record.requests, words.purpose) {
        Some(_) => say("asked, no answer yet").to_owned(),
        None => because_of(record.dossier.person(), reason).to_owned(),
    };
    Some(Above { reason: reason.clone(), briefly })
}

fn kv(
    record: &Record,
    value: &Value,
    words: &Words<'_>,
    entry: Option<&Entry>,
    above: Option<&Above>,
    often: impl Fn(&Reason) -> bool,
    shell: Option<&Shell>,
) -> Kv {
    let fact = value.fact.id;
    let holder = record.holder(fact);
    let id = holder.id();
    let ask = shell.map(|shell| super::ask_act(shell, id, words.purpose, say("Ask").into()));
    let name = words.category(&value.fact.category);
    let person = holder.person();
    let reason = value.cell.closed();
    let briefly = match (above.filter(|above| Some(&above.reason) == reason), reason) {
        (Some(above), _) => Some(above.briefly.as_str()),
        (None, Some(reason)) if often(reason) => Some(because_of(person, reason)),
        (None, _) => None,
    };
    let shown = words.in_record(format!("t-{fact}"), person, value, entry, briefly, ask);
    let line = Kv::new(name, shown);
    if record.may_change && value.cell.seen().is_some_and(|seen| seen.whole) {
        line.edit(format!("/people/{id}/fact/{fact}"))
    } else {
        line
    }
}

/// How many values are open, and why the others are not.
fn permitted(values: &[Value], far: usize, words: &Words<'_>) -> Option<Permitted> {
    let total = u64::try_from(values.len().saturating_add(far)).ok().filter(|n| *n > 0)?;
    let mut reasons: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    let mut open = 0u64;
    for value in values {
        match &value.cell {
            Cell::Open(_) => open = open.saturating_add(1),
            Cell::Unknown | Cell::Closed(_) => {
                let slot = reasons.entry(words.sentence(value.cell.closed())).or_default();
                *slot = slot.saturating_add(1);
            }
        }
    }
    if let Some(count) = u64::try_from(far).ok().filter(|n| *n > 0) {
        reasons.insert(say("They stand in work of colleagues that your role does not see").into(), count);
    }
    let mut reasons: Vec<Line> =
        reasons.into_iter().map(|(label, count)| Line { label, count, step: None }).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    Some(Permitted { permitted: open, total, what: say("values").into(), reasons })
}

/// The one sentence and the one next action.
fn closed(record: &Record, values: &[Value], words: &Words<'_>, shell: &Shell) -> Option<Closed> {
    let main = above(record, values, words)?.reason;
    let all = values.iter().all(|value| value.cell.seen().is_none());
    let askable = values.iter().any(|value| words.askable(&value.fact.category, value.cell.closed()));
    let id = record.dossier.id();
    let label = words.label(words.purpose);
    let stands = unaskable(record, words);
    let ask = (askable && stands.is_none())
        .then(|| super::ask_act(shell, id, words.purpose, say!("Ask for “{what}”", what = label)));
    let lead = if all { words.closed_for() } else { words.partly_closed_for() };
    Some(Closed {
        sentence: format!(
            "{lead}. {}",
            stands.unwrap_or_else(|| words.sentence_of(record.dossier.person(), &main))
        ),
        allows: allows(record, words),
        ask: ask.map(|act| Act { class: "primary", ..act }),
        others: record.others.iter().take(3).map(|(key, opens)| other(key, *opens, words, shell)).collect(),
    })
}

/// Why nobody can ask now: it was asked and waits, or the person said no a short while ago, or not again.
fn unaskable(record: &Record, words: &Words<'_>) -> Option<String> {
    let waits = waiting(&record.requests, words.purpose);
    let waits = waits.map(|one| say!("Asked on {day}; no answer yet.", day = text::date(one.at.micros())));
    let no = || ask::in_the_way(&record.requests, words.purpose, words.now);
    waits.or_else(|| no().map(|why| why.sentence(words.purpose, words.policy)))
}

/// A button that works for another purpose of one's own, and comes back here.
fn other(key: &PurposeKey, opens: usize, words: &Words<'_>, shell: &Shell) -> Act {
    let values = text::plural(u64::try_from(opens).unwrap_or(0), say("value"), say("values"));
    Act {
        label: say!("Work for “{what}”: {values}", what = words.label(key), values = values),
        action: "/work/purpose".into(),
        csrf: shell.csrf.clone(),
        fields: vec![("purpose", key.to_string()), ("return_to", super::here(shell))],
        ..Act::default()
    }
}

/// What this person does allow, so that a refusal does not stand alone.
fn allows(record: &Record, words: &Words<'_>) -> String {
    let said = record.dossier.person().answers.values().filter(|one| words.concerns(&one.purpose));
    let live = said.filter_map(|answer| match &answer.said {
        assent_kernel::grant::Said::Yes(grant) if grant.terms.until > words.now => {
            let end = text::date(grant.terms.until.micros());
            Some(say!("{what} until {day}", what = words.label(&answer.purpose), day = end))
        }
        _ => None,
    });
    let all: Vec<String> = live.take(4).collect();
    if all.is_empty() { String::new() } else { say!("This person allows: {all}.", all = all.join(", ")) }
}

fn tabs(
    record: &Record,
    values: &[Value],
    (tab, things): (Tab, Option<Tally>),
    (seq, from): (Option<u64>, &Origin),
    had: impl Fn(Tab) -> bool,
) -> Tabs {
    let is_note =
        |value: &&Value| under(&value.fact.category, NOTE) && !record.files.contains_key(&value.fact.id);
    let notes = values.iter().filter(is_note).count();
    let id = record.dossier.id();
    let one = |tab: Tab, count| {
        (tab, (say(tab.label()).to_owned(), from.on(&format!("/people/{id}?tab={}", tab.key())), count))
    };
    let things =
        things.map(|tally| tally.tab(say(Tab::Things.label()), from.on(&format!("/people/{id}?tab=things"))));
    let all = [
        (Tab::Timeline, (say(Tab::Timeline.label()).to_owned(), from.on(&format!("/people/{id}")), None)),
        one(Tab::Tasks, Some(record.around.open_tasks())),
        one(Tab::Notes, u64::try_from(notes).ok()),
        one(Tab::Files, u64::try_from(record.files.len()).ok()),
        one(Tab::Deals, u64::try_from(record.around.deals.len()).ok()),
        one(Tab::Terms, None),
        one(Tab::Uses, seq),
    ];
    let all: Vec<_> =
        all.into_iter().chain(things.map(|line| (Tab::Things, line))).filter(|(tab, _)| had(*tab)).collect();
    Tabs {
        label: say("Record").into(),
        at: all.iter().position(|(one, _)| *one == tab).unwrap_or_default(),
        tabs: all.into_iter().map(|(_, line)| line).collect(),
        swap: "#main",
    }
}
