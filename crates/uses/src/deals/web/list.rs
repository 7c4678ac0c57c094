//! Deals as a table and as a board, on the same rules.

use askama::Template;
use assent_store::work::deals::{Ending, Pipeline};
use assent_web::fields::{self, Field as Own};
use assent_web::parts::{Column as Head, Empty, Head as Heads, Pager, Permitted, Reason, Shown, Step};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::words;
use crate::around::deal::{title, tone};
use crate::deals::act::list::{By, Found, by_stage, found, leafed, open};
use crate::deals::act::{self, pipelines};
use crate::deals::model::value::Which;
use crate::deals::model::{
    Lane, MOST_CARDS, Row, columns, forecast, forecast_of, lane, lanes, wanted, worth,
};
use crate::filled::{Heading, What, one};
use crate::frame;
use crate::inline::{Pen, field_of};
use crate::lists::bar::Bar;
use crate::lists::origin::Origin;
use crate::lists::{self, Column, Kind, Listed as _, Page as Part, Value, Wanted, cut, saved, total};
use crate::seen::short_date;
use crate::seen::title::Title;
use crate::seen::words::Words;
use crate::texts::Opened;
use crate::undo;

#[derive(Template)]
#[template(path = "deals/list.html")]
struct Page {
    shell: Shell,
    bar: Bar,
    /// The two shapes: label, address, whether it is this one.
    shapes: [(&'static str, String, bool); 2],
    pipelines: Vec<(String, String, bool)>,
    forecast: String,
    permitted: Option<Permitted>,
    head: Heads,
    rows: Vec<Line>,
    lanes: Vec<Board>,
    /// Stages to move to: id, name.
    stages: Vec<(String, String)>,
    owners: Vec<(String, String)>,
    empty: Option<Empty>,
    pager: Pager,
    gone: bool,
    other: String,
    /// Where the list is taken along.
    export: String,
    /// The columns that were chosen.
    chosen: Vec<String>,
    back: String,
    builder: bool,
}

/// One row of the table.
struct Line {
    id: String,
    label: String,
    title: Title,
    cells: Vec<(Shown, &'static str, Option<Pen>)>,
    pen: Option<Pen>,
}

/// One lane of the board.
struct Board {
    id: String,
    name: String,
    ending: &'static str,
    lost: bool,
    count: usize,
    sum: String,
    weighed: String,
    chance: i64,
    cards: Vec<Card>,
    more: usize,
}

/// One card of the board.
struct Card {
    id: String,
    title: Title,
    contact: Option<Title>,
    company: Option<(String, Option<String>)>,
    amount: String,
    close: String,
    owner: String,
    initials: String,
    /// What changes it; nothing where it is not theirs to change.
    pens: Option<[Pen; 2]>,
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let mut own = act::fields(&ctx, &staff).await?;
    own.retain(|field| field.gone_at.is_none());
    let columns = columns(&own);
    let wanted = wanted(&fields, &columns);
    if Wanted::added(&fields) {
        return Ok(Redirect::to(&wanted.href()).into_response());
    }
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(&ctx, &staff, &standing.policy);
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let ways = pipelines::all(&ctx, &staff).await?;
    let (board, gone) = (wanted.extra("view") == "board", wanted.extra("show") == "removed");
    let way = lane(&wanted, &ways);
    let Read { page, lanes, opened, looked, forecast, read } =
        read(&ctx, &staff, &wanted, way, (&colleagues, &ways, &own)).await?;
    // What is not shown is not opened either.
    let offered = own.clone();
    own.retain(|field| wanted.shown(&columns).iter().any(|one| one.key == lists::own::key(field)));
    // All of them are counted; of those that fit it is told how many were read.
    let total = total(read.unwrap_or(page.total), page.total, say("deal"), say("deals"));
    let mut shell = frame::shell(&ctx, &staff, say("Deals")).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &fields).await?;
    let shown = wanted.shown(&columns);
    let shape = |label, key: &str, now| (label, wanted.with("view", key).href(), now);
    let bar = Bar::new("deals", &wanted, &columns, &shell.csrf)
        .views(saved::of_list(&ctx, &staff, "deals").await?)
        .total(total)
        .looked(read.unwrap_or_default())
        .board(board);
    let there = read.unwrap_or(page.total) > 0 || wanted.narrows();
    let empty = (page.total == 0).then(|| empty(there, gone));
    let stages = match way {
        Some(way) => way.stages.iter().map(|one| (one.id.to_string(), one.name.clone())).collect(),
        None => ways
            .iter()
            .flat_map(|way| {
                way.stages.iter().map(move |one| (one.id.to_string(), format!("{}: {}", way.name, one.name)))
            })
            .collect(),
    };
    let back = wanted.href();
    let tabs = ways.iter().map(|one| {
        (
            one.name.clone(),
            wanted.with("pipeline", &one.id.to_string()).href(),
            way.is_some_and(|way| way.id == one.id),
        )
    });
    let mut tabs: Vec<(String, String, bool)> = tabs.collect();
    if !board {
        tabs.insert(0, (say("All").into(), wanted.with("pipeline", "").href(), way.is_none()));
    }
    let mut shown_rows: Vec<Row> =
        if board { lanes.iter().flat_map(|lane| lane.rows.clone()).collect() } else { page.rows };
    let what = What { heads: Heading::Named, own };
    let opened = open(&ctx, &staff, &mut shown_rows, (&what, opened)).await?;
    // What is searched for narrows by what is closed too: a count would tell that a closed name holds the words.
    let searched = !crate::lists::rule::words(&wanted.q).is_empty();
    let counted = (!searched).then(|| looked.as_ref().unwrap_or(&shown_rows));
    let permitted = counted.and_then(|rows| permitted(rows, &opened, &words));
    let bar = bar.known(values(&shown_rows, &ways, &colleagues).into_iter()).fields(&offered);
    let to_lane = |lane: &Lane| board_lane(&staff, lane, &shown_rows, (&opened, &words), &back);
    Ok(html::page(&Page {
        bar,
        shapes: [shape(say("Table"), "", !board), shape(say("Board"), "board", board)],
        pipelines: if ways.len() > 1 { tabs } else { Vec::new() },
        forecast,
        permitted,
        head: head(&wanted, &shown),
        lanes: lanes.iter().map(to_lane).collect(),
        rows: shown_rows
            .iter()
            .map(|row| line(&staff, row, (&shown, &what.own), (&opened, &words), &back))
            .collect(),
        stages,
        owners: colleagues.choices(say("Nobody")),
        empty,
        pager: Pager { prev: page.before, next: page.after },
        gone,
        other: wanted.with("show", if gone { "" } else { "removed" }).href(),
        export: format!("/deals/export?{}", wanted.query()),
        chosen: wanted.columns.iter().map(ToString::to_string).collect(),
        back,
        builder: staff.is(crate::deals::BUILDERS),
        shell,
    }))
}

/// What was read of a list.
struct Read {
    page: Part<Row>,
    /// The lanes of a board.
    lanes: Vec<Lane>,
    /// What was opened to find them.
    opened: Option<Opened>,
    /// Those whose titles had to be opened to find them.
    looked: Option<Vec<Row>>,
    forecast: String,
    /// How many were read before any rule; nothing when the list is read page by page.
    read: Option<usize>,
}

async fn read(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    way: Option<&Pipeline>,
    (colleagues, ways, own): (&frame::Colleagues, &[Pipeline], &[Own]),
) -> Result<Read, Problem> {
    if wanted.is_plain() && way.is_none() {
        let page = leafed(ctx, staff, wanted, (colleagues, ways)).await?;
        // What was removed brings nothing.
        let gone = wanted.extra("show") == "removed";
        let forecast = if gone { "–".into() } else { forecast_of(&by_stage(ctx, staff).await?, ways) };
        return Ok(Read { page, lanes: Vec::new(), opened: None, looked: None, forecast, read: None });
    }
    let by = By { wanted, way, colleagues, pipelines: ways, own, named: true };
    let Found { rows, read, opened, looked } = found(ctx, staff, by, None).await?;
    let board = way.filter(|_| wanted.extra("view") == "board" && !rows.is_empty());
    Ok(Read {
        lanes: board.map(|way| lanes(way, &rows)).unwrap_or_default(),
        forecast: forecast(&rows, ways),
        page: cut(rows, wanted),
        opened,
        looked,
        read: Some(read),
    })
}

/// Values that a rule may be chosen from.
fn values(rows: &[Row], ways: &[Pipeline], colleagues: &frame::Colleagues) -> Vec<String> {
    let stages = ways.iter().flat_map(|way| way.stages.iter().map(|stage| stage.name.clone()));
    let companies = rows.iter().map(|row| row.company.clone()).filter(|name| !name.is_empty());
    stages
        .chain(companies)
        .chain(colleagues.names())
        .chain(["open", "won", "lost"].map(|word| say(word).to_owned()))
        .collect()
}

/// How many contacts of these deals are open, and why the others are not; before any rule, so that a rule tells nothing.
fn permitted(rows: &[Row], opened: &Opened, words: &Words<'_>) -> Option<Permitted> {
    let mut reasons: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    let (mut open, mut total) = (0u64, 0u64);
    for row in rows {
        let Some((_, cell)) = opened.cell(&row.deal.title) else { continue };
        total = total.saturating_add(1);
        if cell.seen().is_some() {
            open = open.saturating_add(1);
        } else {
            let slot = reasons.entry(words.sentence(cell.closed())).or_default();
            *slot = slot.saturating_add(1);
        }
    }
    let mut reasons: Vec<Reason> =
        reasons.into_iter().map(|(label, count)| Reason { label, count, step: None }).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    (open < total).then(|| Permitted {
        permitted: open,
        total,
        what: say("deals with a person").into(),
        reasons,
    })
}

fn head(wanted: &Wanted, shown: &[&Column]) -> Heads {
    let one = |column: &&Column| {
        let href = wanted.sorted(&column.key).href();
        Head::sorted(column.said(), href, wanted.order(&column.key)).class(class(column))
    };
    let mut columns =
        vec![Head::sorted(say("Deal"), wanted.sorted(&"title".into()).href(), wanted.order("title"))];
    columns.extend(shown.iter().map(one));
    Heads { columns, pick: true }
}

fn class(column: &Column) -> &'static str {
    match (column.kind, column.key.as_ref()) {
        (Kind::Money | Kind::Number, _) => "num",
        (_, "stage") => "",
        (_, "owner" | "since" | "moved") => "lo xl",
        (Kind::Text | Kind::Day, _) => "lo",
    }
}

fn line(
    staff: &Staff,
    row: &Row,
    (shown, own): (&[&Column], &[Own]),
    (opened, words): (&Opened, &Words<'_>),
    back: &str,
) -> Line {
    let title = title(&row.deal, opened, words);
    let home = format!("/deals/{}", row.deal.id);
    let may = act::may_change(staff, &row.deal);
    // Of somebody beyond reach there is nothing to fill in.
    let seen = row.deal.title.person().is_none() || opened.cell(&row.deal.title).is_some();
    let pen = |which: Which| Pen::new(&home, which.key(), field_of(say(which.label()), &title.label), back);
    let cell = |column: &&Column| {
        if let Some(field) = own.iter().find(|field| lists::own::key(field) == column.key) {
            let id = format!("f-{}-{}", row.deal.id, field.name);
            let shown = row.filled.in_list(field, opened, words, id);
            let with = |key: &str| Pen::new(&home, key, field_of(fields::name(field), &title.label), back);
            let pen = (may && seen).then(|| one::pen(field, (&row.filled, opened), words, with)).flatten();
            return (shown, class(column), pen);
        }
        let shown = match (column.key.as_ref(), row.value(&column.key)) {
            ("amount", _) => Shown::Plain(worth(&row.deal)),
            ("contact", _) => match opened.contact(&row.deal.title, words, format!("c-{}", row.deal.id)) {
                Some(contact) => contact.in_list(),
                None if row.deal.title.person().is_some() => Shown::locked(say("closed"), None),
                None => Shown::Unknown,
            },
            ("company", _) => match &row.company_href {
                Some(href) => Shown::Linked(row.company.clone(), href.clone()),
                None if !row.company.is_empty() => Shown::Plain(row.company.clone()),
                None => Shown::Unknown,
            },
            (_, Value::Number(Some(at))) => {
                Shown::Plain(short_date(assent_kernel::Timestamp::from_micros(at)))
            }
            ("state" | "lost", Value::Text(Some(word))) if !word.is_empty() => {
                Shown::Plain(say(&word).to_owned())
            }
            ("owner", Value::Text(Some(owner))) if !owner.is_empty() => Shown::Plain(frame::called(&owner)),
            (_, Value::Text(Some(text))) if !text.is_empty() => Shown::Plain(text),
            _ => Shown::Unknown,
        };
        (shown, class(column), Which::read(&column.key).filter(|_| may).map(pen))
    };
    Line {
        id: row.deal.id.to_string(),
        label: title.label.clone(),
        cells: shown.iter().map(cell).collect(),
        pen: (may && row.title.is_some()).then(|| pen(Which::Title)),
        title: title.from(&Origin::of(back)),
    }
}

fn board_lane(
    staff: &Staff,
    lane: &Lane,
    shown: &[Row],
    (opened, words): (&Opened, &Words<'_>),
    back: &str,
) -> Board {
    let pen = |row: &Row, which: Which, label: &str| {
        let label = field_of(say(which.label()), label);
        Pen::new(&format!("/deals/{}", row.deal.id), which.key(), label, back)
    };
    let from = Origin::of(back);
    let mine = shown.iter().filter(|row| row.deal.stage == lane.stage.id);
    let card = |row: &Row| Card {
        pens: act::may_change(staff, &row.deal).then(|| {
            let label = title(&row.deal, opened, words).label;
            [pen(row, Which::Amount, &label), pen(row, Which::Close, &label)]
        }),
        id: row.deal.id.to_string(),
        title: title(&row.deal, opened, words).from(&from),
        contact: opened.contact(&row.deal.title, words, format!("c-{}", row.deal.id)),
        company: (!row.company.is_empty()).then(|| (row.company.clone(), row.company_href.clone())),
        amount: worth(&row.deal),
        close: row.deal.close_on.map(short_date).unwrap_or_default(),
        initials: text::initials(&row.owner),
        owner: frame::called(&row.owner),
    };
    Board {
        id: lane.stage.id.to_string(),
        name: lane.stage.name.clone(),
        ending: tone(lane.stage.ending),
        lost: lane.stage.ending == Ending::Lost,
        count: lane.count,
        sum: lane.sum.clone(),
        weighed: lane.weighed.clone(),
        chance: lane.stage.chance,
        cards: mine.map(card).collect(),
        more: lane.count.saturating_sub(MOST_CARDS),
    }
}

fn empty(there: bool, gone: bool) -> Empty {
    let step = |label: &str, href: &str| Step { label: say(label).into(), href: href.into() };
    let (title, text, steps) = match (there, gone) {
        (true, _) => (
            "No deal fits",
            "No deal here fits all of the rules above. What is closed for your purpose fits no rule.",
            vec![step("Show all", "/deals")],
        ),
        (false, true) => (
            "Nothing was removed",
            "What is removed is found here and can be brought back.",
            vec![step("Show all", "/deals")],
        ),
        (false, false) => (
            "No deals yet",
            "Put down what you are selling, to whom, and how far it is.",
            vec![step("New deal", "/deals/new")],
        ),
    };
    Empty { icon: "deals", title: say(title).into(), text: say(text).into(), steps, act: None }
}
