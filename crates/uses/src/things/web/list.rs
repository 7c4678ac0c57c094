//! The list of one object.

use askama::Template;
use assent_web::fields::Field;
use assent_web::objects;
use assent_web::parts::{Column as Head, Empty, Head as Heads, Pager, Shown, Step};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::around::item::Sort;
use crate::frame::{self, words};
use crate::lists::bar::Bar;
use crate::lists::origin::Origin;
use crate::lists::{Column, Kind, PAGE, Wanted, cut, own, saved, total};
use crate::seen::short_date;
use crate::seen::title::Title;
use crate::seen::words::Words;
use crate::texts::Opened;
use crate::things::act::{self, By};
use crate::things::model::{self, Row, WHOM, columns};
use crate::undo;

#[derive(Template)]
#[template(path = "things/list.html")]
struct Page {
    shell: Shell,
    bar: Bar,
    head: Heads,
    rows: Vec<Line>,
    empty: Option<Empty>,
    pager: Pager,
    gone: bool,
    other: String,
    /// Where a new one is made, and what that is called; nothing when the kind is out of use.
    new: Option<(String, String)>,
    caption: String,
    /// Where the list is, and where it is taken along.
    home: String,
    export: String,
    /// The columns that were chosen.
    chosen: Vec<String>,
    /// To whom those that are ticked can be handed.
    owners: Vec<(String, String)>,
    back: String,
}

/// One row.
struct Line {
    id: String,
    title: Title,
    cells: Vec<Shown>,
}

pub async fn show(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let query = Fields::parse(query.unwrap_or_default().as_bytes());
    let sort = act::sort(&ctx, &staff, &key).await?;
    let (columns, home) = (columns(&sort), objects::href(&sort.object.key));
    let wanted = Wanted::read(home.clone(), &columns, &["show"], &query);
    if Wanted::added(&query) {
        return Ok(Redirect::to(&wanted.href()).into_response());
    }
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let asked = model::asked(&sort, &wanted, &columns);
    let (page, read, any, looked) = if wanted.is_plain() {
        let page = act::leafed(&ctx, &staff, &sort, &wanted, &colleagues).await?;
        // Whoever is away leaves an empty page behind, not an empty list.
        let any = !page.rows.is_empty() || page.before.is_some() || page.after.is_some();
        (page, None, any, None)
    } else {
        let by = By { sort: &sort, wanted: &wanted, asked: &asked, colleagues: &colleagues };
        let found = act::found(&ctx, &staff, by, None).await?;
        (cut(found.rows, &wanted), Some(found.read), found.any, found.looked)
    };
    let (rows, opened) = act::open(&ctx, &staff, &sort, page.rows, (&asked, looked)).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(&ctx, &staff, &standing.policy);
    let mut shell = frame::shell(&ctx, &staff, objects::plural(&sort.object)).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &query).await?;
    let from = Origin::of(&wanted.href());
    let (shown, gone) = (wanted.shown(&columns), wanted.extra("show") == "removed");
    let list = saved::list_of(&sort.object);
    let (one, many) =
        (text::within(objects::singular(&sort.object)), text::within(objects::plural(&sort.object)));
    // How many belong to people who are away is told to nobody.
    let some_away = wanted.is_plain() && sort.personal() && (page.before.is_some() || page.after.is_some());
    let counted = if some_away {
        format!("{PAGE}+ {many}")
    } else {
        total(read.unwrap_or(page.total), page.total, &one, &many)
    };
    let bar = Bar::new(list.clone(), &wanted, &columns, &shell.csrf)
        .views(saved::of_list(&ctx, &staff, &list).await?)
        .total(counted)
        .looked(read.unwrap_or_default())
        .known(colleagues.names())
        .fields(&sort.fields);
    let new = sort.object.gone_at.is_none().then(|| (format!("{home}/new"), say!("New {one}", one = one)));
    Ok(html::page(&Page {
        head: head(&wanted, columns.first(), &shown),
        empty: rows.is_empty().then(|| match (&page.after, any || wanted.narrows()) {
            (Some(next), _) => away(next),
            (None, there) => empty(&sort, there, gone),
        }),
        rows: rows.iter().map(|row| line(&sort, row, (&shown, &from), &opened, &words)).collect(),
        pager: Pager { prev: page.before, next: page.after },
        other: wanted.with("show", if gone { "" } else { "removed" }).href(),
        caption: objects::plural(&sort.object).to_owned(),
        export: format!("{home}/export?{}", wanted.query()),
        chosen: wanted.columns.iter().map(ToString::to_string).collect(),
        owners: colleagues.choices(say("Nobody")),
        back: wanted.href(),
        home,
        gone,
        new,
        bar,
        shell,
    }))
}

/// Headings that sort.
fn head(wanted: &Wanted, first: Option<&Column>, shown: &[&Column]) -> Heads {
    let one = |column: &Column| {
        let class = match column.kind {
            Kind::Money | Kind::Number => "num",
            Kind::Text | Kind::Day => "",
        };
        let href = wanted.sorted(&column.key).href();
        Head::sorted(column.said(), href, wanted.order(&column.key)).class(class)
    };
    let all = first.into_iter().chain(shown.iter().copied());
    Heads { columns: all.map(one).collect(), pick: true }
}

fn line(
    sort: &Sort,
    row: &Row,
    (shown, from): (&[&Column], &Origin),
    opened: &Opened,
    words: &Words<'_>,
) -> Line {
    let plain = |text: &str| if text.is_empty() { Shown::Unknown } else { Shown::Plain(text.to_owned()) };
    let cell = |column: &&Column| match column.key.as_ref() {
        "owner" => plain(&frame::called(&row.owner)),
        "since" => Shown::Plain(short_date(row.item.created_at)),
        WHOM => whom(row, opened, words),
        key => field(sort, key).map_or(Shown::Unknown, |field| {
            row.filled.in_list(field, opened, words, format!("f-{}-{}", row.item.id, field.name))
        }),
    };
    Line {
        id: row.item.id.to_string(),
        cells: shown.iter().map(cell).collect(),
        title: sort.title(&row.item, &row.filled, opened, words).from(from),
    }
}

fn field<'a>(sort: &'a Sort, key: &str) -> Option<&'a Field> {
    sort.offered().find(|field| own::key(field) == key)
}

/// Whom an item belongs to, leading there, as far as it may be told.
fn whom(row: &Row, opened: &Opened, words: &Words<'_>) -> Shown {
    if row.item.organisation.is_some() {
        let name = row.whom.clone().unwrap_or_default();
        return match &row.whom_href {
            Some(href) => Shown::Linked(name, href.clone()),
            None => Shown::Plain(name),
        };
    }
    let open = row.filled.open(opened);
    let contact = open.and_then(|text| opened.contact(text, words, format!("w-{}", row.item.id)));
    contact.map_or_else(|| Shown::locked(say("closed"), None), Title::in_list)
}

/// A page whose items all belong to people who are away, while others come after.
fn away(next: &str) -> Empty {
    Empty {
        icon: "things",
        title: say("Nothing on this page").into(),
        text: say("What stood here belongs to people who were deleted. There is more on the next page.")
            .into(),
        steps: vec![Step { label: say("Next page").into(), href: next.to_owned() }],
        act: None,
    }
}

fn empty(sort: &Sort, there: bool, gone: bool) -> Empty {
    let home = objects::href(&sort.object.key);
    let step = |label: String, href: String| vec![Step { label, href }];
    let (icon, title, text, steps) = if there {
        let title = say("Nothing fits").to_owned();
        ("search", title, "Nothing here fits all of the rules above.", step(say("Show all").into(), home))
    } else if gone {
        let title = say("Nothing was removed").to_owned();
        (
            "trash",
            title,
            "What is removed is found here and can be brought back.",
            step(say("Show all").into(), home),
        )
    } else if sort.offered().next().is_none() {
        let title = say!("{things} have no fields yet", things = objects::plural(&sort.object));
        ("settings", title, "An administrator makes them in Settings, under Objects.", Vec::new())
    } else {
        let title = say!("No {things} yet", things = text::within(objects::plural(&sort.object)));
        let new = step(
            say!("New {one}", one = text::within(objects::singular(&sort.object))),
            format!("{home}/new"),
        );
        (
            "things",
            title,
            "Put the first one down.",
            if sort.object.gone_at.is_none() { new } else { Vec::new() },
        )
    };
    Empty { icon, title, text: say(text).into(), steps, act: None }
}
