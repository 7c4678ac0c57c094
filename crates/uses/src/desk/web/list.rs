//! The list of people.

mod onward;

use std::borrow::Cow;
use std::collections::BTreeMap;

use askama::Template;
use assent_kernel::PurposeKey;
use assent_web::parts::{
    Chip, Column as Heading, Empty, Head, Order as Sorted, Pager, Permitted, Reason, Shown, State as Mark,
    Step, Tabs, legend,
};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::desk::act::list::{Listing, columns, listing};
use crate::desk::model::columns::OWNER;
use crate::desk::model::list::{MOST_SORTED, Row, Show, Wanted, counted};
use crate::desk::model::order::Order;
use crate::desk::model::said;
use crate::desk::model::short_date;
use crate::desk::model::words::{Words, brief};
use crate::filled::read_as;
use crate::lists::bar::Bar;
use crate::lists::origin::Origin;
use crate::lists::{Column, Kind, saved};

use onward::{Onward, beside, onward, seen};

#[derive(Template)]
#[template(path = "desk/people.html")]
struct People {
    shell: Shell,
    tabs: Tabs,
    bar: Bar,
    wanted: Wanted,
    sorts: Vec<Sort>,
    total: String,
    permitted: Option<Permitted>,
    head: Head,
    rows: Vec<Line>,
    onward: Option<Onward>,
    hidden: String,
    empty: Option<Empty>,
    pager: Pager,
    legend: [Chip; 3],
    ask: Option<String>,
    /// To whom those who are ticked can be given.
    owners: Vec<(String, String)>,
    /// Leads to those whom whoever is here looks after.
    mine: String,
    purpose: String,
    back: String,
    doubles: bool,
    export: String,
}

/// A way to order the list.
struct Sort {
    label: &'static str,
    href: String,
    now: bool,
    why_not: String,
}

/// One row.
struct Line {
    id: String,
    href: String,
    label: String,
    name: Option<Shown>,
    closed: Option<Shown>,
    cells: Vec<(Shown, &'static str)>,
    /// The classes of the cells that stay empty beside why everything is closed, and how many cells that takes.
    beside: Vec<&'static str>,
    spans: usize,
    mark: Mark,
    stands: String,
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let columns = columns(&ctx, &staff).await?;
    let list = Wanted::list(columns.all(), &fields);
    let wanted = Wanted::read(&fields, columns);
    if crate::lists::Wanted::added(&fields) {
        return Ok(Redirect::to(&wanted.href()).into_response());
    }
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let listing = listing(&ctx, &staff, &wanted).await?;
    let mut shell = super::shell(&ctx, &staff, say("People")).await?;
    let of = PurposeKey::new(fields.get("of")).unwrap_or_else(|_| staff.purpose.clone());
    shell.flash = said::flash(fields.get("said"), &of, &standing.policy)
        .or_else(|| super::deleted::flash(fields.get("said"), &shell, ctx.settings.limits.deleted_days));
    let views = saved::of_list(&ctx, &staff, "people").await?;
    let bar = Bar::new("people", &list, wanted.columns.all(), &shell.csrf)
        .views(views)
        .known(wanted.columns.owners().names())
        .fields(wanted.columns.fields())
        .without_search();
    let onward = onward(&ctx, &staff, &wanted, &listing).await?;
    let mine = wanted.owned(Some(staff.id)).href();
    Ok(html::page(&People { onward, mine, ..people(shell, wanted, &listing, &words, bar) }))
}

fn people(shell: Shell, wanted: Wanted, listing: &Listing, words: &Words<'_>, bar: Bar) -> People {
    let can_ask = words.can_ask();
    // Whom it shows is said aloud: it is no usual order of records.
    let list = Origin::of(&Wanted { show: Some(listing.show), ..wanted.clone() }.href());
    let rows = listing.rows.iter().map(|row| line(row, (&wanted, &list), words, &shell));
    let rows: Vec<Line> = rows.collect();
    let ask = can_ask.then(|| say!("Ask for “{what}”", what = words.label(words.purpose)));
    People {
        bar,
        owners: super::owner::giving(wanted.columns.owners()),
        mine: String::new(),
        tabs: tabs(&wanted, listing),
        sorts: sorts(&wanted, listing),
        total: total(&wanted, listing),
        permitted: permitted(listing, words),
        head: head(&wanted, listing),
        hidden: hidden(&wanted, words),
        empty: rows.is_empty().then(|| empty(&wanted, listing)),
        pager: pager(&wanted, listing),
        legend: legend(),
        purpose: words.purpose.to_string(),
        back: super::here(&shell),
        export: wanted.href().replacen("/people", "/people/export", 1),
        doubles: super::joined::may_join(words.role),
        ask: ask.filter(|_| !rows.is_empty()),
        onward: None,
        rows,
        wanted,
        shell,
    }
}

/// How many people there are, in words; nothing on a page of which nobody counted what lies before it.
fn total(wanted: &Wanted, listing: &Listing) -> String {
    let window = &listing.window;
    let walked = wanted.q.is_empty() && !wanted.rules.is_empty() && wanted.order.column().is_none();
    let later = walked && (wanted.after.is_some() || wanted.before.is_some());
    if later { String::new() } else { counted(window.total, window.more) }
}

fn line(row: &Row, (wanted, from): (&Wanted, &Origin), words: &Words<'_>, shell: &Shell) -> Line {
    let label = row.label();
    let (columns, href) = (wanted.columns.shown(), from.on(&format!("/people/{}", row.id)));
    let shown = |(i, column): (usize, &&Column)| {
        let shown = match column.key.as_ref() {
            "since" => Shown::Plain(short_date(row.since)),
            OWNER if row.owner.is_none() => Shown::Unknown,
            OWNER => Shown::Plain(wanted.columns.owner(row.owner)),
            key => {
                let cell = row.cell(&wanted.columns, key);
                let shown = words.in_list(format!("t{i}-{}", row.id), &row.person, &cell);
                match wanted.columns.field(key) {
                    Some(field) => read_as(field, shown),
                    None => shown,
                }
            }
        };
        (shown, class(i, column))
    };
    let closed = row.refused.as_ref().map(|reason| {
        let asks = row.waiting.is_none() && row.kinds().any(|kind| words.askable(kind, Some(reason)));
        let ask = asks.then(|| super::ask_act(shell, row.id, words.purpose, say("Ask").into()));
        let sentence = match row.waiting {
            Some(at) => {
                say!("{closed}: {asked}, no answer yet", closed = words.closed_for(), asked = asked_on(at))
            }
            None => words.short(&row.person, reason),
        };
        Shown::locked(sentence, ask)
    });
    let (mark, stands) = stands(row, words);
    Line {
        id: row.id.to_string(),
        name: named(row, words, (&label, &href)),
        href,
        closed,
        cells: columns.iter().enumerate().map(shown).collect(),
        beside: columns.iter().enumerate().skip(2).map(|(i, column)| class(i, column)).collect(),
        spans: columns.len().min(2),
        mark,
        stands,
        label,
    }
}

/// The name as a link to the record, with its terms; none when it is closed.
fn named(row: &Row, words: &Words<'_>, (label, href): (&str, &str)) -> Option<Shown> {
    let seen = row.name.seen()?;
    let terms = words.terms(format!("tn-{}", row.id), &row.person, seen, None);
    Some(Shown::link(label, href, terms))
}

fn asked_on(at: assent_kernel::Timestamp) -> String {
    say!("asked on {day}", day = text::date(at.micros()))
}

/// How the whole row stands, in a word.
fn stands(row: &Row, words: &Words<'_>) -> (Mark, String) {
    if row.quarantined && row.waiting.is_none() {
        return (Mark::Part, say("no terms yet").into());
    }
    match (&row.refused, row.until) {
        (Some(reason), _) => (Mark::Shut, row.waiting.map_or_else(|| brief(reason).to_owned(), asked_on)),
        (None, None) => (Mark::Shut, say("nothing held").into()),
        (None, Some(until)) => {
            let soon = until <= words.now.plus(assent_kernel::Span::days(14));
            let mark = if row.partly || soon { Mark::Part } else { Mark::Open };
            let end = if until == assent_kernel::Timestamp::MAX {
                say("no end").to_owned()
            } else {
                say!("until {day}", day = short_date(until))
            };
            (mark, if row.partly { say("in part").into() } else { end })
        }
    }
}

fn tabs(wanted: &Wanted, listing: &Listing) -> Tabs {
    let known = listing.everybody.saturating_sub(listing.quarantined);
    let counts = [known, listing.everybody, listing.quarantined];
    let labels = ["With terms", "All", "Without terms yet"];
    let tab = |((show, label), count): ((Show, &str), usize)| {
        let count = u64::try_from(count).ok().filter(|_| wanted.q.is_empty());
        (say(label).to_owned(), wanted.showing(show).href(), count)
    };
    Tabs {
        label: say("Whom to show").into(),
        tabs: Show::ALL.into_iter().zip(labels).zip(counts).map(tab).collect(),
        at: Show::ALL.iter().position(|show| *show == listing.show).unwrap_or_default(),
        swap: "#main",
    }
}

fn sorts(wanted: &Wanted, listing: &Listing) -> Vec<Sort> {
    let by = |order: Order, label| Sort {
        label: say(label),
        now: wanted.order == order && (order.column().is_none() || listing.sortable),
        href: wanted.ordered(order).href(),
        why_not: String::new(),
    };
    let why_not = if listing.sortable { String::new() } else { why_not(wanted) };
    vec![
        by(Order::Newest, "Newest"),
        by(Order::Oldest, "Oldest"),
        Sort { why_not, ..by(Order::By("name".into(), false), "Name") },
    ]
}

/// Why a list is not ordered by what stands in a column.
fn why_not(wanted: &Wanted) -> String {
    let why = say!("By a column up to {n} people: each value has to be asked for.", n = MOST_SORTED);
    let none = wanted.rules.is_empty();
    format!("{why} {}", say(if none { "Search first, or add a rule." } else { "Add a rule first." }))
}

fn head(wanted: &Wanted, listing: &Listing) -> Head {
    let by = |key: &str, label: String| {
        if !listing.sortable {
            return Heading::plain(label);
        }
        let order = match &wanted.order {
            Order::By(now, true) if now == key => Sorted::Down,
            Order::By(now, false) if now == key => Sorted::Up,
            Order::By(..) | Order::Newest | Order::Oldest => Sorted::None,
        };
        Heading::sorted(label, wanted.ordered_by(key).href(), order)
    };
    let (next, sorted) = match &wanted.order {
        Order::Newest => (Order::Oldest, Sorted::Down),
        Order::Oldest => (Order::Newest, Sorted::Up),
        Order::By(..) if listing.sortable => (Order::Newest, Sorted::None),
        Order::By(..) => (Order::Oldest, Sorted::Down),
    };
    let one = |(i, column): (usize, &&Column)| {
        let head = match column.key.as_ref() {
            "since" => Heading::sorted(say("Known since"), wanted.ordered(next.clone()).href(), sorted),
            key => by(key, called(column).to_owned()),
        };
        head.class(class(i, column))
    };
    let columns = wanted.columns.shown();
    let own = columns.iter().enumerate().map(one);
    let name = by("name", say("Name").into());
    Head {
        columns: std::iter::once(name).chain(own).chain([Heading::plain(say("Terms"))]).collect(),
        pick: true,
    }
}

/// What a column is called: ours in the language of whoever reads, the company's own as it wrote it.
fn called(column: &Column) -> &str {
    match &column.label {
        Cow::Borrowed(ours) => say(ours),
        Cow::Owned(theirs) => theirs,
    }
}

/// What a phone leaves out: all but the first two.
fn class(place: usize, column: &Column) -> &'static str {
    match (place, column.kind) {
        (0 | 1, Kind::Number) => "num",
        (0 | 1, _) => "",
        (_, Kind::Number) => "lo num",
        (_, Kind::Text | Kind::Day | Kind::Money) if column.key == "since" => "lo xl muted",
        (_, Kind::Text | Kind::Day | Kind::Money) => "lo",
    }
}

/// How many of this page are open, and why the others are not.
fn permitted(listing: &Listing, words: &Words<'_>) -> Option<Permitted> {
    let asked = listing.rows.iter().filter(|row| !row.empty());
    let (mut open, mut total) = (0, 0u64);
    let mut reasons: BTreeMap<&'static str, (u64, String)> = BTreeMap::new();
    for row in asked {
        total = total.saturating_add(1);
        match &row.refused {
            None => open += 1,
            Some(reason) => {
                let slot = reasons.entry(reason.code()).or_insert_with(|| (0, words.sentence(Some(reason))));
                slot.0 = slot.0.saturating_add(1);
            }
        }
    }
    let mut reasons: Vec<Reason> =
        reasons.into_values().map(|(count, label)| Reason { label, count, step: None }).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    (total > 0).then(|| Permitted {
        permitted: open,
        total,
        what: say("people on this page").into(),
        reasons,
    })
}

/// What a search leaves out; the same words whether it left somebody out or not.
fn hidden(wanted: &Wanted, words: &Words<'_>) -> String {
    if wanted.q.is_empty() && wanted.rules.is_empty() {
        return String::new();
    }
    let label = words.label(words.purpose);
    say!(
        "Whoever matches only by something that is closed for “{what}” is not shown, and not counted.",
        what = label
    )
}

fn pager(wanted: &Wanted, listing: &Listing) -> Pager {
    let (window, beside) = (&listing.window, beside(wanted, listing));
    let prev = || Wanted { before: window.start, ..beside.clone() }.href();
    let next = || Wanted { after: window.end, seen: seen(wanted, window), ..beside.clone() }.href();
    Pager {
        prev: (window.before && window.start.is_some()).then(prev),
        next: (window.after && window.end.is_some()).then(next),
    }
}

fn empty(wanted: &Wanted, listing: &Listing) -> Empty {
    let step = |label: &str, href: &str| Step { label: say(label).into(), href: href.into() };
    if !wanted.q.is_empty() {
        return Empty {
            icon: "search",
            title: say!("Nobody found by “{words}”", words = wanted.q),
            text: say("People are found by whole e-mail addresses and phone numbers, by @domain, and by the beginnings of names and companies.").into(),
            steps: vec![step("Show everybody", "/people?show=all"), step("New person", "/people/new")],
            act: None,
        };
    }
    if wanted.group.is_some() {
        let (title, text) = if listing.few {
            (
                "This group is not told",
                "Fewer than 5 people are not shown as a group, and neither is a group whose number would tell theirs.",
            )
        } else {
            ("Nobody", "Nobody belongs to this group any more.")
        };
        let steps = vec![step("Show everybody", "/people?show=all"), step("Dashboard", "/dashboard")];
        return Empty { icon: "people", title: say(title).into(), text: say(text).into(), steps, act: None };
    }
    if !wanted.rules.is_empty() {
        let (title, text) = if listing.window.cut {
            ("Nobody fits so far", "Look on, or add a rule. What is closed for your purpose fits no rule.")
        } else {
            ("Nobody fits", "Nobody here fits the rules above. What is closed for your purpose fits no rule.")
        };
        let steps = vec![step("Show everybody", "/people?show=all")];
        return Empty { icon: "search", title: say(title).into(), text: say(text).into(), steps, act: None };
    }
    let waiting = listing.show == Show::Quarantined;
    if listing.everybody > 0 || wanted.import.is_some() {
        return Empty {
            icon: "check",
            title: say(if waiting { "Nobody is waiting" } else { "Nobody on this page" }).into(),
            text: say(if waiting {
                "Everybody here has terms: an answer of their own, or a contract."
            } else {
                "The list has changed meanwhile."
            })
            .into(),
            steps: vec![step("Show everybody", "/people?show=all")],
            act: None,
        };
    }
    Empty {
        icon: "people",
        title: say("No people yet").into(),
        text: say("Bring a file of contacts, or type one person in. Who comes without terms is kept apart until they answer.").into(),
        steps: vec![step("Import a file", "/import"), step("New person", "/people/new")],
        act: None,
    }
}
