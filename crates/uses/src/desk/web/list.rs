//! The list of people, and what came of asking many.

use std::collections::BTreeMap;

use askama::Template;
use assent_kernel::{PurposeKey, TreeKey};
use assent_web::parts::{
    Chip, Column, Empty, Head, Order as Sorted, Pager, Permitted, Reason, Shown, State as Mark, Step, Tabs,
    legend,
};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, html, text};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::desk::act::ask::Outcome;
use crate::desk::act::list::{Listing, listing};
use crate::desk::model::list::{MOST_SORTED, Order, Row, Show, Wanted, counted};
use crate::desk::model::rules::COLUMNS;
use crate::desk::model::said::{self, Why};
use crate::desk::model::short_date;
use crate::desk::model::words::{Words, brief};
use crate::lists::bar::Bar;
use crate::lists::saved;

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
    hidden: String,
    empty: Option<Empty>,
    pager: Pager,
    legend: [Chip; 3],
    ask: Option<String>,
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
    cells: Vec<Shown>,
    since: String,
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
    let wanted = Wanted::read(&fields);
    let list = Wanted::list("/people", &fields);
    if crate::lists::Wanted::added(&fields) {
        return Ok(Redirect::to(&wanted.href()).into_response());
    }
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let listing = listing(&ctx, &staff, &wanted).await?;
    let mut shell = super::shell(&ctx, &staff, "People").await?;
    if let Some(search) = &mut shell.search {
        search.value.clone_from(&wanted.q);
    }
    let of = PurposeKey::new(fields.get("of")).unwrap_or_else(|_| staff.purpose.clone());
    shell.flash = said::flash(fields.get("said"), &of, &standing.policy);
    let views = saved::of_list(&ctx, &staff, "people").await?;
    let bar = Bar::new("people", &list, COLUMNS, &shell.csrf).views(views).rules_alone();
    Ok(html::page(&people(shell, wanted, &listing, &words, bar)))
}

fn people(shell: Shell, wanted: Wanted, listing: &Listing, words: &Words<'_>, bar: Bar) -> People {
    let can_ask = words.can_ask();
    let rows: Vec<Line> = listing.rows.iter().map(|row| line(row, words, &shell)).collect();
    let ask = can_ask.then(|| format!("Ask for “{}”", words.label(words.purpose)));
    People {
        bar,
        tabs: tabs(&wanted, listing),
        sorts: sorts(&wanted, listing),
        total: counted(listing.window.total, listing.window.more),
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
        rows,
        wanted,
        shell,
    }
}

fn line(row: &Row, words: &Words<'_>, shell: &Shell) -> Line {
    let label = row.label();
    let shown = |(i, cell)| words.in_list(format!("t{i}-{}", row.id), &row.person, cell);
    let closed = row.refused.as_ref().map(|reason| {
        let asks = row.waiting.is_none() && row.kinds().any(|kind| words.askable(kind, Some(reason)));
        let ask = asks.then(|| super::ask_act(shell, row.id, words.purpose, "Ask".into()));
        let sentence = match row.waiting {
            Some(at) => format!("{}: {}, no answer yet", words.closed_for(), asked_on(at)),
            None => words.short(&row.person, reason),
        };
        Shown::locked(sentence, ask)
    });
    let (mark, stands) = stands(row, words);
    Line {
        id: row.id.to_string(),
        href: format!("/people/{}", row.id),
        name: named(row, words, &label),
        closed,
        cells: row.cells.iter().enumerate().map(shown).collect(),
        since: short_date(row.since),
        mark,
        stands,
        label,
    }
}

/// The name as a link to the record, with its terms; none when it is closed.
fn named(row: &Row, words: &Words<'_>, label: &str) -> Option<Shown> {
    let seen = row.name.seen()?;
    let terms = words.terms(format!("tn-{}", row.id), &row.person, seen, None);
    Some(Shown::link(label, format!("/people/{}", row.id), terms))
}

fn asked_on(at: assent_kernel::Timestamp) -> String {
    format!("asked on {}", text::date(at.micros()))
}

/// How the whole row stands, in a word.
fn stands(row: &Row, words: &Words<'_>) -> (Mark, String) {
    if row.quarantined && row.waiting.is_none() {
        return (Mark::Part, "no terms yet".into());
    }
    match (&row.refused, row.until) {
        (Some(reason), _) => (Mark::Shut, row.waiting.map_or_else(|| brief(reason).to_owned(), asked_on)),
        (None, None) => (Mark::Shut, "nothing held".into()),
        (None, Some(until)) => {
            let soon = until <= words.now.plus(assent_kernel::Span::days(14));
            let mark = if row.partly || soon { Mark::Part } else { Mark::Open };
            let end = if until == assent_kernel::Timestamp::MAX {
                "no end".to_owned()
            } else {
                format!("until {}", short_date(until))
            };
            (mark, if row.partly { "in part".into() } else { end })
        }
    }
}

fn tabs(wanted: &Wanted, listing: &Listing) -> Tabs {
    let known = listing.everybody.saturating_sub(listing.quarantined);
    let counts = [known, listing.everybody, listing.quarantined];
    let labels = ["With terms", "All", "Without terms yet"];
    let tab = |((show, label), count): ((Show, &str), usize)| {
        let count = u64::try_from(count).ok().filter(|_| wanted.q.is_empty());
        (label.to_owned(), wanted.showing(show).href(), count)
    };
    Tabs {
        label: "Whom to show".into(),
        tabs: Show::ALL.into_iter().zip(labels).zip(counts).map(tab).collect(),
        at: Show::ALL.iter().position(|show| *show == listing.show).unwrap_or_default(),
        swap: "#main",
    }
}

fn sorts(wanted: &Wanted, listing: &Listing) -> Vec<Sort> {
    let by = |order: Order, label| Sort {
        label,
        href: wanted.ordered(order).href(),
        now: wanted.order == order && (order != Order::Name || listing.sortable),
        why_not: String::new(),
    };
    let why_not = if listing.sortable {
        String::new()
    } else {
        format!("By name up to {MOST_SORTED} people: each name has to be asked for. Search first, then sort.")
    };
    vec![
        by(Order::Newest, "Newest"),
        by(Order::Oldest, "Oldest"),
        Sort { why_not, ..by(Order::Name, "Name") },
    ]
}

fn head(wanted: &Wanted, listing: &Listing) -> Head {
    let name = match (listing.sortable, wanted.order) {
        (true, Order::Name) => Column::sorted("Name", wanted.ordered(Order::Newest).href(), Sorted::Up),
        (true, _) => Column::sorted("Name", wanted.ordered(Order::Name).href(), Sorted::None),
        (false, _) => Column::plain("Name"),
    };
    let (next, sorted) = match wanted.order {
        Order::Newest => (Order::Oldest, Sorted::Down),
        Order::Oldest => (Order::Newest, Sorted::Up),
        Order::Name if listing.sortable => (Order::Newest, Sorted::None),
        Order::Name => (Order::Oldest, Sorted::Down),
    };
    Head {
        columns: vec![
            name,
            Column::plain("E-mail"),
            Column::plain("Phone"),
            Column::plain("Company").class("lo"),
            Column::plain("City").class("lo"),
            Column::sorted("Known since", wanted.ordered(next).href(), sorted).class("lo xl"),
            Column::plain("Terms"),
        ],
        pick: true,
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
    (total > 0).then(|| Permitted { permitted: open, total, what: "people on this page".into(), reasons })
}

/// What a search leaves out; the same words whether it left somebody out or not.
fn hidden(wanted: &Wanted, words: &Words<'_>) -> String {
    if wanted.q.is_empty() && wanted.rules.is_empty() {
        return String::new();
    }
    let label = words.label(words.purpose);
    format!("Whoever matches only by something that is closed for “{label}” is not shown, and not counted.")
}

fn pager(wanted: &Wanted, listing: &Listing) -> Pager {
    let window = &listing.window;
    let at = |after, before| Wanted { after, before, ..wanted.clone() }.href();
    Pager {
        prev: window.ids.first().filter(|_| window.before).map(|id| at(None, Some(*id))),
        next: window.ids.last().filter(|_| window.after).map(|id| at(Some(*id), None)),
    }
}

fn empty(wanted: &Wanted, listing: &Listing) -> Empty {
    let step = |label: &str, href: &str| Step { label: label.into(), href: href.into() };
    if !wanted.q.is_empty() {
        return Empty {
            icon: "search",
            title: format!("Nobody found by “{}”", wanted.q),
            text: "People are found by whole e-mail addresses and phone numbers, by @domain, and by the beginnings \
                   of names and companies."
                .into(),
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
        return Empty { icon: "people", title: title.into(), text: text.into(), steps, act: None };
    }
    if !wanted.rules.is_empty() {
        let text = if listing.sortable {
            "Nobody here fits all of the rules above. What is closed for your purpose fits no rule."
                .to_owned()
        } else {
            format!(
                "Rules look at up to {MOST_SORTED} people: each value has to be asked for. Search first, then filter."
            )
        };
        let steps = vec![step("Show everybody", "/people?show=all")];
        return Empty { icon: "search", title: "Nobody fits".into(), text, steps, act: None };
    }
    let waiting = listing.show == Show::Quarantined;
    if listing.everybody > 0 || wanted.import.is_some() {
        return Empty {
            icon: "check",
            title: if waiting { "Nobody is waiting" } else { "Nobody on this page" }.into(),
            text: if waiting {
                "Everybody here has terms: an answer of their own, or a contract.".into()
            } else {
                "The list has changed meanwhile.".into()
            },
            steps: vec![step("Show everybody", "/people?show=all")],
            act: None,
        };
    }
    Empty {
        icon: "people",
        title: "No people yet".into(),
        text: "Bring a file of contacts, or type one person in. Who comes without terms is kept apart until they answer."
            .into(),
        steps: vec![step("Import a file", "/import"), step("New person", "/people/new")],
        act: None,
    }
}

#[derive(Template)]
#[template(path = "desk/asked.html")]
struct Asked {
    shell: Shell,
    label: String,
    sent: String,
    letters: &'static str,
    not: Vec<(String, String)>,
    back: String,
}

/// The address of the page that tells what came of asking many: counts and kinds of reasons, no people.
pub fn asked_href(outcomes: &[Outcome], purpose: &PurposeKey, back: &str) -> String {
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    let mut sent = 0u64;
    for outcome in outcomes {
        match outcome {
            Ok(()) => sent = sent.saturating_add(1),
            Err(why) => {
                let slot = kinds.entry(why.kind()).or_default();
                *slot = slot.saturating_add(1);
            }
        }
    }
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.append_pair("of", purpose.as_str()).append_pair("sent", &sent.to_string());
    for (kind, count) in kinds {
        out.append_pair("not", &format!("{count}:{kind}"));
    }
    out.append_pair("back", &said::unsaid(back));
    format!("/people/asked?{}", out.finish())
}

pub async fn asked(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let standing = ctx.gate.policy(staff.company.id).await?;
    let purpose = PurposeKey::new(fields.get("of")).map_err(|e| Problem::bad_request(e.to_string()))?;
    let told = |one: &str| {
        let (count, kind) = one.split_once(':')?;
        Some((text::count(count.parse().ok()?), Why::read(kind)?.sentence(&purpose, &standing.policy)))
    };
    let sent: u64 = fields.get("sent").parse().unwrap_or(0);
    let not = fields.all("not").take(50).filter_map(told).collect();
    let label = super::words(&ctx, &staff, &standing.policy).label(&purpose);
    Ok(html::page(&Asked {
        shell: super::shell(&ctx, &staff, "Asked").await?,
        label,
        sent: text::count(sent),
        letters: if sent == 1 { "letter" } else { "letters" },
        not,
        back: said::own(fields.get("back")).unwrap_or("/people").to_owned(),
    }))
}
