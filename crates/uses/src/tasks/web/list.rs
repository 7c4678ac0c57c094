//! The list of tasks.

use askama::Template;
use assent_web::fields::{self, Field as Own};
use assent_web::parts::{Column as Head, Empty, Head as Heads, Pager, Shown, Step};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::around::task::{Line as Told, line as told};
use crate::filled::{Heading, What, one};
use crate::frame;
use crate::inline::{Pen, field_of};
use crate::lists::bar::Bar;
use crate::lists::{self, Column, Kind, Listed as _, Value, Wanted, cut, saved, total};
use crate::seen::short_date;
use crate::seen::title::Title;
use crate::seen::words::Words;
use crate::tasks::act;
use crate::tasks::act::list::{By, Found, found, leafed, open};
use crate::tasks::model::{Row, columns, wanted};
use crate::texts::Opened;
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
    cells: Vec<(Shown, &'static str, Option<Pen>)>,
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let own = act::offered(&ctx, &staff).await?;
    let columns = columns(&own);
    let wanted = wanted(&fields, &columns);
    if Wanted::added(&fields) {
        return Ok(Redirect::to(&wanted.href()).into_response());
    }
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let gone = wanted.extra("show") == "removed";
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (mut page, read, opened) = if wanted.is_plain() {
        (leafed(&ctx, &staff, &wanted, &colleagues).await?, None, None)
    } else {
        let by = By { wanted: &wanted, colleagues: &colleagues, own: &own, named: true };
        let Found { rows, read, opened } = found(&ctx, &staff, by, None).await?;
        (cut(rows, &wanted), Some(read), opened)
    };
    let there = read.unwrap_or(page.total);
    let mut shell = frame::shell(&ctx, &staff, say("Tasks")).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &fields).await?;
    let shown = wanted.shown(&columns);
    // What is not shown is not opened either.
    let on = |field: &&Own| shown.iter().any(|column| column.key == lists::own::key(field));
    let what = What { heads: Heading::Named, own: own.iter().filter(on).cloned().collect() };
    let opened = open(&ctx, &staff, &mut page.rows, (&what, opened)).await?;
    let back = wanted.href();
    let known = colleagues.names().chain(["open", "done"].map(|word| say(word).to_owned()));
    let bar = Bar::new("tasks", &wanted, &columns, &shell.csrf)
        .views(saved::of_list(&ctx, &staff, "tasks").await?)
        .total(total(there, page.total, say("task"), say("tasks")))
        .looked(read.unwrap_or_default())
        .known(known)
        .fields(&own);
    let rows = page
        .rows
        .iter()
        .map(|row| (row, told(&staff, &row.task, &opened, &words, &colleagues)))
        .map(|(row, told)| line((row, told), (&shown, &what.own), (&opened, &words), &back));
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
    match (column.kind, column.key.as_ref()) {
        (Kind::Money | Kind::Number, _) => "num",
        (_, "due") => "",
        (Kind::Text | Kind::Day, _) => "lo",
    }
}

fn line(
    (row, told): (&Row, Told),
    (shown, own): (&[&Column], &[Own]),
    (opened, words): (&Opened, &Words<'_>),
    back: &str,
) -> Line {
    let home = format!("/tasks/{}", told.id);
    let pen = |key: &str, label: &str| {
        let label = field_of(label, &told.title.label);
        (told.ticks && super::value::FIELDS.contains(&key)).then(|| Pen::new(&home, key, label, back))
    };
    let cell = |column: &&Column| {
        if let Some(field) = own.iter().find(|field| lists::own::key(field) == column.key) {
            let shown = row.filled.in_list(field, opened, words, format!("f-{}-{}", told.id, field.name));
            let with =
                |key: &str| Pen::new(&home, key, field_of(fields::name(field), &told.title.label), back);
            // Of somebody beyond reach there is nothing to change.
            let seen = row.task.text.person().is_none() || opened.cell(&row.task.text).is_some();
            let pen =
                (told.ticks && seen).then(|| one::pen(field, (&row.filled, opened), words, with)).flatten();
            return (shown, class(column), pen);
        }
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
        (shown, class(column), pen(&column.key, column.said()))
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
