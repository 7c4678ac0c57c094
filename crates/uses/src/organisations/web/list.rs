//! The list of organisations.

use askama::Template;
use assent_web::parts::{Column as Head, Empty, Head as Heads, Pager, Shown, Step};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, html};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::frame;
use crate::lists::bar::Bar;
use crate::lists::{Column, Kind, Listed as _, Value, Wanted, cut, saved, total};
use crate::organisations::model::{COLUMNS, Row, SEARCHED};
use crate::organised;

#[derive(Template)]
#[template(path = "organisations/list.html")]
struct Page {
    shell: Shell,
    bar: Bar,
    head: Heads,
    rows: Vec<(String, Vec<Shown>)>,
    empty: Option<Empty>,
    pager: Pager,
    gone: bool,
    other: String,
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let wanted = Wanted::read("/organisations", COLUMNS, &["show"], &fields);
    if Wanted::added(&fields) {
        return Ok(Redirect::to(&wanted.href()).into_response());
    }
    let gone = wanted.extra("show") == "removed";
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let all = organised::all(&ctx, &staff, gone).await?;
    let read = all.len();
    let mut rows: Vec<Row> = all.into_iter().map(|one| Row::new(one, &colleagues)).collect();
    let known = rows.iter().flat_map(|row| [row.one.known.city.clone(), row.one.known.trade.clone()]);
    let known: Vec<String> = known.filter(|one| !one.is_empty()).chain(colleagues.names()).collect();
    rows.retain(|row| wanted.takes(row, ctx.now(), SEARCHED));
    wanted.sort(&mut rows);
    let page = cut(rows, &wanted);
    let mut shell = frame::shell(&ctx, &staff, "Organisations").await?;
    shell.flash = frame::flash(fields.get("said"));
    let total = total(read, page.total, "company", "companies");
    let shown: Vec<&'static Column> = COLUMNS.iter().filter(|column| wanted.shows(column)).collect();
    let bar = Bar::new("organisations", &wanted, COLUMNS, &shell.csrf)
        .views(saved::of_list(&ctx, &staff, "organisations").await?)
        .total(total)
        .known(known);
    Ok(html::page(&Page {
        head: head(&wanted, &shown),
        rows: (page.rows.iter())
            .map(|row| (format!("/organisations/{}", row.one.row.id), cells(row, &shown)))
            .collect(),
        empty: page.rows.is_empty().then(|| empty(read > 0, gone)),
        pager: Pager { prev: page.before, next: page.after },
        other: wanted.with("show", if gone { "" } else { "removed" }).href(),
        gone,
        bar,
        shell,
    }))
}

/// Heads that sort. The first column is always there: it leads to the record.
pub fn head(wanted: &Wanted, shown: &[&'static Column]) -> Heads {
    let one = |column: &&'static Column| {
        let class = match column.kind {
            Kind::Money => "num",
            Kind::Text | Kind::Day => "",
        };
        Head::sorted(column.label, wanted.sorted(column.key).href(), wanted.order(column.key)).class(class)
    };
    Heads { columns: shown.iter().map(one).collect(), pick: false }
}

fn cells(row: &Row, shown: &[&'static Column]) -> Vec<Shown> {
    let href = format!("/organisations/{}", row.one.row.id);
    let cell = |column: &&'static Column| match (column.key, row.value(column.key)) {
        ("name", _) => Shown::Linked(row.one.known.name.clone(), href.clone()),
        ("since", Value::Number(Some(_))) => Shown::Plain(crate::seen::short_date(row.one.row.created_at)),
        ("website", Value::Text(Some(text))) if !text.is_empty() => {
            Shown::Plain(text.trim_start_matches("https://").trim_start_matches("http://").to_owned())
        }
        (_, Value::Text(Some(text))) if !text.is_empty() => Shown::Plain(text),
        _ => Shown::Unknown,
    };
    shown.iter().map(cell).collect()
}

fn empty(there: bool, gone: bool) -> Empty {
    let step = |label: &str, href: &str| Step { label: label.into(), href: href.into() };
    if there {
        return Empty {
            icon: "search",
            title: "No company fits".into(),
            text: "No company here fits all of the rules above.".into(),
            steps: vec![step("Show all", "/organisations")],
            act: None,
        };
    }
    Empty {
        icon: "companies",
        title: if gone { "Nothing was removed" } else { "No companies yet" }.into(),
        text: if gone {
            "What is removed is found here and can be brought back."
        } else {
            "Put down whom you sell to or work with. Deals, tasks and notes hang on it."
        }
        .into(),
        steps: vec![if gone {
            step("Show all", "/organisations")
        } else {
            step("New company", "/organisations/new")
        }],
        act: None,
    }
}
