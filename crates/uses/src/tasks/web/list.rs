//! The list of tasks.

use askama::Template;
use assent_web::parts::{Column as Head, Empty, Head as Heads, Pager, Shown, Step};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::around::task::{Line as Told, line as told};
use crate::frame;
use crate::inline::{Pen, field_of};
use crate::lists::bar::Bar;
use crate::lists::{Column, Listed as _, Value, Wanted, cut, saved, total};
use crate::seen::short_date;
use crate::seen::title::Title;
use crate::tasks::act::{self, Found};
use crate::tasks::model::{COLUMNS, Row, wanted};
use crate::undo;

#[derive(Template)]
#[template(path = "tasks/list.html")]
struct Page {
    shell: Shell,
    bar: Bar,
    head: Heads,
    rows: Vec<Line>,
    empty: Option<Empty>,
    pager: Pager,
    gone: bool,
    other: String,
    /// Where the list is taken along.
    export: String,
    /// The columns that were chosen.
    chosen: Vec<String>,
    back: String,
}

struct Line {
    id: String,
    title: Title,
    pen: Option<Pen>,
    cells: Vec<(Shown, bool, Option<Pen>)>,
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let wanted = wanted(&fields);
    if Wanted::added(&fields) {
        return Ok(Redirect::to(&wanted.href()).into_response());
    }
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let gone = wanted.extra("show") == "removed";
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (mut page, read, opened) = if wanted.is_plain() {
        (act::leafed(&ctx, &staff, &wanted, &colleagues).await?, None, None)
    } else {
        let Found { rows, read, opened } = act::found(&ctx, &staff, &wanted, &colleagues, None).await?;
        (cut(rows, &wanted), Some(read), opened)
    };
    let there = read.unwrap_or(page.total);
    let mut shell = frame::shell(&ctx, &staff, say("Tasks")).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &fields).await?;
    let shown = wanted.shown(COLUMNS);
    let opened = act::open(&ctx, &staff, &mut page.rows, opened).await?;
    let back = wanted.href();
    let known = colleagues.names().chain(["open", "done"].map(|word| say(word).to_owned()));
    let bar = Bar::new("tasks", &wanted, COLUMNS, &shell.csrf)
        .views(saved::of_list(&ctx, &staff, "tasks").await?)
        .total(total(there, page.total, say("task"), say("tasks")))
        .looked(read.unwrap_or_default())
        .known(known);
    let rows = page
        .rows
        .iter()
        .map(|row| line(row, &shown, told(&staff, &row.task, &opened, &words, &colleagues), &back));
    Ok(html::page(&Page {
        bar,
        head: head(&wanted, &shown),
        rows: rows.collect(),
        empty: page.rows.is_empty().then(|| empty(there > 0 || wanted.narrows())),
        pager: Pager { prev: page.before, next: page.after },
        other: wanted.with("show", if gone { "" } else { "removed" }).href(),
        export: format!("/tasks/export?{}", wanted.query()),
        chosen: wanted.columns.iter().map(ToString::to_string).collect(),
        back: back.clone(),
        gone,
        shell,
    }))
}

fn head(wanted: &Wanted, shown: &[&Column]) -> Heads {
    let one = |column: &&Column| {
        let href = wanted.sorted(&column.key).href();
        Head::sorted(column.said(), href, wanted.order(&column.key)).class(class(column))
    };
    let mut columns =
        vec![Head::sorted(say("Task"), wanted.sorted(&"text".into()).href(), wanted.order("text"))];
    columns.extend(shown.iter().map(one));
    Heads { columns, pick: true }
}

fn class(column: &Column) -> &'static str {
    if column.key == "due" { "" } else { "lo" }
}

fn line(row: &Row, shown: &[&Column], told: Told, back: &str) -> Line {
    let pen = |key: &str, label: &str| {
        let label = field_of(label, &told.title.label);
        (told.ticks && super::value::FIELDS.contains(&key))
            .then(|| Pen::new(&format!("/tasks/{}", told.id), key, label, back))
    };
    let cell = |column: &&Column| {
        let shown = match (column.key.as_ref(), row.value(&column.key)) {
            ("about", _) => told.about.clone().map_or(Shown::Unknown, Title::in_list),
            ("due", _) if told.late => Shown::Plain(say!("{when} – overdue", when = told.due)),
            ("due", _) if !told.due.is_empty() => Shown::Plain(told.due.clone()),
            ("since", _) => Shown::Plain(short_date(row.task.created_at)),
            ("state", Value::Text(Some(word))) => Shown::Plain(say(&word).to_owned()),
            ("who", Value::Text(Some(who))) if !who.is_empty() => Shown::Plain(frame::called(&who)),
            (_, Value::Text(Some(text))) if !text.is_empty() => Shown::Plain(text),
            _ => Shown::Unknown,
        };
        (shown, class(column) == "lo", pen(&column.key, column.said()))
    };
    Line {
        id: told.id.clone(),
        pen: pen("text", say("Text")).filter(|_| row.text.is_some()),
        cells: shown.iter().map(cell).collect(),
        title: told.title.clone(),
    }
}

fn empty(there: bool) -> Empty {
    let step = |label: &str, href: &str| Step { label: say(label).into(), href: href.into() };
    let (title, text, steps) = if there {
        ("No task fits", "No task here fits all of the rules above.", vec![step("Show all", "/tasks")])
    } else {
        (
            "No tasks yet",
            "Put down what is to be done, for whom, until when.",
            vec![step("New task", "/tasks/new")],
        )
    };
    Empty { icon: "check", title: say(title).into(), text: say(text).into(), steps, act: None }
}
