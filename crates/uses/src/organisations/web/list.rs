//! The list of organisations.

use askama::Template;
use assent_web::fields::{self, Field, Thing};
use assent_web::parts::{Column as Head, Empty, Head as Heads, Pager, Shown, Step};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::frame;
use crate::inline::{Pen, field_of};
use crate::lists::bar::Bar;
use crate::lists::origin::Origin;
use crate::lists::{Column, Kind, Listed as _, Value, Wanted, cut, own, saved, total};
use crate::organisations::model::{Row, columns, fitting, wanted};
use crate::organised;
use crate::undo;

/// The cells of a row, each with the pen that changes it.
type Cells = Vec<(Shown, Option<Pen>)>;

/// One row.
struct Line {
    id: String,
    name: String,
    href: String,
    cells: Cells,
}

#[derive(Template)]
#[template(path = "organisations/list.html")]
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

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let own = fields::offered(&ctx, staff.company.id, Thing::Organisation).await?;
    let columns = columns(&own);
    let wanted = wanted(&asked, &columns);
    if Wanted::added(&asked) {
        return Ok(Redirect::to(&wanted.href()).into_response());
    }
    let gone = wanted.extra("show") == "removed";
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (page, read) = if wanted.is_plain() {
        let page = organised::leafed(&ctx, &staff, &wanted).await?;
        (page.map(|one| Row::new(one, &own, &colleagues)), None)
    } else {
        let all = organised::all(&ctx, &staff, gone).await?;
        let read = all.len();
        (cut(fitting(all, &wanted, (&own, &colleagues), ctx.now()), &wanted), Some(read))
    };
    let there = read.unwrap_or(page.total);
    let known = page.rows.iter().flat_map(|row| [row.one.known.city.clone(), row.one.known.trade.clone()]);
    let known: Vec<String> = known.filter(|one| !one.is_empty()).chain(colleagues.names()).collect();
    let mut shell = frame::shell(&ctx, &staff, say("Organisations")).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &asked).await?;
    let total = total(there, page.total, say("organisation"), say("organisations"));
    let shown = wanted.shown(&columns);
    let back = wanted.href();
    let bar = Bar::new("organisations", &wanted, &columns, &shell.csrf)
        .views(saved::of_list(&ctx, &staff, "organisations").await?)
        .total(total)
        .looked(read.unwrap_or_default())
        .known(known.into_iter())
        .fields(&own);
    Ok(html::page(&Page {
        head: head(&wanted, columns.first(), &shown),
        rows: page.rows.iter().map(|row| line(&staff, row, (&shown, &own), &back)).collect(),
        empty: page.rows.is_empty().then(|| empty(there > 0, gone)),
        pager: Pager { prev: page.before, next: page.after },
        other: wanted.with("show", if gone { "" } else { "removed" }).href(),
        export: format!("/organisations/export?{}", wanted.query()),
        chosen: wanted.columns.iter().map(ToString::to_string).collect(),
        back,
        gone,
        bar,
        shell,
    }))
}

/// Heads that sort.
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

fn line(staff: &Staff, row: &Row, shown: Shows<'_>, back: &str) -> Line {
    Line {
        id: row.id(),
        name: row.one.known.name.clone(),
        href: Origin::of(back).on(&format!("/organisations/{}", row.one.row.id)),
        cells: cells(organised::may_change(staff, &row.one.row), row, shown, back),
    }
}

/// What is shown, and the fields that the company made.
type Shows<'a> = (&'a [&'a Column], &'a [Field]);

fn cells(may: bool, row: &Row, (shown, own): Shows<'_>, back: &str) -> Cells {
    let href = format!("/organisations/{}", row.one.row.id);
    let cell = |column: &&Column| match (column.key.as_ref(), row.value(&column.key)) {
        ("since", Value::Number(Some(_))) => Shown::Plain(crate::seen::short_date(row.one.row.created_at)),
        ("website", Value::Text(Some(text))) if !text.is_empty() => {
            Shown::Plain(text.trim_start_matches("https://").trim_start_matches("http://").to_owned())
        }
        ("owner", Value::Text(Some(owner))) if !owner.is_empty() => Shown::Plain(frame::called(&owner)),
        (key, value) => match row.told(key).or(match value {
            Value::Text(text) => text,
            Value::Number(_) => None,
        }) {
            Some(text) if !text.is_empty() => {
                let field = own.iter().find(|field| own::key(field) == key);
                Shown::Plain(field.map_or(text.clone(), |field| fields::shown(field, &text).into_owned()))
            }
            Some(_) | None => Shown::Unknown,
        },
    };
    let pen = |key: &str, label: &str| {
        let label = field_of(label, &row.one.known.name);
        (may && (super::value::FIELDS.contains(&key) || key.starts_with(own::HEAD)))
            .then(|| Pen::new(&href, key, label, back))
    };
    let name =
        (Shown::Linked(row.one.known.name.clone(), Origin::of(back).on(&href)), pen("name", say("Name")));
    let others = shown.iter().map(|column| (cell(column), pen(&column.key, column.said())));
    std::iter::once(name).chain(others).collect()
}

fn empty(there: bool, gone: bool) -> Empty {
    let step = |label: &str, href: &str| Step { label: say(label).into(), href: href.into() };
    if there {
        return Empty {
            icon: "search",
            title: say("No organisation fits").into(),
            text: say("No organisation here fits all of the rules above.").into(),
            steps: vec![step("Show all", "/organisations")],
            act: None,
        };
    }
    Empty {
        icon: "companies",
        title: say(if gone { "Nothing was removed" } else { "No organisations yet" }).into(),
        text: say(if gone {
            "What is removed is found here and can be brought back."
        } else {
            "Put down whom you sell to or work with. Deals, tasks and notes hang on it."
        })
        .into(),
        steps: vec![if gone {
            step("Show all", "/organisations")
        } else {
            step("New organisation", "/organisations/new")
        }],
        act: None,
    }
}
